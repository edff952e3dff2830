//! Samples of home and of what needs somebody.

use super::super::home::{HomeBadge, HomePage, Recent, Running, Unfinished};
use super::super::needs::{Need, NeedsPage, Waiting};
use super::super::parts::Step;
use super::super::plot::Funnel;
use super::super::{AwardWord, Frame, Notice, SeatRole, Section};
use super::awards::weeks;
use super::{HOSTILE, ago, badge, course, hostile, hostile_badge, name, staff};

impl HomePage {
    /// Filled, empty, never read, hostile, and as a teaching assistant sees it.
    pub fn samples() -> Vec<Self> {
        let filled = Self {
            frame: staff(Section::Home),
            people: Some(42),
            awards: Some((70, ago(98_000))),
            needs: needs(),
            needs_total: 7,
            badges: home_badges(),
            running: vec![Running {
                request: "r1".into(),
                badge: "Peer Reviewer".into(),
                done: 3,
                total: 7,
            }],
            drafts: vec![
                Unfinished {
                    draft: "d1".into(),
                    step: Step::Message,
                    badge: Some("Lab Safety".into()),
                    people: 4,
                    at: ago(40),
                },
                Unfinished {
                    draft: "d2".into(),
                    step: Step::Badge,
                    badge: None,
                    people: 0,
                    at: ago(2000),
                },
            ],
            recent: recent(),
            per_week: weeks(),
            funnel: Some(Funnel {
                badge: "Lab Safety".into(),
                people: 42,
                with_email: 41,
                awarded: 37,
                sent: 36,
            }),
            ..Self::default()
        };
        let away = Frame {
            notices: vec![
                Notice::FactoryAway {
                    factory: "CanCred Factory".into(),
                    since: ago(12),
                },
                Notice::CertificateEnds {
                    factory: "CanCred Factory".into(),
                    days: 9,
                },
                Notice::RosterUnreadable,
            ],
            ..staff(Section::Home)
        };
        vec![
            filled.clone(),
            Self {
                frame: Frame {
                    notices: vec![Notice::IssuedLate {
                        badge: "Peer Reviewer".into(),
                        name: name(0),
                        href: "/c/01930f3e/awards/a1".into(),
                    }],
                    ..staff(Section::Home)
                },
                people: Some(0),
                ..Self::default()
            },
            Self {
                frame: away,
                badges_unread: true,
                ..Self::default()
            },
            Self::hostile_sample(),
            Self {
                frame: course(Some(Section::Home), SeatRole::LimitedStaff),
                needs: vec![],
                needs_total: 0,
                drafts: vec![],
                ..filled
            },
        ]
    }

    fn hostile_sample() -> Self {
        Self {
            frame: Frame {
                notices: vec![
                    Notice::IssuedTwice {
                        badge: HOSTILE.into(),
                        name: HOSTILE.into(),
                        href: "/c/01930f3e/awards/a1".into(),
                    },
                    Notice::FactoryRefuses {
                        factory: HOSTILE.into(),
                    },
                ],
                ..hostile(Section::Home)
            },
            people: Some(2500),
            funnel: Some(Funnel {
                badge: HOSTILE.into(),
                people: 2500,
                with_email: 2500,
                awarded: 2403,
                sent: 2400,
            }),
            needs: vec![Need {
                what: Waiting::NoEmail {
                    name: HOSTILE.into(),
                    badge: HOSTILE.into(),
                },
                href: "/c/01930f3e/awards/a1".into(),
            }],
            needs_total: 1,
            badges: vec![HomeBadge {
                badge: hostile_badge(),
                line: HOSTILE.into(),
                earned: 2400,
                waiting: 3,
                is_offered: false,
            }],
            recent: vec![Recent {
                award: "a\"1".into(),
                person: HOSTILE.into(),
                badge: HOSTILE.into(),
                at: ago(3),
                word: AwardWord::Failed,
            }],
            ..Self::default()
        }
    }
}

impl NeedsPage {
    /// Filled and empty.
    pub fn samples() -> Vec<Self> {
        vec![
            Self {
                frame: staff(Section::Home),
                needs: needs(),
            },
            Self {
                frame: staff(Section::Home),
                needs: vec![],
            },
        ]
    }
}

fn needs() -> Vec<Need> {
    let of = |what, id: &str| Need {
        what,
        href: format!("/c/01930f3e/awards/{id}"),
    };
    vec![
        of(
            Waiting::NoEmail {
                name: "Malik Osei".into(),
                badge: "Lab Safety".into(),
            },
            "a1",
        ),
        of(
            Waiting::Refused {
                n: 2,
                badge: "Data Literacy".into(),
            },
            "a2",
        ),
        of(
            Waiting::Parked {
                n: 1,
                badge: "Peer Reviewer".into(),
            },
            "a3",
        ),
        of(
            Waiting::NotRevoked {
                name: "Chen Wei".into(),
                badge: "Lab Safety".into(),
            },
            "a4",
        ),
        of(
            Waiting::HalfMade {
                badge: "Lab Safety".into(),
            },
            "a5",
        ),
        of(
            Waiting::NotLookedAt {
                name: "Femi Ade".into(),
            },
            "a6",
        ),
    ]
}

fn home_badges() -> Vec<HomeBadge> {
    [
        ("b-lab", "Lab Safety", "Works safely in a wet lab", 36, 1),
        ("b-data", "Data Literacy", "Reads, questions and draws graphs", 19, 0),
        ("b-field", "Wetland Field Skills", "", 0, 31),
        ("b-poster", "Research Poster", "Presents a finding to strangers", 4, 0),
    ]
    .into_iter()
    .map(|(id, title, line, earned, waiting)| HomeBadge {
        badge: badge(id, title),
        line: line.into(),
        earned,
        waiting,
        is_offered: id != "b-poster",
    })
    .collect()
}

fn recent() -> Vec<Recent> {
    [
        (1, AwardWord::Sent),
        (2, AwardWord::Collected),
        (9, AwardWord::NoEmail),
        (10, AwardWord::Queued),
        (4, AwardWord::Checking),
    ]
    .into_iter()
    .enumerate()
    .map(|(row, (person, word))| Recent {
        award: format!("a{row}"),
        person: name(person),
        badge: if row.is_multiple_of(2) {
            "Lab Safety".into()
        } else {
            "Data Literacy".into()
        },
        at: ago(49 + i64::try_from(row).unwrap_or(0) * 700),
        word,
    })
    .collect()
}
