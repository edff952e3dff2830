//! The learner's own pages: badges earned and on the way, the address they go to, and what is kept.

use askama::Template;

use super::progress::ProgressCard;
use super::{AwardWord, Badge, Frame, Page, framed};
use crate::clock::Timestamp;
use crate::web::pages::apply::ApplicationWord;

/// `/c/{seat}/my`
#[derive(Clone, Debug, Default, Template)]
#[template(path = "learner/my.html")]
pub struct MyBadgesPage {
    /// What surrounds the page. Test students and anonymous visitors get their notice from here.
    pub frame: Frame,
    /// The person's name; empty where the LMS does not tell.
    pub name: String,
    /// What can be earned in this course by a rule, and is not the person's yet.
    pub ways: Vec<ProgressCard>,
    /// What can be applied for in this course.
    pub applications: Vec<MyApplication>,
    /// The awards, of this course first, the newest first, without those that are not the learner's business yet.
    pub awards: Vec<MyAward>,
    /// Whether a badge waits because nobody knows an address.
    pub needs_address: bool,
    /// When the Factory was asked about the badges last; `None` where it never was.
    pub checked: Option<Timestamp>,
    /// Whether the page is about somebody: only then there is an address and something kept.
    pub is_known: bool,
}

/// An application form of this course.
#[derive(Clone, Debug)]
pub struct MyApplication {
    /// The form's address below the seat.
    pub href: String,
    /// The badge.
    pub badge: Badge,
    /// Where the person's application stands, if there is one.
    pub word: Option<ApplicationWord>,
}

/// One award of the learner.
#[derive(Clone, Debug, Default)]
pub struct MyAward {
    /// The badge.
    pub badge: Badge,
    /// The course it was given in; empty for this one, and for what was made elsewhere.
    pub course: String,
    /// The award date.
    pub at: Timestamp,
    /// Until when it is valid; `None` for no end.
    pub valid_until: Option<Timestamp>,
    /// The state.
    pub word: Option<AwardWord>,
    /// The address it was sent to.
    pub email: Option<String>,
    /// What it stands for, at the Factory.
    pub criteria: Option<String>,
    /// Its public page.
    pub page: Option<String>,
    /// The document that proves it.
    pub proof: Option<String>,
    /// To be printed.
    pub pdf: Option<String>,
}

/// `/c/{seat}/my/email`: which address badges go to.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "learner/email.html")]
pub struct AddressPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The address; `None`: nobody knows one.
    pub address: Option<String>,
    /// The LMS that it came from, or should come from.
    pub lms: String,
    /// Badges that wait for an address.
    pub waiting: usize,
    /// Other addresses that badges of the person were sent to before.
    pub earlier: Vec<String>,
}

/// `/c/{seat}/my/data`: what is kept about the person.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "learner/data.html")]
pub struct MyDataPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// Whose page it is, and how the LMS calls them.
    pub name: String,
    /// The LMS's id of the person.
    pub sub: String,
    /// The address.
    pub address: Option<String>,
    /// Other names that the LMS gave.
    pub aliases: Vec<String>,
    /// The LMS.
    pub lms: String,
    /// The courses, by title.
    pub courses: Vec<String>,
    /// What else there is: the message that names it, and how many.
    pub counts: Vec<(&'static str, i64)>,
}

impl Page for MyBadgesPage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("my-title")
    }
}

impl Page for AddressPage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("mail-heading")
    }
}

impl Page for MyDataPage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("data-title")
    }
}

impl MyBadgesPage {
    fn is_anything_open(&self) -> bool {
        !self.ways.is_empty() || !self.applications.is_empty()
    }
}

impl MyAward {
    /// What the learner should know or do.
    fn advice(&self, text: &crate::web::text::Text) -> Option<String> {
        match (self.word?, &self.email) {
            (AwardWord::Sent, Some(mail)) => Some(
                text.msg("my-collect-mail")
                    .with("mail", mail)
                    .with("date", text.date(self.at))
                    .to_string(),
            ),
            (AwardWord::NoEmail, _) => Some(text.say("my-noemail-do")),
            _ => None,
        }
    }

    /// Whether an email is on its way or there.
    fn is_sent(&self) -> bool {
        self.word == Some(AwardWord::Sent)
    }

    /// A badge that is not the learner's (yet, or any more) is greyed.
    fn is_dim(&self) -> bool {
        !matches!(self.word, Some(AwardWord::Sent | AwardWord::Collected))
    }

    fn has_links(&self) -> bool {
        self.criteria.is_some() || self.page.is_some() || self.proof.is_some() || self.pdf.is_some()
    }
}
