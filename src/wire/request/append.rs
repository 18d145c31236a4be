//! APPEND: a new message (RFC 3501 section 6.3.11; contract section 3.5).

use serde::Deserialize;

use super::{Compiled, Purpose};
use crate::wire::argument::{Argument, ArgumentError};
use crate::wire::command::CommandBuilder;
use crate::wire::date::date_time;
use crate::wire::flag;

/// `append(data, options)`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AppendRequest {
    /// Where to.
    pub mailbox: Argument,
    /// Flags: a string or an array of strings; anything else is none.
    #[serde(default)]
    pub flags: Argument,
    /// The internal date: a `Date`, or something falsy for now.
    #[serde(default)]
    pub date: Argument,
    /// The server has LITERAL+ (RFC 7888).
    #[serde(default)]
    pub literal_plus: bool,
}

impl AppendRequest {
    pub(super) fn compile(self, data: Option<Vec<u8>>) -> Result<Compiled, ArgumentError> {
        let data = data.ok_or_else(|| {
            ArgumentError::wrong_type(
                "append() needs the message as a string, Buffer or Uint8Array",
            )
        })?;
        let flags = match &self.flags {
            flags @ (Argument::Text(_) | Argument::List(_)) => flag::append_flags(flags)?,
            _ => Vec::new(),
        };
        let mut command = CommandBuilder::new("APPEND");
        command.mailbox(&self.mailbox.text())?;
        if !flags.is_empty() {
            command.open();
            for flag in &flags {
                command.atom(flag)?;
            }
            command.close();
        }
        if !self.date.is_falsy() {
            let date = date_time(&self.date).ok_or_else(not_a_date)?;
            command.contained(&date)?;
        }
        command.data(data, self.literal_plus);
        Ok(Compiled::new(command, Purpose::Append))
    }
}

fn not_a_date() -> ArgumentError {
    ArgumentError::new("`date` is not a Date object")
}

#[cfg(test)]
mod tests {
    use super::super::{Request, compile};
    use super::*;
    use crate::wire::argument::Fault;
    use crate::wire::command::Piece;

    fn append(fields: &str, data: &[u8]) -> Result<Vec<Piece>, ArgumentError> {
        let json = format!(r#"{{"kind":"append","mailbox":"box"{fields}}}"#);
        let request: Request = serde_json::from_str(&json).unwrap();
        compile(request, Some(data.to_vec())).map(|compiled| compiled.command.into_pieces())
    }

    fn announcement(fields: &str) -> String {
        let pieces = append(fields, b"abcd").unwrap();
        String::from_utf8(pieces[0].bytes.clone()).unwrap()
    }

    #[test]
    fn the_data_are_sent_as_they_are() {
        let pieces = append("", b"a\xe4\xf6b").unwrap();
        let bytes: Vec<&[u8]> = pieces.iter().map(|piece| piece.bytes.as_slice()).collect();
        assert_eq!(
            bytes,
            [&b"APPEND \"box\" {4}\r\n"[..], b"a\xe4\xf6b", b"\r\n"]
        );
        assert_eq!(pieces.iter().filter(|piece| piece.wait).count(), 1);
        let pieces = append(r#","literalPlus":true"#, b"").unwrap();
        assert_eq!(pieces[0].bytes, b"APPEND \"box\" {0+}\r\n");
        assert!(!pieces.iter().any(|piece| piece.wait));
    }

    #[test]
    fn flags_are_optional() {
        for (flags, expected) in [
            (
                r#"["Seen","\\Flagged","$Fwd"]"#,
                r#"APPEND "box" (\Seen \Flagged $Fwd) {4}"#,
            ),
            (r#""Seen""#, r#"APPEND "box" (\Seen) {4}"#),
            ("[]", r#"APPEND "box" {4}"#),
            (r#""""#, r#"APPEND "box" {4}"#),
            ("null", r#"APPEND "box" {4}"#),
        ] {
            assert_eq!(
                announcement(&format!(r#","flags":{flags}"#)).trim_end(),
                expected
            );
        }
        assert!(append(r#","flags":"a\r\nb""#, b"").is_err());
    }

    #[test]
    fn a_date_follows_the_flags() {
        let fields = r#","flags":"Seen","date":{"$":"date","valid":true,"year":2004,"month":9,
            "day":5,"hour":0,"minute":38,"second":3,"zone":330}"#;
        assert_eq!(
            announcement(fields),
            "APPEND \"box\" (\\Seen) \"05-Sep-2004 00:38:03 +0530\" {4}\r\n"
        );
    }

    #[test]
    fn only_dates_are_dates() {
        for falsy in ["null", "false", "0", "\"\"", r#"{"$":"undefined"}"#] {
            assert_eq!(
                announcement(&format!(r#","date":{falsy}"#)),
                "APPEND \"box\" {4}\r\n"
            );
        }
        for bad in ["\"2004-09-05\"", "5", r#"{"$":"date","valid":false}"#] {
            let error = append(&format!(r#","date":{bad}"#), b"").unwrap_err();
            assert_eq!(error.message, "`date` is not a Date object");
        }
    }

    #[test]
    fn a_message_is_needed() {
        let request = serde_json::from_str(r#"{"kind":"append","mailbox":"x"}"#).unwrap();
        assert_eq!(compile(request, None).unwrap_err().fault, Fault::Type);
    }
}
