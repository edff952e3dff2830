//! A draft: a request that is being put together, kept on the server step by step.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::request::Person;
use super::{CourseId, DraftId, MemberId, OrganisationId};
use crate::clock::Timestamp;

/// How long a draft is kept after its last change.
pub const DRAFT_LIFE: Duration = Duration::from_hours(14 * 24);

/// The draft of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Its id, as in the address.
    pub id: DraftId,
    /// Whose it is.
    pub organisation: OrganisationId,
    /// In which course.
    pub course: CourseId,
    /// Who makes it; nobody else sees it.
    pub author: MemberId,
    /// The badge, once chosen.
    pub badge: Option<String>,
    /// The people chosen so far, at most 2,500.
    pub people: Vec<Person>,
    /// What was written so far.
    pub text: DraftText,
    /// The one-time key of its last form: pressing twice places one request.
    pub form_key: String,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// Message, dates and options as a person entered them. An absent text stands for the badge's own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DraftText {
    /// The award date, `2026-11-21`; absent: today.
    pub issued_on: Option<String>,
    /// Until when the badges hold.
    pub validity: DraftValidity,
    /// The mail's subject.
    pub subject: Option<String>,
    /// The mail's text.
    pub body: Option<String>,
    /// The text of the mail's link.
    pub link_text: Option<String>,
    /// The mail's footer.
    pub footer: Option<String>,
    /// Added to the badge's criteria.
    pub criteria_add: Option<String>,
    /// The name of the order.
    pub name: Option<String>,
    /// The lines that were added last, with what became of each.
    pub lines: Vec<DraftLine>,
    /// Text that was pasted and not added yet.
    pub paste: String,
    /// Whether message and options were looked at and taken.
    pub passed: bool,
}

/// A pasted or uploaded line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftLine {
    /// Its number in the text or file, from 1.
    pub number: usize,
    /// What it said, shortened.
    pub said: String,
    /// What became of it.
    pub fate: LineFate,
}

/// What became of a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LineFate {
    /// It names somebody of the course, who was selected.
    Found {
        /// Who.
        member: uuid::Uuid,
        /// Their name.
        name: String,
    },
    /// It is an address outside the course, and was added.
    Added {
        /// The address.
        email: crate::model::Address,
    },
    /// It is an address outside the course, which may not be added.
    Outside,
    /// The person has the badge, or will have it.
    HasIt {
        /// Since when.
        since: Timestamp,
    },
    /// The same address stands in an earlier line.
    Again {
        /// That line's number.
        first: usize,
    },
    /// It is no address.
    Unreadable,
}

/// Until when the badges of a draft hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DraftValidity {
    /// As the badge says.
    #[default]
    Badge,
    /// So many months from the award date.
    Months(u32),
    /// Until a day, `2027-11-21`.
    Until(String),
    /// Without end.
    Endless,
}
