//! Signing in to the administration, and the pages of operators.

use askama::Template;

use super::admin::setup::TaskState;
use super::{Frame, Mistakes, Page, framed};
use crate::clock::Timestamp;
use crate::model::finding::{Finding, Health};
use crate::web::text::Text;

/// `/operator/welcome/{code}`: whom the link lets in, and the button that does it. Posts `ticket`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "operator/welcome.html")]
pub struct WelcomePage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The code.
    pub code: String,
    /// The administrator and their organisation; absent: an operator.
    pub administrator: Option<(String, String)>,
}

/// `/operator/goodbye`: signed out.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "operator/goodbye.html")]
pub struct GoodbyePage {
    /// What surrounds the page.
    pub frame: Frame,
}

/// `/operator`: the installation at a glance.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "operator/overview.html")]
pub struct OverviewPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// How many checks fail.
    pub failing: usize,
    /// How many points need somebody's look.
    pub to_look_at: usize,
    /// What a new installation still needs: the message, where it is done, how it stands. None once all is done.
    pub tasks: Vec<(&'static str, &'static str, TaskState)>,
    /// The address that LMSs see.
    pub address: String,
    /// How many organisations there are.
    pub organisations: usize,
    /// How many registrations there are.
    pub registrations: usize,
    /// How many deployments nobody claimed.
    pub waiting: usize,
}

/// `/operator/health`: everything that `doctor` looks at.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "operator/health.html")]
pub struct HealthPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// What was found, what fails first.
    pub findings: Vec<Finding>,
}

/// `/operator/organisations`. Posts `do` (`add`, `rename`, `open`), `organisation` and `name`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "operator/organisations.html")]
pub struct OrganisationsPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The organisations by name.
    pub rows: Vec<OrganisationRow>,
    /// What was entered for a new one.
    pub new: String,
    /// What was wrong: in `name`, or in the row that was sent.
    pub mistakes: Mistakes,
}

/// An organisation in the list.
#[derive(Clone, Debug, Default)]
pub struct OrganisationRow {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How it is connected.
    pub link: FactoryLink,
    /// What was entered as its new name, where that was refused.
    pub entered: Option<String>,
}

/// How an organisation is connected to its Factory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FactoryLink {
    /// Not yet.
    #[default]
    None,
    /// By a client secret.
    Token,
    /// By a certificate.
    Certificate {
        /// Its last moment.
        until: Timestamp,
        /// Whole days left; negative after it.
        days: i64,
    },
}

impl FactoryLink {
    /// The colour's class: thirty days before its end a certificate is shown, seven days before it is urgent.
    pub const fn class(self) -> &'static str {
        match self {
            Self::None => "off",
            Self::Certificate { days, .. } if days <= 7 => "fail",
            Self::Certificate { days, .. } if days <= 30 => "hold",
            Self::Token | Self::Certificate { .. } => "done",
        }
    }

    /// Whether it is a certificate, which has an end.
    pub const fn is_certificate(self) -> bool {
        matches!(self, Self::Certificate { .. })
    }

    /// The words for it.
    pub fn say(self, text: &Text) -> String {
        match self {
            Self::None => text.say("organisations-not-connected"),
            Self::Token => text.say("organisations-token"),
            Self::Certificate { until, .. } => text
                .msg("organisations-until")
                .with("date", text.date(until))
                .to_string(),
        }
    }
}

/// The colour's class and the word of how something stands.
pub(crate) const fn health(state: Health) -> (&'static str, &'static str) {
    match state {
        Health::Ok => ("done", "health-ok"),
        Health::Look => ("hold", "health-look"),
        Health::Fail => ("fail", "health-fail"),
    }
}

impl Page for WelcomePage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("welcome-title")
    }
}

impl Page for GoodbyePage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("goodbye-title")
    }
}

impl Page for OverviewPage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("overview-title")
    }
}

impl Page for HealthPage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("health-title")
    }
}

impl Page for OrganisationsPage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("organisations-title")
    }

    fn is_refused(&self) -> bool {
        !self.mistakes.is_empty()
    }
}
