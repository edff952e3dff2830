//! Revoking awards: the question.

use askama::Template;

use super::{Badge, Frame, Mistakes, Page, framed};
use crate::clock::Timestamp;

/// `/c/{seat}/awards/{award}/revoke` and `/c/{seat}/events/{event}/revoke`. Posts `csrf`, `key`, `award` (one for
/// each person), `reason` and `note`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "course/revoke.html")]
pub struct RevokePage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The page's own address, which the form posts to.
    pub action: String,
    /// Where *Keep* leads.
    pub keep: String,
    /// The one-time key of this form.
    pub key: String,
    /// The badge.
    pub badge: Badge,
    /// Whose award: one or more.
    pub people: Vec<RevokePerson>,
    /// The chosen reason.
    pub reason: Option<RevokeReason>,
    /// What was typed.
    pub note: String,
    /// Whether any of them was not sent yet: it is then taken back before it is sent.
    pub some_not_sent: bool,
    /// What was wrong.
    pub mistakes: Mistakes,
}

/// Somebody whose award is revoked.
#[derive(Clone, Debug)]
pub struct RevokePerson {
    /// The award's id.
    pub award: String,
    /// The person's name, or the address.
    pub name: String,
    /// The address, if it may be seen.
    pub email: Option<String>,
    /// When the badge was awarded.
    pub at: Timestamp,
}

/// Why an award is revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevokeReason {
    /// Given by mistake.
    Mistake,
    /// Wrong person or address.
    WrongPerson,
    /// The work was withdrawn.
    WorkWithdrawn,
    /// Something else.
    Other,
}

impl RevokeReason {
    /// Every choice.
    pub const ALL: [Self; 4] = [Self::Mistake, Self::WrongPerson, Self::WorkWithdrawn, Self::Other];

    /// The value of the field.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Mistake => "mistake",
            Self::WrongPerson => "wrong-person",
            Self::WorkWithdrawn => "work-withdrawn",
            Self::Other => "other",
        }
    }

    /// The choice with this code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.code() == code)
    }

    /// The message that names it.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Mistake => "reason-mistake",
            Self::WrongPerson => "reason-wrong-person",
            Self::WorkWithdrawn => "reason-work-withdrawn",
            Self::Other => "reason-other",
        }
    }
}

impl Page for RevokePage {
    framed!();

    fn heading(&self) -> String {
        let t = &self.frame.text;
        let message = t.msg(if self.people.len() == 1 {
            "revoke-title"
        } else {
            "revoke-title-n"
        });
        let message = message.with("badge", &self.badge.name).with("n", self.people.len());
        match self.people.first() {
            Some(person) => message.with("name", &person.name).to_string(),
            None => message.to_string(),
        }
    }

    fn is_refused(&self) -> bool {
        !self.mistakes.is_empty()
    }
}

impl RevokePage {
    fn is_reason(&self, code: &str) -> bool {
        self.reason.is_some_and(|reason| reason.code() == code)
    }
}
