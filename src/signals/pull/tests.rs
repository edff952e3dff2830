use uuid::Uuid;

use super::*;
use crate::lms::canvas::{Enrolment, Progress};

const NOW: Timestamp = Timestamp::from_seconds(1_772_500_000);
const LATER: Timestamp = Timestamp::from_seconds(1_772_600_000);

fn course() -> CourseId {
    CourseId::new(Uuid::from_u128(1))
}

/// The changes, and what is seen from now on.
fn look(observations: Vec<Observation>, seen: &mut Seen, at: Timestamp) -> Vec<Signal> {
    let changes = changes(Source::CanvasApi, course(), observations, seen, at);
    for change in &changes {
        let key = (
            change.subject.clone(),
            change.signal.item.to_string(),
            change.class.word().to_owned(),
        );
        seen.insert(key, (change.digest.to_vec(), change.signal.occurred_at));
    }
    changes.into_iter().map(|change| change.signal).collect()
}

fn progress(completed_at: Option<&str>) -> Vec<Observation> {
    canvas::completions(&[Progress {
        user: "482".to_owned(),
        required: 8,
        fulfilled: 8,
        completed_at: completed_at.map(str::to_owned),
    }])
}

fn enrolment(text: &str) -> Vec<Observation> {
    let enrolments: Vec<Enrolment> = serde_json::from_str(text).unwrap();
    canvas::grades(&enrolments)
}

fn graded(final_score: &str, override_score: &str) -> Vec<Observation> {
    enrolment(&format!(
        r#"[{{"user_id":482,"type":"StudentEnrollment","enrollment_state":"active","grades":{{"current_score":100,
            "final_score":{final_score},"override_score":{override_score},"unposted_final_score":99}}}}]"#
    ))
}

#[test]
fn only_changes_are_news_and_a_score_that_comes_back_is_one() {
    let mut seen = Seen::new();
    assert_eq!(look(graded("null", "null"), &mut seen, NOW), []);
    let mut ids = BTreeSet::new();
    for (at, (given, expected)) in [("80", 1), ("80", 0), ("90.5", 1), ("80", 1), ("null", 1), ("null", 0)]
        .into_iter()
        .enumerate()
    {
        let at = Timestamp::from_millis(NOW.millis() + i64::try_from(at).unwrap());
        let news = look(graded(given, "null"), &mut seen, at);
        assert_eq!(news.len(), expected, "{given}");
        for signal in news {
            assert_eq!((signal.occurred_at, signal.person.lms_id.as_deref()), (at, Some("482")));
            ids.insert(signal.source_event_id);
        }
    }
    assert_eq!(ids.len(), 4, "none of them is taken for a repetition");
}

#[test]
fn a_completion_has_its_own_moment_and_one_that_comes_back_is_newer_than_its_loss() {
    let mut seen = Seen::new();
    let done = Some("2026-03-02T10:12:01+01:00");
    let first = look(progress(done), &mut seen, NOW);
    assert_eq!(first[0].kind, SignalKind::Completed);
    assert_eq!(first[0].occurred_at, Timestamp::from_seconds(1_772_442_721));
    assert_eq!(first[0].utc_offset_minutes, Some(60));
    assert_eq!(look(progress(done), &mut seen, NOW), []);
    let lost = look(progress(None), &mut seen, LATER);
    assert_eq!((lost[0].kind, lost[0].occurred_at), (SignalKind::Uncompleted, LATER));
    let again = LATER.plus(std::time::Duration::from_mins(1));
    let back = look(progress(done), &mut seen, again);
    assert_eq!((back[0].kind, back[0].occurred_at), (SignalKind::Completed, again));
}

#[test]
fn a_score_that_ignores_missing_work_and_one_that_is_hidden_are_not_looked_at() {
    let news = look(graded("40", "null"), &mut Seen::new(), NOW);
    assert_eq!(news.len(), 1);
    assert_eq!(news[0].score.unwrap().given, Some(Points::whole(40)));
}

#[test]
fn an_override_stands_beside_the_score_and_is_taken_away_again() {
    let mut seen = Seen::new();
    let news = look(graded("40", "85"), &mut seen, NOW);
    let overrides: Vec<bool> = news.iter().map(|signal| signal.score.unwrap().overrides).collect();
    assert_eq!(overrides, [false, true]);
    let news = look(graded("40", "null"), &mut seen, LATER);
    assert_eq!(news.len(), 1);
    let score = news[0].score.unwrap();
    assert_eq!((score.given, score.overrides), (None, true));
}

#[test]
fn test_students_and_who_is_not_in_the_course_are_left_out_and_doubles_count_once() {
    let row = |kind: &str, state: &str, score: u32| {
        format!(r#"{{"user_id":7,"type":"{kind}","enrollment_state":"{state}","grades":{{"final_score":{score}}}}}"#)
    };
    for (kind, state) in [
        ("StudentViewEnrollment", "active"),
        ("StudentEnrollment", "invited"),
        ("StudentEnrollment", "inactive"),
        ("TaEnrollment", "active"),
    ] {
        assert_eq!(enrolment(&format!("[{}]", row(kind, state, 90))), [], "{kind} {state}");
    }
    let twice = format!(
        "[{},{}]",
        row("StudentEnrollment", "completed", 70),
        row("StudentEnrollment", "active", 105)
    );
    let news = look(enrolment(&twice), &mut Seen::new(), NOW);
    assert_eq!(news.len(), 1);
    assert_eq!(news[0].score.unwrap().percent(), Some(Points::whole(105)), "unclamped");
}

#[test]
fn a_course_without_requirements_is_not_completed_by_everybody() {
    let nobody = canvas::completions(&[Progress {
        user: "1".to_owned(),
        required: 0,
        fulfilled: 0,
        completed_at: Some("2026-03-02T09:12:01Z".to_owned()),
    }]);
    assert_eq!(look(nobody, &mut Seen::new(), NOW), []);
}

#[test]
fn an_adjusted_final_grade_wins_and_an_unreleased_one_waits() {
    let grade = |kind: &str, points: u32, released: &str| {
        serde_json::from_str::<crate::lms::brightspace::Grade>(&format!(
            r#"{{"GradeObjectIdentifier":"1","GradeObjectTypeName":"{kind}","PointsNumerator":{points},
                "PointsDenominator":100,"ReleasedDate":{released}}}"#
        ))
        .unwrap()
    };
    let mut seen = Seen::new();
    let hidden = grade("FinalCalculated", 60, "null");
    let news = look(brightspace::final_grade("9", Some(&hidden)), &mut seen, NOW);
    assert!(!news[0].score.unwrap().released);
    let adjusted = grade("FinalAdjusted", 90, "\"2026-03-02T09:10:00.000Z\"");
    let news = look(brightspace::final_grade("9", Some(&adjusted)), &mut seen, LATER);
    let said: Vec<(Option<Points>, bool)> = news
        .iter()
        .map(|signal| signal.score.unwrap())
        .map(|score| (score.given, score.overrides))
        .collect();
    assert_eq!(said, [(None, false), (Some(Points::whole(90)), true)]);
}

#[test]
fn required_content_completes_a_course_only_where_something_is_required() {
    let content = |required_items, completed_items| crate::lms::brightspace::Content {
        user: "9".to_owned(),
        required_items,
        completed_items,
    };
    for (content, expected) in [
        (content(0, 0), 0),
        (content(3, 2), 0),
        (content(3, 3), 1),
        (content(3, 4), 1),
    ] {
        let news = look(brightspace::completions(&[], &[content]), &mut Seen::new(), NOW);
        assert_eq!(news.len(), expected);
    }
}

#[test]
fn a_mark_that_is_gone_from_our_column_was_taken_away() {
    let rule = RuleId::new(Uuid::from_u128(7));
    let result = |score| crate::lti::ags::GradeResult {
        user: "6".to_owned(),
        score,
        maximum: 100.0,
        comment: None,
    };
    let mut seen = Seen::new();
    let marks = column::marks(rule, &[result(Some(84.0))], &seen);
    assert_eq!(look(marks, &mut seen, NOW).len(), 1);
    let gone = column::marks(rule, &[], &seen);
    let news = look(gone, &mut seen, LATER);
    assert_eq!(news[0].score.unwrap().given, None);
}

#[test]
fn only_what_rules_look_at_is_wanted() {
    assert!(!Wanted::of(&[]).asks_lms());
}
