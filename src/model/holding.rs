//! A badge that somebody has at the Factory, as the Factory tells.

use std::collections::BTreeMap;

use super::award::words;
use crate::clock::Timestamp;

words! {
    /// Where a badge stands at the Factory.
    HoldingState {
        /// Sent, and not picked up as far as is known.
        Sent = "sent",
        /// The person picked it up.
        Collected = "collected",
        /// Taken back.
        Revoked = "revoked",
    }
}

/// A badge of one person in one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// The Factory's event.
    pub event: String,
    /// The address that it was issued to, normalised.
    pub address: String,
    /// The Factory's badge id.
    pub badge_id: String,
    /// The badge's name when it was issued.
    pub name: String,
    /// Found by the person's address, and not the event of an award made here.
    pub found: bool,
    /// Where it stands.
    pub state: HoldingState,
    /// The nominal date.
    pub issued_at: Option<Timestamp>,
    /// Until when it is valid; absent: no end, or not told.
    pub expires_at: Option<Timestamp>,
    /// When it was taken back, if the Factory tells.
    pub revoked_at: Option<Timestamp>,
    /// Its public page, to be shared.
    pub page_url: Option<String>,
    /// The document that proves it.
    pub proof_url: Option<String>,
    /// Printable versions, by language or `default`.
    pub pdf: BTreeMap<String, String>,
}

/// When a person's badges were read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HoldingReading {
    /// The last try.
    pub tried_at: Option<Timestamp>,
    /// The last complete read.
    pub read_at: Option<Timestamp>,
}
