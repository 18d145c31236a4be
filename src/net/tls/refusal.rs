//! Why a certificate is refused: the codes and texts of OpenSSL and Node, and what to do about it.

use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio_rustls::rustls::pki_types::{CertificateDer, UnixTime};
use tokio_rustls::rustls::{CertificateError, Error as TlsError};
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

use crate::error::{Error, Source, Tls};

/// The certificate of the server itself.
pub(super) struct Leaf<'a>(X509Certificate<'a>);

impl<'a> Leaf<'a> {
    pub(super) fn parse(der: &'a CertificateDer<'_>) -> Result<Leaf<'a>, Error> {
        match X509Certificate::from_der(der) {
            Ok((_, certificate)) => Ok(Leaf(certificate)),
            Err(_) => Err(refused(
                "CERT_REJECTED",
                "certificate cannot be parsed",
                "The server needs a new one.",
            )),
        }
    }

    pub(super) fn verify_dates(&self, now: UnixTime) -> Result<(), Error> {
        verify_dates(&self.0, now)
    }

    /// Accepts the subject's CN where the certificate has no DNS names, and never for an address:
    /// Node's `tls.checkServerIdentity`. Its reason and text are the error.
    pub(super) fn verify_common_name(&self, name: &str) -> Result<(), Error> {
        let host = name.strip_suffix('.').unwrap_or(name);
        let names = Names::of(&self.0);
        let reason = if host.parse::<IpAddr>().is_ok() {
            format!(
                "IP: {host} is not in the cert's list: {}",
                names.addresses.join(", ")
            )
        } else if names.has_dns {
            let all = names.all.join(", ");
            format!("Host: {host}. is not in the cert's altnames: {all}")
        } else if names.common.is_empty() {
            "Cert does not contain a DNS name".to_owned()
        } else if names.common.iter().any(|pattern| is_match(host, pattern)) {
            return Ok(());
        } else {
            format!("Host: {host}. is not cert's CN: {}", names.common.join(","))
        };
        Err(wrong_name(host, reason, self.0.as_raw()))
    }
}

/// The error for a chain that rustls does not accept: `presented` is what the server sent, its own
/// certificate first.
///
/// rustls names the first rule that fails, OpenSSL the last; programs know OpenSSL's. So the chain
/// is read again: dates before issuers, then how far towards an authority it leads.
pub(super) fn chain(error: &TlsError, presented: &[&CertificateDer<'_>], now: UnixTime) -> Error {
    let certificates: Vec<X509Certificate<'_>> = presented
        .iter()
        .filter_map(|der| X509Certificate::from_der(der).ok())
        .map(|(_, certificate)| certificate)
        .collect();
    let path = path(&certificates);
    if let Some(error) = path.iter().find_map(|each| verify_dates(each, now).err()) {
        return error;
    }
    if let Some((code, message, advice)) = other_cause(error) {
        return refused(code, message, advice);
    }
    let ends_in_itself = path.last().is_some_and(|last| is_self_issued(last));
    let is_unknown = *error == TlsError::InvalidCertificate(CertificateError::UnknownIssuer);
    let is_self_signed = path.len() == 1 && ends_in_itself;
    if !is_unknown && !is_self_signed {
        let message = format!("certificate rejected: {error}");
        return refused("CERT_REJECTED", message, "The server needs another one.");
    }
    match (path.len(), ends_in_itself) {
        (0 | 1, true) => refused(
            "DEPTH_ZERO_SELF_SIGNED_CERT",
            "self-signed certificate",
            "Add it to tlsOptions.ca if you trust it.",
        ),
        (_, true) => refused(
            "SELF_SIGNED_CERT_IN_CHAIN",
            "self-signed certificate in certificate chain",
            "Add the last certificate of the chain to tlsOptions.ca if you trust it.",
        ),
        (0 | 1, false) => refused(
            "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
            "unable to verify the first certificate",
            "Let the server send its intermediate certificates too, or add its issuer to \
             tlsOptions.ca if you trust it.",
        ),
        (_, false) => refused(
            "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
            "unable to get local issuer certificate",
            "Add the authority that issued it to tlsOptions.ca if you trust it.",
        ),
    }
}

/// From the server's certificate to the last issuer that was presented.
fn path<'c, 'a>(certificates: &'c [X509Certificate<'a>]) -> Vec<&'c X509Certificate<'a>> {
    let mut path: Vec<&X509Certificate<'_>> = certificates.first().into_iter().collect();
    while let Some(last) = path.last().filter(|last| !is_self_issued(last)) {
        let issuer = certificates.iter().find(|each| {
            each.subject().as_raw() == last.issuer().as_raw()
                && !path.iter().any(|known| std::ptr::eq(*known, *each))
        });
        match issuer {
            Some(issuer) => path.push(issuer),
            None => break,
        }
    }
    path
}

fn is_self_issued(certificate: &X509Certificate<'_>) -> bool {
    certificate.subject().as_raw() == certificate.issuer().as_raw()
}

/// Refusals that have nothing to do with who issued the certificate.
fn other_cause(error: &TlsError) -> Option<(&'static str, &'static str, &'static str)> {
    let TlsError::InvalidCertificate(error) = error else {
        return None;
    };
    Some(match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => (
            "CERT_HAS_EXPIRED",
            "certificate has expired",
            "An authority of it is out of date.",
        ),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => (
            "CERT_NOT_YET_VALID",
            "certificate is not yet valid",
            "Check the clock of this machine.",
        ),
        CertificateError::BadSignature => (
            "CERT_SIGNATURE_FAILURE",
            "certificate signature failure",
            "The server's certificate is not from the authority it names.",
        ),
        CertificateError::Revoked => (
            "CERT_REVOKED",
            "certificate revoked",
            "The server needs a new one.",
        ),
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => (
            "INVALID_PURPOSE",
            "unsupported certificate purpose",
            "The server needs a certificate for servers (extendedKeyUsage serverAuth).",
        ),
        _ => return None,
    })
}

fn verify_dates(certificate: &X509Certificate<'_>, now: UnixTime) -> Result<(), Error> {
    let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    let validity = certificate.validity();
    if now > validity.not_after.timestamp() {
        let advice = format!(
            "It ended on {}: the server needs a new one, unless the clock of this machine is wrong.",
            validity.not_after
        );
        return Err(refused(
            "CERT_HAS_EXPIRED",
            "certificate has expired",
            advice,
        ));
    }
    if now < validity.not_before.timestamp() {
        let advice = format!(
            "It is from {} on: check the clock of this machine.",
            validity.not_before
        );
        return Err(refused(
            "CERT_NOT_YET_VALID",
            "certificate is not yet valid",
            advice,
        ));
    }
    Ok(())
}

/// What a certificate says its holder is called.
#[derive(Default)]
struct Names {
    /// All of the subject alternative names, written as OpenSSL writes them.
    all: Vec<String>,
    addresses: Vec<String>,
    common: Vec<String>,
    has_dns: bool,
}

impl Names {
    fn of(certificate: &X509Certificate<'_>) -> Names {
        let mut names = Names::default();
        let common = certificate.subject().iter_common_name();
        names.common.extend(
            common
                .filter_map(|name| name.as_str().ok())
                .map(str::to_owned),
        );
        if let Ok(Some(extension)) = certificate.subject_alternative_name() {
            for name in &extension.value.general_names {
                names.add(name);
            }
        }
        names
    }

    fn add(&mut self, name: &GeneralName<'_>) {
        match name {
            GeneralName::DNSName(dns) => {
                self.has_dns = true;
                self.all.push(format!("DNS:{}", quoted(dns)));
            }
            GeneralName::IPAddress(bytes) => {
                if let Some(address) = address(bytes) {
                    self.all.push(format!("IP Address:{address}"));
                    self.addresses.push(address.to_string());
                }
            }
            GeneralName::RFC822Name(mail) => self.all.push(format!("email:{}", quoted(mail))),
            GeneralName::URI(uri) => self.all.push(format!("URI:{}", quoted(uri))),
            _ => {}
        }
    }
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    v4.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from))
        .ok()
}

/// A name with which the list could be misread is written as a JSON string, as Node does since
/// CVE-2021-44532.
fn quoted(name: &str) -> String {
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && !b"\"\\,'".contains(&byte);
    match name.bytes().all(is_plain) {
        true => name.to_owned(),
        false => serde_json::Value::from(name).to_string(),
    }
}

/// A `*` is the whole first label of at least three (Node, RFC 6125 section 6.4.3).
fn is_match(host: &str, pattern: &str) -> bool {
    let pattern = pattern.strip_suffix('.').unwrap_or(pattern);
    if pattern.eq_ignore_ascii_case(host) {
        return true;
    }
    match (pattern.strip_prefix("*."), host.split_once('.')) {
        (Some(domain), Some((label, rest))) => {
            !label.is_empty() && domain.contains('.') && domain.eq_ignore_ascii_case(rest)
        }
        _ => false,
    }
}

fn wrong_name(host: &str, reason: String, certificate: &[u8]) -> Error {
    let message = format!("Hostname/IP does not match certificate's altnames: {reason}");
    let advice = "Connect to a name that the certificate has, or set tlsOptions.servername to one.";
    let tls = Tls {
        reason: Some(reason),
        host: Some(host.to_owned()),
        cert: Some(STANDARD.encode(certificate)),
        library: None,
    };
    refused("ERR_TLS_CERT_ALTNAME_INVALID", message, advice).with_tls(tls)
}

fn refused(code: &'static str, message: impl Into<String>, advice: impl Into<Box<str>>) -> Error {
    Error::new(Source::Socket, code, message).with_advice(advice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_stands_for_one_label_of_three() {
        assert!(is_match("imap.example.com", "IMAP.example.com."));
        assert!(is_match("imap.example.com", "*.example.com"));
        assert!(!is_match("a.b.example.com", "*.example.com"));
        assert!(!is_match("example.com", "*.example.com"));
        assert!(!is_match("example.com", "*.com"));
        assert!(!is_match(".example.com", "*.example.com"));
    }

    #[test]
    fn a_name_cannot_pretend_to_be_two() {
        assert_eq!(quoted("mail.example.com"), "mail.example.com");
        assert_eq!(quoted("a, DNS:b"), r#""a, DNS:b""#);
    }
}
