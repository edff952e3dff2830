//! One award: what happened to it, step by step.

use askama::Template;

use super::extra::Extra;
use super::words::Cause;
use super::{AwardWord, Badge, Frame, Page, framed};
use crate::clock::Timestamp;

/// `/c/{seat}/awards/{award}`
#[derive(Clone, Debug, Template)]
#[template(path = "course/award.html")]
pub struct AwardPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The award's id.
    pub award: String,
    /// The badge.
    pub badge: Badge,
    /// The person's name, or the address.
    pub person: String,
    /// The address it is sent to; `None` for visitors who may not see it, and while there is none.
    pub email: Option<String>,
    /// The state.
    pub word: AwardWord,
    /// What the state means and what comes next; may be empty (the page then says what it can).
    pub reason: Option<String>,
    /// Where it came from.
    pub cause: Cause,
    /// Who asked for it.
    pub by: String,
    /// The request it belongs to, if we made it.
    pub request: Option<String>,
    /// The Factory's event, once there is one.
    pub event: Option<String>,
    /// Until when it is valid; `None` for no end.
    pub valid_until: Option<Timestamp>,
    /// The public page of the assertion, if the Factory gave it.
    pub link: Option<String>,
    /// Events that the Factory made beside the one that was asked for.
    pub extras: Vec<Extra>,
    /// What happened, oldest first.
    pub trail: Vec<Happened>,
    /// Whether it can be revoked (or withdrawn, when it was not sent).
    pub can_revoke: bool,
    /// Whether the badge can be issued to the person again.
    pub can_issue_again: bool,
    /// Our reference.
    pub reference: String,
}

/// Something that happened to an award.
#[derive(Clone, Debug)]
pub struct Happened {
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: What,
    /// What the other side answered, in its own words; may be empty.
    pub answer: String,
}

/// The kinds of things that happen.
#[derive(Clone, Debug)]
pub enum What {
    /// It was asked for.
    Asked {
        /// By whom.
        by: String,
    },
    /// A rule made it.
    Ruled,
    /// It waits for an address.
    Held,
    /// An address came in.
    Released,
    /// It was sent and accepted.
    Sent,
    /// The Factory could not be reached; nothing was sent.
    NotReached,
    /// The answer was lost.
    AnswerLost,
    /// We looked, and the Factory has it.
    Found,
    /// We looked, and the Factory does not have it.
    NotFound,
    /// The Factory refused it.
    Refused,
    /// The Factory asked us to wait.
    AskedToWait,
    /// A person asked for another try.
    TriedAgain {
        /// Who.
        by: String,
    },
    /// A person must decide.
    Parked,
    /// Revocation was asked for.
    RevokeAsked {
        /// By whom.
        by: String,
    },
    /// The Factory revoked it.
    Revoked,
    /// It was taken back before it was sent.
    Withdrawn {
        /// By whom.
        by: String,
    },
    /// The Factory has it twice.
    Twice,
}

impl What {
    /// The picture's class: done, failed, or neither.
    pub const fn class(&self) -> &'static str {
        match self {
            Self::Sent | Self::Found | Self::Released | Self::Revoked => "yes",
            Self::Refused | Self::Twice => "no",
            _ => "idle",
        }
    }

    /// The sentence.
    pub fn say(&self, text: &crate::web::text::Text) -> String {
        let by = |key: &str, by: &String| text.msg(key).with("who", by).to_string();
        match self {
            Self::Asked { by: who } => by("did-asked", who),
            Self::Ruled => text.say("did-ruled"),
            Self::Held => text.say("did-held"),
            Self::Released => text.say("did-released"),
            Self::Sent => text.say("did-sent"),
            Self::NotReached => text.say("did-not-reached"),
            Self::AnswerLost => text.say("did-answer-lost"),
            Self::Found => text.say("did-found"),
            Self::NotFound => text.say("did-not-found"),
            Self::Refused => text.say("did-refused"),
            Self::AskedToWait => text.say("did-asked-to-wait"),
            Self::TriedAgain { by: who } => by("did-tried-again", who),
            Self::Parked => text.say("did-parked"),
            Self::RevokeAsked { by: who } => by("did-revoke-asked", who),
            Self::Revoked => text.say("did-revoked"),
            Self::Withdrawn { by: who } => by("did-withdrawn", who),
            Self::Twice => text.say("did-twice"),
        }
    }
}

impl Page for AwardPage {
    framed!();

    fn heading(&self) -> String {
        self.frame
            .text
            .msg("award-title")
            .with("badge", &self.badge.name)
            .with("name", &self.person)
            .to_string()
    }
}

impl AwardPage {
    /// What the state means and what comes next.
    fn meaning(&self) -> Option<String> {
        let key = match self.word {
            AwardWord::Queued | AwardWord::Sending => "means-queued",
            AwardWord::Checking => "means-checking",
            AwardWord::NoEmail => "means-noemail",
            AwardWord::Failed => "means-failed",
            AwardWord::Parked => "means-parked",
            AwardWord::Revoking => "means-revoking",
            AwardWord::Withdrawn => "means-withdrawn",
            AwardWord::Revoked { .. } => "means-revoked",
            _ => return None,
        };
        Some(self.frame.text.say(key))
    }
}
