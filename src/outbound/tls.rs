//! Whom we trust, and who we are, in TLS.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

use super::error::SetupError;

/// The system's roots and those in the PEM file `extra`. Where the system has none, only those.
pub(super) fn roots(extra: Option<&Path>) -> Result<RootCertStore, SetupError> {
    let mut roots = RootCertStore::empty();
    let system = rustls_native_certs::load_native_certs();
    for error in &system.errors {
        tracing::warn!("cannot read some of the system's root certificates: {error}");
    }
    roots.add_parsable_certificates(system.certs);
    if let Some(path) = extra {
        add_extra(&mut roots, path).map_err(|reason| SetupError::ExtraCa {
            path: path.to_path_buf(),
            reason,
        })?;
    }
    if roots.is_empty() {
        tracing::warn!(
            "the system has no root certificates, so no https call can succeed: install them or set BADGEBRIDGE_EXTRA_CA"
        );
    }
    Ok(roots)
}

fn add_extra(roots: &mut RootCertStore, path: &Path) -> Result<(), String> {
    let pem = std::fs::read(path).map_err(|error| error.to_string())?;
    let certificates = certificates(&pem)?;
    if certificates.is_empty() {
        return Err("it holds no certificate".to_owned());
    }
    for certificate in certificates {
        roots.add(certificate).map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// TLS for calls, with `identity` (certificate chain and key, both PEM) as the client certificate.
pub(super) fn client_config(
    roots: Arc<RootCertStore>,
    identity: Option<(&[u8], &[u8])>,
) -> Result<ClientConfig, SetupError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| SetupError::Client(error.into()))?
        .with_root_certificates(roots);
    let mut config = match identity {
        None => builder.with_no_client_auth(),
        Some((chain, key)) => {
            let chain = certificates(chain).map_err(SetupError::Identity)?;
            let key = PrivateKeyDer::from_pem_slice(key)
                .map_err(|_| SetupError::Identity("the key is not a PEM private key".to_owned()))?;
            builder
                .with_client_auth_cert(chain, key)
                .map_err(|error| SetupError::Identity(error.to_string()))?
        }
    };
    // HTTP/1.1 only: there one can tell whether any byte of a request has left.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|error| format!("it is not PEM: {error}"))
}
