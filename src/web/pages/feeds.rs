//! Feeds, what they have seen, and signals that wait for a name.

use askama::Template;

use super::{Frame, Mistakes, Page, framed};
use crate::clock::Timestamp;
use crate::model::matching::{Dropped, Outcome, Parked};
use crate::model::signal::SignalKind;

/// `/c/{seat}/feeds`: what pushes news here.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "course/feeds.html")]
pub struct FeedsPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// Whether the visitor administers the LMS: then each feed has a page.
    pub administers: bool,
    /// The feeds.
    pub feeds: Vec<FeedLine>,
    /// How many signals wait for a name.
    pub waiting: usize,
}

/// A feed in the list.
#[derive(Clone, Debug, Default)]
pub struct FeedLine {
    /// Its id.
    pub id: String,
    /// Its name; may be empty.
    pub name: String,
    /// What it accepts.
    pub kind: &'static str,
    /// Whether it takes anything.
    pub enabled: bool,
    /// Events that were taken.
    pub accepted: usize,
    /// Requests that did not prove themselves.
    pub refused: usize,
    /// Requests that could not be read.
    pub unreadable: usize,
    /// When the last event was taken.
    pub last: Option<Timestamp>,
    /// What could not be read last, and when.
    pub error: Option<(String, Timestamp)>,
}

impl FeedLine {
    /// Its name, else what it accepts.
    pub fn title(&self) -> &str {
        if self.name.is_empty() { self.kind } else { &self.name }
    }
}

/// `/c/{seat}/feeds/{feed}`: one feed, with a test. Posts `body`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "course/feed.html")]
pub struct FeedPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The feed.
    pub line: FeedLine,
    /// Its address, without a key.
    pub address: String,
    /// Whether there is an address with a key, too.
    pub has_key: bool,
    /// When its secret was made.
    pub rotated: Timestamp,
    /// When a request was refused last.
    pub refused_at: Option<Timestamp>,
    /// Events that were there already.
    pub repeated: usize,
    /// Events that say nothing that counts.
    pub ignored: usize,
    /// Requests beyond the rate.
    pub limited: usize,
    /// Signals that were counted and not kept.
    pub dropped: usize,
    /// The signals that are kept.
    pub kept: Kept,
    /// The newest of them, the latest first.
    pub latest: Vec<LatestSignal>,
    /// The body to be read as a test.
    pub body: String,
    /// What it says.
    pub tried: Option<Tried>,
    /// What was wrong.
    pub mistakes: Mistakes,
}

/// How many signals are kept, by what became of them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Kept {
    /// Nobody looked at them yet.
    pub new: usize,
    /// About somebody in a course.
    pub matched: usize,
    /// Wait for a name.
    pub waiting: usize,
    /// Of no use.
    pub dropped: usize,
}

/// A signal that a feed brought.
#[derive(Clone, Debug)]
pub struct LatestSignal {
    /// When it came in.
    pub at: Timestamp,
    /// What happened.
    pub kind: SignalKind,
    /// To what.
    pub item: String,
    /// What became of it, as stored.
    pub state: String,
    /// Why, where there is a reason.
    pub reason: String,
}

impl LatestSignal {
    /// The message that says what happened.
    pub const fn happened(&self) -> &'static str {
        kind_key(self.kind)
    }

    /// The message that says what became of it.
    pub fn outcome(&self) -> &'static str {
        if let Ok(why) = self.reason.parse::<Parked>() {
            return why_key(why);
        }
        match (self.state.as_str(), self.reason.parse::<Dropped>()) {
            ("stored", _) => "feed-latest-new",
            (_, Ok(Dropped::TestUser)) => "feed-latest-test",
            (_, Ok(Dropped::NotLearner)) => "feed-latest-staff",
            (_, Ok(Dropped::OtherCourse)) => "feed-latest-course",
            (_, Ok(Dropped::Discarded)) => "feed-latest-discarded",
            ("dropped", _) => "feed-latest-dropped",
            _ => match self.reason.parse::<Outcome>() {
                Ok(Outcome::Older) => "feed-latest-older",
                Ok(Outcome::Hint) => "feed-latest-hint",
                _ => "feed-latest-taken",
            },
        }
    }
}

/// What a body says, read as a test.
#[derive(Clone, Debug, Default)]
pub struct Tried {
    /// Its signals.
    pub signals: Vec<TriedSignal>,
    /// How many of its events say nothing that counts.
    pub ignored: usize,
}

/// One signal of it.
#[derive(Clone, Debug)]
pub struct TriedSignal {
    /// What happened.
    pub kind: SignalKind,
    /// To what.
    pub item: String,
    /// What would become of it.
    pub found: TriedFound,
}

/// What would become of a signal.
#[derive(Clone, Copy, Debug)]
pub enum TriedFound {
    /// It is about somebody in a course.
    Taken,
    /// It would wait.
    Waits(Parked),
    /// It would be dropped.
    Dropped(Dropped),
}

impl TriedSignal {
    /// The message that says what happened.
    pub const fn happened(&self) -> &'static str {
        kind_key(self.kind)
    }

    /// The message that says what would become of it.
    pub const fn outcome(&self) -> &'static str {
        match self.found {
            TriedFound::Taken => "feed-test-taken",
            TriedFound::Waits(why) => why_key(why),
            TriedFound::Dropped(Dropped::TestUser) => "feed-drop-test",
            TriedFound::Dropped(Dropped::NotLearner) => "feed-drop-staff",
            // nobody discards what is only tried
            TriedFound::Dropped(Dropped::OtherCourse | Dropped::Discarded) => "feed-drop-course",
        }
    }
}

/// `/c/{seat}/unmatched`: signals that wait. Posts `signal` and `means`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "course/unmatched.html")]
pub struct UnmatchedPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// Whether the visitor may say what is meant.
    pub maps: bool,
    /// The signals, the latest first.
    pub rows: Vec<WaitingRow>,
    /// What was wrong.
    pub mistakes: Mistakes,
}

/// A signal that waits.
#[derive(Clone, Debug)]
pub struct WaitingRow {
    /// Its id.
    pub id: String,
    /// The feed's name; may be empty.
    pub feed: String,
    /// When it came in.
    pub at: Timestamp,
    /// What happened.
    pub kind: SignalKind,
    /// To what.
    pub item: String,
    /// Who, as the sender said.
    pub person: String,
    /// Where, as the sender said.
    pub course: String,
    /// Why it waits.
    pub why: Parked,
    /// What was entered.
    pub value: String,
    /// Whether that finds nobody.
    pub wrong: bool,
}

impl WaitingRow {
    /// The message that says what happened.
    pub const fn happened(&self) -> &'static str {
        kind_key(self.kind)
    }

    /// The message that says why it waits.
    pub const fn reason(&self) -> &'static str {
        why_key(self.why)
    }

    /// The message of the field, if a person's word helps.
    pub const fn asks(&self) -> Option<&'static str> {
        match self.why {
            Parked::CourseUnknown | Parked::CourseAmbiguous => Some("unmatched-course"),
            Parked::PersonUnknown | Parked::PersonAmbiguous => Some("unmatched-person"),
            Parked::NotEnrolled => None,
        }
    }
}

const fn kind_key(kind: SignalKind) -> &'static str {
    match kind {
        SignalKind::Completed => "signal-completed",
        SignalKind::Uncompleted => "signal-uncompleted",
        SignalKind::Passed => "signal-passed",
        SignalKind::Failed => "signal-failed",
        SignalKind::Score => "signal-score",
        SignalKind::Concluded => "signal-concluded",
        SignalKind::Hint => "signal-hint",
        SignalKind::AwardIssued | SignalKind::AwardRevoked => "signal-award",
    }
}

const fn why_key(why: Parked) -> &'static str {
    match why {
        Parked::CourseUnknown => "parked-course",
        Parked::CourseAmbiguous => "parked-courses",
        Parked::PersonUnknown => "parked-person",
        Parked::PersonAmbiguous => "parked-people",
        Parked::NotEnrolled => "parked-enrolment",
    }
}

impl Page for FeedsPage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("feeds-title")
    }
}

impl Page for FeedPage {
    framed!();

    fn heading(&self) -> String {
        self.frame
            .text
            .msg("feed-title")
            .with("name", self.line.title())
            .to_string()
    }

    fn is_refused(&self) -> bool {
        !self.mistakes.is_empty()
    }
}

impl Page for UnmatchedPage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("unmatched-title")
    }

    fn is_refused(&self) -> bool {
        !self.mistakes.is_empty()
    }
}
