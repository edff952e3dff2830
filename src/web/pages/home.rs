//! The course's home for staff: what needs somebody, how the badges are doing, what happened last.

use askama::Template;

use super::needs::Need;
use super::parts::share;
use super::plot::{Funnel, OverTime};
use super::{AwardWord, Badge, Frame, Page, framed};
use crate::clock::Timestamp;

/// `/c/{seat}`
#[derive(Clone, Debug, Default, Template)]
#[template(path = "course/home.html")]
pub struct HomePage {
    /// What surrounds the page.
    pub frame: Frame,
    /// How many learners the course has; `None` while the roster was never read or cannot be.
    pub people: Option<usize>,
    /// Awards of this course, and the day of the first.
    pub awards: Option<(usize, Timestamp)>,
    /// What waits for somebody, oldest first; the first five are shown.
    pub needs: Vec<Need>,
    /// How many needs there are in all.
    pub needs_total: usize,
    /// The badges that may be used here.
    pub badges: Vec<HomeBadge>,
    /// Whether the badges were never read so far: the table says that they are on their way.
    pub badges_unread: bool,
    /// Who may allow badges, when none is.
    pub administrator: Option<String>,
    /// Orders under way.
    pub running: Vec<Running>,
    /// Orders that were begun and not sent.
    pub drafts: Vec<Unfinished>,
    /// The last awards, newest first, at most five.
    pub recent: Vec<Recent>,
    /// Awards per week, where there are enough of them.
    pub per_week: Option<OverTime>,
    /// How far the course has come with the badge that most have, where enough have it.
    pub funnel: Option<Funnel>,
}

/// A badge in the table.
#[derive(Clone, Debug, Default)]
pub struct HomeBadge {
    /// The badge.
    pub badge: Badge,
    /// The first line of its description; may be empty.
    pub line: String,
    /// How many learners of the course hold it from here.
    pub earned: usize,
    /// How many more are on their way or on hold.
    pub waiting: usize,
    /// Whether it can be issued (published, allowed).
    pub is_offered: bool,
}

/// An order under way.
#[derive(Clone, Debug)]
pub struct Running {
    /// The request's id.
    pub request: String,
    /// The badge's name.
    pub badge: String,
    /// How many awards are settled.
    pub done: usize,
    /// How many there are.
    pub total: usize,
}

/// A draft.
#[derive(Clone, Debug)]
pub struct Unfinished {
    /// Its id.
    pub draft: String,
    /// The step to go on with.
    pub step: super::parts::Step,
    /// The badge's name, once chosen.
    pub badge: Option<String>,
    /// How many people are chosen.
    pub people: usize,
    /// When it was last changed.
    pub at: Timestamp,
}

/// A recent award.
#[derive(Clone, Debug)]
pub struct Recent {
    /// The award's id.
    pub award: String,
    /// The person's name, or the address where no name is known.
    pub person: String,
    /// The badge's name.
    pub badge: String,
    /// When it was asked for.
    pub at: Timestamp,
    /// Its state.
    pub word: AwardWord,
}

impl Page for HomePage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("home-title")
    }
}

impl HomePage {
    /// The line under the heading.
    fn count_line(&self) -> String {
        let t = &self.frame.text;
        let mut parts = Vec::new();
        if let Some(people) = self.people {
            parts.push(t.msg("count-people").with("n", people).to_string());
        }
        parts.push(t.msg("count-badges").with("n", self.badges.len()).to_string());
        if let Some((n, since)) = self.awards {
            parts.push(
                t.msg("count-awards")
                    .with("n", n)
                    .with("date", t.date(since))
                    .to_string(),
            );
        }
        parts.join(" · ")
    }

    /// Holders of a badge in percent of the course.
    fn percent(&self, row: &HomeBadge) -> usize {
        share(row.earned, self.people.unwrap_or(0))
    }

    /// Those for whom it waits, in percent of the course.
    fn percent_waiting(&self, row: &HomeBadge) -> usize {
        let people = self.people.unwrap_or(0);
        share(row.waiting, people).min(100_usize.saturating_sub(self.percent(row)))
    }

    fn first_needs(&self) -> &[Need] {
        self.needs.get(..5).unwrap_or(&self.needs)
    }
}
