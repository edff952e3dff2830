//! The learner's own page.

use askama::Template;

use super::{AwardWord, Badge, Frame, Page, framed};
use crate::clock::Timestamp;

/// `/c/{seat}/my`
#[derive(Clone, Debug, Default, Template)]
#[template(path = "learner/my.html")]
pub struct MyBadgesPage {
    /// What surrounds the page. Test students and anonymous visitors get their notice from here.
    pub frame: Frame,
    /// The person's name; empty where the LMS does not tell.
    pub name: String,
    /// The awards made here, newest first, without those that are not the learner's business yet.
    pub awards: Vec<MyAward>,
}

/// One award of the learner.
#[derive(Clone, Debug)]
pub struct MyAward {
    /// The award's id; safe as part of an HTML id.
    pub award: String,
    /// The badge.
    pub badge: Badge,
    /// The course it was given in; empty for this one.
    pub course: String,
    /// The award date.
    pub at: Timestamp,
    /// Until when it is valid; `None` for no end.
    pub valid_until: Option<Timestamp>,
    /// The state.
    pub word: AwardWord,
    /// The address it was sent to.
    pub email: Option<String>,
}

impl Page for MyBadgesPage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("my-title")
    }
}

impl MyAward {
    /// What the learner should know or do.
    fn advice(&self, text: &crate::web::text::Text) -> Option<String> {
        match (&self.word, &self.email) {
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
        self.word == AwardWord::Sent
    }

    /// A badge that is not the learner's (yet, or any more) is greyed.
    fn is_dim(&self) -> bool {
        !matches!(self.word, AwardWord::Sent | AwardWord::Collected)
    }
}
