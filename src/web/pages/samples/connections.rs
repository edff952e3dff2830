//! Samples of the connection to an LMS's own interface.

use super::admin::{admin, hostile};
use super::{HOSTILE, NOW, ago};
use crate::model::connection::{ConnectionKind, Tried};
use crate::web::pages::admin::api::{ApiPage, ApiState, AskedCourse};
use crate::web::pages::{Mistake, Mistakes, Room};

const ID: &str = "01930f3e-0000-7000-8000-000000000001";

fn tried(what: &'static str, error: Option<&str>) -> Tried {
    Tried {
        what: what.into(),
        needs: "grades:coursecompletion:read".into(),
        error: error.map(str::to_owned),
    }
}

/// Nothing connected yet.
fn blank() -> ApiPage {
    ApiPage {
        frame: admin(Room::Lms),
        registration: ID.to_owned(),
        name: "Canvas".to_owned(),
        values: vec![("api-redirect", "https://badges.example/connections/callback".to_owned())],
        needs: vec![
            ("url:GET|/api/v1/courses/:id", "api-n-end"),
            (
                "url:GET|/api/v1/courses/:course_id/bulk_user_progress",
                "api-n-completed",
            ),
        ],
        kinds: ConnectionKind::ALL.to_vec(),
        kind: Some(ConnectionKind::Canvas),
        ..ApiPage::default()
    }
}

/// Connected and tested.
fn open() -> ApiState {
    ApiState {
        kind: ConnectionKind::Canvas,
        url: "https://canvas.marlowe.example".to_owned(),
        enabled: true,
        waits: false,
        asks_consent: true,
        account: "Badge Service".to_owned(),
        token_ends: Some(NOW),
        throttled: None,
        ok: Some(ago(300)),
        error: None,
        trial: Some((
            ago(60),
            false,
            vec![tried("token", None), tried("course completion", None)],
        )),
    }
}

/// The page with this connection.
fn with(connection: ApiState) -> ApiPage {
    ApiPage {
        connection: Some(connection),
        courses: vec![(ID.to_owned(), "Biology of cells".to_owned())],
        asked: vec![AskedCourse {
            id: ID.to_owned(),
            title: "Biology of cells".to_owned(),
            at: Some(ago(300)),
            next: Some(NOW),
            error: None,
        }],
        ..blank()
    }
}

impl ApiPage {
    /// None of each kind, none that fits, a consent that is asked for, open and tested, failing, off, refused forms,
    /// hostile words.
    pub fn samples() -> Vec<Self> {
        let of = |kind| Self {
            kinds: vec![kind],
            kind: Some(kind),
            ..blank()
        };
        let unfit = Self {
            kinds: Vec::new(),
            kind: None,
            values: Vec::new(),
            needs: Vec::new(),
            ..blank()
        };
        let waits = Self {
            connection: Some(ApiState {
                waits: true,
                account: String::new(),
                token_ends: None,
                ok: None,
                trial: None,
                ..open()
            }),
            consent: Some("https://canvas.marlowe.example/login/oauth2/auth?client_id=10000000000007".to_owned()),
            ..blank()
        };
        let failing = with(ApiState {
            throttled: Some(NOW),
            error: Some(("the LMS does not permit course completion".to_owned(), ago(60))),
            trial: Some((
                ago(60),
                false,
                vec![tried("people", Some("the LMS does not permit people"))],
            )),
            ..open()
        });
        let testing = with(ApiState {
            trial: Some((ago(1), true, Vec::new())),
            ..open()
        });
        let off = with(ApiState {
            enabled: false,
            trial: Some((ago(9_000), false, Vec::new())),
            ..open()
        });
        let early = Self {
            mistakes: Mistakes::one("course", Mistake::AskedJustNow { n: 42 }),
            ..with(open())
        };
        let (brightspace, moodle) = (of(ConnectionKind::Brightspace), of(ConnectionKind::Moodle));
        let mut all = vec![
            blank(),
            brightspace,
            moodle,
            unfit,
            waits,
            with(open()),
            failing,
            testing,
            off,
            early,
        ];
        all.extend(odd());
        all
    }
}

/// Hostile words, entered and stored.
fn odd() -> [ApiPage; 2] {
    let mut mistakes = Mistakes::none();
    mistakes.note("url", Mistake::LmsAddress);
    mistakes.note("client_id", Mistake::OneWord);
    mistakes.note("secret", Mistake::OneWord);
    mistakes.note("token_url", Mistake::TokenAddress);
    let entered = ApiPage {
        frame: hostile(Room::Lms),
        name: HOSTILE.to_owned(),
        kind: Some(ConnectionKind::Brightspace),
        url: HOSTILE.to_owned(),
        client_id: HOSTILE.to_owned(),
        token_url: HOSTILE.to_owned(),
        mistakes,
        ..blank()
    };
    let stored = ApiPage {
        frame: hostile(Room::Lms),
        connection: Some(ApiState {
            url: HOSTILE.to_owned(),
            account: HOSTILE.to_owned(),
            error: Some((HOSTILE.to_owned(), NOW)),
            trial: Some((NOW, false, vec![tried("function", Some(HOSTILE))])),
            ..open()
        }),
        courses: vec![(ID.to_owned(), HOSTILE.to_owned())],
        asked: vec![AskedCourse {
            id: ID.to_owned(),
            title: HOSTILE.to_owned(),
            error: Some(HOSTILE.to_owned()),
            ..AskedCourse::default()
        }],
        ..blank()
    };
    [entered, stored]
}
