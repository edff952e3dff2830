//! What the catalog needs of a Factory; implemented in `app` over the client of the API's version in use.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::model::OrganisationId;
use crate::model::catalog::CatalogBadge;
use crate::model::form::CatalogForm;
use crate::model::holding::Holding;

/// Reads one organisation's badges.
pub trait Reader: Send + Sync {
    /// Begins to read all badges, drafts too.
    fn badges(&self) -> BoxFuture<'_, Result<Box<dyn Badges>, ReadError>>;

    /// Reads all application forms. A Factory that has none of them gives none.
    fn forms(&self) -> BoxFuture<'_, Result<Vec<ReadForm>, ReadError>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    /// The badges that were issued to one address, the newest first, at most `most`: one call for each thousand events.
    /// What became of each in the person's hands is not told: see [`Reader::proof`].
    fn held_by<'a>(&'a self, _address: &'a str, _most: usize) -> BoxFuture<'a, Result<Vec<Holding>, ReadError>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    /// What became of the badge of one address in an event: one call. `None` if the Factory does not tell.
    fn proof<'a>(&'a self, _event: &'a str, _address: &'a str) -> BoxFuture<'a, Result<Option<Proof>, ReadError>> {
        Box::pin(async { Ok(None) })
    }
}

/// A badge in somebody's hands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proof {
    /// The person picked it up.
    pub is_collected: bool,
    /// It was taken back.
    pub is_revoked: bool,
    /// Its public page.
    pub page_url: Option<String>,
    /// The document that proves it.
    pub document_url: Option<String>,
    /// Printable versions, by language or `default`.
    pub pdf: BTreeMap<String, String>,
}

/// An application form as read.
#[derive(Clone, Debug)]
pub struct ReadForm {
    /// The form; its questions are not read yet.
    pub form: CatalogForm,
    /// Its fields: HTML from outside.
    pub html: Option<String>,
}

/// The badges of one read, one at a time: a list with large pictures is never in memory as a whole.
pub trait Badges: Send {
    /// The next badge; `None` at the end of a complete list.
    fn next(&mut self) -> BoxFuture<'_, Result<Option<ReadBadge>, ReadError>>;

    /// Whether every badge could be read so far. Where one could not, nobody knows which it was, so none counts as gone.
    fn is_whole(&self) -> bool;
}

/// A badge as read, with its picture.
#[derive(Clone, Debug)]
pub struct ReadBadge {
    /// The badge; its `picture` is not set yet.
    pub badge: CatalogBadge,
    /// The picture: PNG or SVG.
    pub picture: Option<Vec<u8>>,
}

/// Gives the reader of an organisation.
pub trait Readers: Send + Sync {
    /// The reader for the organisation's identity in use.
    fn of(&self, organisation: OrganisationId) -> BoxFuture<'_, Result<Arc<dyn Reader>, ReadError>>;
}

/// Why the Factory was not read. The text is for staff and administrators: no secrets, no addresses of people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Later may help.
    #[error("{reason}")]
    Away {
        /// What happened.
        reason: String,
        /// When to ask again, if the Factory said so.
        retry_after: Option<Duration>,
    },
    /// Somebody must do something first.
    #[error("{reason}")]
    Refused {
        /// What happened.
        reason: String,
    },
}
