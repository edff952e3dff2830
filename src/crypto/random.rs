//! Chance: the one source of random bytes, tokens and ids.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use uuid::Uuid;

/// `N` bytes from the operating system's seeded generator.
///
/// # Panics
/// If the generator fails: without chance nothing here is safe to continue.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0_u8; N];
    assert!(
        aws_lc_rs::rand::fill(&mut bytes).is_ok(),
        "the system gave no random bytes"
    );
    bytes
}

/// A secret of 32 random bytes as 43 characters of base64url without padding.
pub fn token() -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes::<32>())
}

/// A new secret as 43 characters, made at `now` (a `Timestamp` or milliseconds since the epoch): six bytes say when, 26
/// are random. What is stored of it is [`digest::index_key`](super::digest::index_key), which keeps the time in front.
pub fn token_at(now: impl Into<i64>) -> String {
    let millis = u64::try_from(now.into()).unwrap_or(0).to_be_bytes();
    let mut token = [0; 32];
    let (when, secret) = token.split_at_mut(6);
    when.copy_from_slice(millis.get(2..).unwrap_or(&[0; 6]));
    secret.copy_from_slice(&bytes::<26>());
    BASE64_URL_SAFE_NO_PAD.encode(token)
}

/// A new id (UUID version 7, RFC 9562 section 5.7) made at `now`, a `Timestamp` or
/// milliseconds since the epoch. Ids made later sort later; within one millisecond their order is random.
pub fn id_at(now: impl Into<i64>) -> Uuid {
    let millis = u64::try_from(now.into()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &bytes()).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn tokens_are_43_url_safe_characters_and_differ() {
        let tokens: HashSet<String> = (0..1000).map(|_| token()).collect();
        assert_eq!(tokens.len(), 1000);
        assert!(
            tokens
                .iter()
                .all(|t| t.len() == 43 && t.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)))
        );
    }

    #[test]
    fn tokens_with_a_time_are_as_long_and_differ() {
        let tokens: HashSet<String> = (0..1000).map(|_| token_at(1_700_000_000_000_i64)).collect();
        assert_eq!(tokens.len(), 1000);
        assert!(tokens.iter().all(|token| token.len() == 43));
    }

    #[test]
    fn ids_sort_by_their_time() {
        let earlier = id_at(1_700_000_000_000_i64);
        let later = id_at(1_700_000_000_001_i64);
        assert!(earlier < later);
        assert_eq!(earlier.get_version_num(), 7);
        assert_ne!(id_at(5), id_at(5));
    }
}
