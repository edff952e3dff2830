//! Connections to the REST API of an LMS, and how often a course is asked there.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use super::award::words;
use super::signal::Source;
use super::{ConnectionId, CourseId, OrganisationId, RegistrationId};
use crate::clock::Timestamp;
use crate::crypto::seal::Place;

words! {
    /// Whose interface it is.
    ConnectionKind {
        /// Canvas: a developer key, authorised by a service account.
        Canvas = "canvas",
        /// Brightspace: client credentials, proven by our own key; or an authorization code, where there is a secret.
        Brightspace = "brightspace",
        /// Moodle: a web service's token.
        Moodle = "moodle",
    }
}

impl ConnectionKind {
    /// What its answers become signals of.
    pub const fn source(self) -> Source {
        match self {
            Self::Canvas => Source::CanvasApi,
            Self::Brightspace => Source::BrightspaceApi,
            Self::Moodle => Source::MoodleApi,
        }
    }

    /// Whether a service account must agree; see [`Connection::asks_consent`].
    pub const fn asks_consent(self, has_secret: bool) -> bool {
        match self {
            Self::Canvas => true,
            Self::Brightspace => has_secret,
            Self::Moodle => false,
        }
    }
}

/// A connection. Its secrets are sealed.
#[derive(Clone, PartialEq, Eq)]
pub struct Connection {
    /// Our id; the secrets are sealed to it.
    pub id: ConnectionId,
    /// Whose it is.
    pub organisation: OrganisationId,
    /// Whose courses it asks about.
    pub registration: RegistrationId,
    /// Whose interface it is.
    pub kind: ConnectionKind,
    /// The LMS's address, without a slash at the end.
    pub base_url: String,
    /// Where tokens come from; `None`: the token never changes.
    pub token_url: Option<String>,
    /// The client's id at the LMS.
    pub client_id: Option<String>,
    /// The client's secret or the web service's token, sealed.
    pub secret: Option<Vec<u8>>,
    /// What brings the next access token, sealed.
    pub refresh: Option<Vec<u8>>,
    /// The access token, sealed, and its end.
    pub access: Option<(Vec<u8>, Timestamp)>,
    /// The account that asks, as the LMS names it.
    pub account: Option<String>,
    /// The code of a consent that came back, sealed, with the address that it came back to.
    pub code: Option<(Vec<u8>, String)>,
    /// Until when a consent under way may come back.
    pub consent_until: Option<Timestamp>,
    /// Since when it can ask; `None`: it waits for consent.
    pub connected_at: Option<Timestamp>,
    /// Whether it asks.
    pub enabled: bool,
    /// The LMS asked not to be asked before this moment.
    pub throttled_until: Option<Timestamp>,
    /// When it last worked.
    pub ok_at: Option<Timestamp>,
    /// What went wrong last, and when.
    pub error: Option<(String, Timestamp)>,
    /// Since when nothing works.
    pub failing_since: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Connection {
    /// Whether it can be asked.
    pub const fn is_open(&self) -> bool {
        self.enabled && self.connected_at.is_some()
    }

    /// Whether a service account agrees to be asked as: always at Canvas; at Brightspace where the application has a
    /// secret, else our own key proves who we are.
    pub const fn asks_consent(&self) -> bool {
        self.kind.asks_consent(self.secret.is_some())
    }

    /// When somebody may have it tested: not again while that is just done, and not before the LMS wants to be asked.
    pub fn may_be_tried_at(&self, last: Option<&Trial>) -> Option<Timestamp> {
        last.map(|trial| trial.at.plus(ASKED_APART)).max(self.throttled_until)
    }
}

/// What a test of a connection told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trial {
    /// When it began.
    pub at: Timestamp,
    /// What was tried; `None`: it is under way.
    pub tried: Option<Vec<Tried>>,
}

impl Trial {
    /// Whether it is under way. One that began long ago was interrupted.
    pub fn is_running(&self, now: Timestamp) -> bool {
        self.tried.is_none() && self.at.plus(TRIAL_LONGEST) > now
    }
}

/// One thing that was tried.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Tried {
    /// What.
    pub what: Cow<'static, str>,
    /// What it needs at the LMS: a scope or a function.
    pub needs: Cow<'static, str>,
    /// Why it did not work; absent: it did.
    pub error: Option<String>,
}

/// From one time that somebody has a connection tested or a course checked through it to the next.
pub const ASKED_APART: Duration = Duration::from_mins(1);
/// A test that is not over after so long never will be.
const TRIAL_LONGEST: Duration = Duration::from_mins(10);

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .field("base_url", &self.base_url)
            .field("enabled", &self.enabled)
            .finish_non_exhaustive()
    }
}

/// Where a connection's secret is sealed to; `id` is the connection's, as text.
pub fn secret_place(id: &str) -> Place<'_> {
    Place::new("connection", id, "secret")
}

/// From one time that somebody asks for everything about a course to the next.
const ANEW_APART: Duration = Duration::from_mins(1);

/// Where its refresh token is sealed to.
pub fn refresh_place(id: &str) -> Place<'_> {
    Place::new("connection", id, "refresh")
}

/// Where its access token is sealed to.
pub fn access_place(id: &str) -> Place<'_> {
    Place::new("connection", id, "access")
}

/// Where the code of a consent is sealed to.
pub fn code_place(id: &str) -> Place<'_> {
    Place::new("connection", id, "code")
}

words! {
    /// Which of the last looks at a course that has ended were taken.
    Swept {
        /// None: it goes on, or its end was not looked at yet.
        No = "no",
        /// The one at its end.
        End = "end",
        /// The one some time after: it is asked no more.
        Late = "late",
    }
}

/// How one course is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pull {
    /// The course.
    pub course: CourseId,
    /// Whose it is.
    pub organisation: OrganisationId,
    /// When it was asked last, whatever came of it.
    pub asked_at: Option<Timestamp>,
    /// When it was asked last and answered.
    pub ok_at: Option<Timestamp>,
    /// When there was news last.
    pub news_at: Option<Timestamp>,
    /// How often there was none since.
    pub idle: u32,
    /// How often asking failed since it last went well.
    pub failures: u32,
    /// Why it failed last, and when.
    pub error: Option<(String, Timestamp)>,
    /// When it is asked next; `None`: not by itself.
    pub next_at: Option<Timestamp>,
    /// When the course ends, as the LMS says.
    pub ends_at: Option<Timestamp>,
    /// Which last looks were taken.
    pub swept: Swept,
    /// Where the LMS's lists go on.
    pub cursor: Cursor,
    /// How often somebody asked for everything: a look that began before does not undo the wish.
    pub generation: i64,
    /// When somebody did so last.
    pub anew_at: Option<Timestamp>,
}

/// Where the LMS's lists go on.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Cursor {
    /// Everything before this moment was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since_ms: Option<i64>,
    /// When everything was looked at, not only what changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full_ms: Option<i64>,
    /// When a list that costs much was read last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slow_ms: Option<i64>,
    /// The person behind whom the next ones are asked about one by one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

impl Pull {
    /// Of a course that was never asked.
    pub fn new(organisation: OrganisationId, course: CourseId) -> Self {
        Self {
            course,
            organisation,
            asked_at: None,
            ok_at: None,
            news_at: None,
            idle: 0,
            failures: 0,
            error: None,
            next_at: None,
            ends_at: None,
            swept: Swept::No,
            cursor: Cursor::default(),
            generation: 0,
            anew_at: None,
        }
    }

    /// Whether everything is to be looked at, not only what changed.
    pub fn wants_all(&self, now: Timestamp, pace: &Pace) -> bool {
        let full = self.cursor.full_ms.map(Timestamp::from_millis);
        full.is_none_or(|at| at.plus(pace.full) <= now) || self.is_last_look(now, pace)
    }

    /// Whether everything was looked at last before this moment.
    pub fn is_older_than(&self, changed_at: Option<Timestamp>) -> bool {
        let full = self.cursor.full_ms.map(Timestamp::from_millis);
        changed_at > full
    }

    /// Whether somebody may ask for everything now: not again while that is just done.
    pub fn may_ask_anew(&self, now: Timestamp) -> bool {
        self.anew_at.is_none_or(|at| at.plus(ANEW_APART) <= now)
    }

    /// Whether this look is one of the two last ones.
    pub fn is_last_look(&self, now: Timestamp, pace: &Pace) -> bool {
        let Some(end) = self.ends_at else { return false };
        match self.swept {
            Swept::No => end <= now,
            Swept::End => end.plus(pace.late) <= now,
            Swept::Late => false,
        }
    }

    /// Notes a look that went well: whether it brought news, what the LMS says of the course's end. Sets when the next
    /// one is due.
    pub fn went_well(&mut self, news: bool, ends_at: Option<Timestamp>, now: Timestamp, pace: &Pace) {
        self.asked_at = Some(now);
        self.ok_at = Some(now);
        self.failures = 0;
        self.error = None;
        if news {
            self.news_at = Some(now);
            self.idle = 0;
        } else {
            self.idle = self.idle.saturating_add(1);
        }
        // the end was moved: everything begins anew
        if ends_at.is_none_or(|end| end > now) {
            self.swept = Swept::No;
        }
        self.ends_at = ends_at;
        if let Some(end) = self.ends_at.filter(|end| *end <= now) {
            self.swept = if end.plus(pace.late) <= now {
                Swept::Late
            } else {
                Swept::End
            };
        }
        self.next_at = self.due(now, pace);
    }

    /// Notes a look that failed. `after`: the LMS asked to wait so long.
    pub fn went_wrong(&mut self, why: String, after: Option<Duration>, now: Timestamp, pace: &Pace) {
        self.asked_at = Some(now);
        self.failures = self.failures.saturating_add(1);
        self.error = Some((why, now));
        let pause = doubled(pace.failed, self.failures.saturating_sub(1), pace.failed_most);
        self.next_at =
            Some(now.plus(after.map_or(pause, |asked| asked.clamp(pause.min(pace.failed), pace.failed_most))));
    }

    /// When a course that was asked now is asked again: at its pace, slower the longer there was no news, at its end, and
    /// once some time after.
    fn due(&self, now: Timestamp, pace: &Pace) -> Option<Timestamp> {
        let regular = now.plus(spread(
            doubled(pace.every, self.idle.saturating_sub(2) / 2, pace.idle_most),
            self.course,
        ));
        match (self.swept, self.ends_at) {
            (Swept::Late, _) => None,
            (Swept::End, Some(end)) => Some(end.plus(pace.late)),
            (_, Some(end)) if end < regular => Some(end),
            _ => Some(regular),
        }
    }
}

/// How often courses are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// From one look to the next, while there is news.
    pub every: Duration,
    /// The same, at most, where there was none for long.
    pub idle_most: Duration,
    /// Everything is looked at so often, not only what changed.
    pub full: Duration,
    /// From the end of a course to the very last look.
    pub late: Duration,
    /// After a look that failed; twice as long each time.
    pub failed: Duration,
    /// The same, at most.
    pub failed_most: Duration,
    /// From a look to the next one that a push asks for.
    pub hint: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            every: Duration::from_mins(5),
            idle_most: Duration::from_hours(1),
            full: Duration::from_hours(24),
            late: Duration::from_hours(14 * 24),
            failed: Duration::from_mins(5),
            failed_most: Duration::from_hours(6),
            hint: Duration::from_secs(30),
        }
    }
}

fn doubled(first: Duration, times: u32, most: Duration) -> Duration {
    first
        .saturating_mul(2_u32.saturating_pow(times.min(16)))
        .min(most.max(first))
}

/// Up to a tenth more, by the course's id: courses that began together do not stay together.
fn spread(span: Duration, course: CourseId) -> Duration {
    let share = u32::from(
        course
            .uuid()
            .as_bytes()
            .iter()
            .fold(0_u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(*byte)),
    );
    span.saturating_add(span.saturating_mul(share) / 2_560)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    fn pull() -> Pull {
        let id = Uuid::from_u128(0);
        Pull::new(OrganisationId::new(id), CourseId::new(id))
    }

    fn at(minutes: u32) -> Timestamp {
        Timestamp::from_seconds(1_000_000).plus(MINUTE * minutes)
    }

    fn wait(pull: &Pull, now: Timestamp) -> Duration {
        pull.next_at.unwrap().since(now)
    }

    #[test]
    fn courses_without_news_are_asked_ever_more_rarely_and_news_brings_them_back() {
        let (mut pull, pace, now) = (pull(), Pace::default(), at(0));
        let mut waits = Vec::new();
        for _ in 0..12 {
            pull.went_well(false, None, now, &pace);
            waits.push(wait(&pull, now).as_secs() / 60);
        }
        assert_eq!(waits, [5, 5, 5, 10, 10, 20, 20, 40, 40, 60, 60, 60]);
        pull.went_well(true, None, now, &pace);
        assert_eq!(wait(&pull, now), MINUTE * 5);
    }

    #[test]
    fn an_lms_that_fails_is_left_alone_ever_longer_and_as_long_as_it_asks() {
        let (mut pull, pace, now) = (pull(), Pace::default(), at(0));
        for expected in [5, 10, 20, 40, 80, 160, 320, 360, 360] {
            pull.went_wrong("away".to_owned(), None, now, &pace);
            assert_eq!(wait(&pull, now), MINUTE * expected);
        }
        pull.went_wrong("busy".to_owned(), Some(MINUTE * 7), now, &pace);
        assert_eq!(wait(&pull, now), MINUTE * 7);
        pull.went_well(false, None, now, &pace);
        assert_eq!((pull.failures, pull.error.clone()), (0, None));
    }

    #[test]
    fn a_course_is_looked_at_at_its_end_and_once_two_weeks_later() {
        let (mut pull, pace, end) = (pull(), Pace::default(), at(3));
        pull.went_well(true, Some(end), at(0), &pace);
        assert_eq!(pull.next_at, Some(end), "at its end, not two minutes after");
        assert!(pull.is_last_look(end, &pace) && pull.wants_all(end, &pace));
        pull.went_well(true, Some(end), end, &pace);
        let late = end.plus(pace.late);
        assert_eq!((pull.swept, pull.next_at), (Swept::End, Some(late)));
        assert!(!pull.is_last_look(at(60), &pace) && pull.is_last_look(late, &pace));
        pull.went_well(false, Some(end), late, &pace);
        assert_eq!((pull.swept, pull.next_at), (Swept::Late, None));
        // a teacher gives everybody more time
        pull.went_well(false, Some(late.plus(MINUTE)), late, &pace);
        assert_eq!((pull.swept, pull.next_at), (Swept::No, Some(late.plus(MINUTE))));
    }

    #[test]
    fn courses_are_spread_out() {
        let hour = Duration::from_hours(1);
        let spans: std::collections::BTreeSet<Duration> = (0..20)
            .map(|id| spread(hour, CourseId::new(Uuid::from_u128(id * 7))))
            .collect();
        assert!(spans.len() > 10 && spans.iter().all(|span| *span >= hour && *span <= hour + hour / 10));
    }
}
