//! Handshakes over loopback, with certificates made on the spot.

mod certificate;
mod connection;
mod stream;

use std::sync::Arc;

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, DnType, IsCa, Issuer,
    KeyPair, date_time_ymd,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{
    HandshakeKind, ProtocolVersion, RootCertStore, ServerConfig, SupportedProtocolVersion,
};

use super::configuration::build;
use super::*;
use crate::net::{self, Stream};
use crate::options::{TlsOptions, TlsVersion};

const GREETING: &[u8] = b"* OK ready\r\n";

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority(name: &str) -> Authority {
    CertifiedIssuer::self_signed(authority_params(name), KeyPair::generate().unwrap()).unwrap()
}

fn authority_params(name: &str) -> CertificateParams {
    let mut params = named(name, &[]);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

fn named(common: &str, names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.distinguished_name = Default::default();
    params.distinguished_name.push(DnType::CommonName, common);
    params
}

/// What a server presents.
struct Presented {
    chain: Vec<CertificateDer<'static>>,
    key: KeyPair,
}

impl Presented {
    fn self_signed(params: &CertificateParams) -> (Presented, Certificate) {
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        (
            Presented {
                chain: vec![certificate.der().clone()],
                key,
            },
            certificate,
        )
    }

    fn signed(params: &CertificateParams, issuer: &Issuer<'static, KeyPair>) -> Presented {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, issuer).unwrap();
        Presented {
            chain: vec![certificate.der().clone()],
            key,
        }
    }

    fn and(mut self, issuer: &Authority) -> Presented {
        self.chain.push(issuer.der().clone());
        self
    }

    fn configuration(self, versions: &[&'static SupportedProtocolVersion]) -> ServerConfig {
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(self.chain, private(&self.key))
            .unwrap()
    }
}

fn private(key: &KeyPair) -> PrivateKeyDer<'static> {
    PrivateKeyDer::try_from(key.serialize_der()).unwrap()
}

/// What the server saw of one client.
#[derive(Debug)]
struct Seen {
    sni: Option<String>,
    kind: Option<HandshakeKind>,
    version: Option<ProtocolVersion>,
    client_certificates: usize,
}

async fn listen() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

/// Accepts one client, greets it, waits for it to go; gives the listener back.
fn serve_on(
    listener: TcpListener,
    configuration: Arc<ServerConfig>,
) -> JoinHandle<(TcpListener, io::Result<Seen>)> {
    tokio::spawn(async move {
        let (socket, _) = listener.accept().await.unwrap();
        let seen = greet(socket, configuration).await;
        (listener, seen)
    })
}

async fn greet(socket: TcpStream, configuration: Arc<ServerConfig>) -> io::Result<Seen> {
    let mut stream = TlsAcceptor::from(configuration).accept(socket).await?;
    stream.write_all(GREETING).await?;
    stream.flush().await?;
    let connection = stream.get_ref().1;
    let seen = Seen {
        sni: connection.server_name().map(str::to_owned),
        kind: connection.handshake_kind(),
        version: connection.protocol_version(),
        client_certificates: connection.peer_certificates().map_or(0, <[_]>::len),
    };
    let _ = stream.read_to_end(&mut Vec::new()).await;
    Ok(seen)
}

fn options(host: &str, port: u16, tls: TlsOptions) -> Options {
    let json = format!(r#"{{"host":"127.0.0.1","port":{port},"tls":true}}"#);
    let mut options = Options::from_json(&json).unwrap();
    options.tls_options = tls;
    options.tls_options.servername = Some(host.to_owned());
    options
}

fn trusting(pem: String) -> TlsOptions {
    TlsOptions {
        ca: Some([pem].into()),
        ..TlsOptions::default()
    }
}

/// Connects and reads the greeting.
async fn dial(options: &Options) -> Result<Stream, Error> {
    let mut stream = net::connect(options).await?;
    let mut greeting = [0; GREETING.len()];
    match stream.read_exact(&mut greeting).await {
        Ok(_) => assert_eq!(greeting, GREETING),
        Err(error) => return Err(io_error(&error, "read")),
    }
    Ok(stream)
}

/// One connection to a server with this certificate: what the client got and the server saw.
async fn meet(
    presented: Presented,
    host: &str,
    tls: TlsOptions,
) -> (Result<(), Error>, io::Result<Seen>) {
    let (listener, port) = listen().await;
    let server = serve_on(
        listener,
        Arc::new(presented.configuration(&[&TLS13, &TLS12])),
    );
    let outcome = dial(&options(host, port, tls)).await.map(drop);
    (outcome, server.await.unwrap().1)
}

async fn refusal(presented: Presented, host: &str, tls: TlsOptions) -> Error {
    let (outcome, seen) = meet(presented, host, tls).await;
    assert!(seen.is_err(), "the server must see the refusal");
    let error = outcome.unwrap_err();
    assert_eq!(error.source, Some(Source::Socket));
    error
}
