//! COMPRESS=DEFLATE (RFC 4978): raw DEFLATE (RFC 1951) in both directions, inside of TLS.
//!
//! What was inflated is never kept: the reader's buffer is filled, and what does not fit stays
//! compressed. So a server that makes much of little (up to 1032 bytes of one) costs no memory,
//! and one that does nothing else is left.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::error::{Error, Source, code};

use super::Stream;

/// The most compressed bytes that are read at once.
const READ_BYTES: usize = 16 * 1024;
/// The most compressed bytes that wait to be written.
const WRITE_BYTES: usize = 64 * 1024;
/// What is inflated is counted in stretches of so many bytes.
const STRETCH_BYTES: u64 = 16 * 1024 * 1024;
/// A stretch that was made of less than one in so many bytes is no mail.
const MAX_RATIO: u64 = 200;

/// See the module.
#[derive(Debug)]
pub struct Deflated {
    stream: Stream,
    inflate: Decompress,
    deflate: Compress,
    /// What was read and is not inflated, from `start` on.
    input: Vec<u8>,
    start: usize,
    /// What was deflated and is not written, from `written` on.
    output: Vec<u8>,
    written: usize,
    /// Whether the compressor holds bytes back.
    is_holding: bool,
    /// How many bytes had come in and out of the inflater when the present stretch began.
    stretch: (u64, u64),
    is_over: bool,
}

/// Why nothing more can be inflated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Garbage,
    Bomb,
}

impl Deflated {
    /// Compresses what goes over a stream from here on. `unread` came already, and is compressed.
    pub fn new(stream: Stream, unread: &[u8]) -> Deflated {
        Deflated {
            stream,
            inflate: Decompress::new(false),
            deflate: Compress::new(Compression::default(), false),
            input: unread.to_vec(),
            start: 0,
            output: Vec::new(),
            written: 0,
            is_holding: false,
            stretch: (0, 0),
            is_over: false,
        }
    }

    /// The stream that the compressed bytes go over.
    pub fn stream(&self) -> &Stream {
        &self.stream
    }

    /// Inflates into the buffer. False if there is too little to inflate anything.
    fn fill(&mut self, buffer: &mut ReadBuf<'_>) -> Result<bool, Fault> {
        let input = self.input.get(self.start..).unwrap_or_default();
        let (read, made) = (self.inflate.total_in(), self.inflate.total_out());
        let space = buffer.initialize_unfilled();
        let status = self.inflate.decompress(input, space, FlushDecompress::None);
        let status = status.map_err(|_| Fault::Garbage)?;
        self.start += (self.inflate.total_in() - read) as usize;
        let made = (self.inflate.total_out() - made) as usize;
        buffer.advance(made);
        self.is_over |= status == Status::StreamEnd;
        self.weigh()?;
        Ok(made > 0)
    }

    fn weigh(&mut self) -> Result<(), Fault> {
        let (read, made) = (self.inflate.total_in(), self.inflate.total_out());
        let (read_before, made_before) = self.stretch;
        if made - made_before < STRETCH_BYTES {
            return Ok(());
        }
        self.stretch = (read, made);
        match (read - read_before).saturating_mul(MAX_RATIO) < made - made_before {
            true => Err(Fault::Bomb),
            false => Ok(()),
        }
    }

    /// Reads more to inflate. Gives how much.
    fn poll_more(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        self.input.resize(READ_BYTES, 0);
        self.start = 0;
        let mut buffer = ReadBuf::new(&mut self.input);
        let outcome = Pin::new(&mut self.stream).poll_read(context, &mut buffer);
        let read = match outcome {
            Poll::Ready(Ok(())) => buffer.filled().len(),
            _ => 0,
        };
        self.input.truncate(read);
        ready!(outcome)?;
        Poll::Ready(Ok(read))
    }

    /// Writes what is deflated.
    fn poll_output(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(rest) = self
            .output
            .get(self.written..)
            .filter(|rest| !rest.is_empty())
        {
            match ready!(Pin::new(&mut self.stream).poll_write(context, rest))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                count => self.written += count,
            }
        }
        self.output.clear();
        self.written = 0;
        Poll::Ready(Ok(()))
    }

    /// Deflates some of the bytes; gives how many.
    fn press(&mut self, bytes: &[u8], flush: FlushCompress) -> io::Result<usize> {
        let before = self.deflate.total_in();
        self.output.reserve(READ_BYTES);
        let status = self.deflate.compress_vec(bytes, &mut self.output, flush);
        status.map_err(io::Error::other)?;
        Ok((self.deflate.total_in() - before) as usize)
    }
}

impl AsyncRead for Deflated {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        loop {
            if this.is_over || buffer.remaining() == 0 {
                return Poll::Ready(Ok(()));
            }
            if this.fill(buffer).map_err(Fault::into_io)? || this.is_over {
                return Poll::Ready(Ok(()));
            }
            if ready!(this.poll_more(context))? == 0 {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl AsyncWrite for Deflated {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        loop {
            if this.output.len() >= WRITE_BYTES {
                ready!(this.poll_output(context))?;
            }
            let taken = this.press(bytes, FlushCompress::None)?;
            this.is_holding = true;
            // The compressor takes nothing as long as it has more to give than there was room for.
            if taken > 0 || bytes.is_empty() {
                return Poll::Ready(Ok(taken));
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        while this.is_holding {
            this.press(&[], FlushCompress::Sync)?;
            // A buffer that was filled to its end may not have had room for all.
            this.is_holding = this.output.len() == this.output.capacity();
        }
        ready!(this.poll_output(context))?;
        Pin::new(&mut this.stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(Pin::new(&mut *this).poll_flush(context))?;
        Pin::new(&mut this.stream).poll_shutdown(context)
    }
}

/// What the inflater found, if this is its error.
pub(super) fn fault(error: &io::Error) -> Option<Error> {
    let fault = error.get_ref()?.downcast_ref::<Fault>()?;
    let code = match fault {
        Fault::Garbage => code::COMPRESSION,
        Fault::Bomb => code::LIMIT,
    };
    Some(Error::new(Source::Protocol, code, fault.to_string()))
}

impl Fault {
    fn into_io(self) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidData, self)
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Fault::Garbage => f.write_str("What the server sent after COMPRESS is not compressed"),
            Fault::Bomb => write!(
                f,
                "The server sent more than {MAX_RATIO} times of what came in after COMPRESS; \
                 nothing that is mail does"
            ),
        }
    }
}

impl std::error::Error for Fault {}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    fn pair() -> (Deflated, Deflated) {
        let (ours, theirs) = duplex(1000);
        (
            Deflated::new(Stream::Memory(ours), b""),
            Deflated::new(Stream::Memory(theirs), b""),
        )
    }

    /// Bytes below a bound, by xorshift.
    fn noise(length: usize, bound: u64) -> Vec<u8> {
        let mut state = 88_172_645_463_325_252_u64;
        let next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state % bound) as u8
        };
        std::iter::repeat_with(next).take(length).collect()
    }

    #[tokio::test]
    async fn what_is_flushed_arrives_whole_and_in_order() {
        let (mut ours, mut theirs) = pair();
        let text: Vec<u8> = (0..300_000_u32)
            .flat_map(|n| n.wrapping_mul(n).to_le_bytes())
            .collect();
        let sent = text.clone();
        let writing = tokio::spawn(async move {
            for piece in sent.chunks(7919) {
                ours.write_all(piece).await.unwrap();
                ours.flush().await.unwrap();
            }
            ours
        });
        let mut came = vec![0; text.len()];
        theirs.read_exact(&mut came).await.unwrap();
        assert!(came == text);
        let mut ours = writing.await.unwrap();
        theirs.write_all(b"A1 OK done\r\n").await.unwrap();
        theirs.flush().await.unwrap();
        let mut line = [0; 12];
        ours.read_exact(&mut line).await.unwrap();
        assert_eq!(&line, b"A1 OK done\r\n");
    }

    #[tokio::test]
    async fn much_at_once_arrives_whole() {
        // What cannot be compressed, and what can be a little.
        for alphabet in [256, 64] {
            let (mut ours, mut theirs) = pair();
            let text = noise(1_000_000, alphabet);
            let sent = text.clone();
            let writing = tokio::spawn(async move {
                ours.write_all(&sent).await.unwrap();
                ours.flush().await.unwrap();
                ours
            });
            let mut came = vec![0; text.len()];
            theirs.read_exact(&mut came).await.unwrap();
            assert!(came == text);
            writing.await.unwrap();
        }
    }

    #[tokio::test]
    async fn the_end_of_what_is_compressed_is_the_end() {
        let (ours, mut theirs) = duplex(1000);
        let mut ours = Deflated::new(Stream::Memory(ours), b"");
        // An empty last block (RFC 1951 section 3.2.3); the stream below it stays open.
        theirs.write_all(&[3, 0]).await.unwrap();
        let mut buffer = [0; 100];
        let read = ours.read(&mut buffer).now_or_never();
        assert_eq!(read.unwrap().unwrap(), 0);
    }

    #[tokio::test]
    async fn what_came_with_the_answer_is_inflated_too() {
        let mut deflate = Compress::new(Compression::fast(), false);
        let mut bytes = Vec::with_capacity(100);
        deflate
            .compress_vec(b"* OK hello\r\n", &mut bytes, FlushCompress::Sync)
            .unwrap();
        for split in 0..bytes.len() {
            let (ours, mut theirs) = duplex(1000);
            let (early, late) = bytes.split_at(split);
            let mut ours = Deflated::new(Stream::Memory(ours), early);
            theirs.write_all(late).await.unwrap();
            drop(theirs);
            let mut text = String::new();
            ours.read_to_string(&mut text).await.unwrap();
            assert_eq!(text, "* OK hello\r\n", "{split}");
        }
    }

    #[tokio::test]
    async fn garbage_and_bombs_are_told() {
        let (ours, mut theirs) = duplex(1000);
        let mut ours = Deflated::new(Stream::Memory(ours), b"");
        theirs.write_all(b"* OK not compressed\r\n").await.unwrap();
        let error = ours.read(&mut [0; 100]).await.unwrap_err();
        assert_eq!(fault(&error).unwrap().code, code::COMPRESSION);

        let (mut ours, mut theirs) = pair();
        tokio::spawn(async move { while theirs.write_all(&[b'x'; 65536]).await.is_ok() {} });
        let mut buffer = vec![0; 65536];
        let mut came = 0;
        let error = loop {
            match ours.read(&mut buffer).await {
                Ok(read) => came += read,
                Err(error) => break error,
            }
        };
        assert_eq!(fault(&error).unwrap().code, code::LIMIT);
        assert!(came <= 2 * STRETCH_BYTES as usize, "{came}");
    }
}
