//! Samples of learners' pages, of pages beside the work, and of errors.

use super::super::error::{ErrorKind, ErrorPage, LaunchFault};
use super::super::info::{HelpPage, PreferencesPage, PrivacyPage};
use super::super::register::RegisterFault;
use super::super::sso::SsoFault;
use super::super::storage::Probe;
use super::super::{Flash, Frame, SeatRole, Section};
use super::{HOSTILE, NOW, course, outside, staff};

impl HelpPage {
    /// In a course and outside.
    pub fn samples() -> Vec<Self> {
        vec![
            Self {
                frame: staff(Section::Beside),
            },
            Self { frame: outside() },
        ]
    }
}

impl PrivacyPage {
    /// In a course and outside.
    pub fn samples() -> Vec<Self> {
        vec![
            Self {
                frame: course(None, SeatRole::Learner),
            },
            Self { frame: outside() },
        ]
    }
}

impl PreferencesPage {
    /// As it opens, and after a change.
    pub fn samples() -> Vec<Self> {
        let page = Self {
            frame: staff(Section::Beside),
            back: "/c/01930f3e/history?page=2".into(),
        };
        let changed = Frame {
            flash: Some(Flash::PreferencesKept),
            ..course(None, SeatRole::Learner)
        };
        vec![
            page,
            Self {
                frame: changed,
                back: String::new(),
            },
        ]
    }
}

impl ErrorPage {
    /// One of each kind; some with a way back, one hostile.
    pub fn samples() -> Vec<Self> {
        let home = || Some("/c/01930f3e".to_owned());
        let mut kinds = vec![
            ErrorKind::CookiesBlocked,
            ErrorKind::Replayed,
            ErrorKind::SessionEnded,
            ErrorKind::NoSession,
            ErrorKind::Form,
            ErrorKind::UnknownDeployment,
            ErrorKind::RefusedDeployment {
                organisation: Some(HOSTILE.to_owned()),
            },
            ErrorKind::RefusedDeployment { organisation: None },
            ErrorKind::UnknownLms,
            ErrorKind::LmsOff,
            ErrorKind::MessageType { kind: HOSTILE.into() },
            ErrorKind::NotAllowed,
            ErrorKind::NotFound { home: home() },
            ErrorKind::NotFound { home: None },
            ErrorKind::Method,
            ErrorKind::TooLarge,
            ErrorKind::BadRequest,
            ErrorKind::TooMany { minutes: 10 },
            ErrorKind::KeysUnreachable,
            ErrorKind::Platform {
                code: "login_required".into(),
                description: HOSTILE.into(),
            },
            ErrorKind::SignIn,
            ErrorKind::SignInLink,
            ErrorKind::OperatorsOnly,
            ErrorKind::NoOrganisation,
            ErrorKind::Ours,
            ErrorKind::Busy,
        ];
        kinds.extend(LaunchFault::ALL.into_iter().map(ErrorKind::Launch));
        kinds.extend(SsoFault::ALL.into_iter().map(ErrorKind::SingleSignOn));
        kinds.extend(RegisterFault::all(HOSTILE).into_iter().map(ErrorKind::Register));
        kinds
            .into_iter()
            .enumerate()
            .map(|(row, kind)| Self {
                frame: outside(),
                kind,
                reference: "BB-7Q4K-21NOV".into(),
                at: NOW,
                probe: None,
                back: (row.is_multiple_of(2)).then(|| "https://lms.example/course/view.php?id=2&x=\"y\"".into()),
                platform: (row % 4 == 1).then(|| "https://lms.example".into()),
            })
            .chain([Self::asking_the_storage()])
            .collect()
    }

    fn asking_the_storage() -> Self {
        let probe = Probe {
            target: "_parent".into(),
            origin: "https://lms.example".into(),
            key: "lti_state_c2FtcGxl".into(),
            pending: "c2FtcGxl".into(),
        };
        Self {
            frame: outside(),
            kind: ErrorKind::CookiesBlocked,
            reference: "BB-7Q4K-21NOV".into(),
            at: NOW,
            back: Some("https://lms.example/course/view.php?id=2".into()),
            platform: None,
            probe: Some(probe),
        }
    }
}
