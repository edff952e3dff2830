//! Keys: the platform's key set, its cache, and our own signing key.
//!
//! A key is parsed once and kept as aws-lc-rs holds it. `jsonwebtoken` parses an RSA key anew at each verification,
//! which costs almost as much as the verification itself (53 µs against 38 µs a token); so its header, algorithm and
//! backend traits are used, and the backend is [`PlatformKey`].

mod cache;
mod own;
mod signing;

use std::fmt;

use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use jsonwebtoken::crypto::JwtVerifier;
use jsonwebtoken::signature::{self, Verifier};
use serde_json::Value;

pub use cache::{KeySetError, KeySetLimits, KeySets};
pub use own::{SigningKeys, TimedKey};
pub use signing::{OwnKeySet, PublicKey, SigningError, SigningKey};

/// The most keys that are read from one set.
const MAX_KEYS: usize = 100;

/// The keys of one platform that can verify an `id_token`, each with its id.
#[derive(Clone, Debug)]
pub struct KeySet {
    keys: Vec<(String, PlatformKey)>,
}

/// A text that is no key set, or one without a single usable key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKeySet {
    #[error("not a JSON web key set")]
    NotAKeySet,
    #[error("no usable RSA key of at least 2048 bits with a kid")]
    NoUsableKey,
}

impl KeySet {
    /// Reads a JSON web key set (RFC 7517). Keys that cannot verify RS256 are skipped: other types, other uses, other
    /// algorithms, without `kid`, unreadable, or shorter than 2048 bits.
    pub fn parse(body: &[u8]) -> Result<Self, InvalidKeySet> {
        let set: Value = serde_json::from_slice(body).map_err(|_| InvalidKeySet::NotAKeySet)?;
        let listed = set
            .get("keys")
            .and_then(Value::as_array)
            .ok_or(InvalidKeySet::NotAKeySet)?;
        let mut keys: Vec<(String, PlatformKey)> = Vec::new();
        for (kid, key) in listed.iter().take(MAX_KEYS).filter_map(read_key) {
            if keys.iter().all(|(known, _)| *known != kid) {
                keys.push((kid, key));
            }
        }
        if keys.is_empty() {
            return Err(InvalidKeySet::NoUsableKey);
        }
        Ok(Self { keys })
    }

    /// The key with the id `kid`.
    pub fn key(&self, kid: &str) -> Option<&PlatformKey> {
        self.keys.iter().find(|(known, _)| known == kid).map(|(_, key)| key)
    }

    /// How many keys can be used.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Never: a set without a usable key is none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}

fn read_key(jwk: &Value) -> Option<(String, PlatformKey)> {
    let text = |name: &str| jwk.get(name).and_then(Value::as_str);
    let absent_or = |name: &str, wanted: &str| match jwk.get(name) {
        None | Some(Value::Null) => true,
        Some(value) => value.as_str() == Some(wanted),
    };
    let fits = text("kty") == Some("RSA") && absent_or("use", "sig") && absent_or("alg", "RS256");
    let kid = text("kid").filter(|kid| fits && !kid.is_empty())?;
    let key = PlatformKey::from_components(&component(text("n")?)?, &component(text("e")?)?)?;
    Some((kid.to_owned(), key))
}

/// A big-endian number in base64url; padding and leading zeros, which some platforms send, are dropped.
fn component(encoded: &str) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(encoded.trim_end_matches('=')).ok()?;
    let start = bytes.iter().position(|byte| *byte != 0)?;
    bytes.get(start..).map(<[u8]>::to_vec)
}

/// A platform's public key, parsed, for RS256.
#[derive(Clone)]
pub struct PlatformKey(ParsedPublicKey);

impl PlatformKey {
    fn from_components(n: &[u8], e: &[u8]) -> Option<Self> {
        let top = n.first()?;
        let bits = n.len() * 8 - usize::try_from(top.leading_zeros()).ok()?;
        if !(2048..=8192).contains(&bits) {
            return None;
        }
        RsaPublicKeyComponents { n, e }
            .to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256)
            .ok()
            .map(Self)
    }
}

impl fmt::Debug for PlatformKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlatformKey(RSA)")
    }
}

impl Verifier<Vec<u8>> for PlatformKey {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        self.0
            .verify_sig(message, signature)
            .map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for PlatformKey {
    fn algorithm(&self) -> Algorithm {
        Algorithm::RS256
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{check, key_set_as, platform_key};
    use super::*;

    fn with(change: impl FnOnce(&mut Value)) -> Result<KeySet, InvalidKeySet> {
        let mut set: Value = serde_json::from_str(&key_set_as(platform_key(), "k")).unwrap();
        change(&mut set["keys"][0]);
        KeySet::parse(set.to_string().as_bytes())
    }

    #[test]
    fn keys_for_signatures_are_taken_and_others_skipped() {
        assert!(with(|_| {}).unwrap().key("k").is_some());
        assert!(with(|_| {}).unwrap().key("K").is_none());
        let absent = with(|key| {
            key.as_object_mut().unwrap().remove("use");
            key.as_object_mut().unwrap().remove("alg");
            key["key_ops"] = json!(["verify"]);
        });
        assert_eq!(absent.unwrap().len(), 1);
        for (name, value) in [
            ("use", json!("enc")),
            ("alg", json!("HS256")),
            ("alg", json!("RS512")),
            ("kty", json!("EC")),
            ("kid", json!("")),
            ("kid", json!(null)),
            ("kid", json!(7)),
            ("n", json!("!")),
            ("n", json!("")),
            ("n", json!(null)),
            ("e", json!("")),
            ("n", json!(URL_SAFE_NO_PAD.encode([0xff; 128]))),
            ("n", json!(URL_SAFE_NO_PAD.encode([&[0x7f][..], &[0xff; 255]].concat()))),
        ] {
            let set = with(|key| key[name] = value.clone());
            assert_eq!(set.err(), Some(InvalidKeySet::NoUsableKey), "{name} {value}");
        }
    }

    #[test]
    fn unreadable_keys_do_not_hide_the_others() {
        let mut set: Value = serde_json::from_str(&key_set_as(platform_key(), "good")).unwrap();
        let good = set["keys"][0].clone();
        set["keys"] = json!([7, null, {"kty": "EC", "kid": "good"}, {"kty": "RSA", "kid": "x", "n": 1}, good]);
        let set = KeySet::parse(set.to_string().as_bytes()).unwrap();
        assert_eq!(set.len(), 1);
        assert!(set.key("good").is_some());
    }

    #[test]
    fn a_modulus_with_a_leading_zero_and_padding_is_read() {
        let set = with(|key| {
            let n = URL_SAFE_NO_PAD.decode(key["n"].as_str().unwrap()).unwrap();
            let padded = base64::engine::general_purpose::URL_SAFE.encode([&[0][..], &n].concat());
            key["n"] = json!(padded);
        })
        .unwrap();
        let message = b"message";
        let signature = platform_key().sign_bytes(message).unwrap();
        assert!(set.key("k").unwrap().verify(message, &signature).is_ok());
    }

    #[test]
    fn what_is_no_key_set_is_refused() {
        for bad in ["", "<html>", "[]", "{}", r#"{"keys":{}}"#] {
            assert_eq!(
                KeySet::parse(bad.as_bytes()).err(),
                Some(InvalidKeySet::NotAKeySet),
                "{bad}"
            );
        }
        assert_eq!(KeySet::parse(br#"{"keys":[]}"#).err(), Some(InvalidKeySet::NoUsableKey));
    }

    #[test]
    fn any_modulus_is_read_or_skipped() {
        check(
            "modulus",
            &(".{0,20}", "[A-Za-z0-9_-]{0,400}", "[A-Za-z0-9_-]{0,8}"),
            |(kid, n, e)| {
                let set = json!({"keys": [{"kty": "RSA", "kid": kid, "n": n, "e": e}]});
                if let Ok(set) = KeySet::parse(set.to_string().as_bytes()) {
                    assert_eq!(set.len(), 1);
                }
                Ok(())
            },
        );
    }
}
