//! Samples of what an LMS's administrator sees while an LMS is registered.

use super::{HOSTILE, ago, outside};
use crate::model::Lms;
use crate::model::encounter::Difference;
use crate::web::pages::register::{ConfirmPage, RegisteredPage};
use crate::web::pages::setup::{Arrival, Check, SetupPage, differs, steps};

impl ConfirmPage {
    /// Moodle, Canvas with its account, hostile words.
    pub fn samples() -> Vec<Self> {
        let moodle = Self {
            frame: outside(),
            organisation: "Marlowe Polytechnic".into(),
            issuer: "https://moodle.campus.example".into(),
            product: "moodle 4.5".into(),
            ticket: "c2FtcGxlLXRpY2tldA".into(),
            configuration: "https://moodle.campus.example/mod/lti/openid-configuration.php".into(),
            ..Self::default()
        };
        let canvas = Self {
            issuer: "https://canvas.instructure.com".into(),
            product: "canvas vCloud".into(),
            account: "Fernhill College".into(),
            shown_in: "https://fernhill.instructure.com".into(),
            enables: true,
            token: "c2FtcGxlLXRva2Vu".into(),
            ..moodle.clone()
        };
        let hostile = Self {
            organisation: HOSTILE.into(),
            issuer: format!("https://{HOSTILE}"),
            product: HOSTILE.into(),
            account: HOSTILE.into(),
            configuration: HOSTILE.into(),
            token: HOSTILE.into(),
            ..moodle.clone()
        };
        vec![moodle, canvas, hostile]
    }
}

impl RegisteredPage {
    /// Pending, on at once, still waiting, a hostile name.
    pub fn samples() -> Vec<Self> {
        let pending = Self {
            frame: outside(),
            is_pending: true,
            again: "/lti/register/c2FtcGxlLXRpY2tldA".into(),
            registration: "01930f3e-0000-7000-8000-000000000001".into(),
            name: "https://moodle.campus.example".into(),
            ..Self::default()
        };
        let at_once = Self {
            is_pending: false,
            ..pending.clone()
        };
        let waiting = Self {
            is_waiting: true,
            ..pending.clone()
        };
        let hostile = Self {
            name: HOSTILE.into(),
            ..pending.clone()
        };
        vec![pending, at_once, waiting, hostile]
    }
}

impl SetupPage {
    /// The values alone, nothing arrived yet, a refused login and a good launch, hostile texts.
    pub fn samples() -> Vec<Self> {
        let values = vec![
            ("setup-v-login", "https://badges.example/lti/login/h".to_owned()),
            ("setup-v-domain", "badges.example".to_owned()),
        ];
        let bare = Self {
            frame: outside(),
            values,
            families: Lms::ALL.into_iter().take(4).map(steps).collect(),
            check: None,
        };
        let check = Check {
            name: "Campus Moodle".into(),
            enabled: true,
            arrivals: Vec::new(),
        };
        let issuer = |received: &str, difference| {
            (
                "register-issuer",
                "https://moodle.example".to_owned(),
                received.to_owned(),
                differs(difference),
            )
        };
        let refused = Arrival {
            is_launch: false,
            at: ago(2),
            refused: Some("unknown_platform".into()),
            lines: vec![
                issuer("https://moodle.example/", Difference::Slash),
                issuer("https://Moodle.example", Difference::Case),
                issuer("http://moodle.example", Difference::Scheme),
                issuer("https://moodle.test.example", Difference::TestHost),
                issuer("https://other.example", Difference::Other),
                issuer("", Difference::NotReceived),
            ],
            lacks: Vec::new(),
        };
        let good = Arrival {
            is_launch: true,
            refused: None,
            lines: vec![issuer("https://moodle.example", Difference::Same)],
            lacks: vec![
                "self-no-name",
                "self-no-email",
                "self-no-context",
                "self-no-roster",
                "self-no-columns",
            ],
            ..refused.clone()
        };
        let hostile = Arrival {
            refused: Some(HOSTILE.into()),
            lines: vec![issuer(HOSTILE, Difference::Other)],
            ..refused.clone()
        };
        let with = |name: &str, enabled, arrivals| Self {
            check: Some(Check {
                name: name.into(),
                enabled,
                arrivals,
            }),
            ..bare.clone()
        };
        vec![
            bare.clone(),
            Self {
                check: Some(check),
                ..bare.clone()
            },
            with("Campus Moodle", true, vec![good, refused]),
            with(HOSTILE, false, vec![hostile]),
        ]
    }
}
