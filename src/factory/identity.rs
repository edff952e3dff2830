//! The first kind of identity: a client certificate with its private key (mutual TLS).

use std::fmt::{self, Write as _};

use rcgen::KeyPair;
use secrecy::{ExposeSecret as _, SecretString};
use x509_parser::pem::Pem;
use x509_parser::prelude::X509Certificate;

use super::id::ClientId;

const SECONDS_A_DAY: i64 = 86_400;

/// A private key in PEM. Never shown, wiped when dropped.
#[derive(Clone)]
pub struct PrivateKey(SecretString);

impl PrivateKey {
    /// Reads a private key that has no passphrase, `BEGIN PRIVATE KEY`, `BEGIN RSA PRIVATE KEY` or `BEGIN EC PRIVATE
    /// KEY`; other PEM blocks around it are left out.
    pub fn parse(pem: &str) -> Result<Self, IdentityError> {
        let block = private_key_block(pem)?;
        let key = Self(block.into());
        key.pair().map_err(|_| IdentityError::KeyUnreadable)?;
        Ok(key)
    }

    /// The key in PEM, to be sealed or handed to TLS.
    pub fn pem(&self) -> &SecretString {
        &self.0
    }

    pub(super) fn from_made_pem(pem: String) -> Self {
        Self(pem.into())
    }

    pub(super) fn pair(&self) -> Result<KeyPair, rcgen::Error> {
        KeyPair::from_pem(self.0.expose_secret())
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey")
    }
}

/// Why a certificate and key are no identity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// There is no certificate in the text.
    #[error("there is no certificate in PEM here (it begins with -----BEGIN CERTIFICATE-----)")]
    CertificateUnreadable,
    /// There is no private key in the text, or one of an unknown kind.
    #[error("there is no private key in PEM here that can be read (it begins with -----BEGIN PRIVATE KEY-----)")]
    KeyUnreadable,
    /// The private key has a passphrase.
    #[error("the private key is protected by a passphrase; remove the passphrase first")]
    KeyEncrypted,
    /// No certificate in the text belongs to the private key.
    #[error("the certificate does not belong to the private key")]
    NoMatch,
    /// The certificate has run out.
    #[error("the certificate has expired; make a new API key in the factory and enrol again")]
    Expired {
        /// When it ran out, in Unix seconds.
        not_after: i64,
    },
    /// The certificate is not valid yet: a clock is wrong.
    #[error("the certificate is not valid yet; check this machine's clock")]
    NotYetValid {
        /// When it becomes valid, in Unix seconds.
        not_before: i64,
    },
    /// No client id was given, and the certificate's subject holds none.
    #[error("the certificate names no client id; give the organisation's client id")]
    NoClientId,
    /// The given client id is not the one in the certificate.
    #[error("the certificate is for the client id {named}, not {given}")]
    OtherClientId {
        /// The id in the certificate's subject.
        named: ClientId,
        /// The id that was given.
        given: ClientId,
    },
}

/// What a certificate says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFacts {
    /// The subject, such as `CN=C8Xk2Demo`.
    pub subject: String,
    /// The issuer.
    pub issuer: String,
    /// Valid from, in Unix seconds.
    pub not_before: i64,
    /// Valid until, in Unix seconds.
    pub not_after: i64,
    /// SHA-256 over the certificate, 64 lower-case hexadecimal digits.
    pub fingerprint: String,
    common_name: Option<String>,
}

impl CertificateFacts {
    /// Whole days that are left at `now` (Unix seconds); negative once it has expired.
    pub const fn days_left(&self, now: i64) -> i64 {
        self.not_after.saturating_sub(now).div_euclid(SECONDS_A_DAY)
    }

    /// The client id in the subject's common name: `CN={client_id}` as the service sets it; a common name that
    /// itself reads `/CN={client_id}` is understood too (relied on by public clients).
    pub fn client_id(&self) -> Option<ClientId> {
        let name = self.common_name.as_deref()?.trim();
        let name = name.rsplit_once("CN=").map_or(name, |(_, inner)| inner);
        ClientId::parse(name).ok()
    }

    fn of(certificate: &X509Certificate<'_>) -> Self {
        let subject = certificate.subject();
        let common_name = subject.iter_common_name().next().and_then(|name| name.as_str().ok());
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, certificate.as_raw());
        Self {
            subject: subject.to_string(),
            issuer: certificate.issuer().to_string(),
            not_before: certificate.validity().not_before.timestamp(),
            not_after: certificate.validity().not_after.timestamp(),
            fingerprint: hex(digest.as_ref()),
            common_name: common_name.map(str::to_owned),
        }
    }
}

/// A client certificate that belongs to its key, for one organisation.
#[derive(Clone, Debug)]
pub struct CertificateIdentity {
    client_id: ClientId,
    certificate_pem: String,
    key: PrivateKey,
    facts: CertificateFacts,
}

impl CertificateIdentity {
    /// Puts a certificate and its key together; the dates are not looked at. `certificate_pem` may hold a chain:
    /// the certificate of `key` comes first in what is kept, the others follow.
    pub fn new(client_id: ClientId, certificate_pem: &str, key: PrivateKey) -> Result<Self, IdentityError> {
        let (facts, certificate_pem) = matching_certificate(certificate_pem, &key)?;
        Ok(Self {
            client_id,
            certificate_pem,
            key,
            facts,
        })
    }

    /// Takes over a certificate that exists, valid at `now` (Unix seconds). `given` is the client id if the caller
    /// knows it; without it the certificate's subject tells. Both texts may be the same file.
    pub fn import(
        certificate_pem: &str,
        key_pem: &str,
        given: Option<ClientId>,
        now: i64,
    ) -> Result<Self, IdentityError> {
        let key = PrivateKey::parse(key_pem)?;
        let (facts, certificate_pem) = matching_certificate(certificate_pem, &key)?;
        check_dates(&facts, now)?;
        let client_id = match (facts.client_id(), given) {
            (Some(named), Some(given)) if named != given => return Err(IdentityError::OtherClientId { named, given }),
            (named, given) => given.or(named).ok_or(IdentityError::NoClientId)?,
        };
        Ok(Self {
            client_id,
            certificate_pem,
            key,
            facts,
        })
    }

    /// The organisation.
    pub fn client_id(&self) -> &ClientId {
        &self.client_id
    }

    /// The certificate in PEM, further ones of its chain behind it.
    pub fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    /// The private key.
    pub fn key(&self) -> &PrivateKey {
        &self.key
    }

    /// What the certificate says.
    pub fn facts(&self) -> &CertificateFacts {
        &self.facts
    }

    /// Key and certificate in one PEM text, as TLS clients take it.
    pub fn combined_pem(&self) -> SecretString {
        let key = self.key.pem().expose_secret();
        format!("{}\n{}", key.trim_end(), self.certificate_pem).into()
    }
}

pub(super) fn check_dates(facts: &CertificateFacts, now: i64) -> Result<(), IdentityError> {
    let (not_before, not_after) = (facts.not_before, facts.not_after);
    if now > not_after {
        return Err(IdentityError::Expired { not_after });
    }
    if now < not_before {
        return Err(IdentityError::NotYetValid { not_before });
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The certificate of `key` among those in `text`, with all of them in PEM, that one first.
fn matching_certificate(text: &str, key: &PrivateKey) -> Result<(CertificateFacts, String), IdentityError> {
    let pair = key.pair().map_err(|_| IdentityError::KeyUnreadable)?;
    let blocks = pem_blocks(text)
        .into_iter()
        .filter(|(label, _)| label.ends_with("CERTIFICATE"));
    let mut found = None;
    let mut others = String::new();
    let mut count = 0_u32;
    for (_, block) in blocks {
        let Some(Ok(pem)) = Pem::iter_from_buffer(block.as_bytes()).next() else {
            continue;
        };
        let Ok(certificate) = pem.parse_x509() else { continue };
        count += 1;
        if found.is_none() && certificate.public_key().subject_public_key.data == pair.public_key_raw() {
            found = Some((CertificateFacts::of(&certificate), format!("{block}\n")));
        } else {
            others.push_str(&block);
            others.push('\n');
        }
    }
    match found {
        Some((facts, first)) => Ok((facts, first + &others)),
        None if count == 0 => Err(IdentityError::CertificateUnreadable),
        None => Err(IdentityError::NoMatch),
    }
}

fn private_key_block(text: &str) -> Result<String, IdentityError> {
    let blocks = pem_blocks(text);
    let mut keys = blocks.into_iter().filter(|(label, _)| label.ends_with("PRIVATE KEY"));
    let (label, block) = keys.next().ok_or(IdentityError::KeyUnreadable)?;
    if label.starts_with("ENCRYPTED") || block.contains("Proc-Type: 4,ENCRYPTED") {
        return Err(IdentityError::KeyEncrypted);
    }
    Ok(block)
}

/// The PEM blocks of a text, each with its label, lines trimmed and ended by LF (RFC 7468, section 2).
fn pem_blocks(text: &str) -> Vec<(String, String)> {
    let mut blocks = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in text.lines().map(str::trim) {
        if let Some(label) = line
            .strip_prefix("-----BEGIN ")
            .and_then(|rest| rest.strip_suffix("-----"))
        {
            open = Some((label.to_owned(), format!("{line}\n")));
        } else if let Some((label, mut block)) = open.take() {
            block.push_str(line);
            if line == format!("-----END {label}-----") {
                blocks.push((label, block));
            } else {
                block.push('\n');
                open = Some((label, block));
            }
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::super::signing_request::{KeySource as _, SystemKeys};
    use super::super::testing::{Authority, NOT_AFTER, NOT_BEFORE};
    use super::*;

    const NOW: i64 = NOT_BEFORE + 1000;

    fn identity_texts(common_name: &str) -> (String, String) {
        let key = SystemKeys.rsa_2048().unwrap();
        let certificate = Authority::shared().certificate_for(&key, common_name);
        (certificate, key.pem().expose_secret().to_owned())
    }

    #[test]
    fn a_certificate_and_its_key_are_imported() {
        let (certificate, key) = identity_texts("C8Xk2Demo");
        let identity = CertificateIdentity::import(&certificate, &key, None, NOW).unwrap();
        assert_eq!(identity.client_id().as_str(), "C8Xk2Demo");
        let facts = identity.facts();
        assert_eq!((facts.subject.as_str(), facts.not_after), ("CN=C8Xk2Demo", NOT_AFTER));
        assert_eq!(facts.fingerprint.len(), 64);
        assert_eq!(facts.days_left(NOT_AFTER - 30 * SECONDS_A_DAY - 1), 30);
        assert_eq!(facts.days_left(NOT_AFTER + 1), -1);
        let again = CertificateIdentity::new(
            identity.client_id().clone(),
            identity.certificate_pem(),
            PrivateKey::parse(identity.key().pem().expose_secret()).unwrap(),
        );
        assert_eq!(again.unwrap().facts(), facts);
    }

    #[test]
    fn one_file_may_hold_everything_in_any_order() {
        let (certificate, key) = identity_texts("C8Xk2Demo");
        let authority = Authority::shared().certificate_pem();
        let file = format!(
            "Bag Attributes\r\n  x: y\r\n{authority}{key}\r\n{}",
            certificate.replace('\n', "\r\n")
        );
        let identity = CertificateIdentity::import(&file, &file, None, NOW).unwrap();
        assert_eq!(identity.certificate_pem().matches("BEGIN CERTIFICATE").count(), 2);
        let first = identity
            .certificate_pem()
            .find(certificate.lines().nth(1).unwrap())
            .unwrap();
        assert!(first < 40, "the key's own certificate comes first");
        let combined = identity.combined_pem();
        assert_eq!(combined.expose_secret().matches("-----BEGIN ").count(), 3);
        assert!(PrivateKey::parse(combined.expose_secret()).is_ok());
    }

    #[test]
    fn the_client_id_comes_from_the_subject_or_from_the_caller() {
        let given = |id: &str| Some(ClientId::parse(id).unwrap());
        let (certificate, key) = identity_texts("/CN=C8Xk2Demo");
        let identity = CertificateIdentity::import(&certificate, &key, None, NOW).unwrap();
        assert_eq!(identity.client_id().as_str(), "C8Xk2Demo");
        assert!(CertificateIdentity::import(&certificate, &key, given("C8Xk2Demo"), NOW).is_ok());
        let refused = CertificateIdentity::import(&certificate, &key, given("Other"), NOW).unwrap_err();
        assert!(matches!(refused, IdentityError::OtherClientId { .. }));
        let (certificate, key) = identity_texts("Some College, Testing");
        let refused = CertificateIdentity::import(&certificate, &key, None, NOW).unwrap_err();
        assert_eq!(refused, IdentityError::NoClientId);
        assert!(CertificateIdentity::import(&certificate, &key, given("C1"), NOW).is_ok());
    }

    #[test]
    fn every_fault_is_told_apart() {
        let (certificate, key) = identity_texts("C8Xk2Demo");
        let import =
            |certificate: &str, key: &str, now| CertificateIdentity::import(certificate, key, None, now).unwrap_err();
        let (other, _) = identity_texts("C8Xk2Demo");
        assert_eq!(import(&other, &key, NOW), IdentityError::NoMatch);
        assert_eq!(import(&key, &key, NOW), IdentityError::CertificateUnreadable);
        assert_eq!(import("", &key, NOW), IdentityError::CertificateUnreadable);
        assert_eq!(import(&certificate, &certificate, NOW), IdentityError::KeyUnreadable);
        assert_eq!(
            import(&certificate, &key[..key.len() / 2], NOW),
            IdentityError::KeyUnreadable
        );
        let spoilt = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
        assert_eq!(import(&certificate, spoilt, NOW), IdentityError::KeyUnreadable);
        let sealed = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
        assert_eq!(import(&certificate, sealed, NOW), IdentityError::KeyEncrypted);
        let sealed = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----\n";
        assert_eq!(import(&certificate, sealed, NOW), IdentityError::KeyEncrypted);
        assert_eq!(
            import(&certificate, &key, NOT_AFTER + 1),
            IdentityError::Expired { not_after: NOT_AFTER }
        );
        assert_eq!(
            import(&certificate, &key, NOT_BEFORE - 1),
            IdentityError::NotYetValid { not_before: NOT_BEFORE }
        );
    }

    #[test]
    fn old_forms_of_keys_are_read() {
        use rsa::pkcs1::EncodeRsaPrivateKey as _;
        use rsa::pkcs8::DecodePrivateKey as _;
        let (certificate, key) = identity_texts("C8Xk2Demo");
        let old = rsa::RsaPrivateKey::from_pkcs8_pem(&key)
            .unwrap()
            .to_pkcs1_pem(rsa::pkcs8::LineEnding::LF)
            .unwrap();
        assert!(old.contains("BEGIN RSA PRIVATE KEY"));
        assert!(CertificateIdentity::import(&certificate, &old, None, NOW).is_ok());
    }

    #[test]
    fn the_key_is_never_shown() {
        let (certificate, key) = identity_texts("C8Xk2Demo");
        let identity = CertificateIdentity::import(&certificate, &key, None, NOW).unwrap();
        let shown = format!("{identity:?}");
        assert!(!shown.contains("PRIVATE KEY") && !shown.contains(key.lines().nth(1).unwrap()));
    }
}
