//! Everything that a rule looks at about one person.

use crate::clock::Timestamp;
use crate::model::award::AwardState;
use crate::model::fact::{Fact, Facts};
use crate::model::{AwardId, Person};

/// A person as a rule sees them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dossier {
    /// Who, and who they are in the course.
    pub person: Person,
    /// Learner beside a staff role: a person decides.
    pub also_learner: bool,
    /// What is known by now.
    pub facts: Facts,
    /// All scores that came in, the past ones too: only read where attempts are compared.
    pub scores: Vec<Fact>,
    /// All awards to this member, and those of bare addresses equal to the member's.
    pub awards: Vec<Held>,
}

/// An award that somebody has, had or will have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The award.
    pub award: AwardId,
    /// The Factory's badge id.
    pub badge_id: String,
    /// Why it was made.
    pub cause: String,
    /// Its period.
    pub period: String,
    /// Where it stands.
    pub state: AwardState,
    /// Taken back by the program, because the conditions were no longer met before it went out.
    pub lapsed: bool,
    /// When it was issued.
    pub issued_at: Option<Timestamp>,
    /// When its waiting time ends, while it waits.
    pub wait_until: Option<Timestamp>,
    /// Noted as no longer met after the award.
    pub dropped: bool,
}

/// A person's leave to award although the rule would not by itself: a backfill, or a release after the breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// When it was given: what is met later is not covered.
    pub at: Timestamp,
    /// The award is dated today instead of the day on which the conditions were met.
    pub dated_today: bool,
}
