//! The providers of the world, with the habits that are known of them (resilience 0.1, 0.4, 3.5).

use std::time::Duration;

/// How a provider's servers behave.
#[derive(Debug)]
pub(crate) struct Provider {
    pub(crate) name: &'static str,
    /// Where its clients connect to.
    pub(crate) host: &'static str,
    /// It takes access tokens in the place of passwords.
    pub(crate) wants_tokens: bool,
    /// When a session ends by itself, and how much that varies.
    pub(crate) age: Option<(Duration, Duration)>,
    /// What it says then.
    pub(crate) farewell: &'static str,
    pub(crate) idle: Idle,
    /// The most it can.
    pub(crate) level: Level,
    /// How many sessions an account may have at once.
    pub(crate) sessions: usize,
    /// That its sessions have an age can only be learned.
    pub(crate) is_secretive: bool,
}

/// What a server makes of IDLE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Idle {
    /// News at once.
    Speaks,
    /// The same, and `* OK Still here` every two minutes.
    StillHere,
    /// News only when it is over.
    Silent,
    /// It offers IDLE and refuses it.
    Refused,
}

/// What a server offers for finding out what changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// Neither of the two.
    Plain,
    /// CONDSTORE (RFC 7162).
    Condstore,
    /// QRESYNC too.
    Qresync,
}

const MINUTE: Duration = Duration::from_secs(60);
const NEVER: Duration = Duration::ZERO;

const DOVECOT: Provider = Provider {
    name: "dovecot",
    host: "imap.example.org",
    wants_tokens: false,
    age: None,
    farewell: "",
    idle: Idle::StillHere,
    level: Level::Qresync,
    sessions: 10,
    is_secretive: false,
};

/// Those whose habits are known.
pub(crate) static KNOWN: [Provider; 7] = [
    Provider {
        name: "gmail",
        host: "imap.gmail.com",
        age: Some((
            Duration::from_secs(24 * 60 * 60),
            Duration::from_secs(10 * 60),
        )),
        farewell: "Session expired, please login again.",
        idle: Idle::Speaks,
        sessions: 15,
        ..DOVECOT
    },
    Provider {
        name: "gmail-oauth",
        host: "imap.gmail.com",
        wants_tokens: true,
        age: Some((Duration::from_secs(60 * 60), NEVER)),
        farewell: "Session expired, please login again.",
        idle: Idle::Speaks,
        sessions: 15,
        ..DOVECOT
    },
    Provider {
        name: "exchange",
        host: "outlook.office365.com",
        wants_tokens: true,
        age: Some((Duration::from_secs(75 * 60), NEVER)),
        farewell: "Session invalidated - AccessTokenExpired",
        idle: Idle::Speaks,
        level: Level::Plain,
        sessions: 20,
        ..DOVECOT
    },
    Provider {
        name: "aol",
        host: "imap.aol.com",
        age: Some((Duration::from_secs(60 * 60), MINUTE)),
        farewell: "Session timed out, please login again",
        idle: Idle::Speaks,
        ..DOVECOT
    },
    DOVECOT,
    Provider {
        name: "silent",
        host: "imap.example.net",
        idle: Idle::Silent,
        ..DOVECOT
    },
    Provider {
        name: "refusing",
        host: "imap.example.com",
        idle: Idle::Refused,
        ..DOVECOT
    },
];

/// One that ends sessions after an hour, without a word to anybody.
pub(crate) static STRANGERS: [Provider; 1] = [Provider {
    name: "hourly",
    host: "imap.example.edu",
    age: Some((Duration::from_secs(60 * 60), NEVER)),
    farewell: "Bye",
    is_secretive: true,
    ..DOVECOT
}];

impl Level {
    /// All of them, from the least to the most.
    pub(crate) const ALL: [Level; 3] = [Level::Plain, Level::Condstore, Level::Qresync];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Level::Plain => "plain",
            Level::Condstore => "condstore",
            Level::Qresync => "qresync",
        }
    }

    /// What it adds to the capabilities of a server.
    pub(crate) fn capabilities(self) -> &'static str {
        match self {
            Level::Plain => "",
            Level::Condstore => " ENABLE CONDSTORE",
            Level::Qresync => " ENABLE CONDSTORE QRESYNC",
        }
    }
}
