//! TLS with rustls, and errors with the codes and texts of Node.
//!
//! Whom to trust: `tlsOptions.ca`, else the roots that [`trust_roots`] was given for the process.
//! Configurations are kept for the next connection with the same options, and the session tickets
//! with them, so that a reconnect resumes (RFC 8446 section 2.2).

mod configuration;
mod fault;
mod refusal;
mod stream;
#[cfg(test)]
mod tests;
mod verifier;

use std::io;

use tokio::net::TcpStream;
use tokio_rustls::rustls::pki_types::ServerName;

use super::error::io_error;
use crate::error::{Error, Source, System, Tls};
use crate::options::Options;
pub use configuration::trust_roots;
pub(super) use fault::fault;
pub use stream::TlsStream;

/// Does the TLS handshake on a connected socket.
///
/// The certificate must be valid for [`Options::server_name`], which is also what SNI carries,
/// unless it is an IP address: then the certificate must have that address, and there is no SNI
/// (RFC 6066 section 3).
///
/// # Errors
///
/// Those of Node, with Node's text. A certificate that is refused:
/// `DEPTH_ZERO_SELF_SIGNED_CERT`, `SELF_SIGNED_CERT_IN_CHAIN`, `UNABLE_TO_VERIFY_LEAF_SIGNATURE`,
/// `UNABLE_TO_GET_ISSUER_CERT_LOCALLY`, `CERT_HAS_EXPIRED`, `CERT_NOT_YET_VALID`,
/// `ERR_TLS_CERT_ALTNAME_INVALID`. A peer that speaks no TLS: `ERR_SSL_WRONG_VERSION_NUMBER`; one
/// that goes away: `ECONNRESET`; one that says why it refuses: `ERR_SSL_` and the alert's name.
/// `tlsOptions` that cannot be used: an error that names the option.
pub async fn handshake(stream: TcpStream, options: &Options) -> Result<TlsStream, Error> {
    let configuration = configuration::of(&options.tls_options)?;
    let name = server_name(options)?;
    TlsStream::connect(configuration, name, stream)
        .await
        .map_err(|error| handshake_error(&error, options))
}

fn server_name(options: &Options) -> Result<ServerName<'static>, Error> {
    let name = options.server_name();
    ServerName::try_from(name.to_owned()).map_err(|_| {
        let option = match options.tls_options.servername {
            Some(_) => "tlsOptions.servername",
            None => "host",
        };
        let expected = "expected a host name in ASCII, e.g. 'imap.example.com', or an IP address";
        let message = format!("The option `{option}` is '{name}'; {expected}");
        Error::new(Source::Socket, "ERR_INVALID_ARG_VALUE", message)
    })
}

fn handshake_error(error: &io::Error, options: &Options) -> Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => disconnected(options),
        io::ErrorKind::BrokenPipe => io_error(error, "write"),
        _ => io_error(error, "read"),
    }
}

/// The peer said FIN where its part of the handshake was due.
fn disconnected(options: &Options) -> Error {
    let message = "Client network socket disconnected before secure TLS connection was established";
    Error::new(Source::Socket, "ECONNRESET", message)
        .with_system(System {
            port: Some(options.port),
            ..System::default()
        })
        .with_tls(Tls {
            host: Some(options.host.clone()),
            ..Tls::default()
        })
        .with_advice("Check that `port` is one where the server speaks TLS.")
}
