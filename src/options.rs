//! The options of a connection, parsed once into types that cannot be wrong.
//!
//! JavaScript hands them over as one JSON object with node-imap's names (contract section 1.2) at
//! every `connect()`. What is everimap's own (`timeouts`, `tcp`, `limits`, `reconnect`, `rotate`,
//! `pipeline`, `compress`), the timeouts and `keepalive` are looked at by [`check`] when the program
//! names them already:
//!
//! * Booleans and finite numbers from 0 on are what they are. 0 and `false` for a time are the
//!   default, as in node-imap.
//! * A string that is exactly a decimal integer, `true` or `false` is taken for that, because
//!   configurations come from environment variables, and the program is told so. It should take
//!   its variables from [`from_environment`].
//! * Anything else is an [`OptionError`] that names the option.
//!
//! The other options are as lenient as in node-imap.

mod environment;
mod keepalive;
mod nearest;
mod reconnect;
mod rotate;
mod secret;
mod tcp;
mod timeouts;
mod value;

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

pub use environment::{Prefixes, from_environment};
pub use keepalive::{
    DEFAULT_IDLE_INTERVAL, DEFAULT_KEEPALIVE_INTERVAL, DEFAULT_RESYNC_INTERVAL, KeepAlive,
};
pub use reconnect::Reconnect;
pub use rotate::Rotate;
pub use secret::{REDACTED, Secret};
pub use tcp::{KEEPALIVE_IDLE, KEEPALIVE_INTERVAL, KEEPALIVE_PROBES, TcpOptions};
pub use timeouts::{
    CLOSE_GRACE, COMMAND_SILENCE, DONE_DEADLINE, IDLE_CONTINUATION_DEADLINE, LOGOUT_DEADLINE,
    NOOP_DEADLINE, Timeouts,
};
pub use value::OptionError;
use value::Values;

use crate::clock::Clock;
use crate::net::Dialer;
use crate::wire::limits::{Limits, MAX_BYTES, MAX_DEPTH, MIN_BYTES};

/// `connTimeout` when it is not given (node-imap).
pub const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_millis(10_000);
/// `authTimeout` when it is not given (node-imap).
pub const DEFAULT_AUTHENTICATION_TIMEOUT: Duration = Duration::from_millis(5_000);
/// `port` when it is not given, with TLS too (node-imap).
pub const DEFAULT_PORT: u16 = 143;

/// Everything a connection needs to know.
#[derive(Clone, Debug)]
pub struct Options {
    /// Name or address of the server. Default `localhost`.
    pub host: String,
    /// TCP port. Default [`DEFAULT_PORT`].
    pub port: u16,
    /// The source address of the TCP connection.
    pub local_address: Option<IpAddr>,
    /// TLS from the first byte.
    pub tls: bool,
    /// When to use STARTTLS.
    pub autotls: AutoTls,
    /// How certificates are checked and presented.
    pub tls_options: TlsOptions,
    /// The login name.
    pub user: Option<String>,
    /// The password.
    pub password: Option<Secret>,
    /// A ready-made base64 initial response for `AUTHENTICATE XOAUTH`.
    pub xoauth: Option<Secret>,
    /// A ready-made base64 initial response for `AUTHENTICATE XOAUTH2`.
    pub xoauth2: Option<Secret>,
    /// Whether the program hands out a token for each login: the option `auth.getToken`.
    pub asks_token: bool,
    /// The token for the next login.
    pub token: Option<Secret>,
    /// From the start until TCP, and TLS if it is implicit, are up.
    pub connect_timeout: Duration,
    /// From there until the session is ready.
    pub authentication_timeout: Duration,
    /// The longest time without a byte in either direction; `None` is no limit.
    pub socket_timeout: Option<Duration>,
    /// How long the server is waited for.
    pub timeouts: Timeouts,
    /// When the system takes the connection for dead.
    pub tcp: TcpOptions,
    /// How the connection is kept alive while nothing is asked; `None` is not at all.
    pub keepalive: Option<KeepAlive>,
    /// How much the server may say at once.
    pub limits: Limits,
    /// How the session comes back after it lost its connection; `None` is not at all.
    pub reconnect: Option<Reconnect>,
    /// When a session that comes back moves to a fresh connection of its own accord; `None` is
    /// never.
    pub rotate: Option<Rotate>,
    /// Whether commands are sent before earlier ones are answered, where that does no harm.
    pub pipeline: bool,
    /// Whether the connection is compressed where the server can do that (RFC 4978).
    pub compress: bool,
    /// Whether protocol lines are reported.
    pub debug: bool,
    /// What tells of the machine's sleep.
    pub clock: Clock,
    /// What connects instead of the network; in tests and simulations alone.
    pub dialer: Option<Dialer>,
}

/// When to upgrade a plain connection with STARTTLS; the option `autotls`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AutoTls {
    /// Not at all.
    Never,
    /// `'always'`: on every connection, and fail when the server does not offer it.
    Always,
    /// `'required'`: when the server refuses logins without it (LOGINDISABLED).
    Required,
}

/// The part of Node's `tls.connect` options that is honoured.
#[derive(Clone, Debug)]
pub struct TlsOptions {
    /// The name in SNI and in the certificate; `None` is the host.
    pub servername: Option<String>,
    /// Whether a certificate that cannot be verified ends the connection. Default true.
    pub reject_unauthorized: bool,
    /// PEM texts of the certificates to trust; `None` is the process's roots. Sessions that come back
    /// keep them, and share them if they are the same.
    pub ca: Option<Arc<[String]>>,
    /// PEM texts of our own certificate chain.
    pub cert: Option<String>,
    /// PEM text of our own private key.
    pub key: Option<Secret>,
    /// The lowest version of TLS to accept.
    pub min_version: TlsVersion,
    /// The highest version of TLS to offer; not below the lowest.
    pub max_version: TlsVersion,
}

/// A version of TLS that rustls speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TlsVersion {
    /// TLS 1.2, the default minimum of Node and of rustls.
    Tls12,
    /// TLS 1.3.
    Tls13,
}

impl Default for TlsOptions {
    fn default() -> TlsOptions {
        TlsOptions {
            servername: None,
            reject_unauthorized: true,
            ca: None,
            cert: None,
            key: None,
            min_version: TlsVersion::Tls12,
            max_version: TlsVersion::Tls13,
        }
    }
}

impl Options {
    /// Parses the JSON object that JavaScript made of `config`.
    pub fn from_json(text: &str) -> Result<Options, OptionError> {
        let values = Values::from_json(text);
        let typed = Typed::of(&values)?;
        Ok(Options {
            host: host(&values)?,
            port: values.port("port")?.unwrap_or(DEFAULT_PORT),
            local_address: values.address("localAddress")?,
            tls: values.truth("tls").unwrap_or(false),
            autotls: match values.text("autotls")?.as_deref() {
                Some("always") => AutoTls::Always,
                Some("required") => AutoTls::Required,
                _ => AutoTls::Never,
            },
            tls_options: tls_options(&values)?,
            user: values.text("user")?,
            password: values.secret("password")?,
            xoauth: values.secret("xoauth")?,
            xoauth2: values.secret("xoauth2")?,
            asks_token: values.truth("asksToken").unwrap_or(false),
            token: None,
            connect_timeout: typed.connect.unwrap_or(DEFAULT_CONNECT_TIMEOUT),
            authentication_timeout: typed
                .authentication
                .unwrap_or(DEFAULT_AUTHENTICATION_TIMEOUT),
            socket_timeout: typed.socket,
            timeouts: typed.timeouts,
            tcp: typed.tcp,
            keepalive: typed.keepalive,
            reconnect: typed.reconnect,
            rotate: typed.rotate,
            pipeline: typed.pipeline,
            compress: typed.compress,
            limits: typed.limits,
            debug: values.truth("debug").unwrap_or(false),
            clock: Clock::system(),
            dialer: None,
        })
    }

    /// The name that the certificate must have, and that SNI carries unless it is an address.
    pub fn server_name(&self) -> &str {
        self.tls_options.servername.as_deref().unwrap_or(&self.host)
    }
}

/// Looks at those of the options in a JSON object that are typed: the timeouts, `timeouts`, `tcp`,
/// `limits`, `keepalive`, `reconnect`, `rotate`, `pipeline` and `compress`. Gives a sentence for each
/// string that stands for a number or a switch.
pub fn check(text: &str) -> Result<Vec<String>, OptionError> {
    let values = Values::from_json(text);
    Typed::of(&values)?;
    Ok(values.notes())
}

/// The names of all options.
const NAMES: [&str; 25] = [
    "localAddress",
    "socket",
    "socketTimeout",
    "host",
    "port",
    "tls",
    "tlsOptions",
    "autotls",
    "user",
    "password",
    "xoauth",
    "xoauth2",
    "connTimeout",
    "authTimeout",
    "keepalive",
    "debug",
    "timeouts",
    "tcp",
    "limits",
    "reconnect",
    "rotate",
    "pipeline",
    "compress",
    "auth",
    "log",
];

/// What is to be said of an option that nobody reads, if it looks like one that somebody does. Others
/// are the program's own: node-imap passes over them.
pub fn misspelt(name: &str) -> Option<String> {
    let meant = nearest::nearest(name, &NAMES, nearest::A_THIRD)?;
    (meant != name).then(|| format!("The option `{name}` is unknown; did you mean `{meant}`?"))
}

fn host(values: &Values) -> Result<String, OptionError> {
    let host = values.text("host")?;
    Ok(host.unwrap_or_else(|| "localhost".to_owned()))
}

/// The options that are typed.
struct Typed {
    connect: Option<Duration>,
    authentication: Option<Duration>,
    socket: Option<Duration>,
    timeouts: Timeouts,
    tcp: TcpOptions,
    limits: Limits,
    keepalive: Option<KeepAlive>,
    reconnect: Option<Reconnect>,
    rotate: Option<Rotate>,
    pipeline: bool,
    compress: bool,
}

impl Typed {
    fn of(values: &Values) -> Result<Typed, OptionError> {
        let mut typed = Typed {
            connect: values.time("connTimeout")?,
            authentication: values.time("authTimeout")?,
            socket: values.time("socketTimeout")?,
            timeouts: timeouts::timeouts(values)?,
            tcp: tcp::tcp(values)?,
            limits: limits(values)?,
            keepalive: keepalive::keepalive(values)?,
            reconnect: reconnect::reconnect(values)?,
            rotate: rotate::rotate(values, &host(values)?)?,
            pipeline: values
                .switch("pipeline", keepalive::EXPECTED_SWITCH)?
                .unwrap_or(true),
            compress: values
                .switch("compress", keepalive::EXPECTED_SWITCH)?
                .unwrap_or(false),
        };
        if let (Some(keepalive), Some(_)) = (&mut typed.keepalive, typed.reconnect) {
            let resync = keepalive.resync_interval;
            keepalive.resync_interval = resync.or(Some(DEFAULT_RESYNC_INTERVAL));
        }
        Ok(typed)
    }
}

fn tls_options(values: &Values) -> Result<TlsOptions, OptionError> {
    const EXPECTED: &str = "an object such as { servername: 'imap.example.com' }";
    const VERSIONS: &str = "'TLSv1.2' or 'TLSv1.3'";
    let values = values.object("tlsOptions", EXPECTED)?;
    let version = |name| match values.text(name)?.as_deref() {
        None => Ok(None),
        Some("TLSv1.2") => Ok(Some(TlsVersion::Tls12)),
        Some("TLSv1.3") => Ok(Some(TlsVersion::Tls13)),
        Some(_) => Err(values.wrong(name, VERSIONS)),
    };
    let default = TlsOptions::default();
    let min_version = version("minVersion")?.unwrap_or(default.min_version);
    let max_version = version("maxVersion")?.unwrap_or(default.max_version);
    if max_version < min_version {
        return Err(values.wrong("maxVersion", "no version below `minVersion`"));
    }
    Ok(TlsOptions {
        servername: values.text("servername")?,
        reject_unauthorized: values.truth("rejectUnauthorized").unwrap_or(true),
        ca: values.texts("ca")?.map(shared),
        cert: values.text("cert")?,
        key: values.secret("key")?,
        min_version,
        max_version,
    })
}

/// The same texts once in memory, as long as somebody has them.
fn shared(texts: Vec<String>) -> Arc<[String]> {
    static KNOWN: Mutex<Vec<Weak<[String]>>> = Mutex::new(Vec::new());
    // More different ones are not looked for.
    const MOST: usize = 64;

    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    known.retain(|texts| texts.strong_count() > 0);
    let same = known.iter().filter_map(Weak::upgrade);
    if let Some(same) = { same }.find(|same| **same == *texts) {
        return same;
    }
    let texts: Arc<[String]> = texts.into();
    if known.len() < MOST {
        known.push(Arc::downgrade(&texts));
    }
    texts
}

/// Each limit is its own; there is no switch for all of them.
fn limits(values: &Values) -> Result<Limits, OptionError> {
    let values = values.object("limits", "an object such as { literalBytes: 1000000 }")?;
    const NAMES: [&str; 5] = [
        "responseBytes",
        "lineBytes",
        "literalBytes",
        "items",
        "depth",
    ];
    values.known(&NAMES)?;
    let default = Limits::default();
    let bytes = |name, default| {
        let given = values.whole(name, "bytes", MIN_BYTES..=MAX_BYTES)?;
        Ok(given.unwrap_or(default))
    };
    Ok(Limits {
        response_bytes: bytes("responseBytes", default.response_bytes)?,
        line_bytes: bytes("lineBytes", default.line_bytes)?,
        literal_bytes: bytes("literalBytes", default.literal_bytes)?,
        items: values
            .whole("items", "values", 1..=MAX_BYTES)?
            .unwrap_or(default.items),
        depth: values
            .whole("depth", "levels", 1..=MAX_DEPTH)?
            .unwrap_or(default.depth),
    })
}

#[cfg(test)]
mod tests;
