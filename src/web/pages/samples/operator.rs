//! Samples of sign-in and of operators' pages.

use super::{HOSTILE, NOW, outside};
use crate::model::finding::Finding;
use crate::web::pages::admin::setup::TaskState;
use crate::web::pages::operator::{
    FactoryLink, GoodbyePage, HealthPage, OrganisationRow, OrganisationsPage, OverviewPage, WelcomePage,
};
use crate::web::pages::{Flash, Frame, Mistake, Mistakes, Office, Room};

/// The frame of an operator's page.
pub(super) fn operator(room: Room) -> Frame {
    Frame {
        csrf: "c2FtcGxlLWZvcm0".to_owned(),
        base: "/operator".to_owned(),
        office: Some(Office {
            name: String::new(),
            room: Some(room),
            of_organisation: false,
        }),
        ..outside()
    }
}

impl WelcomePage {
    /// An operator's link, an administrator's, hostile names.
    pub fn samples() -> Vec<Self> {
        let operator = Self {
            frame: outside(),
            code: "c2FtcGxlLWNvZGU".into(),
            administrator: None,
        };
        let administrator = Self {
            administrator: Some(("Claire Bouchard".into(), "Marlowe Polytechnic".into())),
            ..operator.clone()
        };
        let hostile = Self {
            administrator: Some((HOSTILE.into(), HOSTILE.into())),
            ..operator.clone()
        };
        vec![operator, administrator, hostile]
    }
}

impl GoodbyePage {
    /// The only one.
    pub fn samples() -> Vec<Self> {
        vec![Self { frame: outside() }]
    }
}

impl OverviewPage {
    /// All is well, something fails, a new installation.
    pub fn samples() -> Vec<Self> {
        let well = Self {
            frame: operator(Room::Overview),
            address: "https://badges.example".into(),
            organisations: 2,
            registrations: 3,
            ..Self::default()
        };
        let failing = Self {
            failing: 1,
            to_look_at: 2,
            waiting: 1,
            ..well.clone()
        };
        let new = Self {
            tasks: vec![
                ("begin-address", "/operator/health", TaskState::Done),
                ("begin-key", "/operator/health", TaskState::Done),
                ("begin-organisation", "/operator/organisations", TaskState::None),
                ("begin-administrator", "/operator/organisations", TaskState::None),
            ],
            to_look_at: 1,
            organisations: 0,
            registrations: 0,
            ..well.clone()
        };
        vec![well, failing, new]
    }
}

impl HealthPage {
    /// Something of everything, and hostile words.
    pub fn samples() -> Vec<Self> {
        let mut own = Finding::look(
            "identity",
            "certificate until 2026-12-14, 23 days left",
            "`factory enroll`",
        );
        own.organisation = Some("Marlowe Polytechnic".into());
        let mut hostile = Finding::fail("problem", HOSTILE, HOSTILE);
        hostile.organisation = Some(HOSTILE.into());
        vec![Self {
            frame: operator(Room::Health),
            findings: vec![hostile, own, Finding::ok("database", "SQLite, schema 25, 4100 KB")],
        }]
    }
}

impl OrganisationsPage {
    /// None, several, a name that is taken, a name that cannot be.
    pub fn samples() -> Vec<Self> {
        let none = Self {
            frame: operator(Room::Organisations),
            ..Self::default()
        };
        let row = |name: &str, days: Option<i64>| OrganisationRow {
            id: format!("01930f3e-0000-7000-8000-0000000000{:02}", name.len() % 100),
            name: name.to_owned(),
            link: days.map_or(FactoryLink::Token, |days| FactoryLink::Certificate { until: NOW, days }),
            entered: None,
        };
        let rows = vec![
            row("Marlowe Polytechnic", Some(300)),
            row("Fernhill College", Some(23)),
            row("Ashdown Academy", Some(-2)),
            row(HOSTILE, None),
            OrganisationRow {
                link: FactoryLink::None,
                ..row("New", None)
            },
        ];
        let several = Self {
            frame: Frame {
                flash: Some(Flash::Saved),
                ..operator(Room::Organisations)
            },
            rows: rows.clone(),
            ..Self::default()
        };
        let mut renamed = rows;
        if let Some(first) = renamed.first_mut() {
            first.entered = Some("Fernhill College".into());
        }
        let taken = Self {
            rows: renamed,
            mistakes: Mistakes::one("rename", Mistake::NameTaken),
            ..none.clone()
        };
        let unnamed = Self {
            new: String::new(),
            mistakes: Mistakes::one("name", Mistake::Name),
            ..none.clone()
        };
        vec![none, several, taken, unnamed]
    }
}
