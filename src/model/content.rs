//! What a teacher places in a course by deep linking.

use std::fmt;
use std::str::FromStr;

use super::{ContentId, CourseId, MemberId, OrganisationId, RegistrationId};

/// What a placed item shows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Shows {
    /// The teachers' badges page.
    Teachers,
    /// The learner's own badges.
    Mine,
    /// How far the learner is with one badge, by the Factory's id.
    Progress(String),
    /// An application form, by the Factory's id.
    Apply(String),
}

impl Shows {
    /// The stored word.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Teachers => "teachers",
            Self::Mine => "mine",
            Self::Progress(_) => "progress",
            Self::Apply(_) => "apply",
        }
    }

    /// The badge or the form, if it is about one.
    pub fn subject(&self) -> Option<&str> {
        match self {
            Self::Progress(subject) | Self::Apply(subject) => Some(subject),
            Self::Teachers | Self::Mine => None,
        }
    }

    /// Reads what is stored; nothing for what this version does not show.
    pub fn of(word: &str, subject: Option<String>) -> Option<Self> {
        match (word, subject) {
            ("teachers", None) => Some(Self::Teachers),
            ("mine", None) => Some(Self::Mine),
            ("progress", Some(badge)) => Some(Self::Progress(badge)),
            ("apply", Some(form)) => Some(Self::Apply(form)),
            _ => None,
        }
    }
}

/// As forms name it: `teachers`, `mine`, `progress:{badge}`, `apply:{form}`.
impl fmt::Display for Shows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Progress(subject) | Self::Apply(subject) => write!(f, "{}:{subject}", self.word()),
            other => f.write_str(other.word()),
        }
    }
}

/// The text names nothing that can be placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected teachers, mine, progress with a badge or apply with a form")]
pub struct InvalidShows;

impl FromStr for Shows {
    type Err = InvalidShows;

    fn from_str(text: &str) -> Result<Self, InvalidShows> {
        let (word, subject) = match text.split_once(':') {
            Some((word, subject)) if !subject.is_empty() => (word, Some(subject.to_owned())),
            Some(_) => return Err(InvalidShows),
            None => (text, None),
        };
        Self::of(word, subject).ok_or(InvalidShows)
    }
}

/// Content that was placed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// Our id, which every launch of it carries.
    pub id: ContentId,
    /// Whose it is.
    pub organisation: OrganisationId,
    /// Through which registration it was placed: in another it is unknown.
    pub registration: RegistrationId,
    /// Its course; `None` until the first launch, where the request named none.
    pub course: Option<CourseId>,
    /// What it shows.
    pub shows: Shows,
    /// What its link was called.
    pub title: String,
    /// Earning the badge is a grade.
    pub graded: bool,
    /// The badge that an application form is for.
    pub applies_for: Option<String>,
    /// Who placed it.
    pub author: Option<MemberId>,
}

/// What a launch of placed content finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placed {
    /// It belongs here.
    Here(Shows),
    /// It belongs to another course: this one is a copy, and a teacher of it decides.
    Copied(ContentId),
}

/// What a launch says about the grades of its link (LTI Assignment and Grade Services 2.0).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GradeFacts {
    /// Where columns are listed and made.
    pub lineitems_url: Option<String>,
    /// The one column of this link.
    pub lineitem_url: Option<String>,
    /// What may be asked for.
    pub scopes: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_placed_reads_back_from_its_text() {
        for shows in [
            Shows::Teachers,
            Shows::Mine,
            Shows::Progress("a:b/c".to_owned()),
            Shows::Apply("A7".to_owned()),
        ] {
            assert_eq!(shows.to_string().parse(), Ok(shows.clone()));
            assert_eq!(Shows::of(shows.word(), shows.subject().map(str::to_owned)), Some(shows));
        }
        for bad in ["", "progress", "progress:", "teachers:x", "apply", "apply:", "anything"] {
            assert_eq!(bad.parse::<Shows>(), Err(InvalidShows), "{bad}");
        }
    }
}
