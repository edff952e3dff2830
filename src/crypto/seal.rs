//! Secrets at rest: AES-256-GCM, bound to the table, row and column where the value lies, so that a sealed value copied
//! to another place does not open.
//!
//! A sealed value is `version (1) ‖ key id (1) ‖ nonce (12) ‖ ciphertext ‖ tag (16)`. Nonces are random: one key is good
//! for 2^32 values (NIST SP 800-38D section 8.3), far more than a database of settings and tokens holds.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, Engine as _};
use zeroize::Zeroizing;

use super::{digest, random};

const VERSION: u8 = 1;
const NONCE_LENGTH: usize = 12;
const HEAD_LENGTH: usize = 2 + NONCE_LENGTH;

/// Where a sealed value lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// The table's name.
    pub table: &'static str,
    /// The row's identity, in bytes.
    pub row: &'a [u8],
    /// The column's name.
    pub column: &'static str,
}

impl<'a> Place<'a> {
    /// The place in `column` of the row `row` (text, bytes or a UUID) of `table`.
    pub fn new(table: &'static str, row: &'a (impl AsRef<[u8]> + ?Sized), column: &'static str) -> Self {
        Self {
            table,
            row: row.as_ref(),
            column,
        }
    }
}

/// A sealed value that does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// It was sealed with a key that is not in the ring.
    #[error("the value was sealed with a key that is not configured")]
    UnknownKey,
    /// It was changed, or lies in another place than it was sealed for.
    #[error("the sealed value was altered or moved")]
    Altered,
}

/// Text or a file that gives no keyring.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// No key at all.
    #[error("no secret key is given")]
    Empty,
    /// An entry (counted from 1) is not 32 bytes in base64.
    #[error("secret key number {0} is not 32 bytes in base64")]
    Malformed(usize),
    /// The key file cannot be read or written.
    #[error("the key file {} cannot be used", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        #[source]
        source: io::Error,
    },
}

/// The keys that seal secrets: the first seals, all open.
pub struct Keyring {
    first: SealingKey,
    older: Vec<SealingKey>,
}

struct SealingKey {
    fingerprint: [u8; 8],
    key: RandomizedNonceKey,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Keyring")
            .field("first", &digest::hex(&self.first.fingerprint))
            .field("older", &self.older.len())
            .finish()
    }
}

impl Keyring {
    /// Reads keys of 32 bytes in base64 (either alphabet, padded or not), separated by commas or white space, the newest
    /// first.
    pub fn parse(list: &str) -> Result<Self, KeyringError> {
        let mut keys = list
            .split(|c: char| c == ',' || c.is_whitespace())
            .filter(|entry| !entry.is_empty())
            .enumerate()
            .map(|(index, entry)| SealingKey::parse(entry).ok_or(KeyringError::Malformed(index + 1)));
        let first = keys.next().ok_or(KeyringError::Empty)??;
        let older = keys.collect::<Result<_, _>>()?;
        Ok(Self { first, older })
    }

    /// A ring of one new random key, which is nowhere else: for tests and throw-away data.
    ///
    /// # Panics
    /// If the system gives no random bytes.
    pub fn generate() -> Self {
        let key = Zeroizing::new(random::bytes::<32>());
        Self {
            first: SealingKey::new(&key),
            older: Vec::new(),
        }
    }

    /// Reads the file that [`Keyring::generate_file`] made.
    pub fn read_file(path: &Path) -> Result<Self, KeyringError> {
        let text = std::fs::read_to_string(path).map_err(|source| file_error(path, source))?;
        Self::parse(&Zeroizing::new(text))
    }

    /// Makes a new key and writes it in base64 to `path`, readable by its owner only, whole or not at all. A file that
    /// is already there is never overwritten: the error's kind is then [`io::ErrorKind::AlreadyExists`].
    pub fn generate_file(path: &Path) -> Result<Self, KeyringError> {
        let key = Zeroizing::new(random::bytes::<32>());
        let text = Zeroizing::new(format!("{}\n", BASE64_STANDARD.encode(key.as_slice())));
        publish(path, text.as_bytes()).map_err(|source| file_error(path, source))?;
        Ok(Self {
            first: SealingKey::new(&key),
            older: Vec::new(),
        })
    }

    /// A name of the first key that does not tell the key: kept in the database, so that another key is refused.
    pub fn fingerprint(&self) -> [u8; 8] {
        self.first.fingerprint
    }

    /// Whether one of the keys has this fingerprint: true for a database whose key has become an older one.
    pub fn knows(&self, fingerprint: &[u8]) -> bool {
        self.keys().any(|key| key.fingerprint == fingerprint)
    }

    /// Seals `plain` with the first key for `place`.
    ///
    /// # Panics
    /// If `plain` is longer than AES-GCM allows (64 GiB) or the system gives no random bytes.
    pub fn seal(&self, place: Place<'_>, plain: &[u8]) -> Vec<u8> {
        let id = self.first.id();
        let mut body = plain.to_vec();
        let nonce = self.first.key.seal_in_place_append_tag(context(id, place), &mut body);
        let Ok(nonce) = nonce else {
            unreachable!("AES-GCM refuses only what does not fit into memory");
        };
        let mut sealed = Vec::with_capacity(HEAD_LENGTH + body.len());
        sealed.extend_from_slice(&[VERSION, id]);
        sealed.extend_from_slice(nonce.as_ref());
        sealed.append(&mut body);
        sealed
    }

    /// Opens what was sealed for `place` by any of the keys.
    pub fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (&[version, id], rest) = sealed.split_first_chunk::<2>().ok_or(SealError::Altered)?;
        let (nonce, body) = rest.split_first_chunk::<NONCE_LENGTH>().ok_or(SealError::Altered)?;
        if version != VERSION {
            return Err(SealError::Altered);
        }
        let mut failure = SealError::UnknownKey;
        for key in self.keys().filter(|key| key.id() == id) {
            match key.open(nonce, context(id, place), body) {
                Some(plain) => return Ok(plain),
                None => failure = SealError::Altered,
            }
        }
        Err(failure)
    }

    fn keys(&self) -> impl Iterator<Item = &SealingKey> {
        std::iter::once(&self.first).chain(&self.older)
    }
}

impl SealingKey {
    fn parse(entry: &str) -> Option<Self> {
        let standard = entry.trim_end_matches('=').replace('-', "+").replace('_', "/");
        let bytes = Zeroizing::new(BASE64_STANDARD_NO_PAD.decode(&*Zeroizing::new(standard)).ok()?);
        let key = Zeroizing::new(<[u8; 32]>::try_from(bytes.as_slice()).ok()?);
        Some(Self::new(&key))
    }

    fn new(bytes: &[u8; 32]) -> Self {
        let Ok(key) = RandomizedNonceKey::new(&AES_256_GCM, bytes) else {
            unreachable!("a key of 32 bytes fits AES-256");
        };
        Self {
            fingerprint: fingerprint(bytes),
            key,
        }
    }

    /// Chooses among the keys at opening. Two keys may share it; then both are tried.
    fn id(&self) -> u8 {
        let [id, ..] = self.fingerprint;
        id
    }

    fn open(&self, nonce: &[u8; NONCE_LENGTH], context: Aad<Vec<u8>>, body: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let mut buffer = Zeroizing::new(body.to_vec());
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let length = self.key.open_in_place(nonce, context, &mut buffer).ok()?.len();
        buffer.truncate(length);
        Some(buffer)
    }
}

/// The first 8 bytes of SHA-256 over a fixed label and the key.
fn fingerprint(key: &[u8; 32]) -> [u8; 8] {
    let mut labelled = Zeroizing::new(b"badgebridge master key fingerprint\0".to_vec());
    labelled.extend_from_slice(key);
    let mut name = [0; 8];
    for (to, from) in name.iter_mut().zip(digest::sha256(&labelled)) {
        *to = from;
    }
    name
}

/// What the tag also covers. Each part carries its length, so that no two places give the same bytes.
fn context(id: u8, place: Place<'_>) -> Aad<Vec<u8>> {
    let mut bytes = vec![VERSION, id];
    for part in [place.table.as_bytes(), place.row, place.column.as_bytes()] {
        bytes.extend_from_slice(&digest::length(part));
        bytes.extend_from_slice(part);
    }
    Aad::from(bytes)
}

/// Writes a private temporary file beside `path`, then links it there: linking fails where a file already is, and a
/// reader sees the whole file or none.
fn publish(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let temporary = folder.join(format!(".key-{}", digest::hex(&random::bytes::<8>())));
    let written = write_private(&temporary, content).and_then(|()| std::fs::hard_link(&temporary, path));
    let removed = std::fs::remove_file(&temporary);
    written.and(removed)?;
    File::open(folder)?.sync_all()
}

fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

fn file_error(path: &Path, source: io::Error) -> KeyringError {
    KeyringError::File {
        path: path.to_path_buf(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    const NEW: &str = "Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA=";

    fn place(row: &[u8]) -> Place<'_> {
        Place::new("identity", row, "private_key")
    }

    #[test]
    fn what_was_sealed_opens_in_its_place() {
        let ring = Keyring::generate();
        let sealed = ring.seal(place(b"1"), b"secret");
        assert_eq!(ring.open(place(b"1"), &sealed).unwrap().as_slice(), b"secret");
        assert!(ring.open(place(b"1"), &ring.seal(place(b"1"), b"")).unwrap().is_empty());
    }

    #[test]
    fn the_same_secret_is_sealed_differently_each_time() {
        let ring = Keyring::generate();
        assert_ne!(ring.seal(place(b"1"), b"secret"), ring.seal(place(b"1"), b"secret"));
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_noticed() {
        let ring = Keyring::generate();
        let sealed = ring.seal(place(b"1"), b"secret");
        for index in 0..sealed.len() {
            for bit in 0..8 {
                let mut altered = sealed.clone();
                altered[index] ^= 1 << bit;
                assert!(ring.open(place(b"1"), &altered).is_err(), "byte {index} bit {bit}");
            }
            assert!(ring.open(place(b"1"), &sealed[..index]).is_err(), "cut at {index}");
        }
    }

    #[test]
    fn a_value_moved_to_another_place_does_not_open() {
        let ring = Keyring::generate();
        let sealed = ring.seal(Place::new("ab", "c", "d"), b"secret");
        for place in [
            Place::new("ab", "x", "d"),
            Place::new("a", "bc", "d"),
            Place::new("ab", "", "cd"),
            Place::new("ab", "c", "e"),
            Place::new("abc", "", "d"),
        ] {
            assert_eq!(ring.open(place, &sealed), Err(SealError::Altered), "{place:?}");
        }
    }

    #[test]
    fn an_old_key_still_opens_and_the_new_one_seals() {
        let before = Keyring::parse(OLD).unwrap();
        let sealed = before.seal(place(b"1"), b"secret");
        let after = Keyring::parse(&format!("{NEW}, {OLD}\n")).unwrap();
        assert_eq!(after.open(place(b"1"), &sealed).unwrap().as_slice(), b"secret");
        assert!(after.knows(&before.fingerprint()));
        assert_ne!(after.fingerprint(), before.fingerprint());
        let sealed = after.seal(place(b"1"), b"secret");
        assert_eq!(before.open(place(b"1"), &sealed), Err(SealError::UnknownKey));
        assert!(!before.knows(&after.fingerprint()));
    }

    #[test]
    fn a_malformed_key_is_named_by_its_position() {
        assert!(matches!(Keyring::parse(" , \n"), Err(KeyringError::Empty)));
        assert!(matches!(Keyring::parse("short"), Err(KeyringError::Malformed(1))));
        assert!(matches!(
            Keyring::parse(&format!("{OLD},AAAA")),
            Err(KeyringError::Malformed(2))
        ));
    }

    #[test]
    fn a_key_is_read_with_either_alphabet_and_without_padding() {
        let standard = BASE64_STANDARD.encode([0xfb_u8; 32]);
        let url_safe = standard.replace('+', "-").replace('/', "_").replace('=', "");
        let (a, b) = (Keyring::parse(&standard).unwrap(), Keyring::parse(&url_safe).unwrap());
        assert_eq!(a.fingerprint(), b.fingerprint());
    }

    #[test]
    fn a_generated_file_is_private_and_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.key");
        let made = Keyring::generate_file(&path).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(Keyring::read_file(&path).unwrap().fingerprint(), made.fingerprint());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let again = Keyring::generate_file(&path).unwrap_err();
        assert!(matches!(again, KeyringError::File { source, .. } if source.kind() == io::ErrorKind::AlreadyExists));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn no_key_is_printed() {
        let text = format!("{:?}", Keyring::parse(OLD).unwrap());
        assert!(text.starts_with("Keyring { first: \""), "{text}");
        assert!(!text.contains("AAEC"));
    }
}
