//! What Canvas' REST API answered.

use super::{Observation, Says, item_id, moment, score};
use crate::lms::canvas::{Enrolment, Module, Progress, Submission};
use crate::model::fact::FactClass;
use crate::model::signal::Item;

/// Who completed the course: by module requirements, so only where there are any.
pub fn completions(progress: &[Progress]) -> Vec<Observation> {
    let of = |progress: &Progress| {
        let at = moment(progress.completed_at.as_deref()).filter(|_| progress.required > 0);
        Observation {
            subject: progress.user.clone(),
            item: Item::Course,
            class: FactClass::Completion,
            says: if at.is_some() { Says::Holds(true) } else { Says::Nothing },
            at,
        }
    };
    progress.iter().map(of).collect()
}

/// Final grades: the posted score that counts missing work as zero, and what a teacher put in its place. Only present and
/// concluded learners; a test student and who is only invited are left out.
pub fn grades(enrolments: &[Enrolment]) -> Vec<Observation> {
    let mut seen = Vec::new();
    for enrolment in enrolments {
        let is_learner = enrolment.kind.as_deref() == Some("StudentEnrollment");
        let is_in = matches!(enrolment.enrollment_state.as_deref(), Some("active" | "completed"));
        let Some(grades) = enrolment.grades.filter(|_| is_learner && is_in) else {
            continue;
        };
        let of = |class, given| Observation {
            subject: enrolment.user.clone(),
            item: Item::FinalGrade,
            class,
            says: score(given, 100.0, true),
            at: None,
        };
        seen.push(of(FactClass::Score, grades.final_score));
        seen.push(of(FactClass::Override, grades.override_score));
    }
    seen
}

/// How a learner stands in the modules that are wanted.
pub fn modules<'a>(user: &str, modules: &'a [Module], is_wanted: impl Fn(&str) -> bool + 'a) -> Vec<Observation> {
    let wanted = modules.iter().filter(|module| is_wanted(&module.id));
    wanted
        .filter_map(|module| {
            let is_completed = module.state.as_deref() == Some("completed");
            Some(Observation {
                subject: user.to_owned(),
                item: Item::Module(item_id(&module.id)?),
                class: FactClass::Completion,
                says: if is_completed { Says::Holds(true) } else { Says::Nothing },
                at: moment(module.completed_at.as_deref()).filter(|_| is_completed),
            })
        })
        .collect()
}

/// The scores of one assignment. Who is excused has none; what is not posted waits.
pub fn scores(assignment: &str, full: f64, submissions: &[Submission]) -> Vec<Observation> {
    let Some(id) = item_id(assignment) else {
        return Vec::new();
    };
    let of = |submission: &Submission| Observation {
        subject: submission.user.clone(),
        item: Item::Activity(id.clone()),
        class: FactClass::Score,
        says: score(
            submission.score.filter(|_| !submission.excused),
            full,
            submission.posted_at.is_some(),
        ),
        at: moment(submission.graded_at.as_deref()),
    };
    submissions.iter().map(of).collect()
}
