//! `/lti/setup`: what an LMS's administrator copies into their LMS; with an address of its own, also what arrived last
//! beside what is stored.

use askama::Template;

use super::{Frame, Page, framed};
use crate::clock::Timestamp;
use crate::model::Lms;
use crate::model::encounter::Difference;

/// The page.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "register/setup.html")]
pub struct SetupPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The values to copy: the key of their name, and the value.
    pub values: Vec<(&'static str, String)>,
    /// The steps of each family that is shown: keys of the heading and of the steps, see [`steps`].
    pub families: Vec<Steps>,
    /// The registration, where the address is its own.
    pub check: Option<Check>,
}

/// A registration and its last arrivals.
#[derive(Clone, Debug, Default)]
pub struct Check {
    /// Its name.
    pub name: String,
    /// Whether launches are let in.
    pub enabled: bool,
    /// At most a login and a launch.
    pub arrivals: Vec<Arrival>,
}

/// The keys of a heading and of the steps below it.
pub type Steps = (&'static str, &'static [&'static str]);

/// One arrival.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// A launch, or a login only.
    pub is_launch: bool,
    /// When.
    pub at: Timestamp,
    /// Why it was refused: a short word.
    pub refused: Option<String>,
    /// The keys of what is compared and of how it differs (see [`differs`]), between them what is stored and what arrived.
    pub lines: Vec<(&'static str, String, String, &'static str)>,
    /// What a good launch lacked: keys of sentences that say what is lost.
    pub lacks: Vec<&'static str>,
}

impl Page for SetupPage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("setup-title")
    }
}

/// What an LMS's administrator does, by family.
pub const fn steps(family: Lms) -> Steps {
    match family {
        Lms::Canvas => (
            "setup-canvas",
            &["setup-canvas-1", "setup-canvas-2", "setup-canvas-3", "setup-canvas-4"],
        ),
        Lms::Brightspace => (
            "setup-brightspace",
            &[
                "setup-brightspace-1",
                "setup-brightspace-2",
                "setup-brightspace-3",
                "setup-brightspace-4",
            ],
        ),
        Lms::Blackboard => (
            "setup-blackboard",
            &[
                "setup-blackboard-1",
                "setup-blackboard-2",
                "setup-blackboard-3",
                "setup-blackboard-4",
            ],
        ),
        Lms::Moodle | Lms::Sakai | Lms::OpenEdx | Lms::Generic => {
            ("setup-other", &["setup-other-1", "setup-other-2", "setup-other-3"])
        }
    }
}

/// A text in three parts: what it begins with like `other`, what differs, and what it ends with like `other`. Nothing
/// differs where `other` is empty or the same.
pub(crate) fn apart<'a>(text: &'a str, other: &str) -> (&'a str, &'a str, &'a str) {
    if other.is_empty() || text == other {
        return (text, "", "");
    }
    let same = |(mine, its): (char, char)| (mine == its).then_some(mine.len_utf8());
    let head: usize = text.chars().zip(other.chars()).map_while(same).sum();
    let (begin, rest) = text.split_at(head);
    let others = other.get(head..).unwrap_or_default();
    let tail: usize = rest.chars().rev().zip(others.chars().rev()).map_while(same).sum();
    let (odd, end) = rest.split_at(rest.len() - tail);
    (begin, odd, end)
}

/// The key of the words for a difference.
pub const fn differs(difference: Difference) -> &'static str {
    match difference {
        Difference::Same => "self-same",
        Difference::NotReceived => "self-none-recv",
        Difference::Slash => "self-slash",
        Difference::Case => "self-case",
        Difference::Scheme => "self-scheme",
        Difference::TestHost => "self-test-host",
        Difference::Other => "self-differs",
    }
}

#[cfg(test)]
mod tests {
    use super::apart;

    #[test]
    fn what_differs_between_two_texts_is_cut_out() {
        for (text, other, parts) in [
            ("abc-11", "abc-10", ("abc-1", "1", "")),
            (
                "https://a.example/",
                "https://a.example",
                ("https://a.example", "/", ""),
            ),
            ("https://a.example", "https://a.example/", ("https://a.example", "", "")),
            (
                "https://a.beta.example",
                "https://a.example",
                ("https://a.", "beta.", "example"),
            ),
            ("aa", "aaa", ("aa", "", "")),
            ("aaa", "aa", ("aa", "a", "")),
            ("éa", "èa", ("", "é", "a")),
            ("x", "x", ("x", "", "")),
            ("x", "", ("x", "", "")),
            ("", "x", ("", "", "")),
        ] {
            assert_eq!(apart(text, other), parts, "{text} {other}");
        }
    }
}
