//! From `tlsOptions` to a configuration of rustls, once per distinct options.

use std::sync::{Arc, LazyLock, Mutex, PoisonError, RwLock};

use tokio_rustls::rustls::client::Resumption;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore, SupportedProtocolVersion};

use super::verifier::Verifier;
use crate::error::{Error, Source, code};
use crate::options::{Secret, TlsOptions, TlsVersion};

/// Configurations that are kept. A program has one or two; one that makes them up without end must
/// not fill the memory.
const KEPT_CONFIGURATIONS: usize = 64;
/// Servers whose session tickets are kept, per configuration.
const KEPT_SERVERS: usize = 256;

static ROOTS: RwLock<Option<Arc<Anchors>>> = RwLock::new(None);
static KEPT: Mutex<Vec<Kept>> = Mutex::new(Vec::new());
static PROVIDER: LazyLock<Arc<CryptoProvider>> =
    LazyLock::new(|| Arc::new(ring::default_provider()));

/// Sets the certificates that the process trusts where `tlsOptions.ca` is not given: PEM texts of
/// one or several certificates each. Entries that cannot be parsed are skipped, as Node does.
///
/// Connections made from now on use them. Gives the number of certificates in use.
pub fn trust_roots(pem: &[String]) -> usize {
    let anchors = Anchors::from_pem(pem);
    let count = anchors.store.len();
    *ROOTS.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(anchors));
    count
}

/// The configuration for these options.
pub(super) fn of(options: &TlsOptions) -> Result<Arc<ClientConfig>, Error> {
    let roots = ROOTS.read().unwrap_or_else(PoisonError::into_inner).clone();
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(same) = kept
        .iter()
        .find(|kept| kept.serves(options, roots.as_ref()))
    {
        return Ok(same.configuration.clone());
    }
    let configuration = Arc::new(build(options, roots.clone())?);
    if kept.len() >= KEPT_CONFIGURATIONS {
        kept.remove(0);
    }
    kept.push(Kept {
        options: options.clone(),
        roots,
        configuration: configuration.clone(),
    });
    Ok(configuration)
}

/// Certificates that are trusted.
#[derive(Debug)]
pub(super) struct Anchors {
    /// As authorities.
    pub(super) store: Arc<RootCertStore>,
    /// As they are: a server may present one of these itself.
    pub(super) certificates: Vec<CertificateDer<'static>>,
}

impl Anchors {
    fn from_pem(pem: &[String]) -> Anchors {
        let certificates: Vec<CertificateDer<'static>> = pem
            .iter()
            .flat_map(|text| CertificateDer::pem_slice_iter(text.as_bytes()))
            .filter_map(Result::ok)
            .collect();
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(certificates.iter().cloned());
        Anchors {
            store: Arc::new(store),
            certificates,
        }
    }
}

/// A configuration and what it was made of.
struct Kept {
    options: TlsOptions,
    roots: Option<Arc<Anchors>>,
    configuration: Arc<ClientConfig>,
}

impl Kept {
    /// `servername` does not count: it belongs to the connection.
    fn serves(&self, wanted: &TlsOptions, roots: Option<&Arc<Anchors>>) -> bool {
        let same_roots = match (&self.roots, roots) {
            (Some(ours), Some(theirs)) => Arc::ptr_eq(ours, theirs),
            (ours, theirs) => ours.is_none() && theirs.is_none(),
        };
        same_roots
            && self.options.reject_unauthorized == wanted.reject_unauthorized
            && self.options.min_version == wanted.min_version
            && self.options.max_version == wanted.max_version
            && self.options.ca == wanted.ca
            && self.options.cert == wanted.cert
            && self.options.key.as_ref().map(Secret::expose)
                == wanted.key.as_ref().map(Secret::expose)
    }
}

pub(super) fn build(
    options: &TlsOptions,
    roots: Option<Arc<Anchors>>,
) -> Result<ClientConfig, Error> {
    let anchors = match options.reject_unauthorized {
        true => Some(anchors(options, roots)?),
        false => None,
    };
    let versions: &[&SupportedProtocolVersion] = match (options.min_version, options.max_version) {
        (_, TlsVersion::Tls12) => &[&TLS12],
        (TlsVersion::Tls13, _) => &[&TLS13],
        (TlsVersion::Tls12, TlsVersion::Tls13) => &[&TLS13, &TLS12],
    };
    let algorithms = PROVIDER.signature_verification_algorithms;
    let builder = ClientConfig::builder_with_provider(PROVIDER.clone())
        .with_protocol_versions(versions)
        .map_err(|error| fault_of_ours(&error))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Verifier::new(anchors, algorithms)));
    let mut configuration = match identity(options)? {
        Some((chain, key)) => builder.with_client_auth_cert(chain, key).map_err(|error| {
            let message = "error:05800074:x509 certificate routines::key values mismatch";
            let advice = format!(
                "`tlsOptions.key` must be the private key of the first certificate in \
                 `tlsOptions.cert` ({error})."
            );
            Error::new(Source::Socket, "ERR_OSSL_X509_KEY_VALUES_MISMATCH", message)
                .with_advice(advice)
        })?,
        None => builder.with_no_client_auth(),
    };
    // A store of its own, so that a session made without verification is never resumed with it.
    configuration.resumption = Resumption::in_memory_sessions(KEPT_SERVERS);
    Ok(configuration)
}

fn anchors(options: &TlsOptions, roots: Option<Arc<Anchors>>) -> Result<Arc<Anchors>, Error> {
    let Some(pem) = &options.ca else {
        return roots
            .filter(|roots| !roots.store.is_empty())
            .ok_or_else(no_roots);
    };
    let anchors = Anchors::from_pem(pem);
    match anchors.certificates.is_empty() {
        true => Err(unreadable(
            "ca",
            "one or several certificates",
            "CERTIFICATE",
        )),
        false => Ok(Arc::new(anchors)),
    }
}

type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// The certificate that we present when the server asks for one.
fn identity(options: &TlsOptions) -> Result<Option<Identity>, Error> {
    let (cert, key) = match (&options.cert, &options.key) {
        (None, None) => return Ok(None),
        (Some(cert), Some(key)) => (cert, key),
        (Some(_), None) => return Err(alone("cert", "key", "the private key of it")),
        (None, Some(_)) => return Err(alone("key", "cert", "the certificate of it")),
    };
    let chain: Vec<_> = CertificateDer::pem_slice_iter(cert.as_bytes())
        .collect::<Result<_, _>>()
        .unwrap_or_default();
    if chain.is_empty() {
        return Err(unreadable("cert", "a certificate chain", "CERTIFICATE"));
    }
    Ok(Some((chain, private_key(key)?)))
}

fn private_key(key: &Secret) -> Result<PrivateKeyDer<'static>, Error> {
    PrivateKeyDer::from_pem_slice(key.expose().as_bytes())
        .map_err(|_| unreadable("key", "a private key without passphrase", "PRIVATE KEY"))
}

fn unreadable(option: &str, what: &str, label: &str) -> Error {
    let message = format!(
        "The option `tlsOptions.{option}` holds nothing that can be read; expected {what} as PEM \
         text, which begins with '-----BEGIN {label}-----'"
    );
    Error::new(Source::Socket, "ERR_OSSL_PEM_NO_START_LINE", message)
}

fn alone(given: &str, missing: &str, what: &str) -> Error {
    let message = format!(
        "The option `tlsOptions.{given}` is given without `tlsOptions.{missing}`; give {what} as \
         PEM text too"
    );
    Error::new(Source::Socket, code::ARGUMENT, message)
}

fn no_roots() -> Error {
    let message = "No certificate can be verified: this process has no trusted roots; give \
                   `tlsOptions.ca`, or set `rejectUnauthorized: false` if anyone may read along";
    Error::new(Source::Socket, "ERR_TLS_NO_TRUSTED_ROOTS", message)
}

fn fault_of_ours(error: &rustls::Error) -> Error {
    let message = format!("TLS cannot be set up: {error}; please report this");
    Error::new(Source::Socket, code::INTERNAL, message)
}
