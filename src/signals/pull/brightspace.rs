//! What Brightspace's REST API answered.

use super::{Observation, Says, item_id, moment, score};
use crate::lms::brightspace::{Completion, Content, Grade, Topic};
use crate::model::fact::FactClass;
use crate::model::signal::Item;

/// Who completed the course: a record of completion, or all required content. Whether tracking writes records is not
/// promised, so both count.
pub fn completions(records: &[Completion], content: &[Content]) -> Vec<Observation> {
    let completed = |subject: &str, says, at| Observation {
        subject: subject.to_owned(),
        item: Item::Course,
        class: FactClass::Completion,
        says,
        at,
    };
    let by_record = records.iter().map(|record| {
        let at = moment(record.completed_date.as_deref());
        let says = if at.is_some() { Says::Holds(true) } else { Says::Nothing };
        completed(&record.user, says, at)
    });
    let by_content = content.iter().map(|content| {
        let is_completed = content.required_items > 0 && content.completed_items >= content.required_items;
        let says = if is_completed { Says::Holds(true) } else { Says::Nothing };
        completed(&content.user, says, None)
    });
    by_record.chain(by_content).collect()
}

/// Who completed a topic.
pub fn topic(topic: &str, rows: &[Topic]) -> Vec<Observation> {
    let Some(id) = item_id(topic) else { return Vec::new() };
    let of = |row: &Topic| {
        let at = moment(row.completion_date.as_deref());
        Observation {
            subject: row.user.clone(),
            item: Item::Activity(id.clone()),
            class: FactClass::Completion,
            says: if at.is_some() { Says::Holds(true) } else { Says::Nothing },
            at,
        }
    };
    rows.iter().map(of).collect()
}

/// The scores of the grades that are wanted. What is not released waits.
pub fn scores(grades: &[Grade], is_wanted: impl Fn(&str) -> bool) -> Vec<Observation> {
    let wanted = grades
        .iter()
        .filter(|grade| !grade.is_final() && is_wanted(&grade.object));
    wanted
        .filter_map(|grade| {
            let item = Item::Activity(item_id(&grade.object)?);
            Some(of_grade(grade.user.as_deref()?, item, FactClass::Score, grade))
        })
        .collect()
}

/// One learner's final grade; an adjusted one wins over the calculated one.
pub fn final_grade(user: &str, grade: Option<&Grade>) -> Vec<Observation> {
    let none = |class| Observation {
        subject: user.to_owned(),
        item: Item::FinalGrade,
        class,
        says: Says::Nothing,
        at: None,
    };
    let is_adjusted = grade.is_some_and(Grade::is_adjusted);
    let [class, other] = if is_adjusted {
        [FactClass::Override, FactClass::Score]
    } else {
        [FactClass::Score, FactClass::Override]
    };
    let seen = grade.map(|grade| of_grade(user, Item::FinalGrade, class, grade));
    vec![seen.unwrap_or_else(|| none(class)), none(other)]
}

fn of_grade(user: &str, item: Item, class: FactClass, grade: &Grade) -> Observation {
    let (given, full) = grade.score().unzip();
    Observation {
        subject: user.to_owned(),
        item,
        class,
        says: match full {
            Some(full) => score(given, full, grade.released_date.is_some()),
            None => Says::Nothing,
        },
        at: moment(grade.last_modified.as_deref()),
    }
}
