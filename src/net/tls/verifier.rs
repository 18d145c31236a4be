//! Whether a server's certificate is accepted.

use std::sync::Arc;

use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use tokio_rustls::rustls::crypto::{
    WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::{
    CertificateError, DigitallySignedStruct, Error as TlsError, OtherError, SignatureScheme,
};

use super::configuration::Anchors;
use super::refusal::{self, Leaf};
use crate::error::Error;

/// Accepts what Node accepts: a chain to an authority that is trusted, or a certificate that is
/// itself among the trusted ones (rustls alone says `CaUsedAsEndEntity` to it); within its dates;
/// and with the name of the server.
///
/// With `rejectUnauthorized: false` any certificate is accepted, but the server must still prove
/// that it has its key.
#[derive(Debug)]
pub(super) struct Verifier {
    /// `None` is `rejectUnauthorized: false`.
    anchors: Option<Arc<Anchors>>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Verifier {
    pub(super) fn new(
        anchors: Option<Arc<Anchors>>,
        algorithms: WebPkiSupportedAlgorithms,
    ) -> Verifier {
        Verifier {
            anchors,
            algorithms,
        }
    }

    fn verify(
        &self,
        anchors: &Anchors,
        presented: &[&CertificateDer<'_>],
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<(), Error> {
        let refuse = |error: TlsError| refusal::chain(&error, presented, now);
        let Some(own) = presented.first() else {
            return Err(refuse(TlsError::NoCertificatesPresented));
        };
        let leaf = Leaf::parse(own)?;
        let certificate = ParsedCertificate::try_from(*own).map_err(refuse)?;
        if anchors.certificates.iter().any(|trusted| trusted == *own) {
            leaf.verify_dates(now)?;
        } else {
            let (store, algorithms) = (&anchors.store, self.algorithms.all);
            verify_server_cert_signed_by_trust_anchor(
                &certificate,
                store,
                intermediates,
                now,
                algorithms,
            )
            .map_err(refuse)?;
        }
        match verify_server_name(&certificate, name) {
            Ok(()) => Ok(()),
            Err(_) => leaf.verify_common_name(&name.to_str()),
        }
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        let Some(anchors) = &self.anchors else {
            return Ok(ServerCertVerified::assertion());
        };
        let presented: Vec<_> = std::iter::once(end_entity).chain(intermediates).collect();
        self.verify(anchors, &presented, intermediates, server_name, now)
            .map_err(refuse)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// Carries our own error through rustls; [`fault()`](super::fault()) takes it out again.
fn refuse(error: Error) -> TlsError {
    TlsError::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(error))))
}
