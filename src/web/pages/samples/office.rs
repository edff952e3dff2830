//! Samples of LMSs, the queue, the audit log, administrators and settings of an organisation.

use super::admin::{admin, hostile};
use super::{HOSTILE, ago, staff};
use crate::model::Lms;
use crate::model::order::OrderState;
use crate::web::pages::admin::courses::{CourseChoicePage, CourseRow, CoursesPage};
use crate::web::pages::admin::lms::{
    ClientIdPage, DeploymentsPage, LmsListPage, LmsNewPage, LmsPage, LmsRow, LmsState, WaitingDeployment, family,
};
use crate::web::pages::admin::queue::{OrderPage, OrderRow, QueuePage, Tab, TriedRow};
use crate::web::pages::admin::records::{
    Actor, AdministratorRow, AdministratorsPage, AuditPage, DeedRow, SettingsPage,
};
use crate::web::pages::lms::OwnLmsPage;
use crate::web::pages::setup::SetupPage;
use crate::web::pages::{Frame, Mistake, Mistakes, Room, SeatRole, Section};

const ID: &str = "01930f3e-0000-7000-8000-000000000001";

fn lms(name: &str, state: LmsState) -> LmsRow {
    LmsRow {
        id: format!("{ID}{}", name.len()),
        name: name.to_owned(),
        family: family(Lms::Brightspace),
        issuer: "https://learn.marlowe.example".into(),
        client_id: "7b1f2c60-55f0-4c1e-9a52-0f6d8a0c3e11".into(),
        state,
        shared: false,
    }
}

impl LmsListPage {
    /// None, several, hostile names.
    pub fn samples() -> Vec<Self> {
        let none = Self {
            frame: admin(Room::Lms),
            ..Self::default()
        };
        let several = Self {
            rows: vec![
                lms("Brightspace", LmsState::On),
                lms("Moodle 4.5", LmsState::Pending),
                LmsRow {
                    shared: true,
                    ..lms("Canvas", LmsState::Off)
                },
            ],
            waiting: 2,
            ..none.clone()
        };
        let hostile = Self {
            frame: hostile(Room::Lms),
            rows: vec![LmsRow {
                issuer: HOSTILE.into(),
                client_id: HOSTILE.into(),
                ..lms(HOSTILE, LmsState::On)
            }],
            waiting: 1,
        };
        vec![none, several, hostile]
    }
}

impl LmsNewPage {
    /// Empty, with a link, refused.
    pub fn samples() -> Vec<Self> {
        let empty = Self {
            frame: admin(Room::Lms),
            values: vec![
                ("setup-v-login", "https://badges.example/lti/login".to_owned()),
                ("setup-v-domain", "badges.example".to_owned()),
            ],
            lms: "generic",
            ..Self::default()
        };
        let asks = Self {
            lms: "",
            ..empty.clone()
        };
        let by_hand = Self {
            lms: "openedx",
            ..empty.clone()
        };
        let made = Self {
            made: Some("https://badges.example/lti/register/c2FtcGxlLXRva2Vu".into()),
            ..empty.clone()
        };
        let mut mistakes = Mistakes::none();
        for (name, ..) in Self::FIELDS {
            mistakes.note(name, Mistake::Missing);
        }
        let refused = Self {
            frame: hostile(Room::Lms),
            lms: "canvas",
            entered: Self::FIELDS
                .iter()
                .map(|(name, ..)| (*name, HOSTILE.to_owned()))
                .collect(),
            mistakes,
            ..empty.clone()
        };
        let issuer = Self {
            mistakes: Mistakes::one("issuer", Mistake::Issuer),
            ..empty.clone()
        };
        vec![asks, empty, by_hand, made, refused, issuer]
    }
}

impl ClientIdPage {
    /// One sign differs, hostile words, taken already.
    pub fn samples() -> Vec<Self> {
        let plain = Self {
            frame: admin(Room::Lms),
            id: ID.into(),
            name: "Brightspace".into(),
            stored: "7b1f2c60-55f0-4c1e-9a52-0f6d8a0c3e11".into(),
            arrived: "7b1f2c60-55f0-4c1e-9a52-0f6d8a0c3e10".into(),
            ..Self::default()
        };
        let hostile = Self {
            frame: hostile(Room::Lms),
            name: HOSTILE.into(),
            stored: HOSTILE.into(),
            arrived: format!("{HOSTILE}x"),
            mistakes: Mistakes::one("client_id", Mistake::RegisteredAlready),
            ..plain.clone()
        };
        vec![plain, hostile]
    }
}

impl LmsPage {
    /// On with each self-check, waiting, of others, hostile words, refused.
    pub fn samples() -> Vec<Self> {
        let plain = Self {
            frame: admin(Room::Lms),
            row: lms("Brightspace", LmsState::On),
            may_change: true,
            may_let_in: true,
            values: vec![("setup-v-login", "https://badges.example/lti/login/h".to_owned())],
            deployments: vec!["a41c9d02-0d7b-4f63-8e55-2b90c6f1d7aa".into()],
            other_client: true,
            name: "Brightspace".into(),
            ..Self::default()
        };
        let mut all: Vec<Self> = SetupPage::samples()
            .into_iter()
            .map(|sample| Self {
                check: sample.check,
                ..plain.clone()
            })
            .collect();
        all.push(Self {
            row: lms("Open edX", LmsState::Pending),
            may_let_in: false,
            deployments: Vec::new(),
            ..plain.clone()
        });
        all.push(Self {
            may_change: false,
            ..plain.clone()
        });
        all.push(Self {
            frame: hostile(Room::Lms),
            row: lms(HOSTILE, LmsState::Off),
            name: HOSTILE.into(),
            mistakes: Mistakes::one("name", Mistake::Name),
            ..plain
        });
        all
    }
}

/// The frame of an administrator of the LMS who is nothing in the course.
fn lms_administrator() -> Frame {
    Frame {
        role: SeatRole::None,
        administers: true,
        ..staff(Section::Lms)
    }
}

impl OwnLmsPage {
    /// Own with each self-check, shared, hostile words, refused.
    pub fn samples() -> Vec<Self> {
        let plain = Self {
            frame: lms_administrator(),
            title: "Campus".into(),
            family: family(Lms::Moodle),
            organisation: "Marlowe Polytechnic".into(),
            may_change: true,
            values: vec![("setup-v-login", "https://badges.example/lti/login/h".to_owned())],
            issuer: "https://learn.marlowe.example".into(),
            client_id: "7b1f2c60".into(),
            deployments: vec!["1".into()],
            waiting: 2,
            name: "Campus".into(),
            ..Self::default()
        };
        let mut all: Vec<Self> = SetupPage::samples()
            .into_iter()
            .map(|sample| Self {
                check: sample.check,
                ..plain.clone()
            })
            .collect();
        all.push(Self {
            may_change: false,
            waiting: 0,
            ..plain.clone()
        });
        all.push(Self {
            title: HOSTILE.into(),
            organisation: HOSTILE.into(),
            issuer: HOSTILE.into(),
            name: HOSTILE.into(),
            deployments: vec![HOSTILE.into()],
            mistakes: Mistakes::one("name", Mistake::Name),
            ..plain
        });
        all
    }
}

impl DeploymentsPage {
    /// None, two, hostile words.
    pub fn samples() -> Vec<Self> {
        let none = Self {
            frame: admin(Room::Lms),
            action: "/admin/deployments".into(),
            back: "/admin/lms".into(),
            ..Self::default()
        };
        let row = |text: &str| WaitingDeployment {
            id: ID.into(),
            lms: text.to_owned(),
            issuer: "https://canvas.instructure.com".into(),
            deployment: text.to_owned(),
            says: text.to_owned(),
            seen: ago(90),
        };
        let two = Self {
            rows: vec![row("17:abcdef"), row("18:abcdef")],
            ..none.clone()
        };
        let refused = Self {
            refused: vec![row("19:abcdef")],
            ..none.clone()
        };
        let hostile = Self {
            frame: hostile(Room::Lms),
            rows: vec![row(HOSTILE)],
            refused: vec![row(HOSTILE)],
            ..none.clone()
        };
        let of_lms = Self {
            frame: lms_administrator(),
            action: "/c/01930f3e/deployments".into(),
            back: "/c/01930f3e/lms".into(),
            ..two.clone()
        };
        vec![none, two, refused, hostile, of_lms]
    }
}

fn order(state: OrderState, text: &str) -> OrderRow {
    OrderRow {
        id: ID.into(),
        badge: text.to_owned(),
        state,
        people: 12,
        since: ago(95),
        sendings: 2,
        reason: text.to_owned(),
        next: Some(ago(1)),
        event: String::new(),
    }
}

impl QueuePage {
    /// Nothing, each tab, a decision that came too late, hostile words.
    pub fn samples() -> Vec<Self> {
        let none = Self {
            frame: admin(Room::Queue),
            ..Self::default()
        };
        let with = |tab, states: &[OrderState]| Self {
            tab,
            counts: [2, 2, 1],
            rows: states.iter().map(|state| order(*state, "Lab Safety")).collect(),
            ..none.clone()
        };
        let failed = with(Tab::Failed, &[OrderState::Refused, OrderState::Parked]);
        let waiting = with(Tab::Waiting, &[OrderState::Ready, OrderState::Sending]);
        let checking = with(Tab::Checking, &[OrderState::Unsure]);
        let late = Self {
            is_refused: true,
            ..failed.clone()
        };
        let hostile = Self {
            frame: hostile(Room::Queue),
            rows: vec![order(OrderState::Refused, HOSTILE)],
            ..failed.clone()
        };
        vec![none, failed, waiting, checking, late, hostile]
    }
}

impl OrderPage {
    /// Each state, with and without tries, hostile words.
    pub fn samples() -> Vec<Self> {
        let states = [
            OrderState::Ready,
            OrderState::Sending,
            OrderState::Unsure,
            OrderState::Refused,
            OrderState::Parked,
            OrderState::Issued,
            OrderState::Withdrawn,
        ];
        let tried = |what, status, text: &str| TriedRow {
            at: ago(20),
            what,
            by_person: true,
            took: 340,
            status,
            verdict: text.to_owned(),
            reply: text.to_owned(),
        };
        let mut all: Vec<Self> = states
            .into_iter()
            .map(|state| Self {
                frame: admin(Room::Queue),
                row: order(state, "Lab Safety"),
                attempts: Vec::new(),
            })
            .collect();
        all.push(Self {
            frame: hostile(Room::Queue),
            row: OrderRow {
                event: HOSTILE.into(),
                ..order(OrderState::Refused, HOSTILE)
            },
            attempts: vec![
                tried("attempt-send", Some(400), HOSTILE),
                tried("attempt-look", None, ""),
                tried("attempt-other", Some(200), "found"),
            ],
        });
        all
    }
}

impl AuditPage {
    /// Nothing fits, every kind of actor with further pages, hostile words.
    pub fn samples() -> Vec<Self> {
        let none = Self {
            frame: admin(Room::Audit),
            search: "nobody".into(),
            ..Self::default()
        };
        let deed = |who, text: &str| DeedRow {
            at: ago(200),
            who,
            action: "order.retry".into(),
            subject: text.to_owned(),
            detail: format!("{{\"state\":\"{text}\"}}"),
        };
        let several = Self {
            rows: vec![
                deed(Actor::Operator, ID),
                deed(Actor::Command, ID),
                deed(Actor::Registration, ID),
                deed(Actor::Administrator("Claire Bouchard".into()), ID),
                deed(Actor::Member("Amara Nwosu".into()), ID),
                deed(Actor::Other("somebody".into()), ID),
            ],
            newer: Some("page=1".into()),
            older: Some("page=3".into()),
            ..none.clone()
        };
        let hostile = Self {
            frame: hostile(Room::Audit),
            search: HOSTILE.into(),
            rows: vec![deed(Actor::Member(HOSTILE.into()), HOSTILE)],
            ..none.clone()
        };
        vec![none, several, hostile]
    }
}

impl AdministratorsPage {
    /// Nobody, several for an administrator and for an operator, a new link, refused, hostile names.
    pub fn samples() -> Vec<Self> {
        let nobody = Self {
            frame: admin(Room::Settings),
            ..Self::default()
        };
        let row = |name: &str, seen| AdministratorRow {
            id: ID.into(),
            name: name.to_owned(),
            since: ago(90_000),
            seen,
        };
        let several = Self {
            rows: vec![row("Claire Bouchard", Some(ago(5))), row("Grace O’Connell", None)],
            ..nobody.clone()
        };
        let operator = Self {
            frame: hostile(Room::Settings),
            may_grant: true,
            ..several.clone()
        };
        let made = Self {
            made: Some((
                "Claire Bouchard".into(),
                "https://badges.example/operator/welcome/c2FtcGxlLWNvZGU".into(),
                30,
            )),
            ..operator.clone()
        };
        let refused = Self {
            mistakes: Mistakes::one("name", Mistake::Name),
            ..operator.clone()
        };
        let hostile = Self {
            rows: vec![row(HOSTILE, None)],
            made: Some((HOSTILE.into(), HOSTILE.into(), 30)),
            ..operator.clone()
        };
        vec![nobody, several, operator, made, refused, hostile]
    }
}

impl SettingsPage {
    /// As it begins, with domains, refused.
    pub fn samples() -> Vec<Self> {
        let plain = Self {
            frame: admin(Room::Settings),
            pasted: "domains",
            limits: vec![("settings-calls", 10), ("settings-audit", 730)],
            ..Self::default()
        };
        let domains = Self {
            frame: hostile(Room::Settings),
            domains: "campus.example\nmarlowe.example".into(),
            ..plain.clone()
        };
        let refused = Self {
            pasted: "any",
            domains: HOSTILE.into(),
            mistakes: Mistakes::one("domains", Mistake::Domain { name: HOSTILE.into() }),
            ..plain.clone()
        };
        vec![plain, domains, refused]
    }
}

impl CoursesPage {
    /// None, none that fits, several with further pages, hostile names.
    pub fn samples() -> Vec<Self> {
        let none = Self {
            frame: admin(Room::Courses),
            ..Self::default()
        };
        let unfit = Self {
            search: "chemistry".into(),
            ..none.clone()
        };
        let row = |title: &str, badges| CourseRow {
            id: ID.into(),
            title: title.to_owned(),
            label: title.to_owned(),
            lms: "Brightspace".into(),
            badges,
            rules: 2,
        };
        let several = Self {
            rows: vec![row("Biology 2010", None), row("Lab safety", Some(1))],
            previous: Some("search=&page=1".into()),
            next: Some("search=&page=3".into()),
            ..none.clone()
        };
        let hostile = Self {
            frame: hostile(Room::Courses),
            search: HOSTILE.into(),
            rows: vec![row(HOSTILE, Some(12))],
            ..none.clone()
        };
        vec![none, unfit, several, hostile]
    }
}

impl CourseChoicePage {
    /// All, some, none there, hostile names.
    pub fn samples() -> Vec<Self> {
        let all = Self {
            frame: admin(Room::Courses),
            id: ID.into(),
            title: "Biology 2010".into(),
            is_limited: false,
            badges: vec![
                ("B1".into(), "Lab Safety".into(), true),
                ("B2".into(), "Data Literacy".into(), true),
            ],
        };
        let some = Self {
            is_limited: true,
            badges: vec![
                ("B1".into(), "Lab Safety".into(), true),
                ("B2".into(), "Data Literacy".into(), false),
            ],
            ..all.clone()
        };
        let none = Self {
            badges: Vec::new(),
            ..all.clone()
        };
        let hostile = Self {
            frame: hostile(Room::Courses),
            title: HOSTILE.into(),
            badges: vec![(HOSTILE.into(), HOSTILE.into(), true)],
            ..some.clone()
        };
        vec![all, some, none, hostile]
    }
}
