//! One issuing as the Factory knows it.

use askama::Template;

use super::words::Cause;
use super::{AwardWord, Badge, Frame, Mistakes, Page, Pager, framed};
use crate::clock::Timestamp;

/// `/c/{seat}/events/{event}`. The form leads (GET) to `/c/{seat}/events/{event}/revoke?award=…`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "course/event.html")]
pub struct EventPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The event's id at the Factory.
    pub event: String,
    /// The badge as issued.
    pub badge: Badge,
    /// The order's name, if it has one.
    pub order_name: Option<String>,
    /// How it came about.
    pub cause: Cause,
    /// Who issued it; empty where nobody did.
    pub by: String,
    /// When it was sent.
    pub sent: Timestamp,
    /// The award date.
    pub award_date: Timestamp,
    /// Until when it is valid; `None` for no end.
    pub valid_until: Option<Timestamp>,
    /// The email's subject as sent.
    pub subject: String,
    /// The email's text as sent.
    pub body: String,
    /// The added criteria line, if any.
    pub criteria_add: Option<String>,
    /// Our reference of the order.
    pub reference: String,
    /// The request this belongs to, if a person made one.
    pub request: Option<String>,
    /// Who got it: the rows of this page.
    pub rows: Vec<EventRow>,
    /// The list's pages.
    pub pager: Pager,
    /// What was wrong (nobody was ticked: field `recipients`).
    pub mistakes: Mistakes,
}

/// A recipient of the event.
#[derive(Clone, Debug)]
pub struct EventRow {
    /// The award's id.
    pub award: String,
    /// The person's name, or the address.
    pub person: String,
    /// The address; `None` for visitors who may not see it.
    pub email: Option<String>,
    /// The state.
    pub word: AwardWord,
    /// The public page of the assertion, if the Factory gave it.
    pub link: Option<String>,
    /// Whether it can be revoked.
    pub can_revoke: bool,
}

impl Page for EventPage {
    framed!();

    fn heading(&self) -> String {
        let t = &self.frame.text;
        t.msg("event-title")
            .with("badge", &self.badge.name)
            .with("date", t.date(self.sent))
            .to_string()
    }

    fn is_refused(&self) -> bool {
        !self.mistakes.is_empty()
    }
}

impl EventPage {
    fn can_revoke(&self) -> bool {
        self.frame.role.may_issue() && self.rows.iter().any(|row| row.can_revoke)
    }
}
