use std::time::Duration;

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::model::fact::{Fact, FactClass, FactValue, Facts};
use crate::model::rule::{Attempt, Because, Options, Terms};
use crate::model::score::{Points, Score};
use crate::model::signal::{Item, Source};
use crate::model::{Address, AwardId, CourseId, MemberId, OrganisationId, Person, RegistrationId, RuleId, SignalId};
use crate::support::cases::properties;

const HOUR: i64 = 3_600;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_760_000_000 + seconds)
}

fn rule(when: &str) -> Rule {
    Rule {
        id: RuleId::new(Uuid::from_u128(1)),
        organisation: OrganisationId::new(Uuid::from_u128(2)),
        registration: RegistrationId::new(Uuid::from_u128(3)),
        course: CourseId::new(Uuid::from_u128(4)),
        badge_id: "badge".to_owned(),
        state: RuleState::On,
        state_at: at(0),
        version: 1,
        terms: Terms {
            when: when.parse().unwrap(),
            options: Options {
                wait_hours: Some(0),
                ..Options::default()
            },
            since: Some(at(0)),
        },
        written_at: at(0),
        author: None,
        created_at: at(0),
    }
}

fn with(when: &str, change: impl FnOnce(&mut Options)) -> Rule {
    let mut rule = rule(when);
    change(&mut rule.terms.options);
    rule
}

fn person(facts: Vec<Fact>) -> Dossier {
    Dossier {
        person: Person {
            member: MemberId::new(Uuid::from_u128(9)),
            name: "Ada Park".to_owned(),
            email: Address::parse("ada@example.edu").ok(),
            standing: Standing::Learner,
            status: EnrolmentStatus::Active,
            test: false,
        },
        also_learner: false,
        facts: Facts::new(facts),
        scores: Vec::new(),
        awards: Vec::new(),
    }
}

fn fact(item: Item, class: FactClass, value: FactValue, seconds: i64) -> Fact {
    Fact {
        item,
        class,
        value,
        occurred_at: at(seconds),
        utc_offset_minutes: None,
        received_at: at(seconds + 5),
        clock_suspect: false,
        source: Source::Webhook,
        signal: SignalId::new(Uuid::from_u128(5)),
    }
}

fn completed(seconds: i64) -> Fact {
    fact(Item::Course, FactClass::Completion, FactValue::Holds(true), seconds)
}

fn graded(percent: i32, seconds: i64) -> Fact {
    let score = Score::of(Points::whole(percent), Points::whole(100));
    fact(Item::FinalGrade, FactClass::Score, FactValue::Score(score), seconds)
}

fn changed(mut fact: Fact, change: impl FnOnce(&mut Score)) -> Fact {
    if let FactValue::Score(score) = &mut fact.value {
        change(score);
    }
    fact
}

fn award(rule: &Rule, state: AwardState) -> Held {
    Held {
        award: AwardId::new(Uuid::from_u128(6)),
        badge_id: rule.badge_id.clone(),
        cause: by_rule(rule.id),
        period: "-".to_owned(),
        state,
        lapsed: false,
        issued_at: None,
        wait_until: None,
        dropped: false,
    }
}

fn decided(rule: &Rule, dossier: &Dossier) -> Decision {
    let now = at(100 * HOUR);
    decide(&Case {
        rule,
        dossier,
        grant: None,
        now,
    })
}

fn outcome(rule: &Rule, dossier: &Dossier) -> Outcome {
    decided(rule, dossier).outcome
}

fn gate(decision: &Decision, gate: Gate) -> Passed {
    decision.gates.iter().find(|result| result.gate == gate).unwrap().passed
}

#[test]
fn who_completes_the_course_with_enough_gets_it() {
    let rule = rule("course-completed and final-grade >= 80");
    let decision = decided(&rule, &person(vec![completed(10), graded(84, 20)]));
    assert_eq!((decision.outcome, decision.met_at), (Outcome::Award, Some(at(20))));
    assert!(decision.gates.iter().all(|gate| gate.passed == Passed::Yes));
    assert_eq!(decision.score.as_deref(), Some("84"));
    let why = decided(&rule, &person(vec![completed(10), graded(76, 20)]));
    assert_eq!(why.outcome, Outcome::NotYet);
    assert_eq!(why.conditions[1].because, Because::Short);
    assert_eq!(why.conditions[1].found.as_deref(), Some("76"));
    assert_eq!(why.conditions[1].needed.as_deref(), Some("80"));
    assert_eq!(why.conditions[1].source.as_deref(), Some("webhook"));
    assert_eq!(why.conditions[1].heard_at, Some(at(25)));
}

#[test]
fn duplicate_news_changes_nothing() {
    let rule = rule("course-completed");
    let mut dossier = person(vec![completed(10), completed(10)]);
    assert_eq!(outcome(&rule, &dossier), Outcome::Award);
    for state in [
        AwardState::Queued,
        AwardState::Sending,
        AwardState::Issued,
        AwardState::Refused,
    ] {
        dossier.awards = vec![award(&rule, state)];
        assert_eq!(outcome(&rule, &dossier), Outcome::HasIt, "{state:?}");
    }
}

#[test]
fn older_news_never_overrides_newer_news() {
    let rule = rule("final-grade >= 80");
    let facts = [graded(85, 10), graded(70, 20)];
    let (there, back) = (facts.to_vec(), facts.into_iter().rev().collect());
    assert_eq!(outcome(&rule, &person(there)), Outcome::NotYet);
    assert_eq!(outcome(&rule, &person(back)), Outcome::NotYet);
}

#[test]
fn a_score_that_drops_after_the_award_is_told_and_the_badge_stays() {
    let rule = rule("final-grade >= 80");
    let mut dossier = person(vec![graded(70, 20)]);
    dossier.awards = vec![award(&rule, AwardState::Issued)];
    let decision = decided(&rule, &dossier);
    assert_eq!((decision.outcome, decision.met), (Outcome::HasIt, Met::No));
    assert_eq!(own_award(&rule, &dossier, &decision), dossier.awards.first());
}

#[test]
fn failed_after_completed_is_not_completed() {
    let rule = rule("course-completed");
    let failed = fact(Item::Course, FactClass::Outcome, FactValue::Holds(false), 20);
    assert_eq!(
        outcome(&rule, &person(vec![completed(10), failed.clone()])),
        Outcome::NotYet
    );
    assert_eq!(outcome(&rule, &person(vec![completed(30), failed])), Outcome::Award);
}

#[test]
fn of_several_attempts_the_rule_chooses() {
    let mut dossier = person(vec![graded(85, 30)]);
    dossier.scores = vec![graded(70, 10), graded(95, 20), graded(85, 30)];
    for (attempt, met) in [(Attempt::Latest, 85), (Attempt::Best, 95), (Attempt::First, 70)] {
        let choose = |least: i32| with(&format!("final-grade >= {least}"), |options| options.attempt = attempt);
        assert_eq!(outcome(&choose(met), &dossier), Outcome::Award, "{attempt:?}");
        assert_eq!(outcome(&choose(met + 1), &dossier), Outcome::NotYet, "{attempt:?}");
    }
    let best = with("final-grade >= 60", |options| options.attempt = Attempt::Best);
    assert_eq!(
        decided(&best, &dossier).met_at,
        Some(at(10)),
        "dated by the first attempt that was enough"
    );
}

#[test]
fn a_recurring_badge_is_given_once_in_each_period() {
    let rule = with("course-completed", |options| options.repeat_months = Some(12));
    let year = 366 * 24 * HOUR;
    let first = decided(&rule, &person(vec![completed(10)]));
    let mut dossier = person(vec![completed(year)]);
    let mut earlier = award(&rule, AwardState::Issued);
    earlier.period.clone_from(&first.period);
    dossier.awards = vec![earlier];
    let now = at(year + HOUR);
    let again = decide(&Case {
        rule: &rule,
        dossier: &dossier,
        grant: None,
        now,
    });
    assert_eq!(
        (first.period.as_str(), again.period.as_str()),
        ("2025-01/12", "2026-01/12")
    );
    assert_eq!(again.outcome, Outcome::Award);
    dossier.facts = Facts::new(vec![completed(20)]);
    assert_eq!(outcome(&rule, &dossier), Outcome::HasIt);
}

#[test]
fn a_hidden_grade_waits_until_it_is_released() {
    let rule = rule("final-grade >= 80");
    let hidden = |percent| changed(graded(percent, 10), |score| score.released = false);
    let decision = decided(&rule, &person(vec![hidden(90)]));
    assert_eq!(decision.outcome, Outcome::NotReleased);
    assert_eq!(decision.conditions[0].because, Because::Unreleased);
    assert_eq!(decision.conditions[0].found, None, "a hidden score is not told");
    assert_eq!(outcome(&rule, &person(vec![hidden(10)])), Outcome::CannotTell);
    assert_eq!(
        outcome(&rule, &person(vec![hidden(90), graded(90, 11)])),
        Outcome::Award
    );
    let any = with("final-grade >= 80", |options| options.released_only = false);
    assert_eq!(outcome(&any, &person(vec![hidden(90)])), Outcome::Award);
}

#[test]
fn extra_credit_is_compared_unclamped_and_shown_clamped() {
    let rule = with("final-grade >= 101", |options| {
        options.criteria_add = Some("{score}".to_owned());
    });
    let decision = decided(&rule, &person(vec![graded(105, 10)]));
    assert_eq!(decision.outcome, Outcome::Award);
    let content = content(&rule.terms.options, &decision, None, "Lab", at(20));
    assert_eq!(content.criteria_add.as_deref(), Some("100%"));
    assert_eq!(outcome(&rule, &person(vec![graded(100, 10)])), Outcome::NotYet);
}

#[test]
fn an_override_of_the_final_grade_wins() {
    let rule = rule("final-grade >= 80");
    let put_in = |percent: i32, seconds| {
        let score = Score {
            overrides: true,
            ..Score::of(Points::whole(percent), Points::whole(100))
        };
        fact(Item::FinalGrade, FactClass::Override, FactValue::Score(score), seconds)
    };
    assert_eq!(
        outcome(&rule, &person(vec![graded(60, 20), put_in(90, 10)])),
        Outcome::Award
    );
    assert_eq!(
        outcome(&rule, &person(vec![graded(95, 20), put_in(50, 10)])),
        Outcome::NotYet
    );
    let mut retried = person(vec![put_in(50, 30)]);
    retried.scores = vec![graded(95, 20)];
    let best = with("final-grade >= 80", |options| options.attempt = Attempt::Best);
    assert_eq!(outcome(&best, &retried), Outcome::NotYet);
}

#[test]
fn a_full_score_in_the_only_graded_activity_is_no_final_grade() {
    let quiz = Item::Activity("quiz".parse_id());
    let score = Score::of(Points::whole(10), Points::whole(10));
    let dossier = person(vec![fact(quiz, FactClass::Score, FactValue::Score(score), 10)]);
    assert_eq!(outcome(&rule("final-grade >= 80"), &dossier), Outcome::NotYet);
    assert_eq!(outcome(&rule("score(quiz) >= 80"), &dossier), Outcome::Award);
}

#[test]
fn a_test_student_is_never_awarded() {
    let rule = rule("course-completed");
    let mut dossier = person(vec![completed(10)]);
    dossier.person.test = true;
    assert_eq!(outcome(&rule, &dossier), Outcome::NotALearner);
}

#[test]
fn staff_and_onlookers_are_never_awarded() {
    let rule = rule("course-completed");
    for standing in [Standing::Staff, Standing::LimitedStaff, Standing::None] {
        let mut dossier = person(vec![completed(10)]);
        dossier.person.standing = standing;
        let decision = decided(&rule, &dossier);
        assert_eq!(
            (decision.outcome, gate(&decision, Gate::Role)),
            (Outcome::NotALearner, Passed::No)
        );
    }
}

#[test]
fn a_learner_who_is_staff_as_well_is_parked_for_a_person() {
    let rule = rule("course-completed");
    let mut dossier = person(vec![completed(10)]);
    dossier.also_learner = true;
    for standing in [Standing::Staff, Standing::LimitedStaff] {
        dossier.person.standing = standing;
        assert_eq!(outcome(&rule, &dossier), Outcome::Parked);
    }
    let grant = Some(Grant {
        at: at(50),
        dated_today: false,
    });
    let case = Case {
        rule: &rule,
        dossier: &dossier,
        grant,
        now: at(100),
    };
    assert_eq!(decide(&case).outcome, Outcome::Award);
}

#[test]
fn invited_and_inactive_people_wait_and_a_concluded_enrolment_is_awarded() {
    let rule = rule("course-completed");
    let mut dossier = person(vec![completed(10)]);
    dossier.person.status = EnrolmentStatus::Inactive;
    assert_eq!(outcome(&rule, &dossier), Outcome::NotActive);
    dossier.person.status = EnrolmentStatus::Gone;
    assert_eq!(outcome(&rule, &dossier), Outcome::NotActive);
    let ended = fact(Item::Course, FactClass::Conclusion, FactValue::Holds(true), 20);
    dossier.facts = Facts::new(vec![completed(10), ended]);
    assert_eq!(outcome(&rule, &dossier), Outcome::Award);
    let concluded = self::rule("course-completed and course-concluded");
    assert_eq!(outcome(&concluded, &dossier), Outcome::Award);
}

#[test]
fn without_an_address_the_award_is_held() {
    let rule = rule("course-completed");
    let mut dossier = person(vec![completed(10)]);
    dossier.person.email = None;
    assert_eq!(outcome(&rule, &dossier), Outcome::NoEmail);
}

#[test]
fn a_renamed_person_is_the_same_person() {
    let rule = rule("course-completed");
    let mut dossier = person(vec![completed(10)]);
    dossier.awards = vec![award(&rule, AwardState::Issued)];
    dossier.person.name = "Ada Lovelace".to_owned();
    assert_eq!(outcome(&rule, &dossier), Outcome::HasIt);
}

#[test]
fn a_changed_address_gives_no_second_badge_by_itself() {
    let rule = rule("course-completed");
    let mut dossier = person(vec![completed(10)]);
    dossier.awards = vec![award(&rule, AwardState::Issued)];
    dossier.person.email = Address::parse("new@example.edu").ok();
    assert_eq!(outcome(&rule, &dossier), Outcome::HasIt);
}

#[test]
fn the_award_is_dated_where_and_when_the_course_was_completed() {
    let rule = with("course-completed", |options| {
        options.criteria_add = Some("{course}, {date}".to_owned());
        options.expires_months = Some(6);
    });
    // 2025-10-09 23:33:20 in UTC is the tenth two hours further east.
    let mut late = completed(13 * HOUR + 2_000);
    late.utc_offset_minutes = Some(120);
    late.received_at = at(90 * HOUR);
    let decision = decided(&rule, &person(vec![late]));
    let content = content(&rule.terms.options, &decision, None, "Lab", at(95 * HOUR));
    assert_eq!(content.issued_on, Some(at(13 * HOUR + 2_000).seconds()));
    assert_eq!(content.criteria_add.as_deref(), Some("Lab, 2025-10-10"));
    let day = 24 * HOUR;
    assert_eq!(content.expires.unwrap() - content.issued_on.unwrap(), 182 * day);
}

#[test]
fn who_met_it_before_the_rule_began_gets_it_by_a_persons_backfill_only() {
    let rule = rule("course-completed");
    let dossier = person(vec![completed(-10)]);
    let decision = decided(&rule, &dossier);
    assert_eq!(
        (decision.outcome, gate(&decision, Gate::Since)),
        (Outcome::Earlier, Passed::No)
    );
    let grant = Some(Grant {
        at: at(1),
        dated_today: false,
    });
    let now = at(2);
    let granted = decide(&Case {
        rule: &rule,
        dossier: &dossier,
        grant,
        now,
    });
    assert_eq!(granted.outcome, Outcome::Award);
    let stale = Some(Grant {
        at: at(-20),
        dated_today: false,
    });
    let case = Case {
        rule: &rule,
        dossier: &dossier,
        grant: stale,
        now,
    };
    assert_eq!(
        decide(&case).outcome,
        Outcome::Earlier,
        "what is met after the backfill is not covered by it"
    );
}

#[test]
fn an_excused_score_is_no_score() {
    let rule = rule("final-grade >= 80");
    let excused = changed(graded(90, 20), |score| score.given = None);
    let decision = decided(&rule, &person(vec![graded(90, 10), excused]));
    assert_eq!(
        (decision.outcome, decision.conditions[0].because),
        (Outcome::NotYet, Because::NoScore)
    );
}

#[test]
fn the_waiting_time_runs_from_when_it_was_met_and_does_not_move() {
    let rule = with("final-grade >= 80", |options| options.wait_hours = Some(24));
    let mut dossier = person(vec![graded(85, 10)]);
    let look = |dossier: &Dossier, now| {
        decide(&Case {
            rule: &rule,
            dossier,
            grant: None,
            now,
        })
        .outcome
    };
    let end = at(10).plus(Duration::from_hours(24));
    assert_eq!(look(&dossier, at(20)), Outcome::Wait(end));
    let mut held = award(&rule, AwardState::Held(Hold::Wait));
    held.wait_until = Some(end);
    dossier.awards = vec![held];
    dossier.facts = Facts::new(vec![graded(85, 10), graded(86, HOUR)]);
    assert_eq!(look(&dossier, at(2 * HOUR)), Outcome::Wait(end));
    assert_eq!(look(&dossier, end), Outcome::Award);
    dossier.facts = Facts::new(vec![graded(60, 2 * HOUR)]);
    assert_eq!(look(&dossier, end), Outcome::NotYet, "checked again at its end");
}

#[test]
fn a_rule_passes_over_who_has_the_badge_already() {
    let rule = rule("course-completed");
    let mut dossier = person(vec![completed(10)]);
    let by_hand = Held {
        cause: "hand:badge".to_owned(),
        ..award(&rule, AwardState::Issued)
    };
    dossier.awards = vec![by_hand.clone()];
    assert_eq!(outcome(&rule, &dossier), Outcome::HasIt);
    let anyway = with("course-completed", |options| options.skip_holders = false);
    assert_eq!(outcome(&anyway, &dossier), Outcome::Award);
    dossier.awards = vec![Held {
        state: AwardState::Revoked,
        ..by_hand
    }];
    assert_eq!(outcome(&rule, &dossier), Outcome::TakenBack);
}

#[test]
fn what_a_person_took_back_is_not_given_again_and_what_lapsed_is() {
    let rule = rule("course-completed");
    let mut dossier = person(vec![completed(10)]);
    for state in [AwardState::Revoked, AwardState::Revoking, AwardState::Withdrawn] {
        dossier.awards = vec![award(&rule, state)];
        assert_eq!(outcome(&rule, &dossier), Outcome::TakenBack);
    }
    dossier.awards[0].lapsed = true;
    assert_eq!(outcome(&rule, &dossier), Outcome::Award);
}

#[test]
fn a_rule_that_is_off_awards_nothing_and_a_stopped_one_holds() {
    let mut rule = rule("course-completed");
    let dossier = person(vec![completed(10)]);
    for (state, is) in [
        (RuleState::Paused, Outcome::RuleOff),
        (RuleState::Draft, Outcome::RuleOff),
        (RuleState::Archived, Outcome::RuleOff),
        (RuleState::Stopped, Outcome::Limit),
    ] {
        rule.state = state;
        assert_eq!(outcome(&rule, &dossier), is, "{state}");
    }
}

#[test]
fn the_badge_that_is_needed_must_have_been_issued() {
    let rule = rule("holds(first)");
    let mut dossier = person(Vec::new());
    let mut first = Held {
        badge_id: "first".to_owned(),
        cause: "hand:first".to_owned(),
        ..award(&rule, AwardState::Queued)
    };
    dossier.awards = vec![first.clone()];
    assert_eq!(outcome(&rule, &dossier), Outcome::NotYet);
    (first.state, first.issued_at) = (AwardState::Issued, Some(at(50)));
    dossier.awards = vec![first];
    assert_eq!(decided(&rule, &dossier).met_at, Some(at(50)));
}

#[test]
fn a_day_that_was_missed_is_missed() {
    let in_time = rule("completed-by 2025-10-09");
    assert_eq!(outcome(&in_time, &person(vec![completed(HOUR)])), Outcome::Award);
    let late = decided(&in_time, &person(vec![completed(20 * HOUR)]));
    assert_eq!(
        (late.outcome, late.conditions[0].because),
        (Outcome::NotYet, Because::TooLate)
    );
}

trait ParseId {
    fn parse_id(&self) -> crate::model::signal::ItemId;
}

impl ParseId for str {
    fn parse_id(&self) -> crate::model::signal::ItemId {
        crate::model::signal::ItemId::parse(self).unwrap()
    }
}

fn any_fact() -> impl Strategy<Value = Fact> {
    let score = (0_i32..120, any::<bool>(), 0_i32..3, -50_i64..200).prop_map(|(given, released, whole, seconds)| {
        changed(graded(given, seconds), |score| {
            score.released = released;
            score.maximum = Points::whole(whole * 50);
        })
    });
    let news = (any::<bool>(), any::<bool>(), -50_i64..200).prop_map(|(outcome, holds, seconds)| {
        let class = if outcome {
            FactClass::Outcome
        } else {
            FactClass::Completion
        };
        fact(Item::Course, class, FactValue::Holds(holds), seconds)
    });
    prop_oneof![score, news].prop_flat_map(|fact| {
        (Just(fact), any::<u128>()).prop_map(|(mut fact, id)| {
            fact.signal = SignalId::new(Uuid::from_u128(id));
            fact
        })
    })
}

fn any_when() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "course-completed",
        "final-grade >= 80",
        "course-completed and final-grade >= 80",
        "course-completed or final-grade >= 80",
        "(course-completed or final-grade >= 90) and final-grade >= 50",
    ])
}

properties! {
    #[test]
    fn the_order_of_the_facts_does_not_matter(
        facts in prop::collection::vec(any_fact(), 0..8), when in any_when(), seed in any::<u64>()
    ) {
        let rule = rule(when);
        let mut shuffled = facts.clone();
        if !shuffled.is_empty() {
            let middle = usize::try_from(seed % 8).unwrap() % shuffled.len();
            shuffled.rotate_left(middle);
            shuffled.reverse();
        }
        prop_assert_eq!(decided(&rule, &person(facts)), decided(&rule, &person(shuffled)));
    }

    #[test]
    fn only_learners_who_meet_it_are_awarded_and_every_gate_answers(
        facts in prop::collection::vec(any_fact(), 0..8),
        when in any_when(),
        standing in prop::sample::select(vec![Standing::Learner, Standing::Staff, Standing::LimitedStaff, Standing::None]),
        (test, also_learner, paused) in any::<(bool, bool, bool)>(),
        status in prop::sample::select(vec![EnrolmentStatus::Active, EnrolmentStatus::Inactive, EnrolmentStatus::Gone]),
    ) {
        let mut rule = rule(when);
        if paused {
            rule.state = RuleState::Paused;
        }
        let mut dossier = person(facts);
        (dossier.person.standing, dossier.person.status, dossier.person.test) = (standing, status, test);
        dossier.also_learner = also_learner;
        let decision = decided(&rule, &dossier);
        prop_assert_eq!(decision.gates.len(), Gate::ALL.len());
        prop_assert_eq!(decision.conditions.len(), rule.terms.when.conditions().len());
        if decision.outcome == Outcome::Award {
            prop_assert_eq!(decision.met, Met::Yes);
            prop_assert!(standing == Standing::Learner && !test && !also_learner && !paused);
            prop_assert!(decision.gates.iter().all(|gate| gate.passed == Passed::Yes));
            prop_assert!(decision.met_at >= rule.terms.since);
        }
        let text = serde_json::to_string(&decision).unwrap();
        prop_assert_eq!(serde_json::from_str::<Decision>(&text).unwrap(), decision);
    }
}
