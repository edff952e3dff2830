use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::support::cases::properties;

fn parse(text: &str) -> Expression {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn an_expression_is_read_with_and_before_or() {
    let when = parse("course-completed and final-grade >= 80 or holds(lab-safety)");
    assert_eq!(
        when.to_string(),
        "(course-completed and final-grade >= 80) or holds(lab-safety)"
    );
    let when = parse(" Course-Completed AND (final-grade>=72,5 % or score(\"quiz \\\"1\\\"\") ≥ 90) ");
    assert_eq!(
        when.to_string(),
        "course-completed and (final-grade >= 72.5 or score(\"quiz \\\"1\\\"\") >= 90)"
    );
    let when = parse(
        "own-column >= 100 and module-completed(77) and activity-completed(https://lms.example/li/9) and completed-by 2026-11-30 and course-concluded",
    );
    assert_eq!(when.conditions().len(), 5);
}

#[test]
fn an_error_names_the_position_and_what_to_do() {
    for (text, position, part) in [
        ("", 1, "a condition is missing, found the end"),
        (
            "course-complete",
            1,
            "\"course-complete\" is no condition; write course-completed",
        ),
        ("final-grade 80", 13, "write for example final-grade >= 80"),
        ("final-grade > 80", 13, "\">\" is not understood"),
        (
            "final-grade >= eighty",
            16,
            "found \"eighty\"; write a number from 0 to 1000",
        ),
        ("final-grade >= 1001", 16, "a percentage is missing"),
        (
            "course-completed final-grade >= 80",
            18,
            "\"and\" or \"or\" is missing, found \"final-grade\"",
        ),
        ("(course-completed or own-column >= 3", 37, "\")\" is missing"),
        ("score >= 80", 7, "score needs an id in parentheses"),
        ("holds(\"a", 7, "does not end"),
        ("holds( )", 8, "the id is empty"),
        ("completed-by 30.11.2026", 14, "write it as 2026-11-21"),
        ("course-completed and", 21, "a condition is missing"),
        ("course-completed)", 17, "found \")\""),
    ] {
        let error = text.parse::<Expression>().unwrap_err();
        assert_eq!(error.position, position, "{text}: {error}");
        assert!(error.to_string().contains(part), "{text}: {error}");
    }
}

#[test]
fn texts_without_bounds_are_refused() {
    let deep = format!("{}course-completed{}", "(".repeat(50_000), ")".repeat(50_000));
    assert_eq!(deep.parse::<Expression>().unwrap_err().problem, Problem::TooLong);
    let deep = format!("{}course-completed{}", "(".repeat(100), ")".repeat(100));
    assert_eq!(deep.parse::<Expression>().unwrap_err().problem, Problem::TooDeep);
    let many = vec!["course-completed"; MOST_CONDITIONS + 1].join(" and ");
    assert_eq!(many.parse::<Expression>().unwrap_err().problem, Problem::TooMany);
}

#[test]
fn a_rule_that_never_holds_or_always_does_is_named() {
    let now = Day::parse("2026-11-21").unwrap().end();
    let found = |text: &str| findings(&parse(text), "this", now);
    assert_eq!(found("course-completed and holds(this)"), [Finding::NeedsItself]);
    assert_eq!(found("course-completed or holds(this)"), []);
    assert_eq!(found("holds(this) or completed-by 2026-11-20"), [Finding::NeedsItself]);
    assert_eq!(
        found("completed-by 2026-11-20"),
        [Finding::DayIsOver("2026-11-20".to_owned())]
    );
    assert_eq!(found("completed-by 2026-11-21"), []);
    assert_eq!(
        found("course-completed or final-grade >= 0"),
        [Finding::EveryoneWithScore]
    );
    assert_eq!(found("course-completed and final-grade >= 0"), []);
    assert!(matches!(found("final-grade >= 101")[..], [Finding::MoreThanFull(_)]));
    assert!(found("holds(this)")[0].is_never() && !found("final-grade >= 0")[0].is_never());
}

#[test]
fn the_default_wait_is_a_day_where_a_score_decides() {
    let options = Options::default();
    assert_eq!(options.wait(&parse("course-completed")), Duration::ZERO);
    assert_eq!(
        options.wait(&parse("course-completed and final-grade >= 80")),
        Duration::from_hours(24)
    );
    let asked = Options {
        wait_hours: Some(0),
        ..Options::default()
    };
    assert_eq!(asked.wait(&parse("final-grade >= 80")), Duration::ZERO);
}

#[test]
fn the_breaker_has_a_default_by_the_course_and_cannot_be_off() {
    let options = Options::default();
    assert_eq!(options.limit(0), 25);
    assert_eq!(options.limit(83), 25);
    assert_eq!(options.limit(84), 26);
    assert_eq!(options.limit(100_000), 500);
    for limit in [0, 501] {
        let off = Options {
            breaker: Some(limit),
            ..Options::default()
        };
        assert_eq!(off.check(), Err(OptionsError::Breaker));
        assert!((1..=500).contains(&off.limit(10)));
    }
}

#[test]
fn options_that_are_not_allowed_are_refused_in_words() {
    let fails = |options: Options| options.check().unwrap_err().to_string();
    assert!(
        fails(Options {
            wait_hours: Some(169),
            ..Options::default()
        })
        .contains("0 to 168 hours")
    );
    assert!(
        fails(Options {
            repeat_months: Some(0),
            ..Options::default()
        })
        .contains("1 to 600")
    );
    assert!(
        fails(Options {
            criteria_add: Some("for {name}".to_owned()),
            ..Options::default()
        })
        .contains("{name}")
    );
    assert!(
        fails(Options {
            language: Some("../x".to_owned()),
            ..Options::default()
        })
        .contains("en or fr-CA")
    );
    assert_eq!(Options::default().check(), Ok(()));
}

#[test]
fn placeholders_are_filled_and_other_braces_stay() {
    let options = Options {
        criteria_add: Some("{course}: {score} on {date} {".to_owned()),
        ..Options::default()
    };
    assert_eq!(
        options.criteria_for("84%", "Lab {date}", "2026-11-21").unwrap(),
        "Lab {date}: 84% on 2026-11-21 {"
    );
}

#[test]
fn a_cause_reads_back() {
    let id = RuleId::new(uuid::Uuid::from_u128(7));
    assert_eq!(rule_of_cause(&by_rule(id)), Some(id));
    assert_eq!(rule_of_cause("hand:badge"), None);
}

fn condition() -> impl Strategy<Value = Condition> {
    let percent = || (0_u32..=100_000).prop_map(|number| Percent::from_hundredths(number).unwrap());
    let id = || "[^\\p{C}\\s][^\\p{C}]{0,20}";
    prop_oneof![
        Just(Condition::CourseCompleted),
        Just(Condition::CourseConcluded),
        percent().prop_map(Condition::FinalGrade),
        (id(), percent()).prop_map(|(id, least)| Condition::Score(id, least)),
        id().prop_map(Condition::ModuleCompleted),
        id().prop_map(Condition::ActivityCompleted),
        percent().prop_map(Condition::OwnColumn),
        id().prop_map(Condition::Holds),
        (0_i64..200_000_000_000)
            .prop_map(|seconds| { Condition::CompletedBy(Day::of(Timestamp::from_seconds(seconds)).unwrap()) }),
    ]
}

fn expression() -> impl Strategy<Value = Expression> {
    condition().prop_map(Expression::One).prop_recursive(4, 24, 4, |inner| {
        (prop::collection::vec(inner, 1..4), any::<bool>()).prop_map(|(parts, all)| {
            if all {
                Expression::all(parts).unwrap()
            } else {
                Expression::any(parts).unwrap()
            }
        })
    })
}

properties! {
    #[test]
    fn an_expression_reads_back_from_its_text(when in expression()) {
        prop_assume!(when.conditions().len() <= MOST_CONDITIONS);
        prop_assert_eq!(when.to_string().parse::<Expression>(), Ok(when));
    }

    #[test]
    fn any_text_is_an_expression_or_an_error_inside_it(text in "[a-z0-9()<>=\"\\\\ ,.%é-]{0,60}|\\PC{0,40}") {
        match text.parse::<Expression>() {
            Ok(when) => prop_assert_eq!(when.to_string().parse::<Expression>(), Ok(when)),
            Err(error) => prop_assert!((1..=text.chars().count() + 1).contains(&error.position)),
        }
    }
}
