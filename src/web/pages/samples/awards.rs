//! Samples of events, awards, history and revocation.

use super::super::award::{AwardPage, Happened, What};
use super::super::event::{EventPage, EventRow};
use super::super::extra::{Extra, ExtraPage, ExtraStep};
use super::super::history::{HistoryFilter, HistoryPage, HistoryRow, HistoryState};
use super::super::plot::OverTime;
use super::super::revoke::{RevokePage, RevokePerson, RevokeReason};
use super::super::words::Cause;
use super::super::{AwardWord, Mistake, Mistakes, Pager, SeatRole, Section};
use super::{HOSTILE, ago, ahead, badge, course, hostile, hostile_badge, name, staff};

impl EventPage {
    /// Filled (several pages), read-only, empty, hostile with a mistake.
    pub fn samples() -> Vec<Self> {
        let filled = Self {
            cause: Cause::Hand,
            frame: staff(Section::History),
            event: "NMUBXEa2a6Y".into(),
            badge: badge("b-peer", "Peer Reviewer"),
            order_name: Some("Second round of reviews".into()),
            by: "Dr. Noor Amiri".into(),
            sent: ago(3),
            award_date: ago(3),
            valid_until: Some(ahead(730)),
            subject: "You have earned Peer Reviewer".into(),
            body: "Thank you for two careful reviews of other people’s drafts.\n\nThis badge tells others that your comments help.".into(),
            criteria_add: Some("Two reviews in autumn 2026.".into()),
            reference: "0193-5b1e-77aa".into(),
            request: Some("r1".into()),
            rows: (0..7).map(event_row).collect(),
            pager: Pager::of(57, 25, 2),
            mistakes: Mistakes::none(),
        };
        vec![
            filled.clone(),
            Self {
                frame: course(Some(Section::History), SeatRole::LimitedStaff),
                pager: Pager::of(7, 25, 1),
                order_name: None,
                ..filled.clone()
            },
            Self {
                rows: vec![],
                pager: Pager::default(),
                valid_until: None,
                criteria_add: None,
                ..filled.clone()
            },
            Self {
                frame: hostile(Section::History),
                event: HOSTILE.into(),
                badge: hostile_badge(),
                by: HOSTILE.into(),
                subject: HOSTILE.into(),
                body: HOSTILE.into(),
                rows: vec![EventRow {
                    award: HOSTILE.into(),
                    person: HOSTILE.into(),
                    email: Some(HOSTILE.into()),
                    word: AwardWord::Sent,
                    link: Some("https://factory.example/a?b=\"c\"".into()),
                    can_revoke: true,
                }],
                mistakes: Mistakes::one("recipients", Mistake::Nobody),
                ..filled
            },
        ]
    }
}

fn event_row(index: usize) -> EventRow {
    let word = match index {
        2 => AwardWord::Revoked { on: ago(2) },
        3 => AwardWord::Collected,
        _ => AwardWord::Sent,
    };
    EventRow {
        award: format!("a{index}"),
        person: name(index),
        email: Some(format!("person.{index}@marlowe.example")),
        word,
        link: (index.is_multiple_of(2)).then(|| format!("https://factory.example/c/{index}")),
        can_revoke: index != 2,
    }
}

impl AwardPage {
    /// Sent, waiting, failed, in every other state, hostile.
    pub fn samples() -> Vec<Self> {
        let sent = Self {
            frame: staff(Section::History),
            award: "a1".into(),
            badge: badge("b-peer", "Peer Reviewer"),
            person: "Amara Nwosu".into(),
            email: Some("amara.nwosu@marlowe.example".into()),
            word: AwardWord::Sent,
            reason: None,
            cause: Cause::Hand,
            by: "Dr. Noor Amiri".into(),
            request: Some("r1".into()),
            event: Some("NMUBXEa2a6Y".into()),
            valid_until: Some(ahead(730)),
            link: Some("https://factory.example/c/1".into()),
            extras: vec![],
            trail: trail(),
            can_revoke: true,
            can_issue_again: false,
            reference: "0193-5b1e-77aa".into(),
        };
        let twice = Self {
            extras: [ExtraStep::Open, ExtraStep::Asked].map(second_event).into(),
            ..sent.clone()
        };
        let mut pages = vec![sent.clone(), twice];
        for word in [
            AwardWord::Queued,
            AwardWord::Checking,
            AwardWord::NoEmail,
            AwardWord::Parked,
            AwardWord::Revoking,
            AwardWord::Withdrawn,
            AwardWord::Revoked { on: ago(5000) },
            AwardWord::Expired { on: ago(5000) },
        ] {
            pages.push(Self {
                word,
                email: None,
                event: None,
                link: None,
                valid_until: None,
                can_issue_again: true,
                ..sent.clone()
            });
        }
        pages.push(Self {
            frame: hostile(Section::History),
            badge: hostile_badge(),
            person: HOSTILE.into(),
            email: Some(HOSTILE.into()),
            word: AwardWord::Failed,
            reason: Some(HOSTILE.into()),
            by: HOSTILE.into(),
            extras: vec![Extra {
                event: HOSTILE.into(),
                kept: None,
                step: ExtraStep::Failed,
            }],
            trail: vec![
                Happened {
                    at: ago(9),
                    what: What::Asked { by: HOSTILE.into() },
                    answer: String::new(),
                },
                Happened {
                    at: ago(8),
                    what: What::Refused,
                    answer: HOSTILE.into(),
                },
            ],
            can_issue_again: true,
            ..sent
        });
        pages
    }
}

fn second_event(step: ExtraStep) -> Extra {
    Extra {
        event: "NMUBXEb7b1Q".into(),
        kept: Some("NMUBXEa2a6Y".into()),
        step,
    }
}

impl ExtraPage {
    /// The second event of one person's order, a late event, hostile.
    pub fn samples() -> Vec<Self> {
        let second = Self {
            frame: staff(Section::History),
            action: "/c/01930f3e/awards/a1/extra/NMUBXEb7b1Q".into(),
            keep: "/c/01930f3e/awards/a1".into(),
            badge: badge("b-peer", "Peer Reviewer"),
            extra: second_event(ExtraStep::Open),
            people: (0..3).map(name).collect(),
        };
        vec![
            second.clone(),
            Self {
                extra: Extra {
                    kept: None,
                    ..second_event(ExtraStep::Failed)
                },
                people: vec![name(0)],
                ..second.clone()
            },
            Self {
                frame: hostile(Section::History),
                badge: hostile_badge(),
                extra: Extra {
                    event: HOSTILE.into(),
                    kept: Some(HOSTILE.into()),
                    step: ExtraStep::Open,
                },
                people: vec![HOSTILE.into()],
                ..second
            },
        ]
    }
}

fn trail() -> Vec<Happened> {
    let who = || "Dr. Noor Amiri".to_owned();
    [
        What::Asked { by: who() },
        What::Held,
        What::Released,
        What::NotReached,
        What::AskedToWait,
        What::AnswerLost,
        What::NotFound,
        What::Parked,
        What::TriedAgain { by: who() },
        What::Found,
        What::Sent,
        What::Twice,
        What::RevokeAsked { by: who() },
        What::Revoked,
        What::Withdrawn { by: who() },
    ]
    .into_iter()
    .enumerate()
    .map(|(row, what)| Happened {
        at: ago(30 - i64::try_from(row).unwrap_or(0)),
        what,
        answer: if row == 4 {
            "503 Service Unavailable, Retry-After: 30".into()
        } else {
            String::new()
        },
    })
    .collect()
}

impl HistoryPage {
    /// Filled (many pages), without any award, filtered to nothing, hostile.
    pub fn samples() -> Vec<Self> {
        let badges = vec![badge("b-lab", "Lab Safety"), badge("b-data", "Data Literacy")];
        let filled = Self {
            frame: staff(Section::History),
            badges,
            rows: (0..12).map(history_row).collect(),
            pager: Pager::of(340, 25, 7),
            size: 25,
            over_time: weeks(),
            ..Self::default()
        };
        vec![
            filled.clone(),
            Self {
                rows: vec![],
                pager: Pager::of(0, 25, 1),
                over_time: None,
                ..filled.clone()
            },
            Self {
                filter: HistoryFilter {
                    badge: "b-lab".into(),
                    person: "zz".into(),
                    state: Some(HistoryState::Held),
                    how: Some(Cause::Rule),
                    from: "2026-11-01".into(),
                    to: String::new(),
                },
                rows: vec![],
                pager: Pager::of(0, 25, 1),
                over_time: None,
                ..filled.clone()
            },
            Self {
                frame: hostile(Section::History),
                filter: HistoryFilter {
                    person: HOSTILE.into(),
                    ..HistoryFilter::default()
                },
                badges: vec![hostile_badge()],
                rows: vec![HistoryRow {
                    award: Some("a\"1".into()),
                    at: ago(4),
                    person: HOSTILE.into(),
                    badge: HOSTILE.into(),
                    cause: Cause::Hand,
                    by: HOSTILE.into(),
                    word: AwardWord::Waiting { until: ahead(1) },
                }],
                pager: Pager::of(1, 25, 1),
                ..filled
            },
        ]
    }
}

/// Ten weeks of awards.
pub(super) fn weeks() -> Option<OverTime> {
    let day = |week: u64| (ago(i64::try_from((70 - week * 7) * 1440).unwrap_or(0)), week * 5 % 16);
    OverTime::of(&(0..10).map(day).collect::<Vec<_>>())
}

fn history_row(index: usize) -> HistoryRow {
    let words = [
        AwardWord::Sent,
        AwardWord::Collected,
        AwardWord::Sending,
        AwardWord::NoEmail,
        AwardWord::Failed,
        AwardWord::Parked,
        AwardWord::Revoked { on: ago(9000) },
        AwardWord::Withdrawn,
        AwardWord::Breaker,
        AwardWord::Review,
        AwardWord::Unreleased,
        AwardWord::Revoking,
    ];
    HistoryRow {
        award: (index != 1).then(|| format!("a{index}")),
        at: ago(i64::try_from(index).unwrap_or(0) * 611),
        person: name(index),
        badge: "Lab Safety".into(),
        cause: match index {
            1 => Cause::Elsewhere,
            2 => Cause::Rule,
            3 => Cause::Application,
            _ => Cause::Hand,
        },
        by: if index == 1 {
            String::new()
        } else {
            "Dr. Noor Amiri".into()
        },
        word: words.get(index).copied().unwrap_or(AwardWord::Sent),
    }
}

impl RevokePage {
    /// One person, several with a mistake, hostile.
    pub fn samples() -> Vec<Self> {
        let person = |index: usize| RevokePerson {
            award: format!("a{index}"),
            name: name(index),
            email: Some(format!("person.{index}@marlowe.example")),
            at: ago(9000),
        };
        let one = Self {
            frame: staff(Section::History),
            action: "/c/01930f3e/awards/a1/revoke".into(),
            keep: "/c/01930f3e/awards/a1".into(),
            key: "b25lLXRpbWU".into(),
            badge: badge("b-peer", "Peer Reviewer"),
            people: vec![person(0)],
            ..Self::default()
        };
        let mut mistakes = Mistakes::one("reason-mistake", Mistake::NotChosen);
        mistakes.note("note", Mistake::TooLong { limit: 2000 });
        vec![
            one.clone(),
            Self {
                people: (0..5).map(person).collect(),
                some_not_sent: true,
                note: "Typed before.".into(),
                mistakes,
                ..one.clone()
            },
            Self {
                frame: hostile(Section::History),
                badge: hostile_badge(),
                people: vec![RevokePerson {
                    name: HOSTILE.into(),
                    email: Some(HOSTILE.into()),
                    ..person(1)
                }],
                reason: Some(RevokeReason::Other),
                note: HOSTILE.into(),
                ..one
            },
        ]
    }
}
