//! Issuing, step 1: which badge.

use askama::Template;

use super::parts::Step;
use super::{Badge, Frame, Mistakes, Page, framed};

/// `/c/{seat}/issue/{draft}/badge`, and `/c/{seat}/issue` before a draft exists. Posts `do` = `search` (with `q`) or
/// `next`, and `badge`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "issue/badge.html")]
pub struct IssueBadgePage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The draft's id; empty before it exists.
    pub draft: String,
    /// The furthest step that was reached, for the step indicator.
    pub reached: Step,
    /// The search text.
    pub search: String,
    /// The id of the chosen badge.
    pub chosen: Option<String>,
    /// The badges to choose from (after the search).
    pub badges: Vec<BadgeCard>,
    /// How many badges there are without the search.
    pub total: usize,
    /// Whether the badges were never read so far.
    pub badges_unread: bool,
    /// What was wrong.
    pub mistakes: Mistakes,
}

/// A badge as a card.
#[derive(Clone, Debug, Default)]
pub struct BadgeCard {
    /// The badge.
    pub badge: Badge,
    /// The first line of its description; may be empty.
    pub line: String,
    /// How many learners of the course hold it.
    pub earned: usize,
}

impl Page for IssueBadgePage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("badge-title")
    }

    fn title_end(&self) -> Option<String> {
        Some(
            self.frame
                .text
                .msg("step-n-of-m")
                .with("n", Step::Badge.number())
                .with("m", Step::ALL.len())
                .to_string(),
        )
    }

    fn is_refused(&self) -> bool {
        !self.mistakes.is_empty()
    }
}

impl IssueBadgePage {
    fn is_chosen(&self, id: &str) -> bool {
        self.chosen.as_deref() == Some(id)
    }

    /// Where the form goes.
    fn action(&self) -> String {
        if self.draft.is_empty() {
            self.frame.url("/issue")
        } else {
            self.frame.url(&format!("/issue/{}/badge", self.draft))
        }
    }
}
