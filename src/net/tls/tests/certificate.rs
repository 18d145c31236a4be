//! Which certificates are accepted, and what is said of the others.

use super::*;

#[tokio::test]
async fn a_chain_to_the_given_authority_is_accepted_and_sni_is_sent() {
    let root = authority("Root");
    let presented = Presented::signed(&named("server", &["imap.example", "127.0.0.1"]), &root);
    let (outcome, seen) = meet(presented, "imap.example", trusting(root.pem())).await;
    outcome.unwrap();
    assert_eq!(seen.unwrap().sni.as_deref(), Some("imap.example"));
}

#[tokio::test]
async fn an_address_is_checked_as_such_and_sends_no_sni() {
    let root = authority("Root");
    let presented = Presented::signed(&named("server", &["imap.example", "127.0.0.1"]), &root);
    let (outcome, seen) = meet(presented, "127.0.0.1", trusting(root.pem())).await;
    outcome.unwrap();
    assert_eq!(seen.unwrap().sni, None);

    let presented = Presented::signed(&named("127.0.0.1", &["localhost", "127.0.0.9"]), &root);
    let error = refusal(presented, "127.0.0.1", trusting(root.pem())).await;
    assert_eq!(error.code, "ERR_TLS_CERT_ALTNAME_INVALID");
    assert_eq!(
        error.message,
        "Hostname/IP does not match certificate's altnames: IP: 127.0.0.1 is not in the cert's \
         list: 127.0.0.9"
    );
}

#[tokio::test]
async fn another_name_is_refused_in_the_words_of_node() {
    let root = authority("Root");
    let presented = Presented::signed(&named("server", &["localhost", "127.0.0.1"]), &root);
    let error = refusal(presented, "wrong.example", trusting(root.pem())).await;
    let reason = "Host: wrong.example. is not in the cert's altnames: DNS:localhost, IP \
                  Address:127.0.0.1";
    assert_eq!(error.code, "ERR_TLS_CERT_ALTNAME_INVALID");
    let text = format!("Hostname/IP does not match certificate's altnames: {reason}");
    assert_eq!(error.message, text);
    assert!(error.advice.unwrap().contains("tlsOptions.servername"));
    let tls = error.tls.unwrap();
    assert_eq!(tls.reason.as_deref(), Some(reason));
    assert_eq!(tls.host.as_deref(), Some("wrong.example"));
}

#[tokio::test]
async fn a_common_name_counts_only_where_there_is_no_other() {
    let root = authority("Root");
    let only_common = named("imap.example", &[]);
    let presented = Presented::signed(&only_common, &root);
    meet(presented, "imap.example", trusting(root.pem()))
        .await
        .0
        .unwrap();

    let error = refusal(
        Presented::signed(&only_common, &root),
        "b.example",
        trusting(root.pem()),
    )
    .await;
    assert!(
        error
            .message
            .contains("Host: b.example. is not cert's CN: imap.example")
    );

    let presented = Presented::signed(&named("imap.example", &["other.example"]), &root);
    let error = refusal(presented, "imap.example", trusting(root.pem())).await;
    assert_eq!(error.code, "ERR_TLS_CERT_ALTNAME_INVALID");
}

#[tokio::test]
async fn a_self_signed_certificate_is_refused_with_or_without_the_mark_of_an_authority() {
    let other = authority("Other");
    for params in [named("server", &["imap.example"]), {
        let mut params = authority_params("server");
        params.subject_alt_names = named("", &["imap.example"]).subject_alt_names;
        params
    }] {
        let (presented, _) = Presented::self_signed(&params);
        let error = refusal(presented, "imap.example", trusting(other.pem())).await;
        assert_eq!(error.code, "DEPTH_ZERO_SELF_SIGNED_CERT");
        assert_eq!(error.message, "self-signed certificate");
    }
}

#[tokio::test]
async fn a_self_signed_certificate_that_was_given_as_ca_is_accepted() {
    let mut params = authority_params("server");
    params.subject_alt_names = named("", &["imap.example"]).subject_alt_names;
    let (presented, certificate) = Presented::self_signed(&params);
    meet(presented, "imap.example", trusting(certificate.pem()))
        .await
        .0
        .unwrap();

    let (presented, certificate) = Presented::self_signed(&params);
    let error = refusal(presented, "wrong.example", trusting(certificate.pem())).await;
    assert_eq!(error.code, "ERR_TLS_CERT_ALTNAME_INVALID");

    params.not_after = date_time_ymd(2020, 2, 1);
    let (presented, certificate) = Presented::self_signed(&params);
    let error = refusal(presented, "imap.example", trusting(certificate.pem())).await;
    assert_eq!(error.code, "CERT_HAS_EXPIRED");
}

#[tokio::test]
async fn dates_are_checked_and_told() {
    let root = authority("Root");
    let mut params = named("server", &["imap.example"]);
    params.not_before = date_time_ymd(2019, 2, 1);
    params.not_after = date_time_ymd(2020, 2, 1);
    let presented = Presented::signed(&params, &root);
    let error = refusal(presented, "imap.example", trusting(root.pem())).await;
    assert_eq!(error.code, "CERT_HAS_EXPIRED");
    assert_eq!(error.message, "certificate has expired");
    assert!(error.advice.unwrap().contains("2020"));

    // Also when nobody trusted has issued it: what OpenSSL finds last is what programs see.
    let other = authority("Other");
    let presented = Presented::signed(&params, &root);
    let error = refusal(presented, "imap.example", trusting(other.pem())).await;
    assert_eq!(error.code, "CERT_HAS_EXPIRED");

    params.not_before = date_time_ymd(2999, 2, 1);
    params.not_after = date_time_ymd(3000, 2, 1);
    let presented = Presented::signed(&params, &root);
    let error = refusal(presented, "imap.example", trusting(root.pem())).await;
    assert_eq!(error.code, "CERT_NOT_YET_VALID");
    assert_eq!(error.message, "certificate is not yet valid");
    assert!(error.advice.unwrap().contains("2999"));
}

#[tokio::test]
async fn an_unknown_authority_is_told_by_how_far_the_chain_leads() {
    let (root, other) = (authority("Root"), authority("Other"));
    let intermediate = CertifiedIssuer::signed_by(
        authority_params("Intermediate"),
        KeyPair::generate().unwrap(),
        &root,
    )
    .unwrap();
    let params = named("server", &["imap.example"]);
    let leaf = || Presented::signed(&params, &intermediate);
    for (presented, code, text) in [
        (
            leaf(),
            "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
            "unable to verify the first certificate",
        ),
        (
            leaf().and(&intermediate),
            "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
            "unable to get local issuer certificate",
        ),
        (
            leaf().and(&intermediate).and(&root),
            "SELF_SIGNED_CERT_IN_CHAIN",
            "self-signed certificate in certificate chain",
        ),
    ] {
        let error = refusal(presented, "imap.example", trusting(other.pem())).await;
        assert_eq!(error.code, code);
        assert_eq!(error.message, text);
        assert!(error.advice.unwrap().contains("tlsOptions.ca"));
    }
    let presented = leaf().and(&intermediate);
    meet(presented, "imap.example", trusting(root.pem()))
        .await
        .0
        .unwrap();
}

#[tokio::test]
async fn reject_unauthorized_false_accepts_anything_without_roots() {
    let mut params = named("server", &["other.example"]);
    params.not_after = date_time_ymd(2020, 2, 1);
    let (presented, _) = Presented::self_signed(&params);
    let tls = TlsOptions {
        reject_unauthorized: false,
        ..TlsOptions::default()
    };
    meet(presented, "imap.example", tls).await.0.unwrap();
}

#[tokio::test]
async fn a_client_certificate_is_presented_and_its_lack_is_told() {
    let root = authority("Root");
    let client_key = KeyPair::generate().unwrap();
    let client = named("client", &["client.example"])
        .signed_by(&client_key, &root)
        .unwrap();
    let presented = Presented::signed(&named("server", &["imap.example"]), &root);
    let mut roots = RootCertStore::empty();
    roots.add(root.der().clone()).unwrap();
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let asks = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone())
        .build()
        .unwrap();
    let configuration = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(asks)
        .with_single_cert(presented.chain, private(&presented.key))
        .unwrap();
    let configuration = Arc::new(configuration);

    let (listener, port) = listen().await;
    let server = serve_on(listener, configuration.clone());
    let mut tls = trusting(root.pem());
    let error = dial(&options("imap.example", port, tls.clone()))
        .await
        .unwrap_err();
    assert_eq!(error.code, "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED");
    assert!(error.advice.unwrap().contains("tlsOptions.cert"));

    let server = serve_on(server.await.unwrap().0, configuration);
    tls.cert = Some(client.pem());
    tls.key = Some(crate::options::Secret::new(client_key.serialize_pem()));
    drop(dial(&options("imap.example", port, tls)).await.unwrap());
    assert_eq!(server.await.unwrap().1.unwrap().client_certificates, 1);
}

#[test]
fn options_that_cannot_be_used_are_named() {
    let pem = authority("Root").pem();
    let key = crate::options::Secret::new(KeyPair::generate().unwrap().serialize_pem());
    let nonsense = Some(crate::options::Secret::new("canary".to_owned()));
    let base = trusting(pem.clone());
    for (tls, option) in [
        (trusting("nonsense".to_owned()), "`tlsOptions.ca`"),
        (
            TlsOptions {
                cert: Some(pem.clone()),
                ..base.clone()
            },
            "`tlsOptions.key`",
        ),
        (
            TlsOptions {
                key: Some(key.clone()),
                ..base.clone()
            },
            "`tlsOptions.cert`",
        ),
        (
            TlsOptions {
                cert: Some("x".to_owned()),
                key: Some(key.clone()),
                ..base.clone()
            },
            "`tlsOptions.cert`",
        ),
        (
            TlsOptions {
                cert: Some(pem.clone()),
                key: nonsense,
                ..base.clone()
            },
            "`tlsOptions.key`",
        ),
        (
            TlsOptions {
                cert: Some(pem),
                key: Some(key),
                ..base
            },
            "key values mismatch",
        ),
        (TlsOptions::default(), "`tlsOptions.ca`"),
    ] {
        let error = build(&tls, None).map(drop).unwrap_err();
        assert!(error.message.contains(option), "{error}");
        assert!(!format!("{error:?}").contains("canary"));
    }
}

#[tokio::test]
async fn roots_of_the_process_are_used_and_unreadable_ones_skipped() {
    let root = authority("Root");
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_owned();
    assert_eq!(trust_roots(&[broken, "nonsense".to_owned(), root.pem()]), 1);
    let presented = Presented::signed(&named("server", &["imap.example"]), &root);
    meet(presented, "imap.example", TlsOptions::default())
        .await
        .0
        .unwrap();
}

#[test]
fn a_name_that_no_certificate_can_have_is_refused_by_option() {
    let mut options = options("b\u{fc}cher.example", 143, TlsOptions::default());
    assert!(
        server_name(&options)
            .unwrap_err()
            .message
            .contains("`tlsOptions.servername`")
    );
    options.tls_options.servername = None;
    options.host = "two words".to_owned();
    assert!(
        server_name(&options)
            .unwrap_err()
            .message
            .contains("`host` is 'two words'")
    );
}
