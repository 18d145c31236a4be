//! Errors as a Node program sees them: a message, a `source`, a string `code`, and what Node
//! itself would have put beside them.
//!
//! `source` has the values of npm `imap` (contract section 9), so that programs which test for
//! `'timeout-auth'` go on doing so. `code` is Node's own where Node has one (`ECONNREFUSED`,
//! `ERR_TLS_CERT_ALTNAME_INVALID`); the others are the constants in [`code`].

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

use crate::wire::value::TextCode;

/// A fault of a connection or a command.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Error {
    /// What happened, in the words of node-imap or Node where they have some.
    pub message: String,
    /// What to do about it: a sentence for people, apart from the text that programs compare.
    pub advice: Option<Box<str>>,
    /// Which part of the work failed.
    pub source: Option<Source>,
    /// A stable name for programs.
    pub code: Cow<'static, str>,
    /// How the server answered, if it did.
    #[serde(rename = "type")]
    pub refusal: Option<Refusal>,
    /// The response code of a tagged NO or BAD (RFC 3501 section 7.1).
    pub text_code: Option<TextCode>,
    /// The facts of a failed system call, named as Node names them.
    pub system: Option<Box<System>>,
    /// The facts of a failed TLS handshake, named as Node names them.
    pub tls: Option<Box<Tls>>,
}

/// Where an error comes from; the `source` property (contract section 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The socket or TLS.
    Socket,
    /// Connecting took longer than `connTimeout`, or a live connection missed a deadline.
    Timeout,
    /// Logging in took longer than `authTimeout`.
    TimeoutAuth,
    /// Nothing was read or written for `socketTimeout`.
    SocketTimeout,
    /// The server said NO or BAD, or something that is not IMAP.
    Protocol,
    /// The server refused the credentials, or there was no way to present them.
    Authentication,
}

/// How a server says that it did not do what it was asked; the `type` property.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Refusal {
    /// It will not.
    No,
    /// It does not understand.
    Bad,
}

/// What Node adds to the error of a system call.
#[derive(Clone, Debug, Default, Serialize)]
pub struct System {
    /// The negative errno, as libuv gives it.
    pub errno: Option<i32>,
    /// `connect`, `read`, `write`, `getaddrinfo`.
    pub syscall: Option<&'static str>,
    /// The peer's address.
    pub address: Option<String>,
    /// The peer's port.
    pub port: Option<u16>,
    /// The name that did not resolve.
    pub hostname: Option<String>,
}

/// What Node adds to the error of a TLS handshake.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Tls {
    /// Why, in words.
    pub reason: Option<String>,
    /// The name that the certificate should have had.
    pub host: Option<String>,
    /// The certificate that has another name: DER in base64.
    pub cert: Option<String>,
    /// OpenSSL's name for the part that failed, e.g. `SSL routines`.
    pub library: Option<&'static str>,
}

/// The codes that are ours, beside those of Node.
pub mod code {
    /// `connTimeout` passed before the connection was up.
    pub const CONNECT_TIMEOUT: &str = "ETIMEDOUT";
    /// `authTimeout` passed before the login was done.
    pub const AUTHENTICATION_TIMEOUT: &str = "EAUTHTIMEOUT";
    /// `socketTimeout` passed without a byte.
    pub const SOCKET_TIMEOUT: &str = "ESOCKETTIMEOUT";
    /// The server is connected but missed a deadline: it is taken for dead.
    pub const DEADLINE: &str = "EDEADLINE";
    /// The server refused the credentials.
    pub const AUTHENTICATION: &str = "EAUTH";
    /// The server refused the credentials so often that they are not sent again for a while.
    pub const LOGIN_LIMIT: &str = "ELOGINLIMIT";
    /// The server offers no way of logging in with what the options give.
    pub const NO_MECHANISM: &str = "ENOMECHANISM";
    /// The server forbids logging in on this connection (LOGINDISABLED).
    pub const LOGIN_DISABLED: &str = "ELOGINDISABLED";
    /// TLS was asked for and the server does not offer it.
    pub const NO_STARTTLS: &str = "ENOSTARTTLS";
    /// The server said something before or after STARTTLS that it must not.
    pub const STARTTLS_INJECTION: &str = "ESTARTTLSINJECTION";
    /// The first line was NO, BAD or BYE.
    pub const GREETING: &str = "EGREETING";
    /// The first line was not IMAP at all.
    pub const NOT_IMAP: &str = "ENOTIMAP";
    /// What came after COMPRESS cannot be inflated (RFC 4978).
    pub const COMPRESSION: &str = "ECOMPRESSION";
    /// A response is larger or deeper than the limits allow.
    pub const LIMIT: &str = "ELIMIT";
    /// The server answered a command with NO.
    pub const NO: &str = "ENO";
    /// The server answered a command with BAD, or with a status that is none.
    pub const BAD: &str = "EBAD";
    /// The connection ended before the command was answered.
    pub const CONNECTION_LOST: &str = "ECONNLOST";
    /// The command was sent and never answered: whether it was carried out is not known.
    pub const OUTCOME_UNKNOWN: &str = "EOUTCOMEUNKNOWN";
    /// The command names messages by numbers of a connection that is over.
    pub const STALE_NUMBERS: &str = "ESEQSTALE";
    /// The rest of a body that a lost connection cut does not fit what came before.
    pub const BODY_CHANGED: &str = "EBODYCHANGED";
    /// The program was asked for a token and gave none.
    pub const TOKEN: &str = "ETOKEN";
    /// The program was asked for a token and gave what is none, or one that is over.
    pub const UNUSABLE_TOKEN: &str = "ETOKENINVALID";
    /// The mailbox that was open cannot be opened again.
    pub const MAILBOX_GONE: &str = "EMAILBOXGONE";
    /// An argument cannot be sent.
    pub const ARGUMENT: &str = "EARGUMENT";
    /// The server does not have what the command needs.
    pub const UNSUPPORTED: &str = "EUNSUPPORTED";
    /// A fault of everimap itself.
    pub const INTERNAL: &str = "EINTERNAL";
}

impl Error {
    /// An error with a message, a source and a code, and nothing else.
    pub fn new(
        source: Source,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Error {
        Error {
            message: message.into(),
            advice: None,
            source: Some(source),
            code: code.into(),
            refusal: None,
            text_code: None,
            system: None,
            tls: None,
        }
    }

    /// The error of a command that the server refused, in the server's words.
    pub fn refused(
        refusal: Refusal,
        text: impl Into<String>,
        text_code: Option<TextCode>,
    ) -> Error {
        let code = match refusal {
            Refusal::No => code::NO,
            Refusal::Bad => code::BAD,
        };
        let mut error = Error::new(Source::Protocol, code, text);
        error.refusal = Some(refusal);
        error.text_code = text_code;
        error
    }

    /// The same error with a sentence on what to do about it.
    pub fn with_advice(mut self, advice: impl Into<Box<str>>) -> Error {
        self.advice = Some(advice.into());
        self
    }

    /// The same error with the facts of a failed system call.
    pub fn with_system(mut self, system: System) -> Error {
        self.system = Some(Box::new(system));
        self
    }

    /// The same error with the facts of a failed TLS handshake.
    pub fn with_tls(mut self, tls: Tls) -> Error {
        self.tls = Some(Box::new(tls));
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
