//! Samples of what an LMS's administrator sees while an LMS is registered.

use super::{HOSTILE, outside};
use crate::web::pages::register::{ConfirmPage, RegisteredPage};

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
