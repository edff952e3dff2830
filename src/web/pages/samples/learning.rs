//! Samples of learners' own pages.

use super::super::apply::ApplicationWord;
use super::super::learner::{AddressPage, MyApplication, MyAward, MyBadgesPage, MyDataPage};
use super::super::progress::{ProgressCard, ProgressPage, Way};
use super::super::{AwardWord, Frame, Notice, SeatRole};
use super::{HOSTILE, ago, ahead, badge, course, hostile_badge};
use crate::clock::Timestamp;
use crate::model::rule::{Because, Condition, ConditionResult, Decision, Expression, Met, Outcome, RuleState};

fn learner() -> Frame {
    course(None, SeatRole::Learner)
}

/// A condition, whether it is met and why, what was found and what is needed.
fn result(met: Met, because: Because, found: Option<&str>, needed: Option<&str>) -> ConditionResult {
    ConditionResult {
        condition: "course-completed".to_owned(),
        met,
        because,
        found: found.map(str::to_owned),
        needed: needed.map(str::to_owned),
        source: None,
        at: None,
        heard_at: (because != Because::NoNews).then(|| ago(12)),
        clock_suspect: false,
    }
}

fn way(outcome: Outcome, when: &str, conditions: Vec<ConditionResult>) -> Way {
    let parsed: Expression = when.parse().unwrap_or(Expression::One(Condition::CourseCompleted));
    let parts = match &parsed {
        Expression::All(parts) | Expression::Any(parts) => parts.clone(),
        one @ Expression::One(_) => vec![one.clone()],
    };
    let met = if conditions.iter().all(|one| one.met == Met::Yes) {
        Met::Yes
    } else {
        Met::No
    };
    Way {
        state: RuleState::On,
        any: matches!(parsed, Expression::Any(_)),
        conditions: parts,
        decision: Decision {
            outcome,
            met,
            met_at: None,
            offset_minutes: None,
            period: "-".to_owned(),
            score: None,
            gates: Vec::new(),
            conditions,
        },
        asked: Some(ago(3)),
    }
}

fn score() -> Way {
    way(
        Outcome::NotYet,
        "module-completed(5) and final-grade >= 80",
        vec![
            result(Met::Yes, Because::Met, None, None),
            result(Met::No, Because::Short, Some("65.25"), Some("80")),
        ],
    )
}

fn cards() -> Vec<ProgressCard> {
    let card = |id: &str, name: &str, ways: Vec<Way>| ProgressCard {
        badge: badge(id, name),
        line: "Reads and draws graphs.".into(),
        ways,
        ..ProgressCard::default()
    };
    let nothing = || vec![result(Met::No, Because::NoNews, None, None)];
    let outcomes = [
        Outcome::Award,
        Outcome::Wait(ahead(1)),
        Outcome::NoEmail,
        Outcome::NotReleased,
        Outcome::Limit,
        Outcome::Parked,
        Outcome::TakenBack,
        Outcome::NotActive,
        Outcome::HasIt,
        Outcome::NotALearner,
    ];
    let met = || vec![result(Met::Yes, Because::Met, None, None)];
    let mut all = vec![
        card("b1", "Data Literacy", vec![score()]),
        card(
            "b2",
            "Peer Reviewer",
            vec![Way {
                asked: None,
                ..way(Outcome::NotYet, "course-completed", nothing())
            }],
        ),
        card(
            "b3",
            "Research Poster",
            vec![Way {
                state: RuleState::Paused,
                ..score()
            }],
        ),
        card(
            "b4",
            "Lab Safety",
            vec![way(
                Outcome::NotYet,
                "final-grade >= 80 or score(quiz-1) >= 50",
                vec![
                    result(Met::Unknown, Because::Unreleased, None, Some("80")),
                    result(Met::No, Because::Short, Some("-12.5"), Some("50")),
                ],
            )],
        ),
        card(
            "b5",
            "Note Taker",
            vec![
                way(
                    Outcome::NotYet,
                    "course-completed and activity-completed(7)",
                    vec![
                        result(Met::Yes, Because::Met, None, None),
                        result(Met::No, Because::Undone, None, None),
                    ],
                ),
                score(),
            ],
        ),
    ];
    all.extend(outcomes.map(|outcome| card("b6", "Team Lead", vec![way(outcome, "course-completed", met())])));
    all
}

impl ProgressPage {
    /// Earned, each kind of distance, to apply for, hostile.
    pub fn samples() -> Vec<Self> {
        let page = |card| Self { frame: learner(), card };
        let mut pages: Vec<Self> = cards().into_iter().map(page).collect();
        pages.push(page(ProgressCard {
            badge: badge("b1", "Lab Safety"),
            line: "Knows what to wear and where the shower is.".into(),
            award: Some((AwardWord::Sent, ago(3000))),
            ..ProgressCard::default()
        }));
        pages.push(page(ProgressCard {
            badge: badge("b1", "Lab Safety"),
            apply: Some("/c/01930f3e/apply/e1".into()),
            ..ProgressCard::default()
        }));
        pages.push(page(ProgressCard {
            badge: hostile_badge(),
            line: HOSTILE.into(),
            ways: vec![Way {
                conditions: vec![Expression::One(Condition::Holds(HOSTILE.to_owned()))],
                ..way(
                    Outcome::NotYet,
                    "course-completed",
                    vec![result(Met::No, Because::NoNews, None, None)],
                )
            }],
            ..ProgressCard::default()
        }));
        pages
    }
}

impl MyBadgesPage {
    /// Filled, empty, test student, anonymous, hostile.
    pub fn samples() -> Vec<Self> {
        let awards = [
            (AwardWord::Sent, "Lab Safety"),
            (AwardWord::NoEmail, "Data Literacy"),
            (AwardWord::Queued, "Peer Reviewer"),
            (AwardWord::Collected, "Research Poster"),
            (AwardWord::Failed, "Note Taker"),
            (AwardWord::Revoked { on: ago(9000) }, "Team Lead"),
            (AwardWord::Expired { on: ago(9000) }, "First Aid"),
        ];
        let award = |(row, (word, title)): (usize, (AwardWord, &str))| MyAward {
            badge: badge(&format!("b{row}"), title),
            course: if row == 3 {
                "BIO-1040 Ecology".into()
            } else {
                String::new()
            },
            at: ago(9000),
            valid_until: (row == 0).then(|| ahead(730)),
            word: Some(word),
            email: Some("amara.nwosu@marlowe.example".into()),
            criteria: Some("https://factory.example/v1/badge/_/b/criteria.html?event=e".into()),
            page: (row == 3).then(|| "https://factory.example/v1/assertion/1.html".into()),
            proof: (row == 3).then(|| "https://factory.example/v1/assertion/1.json".into()),
            pdf: (row == 3).then(|| "https://factory.example/pdf/1".into()),
        };
        let application = |word| MyApplication {
            href: "/apply/e1".into(),
            badge: badge("b7", "Research Poster"),
            word,
        };
        let named = |frame, name: &str| Self {
            frame,
            name: name.into(),
            is_known: true,
            ..Self::default()
        };
        let with = |notice, role| Frame {
            notices: vec![notice],
            ..course(None, role)
        };
        vec![
            Self {
                ways: cards(),
                applications: vec![application(None), application(Some(ApplicationWord::Pending))],
                awards: awards.into_iter().enumerate().map(award).collect(),
                needs_address: true,
                checked: Some(ago(12)),
                ..named(learner(), "Amara Nwosu")
            },
            named(learner(), "Amara Nwosu"),
            named(with(Notice::TestStudent, SeatRole::None), "Student, Test"),
            Self {
                is_known: false,
                ..named(with(Notice::Anonymous, SeatRole::Learner), "")
            },
            Self {
                awards: vec![MyAward {
                    badge: hostile_badge(),
                    course: HOSTILE.into(),
                    at: Timestamp::default(),
                    word: Some(AwardWord::Sent),
                    email: Some(HOSTILE.into()),
                    ..MyAward::default()
                }],
                ..named(
                    Frame {
                        place: HOSTILE.into(),
                        ..learner()
                    },
                    HOSTILE,
                )
            },
        ]
    }
}

impl AddressPage {
    /// An address, none, one of several, hostile.
    pub fn samples() -> Vec<Self> {
        let page = Self {
            frame: learner(),
            address: Some("amara.nwosu@marlowe.example".into()),
            lms: "Campus Moodle".into(),
            ..Self::default()
        };
        let none = Self {
            address: None,
            waiting: 2,
            ..page.clone()
        };
        let hostile = Self {
            address: None,
            lms: HOSTILE.into(),
            earlier: vec!["amara@marlowe.example".into(), HOSTILE.into()],
            ..page.clone()
        };
        vec![page, none, hostile]
    }
}

impl MyDataPage {
    /// Much, little, hostile.
    pub fn samples() -> Vec<Self> {
        let page = Self {
            frame: learner(),
            name: "Amara Nwosu".into(),
            sub: "29123".into(),
            address: Some("amara.nwosu@marlowe.example".into()),
            aliases: vec!["s1234567".into()],
            lms: "Campus Moodle".into(),
            courses: vec![
                "BIO-2010 Cell Biology Lab, autumn 2026".into(),
                "BIO-1040 Ecology".into(),
            ],
            counts: vec![("data-awards", 3), ("data-applications", 1), ("data-files", 0)],
        };
        let little = Self {
            name: String::new(),
            address: None,
            aliases: vec![],
            counts: vec![("data-facts", 1_200), ("data-signals", 0), ("data-grades", 1)],
            ..page.clone()
        };
        let hostile = Self {
            name: HOSTILE.into(),
            sub: HOSTILE.into(),
            aliases: vec![HOSTILE.into()],
            lms: HOSTILE.into(),
            courses: vec![HOSTILE.into()],
            ..page.clone()
        };
        vec![page, little, hostile]
    }
}
