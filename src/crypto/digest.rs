//! Digests, keyed digests and comparison in constant time.

use std::fmt::Write as _;

use aws_lc_rs::{constant_time, digest, hmac};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

/// SHA-256 of `data`.
pub fn sha256(data: &[u8]) -> [u8; 32] {
    fixed(digest::digest(&digest::SHA256, data).as_ref())
}

/// SHA-256 of `data` as 64 lower-case hexadecimal digits.
pub fn sha256_hex(data: &[u8]) -> String {
    hex(&sha256(data))
}

/// What is stored of a secret from [`token_at`](super::random::token_at), and looked up: the six bytes of its time, then
/// 26 bytes of the SHA-256 of the whole token. Secrets made one after the other stand side by side in an index, where a
/// bare digest would touch another page of it for each. Any other text has a key, too: zeros stand for its time.
pub fn index_key(token: &str) -> [u8; 32] {
    let time = BASE64_URL_SAFE_NO_PAD.decode(token.get(..8).unwrap_or_default());
    let mut key = sha256(token.as_bytes());
    key.rotate_right(6);
    for (at, byte) in key.iter_mut().take(6).enumerate() {
        *byte = time.as_ref().ok().and_then(|time| time.get(at)).copied().unwrap_or(0);
    }
    key
}

/// `data` as lower-case hexadecimal digits.
pub fn hex(data: &[u8]) -> String {
    data.iter()
        .fold(String::with_capacity(data.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// HMAC-SHA-256 under `key` over `parts`, each preceded by its length in eight bytes, so that moving a border between
/// two parts gives another value.
pub fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    for part in parts {
        context.update(&length(part));
        context.update(part);
    }
    fixed(context.sign().as_ref())
}

/// Whether `a` and `b` are the same, in a time that depends on their lengths only.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(a, b).is_ok()
}

/// The length of `part` as eight bytes, highest first.
pub(super) fn length(part: &[u8]) -> [u8; 8] {
    u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes()
}

fn fixed(value: &[u8]) -> [u8; 32] {
    let mut fixed = [0; 32];
    fixed.copy_from_slice(value);
    fixed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::random;

    #[test]
    fn keys_of_tokens_sort_by_time_and_differ_with_every_part_of_the_token() {
        let (earlier, later) = (
            random::token_at(1_700_000_000_000_i64),
            random::token_at(1_700_000_000_001_i64),
        );
        assert!(index_key(&earlier) < index_key(&later));
        assert_eq!(index_key(&earlier)[..6], [0x01, 0x8b, 0xcf, 0xe5, 0x68, 0x00]);
        assert_ne!(index_key(&earlier), index_key(&random::token_at(1_700_000_000_000_i64)));
        let mut other_time = later.clone();
        other_time.replace_range(..8, &earlier[..8]);
        assert_ne!(index_key(&other_time)[6..], index_key(&later)[6..]);
    }

    #[test]
    fn any_text_has_a_key() {
        for text in ["", "short", "é", "ööööööööööö", "********************"] {
            assert_eq!(index_key(text)[..6], [0; 6], "{text}");
        }
        assert_ne!(index_key(""), index_key("short"));
    }

    #[test]
    fn sha256_gives_the_known_value() {
        assert_eq!(
            sha256_hex(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn borders_between_parts_count() {
        let key = b"key";
        assert_ne!(hmac_sha256(key, &[b"ab", b"c"]), hmac_sha256(key, &[b"a", b"bc"]));
        assert_ne!(hmac_sha256(key, &[b"ab"]), hmac_sha256(key, &[b"ab", b""]));
        assert_ne!(hmac_sha256(key, &[b"ab"]), hmac_sha256(b"other", &[b"ab"]));
        assert_eq!(hmac_sha256(key, &[b"ab"]), hmac_sha256(key, &[b"ab"]));
    }

    #[test]
    fn sameness_is_by_value() {
        assert!(same(b"abc", b"abc"));
        assert!(!same(b"abc", b"abd"));
        assert!(!same(b"abc", b"ab"));
    }
}
