//! Samples of the pages about feeds.

use super::super::feeds::{
    FeedLine, FeedPage, FeedsPage, Kept, LatestSignal, Tried, TriedFound, TriedSignal, UnmatchedPage, WaitingRow,
};
use super::super::{Frame, Mistake, Mistakes, Section};
use super::{HOSTILE, NAMES, ago, staff};
use crate::model::matching::{Dropped, Parked};
use crate::model::signal::SignalKind;

const KINDS: [SignalKind; 9] = [
    SignalKind::Completed,
    SignalKind::Uncompleted,
    SignalKind::Passed,
    SignalKind::Failed,
    SignalKind::Score,
    SignalKind::Concluded,
    SignalKind::Hint,
    SignalKind::AwardIssued,
    SignalKind::AwardRevoked,
];

fn frame() -> Frame {
    let mut frame = staff(Section::Feeds);
    frame.administers = true;
    frame
}

fn lines() -> Vec<FeedLine> {
    let line = |name: &str, kind, error: Option<&str>| FeedLine {
        id: "01J8".to_owned(),
        name: name.to_owned(),
        kind,
        enabled: error.is_none(),
        accepted: 12_345,
        refused: 2,
        unreadable: 1,
        last: error.is_none().then(|| ago(60)),
        error: error.map(|text| (text.to_owned(), ago(90))),
    };
    vec![
        line("Campus", "webhook", None),
        line("", "canvas", Some("event 2: body.user.id is missing or cannot be read")),
        line(HOSTILE, "moodle", Some(HOSTILE)),
    ]
}

impl FeedsPage {
    /// Filled for both kinds of visitors, and empty.
    pub fn samples() -> Vec<Self> {
        vec![
            Self {
                frame: frame(),
                administers: true,
                feeds: lines(),
                waiting: 3,
            },
            Self {
                frame: staff(Section::Feeds),
                administers: false,
                feeds: lines(),
                waiting: 0,
            },
            Self {
                frame: frame(),
                administers: true,
                ..Self::default()
            },
        ]
    }
}

impl FeedPage {
    /// A quiet one, one that was tested, one whose test cannot be read.
    pub fn samples() -> Vec<Self> {
        let page = |line: Option<FeedLine>| Self {
            frame: frame(),
            line: line.unwrap_or_default(),
            address: "https://badges.example/feeds/01J8/webhook".to_owned(),
            rotated: ago(5000),
            body: "{\"type\": \"course.completed\"}".to_owned(),
            ..Self::default()
        };
        let mut all: Vec<Self> = lines().into_iter().map(|line| page(Some(line))).collect();
        let outcomes = [TriedFound::Taken, TriedFound::Dropped(Dropped::TestUser)];
        let more = [
            TriedFound::Dropped(Dropped::NotLearner),
            TriedFound::Dropped(Dropped::OtherCourse),
        ];
        let waits = Parked::ALL.iter().map(|why| TriedFound::Waits(*why));
        let found = outcomes.into_iter().chain(more).chain(waits);
        let signals = KINDS.into_iter().zip(found).map(|(kind, found)| TriedSignal {
            kind,
            item: HOSTILE.to_owned(),
            found,
        });
        if let Some(first) = all.first_mut() {
            first.tried = Some(Tried {
                signals: signals.collect(),
                ignored: 2,
            });
            let became = [
                ("stored", None),
                ("matched", Some("fact")),
                ("matched", Some("older")),
                ("matched", Some("hint")),
                ("parked", Some("course-unknown")),
                ("dropped", Some("test-user")),
                ("dropped", Some("not-learner")),
                ("dropped", Some("other-course")),
                ("dropped", Some("discarded")),
                ("dropped", None),
            ];
            let row = |(kind, (state, reason)): (SignalKind, (&str, Option<&str>))| LatestSignal {
                at: ago(60),
                kind,
                item: HOSTILE.to_owned(),
                state: state.to_owned(),
                reason: reason.unwrap_or_default().to_owned(),
            };
            first.latest = KINDS.into_iter().cycle().zip(became).map(row).collect();
            first.has_key = true;
            first.refused_at = Some(ago(300));
            first.kept = Kept {
                new: 1,
                matched: 2000,
                waiting: 3,
                dropped: 4,
            };
        }
        if let Some(last) = all.last_mut() {
            let place = "not JSON at line 1, column 2".to_owned();
            last.mistakes = Mistakes::one("body", Mistake::FeedBody { place });
            HOSTILE.clone_into(&mut last.body);
        }
        all
    }
}

impl UnmatchedPage {
    /// Every reason, to be answered and to be read; a mistake; nothing.
    pub fn samples() -> Vec<Self> {
        let row = |(place, why): (usize, &Parked)| WaitingRow {
            id: format!("01J{place}"),
            feed: if place == 0 { String::new() } else { HOSTILE.to_owned() },
            at: ago(place.try_into().unwrap_or(0)),
            kind: KINDS.get(place).copied().unwrap_or(SignalKind::Hint),
            item: "activity:77".to_owned(),
            person: NAMES.get(place).map_or(HOSTILE, |name| name).to_owned(),
            course: HOSTILE.to_owned(),
            why: *why,
            value: String::new(),
            wrong: false,
        };
        let rows: Vec<WaitingRow> = Parked::ALL.iter().enumerate().map(row).collect();
        let mut wrong = rows.clone();
        if let Some(first) = wrong.first_mut() {
            first.wrong = true;
            HOSTILE.clone_into(&mut first.value);
        }
        let page = |maps, rows, mistakes| Self {
            frame: frame(),
            maps,
            rows,
            mistakes,
        };
        vec![
            page(true, rows.clone(), Mistakes::none()),
            page(true, wrong, Mistakes::one("means", Mistake::NotFoundHere)),
            page(false, rows, Mistakes::none()),
            page(true, Vec::new(), Mistakes::none()),
        ]
    }
}
