//! Signals that wait for a name, and what a person said that a name means.

use uuid::Uuid;

use super::alias::{names_in_course_ref, names_in_person_ref};
use super::signal::{Row, StoredSignal};
use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::model::matching::{Found, FoundCourse, Parked};
use crate::model::signal::{CourseRef, PersonRef};
use crate::model::{CourseId, MemberId, OrganisationId, RegistrationId, SignalId};

/// Which parked signals are meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ParkedScope {
    /// Those of feeds of this registration; absent: all.
    pub registration: Option<RegistrationId>,
    /// Those of this course; absent: all.
    pub course: Option<CourseId>,
}

/// A signal that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParkedSignal {
    /// What was sent.
    pub stored: StoredSignal,
    /// Why it waits.
    pub why: Parked,
    /// The course, where that is known.
    pub course: Option<CourseId>,
}

/// Whose names a person spoke about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct About {
    /// The registration of the course or the person that is meant.
    pub registration: RegistrationId,
    /// Senders of feeds without a registration; else those of this registration. What is said about the ones says nothing
    /// about the others.
    pub unbound: bool,
}

impl About {
    /// About feeds of this registration, or of none, where something of `meant` is meant.
    pub fn feeds_of(feed: Option<RegistrationId>, meant: RegistrationId) -> Self {
        Self {
            registration: meant,
            unbound: feed.is_none(),
        }
    }
}

/// What a name means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meant {
    /// This course.
    Course(CourseId),
    /// This person.
    Member(MemberId),
}

const PARKED: &str = "SELECT id, organisation_id, feed_id, registration_id, default_course_id, source, source_event_id,
    kind, item, person, course, given, maximum, released, overrides, occurred_at, utc_offset_minutes, received_at
    FROM signal WHERE organisation_id = $1 AND state = 'parked' AND registration_id = COALESCE($2, registration_id)
    ORDER BY changed_at DESC, id LIMIT $3";
const PARKED_ANY: &str = "SELECT id, organisation_id, feed_id, registration_id, default_course_id, source,
    source_event_id, kind, item, person, course, given, maximum, released, overrides, occurred_at, utc_offset_minutes,
    received_at FROM signal WHERE organisation_id = $1 AND state = 'parked' ORDER BY changed_at DESC, id LIMIT $2";
const PARKED_OF_COURSE: &str = "SELECT id, organisation_id, feed_id, registration_id, default_course_id, source,
    source_event_id, kind, item, person, course, given, maximum, released, overrides, occurred_at, utc_offset_minutes,
    received_at FROM signal WHERE organisation_id = $1 AND course_id = $2 AND state = 'parked'
    ORDER BY changed_at DESC, id LIMIT $3";
const PARKED_ONE: &str = "SELECT id, organisation_id, feed_id, registration_id, default_course_id, source,
    source_event_id, kind, item, person, course, given, maximum, released, overrides, occurred_at, utc_offset_minutes,
    received_at FROM signal WHERE organisation_id = $1 AND id = $2 AND state = 'parked'";
const WHY: &str = "SELECT reason, course_id FROM signal WHERE organisation_id = $1 AND id = $2";
const GIVE: &str = "INSERT INTO given_name (organisation_id, registration_id, unbound, name, course_id, member_id,
    given_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (organisation_id, name, registration_id, unbound) DO UPDATE SET
    course_id = excluded.course_id, member_id = excluded.member_id, given_at = excluded.given_at";
const COURSE: &str = "SELECT c.id, c.registration_id FROM given_name g JOIN course c ON c.id = g.course_id
    WHERE g.organisation_id = $1 AND g.name = $2 AND g.unbound = $3";
const MEMBER: &str = "SELECT member_id FROM given_name WHERE organisation_id = $1 AND name = $2
    AND registration_id = $3 AND unbound = $4 AND member_id IS NOT NULL";
const WAITING: &str = "SELECT w.signal_id FROM signal_wait w JOIN signal s ON s.id = w.signal_id AND s.state = 'parked'
    AND s.registration_id = $3 WHERE w.organisation_id = $1 AND w.name = $2 AND w.signal_id > $4
    ORDER BY w.signal_id LIMIT 500";
const WAITING_UNBOUND: &str = "SELECT w.signal_id FROM signal_wait w JOIN signal s ON s.id = w.signal_id
    AND s.state = 'parked' AND s.registration_id IS NULL WHERE w.organisation_id = $1 AND w.name = $2
    AND w.signal_id > $3 ORDER BY w.signal_id LIMIT 500";
const UNPARK: &str = "UPDATE signal SET state = 'stored', reason = NULL, course_id = NULL, changed_at = $3
    WHERE organisation_id = $1 AND id = $2 AND state = 'parked'";

impl Tx<'_> {
    /// Up to `limit` signals of the organisation that wait, the latest first.
    pub async fn parked_signals(
        &mut self,
        organisation: OrganisationId,
        scope: ParkedScope,
        limit: i64,
    ) -> Result<Vec<ParkedSignal>, StoreError> {
        let rows: Vec<Row> = match (scope.course, scope.registration) {
            (Some(course), _) => on!(self, sqlx::query_as(PARKED_OF_COURSE).bind(organisation.uuid())
                .bind(course.uuid()).bind(limit) => fetch_all)?,
            (None, Some(registration)) => on!(self, sqlx::query_as(PARKED).bind(organisation.uuid())
                .bind(registration.uuid()).bind(limit) => fetch_all)?,
            (None, None) => on!(self, sqlx::query_as(PARKED_ANY).bind(organisation.uuid()).bind(limit) => fetch_all)?,
        };
        let mut parked = Vec::with_capacity(rows.len());
        for row in rows {
            parked.push(self.with_reason(organisation, row.into_signal()?).await?);
        }
        Ok(parked)
    }

    /// One signal of the organisation, if it waits.
    pub async fn parked_signal(
        &mut self,
        organisation: OrganisationId,
        id: SignalId,
    ) -> Result<Option<ParkedSignal>, StoreError> {
        let row: Option<Row> =
            on!(self, sqlx::query_as(PARKED_ONE).bind(organisation.uuid()).bind(id.uuid()) => fetch_optional)?;
        match row {
            Some(row) => Ok(Some(self.with_reason(organisation, row.into_signal()?).await?)),
            None => Ok(None),
        }
    }

    async fn with_reason(
        &mut self,
        organisation: OrganisationId,
        stored: StoredSignal,
    ) -> Result<ParkedSignal, StoreError> {
        let row: Option<(Option<String>, Option<Uuid>)> = on!(self, sqlx::query_as(WHY).bind(organisation.uuid())
            .bind(stored.id.uuid()) => fetch_optional)?;
        let (why, course) = row.unwrap_or_default();
        let why = why.and_then(|word| word.parse().ok());
        Ok(ParkedSignal {
            stored,
            why: why.ok_or(StoreError::Unreadable { what: "signal.reason" })?,
            course: course.map(CourseId::new),
        })
    }

    /// Remembers what a name means; a later word takes the place of an earlier one.
    pub async fn give_match(
        &mut self,
        organisation: OrganisationId,
        about: About,
        name: &str,
        meant: Meant,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (course, member) = match meant {
            Meant::Course(course) => (Some(course.uuid()), None),
            Meant::Member(member) => (None, Some(member.uuid())),
        };
        on!(self, sqlx::query(GIVE).bind(organisation.uuid()).bind(about.registration.uuid()).bind(about.unbound)
            .bind(name).bind(course).bind(member).bind(now.millis()) => execute)?;
        Ok(())
    }

    /// The course that a person said is meant, within the registration if the feed has one.
    pub(super) async fn given_course(
        &mut self,
        organisation: OrganisationId,
        registration: Option<RegistrationId>,
        named: &CourseRef,
    ) -> Result<Found<FoundCourse>, StoreError> {
        let mut found = Vec::new();
        for name in names_in_course_ref(named) {
            let rows: Vec<(Uuid, Uuid)> = on!(self, sqlx::query_as(COURSE).bind(organisation.uuid()).bind(name)
                .bind(registration.is_none()) => fetch_all)?;
            found.extend(rows.into_iter().map(|(id, registration)| FoundCourse {
                id: CourseId::new(id),
                registration: RegistrationId::new(registration),
            }));
        }
        found.retain(|one| registration.is_none_or(|registration| one.registration == registration));
        Ok(Found::of(&found))
    }

    /// The person who a person said is meant.
    pub(super) async fn given_member(
        &mut self,
        organisation: OrganisationId,
        about: About,
        named: &PersonRef,
    ) -> Result<Found<MemberId>, StoreError> {
        let mut found = Vec::new();
        for name in names_in_person_ref(named) {
            let rows: Vec<Uuid> = on!(self, sqlx::query_scalar(MEMBER).bind(organisation.uuid()).bind(name)
                .bind(about.registration.uuid()).bind(about.unbound) => fetch_all)?;
            found.extend(rows.into_iter().map(MemberId::new));
        }
        Ok(Found::of(&found))
    }

    /// Lets up to 500 signals that wait for a name be matched anew, in the order of their ids from the one after `after`:
    /// those of the senders that were spoken about. The last of them and how many; `None`: there are no more.
    pub async fn unpark_signals(
        &mut self,
        organisation: OrganisationId,
        about: About,
        name: &str,
        after: Option<SignalId>,
        now: Timestamp,
    ) -> Result<Option<(SignalId, u64)>, StoreError> {
        let after = after.map_or(Uuid::nil(), SignalId::uuid);
        let waiting: Vec<Uuid> = if about.unbound {
            on!(self, sqlx::query_scalar(WAITING_UNBOUND).bind(organisation.uuid()).bind(name).bind(after) => fetch_all)?
        } else {
            on!(self, sqlx::query_scalar(WAITING).bind(organisation.uuid()).bind(name).bind(about.registration.uuid())
                .bind(after) => fetch_all)?
        };
        let mut moved = 0;
        for id in &waiting {
            moved += on!(self, sqlx::query(UNPARK).bind(organisation.uuid()).bind(*id).bind(now.millis()) => execute)?;
        }
        Ok(waiting.last().map(|last| (SignalId::new(*last), moved)))
    }
}

impl ParkedSignal {
    /// The names that it waits for, as a person's word about them is kept. An address counts only where the sender gave
    /// nothing better: two accounts may share one.
    pub fn names(&self) -> Vec<String> {
        if self.course.is_none() {
            return names_in_course_ref(&self.stored.signal.course);
        }
        let named = &self.stored.signal.person;
        let all = names_in_person_ref(named);
        let better: Vec<String> = all
            .iter()
            .filter(|name| !name.starts_with("person:email:"))
            .cloned()
            .collect();
        if better.is_empty() { all } else { better }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::plans;

    #[tokio::test]
    async fn what_waits_is_found_by_indexes() {
        plans::without_scans(&[
            PARKED,
            PARKED_ANY,
            PARKED_OF_COURSE,
            PARKED_ONE,
            WHY,
            COURSE,
            MEMBER,
            WAITING,
            WAITING_UNBOUND,
            UNPARK,
        ])
        .await;
    }
}
