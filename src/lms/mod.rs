//! REST clients of LMSs: what is asked of Canvas, Brightspace and Moodle, and what they answer. Knows LMSs, no badges and
//! no LTI.
//!
//! [`Doors`] gives the way to one LMS ([`Site`]) over the checked HTTP client; [`Credentials`] bring its tokens. A list is
//! read whole or not at all: an error in the middle of its pages gives nothing, and so does one that is too long to be held.
//! A row that cannot be read is left out: one odd person must not hold up a course.

pub mod brightspace;
pub mod canvas;
mod lenient;
pub mod moodle;
pub mod oauth;
mod site;

use std::time::Duration;

pub use site::{Answer, Credentials, Doors, Patience, Site};

/// Why an LMS gave nothing. No text of it holds a name, an address or a token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// It does not take the credentials: somebody must renew them.
    #[error("the LMS does not accept the credentials ({0})")]
    NotAuthorised(String),
    /// The credentials are good, and not for this.
    #[error("the LMS does not permit {0}")]
    NotPermitted(&'static str),
    /// There is no such thing there.
    #[error("the LMS knows no such {0}")]
    NotFound(&'static str),
    /// It asks to come back later.
    #[error("the LMS asks to come back later")]
    Throttled {
        /// When, if it said so.
        after: Option<Duration>,
    },
    /// It was not reached, or failed itself: later may help.
    #[error("the LMS is away: {0}")]
    Away(String),
    /// An address of it may not be reached from here: no time of day helps.
    #[error("{0}")]
    Refused(String),
    /// What it answered is not what its interface promises.
    #[error("the answer about {0} cannot be read")]
    Unreadable(&'static str),
    /// The answer is larger than is taken.
    #[error("the answer about {0} is too large")]
    TooLarge(&'static str),
    /// A list is longer than is taken.
    #[error("the LMS lists more {0} than are read of one course ({max})", max = site::MOST_ROWS)]
    TooMany(&'static str),
    /// The pages go round in a circle, lead to another server, or have no end.
    #[error("the pages of {0} lead nowhere")]
    NoEnd(&'static str),
    /// Any other answer.
    #[error("the LMS answered {status} about {about}")]
    Answered {
        /// The status.
        status: u16,
        /// What was asked.
        about: &'static str,
    },
}

impl AskError {
    /// Whether it may concern the one person who was asked about, and nobody else.
    pub const fn is_about_one(&self) -> bool {
        matches!(
            self,
            Self::NotPermitted(_)
                | Self::NotFound(_)
                | Self::Unreadable(_)
                | Self::TooLarge(_)
                | Self::TooMany(_)
                | Self::Answered { .. }
        )
    }

    /// Whether a person must do something before asking again makes sense.
    pub const fn needs_somebody(&self) -> bool {
        matches!(self, Self::NotAuthorised(_) | Self::NotPermitted(_) | Self::Refused(_))
    }
}
