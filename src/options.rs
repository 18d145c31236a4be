//! The options of a connection, parsed once into types that cannot be wrong.
//!
//! JavaScript hands them over as one JSON object with node-imap's names (contract section 1.2) at
//! every `connect()`. A falsy value means the default, as in node-imap; a string that is exactly a
//! decimal integer counts as that number, because configurations come from environment variables.
//! Anything else is an [`OptionError`] that names the option.

mod reconnect;
mod secret;
mod value;

use std::net::IpAddr;
use std::time::Duration;

pub use reconnect::Reconnect;
pub use secret::{REDACTED, Secret};
pub use value::OptionError;
use value::Values;

use crate::wire::limits::{Limits, MAX_BYTES, MAX_DEPTH, MIN_BYTES};

/// `connTimeout` when it is not given (node-imap).
pub const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_millis(10_000);
/// `authTimeout` when it is not given (node-imap).
pub const DEFAULT_AUTHENTICATION_TIMEOUT: Duration = Duration::from_millis(5_000);
/// `keepalive.interval` when it is not given (node-imap).
pub const DEFAULT_KEEPALIVE_INTERVAL: Duration = Duration::from_millis(10_000);
/// `keepalive.idleInterval` when it is not given (node-imap).
pub const DEFAULT_IDLE_INTERVAL: Duration = Duration::from_millis(300_000);
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
    /// From the start until TCP, and TLS if it is implicit, are up.
    pub connect_timeout: Duration,
    /// From there until the session is ready.
    pub authentication_timeout: Duration,
    /// The longest time without a byte in either direction; `None` is no limit.
    pub socket_timeout: Option<Duration>,
    /// How the connection is kept alive while nothing is asked; `None` is not at all.
    pub keepalive: Option<KeepAlive>,
    /// How much the server may say at once.
    pub limits: Limits,
    /// How the session comes back after it lost its connection; `None` is not at all.
    pub reconnect: Option<Reconnect>,
    /// Whether protocol lines are reported.
    pub debug: bool,
    /// Where tests connect to instead of the network.
    #[cfg(test)]
    pub dialer: Option<crate::net::Dialer>,
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
    /// PEM texts of the certificates to trust; `None` is the process's roots.
    pub ca: Option<Vec<String>>,
    /// PEM texts of our own certificate chain.
    pub cert: Option<String>,
    /// PEM text of our own private key.
    pub key: Option<Secret>,
    /// The lowest version of TLS to accept.
    pub min_version: TlsVersion,
}

/// A version of TLS that rustls speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TlsVersion {
    /// TLS 1.2, the default minimum of Node and of rustls.
    Tls12,
    /// TLS 1.3.
    Tls13,
}

/// How an idle connection is kept alive; the option `keepalive` (contract section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeepAlive {
    /// Time between NOOPs, and the grain of the IDLE renewal. Default
    /// [`DEFAULT_KEEPALIVE_INTERVAL`].
    pub interval: Duration,
    /// Time after which IDLE is renewed. Default [`DEFAULT_IDLE_INTERVAL`].
    pub idle_interval: Duration,
    /// NOOP also where the server has IDLE.
    pub force_noop: bool,
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
        }
    }
}

impl Default for KeepAlive {
    fn default() -> KeepAlive {
        KeepAlive {
            interval: DEFAULT_KEEPALIVE_INTERVAL,
            idle_interval: DEFAULT_IDLE_INTERVAL,
            force_noop: false,
        }
    }
}

impl Options {
    /// Parses the JSON object that JavaScript made of `config`.
    pub fn from_json(text: &str) -> Result<Options, OptionError> {
        let values = Values::from_json(text)?;
        Ok(Options {
            host: values
                .text("host")?
                .unwrap_or_else(|| "localhost".to_owned()),
            port: values.port("port")?.unwrap_or(DEFAULT_PORT),
            local_address: values.address("localAddress")?,
            tls: values.flag("tls")?.unwrap_or(false),
            autotls: match values.text("autotls")?.as_deref() {
                Some("always") => AutoTls::Always,
                Some("required") => AutoTls::Required,
                _ => AutoTls::Never,
            },
            tls_options: tls_options(&values.object("tlsOptions")?)?,
            user: values.text("user")?,
            password: values.text("password")?.map(Secret::new),
            xoauth: values.text("xoauth")?.map(Secret::new),
            xoauth2: values.text("xoauth2")?.map(Secret::new),
            connect_timeout: values
                .milliseconds("connTimeout")?
                .unwrap_or(DEFAULT_CONNECT_TIMEOUT),
            authentication_timeout: values
                .milliseconds("authTimeout")?
                .unwrap_or(DEFAULT_AUTHENTICATION_TIMEOUT),
            socket_timeout: values.milliseconds("socketTimeout")?,
            keepalive: keepalive(&values)?,
            limits: limits(&values.object("limits")?)?,
            reconnect: reconnect::reconnect(&values)?,
            debug: values.flag("debug")?.unwrap_or(false),
            #[cfg(test)]
            dialer: None,
        })
    }

    /// The name that the certificate must have, and that SNI carries unless it is an address.
    pub fn server_name(&self) -> &str {
        self.tls_options.servername.as_deref().unwrap_or(&self.host)
    }
}

fn tls_options(values: &Values) -> Result<TlsOptions, OptionError> {
    Ok(TlsOptions {
        servername: values.text("servername")?,
        reject_unauthorized: values.flag("rejectUnauthorized")?.unwrap_or(true),
        ca: values.texts("ca")?,
        cert: values.text("cert")?,
        key: values.text("key")?.map(Secret::new),
        min_version: match values.text("minVersion")?.as_deref() {
            Some("TLSv1.3") => TlsVersion::Tls13,
            None | Some("TLSv1.2") => TlsVersion::Tls12,
            Some(other) => {
                return Err(values.invalid("minVersion", other, "'TLSv1.2' or 'TLSv1.3'"));
            }
        },
    })
}

/// `keepalive` is on unless it is falsy; an object sets its details (contract section 6.4).
fn keepalive(values: &Values) -> Result<Option<KeepAlive>, OptionError> {
    if !values.is_object("keepalive") {
        let on = values.flag("keepalive")?.unwrap_or(true);
        return Ok(on.then(KeepAlive::default));
    }
    let details = values.object("keepalive")?;
    let default = KeepAlive::default();
    Ok(Some(KeepAlive {
        interval: details
            .milliseconds("interval")?
            .unwrap_or(default.interval),
        idle_interval: details
            .milliseconds("idleInterval")?
            .unwrap_or(default.idle_interval),
        force_noop: details.flag("forceNoop")?.unwrap_or(default.force_noop),
    }))
}

/// Each limit is its own; there is no switch for all of them.
fn limits(values: &Values) -> Result<Limits, OptionError> {
    const NAMES: [&str; 5] = [
        "responseBytes",
        "lineBytes",
        "literalBytes",
        "items",
        "depth",
    ];
    values.only(&NAMES)?;
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
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Options, OptionError> {
        Options::from_json(text)
    }

    #[test]
    fn an_empty_object_gives_the_defaults_of_node_imap() {
        let options = parse("{}").unwrap();
        assert_eq!((options.host.as_str(), options.port), ("localhost", 143));
        assert_eq!(options.connect_timeout, Duration::from_secs(10));
        assert_eq!(options.authentication_timeout, Duration::from_secs(5));
        assert_eq!(options.socket_timeout, None);
        assert_eq!(options.keepalive, Some(KeepAlive::default()));
    }

    #[test]
    fn numbers_from_the_environment_are_numbers() {
        let text = r#"{"port":"993","socketTimeout":"60000","keepalive":{"interval":"100"}}"#;
        let options = parse(text).unwrap();
        assert_eq!(options.port, 993);
        assert_eq!(options.socket_timeout, Some(Duration::from_secs(60)));
        assert_eq!(
            options.keepalive.unwrap().interval,
            Duration::from_millis(100)
        );
    }

    #[test]
    fn zero_is_the_default_and_false_turns_keepalive_off() {
        assert_eq!(
            parse(r#"{"connTimeout":0}"#)
                .unwrap()
                .connect_timeout
                .as_secs(),
            10
        );
        assert_eq!(parse(r#"{"keepalive":false}"#).unwrap().keepalive, None);
        assert_eq!(parse(r#"{"keepalive":"false"}"#).unwrap().keepalive, None);
    }

    #[test]
    fn each_limit_is_set_alone() {
        assert_eq!(parse("{}").unwrap().limits, Limits::default());
        let options = parse(r#"{"limits":{"lineBytes":"2048","depth":7,"items":0}}"#);
        let expected = Limits {
            line_bytes: 2048,
            depth: 7,
            ..Limits::default()
        };
        assert_eq!(options.unwrap().limits, expected);
    }

    #[test]
    fn an_unknown_limit_is_told_with_those_that_there_are() {
        let error = parse(r#"{"limits":{"linebytes":2048}}"#).unwrap_err();
        assert_eq!(
            error.message,
            "The option `limits.linebytes` is 2048; expected one of `responseBytes`, \
             `lineBytes`, `literalBytes`, `items`, `depth`"
        );
    }

    #[test]
    fn nonsense_is_refused_by_name() {
        for (text, option) in [
            (r#"{"port":70000}"#, "port"),
            (r#"{"port":"imap"}"#, "port"),
            (r#"{"host":5}"#, "host"),
            (r#"{"authTimeout":"10s"}"#, "authTimeout"),
            (r#"{"connTimeout":-1}"#, "connTimeout"),
            (r#"{"keepalive":{"interval":1e12}}"#, "keepalive.interval"),
            (
                r#"{"tlsOptions":{"minVersion":"TLSv1"}}"#,
                "tlsOptions.minVersion",
            ),
            (r#"{"localAddress":"nowhere"}"#, "localAddress"),
            (r#"{"limits":5}"#, "limits"),
            (r#"{"limits":{"lineBytes":1000}}"#, "limits.lineBytes"),
            (r#"{"limits":{"literalBytes":1e9}}"#, "limits.literalBytes"),
            (
                r#"{"limits":{"responseBytes":"Infinity"}}"#,
                "limits.responseBytes",
            ),
            (r#"{"limits":{"items":1.5}}"#, "limits.items"),
            (r#"{"limits":{"depth":201}}"#, "limits.depth"),
            (r#"{"reconnect":{"capMs":"soon"}}"#, "reconnect.capMs"),
            (
                r#"{"reconnect":{"loginsPerMinute":-1}}"#,
                "reconnect.loginsPerMinute",
            ),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!(error.option, option);
            assert!(error.message.contains(option), "{}", error.message);
        }
    }

    #[test]
    fn a_misspelt_key_is_answered_with_the_right_one() {
        let error = parse(r#"{"reconnect":{"maxAtempts":3}}"#).unwrap_err();
        assert_eq!(error.option, "reconnect.maxAtempts");
        assert!(error.message.contains("`reconnect.maxAttempts`?"));
    }

    #[test]
    fn a_session_comes_back_only_if_it_is_told_to() {
        assert_eq!(parse("{}").unwrap().reconnect, None);
        let on = parse(r#"{"reconnect":true}"#).unwrap().reconnect;
        assert_eq!(on, Some(Reconnect::default()));
        let some = parse(r#"{"reconnect":{"baseMs":5,"maxAttempts":2}}"#).unwrap();
        let some = some.reconnect.unwrap();
        assert_eq!((some.base.as_millis(), some.max_attempts), (5, Some(2)));
        assert_eq!(some.cap, Reconnect::default().cap);
    }

    #[test]
    fn secrets_cannot_be_printed() {
        let options = parse(r#"{"user":"u","password":"canary","xoauth2":"canary"}"#).unwrap();
        assert!(!format!("{options:?}").contains("canary"));
    }
}
