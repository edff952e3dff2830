//! One badge in a course: what it is, who has it from here, and what gives it.

use askama::Template;

use super::admin::badges::Age;
use super::history::HistoryRow;
use super::{Badge, Frame, Page, framed};
use crate::model::rule::RuleState;
use crate::web::clean::Clean;

/// `/c/{seat}/badges/{badge}`
#[derive(Clone, Debug, Default, Template)]
#[template(path = "course/badge.html")]
pub struct CourseBadgePage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The Factory's name.
    pub factory: String,
    /// The badge.
    pub badge: Badge,
    /// Its description.
    pub description: String,
    /// How long it holds.
    pub validity: String,
    /// Its criteria, cleaned.
    pub criteria: Option<Clean>,
    /// Whether the criteria were read.
    pub is_read: bool,
    /// How old they are.
    pub age: Age,
    /// Whether it can be issued here.
    pub is_offered: bool,
    /// Rules of this course that give it.
    pub rules: Vec<RuleHere>,
    /// What was placed in the course for it: titles.
    pub placed: Vec<String>,
    /// The latest awards of it in this course.
    pub rows: Vec<HistoryRow>,
    /// How many there are.
    pub total: u64,
}

/// A rule that gives the badge.
#[derive(Clone, Debug)]
pub struct RuleHere {
    /// Its id.
    pub id: String,
    /// Where it stands.
    pub state: RuleState,
}

impl RuleHere {
    /// The class of the tag and the message in it.
    const fn tag(&self) -> (&'static str, &'static str) {
        match self.state {
            RuleState::On => ("done", "ru-on"),
            RuleState::Paused => ("off", "ru-paused"),
            RuleState::Stopped => ("hold", "ru-stopped"),
            RuleState::Draft => ("off", "ru-draft"),
            RuleState::Archived => ("off", "ru-archived"),
        }
    }
}

impl CourseBadgePage {
    /// The badge's filter of the history.
    fn query(&self) -> String {
        url::form_urlencoded::Serializer::new(String::new())
            .append_pair("badge", &self.badge.id)
            .finish()
    }

    fn is_listed(&self) -> bool {
        self.total > 0
    }

    fn has_more(&self) -> bool {
        usize::try_from(self.total).unwrap_or(usize::MAX) > self.rows.len()
    }
}

impl Page for CourseBadgePage {
    framed!();

    fn heading(&self) -> String {
        self.badge.name.clone()
    }
}
