//! Versions, resumption, STARTTLS, peers that speak no TLS, and how connections end.

use super::*;

#[tokio::test]
async fn the_lowest_version_is_kept() {
    let root = authority("Root");
    let params = named("server", &["imap.example"]);
    let tls = TlsOptions {
        min_version: TlsVersion::Tls13,
        ..trusting(root.pem())
    };
    for (versions, works) in [(vec![&TLS12], false), (vec![&TLS13, &TLS12], true)] {
        let (listener, port) = listen().await;
        let configuration = Presented::signed(&params, &root).configuration(&versions);
        let server = serve_on(listener, Arc::new(configuration));
        let outcome = dial(&options("imap.example", port, tls.clone()))
            .await
            .map(drop);
        let seen = server.await.unwrap().1;
        if works {
            outcome.unwrap();
            assert_eq!(seen.unwrap().version, Some(ProtocolVersion::TLSv1_3));
        } else {
            let error = outcome.unwrap_err();
            assert_eq!(error.code, "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION");
            let advice = error.advice.unwrap();
            assert!(advice.contains("tlsOptions.minVersion"), "{advice}");
        }
    }
}

#[tokio::test]
async fn the_highest_version_is_kept() {
    let root = authority("Root");
    let presented = Presented::signed(&named("server", &["imap.example"]), &root);
    let tls = TlsOptions {
        max_version: TlsVersion::Tls12,
        ..trusting(root.pem())
    };
    let (listener, port) = listen().await;
    let configuration = Arc::new(presented.configuration(&[&TLS13, &TLS12]));
    let server = serve_on(listener, configuration);
    let stream = dial(&options("imap.example", port, tls)).await;
    drop(stream.unwrap());
    let seen = server.await.unwrap().1;
    assert_eq!(seen.unwrap().version, Some(ProtocolVersion::TLSv1_2));
}

#[tokio::test]
async fn a_second_connection_resumes_the_session_of_the_first() {
    let root = authority("Root");
    let presented = Presented::signed(&named("server", &["imap.example"]), &root);
    let configuration = Arc::new(presented.configuration(&[&TLS13]));
    let (mut listener, port) = listen().await;
    let mut kinds = Vec::new();
    for _ in 0..2 {
        let server = serve_on(listener, configuration.clone());
        let stream = dial(&options("imap.example", port, trusting(root.pem())))
            .await
            .unwrap();
        drop(stream);
        let (returned, seen) = server.await.unwrap();
        listener = returned;
        kinds.push(seen.unwrap().kind);
    }
    assert_eq!(
        kinds,
        [Some(HandshakeKind::Full), Some(HandshakeKind::Resumed)]
    );
}

#[tokio::test]
async fn starttls_upgrades_a_connection_that_has_talked_already() {
    let root = authority("Root");
    let presented = Presented::signed(&named("server", &["imap.example"]), &root);
    let configuration = Arc::new(presented.configuration(&[&TLS13]));
    let (listener, port) = listen().await;
    let server = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        socket.write_all(b"* OK plain\r\n").await.unwrap();
        let mut command = [0; 3];
        socket.read_exact(&mut command).await.unwrap();
        assert_eq!(&command, b"go\n");
        greet(socket, configuration).await.unwrap()
    });
    let mut options = options("imap.example", port, trusting(root.pem()));
    options.tls = false;
    let mut stream = net::connect(&options).await.unwrap();
    assert!(!stream.is_tls());
    let mut plain = [0; 12];
    stream.read_exact(&mut plain).await.unwrap();
    stream.write_all(b"go\n").await.unwrap();
    let mut stream = net::upgrade(stream, &options).await.unwrap();
    assert!(stream.is_tls());
    assert_eq!(stream.peer_address().unwrap().port(), port);
    let mut greeting = [0; GREETING.len()];
    stream.read_exact(&mut greeting).await.unwrap();
    assert_eq!(greeting, GREETING);
    drop(stream);
    assert_eq!(server.await.unwrap().sni.as_deref(), Some("imap.example"));
}

/// A peer that is no TLS server: it says something, or reads first, and then goes.
async fn odd_peer(says: &'static [u8], abort: bool) -> Error {
    let root = authority("Root");
    let (listener, port) = listen().await;
    let server = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        socket.write_all(says).await.unwrap();
        let mut hello = [0; 64];
        let _ = socket.read_exact(&mut hello).await;
        if abort {
            Stream::Plain(socket).abort();
        } else {
            socket.shutdown().await.unwrap();
            let _ = socket.read_to_end(&mut Vec::new()).await;
        }
    });
    let error = dial(&options("imap.example", port, trusting(root.pem())))
        .await
        .unwrap_err();
    server.await.unwrap();
    error
}

#[tokio::test]
async fn a_plain_text_server_is_told_as_such() {
    let error = odd_peer(b"* OK IMAP4rev1 ready\r\n", false).await;
    assert_eq!(error.code, "ERR_SSL_WRONG_VERSION_NUMBER");
    assert!(error.message.ends_with("wrong version number"), "{error}");
    assert!(error.advice.unwrap().contains("autotls: 'always'"));
    let tls = error.tls.unwrap();
    assert_eq!(tls.reason.as_deref(), Some("wrong version number"));
    assert_eq!(tls.library, Some("SSL routines"));
}

#[tokio::test]
async fn a_peer_that_goes_away_during_the_handshake_is_told() {
    let error = odd_peer(b"", false).await;
    assert_eq!(error.code, "ECONNRESET");
    assert_eq!(
        error.message,
        "Client network socket disconnected before secure TLS connection was established"
    );
    let error = odd_peer(b"", true).await;
    assert_eq!(
        (error.message.as_str(), &*error.code),
        ("read ECONNRESET", "ECONNRESET")
    );
}

#[tokio::test]
async fn a_server_that_leaves_without_close_notify_has_just_ended() {
    let root = authority("Root");
    let presented = Presented::signed(&named("server", &["imap.example"]), &root);
    let configuration = Arc::new(presented.configuration(&[&TLS13]));
    let (listener, port) = listen().await;
    let server = tokio::spawn(async move {
        let (socket, _) = listener.accept().await.unwrap();
        let mut stream = TlsAcceptor::from(configuration)
            .accept(socket)
            .await
            .unwrap();
        stream.write_all(GREETING).await.unwrap();
        stream.flush().await.unwrap();
        let (mut socket, _) = stream.into_inner();
        socket.shutdown().await.unwrap();
        let _ = socket.read_to_end(&mut Vec::new()).await;
    });
    let mut stream = dial(&options("imap.example", port, trusting(root.pem())))
        .await
        .unwrap();
    for _ in 0..2 {
        assert_eq!(stream.read(&mut [0; 16]).await.unwrap(), 0);
    }
    drop(stream);
    server.await.unwrap();
}

#[tokio::test]
async fn abort_is_a_reset_for_the_server() {
    let (listener, port) = listen().await;
    let json = format!(r#"{{"host":"127.0.0.1","port":{port}}}"#);
    let stream = net::connect(&Options::from_json(&json).unwrap())
        .await
        .unwrap();
    let (mut socket, _) = listener.accept().await.unwrap();
    stream.abort();
    let error = socket.read(&mut [0; 16]).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
}
