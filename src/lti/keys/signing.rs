//! Our own key: what we sign with (RS256) and what we publish.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::crypto::JwtSigner;
use jsonwebtoken::signature::{self, Signer};
use jsonwebtoken::{Algorithm, Header};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// An RSA key of the tool. Parsed once; signing does not parse it again.
pub struct SigningKey {
    pair: KeyPair,
    public: PublicKey,
}

/// Why a key cannot be made, read or used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SigningError {
    #[error("the key is no PKCS#8 RSA key of at least 2048 bits")]
    InvalidKey,
    #[error("the key could not be made")]
    NotGenerated,
    #[error("the claims are no JSON")]
    InvalidClaims,
    #[error("the signature could not be made")]
    NotSigned,
    #[error("there is no key to sign with")]
    NoKey,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.public.kid)
    }
}

impl SigningKey {
    /// A new RSA key of 2048 bits. Takes some hundred milliseconds.
    pub fn generate() -> Result<Self, SigningError> {
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| SigningError::NotGenerated)?;
        Ok(Self::of(pair))
    }

    /// The key in `der` (PKCS#8, unencrypted).
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, SigningError> {
        let pair = KeyPair::from_pkcs8(der).map_err(|_| SigningError::InvalidKey)?;
        if pair.public_modulus_len() < 256 {
            return Err(SigningError::InvalidKey);
        }
        Ok(Self::of(pair))
    }

    /// The whole key as PKCS#8, to be sealed and kept.
    pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, SigningError> {
        let der: Pkcs8V1Der<'_> = self.pair.as_der().map_err(|_| SigningError::InvalidKey)?;
        Ok(Zeroizing::new(der.as_ref().to_vec()))
    }

    fn of(pair: KeyPair) -> Self {
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let public = pair.public_key();
        let public = PublicKey::of(
            encode(public.modulus().big_endian_without_leading_zero()),
            encode(public.exponent().big_endian_without_leading_zero()),
        );
        Self { pair, public }
    }

    /// The key's id: its thumbprint (RFC 7638), so the same key has the same id everywhere.
    pub fn kid(&self) -> &str {
        &self.public.kid
    }

    /// What may be published of it.
    pub fn public(&self) -> PublicKey {
        self.public.clone()
    }

    /// A signed token over `claims` with `alg` RS256, `typ` JWT and the key's `kid`.
    pub fn sign(&self, claims: &impl Serialize) -> Result<String, SigningError> {
        let header = Header {
            kid: Some(self.public.kid.clone()),
            ..Header::new(Algorithm::RS256)
        };
        let header = serde_json::to_vec(&header).map_err(|_| SigningError::InvalidClaims)?;
        let claims = serde_json::to_vec(claims).map_err(|_| SigningError::InvalidClaims)?;
        let mut token = URL_SAFE_NO_PAD.encode(header);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(claims, &mut token);
        let signature = self.sign_bytes(token.as_bytes())?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }

    pub(in crate::lti) fn sign_bytes(&self, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| SigningError::NotSigned)?;
        Ok(signature)
    }
}

impl Signer<Vec<u8>> for SigningKey {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        self.sign_bytes(message).map_err(|_| signature::Error::new())
    }
}

impl JwtSigner for SigningKey {
    fn algorithm(&self) -> Algorithm {
        Algorithm::RS256
    }
}

/// A public key as a JSON web key (RFC 7517): nothing private can be in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicKey {
    kty: String,
    #[serde(rename = "use")]
    usage: String,
    alg: String,
    kid: String,
    n: String,
    e: String,
}

impl PublicKey {
    fn of(n: String, e: String) -> Self {
        // RFC 7638 section 3: the required members in alphabetical order, without white space
        let thumbprint = digest(&SHA256, format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#).as_bytes());
        Self {
            kty: "RSA".to_owned(),
            usage: "sig".to_owned(),
            alg: "RS256".to_owned(),
            kid: URL_SAFE_NO_PAD.encode(thumbprint),
            n,
            e,
        }
    }

    /// The key's id.
    pub fn kid(&self) -> &str {
        &self.kid
    }
}

/// The key set that we publish. A new key is published before anything is signed with it, and an old one stays for
/// at least 48 hours: platforms keep what they fetched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnKeySet {
    keys: Vec<PublicKey>,
}

impl OwnKeySet {
    /// The set of `keys`. Serialises to the document to serve.
    pub fn of(keys: impl IntoIterator<Item = PublicKey>) -> Self {
        Self {
            keys: keys.into_iter().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::lti::keys::KeySet;
    use crate::lti::testing::{other_key, platform_key};

    #[test]
    fn the_key_id_is_the_thumbprint_of_the_specification() {
        // the example of RFC 7638 section 3.1
        let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
        let key = PublicKey::of(n.to_owned(), "AQAB".to_owned());
        assert_eq!(key.kid(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }

    #[test]
    fn the_published_set_has_six_members_a_key_and_verifies_what_we_sign() {
        let key = platform_key();
        let set = serde_json::to_value(OwnKeySet::of([key.public(), other_key().public()])).unwrap();
        let mut members: Vec<_> = set["keys"][0].as_object().unwrap().keys().cloned().collect();
        members.sort();
        assert_eq!(members, ["alg", "e", "kid", "kty", "n", "use"]);
        assert_eq!(KeySet::parse(set.to_string().as_bytes()).unwrap().len(), 2);

        let token = key.sign(&json!({"iss": "me"})).unwrap();
        let jwk: jsonwebtoken::jwk::Jwk = serde_json::from_value(set["keys"][0].clone()).unwrap();
        let mut rules = jsonwebtoken::Validation::new(Algorithm::RS256);
        rules.required_spec_claims.clear();
        rules.validate_exp = false;
        let decoding = jsonwebtoken::DecodingKey::from_jwk(&jwk).unwrap();
        let read = jsonwebtoken::decode::<Value>(&token, &decoding, &rules).unwrap();
        assert_eq!(read.claims, json!({"iss": "me"}));
        assert_eq!(read.header.kid.as_deref(), Some(key.kid()));
        assert_eq!(read.header.typ.as_deref(), Some("JWT"));
    }

    #[test]
    fn a_key_comes_back_from_its_pkcs8_form() {
        let der = platform_key().to_pkcs8().unwrap();
        assert_eq!(SigningKey::from_pkcs8(&der).unwrap().kid(), platform_key().kid());
        assert_eq!(SigningKey::from_pkcs8(b"no key").err(), Some(SigningError::InvalidKey));
        assert!(!format!("{:?}", platform_key()).contains("pair"));
    }
}
