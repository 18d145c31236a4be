//! Why a connection ended, and what that asks of the session (resilience 2.12).
//!
//! The table is data: the place where something was said, the response code (RFC 5530), a part of
//! the text, and the class. The first row that fits counts; codes stand before texts.

use std::time::Duration;

use crate::connection::Exit;
use crate::error::{Error, Source, code};
use crate::wire::value::Value;

/// What the end of a connection asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Another attempt, soon.
    Transient,
    /// A longer wait: the server has too much of us.
    Limit,
    /// The wait that the server named.
    Throttled,
    /// A new connection at once: the server ended the session by its own rules.
    Expired,
    /// Better credentials.
    Rejected,
    /// Somebody who changes something; certificates and names among it.
    Permanent,
}

/// What is known about the end of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cause {
    pub(super) class: Class,
    /// The error's code, or that of the BYE.
    pub(super) code: Option<String>,
    /// What the server or the system said.
    pub(super) text: String,
    /// How long the server wants to be left alone.
    pub(super) wait: Option<Duration>,
    /// How far the connection got.
    pub(super) reach: Reach,
}

/// How far a connection got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// There is no network.
    Offline,
    /// The server has no such name.
    Nameless,
    /// The server did not answer.
    Unreached,
    /// Somebody was there who did not prove to be the server.
    Untrusted,
    /// Somebody was there who spoke neither IMAP nor TLS as it is spoken.
    Garbled,
    /// The server was there.
    Reached,
}

/// Where something was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Bye,
    Greeting,
    Login,
}

struct Row {
    places: &'static [Place],
    /// Empty if any.
    code: &'static str,
    /// A part of the text in lower case; empty if any.
    text: &'static str,
    class: Class,
}

const ANYWHERE: &[Place] = &[Place::Bye, Place::Greeting, Place::Login];
const BYE: &[Place] = &[Place::Bye];
const DOOR: &[Place] = &[Place::Greeting, Place::Login];
const LOGIN: &[Place] = &[Place::Login];

const fn row(
    places: &'static [Place],
    code: &'static str,
    text: &'static str,
    class: Class,
) -> Row {
    Row {
        places,
        code,
        text,
        class,
    }
}

/// Codes are those of RFC 5530; the servers named are those whose words the texts are.
const ROWS: &[Row] = &[
    row(ANYWHERE, "UNAVAILABLE", "", Class::Transient),
    row(ANYWHERE, "SERVERBUG", "", Class::Transient),
    row(ANYWHERE, "LIMIT", "", Class::Limit),
    row(ANYWHERE, "OVERQUOTA", "", Class::Limit),
    row(ANYWHERE, "THROTTLED", "", Class::Limit),
    row(LOGIN, "EXPIRED", "", Class::Rejected),
    row(LOGIN, "AUTHORIZATIONFAILED", "", Class::Permanent),
    row(LOGIN, "PRIVACYREQUIRED", "", Class::Permanent),
    row(LOGIN, "CONTACTADMIN", "", Class::Permanent),
    row(LOGIN, "NOPERM", "", Class::Permanent),
    row(LOGIN, "INUSE", "", Class::Permanent),
    // Exchange
    row(ANYWHERE, "", "suggested backoff time: ", Class::Throttled),
    row(BYE, "", "accesstokenexpired", Class::Expired),
    row(
        DOOR,
        "",
        "user is authenticated but not connected",
        Class::Rejected,
    ),
    row(DOOR, "", "server unavailable", Class::Transient),
    // Gmail
    row(BYE, "", "session expired", Class::Expired),
    row(
        ANYWHERE,
        "",
        "too many simultaneous connections",
        Class::Limit,
    ),
    row(
        ANYWHERE,
        "",
        "exceeded command or bandwidth limits",
        Class::Limit,
    ),
    row(LOGIN, "", "log in via your web browser", Class::Permanent),
    row(LOGIN, "", "web login required", Class::Permanent),
    row(
        LOGIN,
        "",
        "application-specific password required",
        Class::Permanent,
    ),
    row(LOGIN, "", "not enabled for imap use", Class::Permanent),
    row(LOGIN, "", "lockdown in effect", Class::Permanent),
    // Dovecot, Yahoo and others
    row(ANYWHERE, "", "maximum number of connections", Class::Limit),
    row(ANYWHERE, "", "too many connections", Class::Limit),
    row(ANYWHERE, "", "rate limit", Class::Limit),
    row(LOGIN, "", "", Class::Rejected),
    row(ANYWHERE, "", "", Class::Transient),
];

/// Why the connection ended; `None` if the program wanted it.
pub(super) fn cause(exit: &Exit) -> Option<Cause> {
    Some(match exit {
        Exit::Local | Exit::Drained => return None,
        Exit::Closed { bye: None } => Cause::transient("The server closed the connection"),
        Exit::Closed { bye: Some(bye) } => said(Place::Bye, bye.code.as_deref(), &bye.text),
        Exit::Failed(error) => failure(error),
    })
}

impl Cause {
    /// Nothing that would not pass.
    pub(super) fn transient(text: &str) -> Cause {
        Cause {
            class: Class::Transient,
            code: None,
            text: text.to_owned(),
            wait: None,
            reach: Reach::Reached,
        }
    }
}

impl Reach {
    fn of(error: &Error) -> Reach {
        const OFFLINE: [&str; 3] = ["ENETUNREACH", "ENETDOWN", "EAI_AGAIN"];
        let syscall = error.system.as_ref().and_then(|system| system.syscall);
        match error.code.as_ref() {
            code if OFFLINE.contains(&code) => Reach::Offline,
            "ENOTFOUND" => Reach::Nameless,
            code::CONNECT_TIMEOUT if error.source == Some(Source::Timeout) => Reach::Unreached,
            _ if matches!(syscall, Some("connect" | "bind" | "getaddrinfo")) => Reach::Unreached,
            "CERT_SIGNATURE_FAILURE" => Reach::Untrusted,
            code::NOT_IMAP => Reach::Garbled,
            code if error.tls.is_some() && error.system.is_none() => {
                let is_of_the_transport = code == "EPROTO" || code.starts_with("ERR_SSL_");
                match is_of_the_transport {
                    true => Reach::Garbled,
                    false => Reach::Untrusted,
                }
            }
            _ => Reach::Reached,
        }
    }
}

/// Whether the server ended the connection because it was idle for too long.
pub(super) fn blames_idleness(exit: &Exit) -> bool {
    const WORDS: [&str; 3] = [
        "disconnected for inactivity",
        "autologout",
        "idle for too long",
    ];
    let Exit::Closed { bye: Some(bye) } = exit else {
        return false;
    };
    let text = bye.text.to_ascii_lowercase();
    WORDS.iter().any(|words| text.contains(words))
}

impl Class {
    /// Its name in the events of the session.
    pub(super) fn name(self) -> &'static str {
        match self {
            Class::Transient => "transient",
            Class::Limit => "limit",
            Class::Throttled => "throttled",
            Class::Expired => "expired",
            Class::Rejected => "rejected",
            Class::Permanent => "permanent",
        }
    }
}

fn failure(error: &Error) -> Cause {
    let ours = error.code.as_ref();
    let place = match error.source {
        Some(Source::Authentication) if ours == code::AUTHENTICATION => Some(Place::Login),
        Some(Source::Protocol) if ours == code::GREETING => Some(Place::Greeting),
        _ => None,
    };
    let mut cause = match place {
        Some(place) => said(place, code_name(error).as_deref(), &error.message),
        None => Cause {
            class: class_of(error),
            code: None,
            text: error.message.clone(),
            wait: None,
            reach: Reach::Reached,
        },
    };
    cause.reach = Reach::of(error);
    cause.code = Some(ours.to_owned());
    cause
}

/// What the server did not say in words.
fn class_of(error: &Error) -> Class {
    const PERMANENT: [&str; 5] = [
        // What the login is made of cannot be sent.
        code::ARGUMENT,
        code::NO_MECHANISM,
        code::LOGIN_DISABLED,
        code::NO_STARTTLS,
        code::STARTTLS_INJECTION,
    ];
    // Unless it was better before.
    let reach = Reach::of(error);
    let is_wrong_address = matches!(reach, Reach::Nameless | Reach::Untrusted | Reach::Garbled);
    // The mailbox may come back; until then the server is not to be bothered.
    if error.code == code::MAILBOX_GONE {
        return Class::Limit;
    }
    if error.code == code::LOGIN_LIMIT {
        return Class::Rejected;
    }
    match is_wrong_address || PERMANENT.contains(&error.code.as_ref()) {
        true => Class::Permanent,
        false => Class::Transient,
    }
}

fn code_name(error: &Error) -> Option<String> {
    match error.text_code.as_ref()? {
        Value::Text(name) => Some(name.to_ascii_uppercase()),
        _ => None,
    }
}

fn said(place: Place, code: Option<&str>, text: &str) -> Cause {
    let lower = text.to_ascii_lowercase();
    let fits = |row: &&Row| {
        row.places.contains(&place)
            && (row.code.is_empty() || code == Some(row.code))
            && lower.contains(row.text)
    };
    Cause {
        class: ROWS
            .iter()
            .find(fits)
            .map_or(Class::Transient, |row| row.class),
        code: code.map(str::to_owned),
        text: text.to_owned(),
        wait: suggested(&lower),
        reach: Reach::Reached,
    }
}

/// Exchange names the wait: `Suggested Backoff Time: 178755 milliseconds`.
fn suggested(text: &str) -> Option<Duration> {
    let (_, rest) = text.split_once("suggested backoff time: ")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok().map(Duration::from_millis)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::Farewell;
    use crate::error::{System, Tls};

    fn class(place: Place, code: Option<&str>, text: &str) -> Class {
        said(place, code, text).class
    }

    #[test]
    fn what_servers_say_is_understood() {
        for (place, code, text, expected) in [
            (
                Place::Bye,
                None,
                "Session expired, please login again.",
                Class::Expired,
            ),
            (
                Place::Bye,
                None,
                "Session invalidated - AccessTokenExpired",
                Class::Expired,
            ),
            (Place::Bye, None, "Server shutting down.", Class::Transient),
            (
                Place::Bye,
                None,
                "Disconnected for inactivity.",
                Class::Transient,
            ),
            (
                Place::Login,
                Some("AUTHENTICATIONFAILED"),
                "Authentication failed.",
                Class::Rejected,
            ),
            (
                Place::Login,
                Some("UNAVAILABLE"),
                "Temporary failure",
                Class::Transient,
            ),
            (
                Place::Login,
                Some("ALERT"),
                "Too many simultaneous connections. (Failure)",
                Class::Limit,
            ),
            (
                Place::Bye,
                None,
                "Maximum number of connections from user+IP exceeded",
                Class::Limit,
            ),
            (
                Place::Login,
                Some("ALERT"),
                "Please log in via your web browser",
                Class::Permanent,
            ),
            (Place::Greeting, None, "not now", Class::Transient),
            (Place::Login, None, "LOGIN failed.", Class::Rejected),
        ] {
            assert_eq!(class(place, code, text), expected, "{text}");
        }
    }

    #[test]
    fn the_network_is_told_from_the_server() {
        let error = |source, code: &'static str, syscall| {
            let error = Error::new(source, code, code);
            Exit::Failed(match syscall {
                None => error,
                syscall => error.with_system(System {
                    syscall,
                    ..System::default()
                }),
            })
        };
        let tls_fault = |code: &'static str| {
            let error = Error::new(Source::Socket, code, code);
            Exit::Failed(error.with_tls(Tls::default()))
        };
        let socket = Source::Socket;
        for (exit, reach) in [
            (
                error(socket, "ENETUNREACH", Some("connect")),
                Reach::Offline,
            ),
            (
                error(socket, "EAI_AGAIN", Some("getaddrinfo")),
                Reach::Offline,
            ),
            (
                error(socket, "ENOTFOUND", Some("getaddrinfo")),
                Reach::Nameless,
            ),
            (
                error(socket, "ECONNREFUSED", Some("connect")),
                Reach::Unreached,
            ),
            (error(Source::Timeout, "ETIMEDOUT", None), Reach::Unreached),
            (error(socket, "ETIMEDOUT", Some("read")), Reach::Reached),
            (error(socket, "ECONNRESET", Some("read")), Reach::Reached),
            (error(Source::Timeout, code::DEADLINE, None), Reach::Reached),
            (tls_fault("CERT_HAS_EXPIRED"), Reach::Untrusted),
            (tls_fault("ERR_TLS_CERT_ALTNAME_INVALID"), Reach::Untrusted),
            (tls_fault("EPROTO"), Reach::Garbled),
            (
                tls_fault("ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR"),
                Reach::Garbled,
            ),
            (
                error(Source::Protocol, code::NOT_IMAP, None),
                Reach::Garbled,
            ),
            (Exit::Closed { bye: None }, Reach::Reached),
        ] {
            assert_eq!(cause(&exit).unwrap().reach, reach, "{exit:?}");
        }
    }

    #[test]
    fn servers_that_find_us_idle_are_heard() {
        let bye = |text: &str| Exit::Closed {
            bye: Some(Farewell {
                code: None,
                text: text.to_owned(),
            }),
        };
        for text in [
            "Disconnected for inactivity.",
            "Autologout; idle for too long",
            "AUTOLOGOUT",
        ] {
            assert!(blames_idleness(&bye(text)), "{text}");
        }
        assert!(!blames_idleness(&bye("Server shutting down.")));
        assert!(!blames_idleness(&Exit::Closed { bye: None }));
    }

    #[test]
    fn a_named_wait_is_taken_at_its_word() {
        let bye = Farewell {
            code: None,
            text: "Request is throttled. Suggested Backoff Time: 178755 milliseconds".to_owned(),
        };
        let cause = cause(&Exit::Closed { bye: Some(bye) }).unwrap();
        assert_eq!(cause.class, Class::Throttled);
        assert_eq!(cause.wait, Some(Duration::from_millis(178_755)));
    }
}
