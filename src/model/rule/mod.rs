//! A rule: "whoever does X in this course gets badge B". What it says ([`Expression`]), how careful it is ([`Options`]),
//! where it stands ([`RuleState`]), and what one look at a person came to ([`Decision`]).

mod analysis;
mod decision;
mod dossier;
mod expression;
mod options;
mod parse;
mod sources;

use crate::clock::Timestamp;
use crate::model::award::words;
use crate::model::{CourseId, MemberId, OrganisationId, RegistrationId, RuleId};

pub use analysis::{Finding, findings};
pub use decision::{Because, ConditionResult, Decision, Gate, GateResult, Met, Outcome, Passed};
pub use dossier::{Dossier, Grant, Held};
pub use expression::{Condition, Day, Expression, MOST_CONDITIONS, Percent, Threshold};
pub use options::{Attempt, BREAKER_MOST, OnDrop, Options, OptionsError, WAIT_MOST_HOURS};
pub use parse::{ParseError, Problem};
pub use sources::delivered_by;

words! {
    /// Where a rule stands.
    RuleState {
        /// Never switched on.
        Draft = "draft",
        /// Awards by itself.
        On = "on",
        /// A person switched it off for a while.
        Paused = "paused",
        /// Its breaker tripped: a person decides.
        Stopped = "stopped",
        /// Ended; kept for its history.
        Archived = "archived",
    }
}

impl RuleState {
    /// Whether news about people is weighed by it: a paused rule still says why.
    pub const fn is_weighed(self) -> bool {
        matches!(self, Self::On | Self::Paused | Self::Stopped)
    }
}

/// A rule with its present version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its id.
    pub id: RuleId,
    /// Whose it is.
    pub organisation: OrganisationId,
    /// Through which registration the course comes.
    pub registration: RegistrationId,
    /// In which course.
    pub course: CourseId,
    /// The Factory's badge id.
    pub badge_id: String,
    /// Where it stands.
    pub state: RuleState,
    /// Since when it stands there.
    pub state_at: Timestamp,
    /// The present version's number, from 1.
    pub version: u32,
    /// What that version says.
    pub terms: Terms,
    /// When that version was written.
    pub written_at: Timestamp,
    /// Who wrote it; absent: by command.
    pub author: Option<MemberId>,
    /// When the rule was made.
    pub created_at: Timestamp,
}

/// What one version of a rule says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Who gets the badge.
    pub when: Expression,
    /// Message, dates, care.
    pub options: Options,
    /// Whoever met it before this moment gets it only if a person says so. Absent: not switched on yet.
    pub since: Option<Timestamp>,
}

/// The cause of an award that a rule made: `rule:{id}`.
pub fn by_rule(rule: RuleId) -> String {
    format!("rule:{rule}")
}

/// The rule that a cause names.
pub fn rule_of_cause(cause: &str) -> Option<RuleId> {
    cause.strip_prefix("rule:")?.parse().ok()
}

#[cfg(test)]
mod tests;
