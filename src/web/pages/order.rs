//! Progress and result of one request.

use askama::Template;

use super::{AwardWord, Badge, Frame, Page, Pager, framed};
use crate::clock::Timestamp;
use crate::web::text::Text;

/// `/c/{seat}/orders/{request}`
#[derive(Clone, Debug, Template)]
#[template(path = "issue/order.html")]
pub struct OrderPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The part that changes while work goes on.
    pub progress: Progress,
    /// The badge.
    pub badge: Badge,
    /// Who pressed the button.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// The reference that support can ask for.
    pub reference: String,
    /// Whether the page keeps itself up to date (`?live=0` switches it off).
    pub live: bool,
}

/// `/c/{seat}/orders/{request}/live`: the changing part alone, fetched by the script.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "issue/progress.html")]
pub struct OrderLive {
    /// Language and addresses.
    pub frame: Frame,
    /// The part itself.
    pub progress: Progress,
}

/// How a request goes on.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// The request's id.
    pub request: String,
    /// The badge's name.
    pub badge_name: String,
    /// The counts.
    pub counts: Counts,
    /// Seconds left by the present speed; shown after three seconds.
    pub seconds_left: Option<u64>,
    /// The Factory's name, if it does not answer at the moment.
    pub factory_away: Option<String>,
    /// The rows of this page of the list: once finished, failed and held ones first.
    pub rows: Vec<OrderRow>,
    /// The list's pages.
    pub pager: Pager,
    /// The events of the request, as far as there are any yet.
    pub events: Vec<String>,
    /// Whether the links keep `?live=0`.
    pub stopped: bool,
}

/// How the awards of a request stand.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// All awards.
    pub total: usize,
    /// Sent (or collected, or revoked later).
    pub sent: usize,
    /// Waiting for a person or an address.
    pub held: usize,
    /// Refused by the Factory.
    pub failed: usize,
    /// Taken back before they were sent.
    pub withdrawn: usize,
}

impl Counts {
    /// Awards that go out or went out: all but held and withdrawn ones.
    pub const fn going(&self) -> usize {
        self.total.saturating_sub(self.held).saturating_sub(self.withdrawn)
    }

    /// Whether nothing is under way any more.
    pub const fn is_finished(&self) -> bool {
        self.sent + self.held + self.failed + self.withdrawn >= self.total
    }
}

/// One award of the request.
#[derive(Clone, Debug)]
pub struct OrderRow {
    /// The award's id; `None` where another course made it, whose page is not this course's to see.
    pub award: Option<String>,
    /// The person's name, or the address where no name is known.
    pub person: String,
    /// The state.
    pub word: AwardWord,
    /// Why it failed or waits, in the Factory's words or ours; may be empty.
    pub reason: String,
    /// When the state was reached, if it is final for now.
    pub at: Option<Timestamp>,
}

impl Page for OrderPage {
    framed!();

    fn heading(&self) -> String {
        self.progress.heading(&self.frame.text)
    }

    fn is_live(&self) -> bool {
        self.live && !self.progress.counts.is_finished()
    }
}

impl OrderPage {
    fn note(&self) -> String {
        let t = &self.frame.text;
        let key = match (self.progress.counts.is_finished(), t.is_today(self.at)) {
            (false, true) => "order-note",
            (false, false) => "order-note-dated",
            (true, true) => "order-note-done",
            (true, false) => "order-note-done-dated",
        };
        t.msg(key)
            .with("who", &self.by)
            .with("time", t.time_or_date(self.at))
            .to_string()
    }
}

impl Progress {
    /// The heading of the page this belongs to; it changes when the work is finished.
    fn heading(&self, text: &Text) -> String {
        let key = if self.counts.is_finished() {
            "order-title-done"
        } else {
            "order-title"
        };
        text.msg(key).with("badge", &self.badge_name).to_string()
    }

    /// The quarter that was reached; the script speaks when it changes.
    fn quarter(&self) -> usize {
        let going = self.counts.going();
        if self.counts.is_finished() {
            4
        } else {
            (self.counts.sent * 4).checked_div(going).unwrap_or(0).min(3)
        }
    }

    fn said(&self, text: &Text) -> String {
        text.msg("order-n-of-m")
            .with("n", self.counts.sent)
            .with("m", self.counts.going())
            .to_string()
    }

    fn is_part(&self) -> bool {
        self.counts.held + self.counts.failed + self.counts.withdrawn > 0
    }

    /// The address of a page of the list, below the seat.
    fn path(&self, page: usize) -> String {
        let live = if self.stopped { "&live=0" } else { "" };
        format!("/orders/{}?page={page}{live}", self.request)
    }
}
