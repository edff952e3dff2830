//! What the tests of the parsers share: any JSON with the names that the parsers look for.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

pub(super) use crate::support::cases::check;

const NAMES: &[&str] = &[
    "type",
    "data",
    "user",
    "item",
    "id",
    "score",
    "given",
    "maximum",
    "completed_at",
    "timestamp",
    "metadata",
    "body",
    "event_name",
    "event_time",
    "course",
    "course_id",
    "user_id",
    "student_id",
    "progress",
    "context_id",
    "context_type",
    "eventname",
    "relateduserid",
    "courseid",
    "other",
    "completionstate",
    "contextinstanceid",
    "timecreated",
    "token",
    "final_score",
    "override_score",
    "points_possible",
    "assignment_id",
    "workflow_state",
];
const TEXTS: &[&str] = &[
    "course.completed",
    "grade.recorded",
    "course_completed",
    "grade_change",
    "course_grade_change",
    "grade_override",
    "submission_updated",
    "enrollment_updated",
    "\\core\\event\\course_completed",
    "completed",
    "StudentEnrollment",
    "\\core\\event\\course_module_completion_updated",
    "2026-03-02T09:12:01Z",
    "482",
    "31420000000000482",
    "",
    "Course",
];

/// Any JSON, three levels deep.
pub(super) fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(|number| json!(number)),
        any::<f64>().prop_map(|number| json!(number)),
        prop::sample::select(TEXTS).prop_map(|text| json!(text)),
        "\\PC{0,8}".prop_map(Value::String),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        let pair = (prop::sample::select(NAMES), inner.clone());
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::Array),
            prop::collection::vec(pair, 0..6).prop_map(|pairs| {
                let fields: Map<String, Value> = pairs
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect();
                Value::Object(fields)
            }),
        ]
    })
}
