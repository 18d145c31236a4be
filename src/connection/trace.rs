//! Lines for the program's `debug` function (contract section 1.5), without secrets (contract
//! Q-39): not even those that the server repeats.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::auth::bearer;
use crate::event::Event;
use crate::options::{Options, Secret};

use super::protocol::Protocol;

/// See the module.
#[derive(Debug)]
pub(super) struct Trace {
    /// What is hidden.
    secrets: Vec<Secret>,
}

impl Protocol {
    /// Reports a line that was sent, if that is wanted.
    pub(super) fn trace_sent(&mut self, line: &[u8]) {
        if self.sink.wants_lines() {
            let line = self.trace.command(line);
            self.sink.emit(&Event::Trace { sent: true, line });
        }
    }

    /// Reports what follows a command's first line: shown with its end, as in node-imap. An end
    /// alone, as after the message of APPEND, is not shown.
    pub(super) fn trace_data(&mut self, data: &[u8]) {
        if data != b"\r\n" && self.sink.wants_lines() {
            let line = self.trace.exact(data);
            self.sink.emit(&Event::Trace { sent: true, line });
        }
    }

    /// Reports a response.
    pub(super) fn trace_received(&mut self, bytes: &[u8]) {
        if self.sink.wants_lines() {
            let line = self.trace.exact(bytes);
            self.sink.emit(&Event::Trace { sent: false, line });
        }
    }
}

impl Trace {
    pub(super) fn new(options: &Options) -> Trace {
        Trace {
            secrets: secrets(options),
        }
    }

    /// How a command is shown: without its end. The empty line of OAuth is shown as it is.
    pub(super) fn command<'a>(&self, line: &'a [u8]) -> Cow<'a, str> {
        let bare = line.strip_suffix(b"\r\n").unwrap_or(line);
        self.exact(if bare.is_empty() { line } else { bare })
    }

    /// How anything else is shown.
    pub(super) fn exact<'a>(&self, bytes: &'a [u8]) -> Cow<'a, str> {
        let text = String::from_utf8_lossy(bytes);
        let hide = |text, secret: &Secret| secret.hide(text);
        self.secrets.iter().fold(text, hide)
    }
}

fn secrets(options: &Options) -> Vec<Secret> {
    let given = [
        &options.password,
        &options.xoauth,
        &options.xoauth2,
        &options.token,
    ];
    let mut secrets: Vec<Secret> = given.into_iter().flatten().cloned().collect();
    if let (Some(user), Some(password)) = (&options.user, &options.password) {
        // As it goes out in PLAIN (RFC 4616).
        let plain = Zeroizing::new(format!("\0{user}\0{}", password.expose()));
        secrets.push(Secret::new(STANDARD.encode(plain.as_bytes())));
    }
    let responses = [bearer::xoauth2(options), bearer::oauthbearer(options)];
    secrets.extend(responses.into_iter().flatten());
    secrets
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace(json: &str) -> Trace {
        Trace::new(&Options::from_json(json).unwrap())
    }

    #[test]
    fn commands_are_shown_without_their_end_and_the_empty_line_is_not() {
        let trace = trace("{}");
        assert_eq!(trace.command(b"A1 X \r\n"), "A1 X ");
        assert_eq!(trace.command(b"A1 LOGIN <redacted>"), "A1 LOGIN <redacted>");
        assert_eq!(trace.command(b"\r\n"), "\r\n");
        assert_eq!(trace.exact(b"message\r\n"), "message\r\n");
    }

    #[test]
    fn secrets_are_hidden_wherever_they_stand() {
        let trace = trace(r#"{"user":"me","password":"canary","xoauth2":"tokens="}"#);
        let plain = STANDARD.encode("\0me\0canary");
        let line = format!("* OK canary tokens= {plain} can");
        let hidden = "* OK <redacted> <redacted> <redacted> can";
        assert_eq!(trace.exact(line.as_bytes()), hidden);
    }
}
