//! What Moodle's web services answered.

use super::{Observation, Says, item_id, score, seconds};
use crate::lms::moodle::{Completion, Grade};
use crate::model::fact::FactClass;
use crate::model::signal::Item;

/// Whether somebody completed the course.
pub fn completion(user: &str, completion: Completion) -> Observation {
    of(user, Item::Course, completion)
}

/// How somebody stands in the activities that are wanted, by course module id.
pub fn activities(user: &str, statuses: &[(String, Completion)], is_wanted: impl Fn(&str) -> bool) -> Vec<Observation> {
    let mut seen = Vec::new();
    for (id, completion) in statuses.iter().filter(|(id, _)| is_wanted(id)) {
        let Some(id) = item_id(id) else { continue };
        let item = Item::Activity(id);
        seen.push(of(user, item.clone(), *completion));
        if let Some(passed) = completion.passed {
            seen.push(Observation {
                subject: user.to_owned(),
                item,
                class: FactClass::Outcome,
                says: Says::Holds(passed),
                at: seconds(completion.at),
            });
        }
    }
    seen
}

/// Course totals and the scores of the activities that are wanted. What is hidden waits.
pub fn grades(grades: &[Grade], final_grade: bool, is_wanted: impl Fn(&str) -> bool) -> Vec<Observation> {
    let mut seen = Vec::new();
    for grade in grades {
        let item = match &grade.activity {
            None if final_grade => Item::FinalGrade,
            Some(id) if is_wanted(id) => match item_id(id) {
                Some(id) => Item::Activity(id),
                None => continue,
            },
            _ => continue,
        };
        let says = score(grade.given, grade.full, !grade.hidden);
        let [class, other] = if grade.overridden {
            [FactClass::Override, FactClass::Score]
        } else {
            [FactClass::Score, FactClass::Override]
        };
        for (class, says, at) in [(class, says, seconds(grade.at)), (other, Says::Nothing, None)] {
            seen.push(Observation {
                subject: grade.user.clone(),
                item: item.clone(),
                class,
                says,
                at,
            });
        }
    }
    seen
}

fn of(user: &str, item: Item, completion: Completion) -> Observation {
    Observation {
        subject: user.to_owned(),
        item,
        class: FactClass::Completion,
        says: if completion.complete {
            Says::Holds(true)
        } else {
            Says::Nothing
        },
        at: seconds(completion.at).filter(|_| completion.complete),
    }
}
