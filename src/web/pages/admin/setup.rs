//! `/admin`: what is set up, and what is left to do.

use askama::Template;

use crate::web::pages::operator::FactoryLink;
use crate::web::pages::{Frame, Page, framed};

/// The page.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "admin/setup.html")]
pub struct AdminSetupPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The five tasks, in their order.
    pub tasks: Vec<Task>,
    /// How the organisation is connected.
    pub link: FactoryLink,
    /// What stands beside the tasks once Factory and LMS are done.
    pub glance: Option<Glance>,
}

/// A task.
#[derive(Clone, Debug)]
pub struct Task {
    /// The message that names it.
    pub title: &'static str,
    /// Where it is done.
    pub href: &'static str,
    /// The message that says what for.
    pub hint: &'static str,
    /// What there is already; else the hint is shown.
    pub detail: String,
    /// How it stands.
    pub state: TaskState,
}

/// How a task stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskState {
    /// Not started.
    None,
    /// Begun, or waiting for the LMS.
    Going,
    /// Done.
    Done,
    /// Something is wrong.
    Problem,
}

/// The organisation at a glance.
#[derive(Clone, Copy, Debug, Default)]
pub struct Glance {
    /// Orders that are not settled.
    pub orders: usize,
    /// Awards of the last seven days.
    pub issued: usize,
    /// Problems that stand.
    pub problems: usize,
    /// Courses that were opened.
    pub courses: usize,
}

impl TaskState {
    /// The colour's class and the word.
    pub const fn tag(self) -> (&'static str, &'static str) {
        match self {
            Self::None => ("off", "st-none"),
            Self::Going => ("wait", "st-going"),
            Self::Done => ("done", "st-done"),
            Self::Problem => ("fail", "st-problem"),
        }
    }
}

impl AdminSetupPage {
    /// How many tasks are done.
    fn done(&self) -> usize {
        self.tasks.iter().filter(|task| task.state == TaskState::Done).count()
    }

    /// What a certificate that ends soon asks for: thirty days before.
    fn warning(&self) -> Option<String> {
        let FactoryLink::Certificate { until, days } = self.link else {
            return None;
        };
        let text = &self.frame.text;
        match days {
            ..0 => Some(text.msg("cert-expired").with("date", text.date(until)).to_string()),
            0..=30 => Some(
                text.msg("cert-days")
                    .with("n", days)
                    .with("date", text.date(until))
                    .to_string(),
            ),
            _ => None,
        }
    }
}

impl Page for AdminSetupPage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("admin-title")
    }
}
