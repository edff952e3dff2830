//! Which source tells whether a condition is met: said before a rule is saved.

use super::expression::Condition;
use crate::model::signal::Source;

/// The sources that deliver what a condition looks at; empty: none does yet. Absent: known without any.
pub const fn delivered_by(condition: &Condition) -> Option<&'static [Source]> {
    use Source::{BrightspaceApi, CanvasApi, CanvasEvents, MoodleApi, MoodleEvents, OwnColumn, Webhook};
    Some(match condition {
        Condition::Holds(_) => return None,
        Condition::CourseCompleted | Condition::CompletedBy(_) => &[
            Webhook,
            CanvasEvents,
            MoodleEvents,
            CanvasApi,
            BrightspaceApi,
            MoodleApi,
        ],
        Condition::CourseConcluded => &[CanvasEvents, CanvasApi, BrightspaceApi, MoodleApi],
        Condition::FinalGrade(_) | Condition::Score(..) => {
            &[Webhook, CanvasEvents, CanvasApi, BrightspaceApi, MoodleApi]
        }
        Condition::ModuleCompleted(_) => &[Webhook, CanvasApi],
        Condition::ActivityCompleted(_) => &[Webhook, MoodleEvents, BrightspaceApi, MoodleApi],
        Condition::OwnColumn(_) => &[OwnColumn],
    })
}
