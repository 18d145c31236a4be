//! TCP and TLS: bytes to and from one server. Knows nothing of IMAP beyond that.
//!
//! * [`tcp`]: names and socket options; `race.rs` and `address.rs`: which address is taken (RFC
//!   8305).
//! * [`tls`]: the handshake, whom to trust, and what to say when it fails.
//! * `deflate.rs`: compression.
//! * [`error`]: failed system calls in the words of Node.
//!
//! A [`Stream`] is one connection, plain or encrypted. Nothing here has a deadline of its own:
//! dropping a future gives its socket up.

mod address;
pub mod deflate;
mod errno;
pub mod error;
mod race;
pub mod tcp;
pub mod tls;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};
use tokio::net::TcpStream;

use crate::error::{Error, Source, code};
use crate::options::Options;

use deflate::Deflated;
use tls::TlsStream;

/// A connection to a server.
///
/// Reading gives 0 bytes once the server has ended the connection, whether or not a TLS server said
/// `close_notify` first: IMAP says itself where its responses end (contract Q-04).
/// Writing to TLS is complete only after a flush.
#[derive(Debug)]
pub enum Stream {
    /// TCP alone.
    Plain(TcpStream),
    /// TLS over TCP.
    Tls(Box<TlsStream>),
    /// Either, compressed.
    Deflated(Box<Deflated>),
    /// A peer in the same process: see [`Dialer`].
    Memory(DuplexStream),
}

/// Connects to `options.host`, with TLS from the first byte if `options.tls` is set.
///
/// # Errors
///
/// Those of [`tcp::connect`] and [`tls::handshake`].
pub async fn connect(options: &Options) -> Result<Stream, Error> {
    if let Some(dialer) = &options.dialer {
        return dialer.dial();
    }
    let stream = Stream::Plain(tcp::connect(options).await?);
    match options.tls {
        true => upgrade(stream, options).await,
        false => Ok(stream),
    }
}

/// Starts TLS on a plain connection, as after the OK to STARTTLS (RFC 3501 section 6.2.1).
///
/// The caller must have read everything that came in plain text: what follows is TLS.
///
/// # Errors
///
/// Those of [`tls::handshake`]; and a connection that has TLS already is a fault of ours.
pub async fn upgrade(stream: Stream, options: &Options) -> Result<Stream, Error> {
    match stream {
        Stream::Plain(stream) => {
            let stream = tls::handshake(stream, options).await?;
            Ok(Stream::Tls(Box::new(stream)))
        }
        _ => Err(Error::new(
            Source::Socket,
            code::INTERNAL,
            "TLS was to be started twice on one connection; please report this",
        )),
    }
}

/// Makes connections to a peer in the same process instead of the network: for tests and
/// simulations, which stop the clock. JavaScript cannot ask for it.
#[derive(Clone)]
pub struct Dialer(pub Arc<dyn Fn() -> Result<Stream, Error> + Send + Sync>);

impl Dialer {
    fn dial(&self) -> Result<Stream, Error> {
        (self.0)()
    }
}

impl fmt::Debug for Dialer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Dialer")
    }
}

impl Stream {
    /// Whether the bytes are encrypted.
    pub fn is_tls(&self) -> bool {
        match self {
            Stream::Tls(_) => true,
            Stream::Deflated(deflated) => deflated.stream().is_tls(),
            _ => false,
        }
    }

    /// The server's address; `None` once the connection is broken.
    pub fn peer_address(&self) -> Option<SocketAddr> {
        self.socket()?.peer_addr().ok()
    }

    /// Ends the connection at once with RST: nothing that is queued is sent, and the server learns
    /// that this was not an orderly end.
    pub fn abort(self) {
        if let Some(socket) = self.socket() {
            // Where the option cannot be set, dropping the socket ends the connection all the same.
            let _ = SockRef::from(socket).set_linger(Some(Duration::ZERO));
        }
    }

    fn socket(&self) -> Option<&TcpStream> {
        match self {
            Stream::Plain(stream) => Some(stream),
            Stream::Tls(stream) => Some(stream.socket()),
            Stream::Deflated(deflated) => deflated.stream().socket(),
            Stream::Memory(_) => None,
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Stream::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
            Stream::Deflated(stream) => Pin::new(stream).poll_read(context, buffer),
            Stream::Memory(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Stream::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
            Stream::Deflated(stream) => Pin::new(stream).poll_write(context, bytes),
            Stream::Memory(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(context),
            Stream::Tls(stream) => Pin::new(stream).poll_flush(context),
            Stream::Deflated(stream) => Pin::new(stream).poll_flush(context),
            Stream::Memory(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Stream::Tls(stream) => Pin::new(stream).poll_shutdown(context),
            Stream::Deflated(stream) => Pin::new(stream).poll_shutdown(context),
            Stream::Memory(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
