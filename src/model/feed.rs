//! Feeds: inbound addresses with their own secrets, and what they have seen.

use std::fmt;

use super::award::words;
use super::{CourseId, FeedId, OrganisationId, RegistrationId};
use crate::clock::Timestamp;
use crate::crypto::seal::Place;

words! {
    /// What a feed accepts.
    FeedKind {
        /// Webhooks signed as Standard Webhooks say.
        Webhook = "webhook",
        /// Canvas Live Events.
        Canvas = "canvas",
        /// Plugins of Moodle.
        Moodle = "moodle",
    }
}

/// A feed. Its secrets are sealed.
#[derive(Clone, PartialEq, Eq)]
pub struct Feed {
    /// Our id, part of its address; the secrets are sealed to it.
    pub id: FeedId,
    /// Whose it is.
    pub organisation: OrganisationId,
    /// What it accepts.
    pub kind: FeedKind,
    /// A name for people.
    pub name: String,
    /// Whose people and courses the sender names; `None`: any of the organisation's.
    pub registration: Option<RegistrationId>,
    /// The one course it is for; `None`: the sender names courses.
    pub course: Option<CourseId>,
    /// The secret, sealed.
    pub secret: Vec<u8>,
    /// The one before, sealed, and until when it is good.
    pub previous: Option<(Vec<u8>, Timestamp)>,
    /// The key that seals raw bodies, sealed.
    pub raw_key: Vec<u8>,
    /// SHA-256 of the key in the address; `None`: such an address is refused.
    pub address_key: Option<Vec<u8>>,
    /// Whether it takes anything.
    pub enabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its secret was made.
    pub rotated_at: Timestamp,
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .field("enabled", &self.enabled)
            .finish_non_exhaustive()
    }
}

/// Where a feed's secrets are sealed to; `id` is the feed's, as text.
pub fn secret_place(id: &str) -> Place<'_> {
    Place::new("feed", id, "secret")
}

/// Where the key of a feed's raw events is sealed to; `id` is the feed's, as text.
pub fn raw_key_place(id: &str) -> Place<'_> {
    Place::new("feed", id, "raw_key")
}

/// Where a raw event is sealed to, with that key; `id` is the signal's, as text.
pub fn raw_place(id: &str) -> Place<'_> {
    Place::new("signal", id, "raw")
}

/// What a feed has seen, or what is to be added to that.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeedCount {
    /// Events that were stored.
    pub accepted: i64,
    /// Events that were there already.
    pub repeated: i64,
    /// Events that say nothing that counts here.
    pub ignored: i64,
    /// Requests that did not prove themselves.
    pub refused: i64,
    /// Requests that could not be read.
    pub unreadable: i64,
    /// Requests beyond the rate.
    pub limited: i64,
    /// Signals that were counted and not kept.
    pub dropped: i64,
    /// When the last event was stored.
    pub accepted_at: Option<Timestamp>,
    /// When the last request was refused.
    pub refused_at: Option<Timestamp>,
    /// What could not be read last, by its place, and when. Never content.
    pub error: Option<(String, Timestamp)>,
}

impl FeedCount {
    /// Whether there is nothing to add.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
