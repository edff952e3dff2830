//! What administration pages ask of the parts of the program that pages do not know: filled by `app`.

use futures_util::future::BoxFuture;

use zeroize::Zeroizing;

use crate::catalog::looking::Wanted;
use crate::model::connecting::{ConnectFailure, ConnectKind};
use crate::model::{Finding, OrganisationId};
use crate::store::StoreError;

/// The other side of administration pages.
pub trait Backstage: std::fmt::Debug + Send + Sync {
    /// Everything that `doctor` looks at; calls nobody.
    fn health(&self) -> BoxFuture<'_, Result<Vec<Finding>, StoreError>>;

    /// Makes the tool's next signing key, unless one waits already; `actor` is who asked. Takes some hundred milliseconds.
    fn rotate_signing(&self, actor: String) -> BoxFuture<'_, Result<(), NotRotated>>;

    /// Connects an organisation to the Factory at `url`. A new identity is put in use once the Factory answered to it
    /// three times; the earlier one stays in use until then. Takes as long as the Factory takes.
    fn connect(
        &self,
        organisation: OrganisationId,
        url: String,
        way: Way,
    ) -> BoxFuture<'_, Result<Result<(), ConnectFailure>, StoreError>>;

    /// Reads one thing of the Factory, or counts a report, and stores what came of it. Takes as long as the Factory takes.
    fn look(&self, organisation: OrganisationId, wanted: Wanted) -> BoxFuture<'_, Result<(), StoreError>>;
}

/// Why there is no new signing key.
#[derive(Debug, thiserror::Error)]
pub enum NotRotated {
    /// It was not stored.
    #[error("the key was not stored")]
    NotStored(#[from] StoreError),
    /// It was not made.
    #[error("the key was not made: {0}")]
    NotMade(String),
}

/// By what an organisation is connected.
pub enum Way {
    /// A pasted API key.
    Key(Zeroizing<String>),
    /// A certificate and its private key, PEM.
    Certificate {
        /// The client id at the Factory; empty: the one in the certificate.
        client_id: String,
        /// The certificate.
        certificate: String,
        /// The key.
        key: Zeroizing<String>,
    },
    /// A client secret.
    Secret {
        /// The client id at the Factory.
        client_id: String,
        /// The secret.
        secret: Zeroizing<String>,
    },
    /// What there is, the new identity that waits first.
    Test,
}

impl Way {
    /// The kind that is noted.
    pub const fn kind(&self) -> ConnectKind {
        match self {
            Self::Key(_) => ConnectKind::Key,
            Self::Certificate { .. } => ConnectKind::Certificate,
            Self::Secret { .. } => ConnectKind::Secret,
            Self::Test => ConnectKind::Test,
        }
    }
}

/// Without the secrets.
impl std::fmt::Debug for Way {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Way").field(&self.kind()).finish()
    }
}
