//! Orders that are not settled, and one of them with its tries.

use askama::Template;

use crate::clock::Timestamp;
use crate::model::order::OrderState;
use crate::web::pages::{Frame, Page, framed};

/// `/admin/queue`. Posts `do` (`retry`, `give-up`) and `order`s.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "admin/queue.html")]
pub struct QueuePage {
    /// What surrounds the page.
    pub frame: Frame,
    /// What is shown.
    pub tab: Tab,
    /// How many there are of each.
    pub counts: [usize; 3],
    /// The orders.
    pub rows: Vec<OrderRow>,
    /// Whether a decision came too early or too late.
    pub is_refused: bool,
}

/// What is shown of the queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    /// Refused or parked: a person decides.
    #[default]
    Failed,
    /// Waiting or being sent.
    Waiting,
    /// The Factory is being asked.
    Checking,
}

impl Tab {
    /// In the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Failed, Self::Waiting, Self::Checking];

    /// In the address.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Waiting => "waiting",
            Self::Checking => "checking",
        }
    }

    /// Its message.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Failed => "queue-failed",
            Self::Waiting => "queue-waiting",
            Self::Checking => "queue-checking-tab",
        }
    }

    /// The tab with this code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tab| tab.code() == code)
    }

    /// Where an order in this state is shown.
    pub const fn of(state: OrderState) -> Self {
        match state {
            OrderState::Refused | OrderState::Parked => Self::Failed,
            OrderState::Unsure => Self::Checking,
            _ => Self::Waiting,
        }
    }
}

/// An order in the list.
#[derive(Clone, Debug)]
pub struct OrderRow {
    /// Its id.
    pub id: String,
    /// The badge's name.
    pub badge: String,
    /// Where it stands.
    pub state: OrderState,
    /// How many people.
    pub people: usize,
    /// Since when.
    pub since: Timestamp,
    /// How often it was sent.
    pub sendings: usize,
    /// The last answer in words.
    pub reason: String,
    /// When something is done next.
    pub next: Option<Timestamp>,
    /// The Factory's event.
    pub event: String,
}

impl OrderRow {
    /// The colour's class and the word.
    pub const fn tag(&self) -> (&'static str, &'static str) {
        match self.state {
            OrderState::Ready => ("wait", "queue-ready"),
            OrderState::Sending => ("wait", "queue-sending"),
            OrderState::Unsure => ("wait", "queue-unsure"),
            OrderState::Refused => ("fail", "queue-refused"),
            OrderState::Parked => ("hold", "queue-parked"),
            OrderState::Issued => ("done", "queue-issued"),
            OrderState::Withdrawn => ("off", "queue-withdrawn"),
        }
    }

    /// Whether a person decides.
    pub fn waits_for_person(&self) -> bool {
        Tab::of(self.state) == Tab::Failed
    }

    /// Whether the Factory is being asked.
    pub fn is_checking(&self) -> bool {
        self.state == OrderState::Unsure
    }
}

impl QueuePage {
    fn tabs(&self) -> Vec<(Tab, usize, bool)> {
        Tab::ALL
            .into_iter()
            .zip(self.counts)
            .map(|(tab, count)| (tab, count, tab == self.tab))
            .collect()
    }

    fn decides(&self) -> bool {
        self.tab == Tab::Failed
    }
}

/// `/admin/queue/{order}`. Posts `do`.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/order.html")]
pub struct OrderPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The order.
    pub row: OrderRow,
    /// Its tries.
    pub attempts: Vec<TriedRow>,
}

/// A try.
#[derive(Clone, Debug)]
pub struct TriedRow {
    /// When.
    pub at: Timestamp,
    /// The message that says what.
    pub what: &'static str,
    /// Whether a person asked for it.
    pub by_person: bool,
    /// How long it took, in milliseconds.
    pub took: usize,
    /// The HTTP status.
    pub status: Option<u16>,
    /// What it meant.
    pub verdict: String,
    /// The beginning of the reply.
    pub reply: String,
}

impl Page for QueuePage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("queue-title")
    }
}

impl Page for OrderPage {
    framed!();

    fn heading(&self) -> String {
        self.frame
            .text
            .msg("queue-order")
            .with("badge", &self.row.badge)
            .to_string()
    }
}
