//! What arrived last for a registration: a login or a launch, good or refused, beside what is stored.

use serde::{Deserialize, Serialize};

use super::RegistrationId;
use crate::clock::Timestamp;

/// How far it got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// The login request.
    Login,
    /// The signed answer.
    Launch,
}

impl Step {
    /// The stored and printed word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Launch => "launch",
        }
    }
}

/// What arrived, as it was written. Nothing about a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrived {
    /// `iss`.
    pub issuer: Option<String>,
    /// `client_id`, or the audience.
    pub client_id: Option<String>,
    /// The deployment.
    pub deployment: Option<String>,
    /// Where it was to lead.
    pub target: Option<String>,
    /// What a good launch brought along: `name`, `email`, `roster`, `columns`, `context`.
    pub brought: Vec<String>,
}

/// One arrival.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encounter {
    /// For which registration.
    pub registration: RegistrationId,
    /// How far it got.
    pub step: Step,
    /// When.
    pub at: Timestamp,
    /// Why it was refused: a short stable word. Nothing: it was good.
    pub reason: Option<String>,
    /// What arrived.
    pub arrived: Arrived,
}

/// How a text that arrived differs from the stored one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// Not at all.
    Same,
    /// Nothing arrived.
    NotReceived,
    /// A slash at the end, here or there.
    Slash,
    /// Upper and lower case.
    Case,
    /// `http` here and `https` there.
    Scheme,
    /// One is the vendor's beta or test installation.
    TestHost,
    /// In something else.
    Other,
}

impl Difference {
    /// Compares what is stored with what arrived.
    pub fn between(stored: &str, arrived: Option<&str>) -> Self {
        let Some(arrived) = arrived.filter(|text| !text.is_empty()) else {
            return Self::NotReceived;
        };
        let bare = |text: &str| text.trim_end_matches('/').to_owned();
        let without_scheme = |text: &str| text.split_once("://").map_or(text, |(_, rest)| rest).to_owned();
        let usual_host = |text: &str| text.replacen(".beta.", ".", 1).replacen(".test.", ".", 1);
        if stored == arrived {
            Self::Same
        } else if bare(stored) == bare(arrived) {
            Self::Slash
        } else if bare(stored).eq_ignore_ascii_case(&bare(arrived)) {
            Self::Case
        } else if without_scheme(&bare(stored)) == without_scheme(&bare(arrived)) {
            Self::Scheme
        } else if usual_host(&bare(stored)) == usual_host(&bare(arrived)) {
            Self::TestHost
        } else {
            Self::Other
        }
    }

    /// The stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::NotReceived => "not received",
            Self::Slash => "differs: a slash at the end",
            Self::Case => "differs: upper and lower case",
            Self::Scheme => "differs: http and https",
            Self::TestHost => "differs: the beta or test host",
            Self::Other => "differs",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_in_an_issuer_is_named() {
        let canvas = "https://canvas.instructure.com";
        for (arrived, difference) in [
            (Some("https://canvas.instructure.com"), Difference::Same),
            (Some("https://canvas.instructure.com/"), Difference::Slash),
            (Some("https://Canvas.instructure.com"), Difference::Case),
            (Some("http://canvas.instructure.com"), Difference::Scheme),
            (Some("https://canvas.beta.instructure.com"), Difference::TestHost),
            (Some("https://canvas.test.instructure.com/"), Difference::TestHost),
            (Some("https://moodle.campus.example"), Difference::Other),
            (Some(""), Difference::NotReceived),
            (None, Difference::NotReceived),
        ] {
            assert_eq!(Difference::between(canvas, arrived), difference, "{arrived:?}");
        }
    }
}
