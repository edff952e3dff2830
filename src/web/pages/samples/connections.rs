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

impl ApiPage {
    /// None of each kind, none that fits, a consent that is asked for, open and tested, failing, off, refused forms,
    /// hostile words.
    pub fn samples() -> Vec<Self> {
        let blank = Self {
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
            ..Self::default()
        };
        let of = |kind| Self {
            kinds: vec![kind],
            kind: Some(kind),
            ..blank.clone()
        };
        let state = ApiState {
            kind: ConnectionKind::Canvas,
            url: "https://canvas.marlowe.example".to_owned(),
            enabled: true,
            waits: true,
            asks_consent: true,
            account: String::new(),
            token_ends: None,
            throttled: None,
            ok: None,
            error: None,
            trial: None,
        };
        let waits = Self {
            connection: Some(state.clone()),
            consent: Some("https://canvas.marlowe.example/login/oauth2/auth?client_id=10000000000007".to_owned()),
            ..blank.clone()
        };
        let open = ApiState {
            waits: false,
            account: "Badge Service".to_owned(),
            token_ends: Some(NOW),
            ok: Some(ago(300)),
            trial: Some((
                ago(60),
                false,
                vec![tried("token", None), tried("course completion", None)],
            )),
            ..state.clone()
        };
        let working = Self {
            connection: Some(open.clone()),
            courses: vec![(ID.to_owned(), "Biology of cells".to_owned())],
            asked: vec![AskedCourse {
                id: ID.to_owned(),
                title: "Biology of cells".to_owned(),
                at: Some(ago(300)),
                next: Some(NOW),
                error: None,
            }],
            ..blank.clone()
        };
        let with = |connection| Self {
            connection: Some(connection),
            ..working.clone()
        };
        let failing = with(ApiState {
            throttled: Some(NOW),
            error: Some(("the LMS does not permit course completion".to_owned(), ago(60))),
            trial: Some((
                ago(60),
                false,
                vec![tried("people", Some("the LMS does not permit people"))],
            )),
            ..open.clone()
        });
        let testing = with(ApiState {
            trial: Some((ago(1), true, Vec::new())),
            ..open.clone()
        });
        let off = with(ApiState {
            enabled: false,
            trial: Some((ago(9_000), false, Vec::new())),
            ..open.clone()
        });
        let mut mistakes = Mistakes::none();
        mistakes.note("url", Mistake::LmsAddress);
        mistakes.note("client_id", Mistake::OneWord);
        mistakes.note("secret", Mistake::OneWord);
        mistakes.note("token_url", Mistake::TokenAddress);
        let refused = Self {
            frame: hostile(Room::Lms),
            name: HOSTILE.to_owned(),
            url: HOSTILE.to_owned(),
            client_id: HOSTILE.to_owned(),
            token_url: HOSTILE.to_owned(),
            mistakes,
            ..of(ConnectionKind::Brightspace)
        };
        let early = Self {
            mistakes: Mistakes::one("course", Mistake::AskedJustNow { n: 42 }),
            ..working.clone()
        };
        let odd = Self {
            frame: hostile(Room::Lms),
            connection: Some(ApiState {
                url: HOSTILE.to_owned(),
                account: HOSTILE.to_owned(),
                error: Some((HOSTILE.to_owned(), NOW)),
                trial: Some((NOW, false, vec![tried("function", Some(HOSTILE))])),
                ..open
            }),
            courses: vec![(ID.to_owned(), HOSTILE.to_owned())],
            asked: vec![AskedCourse {
                id: ID.to_owned(),
                title: HOSTILE.to_owned(),
                error: Some(HOSTILE.to_owned()),
                ..AskedCourse::default()
            }],
            ..blank.clone()
        };
        let unfit = Self {
            kinds: Vec::new(),
            kind: None,
            values: Vec::new(),
            needs: Vec::new(),
            ..blank.clone()
        };
        let (brightspace, moodle) = (of(ConnectionKind::Brightspace), of(ConnectionKind::Moodle));
        vec![
            blank,
            brightspace,
            moodle,
            unfit,
            waits,
            working,
            failing,
            testing,
            off,
            refused,
            early,
            odd,
        ]
    }
}
