//! TLS over TCP that keeps no buffers while nothing is on its way.
//!
//! rustls' own buffered connection keeps 4 KB for as long as it lives, which is a quarter of an
//! idle session, and asks the system for no more than that at once. Here all connections of a
//! thread read into one large buffer, where records are decrypted in place; a connection keeps only
//! the beginning of a record whose end has not come yet, and what could not be handed over or
//! written.

use std::cell::RefCell;
use std::fmt;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::rustls::client::UnbufferedClientConnection;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::unbuffered::{
    ConnectionState, EncodeError, EncryptError, InsufficientSizeError,
};
use tokio_rustls::rustls::{ClientConfig, Error as TlsError};

/// The most bytes taken from the socket at once. The longest message of a handshake fits.
const READ_BYTES: usize = 128 * 1024;
/// The most bytes that are encrypted at once.
const WRITE_BYTES: usize = 64 * 1024;
/// The most bytes of a record, and by how much it is longer than what is in it at the most.
const RECORD_BYTES: usize = 16 * 1024;
const RECORD_OVERHEAD: usize = 64;

thread_local! {
    /// What is read is used up before anything else happens on the thread.
    static READ_BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; READ_BYTES]);
}

/// See the module.
///
/// Reading gives 0 bytes once the server has ended the connection, with `close_notify` or without.
/// Writing is complete only after a flush.
pub struct TlsStream {
    tcp: TcpStream,
    tls: UnbufferedClientConnection,
    /// The beginning of a record.
    incoming: Vec<u8>,
    plain: Plain,
    /// What is encrypted and not written.
    outgoing: Vec<u8>,
    /// Why nothing more can be read, once all that came before is handed over.
    fault: Option<TlsError>,
    has_ended: bool,
    is_shut: bool,
}

/// What is decrypted and nobody has taken.
#[derive(Default)]
struct Plain {
    bytes: Vec<u8>,
    taken: usize,
}

impl TlsStream {
    /// Does the handshake of a client.
    ///
    /// # Errors
    ///
    /// Those of the socket; of kind `UnexpectedEof` when the server goes away, and of kind
    /// `InvalidData` with the error of rustls in it when the two do not get together.
    pub(super) async fn connect(
        configuration: Arc<ClientConfig>,
        name: ServerName<'static>,
        tcp: TcpStream,
    ) -> io::Result<TlsStream> {
        let tls = UnbufferedClientConnection::new(configuration, name).map_err(invalid)?;
        let mut stream = TlsStream {
            tcp,
            tls,
            incoming: Vec::new(),
            plain: Plain::default(),
            outgoing: Vec::new(),
            fault: None,
            has_ended: false,
            is_shut: false,
        };
        stream.process(&mut [], &mut ReadBuf::new(&mut []));
        poll_fn(|context| stream.poll_handshake(context)).await?;
        Ok(stream)
    }

    /// The socket under it.
    pub(in crate::net) fn socket(&self) -> &TcpStream {
        &self.tcp
    }

    /// What its buffers take.
    #[cfg(test)]
    pub(super) fn buffer_bytes(&self) -> usize {
        self.incoming.capacity() + self.plain.bytes.capacity() + self.outgoing.capacity()
    }

    fn poll_handshake(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            // An alert says why, and is no more than an attempt.
            let written = self.poll_write_out(context);
            if let Some(fault) = self.fault.take() {
                return Poll::Ready(Err(invalid(fault)));
            }
            ready!(written)?;
            if !self.tls.is_handshaking() {
                return Poll::Ready(Ok(()));
            }
            if self.has_ended {
                let error = io::Error::new(io::ErrorKind::UnexpectedEof, "TLS handshake EOF");
                return Poll::Ready(Err(error));
            }
            // What comes with the end of the handshake is kept.
            ready!(self.poll_read_in(context, &mut ReadBuf::new(&mut [])))?;
        }
    }

    /// Reads once, and deals with what came: what the server said goes to `output`, and what does
    /// not fit there is kept.
    fn poll_read_in(
        &mut self,
        context: &mut Context<'_>,
        output: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        READ_BUFFER.with_borrow_mut(|buffer| {
            let kept = self.incoming.len();
            let room = buffer.split_at_mut_checked(kept);
            let Some((beginning, free)) = room.filter(|(_, free)| !free.is_empty()) else {
                let error = TlsError::General("a message is too long".to_owned());
                return Poll::Ready(Err(invalid(error)));
            };
            beginning.copy_from_slice(&self.incoming);
            let mut free = ReadBuf::new(free);
            ready!(Pin::new(&mut self.tcp).poll_read(context, &mut free))?;
            let read = free.filled().len();
            if read == 0 {
                self.has_ended = true;
                return Poll::Ready(Ok(()));
            }
            let input = buffer.get_mut(..kept + read).unwrap_or_default();
            let used = self.process(input, output);
            self.incoming = input.get(used..).unwrap_or_default().to_vec();
            Poll::Ready(Ok(()))
        })
    }

    /// Deals with all records that are whole. Gives how many bytes of `input` are done with.
    fn process(&mut self, input: &mut [u8], output: &mut ReadBuf<'_>) -> usize {
        let mut used = 0;
        // After a fault there is only the alert that tells the server.
        while self.fault.is_none() || self.tls.wants_write() {
            let rest = input.get_mut(used..).unwrap_or_default();
            let status = self.tls.process_tls_records(rest);
            used += status.discard;
            match status.state {
                Ok(ConnectionState::ReadTraffic(mut traffic)) => {
                    while let Some(Ok(record)) = traffic.next_record() {
                        used += record.discard;
                        self.plain.give(record.payload, output);
                    }
                }
                Ok(ConnectionState::EncodeTlsData(mut message)) => {
                    append(&mut self.outgoing, 0, |free| {
                        message.encode(free).map_err(missing_to_encode)
                    });
                }
                Ok(ConnectionState::TransmitTlsData(message)) => message.done(),
                Ok(ConnectionState::PeerClosed) => self.has_ended = true,
                Ok(_) => break,
                Err(error) => self.fault = Some(error),
            }
        }
        used
    }

    /// Encrypts, or says that nothing more is to be.
    fn encrypt(&mut self, what: &Outgoing<'_>) -> io::Result<()> {
        // Whatever is before it is dealt with until it is its turn.
        let mut incoming = std::mem::take(&mut self.incoming);
        let used = self.process(&mut incoming, &mut ReadBuf::new(&mut []));
        incoming.drain(..used.min(incoming.len()));
        if let Some(fault) = &self.fault {
            return Err(invalid(fault.clone()));
        }
        let encrypted = match self.tls.process_tls_records(&mut incoming).state {
            Ok(ConnectionState::WriteTraffic(mut traffic)) => {
                append(&mut self.outgoing, what.size(), |free| {
                    match what {
                        Outgoing::Data(data) => traffic.encrypt(data, free),
                        Outgoing::CloseNotify => traffic.queue_close_notify(free),
                    }
                    .map_err(missing_to_encrypt)
                })
            }
            _ => false,
        };
        self.incoming = incoming;
        match encrypted {
            true => Ok(()),
            false => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    /// Writes what is encrypted.
    fn poll_write_out(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut written = 0;
        let outcome = loop {
            let rest = self.outgoing.get(written..).unwrap_or_default();
            if rest.is_empty() {
                self.outgoing = Vec::new();
                return Poll::Ready(Ok(()));
            }
            match Pin::new(&mut self.tcp).poll_write(context, rest) {
                Poll::Ready(Ok(0)) => break Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(count)) => written += count,
                Poll::Ready(Err(error)) => break Poll::Ready(Err(error)),
                Poll::Pending => break Poll::Pending,
            }
        };
        self.outgoing.drain(..written);
        outcome
    }
}

impl AsyncRead for TlsStream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        output: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let stream = self.get_mut();
        let before = output.filled().len();
        stream.plain.take(output);
        while output.filled().len() == before && output.remaining() > 0 {
            if let Some(fault) = &stream.fault {
                return Poll::Ready(Err(invalid(fault.clone())));
            }
            if stream.has_ended {
                break;
            }
            ready!(stream.poll_read_in(context, output))?;
            // What the server asked of us meanwhile; the next write or flush tells if that fails.
            let _ = stream.poll_write_out(context);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for TlsStream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        data: &[u8],
    ) -> Poll<io::Result<usize>> {
        let stream = self.get_mut();
        ready!(stream.poll_write_out(context))?;
        let (now, _) = data.split_at(data.len().min(WRITE_BYTES));
        stream.encrypt(&Outgoing::Data(now))?;
        match stream.poll_write_out(context) {
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            _ => Poll::Ready(Ok(now.len())),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let stream = self.get_mut();
        ready!(stream.poll_write_out(context))?;
        Pin::new(&mut stream.tcp).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let stream = self.get_mut();
        if !std::mem::replace(&mut stream.is_shut, true) {
            // A connection that is broken ends without it.
            let _ = stream.encrypt(&Outgoing::CloseNotify);
        }
        ready!(stream.poll_write_out(context))?;
        Pin::new(&mut stream.tcp).poll_shutdown(context)
    }
}

impl Plain {
    /// Hands bytes over, behind those that wait already.
    fn give(&mut self, bytes: &[u8], output: &mut ReadBuf<'_>) {
        let fits = match self.bytes.is_empty() {
            true => bytes.len().min(output.remaining()),
            false => 0,
        };
        let (now, later) = bytes.split_at(fits);
        output.put_slice(now);
        self.bytes.extend_from_slice(later);
    }

    /// Hands over what waits.
    fn take(&mut self, output: &mut ReadBuf<'_>) {
        let waiting = self.bytes.get(self.taken..).unwrap_or_default();
        let (now, later) = waiting.split_at(waiting.len().min(output.remaining()));
        output.put_slice(now);
        match later.is_empty() {
            true => *self = Plain::default(),
            false => self.taken += now.len(),
        }
    }
}

/// What is to be encrypted.
enum Outgoing<'a> {
    Data(&'a [u8]),
    CloseNotify,
}

impl Outgoing<'_> {
    /// How much room it takes when it is encrypted, more or less.
    fn size(&self) -> usize {
        let data = match self {
            Outgoing::Data(data) => data.len(),
            Outgoing::CloseNotify => 0,
        };
        data + (data / RECORD_BYTES + 1) * RECORD_OVERHEAD
    }
}

/// Lets `write` write behind what is there, into as much room as it says that it needs. False if it
/// does not want to.
fn append(
    bytes: &mut Vec<u8>,
    mut room: usize,
    mut write: impl FnMut(&mut [u8]) -> Result<usize, Option<usize>>,
) -> bool {
    let end = bytes.len();
    loop {
        bytes.resize(end + room, 0);
        match write(bytes.get_mut(end..).unwrap_or_default()) {
            Ok(written) => {
                bytes.truncate(end + written);
                return true;
            }
            Err(Some(needed)) if needed > room => room = needed,
            Err(_) => {
                bytes.truncate(end);
                return false;
            }
        }
    }
}

/// How much room is needed, if that is what is missing.
fn missing_to_encode(error: EncodeError) -> Option<usize> {
    match error {
        EncodeError::InsufficientSize(InsufficientSizeError { required_size }) => {
            Some(required_size)
        }
        EncodeError::AlreadyEncoded => None,
    }
}

fn missing_to_encrypt(error: EncryptError) -> Option<usize> {
    match error {
        EncryptError::InsufficientSize(InsufficientSizeError { required_size }) => {
            Some(required_size)
        }
        EncryptError::EncryptExhausted => None,
    }
}

fn invalid(error: TlsError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

impl fmt::Debug for TlsStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsStream")
            .field("tcp", &self.tcp)
            .finish_non_exhaustive()
    }
}
