//! What the tests of the parsers share: any JSON with the names that the parsers look for, and a printed seed.

use std::fmt::Debug;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestCaseResult, TestRunner};
use serde_json::{Map, Value, json};

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

/// Runs a property test with 10,000 cases. The seed is printed; `PROPTEST_SEED` repeats a run.
pub(super) fn check<S: Strategy>(name: &str, strategy: &S, test: impl Fn(S::Value) -> TestCaseResult)
where
    S::Value: Debug,
{
    let seed = std::env::var("PROPTEST_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
        .unwrap_or_else(|| u64::from_le_bytes(crate::crypto::random::bytes()));
    println!("property test {name}: PROPTEST_SEED={seed}");
    let config = Config {
        cases: 10_000,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(seed),
        ..Config::default()
    };
    if let Err(error) = TestRunner::new(config).run(strategy, test) {
        panic!("{name}, PROPTEST_SEED={seed}: {error}");
    }
}
