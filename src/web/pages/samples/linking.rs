//! Samples of what launches without cookies and placing content show.

use super::{HOSTILE, outside};
use crate::web::pages::storage::{StoragePage, WindowPage};

impl StoragePage {
    /// An ordinary one, and one whose platform names odd things.
    pub fn samples() -> Vec<Self> {
        let page = Self {
            frame: outside(),
            target: "_parent".into(),
            origin: "https://lms.example".into(),
            key: "lti_state_c2FtcGxl".into(),
            value: "c2FtcGxlLXNlY3JldA".into(),
            next: "https://lms.example/auth?scope=openid&state=c2FtcGxl".into(),
        };
        let hostile = Self {
            target: HOSTILE.into(),
            next: format!("https://lms.example/auth?hint={HOSTILE}"),
            ..page.clone()
        };
        vec![page, hostile]
    }
}

impl WindowPage {
    /// The only one there is.
    pub fn samples() -> Vec<Self> {
        vec![Self {
            frame: outside(),
            ticket: "c2FtcGxlLXRpY2tldA".into(),
        }]
    }
}
