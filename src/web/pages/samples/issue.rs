//! Samples of the four steps, progress and result.

use super::super::issue_badge::{BadgeCard, IssueBadgePage};
use super::super::issue_check::IssueCheckPage;
use super::super::issue_message::{IssueMessagePage, MessageFields, OwnValidity, Validity};
use super::super::issue_people::{Fate, IssuePeoplePage, Line, Pasting, PersonRow, Roster, Show, Standing};
use super::super::order::{Counts, OrderPage, OrderRow, Progress};
use super::super::parts::Step;
use super::super::{AwardWord, Flash, Frame, Mistake, Mistakes, Pager, Section};
use super::{HOSTILE, NOW, ago, ahead, badge, hostile, hostile_badge, name, staff};

impl IssueBadgePage {
    /// A choice, a search without result, nothing allowed, hostile with a mistake.
    pub fn samples() -> Vec<Self> {
        let titles = [
            "Lab Safety",
            "Data Literacy",
            "Wetland Field Skills",
            "Research Poster",
            "Peer Reviewer",
            "Note Taker",
            "Team Lead",
        ];
        let cards = titles
            .iter()
            .enumerate()
            .map(|(row, title)| BadgeCard {
                badge: badge(&format!("b{row}"), title),
                line: if row == 2 {
                    String::new()
                } else {
                    "For two careful reviews of other people’s drafts".into()
                },
                earned: row,
            })
            .collect();
        let filled = Self {
            frame: staff(Section::Issue),
            draft: "d1".into(),
            reached: Step::People,
            chosen: Some("b4".into()),
            badges: cards,
            total: 7,
            ..Self::default()
        };
        vec![
            filled.clone(),
            Self {
                badges: vec![],
                search: "chess".into(),
                draft: String::new(),
                reached: Step::Badge,
                ..filled.clone()
            },
            Self {
                badges: vec![],
                total: 0,
                ..filled.clone()
            },
            Self {
                frame: hostile(Section::Issue),
                chosen: None,
                search: HOSTILE.into(),
                badges: vec![BadgeCard {
                    badge: hostile_badge(),
                    line: HOSTILE.into(),
                    earned: 2000,
                }],
                mistakes: Mistakes::one("badge-0", Mistake::NoBadge),
                ..filled
            },
        ]
    }
}

impl IssuePeoplePage {
    /// A roster with pasted lines, first reading, no roster at all, hostile with mistakes.
    pub fn samples() -> Vec<Self> {
        let filled = Self {
            frame: Frame {
                flash: Some(Flash::PeopleAdded { n: 2 }),
                ..staff(Section::Issue)
            },
            draft: "d1".into(),
            reached: Step::Message,
            badge: badge("b-peer", "Peer Reviewer"),
            can_change_badge: true,
            roster: Roster::Read { at: ago(3) },
            people: 42,
            without: 31,
            selected: 8,
            rows: (0..12).map(person_row).collect(),
            pager: Pager::of(42, 25, 1),
            pasting: Pasting::Domains(vec!["marlowe.example".into(), "partner.example".into()]),
            lines: lines(),
            limit: 2500,
            without_email: vec!["Malik Osei".into()],
            ..Self::default()
        };
        let mut mistakes = Mistakes::one("roster", Mistake::Nobody);
        mistakes.note("paste", Mistake::NothingToAdd);
        mistakes.note("csv", Mistake::FileWithoutEmail);
        let bare = Self {
            frame: staff(Section::Issue),
            lines: vec![],
            without_email: vec![],
            ..filled.clone()
        };
        vec![
            filled,
            Self {
                roster: Roster::Reading,
                people: 0,
                without: 0,
                selected: 0,
                rows: vec![],
                pager: Pager::default(),
                ..bare.clone()
            },
            Self {
                roster: Roster::NotOffered,
                people: 0,
                without: 0,
                rows: vec![],
                pager: Pager::default(),
                pasting: Pasting::Any,
                ..bare.clone()
            },
            Self {
                roster: Roster::Failed { at: Some(ago(900)) },
                search: "zz".into(),
                show: Show::Selected,
                rows: vec![],
                pasting: Pasting::Off,
                ..bare.clone()
            },
            Self {
                frame: hostile(Section::Issue),
                badge: hostile_badge(),
                search: HOSTILE.into(),
                roster: Roster::Rereading { at: ago(90) },
                rows: vec![PersonRow {
                    id: "m1".into(),
                    name: HOSTILE.into(),
                    email: Some(HOSTILE.into()),
                    ..PersonRow::default()
                }],
                paste: HOSTILE.into(),
                lines: vec![Line {
                    number: 1,
                    said: HOSTILE.into(),
                    fate: Fate::Unreadable,
                }],
                pasting: Pasting::Domains(vec![HOSTILE.into()]),
                without_email: vec![HOSTILE.into(), name(2)],
                mistakes,
                ..bare
            },
        ]
    }
}

fn person_row(index: usize) -> PersonRow {
    let standing = match index {
        1 | 3 => Standing::Has { since: ago(70_000) },
        6 | 11 => Standing::Held,
        5 => Standing::OnItsWay,
        7 => Standing::Invited,
        _ => Standing::None,
    };
    PersonRow {
        id: format!("m{index}"),
        name: name(index),
        email: (index != 9).then(|| format!("person.{index}@marlowe.example")),
        is_picked: index.is_multiple_of(2) || index == 3 || index == 9,
        standing,
        again: matches!(index, 3 | 6),
    }
}

fn lines() -> Vec<Line> {
    let line = |number, said: &str, fate| Line {
        number,
        said: said.to_owned(),
        fate,
    };
    vec![
        line(
            1,
            "Chen Wei <chen.wei@marlowe.example>",
            Fate::Found {
                name: "Chen Wei".into(),
            },
        ),
        line(
            2,
            "guest@partner.example",
            Fate::Added {
                email: "guest@partner.example".into(),
            },
        ),
        line(3, "someone@elsewhere.example", Fate::Outside),
        line(
            4,
            "beatrice.tremblay@marlowe.example",
            Fate::HasIt { since: ago(70_000) },
        ),
        line(5, "guest@partner.example", Fate::Again { first: 2 }),
        line(6, "not an address", Fate::Unreadable),
    ]
}

impl IssueMessagePage {
    /// As it opens, with the preview, hostile with every field wrong.
    pub fn samples() -> Vec<Self> {
        let fields = MessageFields {
            award_date: "2026-11-21".into(),
            subject: "You have earned Peer Reviewer".into(),
            body: "Thank you for two careful reviews of other people’s drafts.\n\nThis badge tells others that your comments help.".into(),
            ..MessageFields::default()
        };
        let open = Self {
            frame: staff(Section::Issue),
            draft: "d1".into(),
            reached: Step::Check,
            badge: badge("b-peer", "Peer Reviewer"),
            fields: fields.clone(),
            own: OwnValidity::Months(24),
            earliest: "2021-11-21".into(),
            latest: "2026-11-22".into(),
            ..Self::default()
        };
        let mut mistakes = Mistakes::none();
        for (field, mistake) in [
            ("subject", Mistake::Missing),
            ("body", Mistake::TooLong { limit: 20_000 }),
            ("link-text", Mistake::TooLong { limit: 200 }),
            ("footer", Mistake::TooLong { limit: 200 }),
            ("award-date", Mistake::DateAhead),
            ("valid-months", Mistake::Months { most: 600 }),
            ("valid-own", Mistake::HasEnded),
            ("valid-date", Mistake::EndsBeforeAward),
            ("criteria-add", Mistake::TooLong { limit: 200 }),
            ("order-name", Mistake::TooLong { limit: 200 }),
        ] {
            mistakes.note(field, mistake);
        }
        let hostile_fields = MessageFields {
            award_date: "31.12.".into(),
            valid: Validity::Months,
            valid_months: "twelve".into(),
            valid_date: "x".into(),
            subject: HOSTILE.into(),
            body: format!("{HOSTILE}\n</textarea>"),
            link_text: HOSTILE.into(),
            footer: HOSTILE.into(),
            criteria_add: HOSTILE.into(),
            order_name: HOSTILE.into(),
        };
        vec![
            open.clone(),
            Self {
                preview: true,
                own: OwnValidity::Endless,
                fields: MessageFields {
                    footer: "Dr. Noor Amiri, room 2.14".into(),
                    ..fields
                },
                ..open.clone()
            },
            Self {
                frame: hostile(Section::Issue),
                badge: hostile_badge(),
                fields: hostile_fields,
                own: OwnValidity::Until(ahead(400)),
                preview: true,
                mistakes,
                ..open
            },
        ]
    }
}

impl IssueCheckPage {
    /// Plain, with held and repeated awards, all held, hostile with mistakes.
    pub fn samples() -> Vec<Self> {
        let plain = Self {
            frame: staff(Section::Issue),
            draft: "d1".into(),
            key: "b25lLXRpbWU".into(),
            badge: badge("b-peer", "Peer Reviewer"),
            can_change_badge: true,
            names: (0..8).map(name).collect(),
            people: 8,
            award_date: NOW,
            valid_until: Some(ahead(730)),
            subject: "You have earned Peer Reviewer".into(),
            body: "Thank you for two careful reviews of other people’s drafts. This badge tells others that your comments help.".into(),
            factory: "CanCred Factory".into(),
            ..Self::default()
        };
        let mut mistakes = Mistakes::one("row-badge", Mistake::BadgeGone);
        mistakes.note("row-people", Mistake::Factory { reason: HOSTILE.into() });
        vec![
            plain.clone(),
            Self {
                people: 340,
                names: (0..100).map(name).collect(),
                held: vec!["Malik Osei".into()],
                held_total: 1,
                again: (0..10).map(name).collect(),
                again_total: 12,
                instead: (0..10).map(name).collect(),
                instead_total: 11,
                award_date: ago(9000),
                valid_until: None,
                criteria_add: Some("Two reviews in autumn 2026.".into()),
                order_name: Some("Second round".into()),
                ..plain.clone()
            },
            Self {
                people: 1,
                names: vec![name(9)],
                held: vec![name(9)],
                held_total: 1,
                can_change_badge: false,
                ..plain.clone()
            },
            Self {
                frame: hostile(Section::Issue),
                badge: hostile_badge(),
                names: vec![HOSTILE.into()],
                held: vec![HOSTILE.into()],
                held_total: 1,
                subject: HOSTILE.into(),
                body: HOSTILE.into(),
                order_name: Some(HOSTILE.into()),
                factory: HOSTILE.into(),
                mistakes,
                ..plain
            },
        ]
    }
}

impl OrderPage {
    /// Under way, standing still, away, finished, finished in part, hostile.
    pub fn samples() -> Vec<Self> {
        let page = |counts: Counts, rows: Vec<OrderRow>| Self {
            progress: Progress {
                request: "r1".into(),
                badge_name: "Peer Reviewer".into(),
                counts,
                seconds_left: Some(4),
                rows,
                pager: Pager::of(counts.total, 25, 1),
                events: if counts.is_finished() {
                    vec!["NMUBXEa2a6Y".into(), "NMUBXEa2a6Z".into()]
                } else {
                    Vec::new()
                },
                ..Progress::default()
            },
            frame: staff(Section::Issue),
            badge: badge("b-peer", "Peer Reviewer"),
            by: "Dr. Noor Amiri".into(),
            at: ago(1),
            reference: "0193-5b1e-77aa".into(),
            live: true,
        };
        let running = page(
            Counts {
                total: 60,
                sent: 3,
                held: 1,
                ..Counts::default()
            },
            (0..8).map(order_row).collect(),
        );
        let mut still = running.clone();
        still.live = false;
        still.progress.stopped = true;
        let mut away = running.clone();
        away.progress.factory_away = Some("CanCred Factory".into());
        away.progress.seconds_left = None;
        let done = page(
            Counts {
                total: 2,
                sent: 2,
                ..Counts::default()
            },
            (0..2).map(order_row).collect(),
        );
        let part = page(
            Counts {
                total: 8,
                sent: 4,
                held: 2,
                failed: 1,
                withdrawn: 1,
            },
            vec![
                OrderRow {
                    award: Some("a6".into()),
                    person: name(6),
                    word: AwardWord::Failed,
                    reason: "badge is a draft".into(),
                    at: Some(ago(0)),
                },
                OrderRow {
                    award: Some("a9".into()),
                    person: name(9),
                    word: AwardWord::NoEmail,
                    reason: String::new(),
                    at: None,
                },
                order_row(0),
            ],
        );
        let mut nasty = part.clone();
        nasty.frame = hostile(Section::Issue);
        nasty.badge = hostile_badge();
        nasty.by = HOSTILE.into();
        nasty.progress.badge_name = HOSTILE.into();
        nasty.progress.rows = vec![OrderRow {
            award: Some(HOSTILE.into()),
            person: HOSTILE.into(),
            word: AwardWord::Failed,
            reason: HOSTILE.into(),
            at: None,
        }];
        vec![running, still, away, done, part, nasty]
    }
}

fn order_row(index: usize) -> OrderRow {
    let word = match index {
        0..=2 => AwardWord::Sent,
        3 => AwardWord::Sending,
        4 => AwardWord::Checking,
        7 => AwardWord::NoEmail,
        _ => AwardWord::Queued,
    };
    OrderRow {
        award: (index != 2).then(|| format!("a{index}")),
        person: name(index),
        word,
        reason: String::new(),
        at: (index < 3).then(|| ago(0)),
    }
}
