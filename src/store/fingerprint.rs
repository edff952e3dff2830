//! One number for the fields of a row that came from outside: a row whose number is the same is not written again.

use crate::crypto::digest;

/// A digest of `parts`, told apart by their lengths. A missing part differs from an empty one.
pub(super) fn fingerprint(parts: &[Option<&str>]) -> i64 {
    let mut bytes = Vec::with_capacity(256);
    for part in parts {
        let length = part.map_or(u64::MAX, |text| u64::try_from(text.len()).unwrap_or(u64::MAX - 1));
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(part.unwrap_or_default().as_bytes());
    }
    let digest = digest::sha256(&bytes);
    let mut first = [0_u8; 8];
    first.copy_from_slice(digest.first_chunk::<8>().unwrap_or(&[0; 8]));
    i64::from_be_bytes(first)
}

#[cfg(test)]
mod tests {
    use super::fingerprint;

    #[test]
    fn fields_do_not_run_into_one_another() {
        assert_ne!(
            fingerprint(&[Some("ab"), Some("c")]),
            fingerprint(&[Some("a"), Some("bc")])
        );
        assert_ne!(fingerprint(&[None]), fingerprint(&[Some("")]));
        assert_eq!(fingerprint(&[Some("a"), None]), fingerprint(&[Some("a"), None]));
    }
}
