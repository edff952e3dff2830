//! The API key that an administrator makes in the Factory and pastes here. It is JSON in a PKCS#1 block of type 1 (RFC
//! 8017 calls the form `EMSA-PKCS1-v1_5`, here without a digest), raised with the host's private key, in base64; so it
//! is opened with the host's public key. (API page, "Client certificate".)
//!
//! Only the public operation of the `rsa` crate is used, and the padding is checked here: a key that was altered or
//! made by another host is refused.

use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::{DecodeError, Engine as _};
use rsa::pkcs1::DecodeRsaPublicKey as _;
use rsa::pkcs8::DecodePublicKey as _;
use rsa::traits::PublicKeyParts as _;
use rsa::{BigUint, RsaPublicKey};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::id::ClientId;
use super::lenient;

/// The API key can be signed with for ten minutes (API page, "Client certificate"); in seconds.
const LIFE: i64 = 600;
/// How far the Factory's clock may be ahead of ours, in seconds.
const CLOCK_LEEWAY: i64 = 120;
/// The fewest `FF` bytes of a block of type 1 (RFC 8017, section 9.2).
const FEWEST_FF: usize = 8;
/// A key of 4096 bits has 684 characters; this is far beyond any.
const LONGEST_PASTED: usize = 16 * 1024;

/// Why a pasted API key cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApiKeyError {
    /// Nothing was pasted.
    #[error("no API key was given: copy the whole key from Admin tools > API key in the factory")]
    Empty,
    /// It holds what no API key holds.
    #[error("this is no API key: it holds characters that no key has; copy the key again, and nothing around it")]
    PastedWrongly,
    /// It is shorter than a key of this host, or ends in the middle.
    #[error("the API key is cut off; copy it again, from its first to its last character")]
    CutOff,
    /// It is longer than a key of this host.
    #[error("the API key is longer than a key of this host; copy it again, and only once")]
    TooLong,
    /// It was not made by the host whose public key opened it, or a character was changed.
    #[error(
        "the API key was not made by this host, or was altered; check the factory's address and copy the key again"
    )]
    Foreign,
    /// It is a key of this host, but does not say what it should.
    #[error("the API key is from this host, but what it says cannot be read; make a new one")]
    Garbled,
    /// It is older than ten minutes.
    #[error(
        "the API key was made {minutes} minutes ago and can be used for ten; make a new one (if it is new, this machine's clock is wrong)"
    )]
    TooOld {
        /// Its age in whole minutes.
        minutes: i64,
    },
    /// It was made in the future, so a clock is wrong.
    #[error(
        "the API key was made {minutes} minutes in the future by this machine's clock; set the clock and try again"
    )]
    Clock {
        /// How far ahead it is, in whole minutes.
        minutes: i64,
    },
}

/// A pasted API key without what pasting added. `Debug` does not show it.
#[derive(Clone, Debug)]
pub struct PastedApiKey(SecretString);

impl PastedApiKey {
    /// Takes white space, line breaks, invisible characters and quotation marks away and checks that base64 is left.
    pub fn clean(pasted: &str) -> Result<Self, ApiKeyError> {
        let is_added = |character: char| {
            character.is_whitespace()
                || matches!(
                    character,
                    '"' | '\'' | '`' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'
                )
        };
        let compact: String = pasted.chars().filter(|character| !is_added(*character)).collect();
        if compact.is_empty() {
            return Err(ApiKeyError::Empty);
        }
        let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
        if !compact.bytes().all(is_base64) {
            return Err(ApiKeyError::PastedWrongly);
        }
        if compact.len() > LONGEST_PASTED {
            return Err(ApiKeyError::TooLong);
        }
        Ok(Self(compact.into()))
    }

    /// The key in one line: what goes back to the Factory as `signature`.
    pub fn signature(&self) -> &str {
        self.0.expose_secret()
    }

    /// Opens the key with the host's public key.
    pub fn open(&self, host: &FactoryPublicKey) -> Result<ApiKey, ApiKeyError> {
        let block = host.raise(&self.bytes()?)?;
        let content = unpad(&block).ok_or(ApiKeyError::Foreign)?;
        serde_json::from_slice(content).map_err(|_| ApiKeyError::Garbled)
    }

    fn bytes(&self) -> Result<Vec<u8>, ApiKeyError> {
        const LENIENT: GeneralPurpose = GeneralPurpose::new(
            &base64::alphabet::STANDARD,
            GeneralPurposeConfig::new()
                .with_decode_padding_mode(DecodePaddingMode::Indifferent)
                .with_decode_allow_trailing_bits(true),
        );
        LENIENT.decode(self.signature()).map_err(|error| match error {
            // All characters are known by now: what is left is padding in the middle.
            DecodeError::InvalidByte(..) => ApiKeyError::PastedWrongly,
            _ => ApiKeyError::CutOff,
        })
    }
}

/// The public key of a Factory host, by which its API keys are opened.
#[derive(Clone, Debug)]
pub struct FactoryPublicKey(RsaPublicKey);

impl FactoryPublicKey {
    /// Reads a PEM public key, `BEGIN PUBLIC KEY` or `BEGIN RSA PUBLIC KEY`; `None` if it is none.
    pub fn parse(pem: &str) -> Option<Self> {
        let pem = pem.trim().replace("\r\n", "\n");
        let spki = RsaPublicKey::from_public_key_pem(&pem).ok();
        spki.or_else(|| RsaPublicKey::from_pkcs1_pem(&pem).ok()).map(Self)
    }

    /// The block in `raised`, as long as the modulus.
    fn raise(&self, raised: &[u8]) -> Result<Vec<u8>, ApiKeyError> {
        let size = self.0.size();
        if raised.len() != size {
            // As long as the keys of other hosts: then it is one of theirs.
            let is_whole = matches!(raised.len(), 128 | 256 | 384 | 512);
            return Err(match raised.len().cmp(&size) {
                _ if is_whole => ApiKeyError::Foreign,
                std::cmp::Ordering::Less => ApiKeyError::CutOff,
                _ => ApiKeyError::TooLong,
            });
        }
        let number = BigUint::from_bytes_be(raised);
        if &number >= self.0.n() {
            return Err(ApiKeyError::Foreign);
        }
        let opened = rsa::hazmat::rsa_encrypt(&self.0, &number).map_err(|_| ApiKeyError::Foreign)?;
        let bytes = opened.to_bytes_be();
        let mut block = vec![0; size.saturating_sub(bytes.len())];
        block.extend_from_slice(&bytes);
        Ok(block)
    }
}

/// What follows `00 01 FF … FF 00`, with at least eight `FF`; `None` for any other block.
fn unpad(block: &[u8]) -> Option<&[u8]> {
    let rest = block.strip_prefix(&[0x00, 0x01])?;
    let padding = rest.iter().take_while(|byte| **byte == 0xFF).count();
    if padding < FEWEST_FF {
        return None;
    }
    rest.get(padding..)?.strip_prefix(&[0x00])
}

/// What an API key says.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ApiKey {
    /// The organisation.
    #[serde(rename = "id")]
    pub client_id: ClientId,
    /// Subject for the signing request, in the form `/CN=…`.
    #[serde(default, deserialize_with = "lenient::text")]
    pub subject: Option<String>,
    #[serde(rename = "ctime", deserialize_with = "moment")]
    made_at: i64,
}

impl ApiKey {
    /// When it was made, in Unix seconds.
    pub const fn made_at(&self) -> i64 {
        self.made_at
    }

    /// Checks that the key is not older than ten minutes at `now` (Unix seconds), and not from the future.
    pub fn check_age(&self, now: i64) -> Result<(), ApiKeyError> {
        let age = now.saturating_sub(self.made_at);
        if age > LIFE {
            return Err(ApiKeyError::TooOld { minutes: age / 60 });
        }
        if age < -CLOCK_LEEWAY {
            return Err(ApiKeyError::Clock {
                minutes: age.saturating_neg() / 60,
            });
        }
        Ok(())
    }

    /// The subject for the signing request: the given one, else `/CN={client id}`.
    pub fn subject_line(&self) -> String {
        self.subject
            .clone()
            .unwrap_or_else(|| format!("/CN={}", self.client_id))
    }
}

/// `ctime` is a number or a text (API page: a text in the example).
fn moment<'de, D: serde::Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    lenient::int(from)?.ok_or_else(|| serde::de::Error::custom("no moment"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing::TokenMint;
    use super::*;
    use crate::support::cases::properties;

    const NOW: i64 = 1_767_225_600;

    fn json(ctime: &str) -> String {
        format!(r#"{{"id":"C8Xk2Demo","subject":"/CN=C8Xk2Demo","ctime":{ctime},"nonce":"9f3c"}}"#)
    }

    fn open(mint: &TokenMint, pasted: &str) -> Result<ApiKey, ApiKeyError> {
        let host = FactoryPublicKey::parse(&mint.public_pem()).unwrap();
        PastedApiKey::clean(pasted)?.open(&host)
    }

    #[test]
    fn a_key_is_opened_with_the_hosts_public_key() {
        let mint = TokenMint::shared();
        for ctime in ["\"1767225600\"", "1767225600", "1767225600.0"] {
            let key = open(mint, &mint.token(&json(ctime))).unwrap();
            assert_eq!((key.client_id.as_str(), key.made_at()), ("C8Xk2Demo", NOW));
            assert_eq!(key.subject_line(), "/CN=C8Xk2Demo");
        }
        let bare = open(mint, &mint.token(r#"{"id":"C1","ctime":5,"subject":""}"#)).unwrap();
        assert_eq!(bare.subject_line(), "/CN=C1");
    }

    #[test]
    fn both_forms_of_public_keys_are_read() {
        use rsa::pkcs1::EncodeRsaPublicKey as _;
        let mint = TokenMint::shared();
        let host = FactoryPublicKey::parse(&mint.public_pem()).unwrap();
        let old = host.0.to_pkcs1_pem(rsa::pkcs8::LineEnding::CRLF).unwrap();
        let key = PastedApiKey::clean(&mint.token(&json("1"))).unwrap();
        assert!(key.open(&FactoryPublicKey::parse(&old).unwrap()).is_ok());
        let dressed = format!("\r\n{}\r\n\r\n", mint.public_pem().replace('\n', "\r\n"));
        assert!(FactoryPublicKey::parse(&dressed).is_some());
        for bad in [
            "",
            "<html>",
            "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
        ] {
            assert!(FactoryPublicKey::parse(bad).is_none());
        }
    }

    #[test]
    fn what_was_pasted_wrongly_is_told_apart() {
        let mint = TokenMint::shared();
        let token = mint.token(&json("1"));
        assert_eq!(open(mint, ""), Err(ApiKeyError::Empty));
        assert_eq!(open(mint, " \n\u{200b} \""), Err(ApiKeyError::Empty));
        assert_eq!(open(mint, "My key: abc"), Err(ApiKeyError::PastedWrongly));
        assert_eq!(open(mint, &format!("{token}!")), Err(ApiKeyError::PastedWrongly));
        assert_eq!(open(mint, &token[..token.len() - 9]), Err(ApiKeyError::CutOff));
        assert_eq!(open(mint, &token[4..]), Err(ApiKeyError::CutOff));
        assert_eq!(
            open(mint, &format!("{}{token}", &token[..40])),
            Err(ApiKeyError::TooLong)
        );
        assert_eq!(open(mint, &"A".repeat(20_000)), Err(ApiKeyError::TooLong));
        assert!(matches!(
            open(mint, &format!("{token}{token}")),
            Err(ApiKeyError::TooLong | ApiKeyError::PastedWrongly | ApiKeyError::Foreign)
        ));
    }

    #[test]
    fn a_key_of_another_host_is_foreign() {
        let other = TokenMint::new();
        assert_eq!(
            open(TokenMint::shared(), &other.token(&json("1"))),
            Err(ApiKeyError::Foreign)
        );
    }

    #[test]
    fn a_key_that_says_nothing_is_garbled() {
        let mint = TokenMint::shared();
        for content in [
            "",
            "{}",
            "[]",
            r#"{"id":"C1"}"#,
            r#"{"id":"../x","ctime":1}"#,
            r#"{"id":"C1","ctime":"soon"}"#,
            "\u{0}",
        ] {
            assert_eq!(open(mint, &mint.token(content)), Err(ApiKeyError::Garbled), "{content}");
        }
    }

    #[test]
    fn a_block_with_any_other_padding_is_refused() {
        let mint = TokenMint::shared();
        let content = json("1").into_bytes();
        let fill = mint.size() - 3 - content.len();
        let block = |start: &[u8], fill: &[u8], end: &[u8]| [start, fill, end, &content].concat();
        let sound = vec![0xFF; fill];
        assert!(open(mint, &mint.raise(&block(&[0, 1], &sound, &[0]))).is_ok());
        let mut holed = sound.clone();
        holed[20] = 0xFE;
        let random = vec![0x5A; fill];
        let bad = [
            block(&[0, 2], &random, &[0]),
            block(&[0, 2], &sound, &[0]),
            block(&[0, 0], &sound, &[0]),
            block(&[0, 1], &holed, &[0]),
            block(&[0, 1], &sound, &[1]),
            block(&[0, 1], &sound, &[0xFF]),
            [&[0, 1], &[0xFF; 7][..], &[0], &content, &vec![b' '; fill - 7]].concat(),
            [&[0, 1, 0], &content[..], &vec![b' '; fill]].concat(),
            vec![0xFF; mint.size()]
                .iter()
                .enumerate()
                .map(|(at, _)| u8::from(at == 1) * 0xFF)
                .collect(),
        ];
        for block in bad {
            assert_eq!(
                open(mint, &mint.raise(&block)),
                Err(ApiKeyError::Foreign),
                "{block:02x?}"
            );
        }
        let eight = [&[0, 1], &[0xFF; 8][..], &[0], &content, &vec![b' '; fill - 8]].concat();
        assert!(open(mint, &mint.raise(&eight)).is_ok());
        let larger_than_the_modulus = base64::engine::general_purpose::STANDARD.encode(vec![0xFF; mint.size()]);
        assert_eq!(open(mint, &larger_than_the_modulus), Err(ApiKeyError::Foreign));
    }

    #[test]
    fn a_key_lives_ten_minutes() {
        let key = ApiKey {
            client_id: ClientId::parse("C1").unwrap(),
            subject: None,
            made_at: NOW,
        };
        for now in [NOW - 120, NOW - 1, NOW, NOW + 600] {
            assert_eq!(key.check_age(now), Ok(()));
        }
        assert_eq!(key.check_age(NOW + 601), Err(ApiKeyError::TooOld { minutes: 10 }));
        assert_eq!(key.check_age(NOW - 121), Err(ApiKeyError::Clock { minutes: 2 }));
        assert_eq!(key.check_age(NOW - 3600), Err(ApiKeyError::Clock { minutes: 60 }));
        assert!(matches!(key.check_age(i64::MIN), Err(ApiKeyError::Clock { .. })));
    }

    #[test]
    fn a_key_is_not_shown() {
        let key = PastedApiKey::clean("aHVzaA==").unwrap();
        assert!(!format!("{key:?}").contains("aHVzaA"));
    }

    properties! {
        #[test]
        fn what_pasting_adds_does_not_matter(
            places in prop::collection::vec((any::<prop::sample::Index>(), "[ \\t\\r\\n\"\u{a0}\u{200b}\u{feff}]{1,3}"), 0..6),
        ) {
            let token = TokenMint::shared_token();
            let mut pasted = token.to_owned();
            for (place, added) in places {
                let at = place.index(pasted.len() + 1);
                if pasted.is_char_boundary(at) {
                    pasted.insert_str(at, &added);
                }
            }
            let clean = PastedApiKey::clean(&pasted).unwrap();
            prop_assert_eq!(clean.signature(), token);
        }

        #[test]
        fn a_changed_key_is_refused(place in any::<prop::sample::Index>(), bit in 0_u32..8) {
            let mint = TokenMint::shared();
            let engine = base64::engine::general_purpose::STANDARD;
            let mut bytes = engine.decode(TokenMint::shared_token()).unwrap();
            let at = place.index(bytes.len());
            bytes[at] ^= 1_u8 << bit;
            prop_assert_eq!(open(mint, &engine.encode(&bytes)), Err(ApiKeyError::Foreign));
        }

        #[test]
        fn any_text_is_read_or_refused(pasted in "[A-Za-z0-9+/=\\s]{0,400}|\\PC{0,80}") {
            prop_assert!(open(TokenMint::shared(), &pasted).is_err());
        }

        #[test]
        fn only_blocks_of_type_one_are_opened(
            start in prop::collection::vec(0_u8..3, 0..3),
            fill in 0_usize..12,
            odd in prop::option::of(any::<u8>()),
            content in prop::collection::vec(any::<u8>(), 0..8),
        ) {
            let middle: Vec<u8> = std::iter::repeat_n(0xFF, fill).chain(odd).collect();
            let block = [&start[..], &middle, &content].concat();
            // The same rule, told the other way round.
            let expected = (8..=block.len()).rev().find_map(|count| {
                let head: Vec<u8> = [0, 1].into_iter().chain(std::iter::repeat_n(0xFF, count)).chain([0]).collect();
                block.strip_prefix(&head[..])
            });
            prop_assert_eq!(unpad(&block), expected);
        }
    }
}
