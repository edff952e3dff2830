//! What is known about a person in a course by now: the newest news of each source, for each item.

use super::SignalId;
use super::award::words;
use super::score::Score;
use super::signal::{Item, Signal, SignalKind, Source};
use crate::clock::Timestamp;

words! {
    /// What a fact speaks of; news of one class replaces older news of that class only.
    FactClass {
        /// Completed or not.
        Completion = "completion",
        /// Passed or failed.
        Outcome = "outcome",
        /// The score as the LMS computed it.
        Score = "score",
        /// The score that a person put in its place.
        Override = "override",
        /// The course, or the enrolment, has ended in good order.
        Conclusion = "conclusion",
        /// The LMS gave, or took back, an award of its own.
        Badge = "badge",
    }
}

/// What a fact says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactValue {
    /// Completed, passed, ended, given; or not.
    Holds(bool),
    /// The score; without points it was taken away.
    Score(Score),
}

/// The newest news of one source about one item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// About what.
    pub item: Item,
    /// Of which class.
    pub class: FactClass,
    /// What it says.
    pub value: FactValue,
    /// When it happened ([`Signal::happened_at`]).
    pub occurred_at: Timestamp,
    /// The sender's offset from UTC in minutes, if it told one.
    pub utc_offset_minutes: Option<i16>,
    /// When it came in.
    pub received_at: Timestamp,
    /// The sender's clock was too far ahead to be believed.
    pub clock_suspect: bool,
    /// Who said so.
    pub source: Source,
    /// The signal that brought it.
    pub signal: SignalId,
}

impl Fact {
    /// What a signal states as a fact; `None` for a hint.
    pub fn of(signal: &Signal, id: SignalId) -> Option<Self> {
        let (class, value) = match signal.kind {
            SignalKind::Completed => (FactClass::Completion, FactValue::Holds(true)),
            SignalKind::Uncompleted => (FactClass::Completion, FactValue::Holds(false)),
            SignalKind::Passed => (FactClass::Outcome, FactValue::Holds(true)),
            SignalKind::Failed => (FactClass::Outcome, FactValue::Holds(false)),
            SignalKind::Concluded => (FactClass::Conclusion, FactValue::Holds(true)),
            SignalKind::AwardIssued => (FactClass::Badge, FactValue::Holds(true)),
            SignalKind::AwardRevoked => (FactClass::Badge, FactValue::Holds(false)),
            SignalKind::Score => {
                let score = signal.score?;
                let class = if score.overrides {
                    FactClass::Override
                } else {
                    FactClass::Score
                };
                (class, FactValue::Score(score))
            }
            SignalKind::Hint => return None,
        };
        Some(Self {
            item: signal.item.clone(),
            class,
            value,
            occurred_at: signal.happened_at(),
            utc_offset_minutes: signal.utc_offset_minutes,
            received_at: signal.received_at,
            clock_suspect: signal.is_clock_suspect(),
            source: signal.source,
            signal: id,
        })
    }

    /// Puts news in order: by the time it happened, then by arrival.
    pub fn order(&self) -> (Timestamp, Timestamp, SignalId) {
        (self.occurred_at, self.received_at, self.signal)
    }
}

/// Everything that is known about one person in one course.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts(Vec<Fact>);

impl Facts {
    /// Of rows in any order, several sources for one item included.
    pub fn new(facts: Vec<Fact>) -> Self {
        Self(facts)
    }

    /// All of them, every source.
    pub fn all(&self) -> &[Fact] {
        &self.0
    }

    /// The newest of this class about this item, whoever said so.
    pub fn newest(&self, item: &Item, class: FactClass) -> Option<&Fact> {
        self.0
            .iter()
            .filter(|fact| fact.class == class && fact.item == *item)
            .max_by_key(|fact| fact.order())
    }

    /// The score that counts for an item: the one a person put in, else the computed one; `None` if there is none, or
    /// it was taken away.
    pub fn score(&self, item: &Item) -> Option<(&Fact, Score)> {
        [FactClass::Override, FactClass::Score].into_iter().find_map(|class| {
            let fact = self.newest(item, class)?;
            match fact.value {
                FactValue::Score(score) if score.given.is_some() => Some((fact, score)),
                _ => None,
            }
        })
    }

    /// The fact that an item is completed, passed, concluded, … if the newest of this class says so.
    pub fn holding(&self, item: &Item, class: FactClass) -> Option<&Fact> {
        self.newest(item, class)
            .filter(|fact| fact.value == FactValue::Holds(true))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::model::score::Points;

    fn fact(class: FactClass, value: FactValue, at: i64, source: Source) -> Fact {
        Fact {
            item: Item::FinalGrade,
            class,
            value,
            occurred_at: Timestamp::from_seconds(at),
            utc_offset_minutes: None,
            received_at: Timestamp::from_seconds(at),
            clock_suspect: false,
            source,
            signal: SignalId::new(Uuid::from_u128(1)),
        }
    }

    fn score(given: Option<i32>) -> FactValue {
        FactValue::Score(Score {
            given: given.map(Points::whole),
            ..Score::of(Points::whole(0), Points::whole(100))
        })
    }

    #[test]
    fn an_override_wins_until_it_is_taken_away() {
        let computed = fact(FactClass::Score, score(Some(60)), 5, Source::CanvasEvents);
        let put_in = fact(FactClass::Override, score(Some(90)), 3, Source::CanvasEvents);
        let cleared = fact(FactClass::Override, score(None), 4, Source::CanvasApi);
        let facts = Facts::new(vec![computed.clone(), put_in.clone()]);
        assert_eq!(facts.score(&Item::FinalGrade).unwrap().0, &put_in);
        let facts = Facts::new(vec![cleared, put_in, computed.clone()]);
        assert_eq!(facts.score(&Item::FinalGrade).unwrap().0, &computed);
        assert_eq!(facts.score(&Item::Course), None);
    }

    #[test]
    fn the_newest_of_several_sources_counts() {
        let done = fact(FactClass::Completion, FactValue::Holds(true), 5, Source::Webhook);
        let undone = fact(FactClass::Completion, FactValue::Holds(false), 6, Source::MoodleApi);
        let facts = Facts::new(vec![undone, done.clone()]);
        assert_eq!(facts.holding(&Item::FinalGrade, FactClass::Completion), None);
        let facts = Facts::new(vec![done.clone()]);
        assert_eq!(facts.holding(&Item::FinalGrade, FactClass::Completion), Some(&done));
    }
}
