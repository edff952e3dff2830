//! Searching the Factory's events: the form, what a search found, one event.

use askama::Template;

use super::badges::Age;
use crate::clock::Timestamp;
use crate::model::found_event::SearchState;
use crate::web::pages::{Frame, Mistakes, Page, Pager, framed};

/// `/admin/events`. Posts the fields.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "admin/events.html")]
pub struct EventsPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// What stands in the fields.
    pub entered: EnteredSearch,
    /// Badges to choose from: id and name.
    pub badges: Vec<(String, String)>,
    /// The latest searches.
    pub searches: Vec<SearchRow>,
    /// What was wrong.
    pub mistakes: Mistakes,
}

/// What stands in the fields of a search.
#[derive(Clone, Debug, Default)]
pub struct EnteredSearch {
    /// Which badge.
    pub badge: String,
    /// To which address.
    pub email: String,
    /// By which integration.
    pub consumer: String,
    /// From this day on.
    pub from: String,
    /// To this day.
    pub to: String,
    /// `asc` or `desc`.
    pub order: String,
    /// So many at most.
    pub limit: String,
    /// So many are left out.
    pub offset: String,
    /// Only how many there are.
    pub count_only: bool,
}

/// A search.
#[derive(Clone, Debug)]
pub struct SearchRow {
    /// Its id.
    pub id: String,
    /// What was searched for: messages and values.
    pub terms: Vec<(&'static str, String)>,
    /// Where it stands.
    pub state: SearchState,
    /// How many there are at the Factory.
    pub total: Option<u64>,
    /// How many were read.
    pub found: u64,
    /// How many are to be read.
    pub wanted: u64,
    /// Only how many there are was asked.
    pub count_only: bool,
    /// Why it does not go on.
    pub error: Option<String>,
    /// When it began.
    pub at: Timestamp,
}

impl SearchRow {
    /// The class of the tag and the message in it.
    pub const fn tag(&self) -> (&'static str, &'static str) {
        match self.state {
            SearchState::Counting => ("wait", "search-counting"),
            SearchState::Reading => ("wait", "search-reading"),
            SearchState::Done => ("done", "search-done"),
            SearchState::Failed => ("fail", "search-failed"),
        }
    }

    const fn moves(&self) -> bool {
        matches!(self.state, SearchState::Counting | SearchState::Reading)
    }
}

impl EventsPage {
    fn is_wrong(&self, field: &str) -> bool {
        self.mistakes.of(field).is_some()
    }

    fn is_badge(&self, id: &str) -> bool {
        self.entered.badge == id
    }
}

/// `/admin/searches/{search}`
#[derive(Clone, Debug, Template)]
#[template(path = "admin/search.html")]
pub struct SearchPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The search.
    pub search: SearchRow,
    /// Which page of what it found.
    pub pager: Pager,
    /// What it found.
    pub rows: Vec<EventRow>,
}

/// An event in the list.
#[derive(Clone, Debug)]
pub struct EventRow {
    /// Its id.
    pub id: String,
    /// The badge's name then.
    pub badge: String,
    /// The first recipients.
    pub people: String,
    /// How many recipients there are.
    pub count: usize,
    /// The nominal date.
    pub issued: Option<Timestamp>,
    /// Which integration issued it.
    pub consumer: String,
    /// How many of them were revoked.
    pub revoked: usize,
}

/// `/admin/events/{event}`
#[derive(Clone, Debug, Default, Template)]
#[template(path = "admin/event.html")]
pub struct AdminEventPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// Its id.
    pub id: String,
    /// The badge's name then.
    pub badge: String,
    /// Messages and values.
    pub facts: Vec<(&'static str, String)>,
    /// To whom: address, the class of the tag, its message, the public page.
    pub people: Vec<PersonRow>,
    /// Whether it was read.
    pub is_read: bool,
    /// How old this is.
    pub age: Age,
}

/// A recipient of an event.
#[derive(Clone, Debug)]
pub struct PersonRow {
    /// The address.
    pub address: String,
    /// The class of the tag.
    pub class: &'static str,
    /// The word in it.
    pub word: String,
    /// The public page.
    pub page: Option<String>,
}

impl Page for EventsPage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("events-title")
    }

    fn is_refused(&self) -> bool {
        !self.mistakes.is_empty()
    }
}

impl Page for SearchPage {
    framed!();

    fn heading(&self) -> String {
        match self.search.total {
            Some(n) => self.frame.text.msg("search-title").with("n", n).to_string(),
            None => self.frame.text.say("search-title-counting"),
        }
    }

    fn is_live(&self) -> bool {
        self.search.moves()
    }
}

impl Page for AdminEventPage {
    framed!();

    fn heading(&self) -> String {
        if self.badge.is_empty() {
            self.frame.text.msg("event-of-id").with("id", &self.id).to_string()
        } else {
            self.frame.text.msg("event-of").with("badge", &self.badge).to_string()
        }
    }
}
