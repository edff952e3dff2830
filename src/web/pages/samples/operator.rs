//! Samples of sign-in and of operators' pages.

use super::{HOSTILE, NOW, ago, ahead, outside};
use crate::model::finding::Finding;
use crate::web::pages::admin::setup::TaskState;
use crate::web::pages::keys::{KeyState, KeysPage, OwnKeyRow};
use crate::web::pages::operator::{
    FactoryLink, GoodbyePage, HealthPage, OrganisationRow, OrganisationsPage, OverviewPage, WelcomePage,
};
use crate::web::pages::sso::SignInPage;
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

impl SignInPage {
    /// By a link alone, by single sign-on, with a hostile name.
    pub fn samples() -> Vec<Self> {
        let with = |provider: Option<&str>| Self {
            frame: outside(),
            provider: provider.map(str::to_owned),
        };
        vec![with(None), with(Some("Marlowe Polytechnic")), with(Some(HOSTILE))]
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

impl KeysPage {
    /// The first one alone, a new one beside it, an old one beside it.
    pub fn samples() -> Vec<Self> {
        let row = |kid: &str, state| OwnKeyRow {
            kid: kid.to_owned(),
            made: ago(9_000),
            state,
        };
        let signs = row(
            "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg",
            KeyState::Signs { since: ago(9_000) },
        );
        let waits = row(
            "QmFkZ2VicmlkZ2UtdGVzdC1rZXktbnVtYmVyLXR3by0",
            KeyState::Waits { until: ahead(1) },
        );
        let stays = row(
            "b2xkLWtleS1vZi10aGUtdG9vbC1hcy1wdWJsaXNoZWQ",
            KeyState::Stays { until: ahead(2) },
        );
        let one = Self {
            frame: operator(Room::Keys),
            announce_h: 24,
            stay_h: 48,
            rows: vec![signs.clone()],
        };
        let rotating = Self {
            rows: vec![waits, signs.clone()],
            ..one.clone()
        };
        let rotated = Self {
            rows: vec![signs, stays],
            ..one.clone()
        };
        vec![one, rotating, rotated]
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
