//! What can be said of a rule before anybody meets it: that it can never hold, or that it holds for everyone.

use super::expression::{Condition, Expression, Percent};
use crate::clock::Timestamp;

/// What is odd about a rule. Named before it is saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// It can never hold: it needs the badge that it gives.
    NeedsItself,
    /// It can never hold for anybody from now on: this day is over.
    DayIsOver(String),
    /// It holds for everyone who has any score at all: a threshold of zero.
    EveryoneWithScore,
    /// It holds only with extra credit: more than the full score is needed.
    MoreThanFull(Percent),
}

impl Finding {
    /// Whether it makes the rule useless rather than unusual.
    pub const fn is_never(&self) -> bool {
        matches!(self, Self::NeedsItself | Self::DayIsOver(_))
    }

    /// The finding in a sentence, with what to do.
    pub fn in_words(&self) -> String {
        match self {
            Self::NeedsItself => {
                "this can never hold: it needs the badge that it gives; name another badge in holds()".to_owned()
            }
            Self::DayIsOver(day) => format!(
                "this can never hold from now on: {day} is over; choose a later day, or award the people who were in time by a backfill"
            ),
            Self::EveryoneWithScore => {
                "this holds for everyone who has a score: at least 0 percent is always reached; raise the number"
                    .to_owned()
            }
            Self::MoreThanFull(least) => {
                format!("{least} percent is more than the full score: only extra credit reaches it")
            }
        }
    }
}

/// What is odd about a rule that gives `badge`, at `now`.
pub fn findings(when: &Expression, badge: &str, now: Timestamp) -> Vec<Finding> {
    let mut found: Vec<Finding> = never(when, badge, now).into_iter().collect();
    if found.is_empty() && is_for_everyone(when) {
        found.push(Finding::EveryoneWithScore);
    }
    let most = when
        .conditions()
        .into_iter()
        .filter_map(|condition| condition.threshold().map(|threshold| threshold.least))
        .max();
    if let Some(most) = most.filter(|most| *most > Percent::FULL) {
        found.push(Finding::MoreThanFull(most));
    }
    found
}

fn never(when: &Expression, badge: &str, now: Timestamp) -> Option<Finding> {
    match when {
        Expression::One(Condition::Holds(other)) if other == badge => Some(Finding::NeedsItself),
        Expression::One(Condition::CompletedBy(day)) if day.end() < now => Some(Finding::DayIsOver(day.to_string())),
        Expression::One(_) => None,
        Expression::All(parts) => parts.iter().find_map(|part| never(part, badge, now)),
        Expression::Any(parts) => {
            let all: Option<Vec<Finding>> = parts.iter().map(|part| never(part, badge, now)).collect();
            all.and_then(|all| all.into_iter().next())
        }
    }
}

fn is_for_everyone(when: &Expression) -> bool {
    match when {
        Expression::One(condition) => condition
            .threshold()
            .is_some_and(|threshold| threshold.least == Percent::ZERO),
        Expression::All(parts) => parts.iter().all(is_for_everyone),
        Expression::Any(parts) => parts.iter().any(is_for_everyone),
    }
}
