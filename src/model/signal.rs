//! A signal: one piece of news about a person in a course, in the same form whatever LMS it came from.
//!
//! Parsers make signals, the store keeps and matches them; what they say becomes a fact (`model::fact`).

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::award::words;
use super::score::Score;
use super::{Address, RuleId};
use crate::clock::Timestamp;

words! {
    /// What a signal says about its item.
    SignalKind {
        /// Completed.
        Completed = "completed",
        /// No longer completed.
        Uncompleted = "uncompleted",
        /// Passed.
        Passed = "passed",
        /// Failed, now or again.
        Failed = "failed",
        /// A score was given, changed or cleared.
        Score = "score",
        /// The course, or this person's enrolment in it, has ended in good order.
        Concluded = "concluded",
        /// Something may have changed: ask the LMS. Says nothing by itself.
        Hint = "hint",
        /// The LMS gave an award of its own.
        AwardIssued = "award_issued",
        /// The LMS took an award of its own back.
        AwardRevoked = "award_revoked",
    }
}

words! {
    /// Where a signal came from. Times of one source are compared with each other first of all.
    Source {
        /// Pushed: a webhook signed as Standard Webhooks say.
        Webhook = "webhook",
        /// Pushed: Canvas Live Events.
        CanvasEvents = "canvas-events",
        /// Pushed: a plugin of Moodle.
        MoodleEvents = "moodle-events",
        /// Asked: Canvas' REST API.
        CanvasApi = "canvas-api",
        /// Asked: Brightspace's REST API.
        BrightspaceApi = "brightspace-api",
        /// Asked: Moodle's web services.
        MoodleApi = "moodle-api",
        /// Asked: the results of our own line item (LTI Assignment and Grade Services 2.0).
        OwnColumn = "own-column",
    }
}

/// What the news is about, within a course.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[expect(clippy::enum_variant_names, reason = "line item is LTI's word")]
pub enum Item {
    /// The course as a whole.
    Course,
    /// The course's total.
    FinalGrade,
    /// A module or section, by the LMS's id.
    Module(ItemId),
    /// An activity, assignment or topic, by the LMS's id.
    Activity(ItemId),
    /// A line item, by its address or id.
    LineItem(ItemId),
    /// The column that we made for a rule.
    OwnColumn(RuleId),
}

/// The LMS's id of an item: 1 to 1,024 characters without control characters; no white space around it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemId(String);

/// The text names no item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected course, final-grade, module:ID, activity:ID, line-item:ID or own-column:RULE")]
pub struct InvalidItem;

impl ItemId {
    /// Reads an id.
    pub fn parse(text: &str) -> Result<Self, InvalidItem> {
        let text = text.trim();
        if text.is_empty() || text.chars().count() > 1024 || text.chars().any(char::is_control) {
            return Err(InvalidItem);
        }
        Ok(Self(text.to_owned()))
    }

    /// The id as the LMS writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Item {
    /// The stored form: `course`, `final-grade`, `module:ID`, `activity:ID`, `line-item:ID`, `own-column:RULE`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Course => f.write_str("course"),
            Self::FinalGrade => f.write_str("final-grade"),
            Self::Module(id) => write!(f, "module:{}", id.0),
            Self::Activity(id) => write!(f, "activity:{}", id.0),
            Self::LineItem(id) => write!(f, "line-item:{}", id.0),
            Self::OwnColumn(rule) => write!(f, "own-column:{rule}"),
        }
    }
}

impl FromStr for Item {
    type Err = InvalidItem;

    fn from_str(text: &str) -> Result<Self, InvalidItem> {
        match text {
            "course" => return Ok(Self::Course),
            "final-grade" => return Ok(Self::FinalGrade),
            _ => {}
        }
        let (word, id) = text.split_once(':').ok_or(InvalidItem)?;
        match word {
            "module" => Ok(Self::Module(ItemId::parse(id)?)),
            "activity" => Ok(Self::Activity(ItemId::parse(id)?)),
            "line-item" => Ok(Self::LineItem(ItemId::parse(id)?)),
            "own-column" => Ok(Self::OwnColumn(id.parse().map_err(|_| InvalidItem)?)),
            _ => Err(InvalidItem),
        }
    }
}

impl TryFrom<String> for Item {
    type Error = InvalidItem;

    fn try_from(text: String) -> Result<Self, InvalidItem> {
        text.parse()
    }
}

impl From<Item> for String {
    fn from(item: Item) -> Self {
        item.to_string()
    }
}

/// How a sender names a person: whatever it told, all of it optional.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PersonRef {
    /// The LTI `sub` at the feed's registration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub: Option<String>,
    /// The LMS's own id of the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lms_id: Option<String>,
    /// The student information system's id (`lis_person_sourcedid`, `OrgDefinedId`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sis_id: Option<String>,
    /// The LTI 1.1 user id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub legacy_id: Option<String>,
    /// The address, normalised.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<Address>,
    /// The name. Never used to find somebody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl PersonRef {
    /// Whether nothing in it could find anybody: the signal is about the whole course.
    pub const fn is_empty(&self) -> bool {
        self.sub.is_none()
            && self.lms_id.is_none()
            && self.sis_id.is_none()
            && self.legacy_id.is_none()
            && self.email.is_none()
    }
}

/// How a sender names a course: whatever it told, all of it optional.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CourseRef {
    /// The LTI context id at the feed's registration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context_id: Option<String>,
    /// The LMS's own id of the course.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lms_id: Option<String>,
    /// The student information system's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sis_id: Option<String>,
    /// Any other name that an administrator gave to a course of ours: a course key, an address, a number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
}

impl CourseRef {
    /// Whether nothing in it could find a course.
    pub const fn is_empty(&self) -> bool {
        self.context_id.is_none() && self.lms_id.is_none() && self.sis_id.is_none() && self.alias.is_none()
    }
}

/// A sender's clock that is further ahead of ours than this is not believed.
const CLOCK_TOLERANCE: Duration = Duration::from_mins(5);

/// One piece of news, normalised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signal {
    /// Where it came from.
    pub source: Source,
    /// What makes a repetition known: the sender's id, or a digest of the content. Unique within its feed.
    pub source_event_id: String,
    /// What it says.
    pub kind: SignalKind,
    /// About what.
    pub item: Item,
    /// About whom; empty: about everybody in the course.
    pub person: PersonRef,
    /// In which course; empty: in the feed's own.
    pub course: CourseRef,
    /// The score, of the kind [`SignalKind::Score`] only.
    pub score: Option<Score>,
    /// When it happened, by the sender's clock.
    pub occurred_at: Timestamp,
    /// The sender's offset from UTC in minutes, if it told one: the date of an award is the date there.
    pub utc_offset_minutes: Option<i16>,
    /// When it came in, by our clock.
    pub received_at: Timestamp,
}

impl Signal {
    /// Whether the sender's clock is more than five minutes ahead of ours.
    pub fn is_clock_suspect(&self) -> bool {
        self.occurred_at > self.received_at.plus(CLOCK_TOLERANCE)
    }

    /// When it happened, as far as can be believed: not later than five minutes after it came in. News is put in
    /// order by this.
    pub fn happened_at(&self) -> Timestamp {
        if self.is_clock_suspect() {
            self.received_at
        } else {
            self.occurred_at
        }
    }
}

/// Canvas' local form of an id: a global id is `shard * 10^13 + local`. Local ids survive a move to another shard.
pub fn canvas_local_id(id: &str) -> String {
    match id.parse::<u64>() {
        Ok(number) if id.bytes().all(|byte| byte.is_ascii_digit()) => (number % 10_000_000_000_000).to_string(),
        _ => id.to_owned(),
    }
}

/// The longest id that is remembered.
const LONGEST_ID: usize = 255;

/// An id of the LMS as a custom parameter carries it: text or number, Canvas' global ids in their local form.
pub fn custom_id(value: &serde_json::Value) -> Option<String> {
    let id = match value {
        serde_json::Value::String(text) => text.trim().to_owned(),
        serde_json::Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!id.is_empty() && id.len() <= LONGEST_ID).then(|| canvas_local_id(&id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_read_back_from_their_text() {
        for text in [
            "course",
            "final-grade",
            "module:77",
            "activity:a:b c",
            "line-item:https://lms.example/li/9?x=1",
            "own-column:00000000-0000-0000-0000-000000000007",
        ] {
            assert_eq!(text.parse::<Item>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "module",
            "module:",
            "module: ",
            "own-column:7",
            "module:a\u{0}",
            "quiz:1",
        ] {
            assert_eq!(text.parse::<Item>(), Err(InvalidItem), "{text}");
        }
    }

    #[test]
    fn a_global_id_of_canvas_is_its_local_one() {
        for (id, local) in [
            ("482", "482"),
            ("31420000000000482", "482"),
            ("u-1", "u-1"),
            ("+5", "+5"),
        ] {
            assert_eq!(canvas_local_id(id), local);
        }
    }

    #[test]
    fn a_clock_that_is_hours_ahead_is_flagged_and_not_believed() {
        let signal = |occurred| Signal {
            source: Source::Webhook,
            source_event_id: "1".to_owned(),
            kind: SignalKind::Completed,
            item: Item::Course,
            person: PersonRef::default(),
            course: CourseRef::default(),
            score: None,
            occurred_at: Timestamp::from_seconds(occurred),
            utc_offset_minutes: None,
            received_at: Timestamp::from_seconds(10_000),
        };
        for (occurred, suspect, happened) in [(9_000, false, 9_000), (10_300, false, 10_300), (10_301, true, 10_000)] {
            let signal = signal(occurred);
            assert_eq!(signal.is_clock_suspect(), suspect);
            assert_eq!(signal.happened_at(), Timestamp::from_seconds(happened));
        }
    }
}
