//! The transport of a connection and the framer on it.

use std::future::poll_fn;
use std::io::ErrorKind;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::task::{coop::unconstrained, yield_now};
use tokio::time::{Instant, timeout};

use crate::chunk::{CHUNK_BYTES, Chunk};
use crate::error::{Error, Source, code};
use crate::net::deflate::Deflated;
use crate::net::error::{io_error, write_error};
use crate::net::{self, Stream};
use crate::options::Options;
use crate::wire::framer::{Frame, Framer, Step};
use crate::wire::limits::Exceeded;
use crate::wire::value::Value;

use super::protocol::Protocol;
use super::timer::{CLOSE_GRACE, LOGOUT_DEADLINE, expire};
use super::{Exit, Farewell};

/// The most bytes taken from the socket at once while logging in, when little is said.
const LOGIN_READ_BYTES: usize = 4 * 1024;
/// A chunk with fewer bytes than this is not kept for bodies in it: its memory would mostly be empty.
const FULL_CHUNK_BYTES: usize = CHUNK_BYTES / 2;
/// How often is read when an answer is overdue.
const MOST_READS: usize = 8;

/// See the module.
pub(super) struct Link {
    /// `None` only while TLS is being put under it.
    stream: Option<Stream>,
    framer: Framer,
    /// How much of the first outgoing piece is written.
    written: usize,
    unflushed: bool,
    is_shut: bool,
    /// A write found the connection reset. What came before can still be read; where that ends,
    /// the system says no more about the reset.
    reset: Option<std::io::Error>,
}

impl Link {
    pub(super) fn new(stream: Stream, options: &Options) -> Link {
        Link {
            stream: Some(stream),
            framer: Framer::new(options.limits),
            written: 0,
            unflushed: false,
            is_shut: false,
            reset: None,
        }
    }

    pub(super) fn is_tls(&self) -> bool {
        self.stream.as_ref().is_some_and(Stream::is_tls)
    }

    /// Whether the transport went away with a handshake that was given up.
    pub(super) fn is_gone(&self) -> bool {
        self.stream.is_none()
    }

    /// Bytes that came and were not looked at yet.
    pub(super) fn unread(&self) -> &[u8] {
        self.framer.unread()
    }

    /// Puts TLS under the connection. Whatever was learned in clear text is forgotten.
    pub(super) async fn upgrade(&mut self, options: &Options) -> Result<(), Exit> {
        let Some(stream) = self.stream.take() else {
            return Err(gone());
        };
        let stream = net::upgrade(stream, options).await.map_err(Exit::Failed)?;
        *self = Link::new(stream, options);
        Ok(())
    }

    /// Compresses what follows in both directions (RFC 4978).
    pub(super) fn compress(&mut self, options: &Options) {
        let unread = self.framer.unread().to_vec();
        if let Some(stream) = self.stream.take() {
            let deflated = Deflated::new(stream, &unread);
            *self = Link::new(Stream::Deflated(Box::new(deflated)), options);
        }
    }

    /// Writes a line while logging in.
    pub(super) async fn write(&mut self, line: &[u8]) -> Result<(), Exit> {
        let stream = self.stream.as_mut().ok_or_else(gone)?;
        let written = async {
            stream.write_all(line).await?;
            stream.flush().await
        };
        written
            .await
            .map_err(|error| Exit::Failed(write_error(&error)))
    }

    /// Listens while logging in, until `take` finds in a response what it is looking for.
    pub(super) async fn listen<T>(
        &mut self,
        protocol: &mut Protocol,
        mut take: impl FnMut(&mut Protocol, &Frame<'_>) -> Option<T>,
    ) -> Result<T, Exit> {
        let mut buffer = vec![0; LOGIN_READ_BYTES];
        let mut input: &[u8] = &[];
        loop {
            match self.framer.next(&mut input).map_err(exceeded)? {
                Step::Response(frame) => {
                    if let Some(found) = take(protocol, &frame) {
                        self.framer.keep(input);
                        return Ok(found);
                    }
                    protocol.sink.flush_news();
                }
                Step::BodyBegin(..) | Step::Body(_) | Step::BodyEnd => {}
                Step::Incomplete => {
                    let read = self.read(&mut buffer, protocol).await?;
                    input = buffer.get(..read).unwrap_or_default();
                    protocol.received(read, Instant::now());
                    if self.framer.is_garbage(input) {
                        return Err(Exit::Failed(not_imap(input)));
                    }
                }
            }
        }
    }

    /// Reads while logging in: something, or the reason why there is nothing more to come.
    async fn read(&mut self, buffer: &mut [u8], protocol: &mut Protocol) -> Result<usize, Exit> {
        // The program hears what there is, also when nothing more comes.
        protocol.show();
        protocol.sink.flush_news();
        let space = protocol.sink.space();
        while protocol.sink.is_full() {
            space.notified().await;
        }
        let stream = self.stream.as_mut().ok_or_else(gone)?;
        let reading = stream.read(buffer);
        let deadline = protocol.deadline();
        let read = match &protocol.bye {
            None => tokio::select! {
                // What has come counts, however late it is looked at.
                biased;
                read = reading => read,
                () = expire(deadline) => {
                    protocol.timeout(Instant::now());
                    return Err(protocol.exit().cloned().unwrap_or_else(gone));
                }
            },
            // Having said BYE, the server closes, or we do.
            Some(_) => {
                let grace = protocol.timeouts.after_bye;
                timeout(grace, reading).await.unwrap_or(Ok(0))
            }
        };
        match (read, &protocol.bye) {
            (Ok(0), None) => Err(Exit::Closed { bye: None }),
            (Ok(0) | Err(_), Some(bye)) => Err(Exit::Failed(refused(bye))),
            (Ok(read), _) => Ok(read),
            (Err(error), None) => Err(Exit::Failed(io_error(&error, "read"))),
        }
    }

    /// Deals with what came together with the last answer of the login.
    pub(super) fn catch_up(&mut self, protocol: &mut Protocol) {
        understand(&mut self.framer, &[], protocol, Instant::now());
    }

    /// Gives back the room that what was read took.
    pub(super) fn shrink(&mut self) {
        self.framer.shrink();
    }

    /// Writes what is to be written, reads what is there and lets the protocol deal with it.
    /// Comes back when something has happened: with true if the server had something to say.
    pub(super) async fn turn(&mut self, protocol: &mut Protocol) -> bool {
        poll_fn(|cx| self.poll_turn(cx, protocol)).await
    }

    /// Reads what has come meanwhile. A clock that is late, because the process or the machine
    /// was, must not kill a connection whose answer is here already. A server that never stops
    /// talking is not listened to for ever.
    pub(super) async fn take_what_is_there(&mut self, protocol: &mut Protocol) {
        // The system is asked what there is to read only between two turns of the runtime.
        yield_now().await;
        for _ in 0..MOST_READS {
            if !protocol.is_overdue(Instant::now()) {
                return;
            }
            let is_more = poll_fn(|cx| {
                let reads = protocol.exit().is_none() && protocol.wants_read();
                Poll::Ready(reads && self.poll_read(cx, protocol).is_ready())
            });
            if !unconstrained(is_more).await {
                return;
            }
        }
    }

    fn poll_turn(&mut self, cx: &mut Context<'_>, protocol: &mut Protocol) -> Poll<bool> {
        let wrote = match self.poll_write(cx, protocol) {
            Poll::Ready(Ok(())) => true,
            Poll::Pending => false,
            Poll::Ready(Err(error)) if error.kind() == ErrorKind::ConnectionReset => {
                self.reset = Some(error);
                false
            }
            Poll::Ready(Err(error)) => {
                // The server may have said why before it closed: what it said counts more.
                if protocol.wants_read() && self.poll_read(cx, protocol).is_ready() {
                    return Poll::Ready(true);
                }
                protocol.broken(write_error(&error));
                return Poll::Ready(false);
            }
        };
        if protocol.wants_read() && self.poll_read(cx, protocol).is_ready() {
            return Poll::Ready(true);
        }
        if wrote {
            Poll::Ready(false)
        } else {
            Poll::Pending
        }
    }

    /// Ready when something was written.
    fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        protocol: &mut Protocol,
    ) -> Poll<std::io::Result<()>> {
        let Some(stream) = self.stream.as_mut().filter(|_| self.reset.is_none()) else {
            return Poll::Pending;
        };
        let mut sent = 0;
        let mut failure = None;
        while let Some(piece) = protocol.outgoing().front() {
            let rest = piece.get(self.written..).unwrap_or_default();
            if rest.is_empty() {
                self.written = 0;
                protocol.outgoing().pop_front();
                continue;
            }
            match Pin::new(&mut *stream).poll_write(cx, rest) {
                Poll::Ready(Ok(count)) if count > 0 => {
                    self.written += count;
                    self.unflushed = true;
                    sent += count;
                }
                Poll::Ready(Ok(_)) => failure = Some(ErrorKind::WriteZero.into()),
                Poll::Ready(Err(error)) => failure = Some(error),
                Poll::Pending => break,
            }
            if failure.is_some() {
                break;
            }
        }
        let mut progress = sent > 0;
        if progress {
            protocol.wrote(sent, Instant::now());
        }
        if let Some(failure) = failure {
            return Poll::Ready(Err(failure));
        }
        if self.unflushed && Pin::new(&mut *stream).poll_flush(cx)?.is_ready() {
            self.unflushed = false;
        }
        let is_drained = protocol.outgoing().is_empty() && !self.unflushed;
        if protocol.is_closing() && is_drained && !self.is_shut {
            // An error here only says that the server was faster.
            let _ = ready!(Pin::new(stream).poll_shutdown(cx));
            self.is_shut = true;
            progress = true;
        }
        if progress {
            Poll::Ready(Ok(()))
        } else {
            Poll::Pending
        }
    }

    /// Ready when something was read, or cannot be any more.
    fn poll_read(&mut self, cx: &mut Context<'_>, protocol: &mut Protocol) -> Poll<()> {
        let Some(stream) = self.stream.as_mut() else {
            return Poll::Pending;
        };
        let mut chunk = Chunk::new();
        let end = match poll_fill(stream, cx, &mut chunk) {
            Poll::Pending if !self.framer.is_waiting() => return Poll::Pending,
            Poll::Pending => None,
            Poll::Ready(end) => end,
        };
        // Where a chunk was full there is more, for all that is known.
        self.framer.expect_more(chunk.len() == CHUNK_BYTES);
        self.read_chunk(chunk, protocol, Instant::now());
        match end {
            None => {}
            Some(Ok(())) => end_of_stream(&mut self.reset, protocol),
            Some(Err(error)) => protocol.broken(io_error(&error, "read")),
        }
        Poll::Ready(())
    }

    /// Deals with what was read. Bodies stay where they are if most of the chunk is used.
    fn read_chunk(&mut self, chunk: Chunk, protocol: &mut Protocol, now: Instant) {
        if chunk.is_empty() {
            return cut(&mut self.framer, &[], protocol, now);
        }
        if chunk.len() < FULL_CHUNK_BYTES {
            return understand(&mut self.framer, &chunk, protocol, now);
        }
        let chunk = Arc::new(chunk);
        protocol.sink.within(Some(&chunk));
        understand(&mut self.framer, &chunk, protocol, now);
        protocol.sink.within(None);
    }

    /// Ends the transport with LOGOUT, within [`LOGOUT_DEADLINE`].
    pub(super) fn log_out(mut self, tag: &str) -> impl Future<Output = ()> + Send + use<> {
        let line = format!("{tag} LOGOUT\r\n");
        let stream = self.stream.take();
        async move {
            let Some(mut stream) = stream else {
                return;
            };
            let conversation = async {
                stream.write_all(line.as_bytes()).await?;
                stream.flush().await?;
                let mut rest = [0; 512];
                while stream.read(&mut rest).await? > 0 {}
                stream.shutdown().await
            };
            // Whatever the server does, it is left.
            let _ = timeout(LOGOUT_DEADLINE, conversation).await;
        }
    }

    /// Ends the transport: politely within [`CLOSE_GRACE`], or with a reset.
    pub(super) async fn close(mut self, exit: &Exit) {
        let Some(mut stream) = self.stream.take() else {
            return;
        };
        match exit {
            Exit::Failed(error) if error.code == code::DEADLINE => stream.abort(),
            _ if self.is_shut => {}
            _ => {
                let shutdown = stream.shutdown();
                let _ = timeout(CLOSE_GRACE, shutdown).await;
            }
        }
    }
}

/// Reads what is there, up to a full chunk. Ready when something was read, or nothing can be any more;
/// then with the reason.
fn poll_fill(
    stream: &mut Stream,
    cx: &mut Context<'_>,
    chunk: &mut Chunk,
) -> Poll<Option<std::io::Result<()>>> {
    while chunk.len() < CHUNK_BYTES {
        let left = CHUNK_BYTES - chunk.len();
        let mut rest = (&mut *stream).take(left as u64);
        match pin!(rest.read_buf(&mut **chunk)).poll(cx) {
            Poll::Pending if chunk.is_empty() => return Poll::Pending,
            Poll::Pending => break,
            Poll::Ready(Ok(0)) => return Poll::Ready(Some(Ok(()))),
            Poll::Ready(Ok(_)) => {}
            Poll::Ready(Err(error)) => return Poll::Ready(Some(Err(error))),
        }
    }
    Poll::Ready(None)
}

/// Bytes have come: cuts them into responses and lets the protocol deal with them.
pub(super) fn understand(framer: &mut Framer, input: &[u8], protocol: &mut Protocol, now: Instant) {
    protocol.received(input.len(), now);
    cut(framer, input, protocol, now);
}

fn cut(framer: &mut Framer, mut input: &[u8], protocol: &mut Protocol, now: Instant) {
    while protocol.exit().is_none() {
        match framer.next(&mut input) {
            Ok(Step::Incomplete) => return,
            Ok(Step::Response(frame)) => protocol.response(&frame, now),
            Ok(Step::BodyBegin(frame, size)) => protocol.body_begin(&frame, size),
            Ok(Step::Body(octets)) => protocol.body_octets(octets),
            Ok(Step::BodyEnd) => protocol.body_end(),
            Err(exceeded) => protocol.broken(exceeded.into()),
        }
    }
}

/// Nothing more comes.
fn end_of_stream(reset: &mut Option<std::io::Error>, protocol: &mut Protocol) {
    match reset.take() {
        Some(error) => protocol.broken(write_error(&error)),
        None => protocol.end_of_stream(),
    }
}

/// The server said BYE before it let us in. Without an error nobody would know why `ready` does
/// not come (contract Q-50).
pub(super) fn refused(bye: &Farewell) -> Error {
    let message = format!("The server refused the connection: {}", bye.text);
    let mut error = Error::new(Source::Protocol, code::GREETING, message);
    error.text_code = bye.code.clone().map(Value::Text);
    error
}

/// The first thing the server said is not IMAP.
pub(super) fn not_imap(bytes: &[u8]) -> Error {
    const SHOWN: usize = 60;
    let line = bytes
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let shown = line.get(..SHOWN.min(line.len())).unwrap_or_default();
    let message = format!(
        "The server does not speak IMAP: it began with '{}'",
        shown.trim_ascii_end().escape_ascii()
    );
    Error::new(Source::Protocol, code::NOT_IMAP, message)
        .with_advice("Check the options `host`, `port` and `tls`.")
}

fn exceeded(exceeded: Exceeded) -> Exit {
    Exit::Failed(exceeded.into())
}

/// The transport went away with a handshake that was given up.
fn gone() -> Exit {
    Exit::Closed { bye: None }
}

#[cfg(test)]
mod tests {
    use tokio::net::{TcpListener, TcpStream};

    use super::*;
    use crate::connection::legacy::Legacy;
    use crate::options::Options;
    use crate::testing::Program;

    #[tokio::test]
    async fn a_reset_that_a_write_finds_first_is_told_as_a_read_finds_it() {
        for last_words in ["", "* OK [ALERT] I restart\r\n"] {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let (ours, theirs) = tokio::join!(TcpStream::connect(address), listener.accept());
            let mut theirs = Stream::Plain(theirs.unwrap().0);
            theirs.write_all(last_words.as_bytes()).await.unwrap();
            theirs.abort();

            let options = Options::from_json("{}").unwrap();
            let (program, _controls) = Program::new(true);
            let legacy = Legacy::new(Box::new(program.clone()));
            let mut protocol = Protocol::new(&options, legacy, Instant::now());
            protocol.outgoing().push_back(b"IDLE IDLE\r\n".to_vec());
            let mut link = Link::new(Stream::Plain(ours.unwrap()), &options);
            while protocol.exit().is_none() {
                link.turn(&mut protocol).await;
            }
            let Some(Exit::Failed(error)) = protocol.exit() else {
                panic!("{last_words}: {:?}", protocol.exit());
            };
            assert_eq!(error.message, "read ECONNRESET", "{last_words}");
            assert_eq!(program.saw("Alert"), !last_words.is_empty());
        }
    }

    #[tokio::test]
    async fn what_was_written_before_a_write_that_fails_was_written() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (ours, theirs) = tokio::join!(TcpStream::connect(address), listener.accept());
        // It answers the first piece with a reset, which the second one meets.
        drop(theirs);
        let options = Options::from_json("{}").unwrap();
        let (program, _controls) = Program::new(true);
        let legacy = Legacy::new(Box::new(program));
        let mut protocol = Protocol::new(&options, legacy, Instant::now());
        let first = b"A1 UID COPY 1 x\r\n";
        protocol.outgoing().push_back(first.to_vec());
        protocol.outgoing().push_back(b"A2 NOOP\r\n".to_vec());
        let mut link = Link::new(Stream::Plain(ours.unwrap()), &options);
        while protocol.exit().is_none() {
            link.turn(&mut protocol).await;
        }
        assert!(protocol.is_written(first.len() as u64));
    }
}
