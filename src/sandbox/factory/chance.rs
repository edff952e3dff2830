//! Ids and nonces of the simulator, and dice that repeat for the same seed.

const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// `N` random bytes.
pub(in crate::sandbox) fn bytes<const N: usize>() -> [u8; N] {
    crate::crypto::random::bytes::<N>()
}

/// An id as the Factory makes them: a letter that tells the kind, then eleven letters or digits.
pub(super) fn id(kind: char) -> String {
    let mut id = String::from(kind);
    id.extend(word(&bytes::<11>()));
    id
}

/// A secret of 32 letters and digits.
pub(super) fn secret() -> String {
    word(&bytes::<32>()).collect()
}

/// An assertion id: 40 lower-case hexadecimal digits.
pub(super) fn assertion_id() -> String {
    hex(&bytes::<20>())
}

/// Lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn word(bytes: &[u8]) -> impl Iterator<Item = char> + '_ {
    bytes
        .iter()
        .map(|byte| char::from(*LETTERS.get(usize::from(byte % 62)).unwrap_or(&b'0')))
}

/// Dice that fall the same way for the same seed (splitmix64).
#[derive(Clone, Debug)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number, below `bound`; 0 if `bound` is 0.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)).checked_rem(bound).unwrap_or(0)
    }
}
