//! Applying for a badge: the badge, its criteria, the learner's own state, and the form.

use askama::Template;

use super::{AwardWord, Badge, Frame, Mistakes, Page, framed};
use crate::clock::Timestamp;
use crate::model::form::Method;
use crate::web::clean::Clean;
use crate::web::text::Text;

/// `/c/{seat}/apply/{form}`. Posts `csrf`, `key`, `code`, `attach`, and a field for each question.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "learner/apply.html")]
pub struct ApplyPage {
    /// What surrounds the page; without navigation.
    pub frame: Frame,
    /// Where the form goes.
    pub action: String,
    /// The one-time key of this form.
    pub key: String,
    /// The badge.
    pub badge: Badge,
    /// What the form is for; may be empty.
    pub line: String,
    /// The badge's criteria.
    pub criteria: Option<Clean>,
    /// The message that says who decides.
    pub who_decides: &'static str,
    /// The latest application.
    pub latest: Option<Latest>,
    /// What stands in the way of applying; `None` shows the form.
    pub hurdle: Option<Hurdle>,
    /// The applicant's name, as the course gives it.
    pub name: String,
    /// The applicant's address, as the course gives it.
    pub email: String,
    /// Texts and questions.
    pub items: Vec<ShownItem>,
    /// Whether a claim code is asked for.
    pub asks_code: bool,
    /// Whether the applicant may say that it becomes evidence; and whether that is chosen.
    pub attach: Option<bool>,
    /// The Factory's own page with the form.
    pub elsewhere: Option<String>,
    /// The Factory's name.
    pub factory: String,
    /// When it was begun, where it was not sent.
    pub started: Option<Timestamp>,
    /// What would be sent, to be checked: question and answer. `None` shows the form.
    pub check: Option<Vec<(String, String)>>,
    /// Whether what is entered is checked on a page of its own before it is sent.
    pub is_checked: bool,
    /// What was wrong.
    pub mistakes: Mistakes,
}

/// The learner's latest application.
#[derive(Clone, Debug)]
pub struct Latest {
    /// Where it stands.
    pub word: ApplicationWord,
    /// When it was sent.
    pub at: Timestamp,
    /// When it was decided.
    pub decided: Option<Timestamp>,
    /// Who decided.
    pub who: Option<String>,
    /// What the reviewer wrote, or the Factory's reason.
    pub message: Option<String>,
    /// The award that came of it.
    pub award: Option<AwardWord>,
    /// What was answered: question and answer.
    pub answers: Vec<(String, String)>,
}

/// A state of an application, as pages name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApplicationWord {
    /// Stored here, on its way to the Factory.
    Sending,
    /// The answer was lost twice: nobody knows whether the Factory has it.
    Lost,
    /// Waits for a decision.
    Pending,
    /// Decided here, the decision is on its way.
    Deciding,
    /// The badge was issued.
    Approved,
    /// It was not.
    Rejected,
    /// The Factory did not take it.
    Refused,
    /// The Factory has it no more.
    Gone,
}

impl ApplicationWord {
    /// The class of the tag.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Sending | Self::Pending | Self::Deciding => "wait",
            Self::Approved => "done",
            Self::Rejected | Self::Refused => "fail",
            Self::Lost => "hold",
            Self::Gone => "off",
        }
    }

    /// The message that names it.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Sending => "ap-sending",
            Self::Lost => "ap-lost",
            Self::Pending => "ap-pending",
            Self::Deciding => "ap-deciding",
            Self::Approved => "ap-approved",
            Self::Rejected => "ap-rejected",
            Self::Refused => "ap-refused",
            Self::Gone => "ap-gone",
        }
    }

    /// The word for the applicant, to whom a decision on its way is not told yet.
    pub const fn learner_key(self) -> &'static str {
        match self {
            Self::Deciding => "ap-pending",
            Self::Gone => "ap-none",
            other => other.key(),
        }
    }
}

/// Why nobody can apply now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hurdle {
    /// An application is on its way, waits or was approved: its state says enough.
    HasOne,
    /// Only learners apply; staff see what they would see.
    NotALearner,
    /// The visitor is a test student.
    TestStudent,
    /// The LMS does not say who the visitor is.
    Anonymous,
    /// The LMS shares no address.
    NoEmail,
    /// The window is closed.
    Closed {
        /// From when it is open.
        from: Option<Timestamp>,
        /// To when it is open.
        to: Option<Timestamp>,
    },
    /// Only the Factory's own page can be filled in.
    Elsewhere,
    /// The form is not offered any more.
    Gone,
}

impl Hurdle {
    /// What it means and what to do; nothing where the state says enough.
    pub fn say(&self, text: &Text, factory: &str) -> Option<String> {
        let day = |moment: &Option<Timestamp>| moment.map(|moment| text.date(moment)).unwrap_or_default();
        Some(match self {
            Self::HasOne => return None,
            Self::NotALearner => text.say("apply-not-learner"),
            Self::TestStudent => text.say("apply-test"),
            Self::Anonymous => text.say("apply-anonymous"),
            Self::NoEmail => text.say("apply-no-email"),
            Self::Closed { from, to } => {
                let key = match (from, to) {
                    (Some(_), Some(_)) => "apply-closed",
                    (Some(_), None) => "apply-closed-until",
                    _ => "apply-closed-since",
                };
                text.msg(key).with("from", day(from)).with("to", day(to)).to_string()
            }
            Self::Elsewhere => text.msg("apply-elsewhere").with("factory", factory).to_string(),
            Self::Gone => text.say("apply-gone"),
        })
    }
}

/// A piece of the form.
#[derive(Clone, Debug)]
pub enum ShownItem {
    /// A text between questions.
    Text(String),
    /// A question.
    Field(ShownField),
}

/// A question.
#[derive(Clone, Debug)]
pub struct ShownField {
    /// The field's id and name.
    pub id: &'static str,
    /// What is asked.
    pub label: String,
    /// How it is answered.
    pub kind: ShownKind,
    /// Whether it must be answered.
    pub required: bool,
    /// What is filled in or chosen.
    pub values: Vec<String>,
}

/// How a question is answered; choices are pairs of value and words.
#[derive(Clone, Debug)]
pub enum ShownKind {
    /// One line, with the input's type.
    Line(&'static str),
    /// Several lines.
    Area,
    /// Radio buttons.
    Radios(Vec<(String, String)>),
    /// A list.
    List(Vec<(String, String)>),
    /// Tick boxes.
    Ticks(Vec<(String, String)>),
    /// A file, with what it may be.
    File(String),
}

impl ShownField {
    fn value(&self) -> &str {
        self.values.first().map_or("", String::as_str)
    }

    fn has(&self, value: &str) -> bool {
        self.values.iter().any(|chosen| chosen == value)
    }

    /// A single tick box is asked by its own words.
    fn is_alone(&self) -> bool {
        matches!(&self.kind, ShownKind::Ticks(choices) if choices.len() == 1)
    }
}

impl ApplyPage {
    fn has_files(&self) -> bool {
        let is_file =
            |item: &ShownItem| matches!(item, ShownItem::Field(field) if matches!(field.kind, ShownKind::File(_)));
        self.items.iter().any(is_file)
    }

    /// The message that says who decides, for a method.
    pub const fn decided_by(method: Method) -> &'static str {
        match method {
            Method::Review => "apply-by-review",
            Method::Instant => "apply-by-instant",
            Method::Secret => "apply-by-secret",
            Method::Peer => "apply-by-peer",
            Method::Other => "apply-by-other",
        }
    }
}

impl Page for ApplyPage {
    framed!();

    fn heading(&self) -> String {
        let text = &self.frame.text;
        if self.hurdle.is_none() {
            text.msg("apply-start").with("badge", &self.badge.name).to_string()
        } else {
            self.badge.name.clone()
        }
    }

    fn is_refused(&self) -> bool {
        !self.mistakes.is_empty()
    }

    fn is_live(&self) -> bool {
        self.latest
            .as_ref()
            .is_some_and(|latest| latest.word == ApplicationWord::Sending)
    }
}

impl Latest {
    /// What happened, and what will.
    pub fn say(&self, text: &Text) -> String {
        let date = text.date(self.at);
        let decided = text.date(self.decided.unwrap_or(self.at));
        match self.word {
            ApplicationWord::Sending => text.say("apply-sending"),
            ApplicationWord::Lost => text.msg("apply-lost").with("date", date).to_string(),
            ApplicationWord::Pending | ApplicationWord::Deciding => {
                text.msg("apply-pending").with("date", date).to_string()
            }
            ApplicationWord::Approved => text.msg("apply-approved").with("date", decided).to_string(),
            ApplicationWord::Rejected => match (&self.message, &self.who) {
                (Some(_), Some(who)) => text
                    .msg("apply-rejected")
                    .with("date", decided)
                    .with("who", who)
                    .to_string(),
                _ => text.msg("apply-rejected-plain").with("date", decided).to_string(),
            },
            ApplicationWord::Refused => text.say("apply-refused"),
            ApplicationWord::Gone => text.say("apply-vanished"),
        }
    }
}
