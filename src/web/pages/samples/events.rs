//! Samples of searches for events and of reports.

use super::admin::{admin, hostile};
use super::badges::away;
use super::{HOSTILE, NOW, ago};
use crate::clock::Timestamp;
use crate::model::found_event::SearchState;
use crate::web::pages::admin::badges::Age;
use crate::web::pages::admin::events::{
    AdminEventPage, EnteredSearch, EventRow, EventsPage, PersonRow, SearchPage, SearchRow,
};
use crate::web::pages::admin::reports::ReportsPage;
use crate::web::pages::plot::{Bars, OverTime};
use crate::web::pages::{Mistake, Mistakes, Pager, Room};

const ID: &str = "01930f3e-0000-7000-8000-000000000001";

fn search(state: SearchState, total: Option<u64>, found: u64) -> SearchRow {
    SearchRow {
        id: ID.to_owned(),
        terms: vec![
            ("col-badge", "B1".to_owned()),
            ("filter-from", "1 November 2026".to_owned()),
        ],
        state,
        total,
        found,
        wanted: total.unwrap_or(0),
        count_only: false,
        error: None,
        at: ago(2),
    }
}

impl EventsPage {
    /// Nothing searched yet, some, refused.
    pub fn samples() -> Vec<Self> {
        let none = Self {
            frame: admin(Room::Events),
            ..Self::default()
        };
        let some = Self {
            badges: vec![("B1".into(), "Lab Safety".into()), ("B2".into(), "Welcome".into())],
            entered: EnteredSearch {
                badge: "B2".into(),
                order: "desc".into(),
                ..EnteredSearch::default()
            },
            searches: vec![
                search(SearchState::Done, Some(1_200), 1_200),
                SearchRow {
                    terms: Vec::new(),
                    ..search(SearchState::Counting, None, 0)
                },
                search(SearchState::Failed, Some(3), 0),
            ],
            ..none.clone()
        };
        let mut mistakes = Mistakes::none();
        mistakes.note("email", Mistake::NotAnAddress);
        mistakes.note("from", Mistake::NotADate);
        mistakes.note("to", Mistake::DatesCross);
        mistakes.note("limit", Mistake::NotANumber);
        mistakes.note("offset", Mistake::NotANumber);
        let refused = Self {
            frame: hostile(Room::Events),
            badges: vec![(HOSTILE.into(), HOSTILE.into())],
            entered: EnteredSearch {
                badge: HOSTILE.into(),
                email: HOSTILE.into(),
                consumer: HOSTILE.into(),
                limit: HOSTILE.into(),
                offset: HOSTILE.into(),
                count_only: true,
                ..EnteredSearch::default()
            },
            searches: vec![SearchRow {
                terms: vec![("events-consumer", HOSTILE.into())],
                ..search(SearchState::Reading, Some(9), 3)
            }],
            mistakes,
        };
        vec![none, some, refused]
    }
}

impl SearchPage {
    /// Counting, reading, done, only counted, away, hostile words.
    pub fn samples() -> Vec<Self> {
        let row = |number: usize| EventRow {
            id: format!("E{number}"),
            badge: "Lab Safety".into(),
            people: "ada@campus.example, noa@campus.example".into(),
            count: number,
            issued: Some(ago(60 * 24)),
            consumer: "badgebridge".into(),
            revoked: number % 2,
        };
        let counting = Self {
            frame: admin(Room::Events),
            search: search(SearchState::Counting, None, 0),
            pager: Pager::of(0, 50, 1),
            rows: Vec::new(),
        };
        let reading = Self {
            search: search(SearchState::Reading, Some(1_200), 600),
            pager: Pager::of(600, 50, 2),
            rows: vec![row(1), row(7)],
            ..counting.clone()
        };
        let done = Self {
            search: search(SearchState::Done, Some(1), 1),
            pager: Pager::of(1, 50, 1),
            rows: vec![row(1)],
            ..counting.clone()
        };
        let counted = Self {
            search: SearchRow {
                count_only: true,
                ..search(SearchState::Done, Some(42), 0)
            },
            ..counting.clone()
        };
        let away = Self {
            frame: hostile(Room::Events),
            search: SearchRow {
                error: Some(HOSTILE.into()),
                terms: vec![("events-email", HOSTILE.into())],
                ..search(SearchState::Failed, Some(2), 2)
            },
            pager: Pager::of(2, 50, 1),
            rows: vec![EventRow {
                id: HOSTILE.into(),
                badge: HOSTILE.into(),
                people: HOSTILE.into(),
                consumer: HOSTILE.into(),
                issued: None,
                ..row(5)
            }],
        };
        vec![counting, reading, done, counted, away]
    }
}

impl AdminEventPage {
    /// As read, not read yet, hostile words.
    pub fn samples() -> Vec<Self> {
        let person = |address: &str, class, word: &str, page: Option<&str>| PersonRow {
            address: address.to_owned(),
            class,
            word: word.to_owned(),
            page: page.map(str::to_owned),
        };
        let plain = Self {
            frame: admin(Room::Events),
            id: "E9wzDemo77".into(),
            badge: "Lab Safety".into(),
            facts: vec![("csv-event", "E9wzDemo77".into()), ("event-until", String::new())],
            people: vec![
                person(
                    "ada@campus.example",
                    "done",
                    "Collected",
                    Some("https://factory.example/v1/assertion/a1"),
                ),
                person("noa@campus.example", "off", "Revoked", None),
            ],
            is_read: true,
            age: Age {
                read: Some(ago(1)),
                failing: None,
            },
        };
        let unread = Self {
            badge: String::new(),
            is_read: false,
            age: away(false),
            ..plain.clone()
        };
        let hostile = Self {
            frame: hostile(Room::Events),
            badge: HOSTILE.into(),
            facts: vec![("event-log", HOSTILE.into())],
            people: vec![person(
                HOSTILE,
                "off",
                HOSTILE,
                Some("https://factory.example/?\"><script>alert('x')"),
            )],
            ..plain.clone()
        };
        vec![plain, unread, hostile]
    }
}

impl ReportsPage {
    /// Filled, nothing awarded, few, not counted yet, refused.
    pub fn samples() -> Vec<Self> {
        let day = |n: i64| Timestamp::from_seconds(NOW.seconds() / 86_400 * 86_400 - n * 86_400);
        let bars = |id, title: &str, rows: Vec<(String, u64)>| Bars {
            id,
            title: title.to_owned(),
            column: "Badge".into(),
            counted: "Awards".into(),
            rows,
        };
        let named = |rows: &[(&str, u64)]| rows.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect();
        let plain = Self {
            frame: admin(Room::Reports),
            from: "2025-11-21".into(),
            to: "2026-11-21".into(),
            is_read: true,
            age: Age {
                read: Some(ago(4)),
                failing: None,
            },
            total: 60,
            over_time: OverTime::of(&[(day(200), 12), (day(90), 30), (day(1), 18)]),
            badges: bars(
                "badges",
                "Awards by badge",
                named(&[("Lab Safety", 40), ("Welcome", 20)]),
            ),
            courses: bars("courses", "Awards by course", named(&[("Cell Biology Lab", 60)])),
            funnel: bars(
                "applications",
                "Applications",
                named(&[("Applied", 9), ("Decided", 7), ("Approved", 5)]),
            ),
            asked: 3,
            approved: 5,
            mistakes: Mistakes::none(),
        };
        let nothing = Self {
            total: 0,
            over_time: None,
            badges: Bars::default(),
            courses: Bars::default(),
            funnel: bars("applications", "Applications", Vec::new()),
            asked: 0,
            approved: 0,
            ..plain.clone()
        };
        let few = Self {
            total: 2,
            over_time: None,
            ..plain.clone()
        };
        let uncounted = Self {
            is_read: false,
            age: Age::default(),
            ..nothing.clone()
        };
        let refused = Self {
            frame: hostile(Room::Reports),
            from: HOSTILE.into(),
            mistakes: Mistakes::one("from", Mistake::NotADate),
            ..uncounted.clone()
        };
        let hostile = Self {
            frame: hostile(Room::Reports),
            badges: bars("badges", HOSTILE, vec![(HOSTILE.into(), 3)]),
            courses: bars("courses", &format!("{HOSTILE} 2"), vec![(HOSTILE.into(), 3)]),
            ..plain.clone()
        };
        vec![plain, nothing, few, uncounted, refused, hostile]
    }
}
