//! Samples of the administration of an organisation.

use super::{HOSTILE, NOW, ago, outside};
use crate::model::connecting::{Attempted, ConnectFailure, ConnectKind, ConnectReason, ConnectStep};
use crate::web::pages::admin::disconnect::{DisconnectPage, Queued};
use crate::web::pages::admin::factory::{Connected, FactoryPage};
use crate::web::pages::admin::setup::{AdminSetupPage, Glance, Task, TaskState};
use crate::web::pages::operator::FactoryLink;
use crate::web::pages::{Flash, Frame, Mistake, Mistakes, Office, Room};

/// The frame of an administrator's page.
pub(super) fn admin(room: Room) -> Frame {
    Frame {
        csrf: "c2FtcGxlLWZvcm0".to_owned(),
        base: "/admin".to_owned(),
        place: "Marlowe Polytechnic".to_owned(),
        office: Some(Office {
            name: "Claire Bouchard".to_owned(),
            room: Some(room),
            of_organisation: true,
        }),
        ..outside()
    }
}

/// The same with hostile names, for an operator.
pub(super) fn hostile(room: Room) -> Frame {
    Frame {
        place: HOSTILE.to_owned(),
        office: Some(Office {
            name: String::new(),
            room: Some(room),
            of_organisation: true,
        }),
        flash: Some(Flash::Saved),
        ..admin(room)
    }
}

const CERTIFICATE: FactoryLink = FactoryLink::Certificate { until: NOW, days: 300 };

fn tasks(states: [TaskState; 5], detail: &str) -> Vec<Task> {
    let rows = [
        ("task-factory", "/admin/factory", "task-factory-hint"),
        ("task-lms", "/admin/lms", "task-lms-hint"),
        ("task-grades", "/admin/lms", "task-grades-hint"),
        ("task-courses", "/admin/courses", "task-courses-hint"),
        ("task-people", "/admin/people", "task-people-hint"),
    ];
    rows.into_iter()
        .zip(states)
        .map(|((title, href, hint), state)| Task {
            title,
            href,
            hint,
            detail: detail.to_owned(),
            state,
        })
        .collect()
}

impl AdminSetupPage {
    /// New, under way with a problem, done, a certificate that ends soon, one that has ended, hostile names.
    pub fn samples() -> Vec<Self> {
        let new = Self {
            frame: admin(Room::Setup),
            tasks: tasks([TaskState::None; 5], ""),
            ..Self::default()
        };
        let mixed = Self {
            tasks: tasks(
                [
                    TaskState::Problem,
                    TaskState::Going,
                    TaskState::None,
                    TaskState::Done,
                    TaskState::Done,
                ],
                "",
            ),
            ..new.clone()
        };
        let done = Self {
            tasks: tasks([TaskState::Done; 5], "Brightspace at learn.marlowe.example"),
            link: CERTIFICATE,
            glance: Some(Glance {
                orders: 3,
                issued: 1_204,
                problems: 1,
                courses: 1204,
            }),
            ..new.clone()
        };
        let ending = Self {
            link: FactoryLink::Certificate { until: NOW, days: 23 },
            ..done.clone()
        };
        let ended = Self {
            link: FactoryLink::Certificate { until: NOW, days: -1 },
            ..done.clone()
        };
        let hostile = Self {
            frame: hostile(Room::Setup),
            tasks: tasks([TaskState::Going; 5], HOSTILE),
            ..done.clone()
        };
        vec![new, mixed, done, ending, ended, hostile]
    }
}

impl DisconnectPage {
    /// Nothing waits, something waits, unsure, a try under way, refused, disconnected already, hostile words.
    pub fn samples() -> Vec<Self> {
        let plain = Self {
            frame: admin(Room::Setup),
            name: "Marlowe Polytechnic".into(),
            connected: Some(("C8Xk2Demo".into(), "https://factory.cancred.ca".into())),
            ..Self::default()
        };
        let queued = Self {
            queued: 12,
            unsure: 1,
            ..plain.clone()
        };
        let running = Self {
            is_running: true,
            ..plain.clone()
        };
        let mut mistakes = Mistakes::one("name", Mistake::NotTheName { name: HOSTILE.into() });
        mistakes.note("queued-keep", Mistake::NotChosen);
        let refused = Self {
            frame: hostile(Room::Setup),
            name: HOSTILE.into(),
            entered: HOSTILE.into(),
            choice: Some(Queued::Withdraw),
            mistakes,
            ..queued.clone()
        };
        let ended = Self {
            connected: None,
            choice: Some(Queued::Keep),
            ..queued.clone()
        };
        vec![plain, queued, running, refused, ended]
    }
}

impl FactoryPage {
    /// Never tried, under way, each failure, connected and renewed, refused forms, hostile words.
    pub fn samples() -> Vec<Self> {
        let hosts = vec![
            "https://openbadgefactory.com".to_owned(),
            "https://factory.cancred.ca".to_owned(),
        ];
        let new = Self {
            frame: admin(Room::Setup),
            hosts,
            ..Self::default()
        };
        let attempt = |step, reason, said: &str| Attempted {
            kind: ConnectKind::Key,
            url: "https://factory.cancred.ca".into(),
            begun_at: ago(30),
            ended_at: Some(ago(29)),
            failure: Some(ConnectFailure {
                step,
                reason,
                said: said.to_owned(),
            }),
        };
        let running = Self {
            attempt: Some(Attempted {
                ended_at: None,
                failure: None,
                ..attempt(ConnectStep::Read, ConnectReason::Down, "")
            }),
            is_running: true,
            ..new.clone()
        };
        let connected = Self {
            connected: Some(Connected {
                client_id: "C8Xk2Demo".into(),
                url: "https://factory.cancred.ca".into(),
                link: CERTIFICATE,
                spent: 18,
                last_ok: Some(ago(3)),
            }),
            host: "https://factory.cancred.ca".into(),
            attempt: Some(Attempted {
                failure: None,
                ..attempt(ConnectStep::Ping, ConnectReason::Ping, "")
            }),
            other: Some(String::new()),
            ..new.clone()
        };
        let pending = Self {
            has_pending: true,
            attempt: Some(attempt(ConnectStep::Ping, ConnectReason::Ping, "HTTP 495")),
            ..connected.clone()
        };
        let hostile = Self {
            frame: hostile(Room::Setup),
            connected: connected.connected.clone().map(|known| Connected {
                client_id: HOSTILE.into(),
                url: format!("https://{HOSTILE}"),
                ..known
            }),
            attempt: Some(Attempted {
                url: format!("https://{HOSTILE}"),
                ..attempt(ConnectStep::Sign, ConnectReason::Refused, HOSTILE)
            }),
            ..connected.clone()
        };
        let failed = ConnectReason::ALL.into_iter().map(|reason| Self {
            attempt: Some(attempt(ConnectStep::Fresh, reason, "")),
            ..new.clone()
        });
        let mut all: Vec<Self> = failed.collect();
        let waits = Self {
            waiting: 3,
            ..new.clone()
        };
        all.extend([new.clone(), waits, running, connected, pending, hostile]);
        all.extend(new.refused());
        all
    }

    /// The same with each form refused.
    fn refused(&self) -> [Self; 4] {
        let new = self;
        let no_key = Self {
            mistakes: Mistakes::one("key", Mistake::NoApiKey),
            ..new.clone()
        };
        let mut wrong = Mistakes::one("s-client", Mistake::Missing);
        wrong.note("secret", Mistake::Missing);
        let no_secret = Self {
            open: Some(ConnectKind::Secret),
            mistakes: wrong,
            ..new.clone()
        };
        let no_certificate = Self {
            open: Some(ConnectKind::Certificate),
            mistakes: Mistakes::one("certificate", Mistake::Missing),
            ..new.clone()
        };
        let mut other = Mistakes::one("other", Mistake::FactoryAddress);
        other.note("key-h1", Mistake::NotChosen);
        let no_address = Self {
            other: Some("factory".into()),
            mistakes: other,
            ..new.clone()
        };
        [no_key, no_secret, no_certificate, no_address]
    }
}
