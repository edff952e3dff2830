//! What the Factory's calls carry: badges, events, application forms and the order to issue, as plain types.

mod application;
mod assertion;
mod badge;
mod badge_content;
mod earnable;
mod event;
mod issue;
mod organisation;
mod picture;

pub use application::{Application, ApplicationStatus, Approval, FilledForm, Rejection};
pub use assertion::Assertion;
pub use badge::{Badge, BadgeFilter, Translation, ValidityDefault};
pub use badge_content::BadgeContent;
pub use earnable::{ApprovalMethod, AttachEvidence, Earnable, EarnableFilter};
pub use event::{Event, EventOrder, EventSearch};
pub use issue::{BadgeOverride, InvalidRecipient, Issue, MessageParts, Recipient};
pub use organisation::{Organisation, OrganisationProfile};
pub use picture::Picture;
