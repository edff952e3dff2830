//! LMSs of an organisation: the list, a new one, one with its self-check, deployments that wait.

use askama::Template;

use crate::clock::Timestamp;
use crate::model::Lms;
use crate::web::pages::setup::{Check, steps};
use crate::web::pages::{Frame, Mistakes, Page, framed};

/// `/admin/lms`
#[derive(Clone, Debug, Default, Template)]
#[template(path = "admin/lms.html")]
pub struct LmsListPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The registrations.
    pub rows: Vec<LmsRow>,
    /// Deployments that wait to be claimed.
    pub waiting: usize,
}

/// A registration in the list.
#[derive(Clone, Debug, Default)]
pub struct LmsRow {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The name of its family.
    pub family: &'static str,
    /// The issuer.
    pub issuer: String,
    /// The client id.
    pub client_id: String,
    /// How it stands.
    pub state: LmsState,
    /// Whether several organisations share it.
    pub shared: bool,
}

/// How a registration stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LmsState {
    /// Launches are let in.
    #[default]
    On,
    /// It was never switched on.
    Pending,
    /// It was switched off.
    Off,
}

impl LmsState {
    /// The colour's class and the word.
    pub const fn tag(self) -> (&'static str, &'static str) {
        match self {
            Self::On => ("done", "lms-enabled"),
            Self::Pending => ("wait", "lms-pending"),
            Self::Off => ("off", "lms-disabled"),
        }
    }

    /// Whether launches are let in.
    pub fn is_on(self) -> bool {
        self == Self::On
    }
}

/// The name of a family, as its makers write it.
pub(crate) const fn family(lms: Lms) -> &'static str {
    match lms {
        Lms::Canvas => "Canvas",
        Lms::Brightspace => "Brightspace",
        Lms::Moodle => "Moodle",
        Lms::Blackboard => "Blackboard",
        Lms::Sakai => "Sakai",
        Lms::OpenEdx => "Open edX",
        Lms::Generic => "LTI 1.3",
    }
}

/// `/admin/lms/new?lms=…`. Posts `do` (`link` or `add`), `lms` and the fields of a registration.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "admin/lms_new.html")]
pub struct LmsNewPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// A link that was made just now.
    pub made: Option<String>,
    /// The values to copy: the key of their name, and the value.
    pub values: Vec<(&'static str, String)>,
    /// The chosen family; empty: not yet.
    pub lms: &'static str,
    /// What was entered: the field and its text.
    pub entered: Vec<(&'static str, String)>,
    /// What was wrong.
    pub mistakes: Mistakes,
}

impl LmsNewPage {
    /// The fields of a registration: name in the form, message, and hint.
    pub const FIELDS: [(&'static str, &'static str, Option<&'static str>); 7] = [
        ("name", "lms-name", None),
        ("issuer", "lms-issuer", Some("lms-exact")),
        ("client_id", "lms-client", None),
        ("auth", "lms-auth", None),
        ("token", "lms-token", None),
        ("keys", "lms-keys", None),
        ("deployment", "lms-deployment", None),
    ];

    fn value(&self, field: &str) -> &str {
        self.entered
            .iter()
            .find(|(name, _)| *name == field)
            .map_or("", |(_, value)| value.as_str())
    }

    fn families() -> [(&'static str, &'static str); 7] {
        Lms::ALL.map(|lms| (lms.word(), family(lms)))
    }

    fn is_chosen(&self) -> bool {
        !self.lms.is_empty()
    }

    fn family(&self) -> Lms {
        self.lms.parse().unwrap_or(Lms::Generic)
    }

    /// Whether an LMS of the family can register itself at an address.
    fn registers_itself(&self) -> bool {
        self.family() != Lms::OpenEdx
    }

    /// The keys of what is done in the LMS, step by step.
    fn guide(&self) -> &'static [&'static str] {
        let all = steps(self.family()).1;
        // the last one leads to the operator, which the form below does
        match (self.family(), all.split_last()) {
            (Lms::Blackboard, _) | (_, None) => all,
            (_, Some((_, rest))) => rest,
        }
    }

    fn is_family(&self, word: &str) -> bool {
        self.lms == word
    }

    fn is_wrong(&self, field: &str) -> bool {
        self.mistakes.of(field).is_some()
    }

    fn is_optional(field: &str) -> bool {
        field == "deployment"
    }
}

/// `/admin/lms/{registration}`. Posts `do` (`on`, `off`, `keep`), `name`, `anonymous`, `administrators`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "admin/lms_one.html")]
pub struct LmsPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The registration.
    pub row: LmsRow,
    /// Whether this visitor may change it.
    pub may_change: bool,
    /// Whether administrators of the LMS may be let in at all.
    pub may_let_in: bool,
    /// Whether launches that say nothing of the person are accepted.
    pub anonymous: bool,
    /// Whether administrators of the LMS may look after its settings, deployments and feeds.
    pub administrators: bool,
    /// The values to copy.
    pub values: Vec<(&'static str, String)>,
    /// The organisation's own deployments.
    pub deployments: Vec<String>,
    /// What arrived last; absent where it may be another organisation's.
    pub check: Option<Check>,
    /// Whether another client id than the stored one arrived last, and this visitor may take it over.
    pub other_client: bool,
    /// What was entered as the name.
    pub name: String,
    /// What was wrong.
    pub mistakes: Mistakes,
}

/// `/admin/lms/{registration}/client`: the client id that arrived, instead of the stored one. Posts `client_id`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "admin/client.html")]
pub struct ClientIdPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The registration's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The client id that is stored.
    pub stored: String,
    /// The one that arrived.
    pub arrived: String,
    /// What was wrong.
    pub mistakes: Mistakes,
}

/// `/admin/deployments` and `/c/{seat}/deployments`. Posts `deployment` and `do` (`claim`, `refuse`, `reopen`).
#[derive(Clone, Debug, Default, Template)]
#[template(path = "admin/deployments.html")]
pub struct DeploymentsPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// Where the forms are sent.
    pub action: String,
    /// Where the list of LMSs, or the one LMS, is.
    pub back: String,
    /// The deployments that wait.
    pub rows: Vec<WaitingDeployment>,
    /// Those that were refused.
    pub refused: Vec<WaitingDeployment>,
}

/// A deployment that nobody claimed.
#[derive(Clone, Debug, Default)]
pub struct WaitingDeployment {
    /// Its id.
    pub id: String,
    /// The registration's name.
    pub lms: String,
    /// The issuer.
    pub issuer: String,
    /// As the LMS writes it.
    pub deployment: String,
    /// How the LMS calls itself.
    pub says: String,
    /// When it was first seen, or refused.
    pub seen: Timestamp,
}

impl Page for LmsListPage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("lms-title")
    }
}

impl Page for LmsNewPage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("lms-new")
    }

    fn is_refused(&self) -> bool {
        !self.mistakes.is_empty()
    }
}

impl Page for LmsPage {
    framed!();

    fn heading(&self) -> String {
        self.row.name.clone()
    }

    fn is_refused(&self) -> bool {
        !self.mistakes.is_empty()
    }
}

impl Page for ClientIdPage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("client-title")
    }

    fn is_refused(&self) -> bool {
        !self.mistakes.is_empty()
    }
}

impl Page for DeploymentsPage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("deployments-title")
    }
}
