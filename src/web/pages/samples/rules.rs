//! Samples of the pages about rules.

use super::super::rules::{
    Asked, ChosenRow, DryRun, PersonPage, Row, RuleForm, RuleLine, RulePage, RulePeoplePage, RulesPage, TriedRow,
    WhyAnswer,
};
use super::super::{AwardWord, Badge, Mistake, Mistakes, SeatRole, Section};
use super::{HOSTILE, NAMES, ago, badge, course, hostile, hostile_badge, staff};
use crate::model::rule::{
    Because, Condition, ConditionResult, Decision, Expression, Gate, GateResult, Met, Outcome, Passed, RuleState,
};

fn when() -> Expression {
    let grade = Condition::FinalGrade(crate::model::rule::Percent::FULL);
    let done = Expression::One(Condition::CourseCompleted);
    let other = Expression::One(Condition::Holds(HOSTILE.to_owned()));
    let one = Expression::One(grade);
    let either = Expression::any([one, other]).unwrap_or_else(|| done.clone());
    Expression::all([done.clone(), either]).unwrap_or(done)
}

fn decision(outcome: Outcome, because: Because) -> Decision {
    let met = if because == Because::Met { Met::Yes } else { Met::No };
    Decision {
        outcome,
        met,
        met_at: Some(ago(500)),
        offset_minutes: None,
        period: "-".to_owned(),
        score: Some("84".to_owned()),
        gates: Gate::ALL
            .iter()
            .zip(Passed::ALL.iter().cycle())
            .map(|(gate, passed)| GateResult {
                gate: *gate,
                passed: *passed,
            })
            .collect(),
        conditions: vec![
            ConditionResult {
                condition: "final-grade >= 80".to_owned(),
                met,
                because,
                found: Some("76.123456".to_owned()),
                needed: Some("80".to_owned()),
                source: Some("canvas-events".to_owned()),
                at: Some(ago(600)),
                heard_at: Some(ago(590)),
                clock_suspect: false,
            },
            ConditionResult {
                condition: HOSTILE.to_owned(),
                met: Met::Unknown,
                because: Because::NoNews,
                found: None,
                needed: None,
                source: None,
                at: None,
                heard_at: None,
                clock_suspect: true,
            },
        ],
    }
}

/// Every outcome, and every reason of a condition.
fn decisions() -> Vec<Decision> {
    let outcomes = [
        Outcome::Award,
        Outcome::Wait(ago(-3000)),
        Outcome::NoEmail,
        Outcome::NotReleased,
        Outcome::Limit,
        Outcome::Parked,
        Outcome::Earlier,
        Outcome::HasIt,
        Outcome::TakenBack,
        Outcome::NotALearner,
        Outcome::NotActive,
        Outcome::RuleOff,
        Outcome::CannotTell,
    ];
    let whole = outcomes.into_iter().map(|outcome| decision(outcome, Because::Met));
    let parts = Because::ALL.iter().map(|because| decision(Outcome::NotYet, *because));
    whole.chain(parts).collect()
}

impl RulesPage {
    /// Filled, empty, limited staff, hostile.
    pub fn samples() -> Vec<Self> {
        let line = |row: usize, badge: Badge| RuleLine {
            rule: format!("r{row}"),
            badge,
            when: when(),
            state: RuleState::ALL.get(row).copied().unwrap_or(RuleState::On),
            awards: row * 1000,
            checked: (row > 0).then(|| ago(30)),
        };
        let lines = || {
            (0..RuleState::ALL.len())
                .map(|row| line(row, badge("b1", "Lab Safety")))
                .collect()
        };
        vec![
            Self {
                frame: staff(Section::Rules),
                rules: lines(),
                asked: Some(Asked {
                    at: ago(5),
                    failed: false,
                }),
            },
            Self {
                frame: staff(Section::Rules),
                rules: vec![],
                asked: None,
            },
            Self {
                frame: course(Some(Section::Rules), SeatRole::LimitedStaff),
                rules: lines(),
                asked: Some(Asked {
                    at: ago(5),
                    failed: true,
                }),
            },
            Self {
                frame: hostile(Section::Rules),
                rules: vec![line(1, hostile_badge())],
                asked: Some(Asked {
                    at: ago(5),
                    failed: true,
                }),
            },
        ]
    }
}

fn form(text: &str) -> RuleForm {
    RuleForm {
        badge: "b1".to_owned(),
        any: true,
        rows: vec![
            Row {
                kind: "final-grade".to_owned(),
                item: String::new(),
                least: "80".to_owned(),
            },
            Row {
                kind: "score".to_owned(),
                item: text.to_owned(),
                least: text.to_owned(),
            },
            Row::default(),
        ],
        wait: "24".to_owned(),
        breaker: text.to_owned(),
        released: true,
        attempt: "best".to_owned(),
        subject: text.to_owned(),
        body: text.to_owned(),
        criteria: text.to_owned(),
        ..RuleForm::default()
    }
}

impl RulePage {
    /// New, tried, with everything wrong, changed by somebody else, hostile; each state.
    pub fn samples() -> Vec<Self> {
        let rows: Vec<TriedRow> = decisions()
            .into_iter()
            .enumerate()
            .map(|(row, decision)| TriedRow {
                member: format!("m{row}"),
                name: NAMES.get(row % NAMES.len()).copied().unwrap_or_default().to_owned(),
                decision,
            })
            .collect();
        let dry = || {
            Some(DryRun {
                counts: (7, 19, 14, 2),
                total: 42,
                rows: rows.clone(),
            })
        };
        let empty = RuleForm {
            rows: vec![Row::default()],
            ..RuleForm::default()
        };
        let fresh = Self {
            frame: staff(Section::Rules),
            action: "/c/01930f3e/rules/new".to_owned(),
            badges: vec![badge("b1", "Lab Safety"), hostile_badge()],
            form: empty,
            ..Self::default()
        };
        let every: [(&'static str, Mistake); 10] = [
            ("badge", Mistake::NoBadge),
            ("conditions", Mistake::RulePercent),
            ("conditions", Mistake::RuleItem),
            ("conditions", Mistake::RuleForEveryone),
            ("when-text", Mistake::RuleText { n: 17 }),
            ("breaker", Mistake::RuleBreaker { most: 500 }),
            (
                "criteria",
                Mistake::RulePlaceholder {
                    name: HOSTILE.to_owned(),
                },
            ),
            ("expires", Mistake::Months { most: 600 }),
            ("repeat", Mistake::Months { most: 600 }),
            (
                "conditions",
                Mistake::RuleDayIsOver {
                    day: "2026-01-01".to_owned(),
                },
            ),
        ];
        let mut mistakes = Mistakes::none();
        for (field, mistake) in every {
            mistakes.note(field, mistake);
        }
        let sources = vec![
            (Condition::CourseCompleted, "webhook, canvas-events".to_owned()),
            (Condition::Holds(HOSTILE.to_owned()), String::new()),
        ];
        let edited = |state| Self {
            frame: staff(Section::Rules),
            action: "/c/01930f3e/rules/r1".to_owned(),
            badge: Some(badge("b1", "Lab Safety")),
            state: Some(state),
            form: form("90"),
            sources: sources.clone(),
            dry: dry(),
            ..Self::default()
        };
        let mut all = vec![
            fresh.clone(),
            Self {
                form: RuleForm {
                    when: "x".to_owned(),
                    ..form("x")
                },
                mistakes,
                ..fresh
            },
            Self {
                conflict: Some(when()),
                ..edited(RuleState::On)
            },
            Self {
                frame: hostile(Section::Rules),
                badge: Some(hostile_badge()),
                form: RuleForm {
                    when: HOSTILE.to_owned(),
                    ..form(HOSTILE)
                },
                ..edited(RuleState::Paused)
            },
            Self {
                dry: Some(DryRun::default()),
                ..edited(RuleState::Draft)
            },
        ];
        all.extend([RuleState::Stopped, RuleState::Archived].map(edited));
        all
    }
}

impl RulePeoplePage {
    /// A backfill, one of nobody, a stopped rule, nobody ticked, hostile.
    pub fn samples() -> Vec<Self> {
        let people = |names: &[&str]| {
            names
                .iter()
                .enumerate()
                .map(|(row, name)| ChosenRow {
                    member: format!("m{row}"),
                    name: (*name).to_owned(),
                    met: (row > 0).then(|| ago(5000)),
                })
                .collect::<Vec<_>>()
        };
        let page = |is_stopped: bool, names: &[&str]| Self {
            frame: staff(Section::Rules),
            action: "/c/01930f3e/rules/r1/backfill".to_owned(),
            back: "/c/01930f3e/rules/r1".to_owned(),
            badge: badge("b1", "Lab Safety"),
            is_stopped,
            since: is_stopped.then(|| ago(60)),
            people: people(names),
            mistakes: Mistakes::none(),
        };
        vec![
            page(false, &NAMES),
            page(false, &[]),
            page(true, &NAMES),
            Self {
                mistakes: Mistakes::one("people", Mistake::Nobody),
                ..page(false, &NAMES)
            },
            Self {
                frame: hostile(Section::Rules),
                badge: hostile_badge(),
                ..page(true, &[HOSTILE])
            },
        ]
    }
}

impl PersonPage {
    /// Every answer, no rule, limited staff, hostile.
    pub fn samples() -> Vec<Self> {
        let answers: Vec<WhyAnswer> = decisions()
            .into_iter()
            .enumerate()
            .map(|(row, decision)| WhyAnswer {
                rule: format!("r{row}"),
                badge: if row == 0 {
                    hostile_badge()
                } else {
                    badge("b1", "Lab Safety")
                },
                decision,
                looked: (row % 2 == 0).then(|| ago(20)),
                award: (row % 3 == 0).then(|| (format!("a{row}"), AwardWord::Sent)),
                dropped: row % 6 == 0,
                sent_elsewhere: (row % 3 == 0).then(|| HOSTILE.to_owned()),
                may_reissue: row % 6 == 0,
            })
            .collect();
        let page = |role, answers: Vec<WhyAnswer>| Self {
            frame: course(Some(Section::Rules), role),
            name: "Béatrice Tremblay".to_owned(),
            email: Some("beatrice@marlowe.example".to_owned()),
            action: "/c/01930f3e/people/m1".to_owned(),
            answers,
        };
        vec![
            page(SeatRole::Staff, answers.iter().take(12).cloned().collect()),
            page(SeatRole::Staff, answers.iter().skip(12).cloned().collect()),
            page(SeatRole::Staff, vec![]),
            Self {
                email: None,
                ..page(SeatRole::LimitedStaff, answers.iter().take(2).cloned().collect())
            },
            Self {
                frame: hostile(Section::Rules),
                name: HOSTILE.to_owned(),
                ..page(SeatRole::Staff, answers.iter().take(1).cloned().collect())
            },
        ]
    }
}
