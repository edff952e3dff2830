//! The key of an organisation's certificate, and the request to sign it: RSA of 2048 bits, PKCS#10.

use std::fmt;

use rcgen::{CertificateParams, DistinguishedName, DnType, DnValue, KeyPair, PKCS_RSA_SHA256, RsaKeySize};

use super::api_key::ApiKey;
use super::identity::PrivateKey;

/// The key or the request could not be made.
#[derive(Debug, thiserror::Error)]
#[error("the key for the certificate could not be made")]
pub struct KeyMakingFailed(#[source] rcgen::Error);

impl KeyMakingFailed {
    /// A failure without a cause that could be told.
    pub fn interrupted() -> Self {
        Self(rcgen::Error::KeyGenerationUnavailable)
    }
}

/// Makes private keys. Chance is an argument: the implementation has it.
pub trait KeySource: fmt::Debug + Send + Sync {
    /// A new RSA key of 2048 bits. May take a second of computing.
    fn rsa_2048(&self) -> Result<PrivateKey, KeyMakingFailed>;
}

/// Makes keys with the chance of the system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemKeys;

impl KeySource for SystemKeys {
    fn rsa_2048(&self) -> Result<PrivateKey, KeyMakingFailed> {
        let pair = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).map_err(KeyMakingFailed)?;
        Ok(PrivateKey::from_made_pem(pair.serialize_pem()))
    }
}

/// A request to sign the public half of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningRequest {
    pem: String,
}

impl SigningRequest {
    /// A request for `key` with the subject that `api_key` asks for. A subject that cannot be read gives way to
    /// `/CN={client id}`, which is what the service sets anyway (relied on by public clients).
    pub fn new(key: &PrivateKey, api_key: &ApiKey) -> Result<Self, KeyMakingFailed> {
        let mut params = CertificateParams::default();
        let fallback = || common_name(api_key.client_id.as_str());
        params.distinguished_name = subject(&api_key.subject_line()).unwrap_or_else(fallback);
        let pair = key.pair().map_err(KeyMakingFailed)?;
        let request = params.serialize_request(&pair).map_err(KeyMakingFailed)?;
        Ok(Self {
            pem: request.pem().map_err(KeyMakingFailed)?,
        })
    }

    /// The request in PEM.
    pub fn pem(&self) -> &str {
        &self.pem
    }
}

fn common_name(name: &str) -> DistinguishedName {
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, name);
    subject
}

/// Reads a subject in the form of a command line, `/C=CA/O=Example/CN=C8Xk2Demo`, a backslash before a slash or
/// equals sign that is part of a value. `None` for anything else, for kinds that are not known here, and for a kind
/// that comes twice.
fn subject(line: &str) -> Option<DistinguishedName> {
    let mut subject = DistinguishedName::new();
    for part in parts(line.trim().strip_prefix('/')?) {
        let (kind, value) = part?;
        let kind = match kind.trim().to_ascii_uppercase().as_str() {
            "CN" => DnType::CommonName,
            "O" => DnType::OrganizationName,
            "OU" => DnType::OrganizationalUnitName,
            "L" => DnType::LocalityName,
            "ST" => DnType::StateOrProvinceName,
            "C" => DnType::CountryName,
            _ => return None,
        };
        if value.trim().is_empty() || subject.get(&kind).is_some() {
            return None;
        }
        // RFC 5280, appendix A.1: a country is a PrintableString.
        let value = match kind {
            DnType::CountryName => DnValue::PrintableString(value.trim().try_into().ok()?),
            _ => DnValue::Utf8String(value.trim().to_owned()),
        };
        subject.push(kind, value);
    }
    subject.get(&DnType::CommonName)?;
    Some(subject)
}

/// The parts between slashes, each cut at its first equals sign.
fn parts(line: &str) -> Vec<Option<(String, String)>> {
    let mut parts = Vec::new();
    let (mut kind, mut text) = (None, String::new());
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => text.extend(characters.next()),
            '=' if kind.is_none() => kind = Some(std::mem::take(&mut text)),
            '/' => parts.push(kind.take().zip(Some(std::mem::take(&mut text)))),
            other => text.push(other),
        }
    }
    parts.push(kind.zip(Some(text)));
    parts
}

#[cfg(test)]
mod tests {
    use x509_parser::certification_request::X509CertificationRequest;
    use x509_parser::prelude::FromDer as _;

    use super::super::testing::api_key;
    use super::*;

    fn subject_of(line: &str) -> String {
        let key = SystemKeys.rsa_2048().unwrap();
        let request = SigningRequest::new(&key, &api_key("C8Xk2Demo", Some(line))).unwrap();
        let (_, pem) = x509_parser::pem::parse_x509_pem(request.pem().as_bytes()).unwrap();
        assert_eq!(pem.label, "CERTIFICATE REQUEST");
        let (_, request) = X509CertificationRequest::from_der(&pem.contents).unwrap();
        request.verify_signature().unwrap();
        let info = &request.certification_request_info;
        assert_eq!(info.subject_pki.parsed().unwrap().key_size(), 2048);
        info.subject.to_string()
    }

    #[test]
    fn the_request_carries_the_given_subject() {
        assert_eq!(subject_of("/CN=C8Xk2Demo"), "CN=C8Xk2Demo");
        assert_eq!(subject_of("/C=CA/O=Example/CN=Other"), "C=CA, O=Example, CN=Other");
    }

    #[test]
    fn a_subject_that_cannot_be_read_gives_way_to_the_client_id() {
        for odd in [
            "CN=x",
            "/",
            "/CN=",
            "/CN",
            "/O=only",
            "/X=1/CN=x",
            "/CN=a/CN=b",
            "/C=é/CN=x",
            "//CN=x",
        ] {
            assert!(subject(odd).is_none(), "{odd}");
        }
        assert_eq!(subject_of("no subject"), "CN=C8Xk2Demo");
    }

    #[test]
    fn escaped_slashes_belong_to_the_value() {
        let read = subject(r"/O=A\/B = C\\D/CN=x").unwrap();
        assert_eq!(
            read.get(&DnType::OrganizationName),
            Some(&DnValue::Utf8String(r"A/B = C\D".to_owned()))
        );
    }
}
