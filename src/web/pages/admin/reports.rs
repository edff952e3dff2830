//! What was issued and applied for, counted: over time, by badge, by course, and applications from step to step.

use askama::Template;

use super::badges::Age;
use crate::web::pages::plot::{Bars, OverTime};
use crate::web::pages::{Frame, Mistakes, Page, framed};

/// `/admin/reports`
#[derive(Clone, Debug, Default, Template)]
#[template(path = "admin/reports.html")]
pub struct ReportsPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The first day, as the field writes it.
    pub from: String,
    /// The last day.
    pub to: String,
    /// Whether it was counted.
    pub is_read: bool,
    /// How old this is.
    pub age: Age,
    /// All awards.
    pub total: u64,
    /// Awards over time; too few are told in words.
    pub over_time: Option<OverTime>,
    /// Awards by badge.
    pub badges: Bars,
    /// Awards by course.
    pub courses: Bars,
    /// Applications from step to step.
    pub funnel: Bars,
    /// Of how many approved applications the Factory was asked whether the badge was collected.
    pub asked: u64,
    /// How many were approved.
    pub approved: u64,
    /// What was wrong.
    pub mistakes: Mistakes,
}

impl ReportsPage {
    fn csv(&self, part: &str) -> String {
        let pairs = [("part", part), ("from", &self.from), ("to", &self.to)];
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish();
        format!("/admin/reports.csv?{query}")
    }

    fn is_wrong(&self, field: &str) -> bool {
        self.mistakes.of(field).is_some()
    }
}

impl Page for ReportsPage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("reports-title")
    }

    fn is_refused(&self) -> bool {
        !self.mistakes.is_empty()
    }
}
