//! Signals: stored when they come in, matched later, forgotten in time (promise P4).

use sqlx::types::Json;
use uuid::Uuid;

use super::alias::{names_in_course_ref, names_in_person_ref};
use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::crypto::digest;
use crate::model::matching::{Dropped, Outcome, Parked};
use crate::model::score::{Points, Score};
use crate::model::signal::{CourseRef, PersonRef, Signal, SignalKind};
use crate::model::{CourseId, FeedId, MemberId, OrganisationId, RegistrationId, SignalId};

/// A signal to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSignal {
    /// The id it gets if it is new; made at its arrival.
    pub id: SignalId,
    /// Whose it is.
    pub organisation: OrganisationId,
    /// The feed that took it; `None`: asked from the LMS.
    pub feed: Option<FeedId>,
    /// Whose people and courses it names; `None`: any of the organisation's.
    pub registration: Option<RegistrationId>,
    /// The course if it names none.
    pub course: Option<CourseId>,
    /// Which of the signals of its event it is, counted from 0.
    pub position: u16,
    /// What it says.
    pub signal: Signal,
    /// The event as it came, sealed.
    pub raw: Option<Vec<u8>>,
}

/// A signal as it was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSignal {
    /// Its id.
    pub id: SignalId,
    /// Whose it is.
    pub organisation: OrganisationId,
    /// The feed that took it.
    pub feed: Option<FeedId>,
    /// Whose people and courses it names.
    pub registration: Option<RegistrationId>,
    /// The course if it names none.
    pub course: Option<CourseId>,
    /// What it says.
    pub signal: Signal,
    /// Whether names are noted that it waits for.
    pub waits: bool,
}

/// What is read again by a replay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawSignal {
    /// Its id: the raw event is sealed to it.
    pub id: SignalId,
    /// The sender's id of the event.
    pub source_event_id: String,
    /// When it came in.
    pub received_at: Timestamp,
    /// The event, sealed.
    pub raw: Vec<u8>,
}

/// A signal in a feed's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LatestSignal {
    /// When it came in.
    pub received_at: Timestamp,
    /// What happened.
    pub kind: SignalKind,
    /// To what, as stored.
    pub item: String,
    /// `stored`, `matched`, `parked` or `dropped`.
    pub state: String,
    /// Why, where there is a reason.
    pub reason: Option<String>,
}

/// How many signals an organisation has in each state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignalCount {
    /// `stored`, `matched`, `parked` or `dropped`.
    pub state: String,
    /// Why, where there is a reason.
    pub reason: Option<String>,
    /// How many.
    pub count: i64,
}

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    id: Uuid,
    organisation_id: Uuid,
    feed_id: Option<Uuid>,
    registration_id: Option<Uuid>,
    default_course_id: Option<Uuid>,
    source: String,
    source_event_id: String,
    kind: String,
    item: String,
    person: Json<PersonRef>,
    course: Json<CourseRef>,
    given: Option<i64>,
    maximum: Option<i64>,
    released: Option<bool>,
    overrides: Option<bool>,
    occurred_at: i64,
    utc_offset_minutes: Option<i64>,
    received_at: i64,
    /// Absent: it may.
    #[sqlx(default)]
    waits: Option<bool>,
}

const ADD: &str = "INSERT INTO signal (id, organisation_id, feed_id, registration_id, default_course_id, source,
    source_event_id, event_key, kind, item, person, course, given, maximum, released, overrides, occurred_at,
    utc_offset_minutes, received_at, raw, state, changed_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, 'stored', $19)
    ON CONFLICT (organisation_id, event_key) DO NOTHING";
const ADD_AGAIN: &str = "INSERT INTO signal (id, organisation_id, feed_id, registration_id, default_course_id, source,
    source_event_id, event_key, kind, item, person, course, given, maximum, released, overrides, occurred_at,
    utc_offset_minutes, received_at, raw, state, changed_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, 'stored', $19)
    ON CONFLICT (organisation_id, event_key) DO UPDATE SET registration_id = excluded.registration_id,
        default_course_id = excluded.default_course_id, kind = excluded.kind, item = excluded.item,
        person = excluded.person, course = excluded.course, given = excluded.given, maximum = excluded.maximum,
        released = excluded.released, overrides = excluded.overrides, occurred_at = excluded.occurred_at,
        utc_offset_minutes = excluded.utc_offset_minutes, state = 'stored', reason = NULL, course_id = NULL,
        member_id = NULL";
const STORED: &str = "SELECT id, organisation_id, feed_id, registration_id, default_course_id, source, source_event_id,
    kind, item, person, course, given, maximum, released, overrides, occurred_at, utc_offset_minutes, received_at,
    EXISTS (SELECT 1 FROM signal_wait w WHERE w.signal_id = signal.id) AS waits
    FROM signal WHERE organisation_id = $1 AND state = 'stored' ORDER BY id LIMIT $2";
const WAITING: &str = "SELECT s.id, s.organisation_id, s.feed_id, s.registration_id, s.default_course_id, s.source,
    s.source_event_id, s.kind, s.item, s.person, s.course, s.given, s.maximum, s.released, s.overrides, s.occurred_at,
    s.utc_offset_minutes, s.received_at FROM signal_wait w JOIN signal s ON s.id = w.signal_id AND s.state = 'parked'
    WHERE w.organisation_id = $1 AND w.name = $2 AND w.signal_id > $3 ORDER BY w.signal_id LIMIT $4";
const PARKED_OF_COURSE: &str = "SELECT id, organisation_id, feed_id, registration_id, default_course_id, source,
    source_event_id, kind, item, person, course, given, maximum, released, overrides, occurred_at, utc_offset_minutes,
    received_at FROM signal WHERE organisation_id = $1 AND course_id = $2 AND state = 'parked' AND id > $3
    ORDER BY id LIMIT $4";
const WITH_STORED: &str = "SELECT DISTINCT organisation_id FROM signal WHERE state = 'stored'";
const HAS_PARKED: &str = "SELECT EXISTS (SELECT 1 FROM signal WHERE organisation_id = $1 AND state = 'parked')";
const MATCH: &str = "UPDATE signal SET state = 'matched', reason = $3, course_id = $4, member_id = $5, changed_at = $6
    WHERE organisation_id = $1 AND id = $2 AND state IN ('stored', 'parked')";
const PARK: &str = "UPDATE signal SET state = 'parked', reason = $3, course_id = $4, changed_at = $5
    WHERE organisation_id = $1 AND id = $2 AND state IN ('stored', 'parked')";
const DROP: &str = "UPDATE signal SET state = 'dropped', reason = $3, person = '{}', raw = NULL, course_id = NULL,
    changed_at = $4 WHERE organisation_id = $1 AND id = $2 AND state IN ('stored', 'parked')";
const FORGET: &str = "DELETE FROM signal WHERE organisation_id = $1 AND id = $2";
const WAIT: &str = "INSERT INTO signal_wait (signal_id, organisation_id, name) VALUES ($1, $2, $3)
    ON CONFLICT DO NOTHING";
const STOP_WAITING: &str = "DELETE FROM signal_wait WHERE signal_id = $1";
const STOP_WAITING_OWN: &str = "DELETE FROM signal_wait WHERE organisation_id = $1 AND signal_id = $2";
const FORGET_OLD: &str = "DELETE FROM signal WHERE id IN (SELECT id FROM signal WHERE id < $1 ORDER BY id LIMIT 500)";
const RAW: &str = "SELECT id, source_event_id, received_at, raw FROM signal WHERE organisation_id = $1
    AND feed_id = $2 AND id > $3 AND raw IS NOT NULL ORDER BY id LIMIT $4";
const COUNTS: &str = "SELECT state, reason, COUNT(*) FROM signal WHERE organisation_id = $1 AND feed_id = $2
    GROUP BY state, reason ORDER BY state, reason";
const NEWEST: &str = "SELECT state, COUNT(*) FROM (SELECT state FROM signal WHERE organisation_id = $1 AND feed_id = $2
    ORDER BY id DESC LIMIT $3) newest GROUP BY state";
const LATEST: &str =
    "SELECT received_at, kind, item, state, reason FROM signal WHERE organisation_id = $1 AND feed_id = $2
    ORDER BY id DESC LIMIT $3";

impl NewSignal {
    /// A repetition of the same signal has the same key.
    pub(super) fn event_key(&self) -> [u8; 32] {
        let origin = match self.feed {
            Some(feed) => feed.to_string(),
            None => self.signal.source.word().to_owned(),
        };
        let parts = [
            origin.as_bytes(),
            self.signal.source_event_id.as_bytes(),
            &self.position.to_be_bytes(),
        ];
        digest::hmac_sha256(b"signal", &parts)
    }
}

impl Tx<'_> {
    /// Stores a signal of its organisation, in one statement; `false` if it was there already.
    pub async fn add_signal(&mut self, new: &NewSignal) -> Result<bool, StoreError> {
        Ok(self.insert_signal(ADD, new.organisation, new).await? == 1)
    }

    /// Stores a signal of its organisation that was read again, over the one that is there; it is matched anew.
    pub async fn add_signal_again(&mut self, new: &NewSignal) -> Result<(), StoreError> {
        self.insert_signal(ADD_AGAIN, new.organisation, new).await?;
        Ok(())
    }

    async fn insert_signal(
        &mut self,
        sql: &'static str,
        organisation: OrganisationId,
        new: &NewSignal,
    ) -> Result<u64, StoreError> {
        let (signal, score) = (&new.signal, new.signal.score.as_ref());
        on!(self, sqlx::query(sql).bind(new.id.uuid()).bind(organisation.uuid()).bind(new.feed.map(FeedId::uuid))
            .bind(new.registration.map(RegistrationId::uuid)).bind(new.course.map(CourseId::uuid))
            .bind(signal.source.word()).bind(&signal.source_event_id).bind(new.event_key().to_vec())
            .bind(signal.kind.word()).bind(signal.item.to_string()).bind(Json(&signal.person))
            .bind(Json(&signal.course)).bind(score.and_then(|score| score.given).map(Points::millionths))
            .bind(score.map(|score| score.maximum.millionths())).bind(score.map(|score| score.released))
            .bind(score.map(|score| score.overrides)).bind(signal.occurred_at.millis())
            .bind(signal.utc_offset_minutes.map(i64::from)).bind(signal.received_at.millis()).bind(&new.raw) => execute)
    }

    /// The oldest signals of the organisation that were not looked at yet.
    pub async fn stored_signals(
        &mut self,
        organisation: OrganisationId,
        limit: i64,
    ) -> Result<Vec<StoredSignal>, StoreError> {
        let rows: Vec<Row> = on!(self, sqlx::query_as(STORED).bind(organisation.uuid()).bind(limit) => fetch_all)?;
        rows.into_iter().map(Row::into_signal).collect()
    }

    /// Parked signals that wait for this name, from the one after `after`.
    pub async fn waiting_signals(
        &mut self,
        organisation: OrganisationId,
        name: &str,
        after: Option<SignalId>,
        limit: i64,
    ) -> Result<Vec<StoredSignal>, StoreError> {
        let after = after.map_or(Uuid::nil(), SignalId::uuid);
        let rows: Vec<Row> = on!(self, sqlx::query_as(WAITING).bind(organisation.uuid()).bind(name).bind(after)
            .bind(limit) => fetch_all)?;
        rows.into_iter().map(Row::into_signal).collect()
    }

    /// Parked signals of a course that is known, from the one after `after`.
    pub async fn parked_of_course(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        after: Option<SignalId>,
        limit: i64,
    ) -> Result<Vec<StoredSignal>, StoreError> {
        let after = after.map_or(Uuid::nil(), SignalId::uuid);
        let rows: Vec<Row> = on!(self, sqlx::query_as(PARKED_OF_COURSE).bind(organisation.uuid())
            .bind(course.uuid()).bind(after).bind(limit) => fetch_all)?;
        rows.into_iter().map(Row::into_signal).collect()
    }

    /// Organisations that have signals nobody looked at yet.
    pub async fn organisations_with_signals(&mut self) -> Result<Vec<OrganisationId>, StoreError> {
        let rows: Vec<Uuid> = on!(self, sqlx::query_scalar(WITH_STORED) => fetch_all)?;
        Ok(rows.into_iter().map(OrganisationId::new).collect())
    }

    /// Whether any signal of the organisation waits for a name.
    pub async fn has_parked_signals(&mut self, organisation: OrganisationId) -> Result<bool, StoreError> {
        on!(self, sqlx::query_scalar(HAS_PARKED).bind(organisation.uuid()) => fetch_one)
    }

    /// Whether signals of a course are kept: it has a rule. Of other courses only what they say is kept, as facts.
    pub async fn keeps_signals(&mut self, organisation: OrganisationId, course: CourseId) -> Result<bool, StoreError> {
        self.course_has_rules(organisation, course).await
    }

    /// Notes what came of a signal; `false` if somebody else did meanwhile. Names that it waits for are forgotten by
    /// [`Self::stop_waiting`].
    pub async fn match_signal(
        &mut self,
        organisation: OrganisationId,
        id: SignalId,
        outcome: Outcome,
        course: CourseId,
        member: Option<MemberId>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let rows = on!(self, sqlx::query(MATCH).bind(organisation.uuid()).bind(id.uuid()).bind(outcome.word())
            .bind(course.uuid()).bind(member.map(MemberId::uuid)).bind(now.millis()) => execute)?;
        Ok(rows == 1)
    }

    /// Forgets which names a signal of the organisation waits for.
    pub async fn stop_waiting(&mut self, organisation: OrganisationId, id: SignalId) -> Result<(), StoreError> {
        on!(self, sqlx::query(STOP_WAITING_OWN).bind(organisation.uuid()).bind(id.uuid()) => execute)?;
        Ok(())
    }

    /// Parks a signal with the names that it waits for.
    pub async fn park_signal(
        &mut self,
        stored: &StoredSignal,
        why: Parked,
        course: Option<CourseId>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (id, organisation) = (stored.id.uuid(), stored.organisation.uuid());
        on!(self, sqlx::query(PARK).bind(organisation).bind(id).bind(why.word()).bind(course.map(CourseId::uuid))
            .bind(now.millis()) => execute)?;
        on!(self, sqlx::query(STOP_WAITING).bind(id) => execute)?;
        let names = match course {
            None => names_in_course_ref(&stored.signal.course),
            Some(_) => names_in_person_ref(&stored.signal.person),
        };
        for name in names {
            on!(self, sqlx::query(WAIT).bind(id).bind(organisation).bind(name) => execute)?;
        }
        Ok(())
    }

    /// Drops a signal: its reason stays, whom it named does not.
    pub async fn drop_signal(
        &mut self,
        organisation: OrganisationId,
        id: SignalId,
        why: Dropped,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(DROP).bind(organisation.uuid()).bind(id.uuid()).bind(why.word())
            .bind(now.millis()) => execute)?;
        on!(self, sqlx::query(STOP_WAITING).bind(id.uuid()) => execute)?;
        Ok(())
    }

    /// Deletes a signal whose course keeps none.
    pub async fn forget_signal(&mut self, organisation: OrganisationId, id: SignalId) -> Result<(), StoreError> {
        on!(self, sqlx::query(FORGET).bind(organisation.uuid()).bind(id.uuid()) => execute)?;
        Ok(())
    }

    /// Forgets signals that came in before `before`, at most 500 a call; how many.
    pub async fn forget_old_signals(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        let first = uuid::Builder::from_unix_timestamp_millis(u64::try_from(before.millis()).unwrap_or(0), &[0; 10]);
        on!(self, sqlx::query(FORGET_OLD).bind(first.into_uuid()) => execute)
    }

    /// Raw events of a feed, from the one after `after`: for a replay.
    pub async fn raw_signals(
        &mut self,
        organisation: OrganisationId,
        feed: FeedId,
        after: SignalId,
        limit: i64,
    ) -> Result<Vec<RawSignal>, StoreError> {
        let rows: Vec<(Uuid, String, i64, Vec<u8>)> = on!(self, sqlx::query_as(RAW).bind(organisation.uuid())
            .bind(feed.uuid()).bind(after.uuid()).bind(limit) => fetch_all)?;
        let raw = |(id, source_event_id, received_at, raw)| RawSignal {
            id: SignalId::new(id),
            source_event_id,
            received_at: Timestamp::from_millis(received_at),
            raw,
        };
        Ok(rows.into_iter().map(raw).collect())
    }

    /// How many of a feed's newest signals are in which state: for a page, whatever the feed has brought in all.
    pub async fn newest_signal_counts(
        &mut self,
        organisation: OrganisationId,
        feed: FeedId,
        newest: i64,
    ) -> Result<Vec<SignalCount>, StoreError> {
        let rows: Vec<(String, i64)> = on!(self, sqlx::query_as(NEWEST).bind(organisation.uuid()).bind(feed.uuid())
            .bind(newest) => fetch_all)?;
        let count = |(state, count)| SignalCount {
            state,
            reason: None,
            count,
        };
        Ok(rows.into_iter().map(count).collect())
    }

    /// A feed's newest signals, the latest first.
    pub async fn newest_signals(
        &mut self,
        organisation: OrganisationId,
        feed: FeedId,
        limit: i64,
    ) -> Result<Vec<LatestSignal>, StoreError> {
        type Row = (i64, String, String, String, Option<String>);
        let rows: Vec<Row> = on!(self, sqlx::query_as(LATEST).bind(organisation.uuid()).bind(feed.uuid()).bind(limit)
            => fetch_all)?;
        let signal = |(at, kind, item, state, reason): Row| {
            Ok(LatestSignal {
                received_at: Timestamp::from_millis(at),
                kind: kind
                    .parse()
                    .map_err(|_| StoreError::Unreadable { what: "signal.kind" })?,
                item,
                state,
                reason,
            })
        };
        rows.into_iter().map(signal).collect()
    }

    /// How many signals of a feed are in which state, of all there are: takes its time on a large feed.
    pub async fn signal_counts(
        &mut self,
        organisation: OrganisationId,
        feed: FeedId,
    ) -> Result<Vec<SignalCount>, StoreError> {
        let rows: Vec<(String, Option<String>, i64)> = on!(self, sqlx::query_as(COUNTS).bind(organisation.uuid())
            .bind(feed.uuid()) => fetch_all)?;
        let count = |(state, reason, count)| SignalCount { state, reason, count };
        Ok(rows.into_iter().map(count).collect())
    }
}

impl Row {
    pub(super) fn into_signal(self) -> Result<StoredSignal, StoreError> {
        let unreadable = |what| StoreError::Unreadable { what };
        let score = match (self.maximum.and_then(Points::from_millionths), self.released) {
            (Some(maximum), Some(released)) => Some(Score {
                given: self.given.and_then(Points::from_millionths),
                maximum,
                released,
                overrides: self.overrides.unwrap_or(false),
            }),
            _ => None,
        };
        let signal = Signal {
            source: self.source.parse().map_err(|_| unreadable("signal.source"))?,
            source_event_id: self.source_event_id,
            kind: self.kind.parse().map_err(|_| unreadable("signal.kind"))?,
            item: self.item.parse().map_err(|_| unreadable("signal.item"))?,
            person: self.person.0,
            course: self.course.0,
            score,
            occurred_at: Timestamp::from_millis(self.occurred_at),
            utc_offset_minutes: self.utc_offset_minutes.and_then(|minutes| i16::try_from(minutes).ok()),
            received_at: Timestamp::from_millis(self.received_at),
        };
        Ok(StoredSignal {
            id: SignalId::new(self.id),
            organisation: OrganisationId::new(self.organisation_id),
            feed: self.feed_id.map(FeedId::new),
            registration: self.registration_id.map(RegistrationId::new),
            course: self.default_course_id.map(CourseId::new),
            signal,
            waits: self.waits.unwrap_or(true),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::plans;

    #[tokio::test]
    async fn nothing_that_a_page_or_job_asks_reads_all_signals() {
        plans::without_scans(&[
            STORED,
            WAITING,
            PARKED_OF_COURSE,
            MATCH,
            PARK,
            DROP,
            FORGET,
            FORGET_OLD,
            WAIT,
            STOP_WAITING,
            STOP_WAITING_OWN,
            RAW,
            NEWEST,
            LATEST,
            COUNTS,
        ])
        .await;
    }
}
