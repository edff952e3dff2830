//! All awards of a course, with filters.

use askama::Template;

use super::parts::Direction;
use super::plot::OverTime;
use super::words::Cause;
use super::{AwardWord, Badge, Frame, Page, Pager, framed};
use crate::clock::Timestamp;

/// `/c/{seat}/history`: one GET form with `badge`, `person`, `state`, `from`, `to`; `sort`, `page`, `size` beside it.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "course/history.html")]
pub struct HistoryPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The filters as set.
    pub filter: HistoryFilter,
    /// The badges to choose from.
    pub badges: Vec<Badge>,
    /// The rows of this page.
    pub rows: Vec<HistoryRow>,
    /// The list's pages.
    pub pager: Pager,
    /// How the list is sorted.
    pub sort: HistorySort,
    /// Rows a page: 25, 50 or 100.
    pub size: usize,
    /// The awards of the filter over time, where there are enough of them.
    pub over_time: Option<OverTime>,
}

/// The numbers of rows that a page may have.
pub const SIZES: [usize; 3] = [25, 50, 100];

/// The filters; empty texts are not set.
#[derive(Clone, Debug, Default)]
pub struct HistoryFilter {
    /// A badge's id.
    pub badge: String,
    /// Part of a name or address.
    pub person: String,
    /// A state's code, see [`HistoryState`].
    pub state: Option<HistoryState>,
    /// `how`: how it came to be, by its code; see [`ORIGINS`].
    pub how: Option<Cause>,
    /// The first day, as `2026-11-21`.
    pub from: String,
    /// The last day.
    pub to: String,
}

/// How an award can have come to be: the value of the field, and the cause.
pub const ORIGINS: [(&str, Cause); 3] = [
    ("hand", Cause::Hand),
    ("rule", Cause::Rule),
    ("application", Cause::Application),
];

/// The states one can filter by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HistoryState {
    /// Queued, sending, checking.
    OnItsWay,
    /// Sent or collected.
    Sent,
    /// Held or parked.
    Held,
    /// Refused.
    Failed,
    /// Revoked, revoking.
    Revoked,
    /// Withdrawn.
    Withdrawn,
}

impl HistoryState {
    /// Every choice.
    pub const ALL: [Self; 6] = [
        Self::OnItsWay,
        Self::Sent,
        Self::Held,
        Self::Failed,
        Self::Revoked,
        Self::Withdrawn,
    ];

    /// The value of the field.
    pub const fn code(self) -> &'static str {
        match self {
            Self::OnItsWay => "on-its-way",
            Self::Sent => "sent",
            Self::Held => "held",
            Self::Failed => "failed",
            Self::Revoked => "revoked",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The choice with this code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.code() == code)
    }

    /// The message that names it.
    pub const fn key(self) -> &'static str {
        match self {
            Self::OnItsWay => "filter-on-its-way",
            Self::Sent => "aw-sent",
            Self::Held => "filter-held",
            Self::Failed => "aw-failed",
            Self::Revoked => "filter-revoked",
            Self::Withdrawn => "aw-withdrawn",
        }
    }
}

/// The columns one can sort by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HistoryColumn {
    /// When.
    Date,
    /// Who.
    Person,
    /// Which badge.
    Badge,
}

/// A column and its direction. Newest first by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistorySort {
    /// By which column.
    pub column: HistoryColumn,
    /// Which way.
    pub direction: Direction,
}

impl Default for HistorySort {
    fn default() -> Self {
        Self {
            column: HistoryColumn::Date,
            direction: Direction::Down,
        }
    }
}

impl HistorySort {
    /// The value of `sort`: `date`, `-date`, `person` …
    pub const fn code(self) -> &'static str {
        match (self.column, self.direction) {
            (HistoryColumn::Date, Direction::Up) => "date",
            (HistoryColumn::Date, Direction::Down) => "-date",
            (HistoryColumn::Person, Direction::Up) => "person",
            (HistoryColumn::Person, Direction::Down) => "-person",
            (HistoryColumn::Badge, Direction::Up) => "badge",
            (HistoryColumn::Badge, Direction::Down) => "-badge",
        }
    }

    /// The order with this code; newest first for any other.
    pub fn parse(code: &str) -> Self {
        [HistoryColumn::Date, HistoryColumn::Person, HistoryColumn::Badge]
            .into_iter()
            .flat_map(|column| [Direction::Up, Direction::Down].map(|direction| Self { column, direction }))
            .find(|s| s.code() == code)
            .unwrap_or_default()
    }

    fn next(self, column: HistoryColumn) -> Self {
        let turned = match self.direction {
            Direction::Up => Direction::Down,
            Direction::Down => Direction::Up,
        };
        let first = if column == HistoryColumn::Date {
            Direction::Down
        } else {
            Direction::Up
        };
        Self {
            column,
            direction: if self.column == column { turned } else { first },
        }
    }
}

/// One award.
#[derive(Clone, Debug)]
pub struct HistoryRow {
    /// The award's id; `None` for awards of other tools, which have no page here.
    pub award: Option<String>,
    /// When it was asked for.
    pub at: Timestamp,
    /// The person's name, or the address.
    pub person: String,
    /// The badge's name.
    pub badge: String,
    /// Where it came from.
    pub cause: Cause,
    /// By whom; may be empty.
    pub by: String,
    /// The state.
    pub word: AwardWord,
}

impl Page for HistoryPage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("history-title")
    }
}

/// A heading of the table, ready to print.
struct Head {
    words: String,
    href: String,
    aria: &'static str,
    arrow: &'static str,
}

impl HistoryPage {
    fn is_filtered(&self) -> bool {
        let f = &self.filter;
        f.state.is_some()
            || f.how.is_some()
            || [&f.badge, &f.person, &f.from, &f.to]
                .iter()
                .any(|text| !text.is_empty())
    }

    fn is_how(&self, cause: Cause) -> bool {
        self.filter.how == Some(cause)
    }

    fn is_state(&self, code: &str) -> bool {
        self.filter.state.is_some_and(|state| state.code() == code)
    }

    fn heads(&self) -> Vec<Head> {
        [
            (HistoryColumn::Date, "col-date"),
            (HistoryColumn::Person, "col-person"),
            (HistoryColumn::Badge, "col-badge"),
        ]
        .into_iter()
        .map(|(column, key)| {
            let sorted = (self.sort.column == column).then_some(self.sort.direction);
            Head {
                words: self.frame.text.say(key),
                href: self.address(self.sort.next(column), 1, self.size),
                aria: sorted.map_or("none", Direction::aria),
                arrow: sorted.map_or("", Direction::arrow),
            }
        })
        .collect()
    }

    fn page_address(&self, page: usize) -> String {
        self.address(self.sort, page, self.size)
    }

    fn previous_address(&self) -> Option<String> {
        self.pager.previous().map(|page| self.page_address(page))
    }

    fn next_address(&self) -> Option<String> {
        self.pager.next().map(|page| self.page_address(page))
    }

    fn size_address(&self, size: usize) -> String {
        self.address(self.sort, 1, size)
    }

    fn csv_address(&self) -> String {
        self.frame.url(&format!(
            "/history.csv?{}sort={}",
            self.filter_query(),
            self.sort.code()
        ))
    }

    fn address(&self, sort: HistorySort, page: usize, size: usize) -> String {
        self.frame.url(&format!(
            "/history?{}sort={}&page={page}&size={size}",
            self.filter_query(),
            sort.code()
        ))
    }

    /// The filters as the start of a query, ending in `&` unless empty.
    fn filter_query(&self) -> String {
        let f = &self.filter;
        let state = f.state.map(HistoryState::code).unwrap_or_default();
        let how = ORIGINS.iter().find(|(_, cause)| f.how == Some(*cause));
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("badge", f.badge.as_str()),
            ("person", &f.person),
            ("state", state),
            ("how", how.map_or("", |(code, _)| *code)),
            ("from", &f.from),
            ("to", &f.to),
        ] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        let query = query.finish();
        if query.is_empty() { query } else { format!("{query}&") }
    }
}
