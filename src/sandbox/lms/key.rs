//! The LMS's signing keys, the key set it publishes, and signatures that are wrong on purpose.

use std::fmt;
use std::sync::{Arc, OnceLock};

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use aws_lc_rs::{error::Unspecified, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::crypto::random;

/// The `kid` of an elliptic curve key in [`super::JwksMode::WithJunkKeys`]; [`Signer::Elliptic`] signs with it.
pub const ELLIPTIC_KID: &str = "elliptic";
/// The `kid` under which [`super::JwksMode::WithJunkKeys`] has the LMS's own key marked as one for encryption.
pub const ENCRYPTION_KID: &str = "encryption";

/// An RSA-2048 key with its name. Cheap to clone.
#[derive(Clone)]
pub struct SigningKey {
    kid: String,
    pair: Arc<RsaKeyPair>,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("SigningKey")
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

/// The system could not make a key.
#[derive(Debug, thiserror::Error)]
#[error("no RSA key could be made or read")]
pub struct KeyError;

impl From<Unspecified> for KeyError {
    fn from(_: Unspecified) -> Self {
        Self
    }
}

impl SigningKey {
    /// A new key with a new name.
    pub fn generate() -> Result<Self, KeyError> {
        Self::with_kid(&random::token().chars().take(20).collect::<String>())
    }

    /// A new key named `kid`, for two LMSs whose keys have the same name.
    pub fn with_kid(kid: &str) -> Result<Self, KeyError> {
        Ok(Self {
            kid: kid.to_owned(),
            pair: Arc::new(RsaKeyPair::generate(KeySize::Rsa2048)?),
        })
    }

    /// The key of a PKCS #8 file; named after its public part, so that it keeps its name over restarts.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, KeyError> {
        let pair = RsaKeyPair::from_pkcs8(der).map_err(|_| KeyError)?;
        let modulus = pair.public_key().modulus().big_endian_without_leading_zero().to_vec();
        let kid = URL_SAFE_NO_PAD.encode(modulus).chars().take(20).collect();
        Ok(Self {
            kid,
            pair: Arc::new(pair),
        })
    }

    /// The key as PKCS #8, to be kept.
    pub fn to_pkcs8(&self) -> Result<Vec<u8>, KeyError> {
        let der: Pkcs8V1Der<'_> = self.pair.as_der()?;
        Ok(der.as_ref().to_vec())
    }

    /// The name of the key.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The public part as a member of a key set.
    pub fn jwk(&self) -> Value {
        self.jwk_as(&self.kid, "sig")
    }

    /// The public part as PEM text.
    pub fn public_pem(&self) -> String {
        let der: Result<PublicKeyX509Der<'_>, _> = self.pair.public_key().as_der();
        let text = der.map(|der| STANDARD.encode(der.as_ref())).unwrap_or_default();
        let mut pem = String::from("-----BEGIN PUBLIC KEY-----\n");
        for (place, character) in text.chars().enumerate() {
            if place > 0 && place % 64 == 0 {
                pem.push('\n');
            }
            pem.push(character);
        }
        pem.push_str("\n-----END PUBLIC KEY-----\n");
        pem
    }

    pub(super) fn jwk_as(&self, kid: &str, purpose: &str) -> Value {
        let public = self.pair.public_key();
        let (n, e) = (public.modulus(), public.exponent());
        json!({
            "kty": "RSA", "alg": "RS256", "use": purpose, "kid": kid,
            "n": URL_SAFE_NO_PAD.encode(n.big_endian_without_leading_zero()),
            "e": URL_SAFE_NO_PAD.encode(e.big_endian_without_leading_zero()),
        })
    }

    fn signature(&self, message: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; self.pair.public_modulus_len()];
        let signed = self
            .pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut bytes);
        // A failure leaves a token that nobody accepts: a test sees it at once.
        if signed.is_err() {
            bytes.clear();
        }
        bytes
    }
}

/// What a token is signed with.
#[derive(Clone, Debug)]
pub enum Signer {
    /// The key that the LMS publishes: RS256.
    Own,
    /// The key before the last change of keys: RS256. Before any change, the own key.
    Previous,
    /// A key that the LMS never published: RS256.
    Other,
    /// This key: RS256.
    Key(SigningKey),
    /// An elliptic curve key, published under [`ELLIPTIC_KID`] beside junk keys: ES256.
    Elliptic,
    /// HS256 with the text of the own public key as the secret.
    PublicKeyText,
    /// HS256 with this secret.
    Secret(Vec<u8>),
    /// No signature: the third part is empty.
    Nothing,
}

/// A compact JWT of exactly this header and these claims. The header is not changed: it may lie about the key or the algorithm.
pub(super) fn sign(header: &Value, claims: &Value, own: &SigningKey, previous: &SigningKey, signer: &Signer) -> String {
    let content = format!("{}.{}", part(header), part(claims));
    let message = content.as_bytes();
    let signature = match signer {
        Signer::Own => own.signature(message),
        Signer::Previous => previous.signature(message),
        Signer::Other => other().map(|key| key.signature(message)).unwrap_or_default(),
        Signer::Key(key) => key.signature(message),
        Signer::Elliptic => elliptic_signature(message),
        Signer::PublicKeyText => mac(own.public_pem().as_bytes(), message),
        Signer::Secret(secret) => mac(secret, message),
        Signer::Nothing => Vec::new(),
    };
    format!("{content}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// Keys that a tool must be able to skip: another curve, no name, broken numbers, wrong purpose, no object at all.
pub(super) fn junk(own: &SigningKey) -> Vec<Value> {
    let mut keys = vec![
        json!({"kty": "RSA", "kid": "broken", "alg": "RS256", "use": "sig", "n": "!!!", "e": "AQAB"}),
        json!({"kty": "RSA", "kid": "tiny", "alg": "RS256", "use": "sig", "n": "AQAB", "e": "AQAB"}),
        json!({"kty": "OKP", "crv": "Ed25519", "kid": "okp", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}),
        json!({"kty": "quantum", "kid": "future"}),
        json!({"kty": "RSA"}),
        json!("not a key"),
        Value::Null,
        own.jwk_as(ENCRYPTION_KID, "enc"),
    ];
    if let Some(pair) = elliptic() {
        // An uncompressed point: 04, then 32 bytes each of x and y.
        let point = pair.public_key().as_ref();
        let coordinate = |from: usize| URL_SAFE_NO_PAD.encode(point.get(from..from + 32).unwrap_or_default());
        let (x, y) = (coordinate(1), coordinate(33));
        keys.push(json!({"kty": "EC", "crv": "P-256", "kid": ELLIPTIC_KID, "use": "sig", "x": x, "y": y}));
    }
    keys
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// HMAC-SHA256.
pub(super) fn mac(secret: &[u8], message: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message)
        .as_ref()
        .to_vec()
}

fn other() -> Option<&'static SigningKey> {
    static OTHER: OnceLock<Option<SigningKey>> = OnceLock::new();
    OTHER.get_or_init(|| SigningKey::generate().ok()).as_ref()
}

fn elliptic() -> Option<&'static EcdsaKeyPair> {
    static ELLIPTIC: OnceLock<Option<EcdsaKeyPair>> = OnceLock::new();
    ELLIPTIC
        .get_or_init(|| EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).ok())
        .as_ref()
}

fn elliptic_signature(message: &[u8]) -> Vec<u8> {
    let signed = elliptic().and_then(|pair| pair.sign(&SystemRandom::new(), message).ok());
    signed.map(|signature| signature.as_ref().to_vec()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};

    #[test]
    fn a_token_verifies_with_the_published_key_and_no_other() {
        let (own, stranger) = (SigningKey::generate().unwrap(), SigningKey::generate().unwrap());
        let token = sign(&json!({"alg": "RS256"}), &json!({"sub": "3"}), &own, &own, &Signer::Own);
        let (message, signature) = token.rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        let verifies = |jwk: &Value| {
            let number = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap();
            let public = RsaPublicKeyComponents {
                n: number("n"),
                e: number("e"),
            };
            public
                .verify(&RSA_PKCS1_2048_8192_SHA256, message.as_bytes(), &signature)
                .is_ok()
        };
        assert!(verifies(&own.jwk()));
        assert!(!verifies(&stranger.jwk()));
    }

    #[test]
    fn a_kept_key_is_the_same_after_a_restart() {
        let made = SigningKey::generate().unwrap();
        let once = SigningKey::from_pkcs8(&made.to_pkcs8().unwrap()).unwrap();
        let again = SigningKey::from_pkcs8(&made.to_pkcs8().unwrap()).unwrap();
        assert_eq!(once.jwk(), again.jwk());
        assert_eq!(once.jwk()["n"], made.jwk()["n"]);
        assert!(made.public_pem().starts_with("-----BEGIN PUBLIC KEY-----\nMII"));
    }
}
