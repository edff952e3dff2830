//! What an LMS answered becomes news: everything that was seen, compared with what was seen last, leaves the changes as
//! signals. One file per source turns answers into [`Observation`]s; nothing is asked or stored here.
//!
//! An answer has no id of its own, so a change is known by what it changed from: the same answer again is none, and a score
//! that goes up, down and up again is three.

pub mod brightspace;
pub mod canvas;
pub mod column;
pub mod moodle;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::moment::Moment;
use crate::clock::Timestamp;
use crate::crypto::digest;
use crate::model::fact::FactClass;
use crate::model::rule::{Condition, Rule};
use crate::model::score::{Points, Score};
use crate::model::signal::{CourseRef, Item, ItemId, PersonRef, Signal, SignalKind, Source};
use crate::model::{Address, CourseId, RuleId};

/// What the rules of a course look at: nothing else is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Whether the course is completed.
    pub completion: bool,
    /// Whether it is over.
    pub conclusion: bool,
    /// The final grade.
    pub final_grade: bool,
    /// Scores of these activities.
    pub scores: BTreeSet<String>,
    /// Completion of these modules.
    pub modules: BTreeSet<String>,
    /// Completion of these activities.
    pub activities: BTreeSet<String>,
    /// Marks in the columns of these rules.
    pub columns: BTreeSet<RuleId>,
}

impl Wanted {
    /// What these rules look at, as far as they are weighed.
    pub fn of(rules: &[Rule]) -> Self {
        let mut wanted = Self::default();
        for rule in rules.iter().filter(|rule| rule.state.is_weighed()) {
            for condition in rule.terms.when.conditions() {
                match condition {
                    Condition::CourseCompleted | Condition::CompletedBy(_) => wanted.completion = true,
                    Condition::CourseConcluded => wanted.conclusion = true,
                    Condition::FinalGrade(_) => wanted.final_grade = true,
                    Condition::Score(item, _) => {
                        wanted.scores.insert(item.clone());
                    }
                    Condition::ModuleCompleted(item) => {
                        wanted.modules.insert(item.clone());
                    }
                    Condition::ActivityCompleted(item) => {
                        wanted.activities.insert(item.clone());
                    }
                    Condition::OwnColumn(_) => {
                        wanted.columns.insert(rule.id);
                    }
                    Condition::Holds(_) => {}
                }
            }
        }
        wanted
    }

    /// Whether an LMS's interface has anything to tell.
    pub fn asks_lms(&self) -> bool {
        let rest = Self {
            columns: BTreeSet::new(),
            ..self.clone()
        };
        rest != Self::default()
    }
}

/// Something that was seen about somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// Who, by the id that the source uses; empty: everybody.
    pub subject: String,
    /// About what.
    pub item: Item,
    /// Of which class.
    pub class: FactClass,
    /// What.
    pub says: Says,
    /// When it happened, if the LMS tells, with the offset that it was written in.
    pub at: Option<(Timestamp, Option<i16>)>,
}

/// What was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// Not completed, no score.
    Nothing,
    /// Completed, passed or over; or not passed.
    Holds(bool),
    /// A score.
    Score(Score),
}

/// What somebody is called beside the id that the source uses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Called {
    /// The student information system's id.
    pub sis_id: Option<String>,
    /// The address.
    pub email: Option<String>,
    /// The name.
    pub name: Option<String>,
}

/// What was seen last, by person, item and class (as they are stored).
pub type Seen = HashMap<(String, String, String), (Vec<u8>, Timestamp)>;

/// A change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Who, by the id that the source uses.
    pub subject: String,
    /// Digest of what was seen.
    pub digest: [u8; 32],
    /// The news.
    pub signal: Signal,
    /// Of which class.
    pub class: FactClass,
}

/// The changes among what was seen in a course, asked at a moment.
pub fn changes(
    source: Source,
    course: CourseId,
    observations: Vec<Observation>,
    seen: &Seen,
    asked_at: Timestamp,
) -> Vec<Change> {
    let mut newest: BTreeMap<(String, Item, FactClass), Observation> = BTreeMap::new();
    for observation in observations {
        let key = (observation.subject.clone(), observation.item.clone(), observation.class);
        match newest.get_mut(&key) {
            Some(known) if is_more(known, &observation) => *known = observation,
            Some(_) => {}
            None => {
                newest.insert(key, observation);
            }
        }
    }
    let changes = newest.into_values();
    changes
        .filter_map(|observation| change(source, course, observation, seen, asked_at))
        .collect()
}

/// Whoever is in a course twice counts once, with the better of what is said.
fn is_more(known: &Observation, other: &Observation) -> bool {
    match (known.says, other.says) {
        (Says::Nothing, Says::Holds(_) | Says::Score(_)) | (Says::Holds(false), Says::Holds(true)) => true,
        (Says::Score(known), Says::Score(other)) => other.percent() > known.percent(),
        _ => false,
    }
}

fn change(
    source: Source,
    course: CourseId,
    observation: Observation,
    seen: &Seen,
    asked_at: Timestamp,
) -> Option<Change> {
    let Observation {
        subject,
        item,
        class,
        says,
        at,
    } = observation;
    let digest = digest_of(says);
    let key = (subject.clone(), item.to_string(), class.word().to_owned());
    let before = seen.get(&key);
    match before {
        Some((known, _)) if known.as_slice() == digest => return None,
        None if says == Says::Nothing => return None,
        _ => {}
    }
    let (kind, score) = said(class, says)?;
    let (mut occurred_at, mut utc_offset_minutes) = at.unwrap_or((asked_at, None));
    // What was seen later is newer, whatever moment the LMS gives it: a completion that comes back keeps its old one.
    if before.is_some_and(|(_, last)| occurred_at <= *last) {
        (occurred_at, utc_offset_minutes) = (asked_at, None);
    }
    let from = before.map(|(known, _)| known.as_slice()).unwrap_or_default();
    let since = before.map_or(0, |_| asked_at.millis());
    let event = digest::hmac_sha256(
        b"pulled",
        &[
            course.uuid().as_bytes(),
            key.0.as_bytes(),
            key.1.as_bytes(),
            key.2.as_bytes(),
            from,
            &digest,
            &since.to_be_bytes(),
        ],
    );
    Some(Change {
        signal: Signal {
            source,
            source_event_id: digest::hex(&event),
            kind,
            item,
            person: named(source, &subject),
            course: CourseRef::default(),
            score,
            occurred_at,
            utc_offset_minutes,
            received_at: asked_at,
        },
        subject,
        digest,
        class,
    })
}

/// The kind of a signal and its score; `None`: nothing can be said so.
fn said(class: FactClass, says: Says) -> Option<(SignalKind, Option<Score>)> {
    Some(match (class, says) {
        (FactClass::Completion, Says::Holds(true)) => (SignalKind::Completed, None),
        (FactClass::Completion, _) => (SignalKind::Uncompleted, None),
        (FactClass::Outcome, Says::Holds(true)) => (SignalKind::Passed, None),
        (FactClass::Outcome, Says::Holds(false)) => (SignalKind::Failed, None),
        (FactClass::Conclusion, Says::Holds(true)) => (SignalKind::Concluded, None),
        (FactClass::Score | FactClass::Override, Says::Score(score)) => {
            let overrides = class == FactClass::Override;
            (SignalKind::Score, Some(Score { overrides, ..score }))
        }
        (FactClass::Score | FactClass::Override, Says::Nothing) => {
            let taken = Score {
                given: None,
                maximum: Points::whole(100),
                released: true,
                overrides: class == FactClass::Override,
            };
            (SignalKind::Score, Some(taken))
        }
        _ => return None,
    })
}

/// What is kept of something that was seen.
pub fn digest_of(says: Says) -> [u8; 32] {
    let text = match says {
        Says::Nothing => "nothing".to_owned(),
        Says::Holds(holds) => format!("holds {holds}"),
        Says::Score(score) => format!(
            "score {:?} {} {}",
            score.given.map(Points::millionths),
            score.maximum.millionths(),
            score.released
        ),
    };
    digest::sha256(text.as_bytes())
}

/// The person whom a source calls so. Moodle's ids are those of its launches.
fn named(source: Source, subject: &str) -> PersonRef {
    let id = (!subject.is_empty()).then(|| subject.to_owned());
    match source {
        Source::MoodleApi => PersonRef {
            sub: id.clone(),
            lms_id: id,
            ..PersonRef::default()
        },
        Source::OwnColumn => PersonRef {
            sub: id,
            ..PersonRef::default()
        },
        _ => PersonRef {
            lms_id: id,
            ..PersonRef::default()
        },
    }
}

/// Adds what people are called, so that who was never seen by this id is found by another.
pub fn call(changes: &mut [Change], people: &BTreeMap<String, Called>) {
    for change in changes {
        let Some(called) = people.get(&change.subject) else {
            continue;
        };
        let person = &mut change.signal.person;
        person.sis_id.clone_from(&called.sis_id);
        person.email = called.email.as_deref().and_then(|text| Address::parse(text).ok());
        person.name.clone_from(&called.name);
    }
}

/// A moment as LMSs write it, RFC 3339; `None`: none, or none that can be read.
fn moment(text: Option<&str>) -> Option<(Timestamp, Option<i16>)> {
    let moment = Moment::parse(text?)?;
    Some((moment.at, moment.offset))
}

/// The moment of a course's end.
pub fn end_of(text: Option<&str>) -> Option<Timestamp> {
    moment(text).map(|(at, _)| at)
}

/// Seconds since 1970.
fn seconds(at: Option<i64>) -> Option<(Timestamp, Option<i16>)> {
    let moment = Moment::of_seconds(at?)?;
    Some((moment.at, None))
}

/// Points given and of how many; nothing if they are no points.
fn score(given: Option<f64>, full: f64, released: bool) -> Says {
    let (Some(Ok(given)), Ok(maximum)) = (given.map(Points::from_number), Points::from_number(full)) else {
        return Says::Nothing;
    };
    Says::Score(Score {
        released,
        ..Score::of(given, maximum)
    })
}

/// The end of a course, seen.
pub fn conclusion(ends_at: Option<Timestamp>) -> Observation {
    Observation {
        subject: String::new(),
        item: Item::Course,
        class: FactClass::Conclusion,
        says: Says::Holds(true),
        at: ends_at.map(|at| (at, None)),
    }
}

fn item_id(id: &str) -> Option<ItemId> {
    ItemId::parse(id).ok()
}

#[cfg(test)]
mod tests;
