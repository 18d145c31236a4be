//! Access tokens as the responses that carry them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::options::{Options, Secret};

/// The initial response of XOAUTH2, in base64 (Google's documentation of SASL XOAUTH2).
///
/// ```abnf
/// response = "user=" user %x01 "auth=Bearer " token %x01 %x01
/// ```
pub fn xoauth2(options: &Options) -> Option<Secret> {
    let token = options.token.as_ref()?.expose();
    let user = options.user.as_deref().unwrap_or_default();
    Some(encode(&format!(
        "user={user}\x01auth=Bearer {token}\x01\x01"
    )))
}

/// The initial response of OAUTHBEARER, in base64 (RFC 7628 section 3.1).
///
/// ```abnf
/// response = "n,a=" user "," %x01 "host=" host %x01 "port=" port %x01
///            "auth=Bearer " token %x01 %x01
/// ```
pub fn oauthbearer(options: &Options) -> Option<Secret> {
    let token = options.token.as_ref()?.expose();
    let user = options.user.as_deref().unwrap_or_default();
    // A name in GS2 has its own escapes (RFC 5801 section 4).
    let user = user.replace('=', "=3D").replace(',', "=2C");
    let (host, port) = (&options.host, options.port);
    Some(encode(&format!(
        "n,a={user},\x01host={host}\x01port={port}\x01auth=Bearer {token}\x01\x01"
    )))
}

fn encode(text: &str) -> Secret {
    let text = Zeroizing::new(text.to_owned());
    Secret::new(STANDARD.encode(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(secret: Option<Secret>) -> String {
        let bytes = STANDARD.decode(secret.unwrap().expose()).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_token_is_wrapped_as_each_mechanism_wants_it() {
        let json = r#"{"user":"a,b@c","host":"h","port":993}"#;
        let mut options = Options::from_json(json).unwrap();
        assert!(xoauth2(&options).is_none());
        options.token = Some(Secret::new("tok".to_owned()));
        assert_eq!(
            decoded(xoauth2(&options)),
            "user=a,b@c\x01auth=Bearer tok\x01\x01"
        );
        assert_eq!(
            decoded(oauthbearer(&options)),
            "n,a=a=2Cb@c,\x01host=h\x01port=993\x01auth=Bearer tok\x01\x01"
        );
    }
}
