//! The marks in our own column (LTI Assignment and Grade Services 2.0): who they are about is certain, and a mark that is
//! gone was taken away.

use super::{Observation, Says, Seen, score};
use crate::lti::ags::GradeResult;
use crate::model::RuleId;
use crate::model::fact::FactClass;
use crate::model::signal::Item;

/// The marks in the column of a rule.
pub fn marks(rule: RuleId, results: &[GradeResult], seen: &Seen) -> Vec<Observation> {
    let item = Item::OwnColumn(rule);
    let of = |subject: &str, says| Observation {
        subject: subject.to_owned(),
        item: item.clone(),
        class: FactClass::Score,
        says,
        at: None,
    };
    let mut marks: Vec<Observation> = results
        .iter()
        .map(|result| of(&result.user, score(result.score, result.maximum, true)))
        .collect();
    let text = item.to_string();
    let gone = seen
        .keys()
        .filter(|(subject, known, _)| *known == text && !results.iter().any(|result| result.user == *subject));
    marks.extend(gone.map(|(subject, ..)| of(subject, Says::Nothing)));
    marks
}
