//! A handshake that failed for another reason than the certificate, in the words of OpenSSL.

use std::io;

use tokio_rustls::rustls::{
    AlertDescription, CertificateError, Error as TlsError, InvalidMessage, PeerIncompatible,
};

use crate::error::{Error, Source, Tls};

/// OpenSSL's name for the part that finds these faults.
const LIBRARY: &str = "SSL routines";

/// The error of TLS inside an error of the stream; `None` when the system call itself failed.
pub(in crate::net) fn fault(error: &io::Error) -> Option<Error> {
    let error = error.get_ref()?.downcast_ref::<TlsError>()?;
    Some(match error {
        TlsError::InvalidCertificate(CertificateError::Other(other)) => {
            match other.0.downcast_ref::<Error>() {
                Some(refusal) => refusal.clone(),
                None => unnamed(error),
            }
        }
        TlsError::InvalidMessage(
            InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion,
        ) => routine(267, "wrong version number", "").with_advice(
            "This port speaks no TLS at first: use `tls: false` with `autotls: 'always'`, or the \
             server's TLS port (993).",
        ),
        TlsError::AlertReceived(alert) => alert_received(*alert),
        TlsError::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
            | PeerIncompatible::SupportedVersionsExtensionRequired,
        ) => routine(258, "unsupported protocol", "").with_advice(OLD_SERVER),
        _ => unnamed(error),
    })
}

const OLD_SERVER: &str = "The server has no version of TLS from `tlsOptions.minVersion` on (at \
                          least TLSv1.2): it needs an update.";

/// OpenSSL's number of the library `SSL routines`, where an error number has it.
const SSL_ROUTINES: u32 = 20 << 23;
/// What OpenSSL adds to the number of an alert to make it a reason.
const ALERT_REASONS: u32 = 1000;

/// A failure with OpenSSL's `reason`, its number, and the code that Node makes of it. The text is
/// that of `ERR_error_string`: without the function and the source file, which rustls has none of.
fn routine(number: u32, reason: &'static str, detail: &str) -> Error {
    let code: String = reason
        .chars()
        .map(|c| {
            if c == ' ' {
                '_'
            } else {
                c.to_ascii_uppercase()
            }
        })
        .collect();
    let number = SSL_ROUTINES | number;
    let message = format!("error:{number:08X}:{LIBRARY}::{reason}{detail}");
    Error::new(Source::Socket, format!("ERR_SSL_{code}"), message).with_tls(Tls {
        reason: Some(reason.to_owned()),
        library: Some(LIBRARY),
        ..Tls::default()
    })
}

fn alert_received(alert: AlertDescription) -> Error {
    let number = u8::from(alert);
    let Some(reason) = reason_of(number) else {
        return unnamed(&TlsError::AlertReceived(alert));
    };
    let advice = match number {
        40 | 70 | 71 => OLD_SERVER,
        41..=46 | 48 | 49 | 51 | 116 => {
            "The server wants another client certificate: check `tlsOptions.cert` and \
             `tlsOptions.key`."
        }
        112 => "The server does not know this name: check `host` and `tlsOptions.servername`.",
        _ => "The server refuses the connection; its log says why.",
    };
    let detail = format!(":SSL alert number {number}");
    routine(ALERT_REASONS + u32::from(number), reason, &detail).with_advice(advice)
}

/// OpenSSL 3.0's reason for an alert (RFC 8446 section 6).
fn reason_of(alert: u8) -> Option<&'static str> {
    Some(match alert {
        10 => "sslv3 alert unexpected message",
        20 => "sslv3 alert bad record mac",
        21 => "tlsv1 alert decryption failed",
        22 => "tlsv1 alert record overflow",
        40 => "sslv3 alert handshake failure",
        41 => "sslv3 alert no certificate",
        42 => "sslv3 alert bad certificate",
        43 => "sslv3 alert unsupported certificate",
        44 => "sslv3 alert certificate revoked",
        45 => "sslv3 alert certificate expired",
        46 => "sslv3 alert certificate unknown",
        47 => "sslv3 alert illegal parameter",
        48 => "tlsv1 alert unknown ca",
        49 => "tlsv1 alert access denied",
        50 => "tlsv1 alert decode error",
        51 => "tlsv1 alert decrypt error",
        70 => "tlsv1 alert protocol version",
        71 => "tlsv1 alert insufficient security",
        80 => "tlsv1 alert internal error",
        86 => "tlsv1 alert inappropriate fallback",
        90 => "tlsv1 alert user cancelled",
        100 => "tlsv1 alert no renegotiation",
        109 => "tlsv13 alert missing extension",
        110 => "tlsv1 unsupported extension",
        112 => "tlsv1 unrecognized name",
        116 => "tlsv13 alert certificate required",
        120 => "tlsv1 alert no application protocol",
        _ => return None,
    })
}

/// A fault that OpenSSL has no common name for.
fn unnamed(error: &TlsError) -> Error {
    let tls = Tls {
        library: Some(LIBRARY),
        ..Tls::default()
    };
    Error::new(Source::Socket, "EPROTO", format!("write EPROTO {error}"))
        .with_tls(tls)
        .with_advice("The server's TLS does not fit: check `host`, `port` and the server's log.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(error: TlsError) -> Error {
        fault(&io::Error::new(io::ErrorKind::InvalidData, error)).unwrap()
    }

    #[test]
    fn alerts_have_the_codes_of_openssl() {
        for (alert, code) in [
            (
                AlertDescription::ProtocolVersion,
                "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION",
            ),
            (
                AlertDescription::HandshakeFailure,
                "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE",
            ),
            (
                AlertDescription::CertificateRequired,
                "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED",
            ),
            (
                AlertDescription::UnrecognisedName,
                "ERR_SSL_TLSV1_UNRECOGNIZED_NAME",
            ),
        ] {
            let error = told(TlsError::AlertReceived(alert));
            assert_eq!(error.code, code);
            assert_eq!(error.tls.unwrap().library, Some("SSL routines"));
        }
    }

    #[test]
    fn texts_are_those_of_openssl_without_its_source_files() {
        let error = told(TlsError::AlertReceived(AlertDescription::HandshakeFailure));
        assert_eq!(
            error.message,
            "error:0A000410:SSL routines::sslv3 alert handshake failure:SSL alert number 40"
        );
        let error = told(TlsError::InvalidMessage(InvalidMessage::InvalidContentType));
        assert_eq!(
            error.message,
            "error:0A00010B:SSL routines::wrong version number"
        );
    }

    #[test]
    fn an_unknown_alert_and_a_strange_peer_still_have_a_code() {
        assert_eq!(
            told(TlsError::AlertReceived(AlertDescription::from(200))).code,
            "EPROTO"
        );
        assert_eq!(told(TlsError::DecryptError).code, "EPROTO");
    }

    #[test]
    fn a_system_error_is_none_of_these() {
        assert!(fault(&io::Error::from(io::ErrorKind::ConnectionReset)).is_none());
        assert!(fault(&io::Error::other("wet")).is_none());
    }
}
