//! What the Factory's calls carry: badges, events and the order to issue, as plain types.

mod badge;
mod event;
mod issue;
mod picture;

pub use badge::{Badge, BadgeFilter, Translation, ValidityDefault};
pub use event::{Event, EventOrder, EventSearch};
pub use issue::{BadgeOverride, InvalidRecipient, Issue, MessageParts, Recipient};
pub use picture::Picture;
