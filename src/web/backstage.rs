//! What administration pages ask of the parts of the program that pages do not know: filled by `app`.

use futures_util::future::BoxFuture;

use zeroize::Zeroizing;

use crate::catalog::looking::Wanted;
use crate::clock::Timestamp;
use crate::config::PublicUrl;
use crate::model::connecting::{ConnectFailure, ConnectKind};
use crate::model::connection::{Connection, ConnectionKind};
use crate::model::{CourseId, Finding, OrganisationId, Registration, RegistrationId};
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

    /// What the interface of an LMS is asked: scope or function, and what for, in English.
    fn api_needs(&self, kind: ConnectionKind) -> &'static [(&'static str, &'static str)];

    /// Connects to an LMS's interface, noted as `actor`'s deed; `None`: there is a connection already.
    fn add_api(&self, new: NewApi, actor: String) -> BoxFuture<'_, Result<Option<Connection>, Trouble>>;

    /// The address at which a service account agrees, good once and for an hour; it leads back to the tool at `public`. An
    /// earlier one is void.
    fn ask_consent<'a>(
        &'a self,
        connection: &'a Connection,
        public: &'a PublicUrl,
    ) -> BoxFuture<'a, Result<String, Trouble>>;

    /// Tries everything that a connection asks, about a course where one is given, and stores what came of it. `Err`: not
    /// before this moment. Takes as long as the LMS takes.
    fn try_api(
        &self,
        connection: Connection,
        registration: Registration,
        course: Option<CourseId>,
    ) -> BoxFuture<'_, Result<Result<(), Timestamp>, Trouble>>;
}

/// What went wrong on the other side; for the log.
pub type Trouble = Box<dyn std::error::Error + Send + Sync>;

/// A connection to the interface of an LMS, as it was entered.
pub struct NewApi {
    /// Whose it is.
    pub organisation: OrganisationId,
    /// Whose courses it asks about.
    pub registration: RegistrationId,
    /// Whose interface it is.
    pub kind: ConnectionKind,
    /// The LMS's address.
    pub url: String,
    /// Where tokens come from, if not where the kind has them.
    pub token_url: Option<String>,
    /// The client's id at the LMS.
    pub client_id: Option<String>,
    /// The client's secret, or the web service's token.
    pub secret: Option<Zeroizing<String>>,
}

/// Without the secret.
impl std::fmt::Debug for NewApi {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewApi")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
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
