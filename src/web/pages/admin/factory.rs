//! `/admin/factory`: how the organisation is connected to its Factory, and how the last try went.

use askama::Template;

use crate::clock::Timestamp;
use crate::model::connecting::{Attempted, ConnectFailure, ConnectKind, ConnectReason, ConnectStep};
use crate::web::pages::operator::FactoryLink;
use crate::web::pages::{Frame, Mistakes, Page, framed};
use crate::web::text::Text;

/// The page. Posts `do` (`key`, `certificate`, `secret`, `test`), `host`, `other`, and what that needs.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "admin/factory.html")]
pub struct FactoryPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// What is in use.
    pub connected: Option<Connected>,
    /// Whether a new identity waits to be proven.
    pub has_pending: bool,
    /// Awards that wait for a connection.
    pub waiting: usize,
    /// The last try.
    pub attempt: Option<Attempted>,
    /// Whether it is under way.
    pub is_running: bool,
    /// The addresses to choose from.
    pub hosts: Vec<String>,
    /// The chosen one.
    pub host: String,
    /// Whether another address may be entered, and what was.
    pub other: Option<String>,
    /// Which of the other ways is open: its form was refused.
    pub open: Option<ConnectKind>,
    /// The client id that was entered.
    pub client_id: String,
    /// What was wrong.
    pub mistakes: Mistakes,
}

/// What is in use.
#[derive(Clone, Debug, Default)]
pub struct Connected {
    /// The client id at the Factory.
    pub client_id: String,
    /// The Factory's address.
    pub url: String,
    /// Certificate or secret.
    pub link: FactoryLink,
    /// How much of the certificate's year is over, in percent.
    pub spent: u8,
    /// When the Factory answered last.
    pub last_ok: Option<Timestamp>,
}

/// How a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepState {
    /// Done.
    Done,
    /// Failed.
    Failed,
    /// Not reached.
    Idle,
}

impl FactoryPage {
    /// The steps of the last try, each with its message and how it stands.
    fn trail(&self) -> Vec<(&'static str, StepState)> {
        let Some(attempt) = &self.attempt else {
            return Vec::new();
        };
        let mut over = self.is_running;
        let state = |step: &ConnectStep| {
            let is_failed = attempt.failure.as_ref().is_some_and(|failure| failure.step == *step);
            let state = match (over, is_failed) {
                (true, _) => StepState::Idle,
                (false, true) => StepState::Failed,
                (false, false) => StepState::Done,
            };
            over |= is_failed;
            (step_key(*step), state)
        };
        attempt.kind.steps().iter().map(state).collect()
    }

    fn is_chosen(&self, host: &str) -> bool {
        self.host == host
    }

    fn failure(&self) -> Option<&ConnectFailure> {
        self.attempt.as_ref().and_then(|attempt| attempt.failure.as_ref())
    }

    fn has_succeeded(&self) -> bool {
        !self.is_running && self.attempt.as_ref().is_some_and(|attempt| attempt.failure.is_none())
    }

    fn is_open(&self, kind: &str) -> bool {
        self.open.is_some_and(|open| open.word() == kind)
    }

    fn explain(&self, failure: &ConnectFailure) -> String {
        let host = self.attempt.as_ref().map_or("", |attempt| host_of(&attempt.url));
        say(&self.frame.text, failure.reason, host)
    }
}

/// The host of a Factory's address.
pub(crate) fn host_of(url: &str) -> &str {
    url.strip_prefix("https://").unwrap_or(url)
}

const fn step_key(step: ConnectStep) -> &'static str {
    match step {
        ConnectStep::Read => "fac-step-read",
        ConnectStep::Fresh => "fac-step-fresh",
        ConnectStep::Request => "fac-step-request",
        ConnectStep::Sign => "fac-step-sign",
        ConnectStep::Ping => "fac-step-ping",
    }
}

fn say(text: &Text, reason: ConnectReason, host: &str) -> String {
    let key = match reason {
        ConnectReason::Empty => "fac-e-empty",
        ConnectReason::Cut => "fac-e-cut",
        ConnectReason::Foreign => "fac-e-foreign",
        ConnectReason::Old => "fac-e-old",
        ConnectReason::Clock => "fac-e-clock",
        ConnectReason::Used => "fac-e-used",
        ConnectReason::Make => "fac-e-make",
        ConnectReason::Refused => "fac-e-refused",
        ConnectReason::Down => "fac-e-down",
        ConnectReason::NotAFactory => "fac-e-not",
        ConnectReason::Unusable => "fac-e-unusable",
        ConnectReason::Ping => "fac-e-ping",
        ConnectReason::OtherClient => "fac-e-other",
        ConnectReason::Taken => "fac-e-taken",
        ConnectReason::NoIdentity => "fac-e-none",
        ConnectReason::Interrupted => "fac-e-interrupted",
    };
    text.msg(key).with("host", host).to_string()
}

impl Page for FactoryPage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("task-factory")
    }

    fn is_refused(&self) -> bool {
        !self.mistakes.is_empty()
    }

    fn is_live(&self) -> bool {
        self.is_running
    }
}
