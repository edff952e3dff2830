//! Searching the Factory's events, and what they say. Pure.

use serde::{Deserialize, Serialize};

use super::SearchId;
use super::award::words;
use crate::clock::Timestamp;

/// What to search for: every parameter that the Factory knows. The default finds all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EventQuery {
    /// Issued by this integration.
    pub consumer: Option<String>,
    /// Of this badge.
    pub badge: Option<String>,
    /// To this address.
    pub email: Option<String>,
    /// From this moment on, in Unix seconds.
    pub begin: Option<i64>,
    /// Up to this moment, in Unix seconds.
    pub end: Option<i64>,
    /// The newest first.
    pub newest_first: bool,
    /// So many at most; absent: all.
    pub limit: Option<u64>,
    /// So many are left out at the beginning.
    pub offset: u64,
    /// Only how many there are.
    pub count_only: bool,
}

/// An event as the Factory shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SeenEvent {
    /// Its id.
    pub id: String,
    /// What was issued.
    pub badge: String,
    /// The badge's name then.
    pub name: String,
    /// The nominal date, in Unix seconds.
    pub issued_on: Option<i64>,
    /// When the call was made, in Unix seconds.
    pub called_at: Option<i64>,
    /// Until when it is valid, in Unix seconds.
    pub expires: Option<i64>,
    /// Which integration issued it.
    pub consumer: Option<String>,
    /// The subject and text of the message.
    pub message: Option<(String, String)>,
    /// What the issuer stored with it, as text.
    pub log: Option<String>,
    /// To whom.
    pub recipients: Vec<SeenRecipient>,
}

/// Somebody who got a badge by an event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SeenRecipient {
    /// The address.
    pub address: String,
    /// Since when it is revoked, in Unix seconds (0: unknown).
    pub revoked_at: Option<i64>,
    /// What the person did with it, in the Factory's word, such as `accepted`; absent: not asked.
    pub status: Option<String>,
    /// Its public page.
    pub page: Option<String>,
}

impl SeenEvent {
    /// Whether this address collected its badge; absent: the Factory does not say.
    pub fn is_collected(&self, address: &str) -> Option<bool> {
        let same = |one: &&SeenRecipient| one.address.trim().eq_ignore_ascii_case(address.trim());
        let found = self.recipients.iter().find(same)?;
        found.status.as_deref().map(|status| status == "accepted")
    }
}

words! {
    /// Where a search stands.
    SearchState {
        /// How many there are is asked first.
        Counting = "counting",
        /// They are read.
        Reading = "reading",
        /// All of them were read, or counted.
        Done = "done",
        /// The Factory did not take it.
        Failed = "failed",
    }
}

/// A search for events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// Its id.
    pub id: SearchId,
    /// What is searched for.
    pub query: EventQuery,
    /// Where it stands.
    pub state: SearchState,
    /// How many there are at the Factory.
    pub total: Option<u64>,
    /// How many were read.
    pub found: u64,
    /// Why it does not go on.
    pub error: Option<String>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it came to its end.
    pub ended_at: Option<Timestamp>,
}

impl Search {
    /// How many are to be read.
    pub fn wanted(&self) -> u64 {
        let there = self.total.unwrap_or(0).saturating_sub(self.query.offset);
        self.query.limit.map_or(there, |limit| limit.min(there))
    }
}

/// What a report says of an organisation's awards from one moment to another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Report {
    /// Awards that were issued on each day: its number since 1970 in UTC, how many.
    pub days: Vec<(i64, u64)>,
    /// By badge: id, how many, the most first.
    pub badges: Vec<(String, u64)>,
    /// By course: title, how many, the most first; without a title: in none.
    pub courses: Vec<(String, u64)>,
    /// Applications that were handed in.
    pub applied: u64,
    /// Which of them were decided.
    pub decided: u64,
    /// Which of them were approved.
    pub approved: u64,
    /// Which of these were collected, as far as the Factory was asked.
    pub collected: u64,
    /// Of how many it was asked.
    pub asked: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_reads_what_is_left_and_not_more_than_was_asked_for() {
        let mut search = Search {
            id: SearchId::new(uuid::Uuid::from_u128(1)),
            query: EventQuery::default(),
            state: SearchState::Reading,
            total: Some(1_200),
            found: 0,
            error: None,
            created_at: Timestamp::default(),
            ended_at: None,
        };
        assert_eq!(search.wanted(), 1_200);
        search.query.offset = 1_000;
        assert_eq!(search.wanted(), 200);
        search.query.limit = Some(50);
        assert_eq!(search.wanted(), 50);
        search.query.offset = 5_000;
        assert_eq!(search.wanted(), 0);
    }

    #[test]
    fn who_collected_a_badge_is_known_or_not() {
        let of = |status: Option<&str>| SeenEvent {
            recipients: vec![SeenRecipient {
                address: "Ada@Campus.example".to_owned(),
                status: status.map(str::to_owned),
                ..SeenRecipient::default()
            }],
            ..SeenEvent::default()
        };
        assert_eq!(of(Some("accepted")).is_collected("ada@campus.example"), Some(true));
        assert_eq!(of(Some("pending")).is_collected("ada@campus.example"), Some(false));
        assert_eq!(of(None).is_collected("ada@campus.example"), None);
        assert_eq!(of(Some("accepted")).is_collected("noa@campus.example"), None);
    }
}
