//! What is said through TLS arrives, however the bytes of it come, and no buffer is kept.

use tokio::io::{AsyncRead, AsyncWrite, split};

use super::*;

/// Longer than records, buffers and what the system takes at once.
const LONG_BYTES: usize = 3_000_000;

fn text(bytes: usize) -> Vec<u8> {
    (0..bytes).map(|at| (at * 31 / 7) as u8).collect()
}

/// A server that says back what it hears, until it has heard so much.
async fn echo_on(listener: TcpListener, configuration: Arc<ServerConfig>, bytes: usize) {
    let (socket, _) = listener.accept().await.unwrap();
    let acceptor = TlsAcceptor::from(configuration);
    let (mut reader, mut writer) = split(acceptor.accept(socket).await.unwrap());
    let mut heard = vec![0; 10_000];
    let mut left = bytes;
    while left > 0 {
        let count = reader.read(&mut heard).await.unwrap();
        assert!(count > 0, "{left} bytes are missing");
        writer.write_all(&heard[..count]).await.unwrap();
        writer.flush().await.unwrap();
        left -= count;
    }
    writer.shutdown().await.unwrap();
}

/// Passes on what one says to the other, in pieces of this size.
async fn pass(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, piece: usize) {
    let mut bytes = vec![0; piece];
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        if to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
        tokio::task::yield_now().await;
    }
    let _ = to.shutdown().await;
}

/// A port behind which this one is, at the end of a line that cuts everything into such pieces.
async fn relay(port: u16, piece: usize) -> u16 {
    let (listener, relay) = listen().await;
    tokio::spawn(async move {
        let (near, _) = listener.accept().await.unwrap();
        let far = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        near.set_nodelay(true).unwrap();
        far.set_nodelay(true).unwrap();
        let ((near_reader, near_writer), (far_reader, far_writer)) = (split(near), split(far));
        tokio::join!(
            pass(near_reader, far_writer, piece),
            pass(far_reader, near_writer, piece)
        );
    });
    relay
}

/// Says this to a server that says it back, and reads at most so much at once.
async fn echoed(
    version: &'static SupportedProtocolVersion,
    said: &[u8],
    piece: Option<usize>,
    read: usize,
) {
    let root = authority("Root");
    let presented = Presented::signed(&named("server", &["imap.example"]), &root);
    let configuration = Arc::new(presented.configuration(&[version]));
    let (listener, mut port) = listen().await;
    let server = tokio::spawn(echo_on(listener, configuration, said.len()));
    if let Some(piece) = piece {
        port = relay(port, piece).await;
    }
    let options = options("imap.example", port, trusting(root.pem()));
    let (mut reader, mut writer) = split(net::connect(&options).await.unwrap());
    let mut heard = Vec::new();
    let says = async {
        writer.write_all(said).await.unwrap();
        writer.flush().await.unwrap();
    };
    let hears = async {
        let mut bytes = vec![0; read];
        loop {
            match reader.read(&mut bytes).await.unwrap() {
                0 => return,
                count => heard.extend_from_slice(&bytes[..count]),
            }
        }
    };
    tokio::join!(says, hears);
    assert!(heard == said, "{piece:?} {read}");
    server.await.unwrap();
    let Stream::Tls(stream) = reader.unsplit(writer) else {
        panic!("no TLS");
    };
    assert_eq!(stream.buffer_bytes(), 0);
}

#[tokio::test]
async fn what_is_said_arrives_in_whatever_pieces_it_comes() {
    for version in [&TLS13, &TLS12] {
        for piece in [1, 2, 5, 6, 700, 16_401] {
            for read in [1, 100, 300_000] {
                echoed(version, &text(2000), Some(piece), read).await;
            }
        }
    }
}

#[tokio::test]
async fn what_is_long_arrives_both_ways_at_once() {
    for version in [&TLS13, &TLS12] {
        for read in [1000, 256 * 1024] {
            echoed(version, &text(LONG_BYTES), None, read).await;
        }
    }
}

#[tokio::test]
async fn an_idle_connection_keeps_no_buffers() {
    let root = authority("Root");
    let presented = Presented::signed(&named("server", &["imap.example"]), &root);
    let (listener, port) = listen().await;
    let server = serve_on(listener, Arc::new(presented.configuration(&[&TLS13])));
    let mut stream = dial(&options("imap.example", port, trusting(root.pem())))
        .await
        .unwrap();
    stream.write_all(b"A1 IDLE\r\n").await.unwrap();
    stream.flush().await.unwrap();
    let mut byte = [0];
    let idling = tokio::time::timeout(std::time::Duration::from_millis(50), stream.read(&mut byte));
    assert!(idling.await.is_err());
    let Stream::Tls(stream) = stream else {
        panic!("no TLS");
    };
    assert_eq!(stream.buffer_bytes(), 0);
    drop(stream);
    server.await.unwrap().1.unwrap();
}
