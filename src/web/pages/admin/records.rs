//! The audit log, administrators, settings.

use askama::Template;

use crate::clock::Timestamp;
use crate::model::PastedAddresses;
use crate::web::pages::{Frame, Mistakes, Page, framed};
use crate::web::text::Text;

/// `/admin/audit`
#[derive(Clone, Debug, Default, Template)]
#[template(path = "admin/audit.html")]
pub struct AuditPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// What is searched for.
    pub search: String,
    /// The first day, as the field writes it.
    pub from: String,
    /// The last day.
    pub to: String,
    /// The deeds, the latest first.
    pub rows: Vec<DeedRow>,
    /// The query of the page with later ones.
    pub newer: Option<String>,
    /// The query of the page with earlier ones.
    pub older: Option<String>,
    /// The query of the table to download.
    pub query: String,
}

/// A deed.
#[derive(Clone, Debug)]
pub struct DeedRow {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub who: Actor,
    /// What.
    pub action: String,
    /// On which thing.
    pub subject: String,
    /// Facts.
    pub detail: String,
}

/// Who did something.
#[derive(Clone, Debug)]
pub enum Actor {
    /// An operator, on a page.
    Operator,
    /// By a command.
    Command,
    /// An LMS that registered itself.
    Registration,
    /// An administrator of the organisation.
    Administrator(String),
    /// A member, on a page of a course.
    Member(String),
    /// As it is written.
    Other(String),
}

impl Actor {
    /// Who, and from where.
    pub fn say(&self, text: &Text) -> String {
        match self {
            Self::Operator => text.say("audit-operator"),
            Self::Command => text.say("audit-command"),
            Self::Registration => text.say("audit-registration"),
            Self::Administrator(name) => text.msg("audit-administrator").with("name", name).to_string(),
            Self::Member(name) => text.msg("audit-member").with("name", name).to_string(),
            Self::Other(name) => name.clone(),
        }
    }
}

/// `/admin/people`. Posts `do` (`add`, `link`, `revoke`), `name`, `administrator`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "admin/people.html")]
pub struct AdministratorsPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The administrators.
    pub rows: Vec<AdministratorRow>,
    /// Whether the visitor may grant: operators.
    pub may_grant: bool,
    /// A link that was made just now: for whom, the address, for how many minutes.
    pub made: Option<(String, String, usize)>,
    /// What was entered.
    pub name: String,
    /// What was wrong.
    pub mistakes: Mistakes,
}

/// An administrator.
#[derive(Clone, Debug)]
pub struct AdministratorRow {
    /// Their id.
    pub id: String,
    /// Their name.
    pub name: String,
    /// Since when.
    pub since: Timestamp,
    /// When they signed in last.
    pub seen: Option<Timestamp>,
}

/// `/admin/settings`. Posts `pasted`, `domains`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "admin/settings.html")]
pub struct SettingsPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The policy: its word.
    pub pasted: &'static str,
    /// The domains, one in a line.
    pub domains: String,
    /// Limits of the installation: messages and numbers.
    pub limits: Vec<(&'static str, u64)>,
    /// What was wrong.
    pub mistakes: Mistakes,
}

impl SettingsPage {
    fn policies() -> [(&'static str, &'static str); 3] {
        [PastedAddresses::Off, PastedAddresses::Domains, PastedAddresses::Any].map(|policy| {
            let key = match policy {
                PastedAddresses::Off => "settings-off",
                PastedAddresses::Domains => "settings-domains",
                PastedAddresses::Any => "settings-any",
            };
            (policy.word(), key)
        })
    }

    fn is_chosen(&self, word: &str) -> bool {
        self.pasted == word
    }
}

impl Page for AuditPage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("audit-title")
    }
}

impl Page for AdministratorsPage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("people-admin-title")
    }

    fn is_refused(&self) -> bool {
        !self.mistakes.is_empty()
    }
}

impl Page for SettingsPage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("settings-title")
    }

    fn is_refused(&self) -> bool {
        !self.mistakes.is_empty()
    }
}
