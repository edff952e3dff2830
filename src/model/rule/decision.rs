//! What one look at a person came to, with its reasons in order: stored, and shown as "why or why not".

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::model::award::words;

/// The answer to "does this person get the badge?", with every reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The answer.
    pub outcome: Outcome,
    /// Whether the conditions are met, taken together.
    pub met: Met,
    /// When they were met for the first time that counts.
    pub met_at: Option<Timestamp>,
    /// The sender's offset from UTC in minutes at that moment, if it told one.
    pub offset_minutes: Option<i16>,
    /// Which period of a recurring badge; `-` for one that is given once.
    pub period: String,
    /// The score that decided, as text in percent.
    pub score: Option<String>,
    /// The gates in the order in which they were asked.
    pub gates: Vec<GateResult>,
    /// The conditions in the order in which they are written.
    pub conditions: Vec<ConditionResult>,
}

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is", content = "until")]
pub enum Outcome {
    /// The badge goes out.
    Award,
    /// It waits for the end of the rule's waiting time.
    Wait(Timestamp),
    /// It waits for an address.
    NoEmail,
    /// It waits for a score to be released to learners.
    NotReleased,
    /// A person decides: the rule's breaker tripped.
    Limit,
    /// A person decides: learner and staff in one course.
    Parked,
    /// The conditions are not met.
    NotYet,
    /// Whether they are met cannot be said.
    CannotTell,
    /// Met before the rule began: only a person's backfill gives it.
    Earlier,
    /// Has it, or it is on its way.
    HasIt,
    /// Had it, and it was taken back: a rule does not give it again.
    TakenBack,
    /// Rules do not apply: staff, a test user, nobody who learns here.
    NotALearner,
    /// Not active in the course.
    NotActive,
    /// The rule is not switched on.
    RuleOff,
}

impl Outcome {
    /// The stored and printed word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Award => "award",
            Self::Wait(_) => "wait",
            Self::NoEmail => "no-email",
            Self::NotReleased => "not-released",
            Self::Limit => "limit",
            Self::Parked => "parked",
            Self::NotYet => "not-yet",
            Self::CannotTell => "cannot-tell",
            Self::Earlier => "earlier",
            Self::HasIt => "has-it",
            Self::TakenBack => "taken-back",
            Self::NotALearner => "not-a-learner",
            Self::NotActive => "not-active",
            Self::RuleOff => "rule-off",
        }
    }

    /// Whether an award should exist, sent or held.
    pub const fn owes(self) -> bool {
        matches!(
            self,
            Self::Award | Self::Wait(_) | Self::NoEmail | Self::NotReleased | Self::Limit | Self::Parked
        )
    }
}

words! {
    /// Whether something is so.
    Met {
        /// It is.
        Yes = "yes",
        /// It is not.
        No = "no",
        /// It cannot be said.
        Unknown = "unknown",
    }
}

words! {
    /// What is asked of a person and a rule, beside the conditions.
    Gate {
        /// Learner, and nothing else.
        Role = "role",
        /// In the course.
        Enrolment = "enrolment",
        /// Has an address.
        Email = "email",
        /// Does not have it yet.
        HasIt = "has-it",
        /// It was not taken back before.
        TakenBack = "taken-back",
        /// The rule is on.
        RuleOn = "rule-on",
        /// Met since the rule began.
        Since = "since",
        /// The waiting time is over.
        Wait = "wait",
        /// The breaker did not trip.
        Breaker = "breaker",
    }
}

words! {
    /// Whether a gate let the person through.
    Passed {
        /// It did.
        Yes = "yes",
        /// It did not.
        No = "no",
        /// It will, by time or by a person.
        Later = "later",
    }
}

words! {
    /// Why a condition is met or not.
    Because {
        /// It is met.
        Met = "met",
        /// Nothing is known yet.
        NoNews = "no-news",
        /// The LMS says that it is not so, or no longer.
        Undone = "undone",
        /// The score is too low.
        Short = "short",
        /// The score is not released to learners.
        Unreleased = "unreleased",
        /// The score was taken away, or the person was excused.
        NoScore = "no-score",
        /// The score has no maximum to compare with.
        NoMaximum = "no-maximum",
        /// It was done after the day.
        TooLate = "too-late",
    }
}

macro_rules! as_words {
    ($($name:ident),+) => { $(
        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
                out.serialize_str(self.word())
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )+ };
}
as_words!(Met, Gate, Passed, Because);

/// A gate and its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateResult {
    /// Which.
    pub gate: Gate,
    /// Whether it let the person through.
    pub passed: Passed,
}

/// A condition, what was found, and where that comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConditionResult {
    /// The condition's text form.
    pub condition: String,
    /// Whether it is met.
    pub met: Met,
    /// Why.
    pub because: Because,
    /// The score in percent, unclamped, where there is one. A score that is not released is not told.
    pub found: Option<String>,
    /// What a score needs to be, in percent.
    pub needed: Option<String>,
    /// Who said so.
    pub source: Option<String>,
    /// When it happened.
    pub at: Option<Timestamp>,
    /// When we heard of it.
    pub heard_at: Option<Timestamp>,
    /// The sender's clock could not be believed.
    pub clock_suspect: bool,
}
