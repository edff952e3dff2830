//! Placing something in a course, and what placed items show.

use askama::Template;

use super::{Badge, Frame, Mistakes, Page, framed};
use crate::model::rule::Expression;
use crate::web::text::Text;

/// `/lti/pick/{seat}`: what to place. Posts `do` = `place`, `search` (with `q`) or `cancel`, and `item`, once or more.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "place/pick.html")]
pub struct PickPage {
    /// What surrounds the page; without navigation.
    pub frame: Frame,
    /// Where the form goes.
    pub action: String,
    /// What can be placed; after the search, what is chosen first.
    pub choices: Vec<Choice>,
    /// How many badges there are without the search.
    pub total: usize,
    /// The search text.
    pub search: String,
    /// Whether the LMS takes several items.
    pub several: bool,
    /// Whether the LMS takes a graded activity.
    pub takes_grades: bool,
    /// Whether that was chosen.
    pub graded: bool,
    /// Whether the LMS takes links to the tool in this place.
    pub takes_links: bool,
    /// The LMS's name.
    pub lms: String,
    /// The host that the answer goes to.
    pub host: String,
    /// What was wrong.
    pub mistakes: Mistakes,
}

/// Something that can be placed.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// As the form names it.
    pub value: String,
    /// What it is called.
    pub title: String,
    /// What it shows, in a sentence.
    pub line: String,
    /// The badge that it is about.
    pub badge: Option<Badge>,
    /// Whether it was chosen.
    pub chosen: bool,
}

/// The page after it: a form that goes to the LMS by itself, or by a button.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "place/reply.html")]
pub struct ReplyPage {
    /// What surrounds the page; without navigation.
    pub frame: Frame,
    /// The LMS's address for the answer, and the signed answer; nothing where no answer is given.
    pub answer: Option<(String, String)>,
    /// How many items it places.
    pub count: usize,
    /// The LMS's name.
    pub lms: String,
    /// The host that the answer goes to.
    pub host: String,
}

/// `/c/{seat}/copied`: items of an earlier course that this one, a copy, may take over.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "place/copied.html")]
pub struct CopiedPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The items.
    pub items: Vec<CopiedItem>,
    /// Rules.
    pub rules: Vec<CopiedRule>,
}

/// A rule of an earlier course.
#[derive(Clone, Debug)]
pub struct CopiedRule {
    /// Its id.
    pub id: String,
    /// The badge's name.
    pub badge: String,
    /// When somebody gets it.
    pub when: Expression,
    /// The earlier course.
    pub course: String,
}

impl CopiedRule {
    /// Its conditions in plain words.
    pub fn sentence(&self, text: &Text) -> String {
        super::rules::in_words(&self.when, text)
    }
}

/// An item of an earlier course.
#[derive(Clone, Debug, Default)]
pub struct CopiedItem {
    /// Its id.
    pub id: String,
    /// What its link was called.
    pub title: String,
    /// The earlier course; empty for who does not teach there.
    pub course: String,
    /// Whether earning the badge is a grade.
    pub graded: bool,
}

impl PickPage {
    fn kind(&self) -> &'static str {
        if self.several { "checkbox" } else { "radio" }
    }
}

impl Page for PickPage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("pick-title")
    }

    fn is_refused(&self) -> bool {
        !self.mistakes.is_empty()
    }
}

impl Page for ReplyPage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say(match (&self.answer, self.count) {
            (None, _) => "pick-unchanged",
            (Some(_), 0) => "pick-nothing",
            (Some(_), _) => "pick-done",
        })
    }
}

impl Page for CopiedPage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("copied-title")
    }
}
