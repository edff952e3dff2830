//! Which source tells whether a condition is met: said before a rule is saved.

use super::expression::Condition;
use crate::model::signal::Source;

/// The sources that deliver what a condition looks at; empty: none does yet. Absent: known without any.
pub const fn delivered_by(condition: &Condition) -> Option<&'static [Source]> {
    Some(match condition {
        Condition::Holds(_) => return None,
        Condition::CourseCompleted | Condition::CompletedBy(_) => {
            &[Source::Webhook, Source::CanvasEvents, Source::MoodleEvents]
        }
        Condition::CourseConcluded => &[Source::CanvasEvents],
        Condition::FinalGrade(_) | Condition::Score(..) => &[Source::Webhook, Source::CanvasEvents],
        Condition::ModuleCompleted(_) => &[Source::Webhook],
        Condition::ActivityCompleted(_) => &[Source::Webhook, Source::MoodleEvents],
        Condition::OwnColumn(_) => &[],
    })
}
