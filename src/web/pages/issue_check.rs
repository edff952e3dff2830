//! Issuing, step 4: check before anything is sent.

use askama::Template;

use super::parts::Step;
use super::{Badge, Frame, Mistakes, Page, framed};
use crate::clock::Timestamp;

/// `/c/{seat}/issue/{draft}/check`. Posts `csrf` and `key`; pressing twice finds the same request.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "issue/check.html")]
pub struct IssueCheckPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The draft's id.
    pub draft: String,
    /// The one-time key of this form.
    pub key: String,
    /// The badge.
    pub badge: Badge,
    /// Whether another badge can be chosen.
    pub can_change_badge: bool,
    /// Everybody chosen: names, or addresses where no name is known; at most the first 100.
    pub names: Vec<String>,
    /// How many are chosen.
    pub people: usize,
    /// Names of those without an address; at most the first ten.
    pub held: Vec<String>,
    /// How many have no address.
    pub held_total: usize,
    /// Names of those who have the badge and get it again; at most the first ten.
    pub again: Vec<String>,
    /// How many get it again.
    pub again_total: usize,
    /// Names of those for whom a rule holds the badge, and who get it by hand instead; at most the first ten.
    pub instead: Vec<String>,
    /// How many these are.
    pub instead_total: usize,
    /// The award date.
    pub award_date: Timestamp,
    /// Until when it is valid; `None` for no end.
    pub valid_until: Option<Timestamp>,
    /// The email's subject.
    pub subject: String,
    /// The email's text.
    pub body: String,
    /// The added criteria line, if any.
    pub criteria_add: Option<String>,
    /// The order's name, if any.
    pub order_name: Option<String>,
    /// The Factory's name.
    pub factory: String,
    /// Why it cannot be sent as it is (the badge is gone, nobody is left); the links to the steps correct it.
    pub mistakes: Mistakes,
}

impl Page for IssueCheckPage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("check-title")
    }

    fn title_end(&self) -> Option<String> {
        Some(
            self.frame
                .text
                .msg("step-n-of-m")
                .with("n", Step::Check.number())
                .with("m", Step::ALL.len())
                .to_string(),
        )
    }

    fn is_refused(&self) -> bool {
        !self.mistakes.is_empty()
    }
}

impl IssueCheckPage {
    /// How many badges go out when the button is pressed.
    fn going(&self) -> usize {
        self.people.saturating_sub(self.held_total)
    }

    fn step(&self, code: &str) -> String {
        self.frame.url(&format!("/issue/{}/{code}", self.draft))
    }

    fn award_date_line(&self) -> String {
        let t = &self.frame.text;
        let date = t.date(self.award_date);
        if t.iso_date(self.award_date) == t.iso_date(t.now) {
            t.msg("date-today").with("date", date).to_string()
        } else {
            date
        }
    }

    fn more(&self, shown: usize, total: usize) -> Option<String> {
        (total > shown).then(|| self.frame.text.msg("and-more").with("n", total - shown).to_string())
    }

    fn more_names(&self) -> Option<String> {
        self.more(self.names.len(), self.people)
    }

    fn more_held(&self) -> Option<String> {
        self.more(self.held.len(), self.held_total)
    }

    fn more_instead(&self) -> Option<String> {
        self.more(self.instead.len(), self.instead_total)
    }

    fn more_again(&self) -> Option<String> {
        self.more(self.again.len(), self.again_total)
    }
}
