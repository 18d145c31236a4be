//! Which way of logging in.

use super::bearer;
use crate::error::{Error, Source, code};
use crate::options::{Options, Secret};

/// Mechanisms of the server that an error lists.
const LISTED_MECHANISMS: usize = 12;

/// A way of logging in, with what it needs.
#[derive(Clone, Debug)]
pub enum Mechanism {
    /// `LOGIN` (RFC 3501 section 6.2.3).
    Login {
        /// The option `user`.
        user: String,
        /// The option `password`.
        password: Secret,
    },
    /// `AUTHENTICATE PLAIN` (RFC 4616).
    Plain {
        /// The option `user`.
        user: String,
        /// The option `password`.
        password: Secret,
    },
    /// `AUTHENTICATE XOAUTH` with the ready-made response in the option `xoauth`.
    Xoauth(Secret),
    /// `AUTHENTICATE XOAUTH2` with the ready-made response in the option `xoauth2`.
    Xoauth2(Secret),
    /// `AUTHENTICATE OAUTHBEARER` (RFC 7628) with a response in base64.
    OauthBearer(Secret),
}

/// Chooses as node-imap does (contract section 1.3): XOAUTH, XOAUTH2, then LOGIN; each if the
/// options give what it needs and the server offers it.
///
/// LOGINDISABLED forbids LOGIN alone (RFC 3501 section 6.2.3): where `encrypted`, PLAIN takes its
/// place if the server offers it. `capabilities` are the server's, in upper case.
///
/// # Errors
///
/// [`code::LOGIN_DISABLED`] when only LOGIN would do and it is forbidden; [`code::NO_MECHANISM`]
/// when nothing fits; [`code::ARGUMENT`] when a credential cannot be sent. None holds a secret.
pub fn choose(
    options: &Options,
    capabilities: &[String],
    encrypted: bool,
) -> Result<Mechanism, Error> {
    let offers = |name: &str| capabilities.iter().any(|capability| capability == name);
    if let Some(mechanism) = token_mechanism(options, offers) {
        mechanism.check()?;
        return Ok(mechanism);
    }
    let mechanism = match (
        &options.xoauth,
        &options.xoauth2,
        &options.user,
        &options.password,
    ) {
        (Some(token), ..) if offers("AUTH=XOAUTH") => Mechanism::Xoauth(token.clone()),
        (_, Some(token), ..) if offers("AUTH=XOAUTH2") => Mechanism::Xoauth2(token.clone()),
        (.., Some(user), Some(password)) => {
            let (user, password) = (user.clone(), password.clone());
            if !offers("LOGINDISABLED") {
                Mechanism::Login { user, password }
            } else if encrypted && offers("AUTH=PLAIN") {
                Mechanism::Plain { user, password }
            } else {
                return Err(login_disabled(encrypted, capabilities));
            }
        }
        _ => return Err(no_mechanism(options, capabilities)),
    };
    mechanism.check()?;
    Ok(mechanism)
}

/// With a token that the program handed out: XOAUTH2, or OAUTHBEARER where only that is offered.
fn token_mechanism(options: &Options, offers: impl Fn(&str) -> bool) -> Option<Mechanism> {
    if offers("AUTH=OAUTHBEARER") && !offers("AUTH=XOAUTH2") {
        return bearer::oauthbearer(options).map(Mechanism::OauthBearer);
    }
    let is_offered = offers("AUTH=XOAUTH2");
    bearer::xoauth2(options)
        .filter(|_| is_offered)
        .map(Mechanism::Xoauth2)
}

impl Mechanism {
    /// The name in the command: `LOGIN`, or what follows `AUTHENTICATE`.
    pub fn name(&self) -> &'static str {
        match self {
            Mechanism::Login { .. } => "LOGIN",
            Mechanism::Plain { .. } => "PLAIN",
            Mechanism::Xoauth(_) => "XOAUTH",
            Mechanism::Xoauth2(_) => "XOAUTH2",
            Mechanism::OauthBearer(_) => "OAUTHBEARER",
        }
    }

    /// The secret, to be kept out of what a server says about it.
    pub(super) fn secret(&self) -> &Secret {
        match self {
            Mechanism::Login { password, .. } | Mechanism::Plain { password, .. } => password,
            Mechanism::Xoauth(token)
            | Mechanism::Xoauth2(token)
            | Mechanism::OauthBearer(token) => token,
        }
    }

    /// Refuses what would end a line of the protocol, and begin another command.
    pub(super) fn check(&self) -> Result<(), Error> {
        match self {
            Mechanism::Login { user, password } | Mechanism::Plain { user, password } => {
                check("user", user)?;
                check("password", password.expose())
            }
            Mechanism::Xoauth(token) => check("xoauth", token.expose()),
            Mechanism::Xoauth2(token) => check("xoauth2", token.expose()),
            Mechanism::OauthBearer(token) => check("auth.getToken", token.expose()),
        }
    }
}

fn check(option: &str, text: &str) -> Result<(), Error> {
    let Some(found) = text.chars().find(|c| matches!(c, '\r' | '\n' | '\0')) else {
        return Ok(());
    };
    let name = match found {
        '\0' => "a NUL character",
        _ => "a line break",
    };
    let message = format!(
        "The option `{option}` contains {name}, which cannot be sent; expected one line of text. \
         If it was read from a file, use .trim()"
    );
    Err(Error::new(Source::Authentication, code::ARGUMENT, message))
}

fn login_disabled(encrypted: bool, capabilities: &[String]) -> Error {
    let advice = match encrypted {
        false => "Use tls: true or autotls: 'required'.".to_owned(),
        true => format!(
            "The server offers {}, none of which takes `user` and `password`.",
            offered(capabilities)
        ),
    };
    let message = "Logging in is disabled on this server";
    Error::new(Source::Authentication, code::LOGIN_DISABLED, message).with_advice(advice)
}

fn no_mechanism(options: &Options, capabilities: &[String]) -> Error {
    let given: Vec<&str> = [
        ("`user`", options.user.is_some()),
        ("`password`", options.password.is_some()),
        ("`xoauth`", options.xoauth.is_some()),
        ("`xoauth2`", options.xoauth2.is_some()),
        ("`auth.getToken`", options.token.is_some()),
    ]
    .iter()
    .filter_map(|(name, is_given)| is_given.then_some(*name))
    .collect();
    let given = match given.is_empty() {
        true => "None of the options `user`, `password`, `xoauth`, `xoauth2` is given".to_owned(),
        false => format!("Of the options, these are given: {}", given.join(", ")),
    };
    let advice = format!(
        "{given}; the server offers {}. Give `user` and `password`, or a token for a mechanism \
         that the server offers.",
        offered(capabilities)
    );
    let message = "No supported authentication method(s) available. Unable to login.";
    Error::new(Source::Authentication, code::NO_MECHANISM, message).with_advice(advice)
}

/// The server's mechanisms, as far as they are ones: `auth-type = atom`.
fn offered(capabilities: &[String]) -> String {
    let names: Vec<&str> = capabilities
        .iter()
        .filter(|capability| capability.starts_with("AUTH="))
        .filter(|capability| capability.len() <= 32 && capability.bytes().all(is_graphic))
        .take(LISTED_MECHANISMS)
        .map(String::as_str)
        .collect();
    match names.is_empty() {
        true => "no AUTH= mechanism".to_owned(),
        false => names.join(", "),
    }
}

fn is_graphic(byte: u8) -> bool {
    byte.is_ascii_graphic()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: &str = r#"{"user":"u","password":"canary"}"#;

    fn choice(json: &str, capabilities: &str, encrypted: bool) -> Result<Mechanism, Error> {
        let capabilities: Vec<String> = capabilities.split(' ').map(str::to_owned).collect();
        choose(&Options::from_json(json).unwrap(), &capabilities, encrypted)
    }

    fn name(json: &str, capabilities: &str, encrypted: bool) -> &'static str {
        choice(json, capabilities, encrypted).unwrap().name()
    }

    fn refusal(json: &str, capabilities: &str, encrypted: bool) -> Error {
        let error = choice(json, capabilities, encrypted).unwrap_err();
        assert_eq!(error.source, Some(Source::Authentication));
        assert!(!format!("{error:?}").contains("canary"), "{error}");
        error
    }

    #[test]
    fn a_token_that_was_asked_for_goes_first() {
        let mut options = Options::from_json(BOTH).unwrap();
        options.token = Some(Secret::new("canary".to_owned()));
        for (offered, expected) in [
            ("AUTH=XOAUTH2 AUTH=OAUTHBEARER", "XOAUTH2"),
            ("AUTH=OAUTHBEARER", "OAUTHBEARER"),
        ] {
            let capabilities: Vec<String> = offered.split(' ').map(str::to_owned).collect();
            let mechanism = choose(&options, &capabilities, true).unwrap();
            assert_eq!(mechanism.name(), expected);
        }
    }

    #[test]
    fn the_order_is_that_of_node_imap() {
        let all = r#"{"user":"u","password":"p","xoauth":"a","xoauth2":"b"}"#;
        assert_eq!(name(all, "AUTH=XOAUTH2 AUTH=XOAUTH", true), "XOAUTH");
        assert_eq!(name(all, "AUTH=XOAUTH2 AUTH=PLAIN", true), "XOAUTH2");
        assert_eq!(name(all, "AUTH=PLAIN", true), "LOGIN");
        assert_eq!(
            name(
                r#"{"user":"u","password":"p","xoauth2":"b"}"#,
                "IDLE",
                false
            ),
            "LOGIN"
        );
    }

    #[test]
    fn logindisabled_forbids_login_alone() {
        assert_eq!(
            name(r#"{"xoauth2":"b"}"#, "LOGINDISABLED AUTH=XOAUTH2", true),
            "XOAUTH2"
        );
        assert_eq!(name(BOTH, "LOGINDISABLED AUTH=PLAIN", true), "PLAIN");

        let error = refusal(BOTH, "LOGINDISABLED AUTH=PLAIN", false);
        assert_eq!(error.code, code::LOGIN_DISABLED);
        assert_eq!(error.message, "Logging in is disabled on this server");
        assert_eq!(
            &*error.advice.unwrap(),
            "Use tls: true or autotls: 'required'."
        );
        let error = refusal(BOTH, "LOGINDISABLED AUTH=GSSAPI", true);
        let advice = error.advice.unwrap();
        assert!(
            advice.starts_with("The server offers AUTH=GSSAPI,"),
            "{advice}"
        );
    }

    #[test]
    fn nothing_that_fits_is_told_by_what_is_there() {
        let error = refusal(
            r#"{"user":"u","xoauth2":"canary"}"#,
            "AUTH=PLAIN AUTH=LOGIN",
            true,
        );
        assert_eq!(error.code, code::NO_MECHANISM);
        assert_eq!(
            error.message,
            "No supported authentication method(s) available. Unable to login."
        );
        assert!(error.advice.unwrap().starts_with(
            "Of the options, these are given: `user`, `xoauth2`; the server offers AUTH=PLAIN, \
             AUTH=LOGIN."
        ));
        let error = refusal("{}", "IDLE", true);
        let advice = error.advice.unwrap();
        assert!(advice.starts_with("None of the options"), "{advice}");
    }

    #[test]
    fn credentials_that_would_break_the_line_are_refused_by_name() {
        for (json, capability, option) in [
            (
                r#"{"user":"u\r\nA2 X","password":"canary"}"#,
                "IDLE",
                "`user`",
            ),
            (
                r#"{"user":"u","password":"canary\n"}"#,
                "IDLE",
                "`password`",
            ),
            (
                r#"{"user":"u","password":"canary\u0000"}"#,
                "IDLE",
                "`password`",
            ),
            (r#"{"xoauth":"canary\r"}"#, "AUTH=XOAUTH", "`xoauth`"),
            (r#"{"xoauth2":"canary\n"}"#, "AUTH=XOAUTH2", "`xoauth2`"),
        ] {
            let error = refusal(json, capability, true);
            assert_eq!(error.code, code::ARGUMENT);
            assert!(error.message.contains(option), "{error}");
        }
    }
}
