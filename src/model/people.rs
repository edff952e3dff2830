//! Who somebody is in a course.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What one launch, or the roster, says that a person is in a course; rights follow from it.
///
/// It is read per launch and never a property of the person: "switch role to student" keeps the `sub`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Instructor or administrator of the course.
    Staff,
    /// Teaching assistant or grader, whatever stands beside it.
    LimitedStaff,
    /// Learner.
    Learner,
    /// Mentor, observer, or nothing that we know.
    None,
}

impl Standing {
    /// The stored and printed word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Staff => "staff",
            Self::LimitedStaff => "limited-staff",
            Self::Learner => "learner",
            Self::None => "none",
        }
    }

    /// May see the course's people and history.
    pub const fn sees_course(self) -> bool {
        matches!(self, Self::Staff | Self::LimitedStaff)
    }

    /// May issue and revoke.
    pub const fn issues(self) -> bool {
        matches!(self, Self::Staff)
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// The text names no standing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a standing")]
pub struct StandingParseError;

impl FromStr for Standing {
    type Err = StandingParseError;

    fn from_str(text: &str) -> Result<Self, StandingParseError> {
        [Self::Staff, Self::LimitedStaff, Self::Learner, Self::None]
            .into_iter()
            .find(|standing| standing.word() == text)
            .ok_or(StandingParseError)
    }
}
