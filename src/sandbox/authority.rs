//! A small certificate authority for the simulated Factory: its server certificate, the client certificates it signs
//! from PKCS#10 requests, and the answer to "whose certificate is this?".

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, RsaKeySize, SanType, SerialNumber, date_time_ymd,
};
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use time::OffsetDateTime;

use super::factory::chance;
use crate::clock::Timestamp;

/// The authority: a self-signed root with an ECDSA key.
pub(super) struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
    clients: Arc<dyn ClientCertVerifier>,
}

/// What a TLS server needs to show itself.
pub(super) struct ServerIdentity {
    pub(super) chain: Vec<CertificateDer<'static>>,
    pub(super) key: PrivateKeyDer<'static>,
}

/// A certificate and its key, both PEM.
#[derive(Clone)]
pub(super) struct ClientIdentity {
    pub(super) certificate: String,
    pub(super) key: String,
}

/// The certificate is not from this authority, or not valid at this time.
#[derive(Debug)]
pub(super) struct Unrecognised;

impl Authority {
    /// A new authority that lives as long as the process.
    pub(super) fn make() -> io::Result<Self> {
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let pem = root_params().self_signed(&key).map_err(io::Error::other)?.pem();
        Self::from_parts(pem, key)
    }

    /// The authority kept in `directory`; made there if there is none.
    pub(super) fn stored_in(directory: &Path) -> io::Result<Self> {
        let (certificate, key) = (directory.join("authority.pem"), directory.join("authority.key"));
        if certificate.exists() && key.exists() {
            let key = KeyPair::from_pem(&std::fs::read_to_string(key)?).map_err(io::Error::other)?;
            return Self::from_parts(std::fs::read_to_string(certificate)?, key);
        }
        let made = Self::make()?;
        write_private(&key, &made.issuer.key().serialize_pem())?;
        std::fs::write(certificate, &made.pem)?;
        Ok(made)
    }

    fn from_parts(pem: String, key: KeyPair) -> io::Result<Self> {
        let root = CertificateDer::from_pem_slice(pem.as_bytes()).map_err(io::Error::other)?;
        let mut roots = RootCertStore::empty();
        roots.add(root).map_err(io::Error::other)?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let clients = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
            .build()
            .map_err(io::Error::other)?;
        Ok(Self {
            pem,
            issuer: Issuer::new(root_params(), key),
            clients,
        })
    }

    /// The root certificate, PEM.
    pub(super) fn pem(&self) -> &str {
        &self.pem
    }

    /// A server certificate for `localhost` and the loopback addresses.
    pub(super) fn server(&self) -> io::Result<ServerIdentity> {
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).map_err(io::Error::other)?;
        params
            .subject_alt_names
            .push(SanType::IpAddress(IpAddr::V4(Ipv4Addr::LOCALHOST)));
        params
            .subject_alt_names
            .push(SanType::IpAddress(IpAddr::V6(Ipv6Addr::LOCALHOST)));
        params.distinguished_name = named("localhost");
        params.not_before = date_time_ymd(2000, 1, 1);
        params.not_after = date_time_ymd(2099, 12, 31);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let certificate = params.signed_by(&key, &self.issuer).map_err(io::Error::other)?;
        Ok(ServerIdentity {
            chain: vec![certificate.der().clone()],
            key: PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
        })
    }

    /// Signs a PKCS#10 request (PEM) after checking its own signature. The subject becomes `CN={common_name}`
    /// whatever the request says. The error is a sentence for the caller.
    pub(super) fn sign(
        &self,
        request: &str,
        common_name: &str,
        valid: (Timestamp, Timestamp),
    ) -> Result<String, String> {
        let mut request =
            CertificateSigningRequestParams::from_pem(request).map_err(|why| format!("request: {why}"))?;
        request.params = client_params(common_name, valid).map_err(|why| why.to_string())?;
        let certificate = request.signed_by(&self.issuer).map_err(|why| why.to_string())?;
        Ok(certificate.pem())
    }

    /// A ready client certificate with its RSA key: for tests that skip enrolment. All share one key, because making
    /// RSA keys is slow.
    pub(super) fn client(&self, common_name: &str, valid: (Timestamp, Timestamp)) -> io::Result<ClientIdentity> {
        static KEY: LazyLock<Result<String, String>> = LazyLock::new(|| {
            KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, RsaKeySize::_2048)
                .map(|key| key.serialize_pem())
                .map_err(|why| why.to_string())
        });
        let pem = KEY.clone().map_err(io::Error::other)?;
        let key = KeyPair::from_pem(&pem).map_err(io::Error::other)?;
        let params = client_params(common_name, valid)?;
        let certificate = params.signed_by(&key, &self.issuer).map_err(io::Error::other)?;
        Ok(ClientIdentity {
            certificate: certificate.pem(),
            key: pem,
        })
    }

    /// The common name of the certificate that a client showed, if this authority signed it and it is valid `now`.
    pub(super) fn common_name(&self, chain: &[CertificateDer<'_>], now: Timestamp) -> Result<String, Unrecognised> {
        let (own, rest) = chain.split_first().ok_or(Unrecognised)?;
        let seconds = u64::try_from(now.seconds()).map_err(|_| Unrecognised)?;
        self.clients
            .verify_client_cert(own, rest, UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
            .map_err(|_| Unrecognised)?;
        let (_, parsed) = x509_parser::parse_x509_certificate(own).map_err(|_| Unrecognised)?;
        let name = parsed.subject().iter_common_name().next().ok_or(Unrecognised)?;
        name.as_str().map(str::to_owned).map_err(|_| Unrecognised)
    }
}

/// Writes a file that only its owner can read.
pub(super) fn write_private(path: &Path, text: &str) -> io::Result<()> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}

fn root_params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = named("Simulated Factory authority (sandbox)");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    // wide dates: clients check servers against the machine's clock, tests may keep another time
    params.not_before = date_time_ymd(2000, 1, 1);
    params.not_after = date_time_ymd(2099, 12, 31);
    params
}

fn client_params(common_name: &str, (from, until): (Timestamp, Timestamp)) -> io::Result<CertificateParams> {
    let mut params = CertificateParams::default();
    params.distinguished_name = named(common_name);
    params.not_before = OffsetDateTime::from_unix_timestamp(from.seconds()).map_err(io::Error::other)?;
    params.not_after = OffsetDateTime::from_unix_timestamp(until.seconds()).map_err(io::Error::other)?;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params.serial_number = Some(SerialNumber::from_slice(&chance::bytes::<16>()));
    Ok(params)
}

fn named(common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    name
}
