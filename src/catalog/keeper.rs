//! What administrators' pages need of a Factory: single things read, and changed. Implemented in `app` over the client of
//! the API's version in use.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::ports::ReadError;
use crate::model::OrganisationId;
use crate::model::editing::{BadgeSheet, Profile, SeenBadge, SeenOrganisation};
use crate::model::found_event::{EventQuery, SeenEvent};

/// Reads and changes single things of one organisation. `None`: there is no such thing.
pub trait Keeper: Send + Sync {
    /// A badge with everything it has, and its picture (PNG or SVG).
    fn badge<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<Pictured<SeenBadge>>, ReadError>>;

    /// The badge whose metadata names this mark.
    fn badge_marked<'a>(&'a self, mark: &'a str) -> BoxFuture<'a, Result<Option<String>, ReadError>>;

    /// The names of all groups of badges.
    fn categories(&self) -> BoxFuture<'_, Result<Vec<String>, ReadError>>;

    /// The organisation.
    fn organisation(&self) -> BoxFuture<'_, Result<Pictured<SeenOrganisation>, ReadError>>;

    /// An event with what became of each recipient's badge.
    fn event<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<SeenEvent>, ReadError>>;

    /// How many events a search finds, whatever its limit and offset.
    fn count_events<'a>(&'a self, query: &'a EventQuery) -> BoxFuture<'a, Result<u64, ReadError>>;

    /// A page of the events that a search finds: `limit` (at most 1,000) from `offset` on.
    fn events<'a>(
        &'a self,
        query: &'a EventQuery,
        limit: u16,
        offset: u64,
    ) -> BoxFuture<'a, Result<Vec<SeenEvent>, ReadError>>;

    /// Makes a badge. The picture is a PNG.
    fn create<'a>(&'a self, sheet: &'a BadgeSheet, picture: Option<Vec<u8>>) -> BoxFuture<'a, Written>;

    /// Changes a badge; without a picture it keeps its own.
    fn change<'a>(&'a self, id: &'a str, sheet: &'a BadgeSheet, picture: Option<Vec<u8>>) -> BoxFuture<'a, Written>;

    /// Deletes a badge.
    fn delete<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Written>;

    /// Changes what the organisation says of itself.
    fn change_organisation<'a>(&'a self, profile: &'a Profile, picture: Option<Vec<u8>>) -> BoxFuture<'a, Written>;
}

/// Something with its picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pictured<T> {
    /// The thing; its `picture` is not set yet.
    pub thing: T,
    /// The picture: PNG or SVG.
    pub picture: Option<Vec<u8>>,
}

/// Gives the keeper of an organisation.
pub trait Keepers: Send + Sync {
    /// The keeper for the organisation's identity in use.
    fn of(&self, organisation: OrganisationId) -> BoxFuture<'_, Result<Arc<dyn Keeper>, ReadError>>;
}

/// What came of a call that changes something. Reasons are for administrators: no secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// It is done; a badge that was made has this id.
    Done {
        /// The id.
        badge: Option<String>,
    },
    /// The Factory saw nothing of it.
    NotSent {
        /// What happened.
        reason: String,
        /// When to try again, if the Factory said so.
        retry_after: Option<Duration>,
    },
    /// It may be done, and nobody knows.
    Unsure {
        /// What happened.
        reason: String,
    },
    /// The Factory did not take it.
    Refused {
        /// Its reason.
        reason: String,
    },
}
