//! Quotas (RFC 9208, RFC 2087; contract section 3.6).

use super::{Compiled, Purpose};
use crate::wire::argument::{Argument, ArgumentError};
use crate::wire::command::CommandBuilder;

/// ```abnf
/// setquota        = "SETQUOTA" SP quota-root-name SP setquota-list
/// setquota-list   = "(" [setquota-resource *(SP setquota-resource)] ")"
/// setquota-resource = resource-name SP resource-limit
/// ```
pub(super) fn set(
    root: &Argument,
    limits: &[(String, Argument)],
) -> Result<Compiled, ArgumentError> {
    let mut command = CommandBuilder::new("SETQUOTA");
    command.mailbox(&root.text())?.open();
    for (resource, limit) in limits {
        let number = limit.whole_number().ok_or_else(|| {
            ArgumentError::new(format!(
                "The limit of {resource:?} in setQuota() must be a whole number, e.g. 512; got: {}",
                limit.text()
            ))
        })?;
        command.atom(resource)?.number(number);
    }
    command.close();
    Ok(Compiled::new(command, Purpose::Other))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{compiled, line};

    #[test]
    fn quota_commands_are_those_of_node_imap() {
        for (json, expected) in [
            (
                r#"{"kind":"setQuota","root":"r","limits":[["storage",512],["message","10"]]}"#,
                r#"SETQUOTA "r" (storage 512 message 10)"#,
            ),
            (r#"{"kind":"setQuota","root":""}"#, r#"SETQUOTA "" ()"#),
            (
                r#"{"kind":"getQuota","root":"Entwürfe"}"#,
                r#"GETQUOTA "Entw&APw-rfe""#,
            ),
            (
                r#"{"kind":"getQuotaRoot","mailbox":null}"#,
                r#"GETQUOTAROOT "null""#,
            ),
        ] {
            assert_eq!(line(json), expected);
        }
    }

    #[test]
    fn resources_stay_words_and_limits_numbers() {
        for limits in [
            r#"["a b",1]"#,
            r#"["",1]"#,
            r#"["a",-1]"#,
            r#"["a","1) x"]"#,
            r#"["a",null]"#,
        ] {
            let json = format!(r#"{{"kind":"setQuota","root":"r","limits":[{limits}]}}"#);
            assert!(compiled(&json).is_err(), "{json}");
        }
        let json = r#"{"kind":"setQuota","root":"r","limits":[["storage","lots"]]}"#;
        assert_eq!(
            compiled(json).unwrap_err(),
            "The limit of \"storage\" in setQuota() must be a whole number, e.g. 512; got: lots"
        );
    }
}
