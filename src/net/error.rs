//! Failed system calls in the words of Node, because programs compare them:
//! `read ECONNRESET`, `connect ECONNREFUSED 127.0.0.1:143`, `getaddrinfo ENOTFOUND host`.

use std::io;
use std::net::{IpAddr, SocketAddr};

use super::errno::{Errno, errno};
use super::{deflate, tls};
use crate::error::{Error, Source, System};

/// The error of a `read` or `write` on a [`Stream`](super::Stream), as Node gives it: `code`,
/// `errno` and `syscall`, and the text `read ECONNRESET`.
///
/// A server may also refuse a client after the handshake (TLS 1.3): that error has the code and
/// text of the alert instead.
pub fn io_error(error: &io::Error, syscall: &'static str) -> Error {
    if let Some(fault) = tls::fault(error).or_else(|| deflate::fault(error)) {
        return fault;
    }
    failed(error, syscall, "", System::default())
}

/// The error of a `write`. A reset is told as a failed `read`: whether a read or a write finds it
/// first is chance, and programs know it by the text `read ECONNRESET` (node-red-node-email).
pub fn write_error(error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::ConnectionReset => io_error(error, "read"),
        _ => io_error(error, "write"),
    }
}

/// `connect ECONNREFUSED 127.0.0.1:143`.
pub(super) fn connect_error(error: &io::Error, peer: SocketAddr) -> Error {
    let (address, port) = (peer.ip().to_string(), peer.port());
    let place = format!(" {address}:{port}");
    let system = System {
        address: Some(address),
        port: Some(port),
        ..System::default()
    };
    let failure = failed(error, "connect", &place, system);
    match error.kind() {
        io::ErrorKind::ConnectionRefused => {
            failure.with_advice("Nothing listens there: check the options `host` and `port`.")
        }
        _ => failure,
    }
}

/// `bind EADDRNOTAVAIL 192.0.2.1`: the option `localAddress` cannot be used.
pub(super) fn bind_error(error: &io::Error, local: IpAddr) -> Error {
    let system = System {
        address: Some(local.to_string()),
        ..System::default()
    };
    failed(error, "bind", &format!(" {local}"), system)
        .with_advice("The option `localAddress` must be an address of this machine.")
}

/// `getaddrinfo ENOTFOUND host`.
pub(super) fn resolve_error(error: Option<&io::Error>, hostname: &str) -> Error {
    let known = error.and_then(|error| errno(error.raw_os_error()?));
    let Errno { name, number } = known.unwrap_or(match error {
        Some(error) if is_temporary(error) => TRY_AGAIN,
        _ => NOT_FOUND,
    });
    let advice = match name == TRY_AGAIN.name {
        true => "There is no answer from DNS: check the network and the option `host`.",
        false => "There is no such name: check the option `host`.",
    };
    let message = format!("getaddrinfo {name} {hostname}");
    let system = System {
        errno: Some(number),
        syscall: Some("getaddrinfo"),
        hostname: Some(hostname.to_owned()),
        ..System::default()
    };
    Error::new(Source::Socket, name, message)
        .with_system(system)
        .with_advice(advice)
}

/// libuv's numbers for the errors of getaddrinfo are the same everywhere.
const NOT_FOUND: Errno = Errno {
    name: "ENOTFOUND",
    number: -3008,
};
const TRY_AGAIN: Errno = Errno {
    name: "EAI_AGAIN",
    number: -3001,
};

/// The standard library keeps only the text of EAI_AGAIN: glibc's, musl's and that of Windows.
fn is_temporary(error: &io::Error) -> bool {
    let text = error.to_string().to_ascii_lowercase();
    ["temporary", "try again"]
        .iter()
        .any(|word| text.contains(word))
}

fn failed(error: &io::Error, syscall: &'static str, place: &str, system: System) -> Error {
    let known = error.raw_os_error().and_then(errno);
    let number = known
        .map(|known| known.number)
        .or(error.raw_os_error().map(|raw| -raw));
    let (name, detail) = match known
        .map(|known| known.name)
        .or_else(|| name_of(error.kind()))
    {
        Some(name) => (name, String::new()),
        None => ("UNKNOWN", format!(": {error}")),
    };
    Error::new(
        Source::Socket,
        name,
        format!("{syscall} {name}{place}{detail}"),
    )
    .with_system(System {
        errno: number,
        syscall: Some(syscall),
        ..system
    })
}

/// The names of errors that the runtime makes itself, without a number of the system.
fn name_of(kind: io::ErrorKind) -> Option<&'static str> {
    Some(match kind {
        io::ErrorKind::BrokenPipe | io::ErrorKind::WriteZero => "EPIPE",
        io::ErrorKind::ConnectionAborted => "ECONNABORTED",
        io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof => "ECONNRESET",
        io::ErrorKind::NotConnected => "ENOTCONN",
        io::ErrorKind::TimedOut => "ETIMEDOUT",
        _ => return None,
    })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn raw(number: i32) -> io::Error {
        io::Error::from_raw_os_error(number)
    }

    #[test]
    fn a_failed_read_is_exactly_that_of_node() {
        let error = io_error(&raw(libc::ECONNRESET), "read");
        assert_eq!(
            (error.message.as_str(), &*error.code),
            ("read ECONNRESET", "ECONNRESET")
        );
        let system = error.system.unwrap();
        assert_eq!(
            (system.errno, system.syscall),
            (Some(-libc::ECONNRESET), Some("read"))
        );
        assert_eq!(error.source, Some(Source::Socket));
    }

    #[test]
    fn an_error_of_the_runtime_has_a_name_too() {
        let error = io_error(&io::ErrorKind::BrokenPipe.into(), "write");
        assert_eq!(error.message, "write EPIPE");
        assert_eq!(error.system.unwrap().errno, None);
    }

    #[test]
    fn an_unknown_error_keeps_its_text() {
        let error = io_error(&io::Error::other("the line is wet"), "read");
        assert_eq!(
            (error.message.as_str(), &*error.code),
            ("read UNKNOWN: the line is wet", "UNKNOWN")
        );
    }

    #[test]
    fn an_address_of_either_family_is_written_as_node_writes_it() {
        let error = connect_error(&raw(libc::EHOSTUNREACH), "[::1]:143".parse().unwrap());
        assert_eq!(error.message, "connect EHOSTUNREACH ::1:143");
        let system = error.system.unwrap();
        assert_eq!(
            (system.address.as_deref(), system.port),
            (Some("::1"), Some(143))
        );
    }

    #[test]
    fn names_that_do_not_resolve_are_told_from_servers_that_do_not_answer() {
        let again = io::Error::other("failed to lookup address information: Temporary failure");
        for (cause, code, number) in [
            (Some(&again), "EAI_AGAIN", -3001),
            (None, "ENOTFOUND", -3008),
        ] {
            let error = resolve_error(cause, "imap.example");
            assert_eq!(error.message, format!("getaddrinfo {code} imap.example"));
            assert!(error.advice.unwrap().contains("the option `host`"));
            let system = error.system.unwrap();
            assert_eq!(system.errno, Some(number));
            assert_eq!(system.hostname.as_deref(), Some("imap.example"));
        }
    }
}
