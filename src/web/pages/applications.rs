//! Applications of a course for its staff: what waits, one of them, and the decision.

use askama::Template;

use super::apply::ApplicationWord;
use super::{Badge, Frame, Mistakes, Page, framed};
use crate::clock::Timestamp;
use crate::web::clean::Clean;

/// `/c/{seat}/applications`. Posts `decision`, `message`, and `application` once for each tick.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "course/applications.html")]
pub struct ApplicationsPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// Those that wait for a decision here, the oldest first.
    pub waiting: Vec<Row>,
    /// Those that somebody else decides: other applicants, the Factory.
    pub elsewhere: Vec<Row>,
    /// Decisions on their way, and what is decided or not at the Factory.
    pub others: Vec<Row>,
    /// When applications made on the Factory's page were read.
    pub read: Option<Timestamp>,
    /// Whether reading fails at present.
    pub is_away: bool,
    /// The Factory's name.
    pub factory: String,
    /// What was entered.
    pub entered: Entered,
    /// What was wrong.
    pub mistakes: Mistakes,
}

/// One application in a list.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its id.
    pub id: String,
    /// Who applied.
    pub name: String,
    /// The badge.
    pub badge: String,
    /// When.
    pub at: Timestamp,
    /// Where it stands.
    pub word: ApplicationWord,
    /// The message that says how it is decided; empty where staff decide.
    pub method: &'static str,
    /// Whether the last decision was refused.
    pub was_refused: bool,
    /// Whether it is ticked.
    pub ticked: bool,
}

/// What was entered for a decision.
#[derive(Clone, Debug, Default)]
pub struct Entered {
    /// `approve`, `reject` or nothing.
    pub decision: String,
    /// The message.
    pub message: String,
}

/// `/c/{seat}/applications/{application}`. Posts `decision` and `message`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "course/application.html")]
pub struct ApplicationPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// Its address below the seat.
    pub action: String,
    /// Who applied.
    pub name: String,
    /// The address, for who may see it.
    pub email: Option<String>,
    /// The page about the person; nothing where that is not known.
    pub person: Option<String>,
    /// The badge.
    pub badge: Badge,
    /// The badge's criteria.
    pub criteria: Option<Clean>,
    /// When it was sent.
    pub at: Timestamp,
    /// Whether it was made on the Factory's page.
    pub from_factory: bool,
    /// Where it stands.
    pub word: Option<ApplicationWord>,
    /// Questions and answers.
    pub answers: Vec<(String, String)>,
    /// Files.
    pub files: Vec<File>,
    /// Whether what was sent becomes evidence.
    pub is_evidence: bool,
    /// Earlier applications of the same person with this form.
    pub earlier: Vec<Earlier>,
    /// What is decided; nothing while it waits.
    pub decided: Option<Decided>,
    /// Why the Factory did not take the last decision, or the application.
    pub reason: Option<String>,
    /// Whether it can be decided here at all.
    pub is_open: bool,
    /// The message that says who decides otherwise; empty where staff decide.
    pub method: &'static str,
    /// The award that came of it.
    pub award: Option<String>,
    /// The others that wait: id and name.
    pub queue: Vec<(String, String)>,
    /// Where the next one is; the list if there is none.
    pub skip: String,
    /// The Factory's name.
    pub factory: String,
    /// What was entered.
    pub entered: Entered,
    /// What was wrong.
    pub mistakes: Mistakes,
}

/// A file that was handed in.
#[derive(Clone, Debug)]
pub struct File {
    /// Where it is downloaded.
    pub href: String,
    /// Its name.
    pub name: String,
    /// Its ending.
    pub ending: String,
    /// Its size in bytes.
    pub size: u64,
}

impl File {
    /// Its size, in kilobytes or megabytes.
    pub fn size(&self, text: &crate::web::text::Text) -> String {
        let kilobytes = self.size.div_ceil(1_000);
        if kilobytes < 1_000 {
            text.msg("size-kb").with("n", kilobytes).to_string()
        } else {
            let tenths = self.size.div_ceil(100_000);
            text.msg("size-mb")
                .with("n", tenths / 10)
                .with("m", tenths % 10)
                .to_string()
        }
    }
}

/// An earlier application.
#[derive(Clone, Debug)]
pub struct Earlier {
    /// When it was sent.
    pub at: Timestamp,
    /// Where it stands.
    pub word: ApplicationWord,
    /// What the reviewer wrote.
    pub message: Option<String>,
}

/// What is decided.
#[derive(Clone, Debug)]
pub struct Decided {
    /// Who; empty if the Factory does not tell.
    pub who: String,
    /// When.
    pub at: Timestamp,
    /// What the reviewer wrote.
    pub message: Option<String>,
    /// Decided at the Factory.
    pub elsewhere: bool,
}

impl Page for ApplicationsPage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("apps-title")
    }

    fn is_refused(&self) -> bool {
        !self.mistakes.is_empty()
    }
}

impl Page for ApplicationPage {
    framed!();

    fn heading(&self) -> String {
        let text = &self.frame.text;
        text.msg("app-title")
            .with("name", &self.name)
            .with("badge", &self.badge.name)
            .to_string()
    }

    fn is_refused(&self) -> bool {
        !self.mistakes.is_empty()
    }
}
