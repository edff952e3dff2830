//! Serving TLS ourselves: the certificate chain and key from two PEM files.

use std::path::Path;

use anyhow::Context;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// The server's TLS settings.
pub(super) fn server_config(certificate: &Path, key: &Path) -> anyhow::Result<ServerConfig> {
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| format!("BADGEBRIDGE_TLS_CERT: {} holds no certificate", certificate.display()))?;
    let key = PrivateKeyDer::from_pem_file(key)
        .with_context(|| format!("BADGEBRIDGE_TLS_KEY: {} holds no private key", key.display()))?;
    ServerConfig::builder_with_provider(std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .context("BADGEBRIDGE_TLS_CERT and BADGEBRIDGE_TLS_KEY do not fit each other")
}
