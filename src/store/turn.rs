//! One at a time at an LMS, whichever process it is: who asks through a connection and which courses wait for that, who
//! renews its token, and how often a person may have it asked. The leases stand in the connection's row.

use std::time::Duration;

use sqlx::types::Json;
use uuid::Uuid;

use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::model::connection::{Connection, Trial, Tried};
use crate::model::{ConnectionId, CourseId, OrganisationId};

/// A holder whose lease ended has lost it. The row is written in either case: that locks it against who gives it back.
const TAKE_TURN: &str = "UPDATE connection SET
    turn_holder = CASE WHEN turn_until IS NULL OR turn_until <= $4 THEN $3 ELSE turn_holder END,
    turn_until = CASE WHEN turn_until IS NULL OR turn_until <= $4 THEN $5 ELSE turn_until END
    WHERE organisation_id = $1 AND id = $2 RETURNING turn_holder";
const KEEP_TURN: &str = "UPDATE connection SET turn_until = $4 WHERE organisation_id = $1 AND id = $2
    AND turn_holder = $3";
const END_TURN: &str = "UPDATE connection SET turn_holder = NULL, turn_until = NULL
    WHERE organisation_id = $1 AND id = $2 AND turn_holder = $3";
const WAIT: &str = "INSERT INTO connection_waiting (connection_id, course_id, organisation_id, since)
    VALUES ($2, $3, $1, $4) ON CONFLICT (connection_id, course_id) DO NOTHING";
const WAIT_NO_MORE: &str =
    "DELETE FROM connection_waiting WHERE organisation_id = $1 AND connection_id = $2 AND course_id = $3";
const WAITS_LONGEST: &str = "SELECT course_id FROM connection_waiting WHERE organisation_id = $1 AND connection_id = $2
    ORDER BY since, course_id LIMIT 1";
const NOBODY_WAITS: &str = "DELETE FROM connection_waiting WHERE organisation_id = $1 AND connection_id = $2";
const TAKE_RENEWAL: &str = "UPDATE connection SET
    renewal_holder = CASE WHEN renewal_until IS NULL OR renewal_until <= $4 THEN $3 ELSE renewal_holder END,
    renewal_until = CASE WHEN renewal_until IS NULL OR renewal_until <= $4 THEN $5 ELSE renewal_until END
    WHERE organisation_id = $1 AND id = $2 RETURNING renewal_holder";
const END_RENEWAL: &str = "UPDATE connection SET renewal_holder = NULL, renewal_until = NULL
    WHERE organisation_id = $1 AND id = $2 AND renewal_holder = $3";
const RENEW: &str = "UPDATE connection SET refresh = COALESCE($4, refresh), access = $5, access_until = $6,
    renewal_holder = NULL, renewal_until = NULL WHERE organisation_id = $1 AND id = $2 AND renewal_holder = $3";
const CHECK: &str = "UPDATE connection SET checked_at = $3 WHERE organisation_id = $1 AND id = $2
    AND (checked_at IS NULL OR checked_at <= $4)";
const CHECKED_AT: &str = "SELECT checked_at FROM connection WHERE organisation_id = $1 AND id = $2";
const TRY: &str = "UPDATE connection SET tried_at = $3, tried = NULL WHERE organisation_id = $1 AND id = $2
    AND (tried_at IS NULL OR tried_at <= $4) AND (throttled_until IS NULL OR throttled_until <= $3)";
const TRIED: &str = "UPDATE connection SET tried = $4 WHERE organisation_id = $1 AND id = $2 AND tried_at = $3";
const TRIAL: &str = "SELECT tried_at, tried FROM connection WHERE organisation_id = $1 AND id = $2
    AND tried_at IS NOT NULL";

impl Tx<'_> {
    /// `holder` asks through a connection until `until`, about this course; `false`: another one does, and the course
    /// waits for it in line.
    pub async fn take_turn(
        &mut self,
        connection: &Connection,
        course: CourseId,
        holder: Uuid,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        let (organisation, id) = (connection.organisation.uuid(), connection.id.uuid());
        let held: Option<Option<Uuid>> = on!(self, sqlx::query_scalar(TAKE_TURN).bind(organisation).bind(id)
            .bind(holder).bind(now.millis()).bind(until.millis()) => fetch_optional)?;
        if held == Some(Some(holder)) {
            on!(self, sqlx::query(WAIT_NO_MORE).bind(organisation).bind(id).bind(course.uuid()) => execute)?;
            return Ok(true);
        }
        if held.is_some() {
            on!(self, sqlx::query(WAIT).bind(organisation).bind(id).bind(course.uuid()).bind(now.millis())
                => execute)?;
        }
        Ok(false)
    }

    /// Moves the end of a turn; `false`: it is not `holder`'s any more.
    pub async fn keep_turn(
        &mut self,
        organisation: OrganisationId,
        id: ConnectionId,
        holder: Uuid,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        let rows = on!(self, sqlx::query(KEEP_TURN).bind(organisation.uuid()).bind(id.uuid()).bind(holder)
            .bind(until.millis()) => execute)?;
        Ok(rows == 1)
    }

    /// Gives a turn back, and tells which course has waited longest: it waits no more.
    pub async fn end_turn(
        &mut self,
        organisation: OrganisationId,
        id: ConnectionId,
        holder: Uuid,
    ) -> Result<Option<CourseId>, StoreError> {
        let ended = on!(self, sqlx::query(END_TURN).bind(organisation.uuid()).bind(id.uuid()).bind(holder)
            => execute)?;
        if ended == 0 {
            return Ok(None);
        }
        let next: Option<Uuid> = on!(self, sqlx::query_scalar(WAITS_LONGEST).bind(organisation.uuid())
            .bind(id.uuid()) => fetch_optional)?;
        if let Some(next) = next {
            on!(self, sqlx::query(WAIT_NO_MORE).bind(organisation.uuid()).bind(id.uuid()).bind(next) => execute)?;
        }
        Ok(next.map(CourseId::new))
    }

    /// Nobody waits for a connection that is about to be removed.
    pub(super) async fn forget_waiting(
        &mut self,
        organisation: OrganisationId,
        id: ConnectionId,
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(NOBODY_WAITS).bind(organisation.uuid()).bind(id.uuid()) => execute)?;
        Ok(())
    }

    /// `holder` may renew a connection's token until `until`; `false`: another one does, or there is no such connection.
    pub async fn take_renewal(
        &mut self,
        organisation: OrganisationId,
        id: ConnectionId,
        holder: Uuid,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        let held: Option<Option<Uuid>> = on!(self, sqlx::query_scalar(TAKE_RENEWAL).bind(organisation.uuid())
            .bind(id.uuid()).bind(holder).bind(now.millis()).bind(until.millis()) => fetch_optional)?;
        Ok(held == Some(Some(holder)))
    }

    /// Gives up renewing a token: nothing came of it, or nothing was to be done.
    pub async fn end_renewal(
        &mut self,
        organisation: OrganisationId,
        id: ConnectionId,
        holder: Uuid,
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(END_RENEWAL).bind(organisation.uuid()).bind(id.uuid()).bind(holder) => execute)?;
        Ok(())
    }

    /// Keeps a renewed access token, sealed, and what refreshes where there is another, and ends the renewal. `false`: it
    /// was not `holder`'s any more, and another consent or renewal came in between: that stays.
    pub async fn keep_token(
        &mut self,
        organisation: OrganisationId,
        id: ConnectionId,
        holder: Uuid,
        refresh: Option<&[u8]>,
        (access, until): (&[u8], Timestamp),
    ) -> Result<bool, StoreError> {
        let rows = on!(self, sqlx::query(RENEW).bind(organisation.uuid()).bind(id.uuid()).bind(holder).bind(refresh)
            .bind(access).bind(until.millis()) => execute)?;
        Ok(rows == 1)
    }

    /// Notes that somebody has a course checked through a connection, unless somebody did within `apart` before; then when
    /// that may be asked for again.
    pub async fn begin_check(
        &mut self,
        organisation: OrganisationId,
        id: ConnectionId,
        now: Timestamp,
        apart: Duration,
    ) -> Result<Result<(), Timestamp>, StoreError> {
        let rows = on!(self, sqlx::query(CHECK).bind(organisation.uuid()).bind(id.uuid()).bind(now.millis())
            .bind(now.minus(apart).millis()) => execute)?;
        if rows == 1 {
            return Ok(Ok(()));
        }
        let at: Option<Option<i64>> = on!(self, sqlx::query_scalar(CHECKED_AT).bind(organisation.uuid())
            .bind(id.uuid()) => fetch_optional)?;
        let at = at.flatten().map_or(now, Timestamp::from_millis);
        Ok(Err(at.plus(apart)))
    }

    /// Notes that somebody has a connection tested, unless somebody did within `apart` before or the LMS asked for a
    /// pause: then `false`.
    pub async fn begin_trial(
        &mut self,
        organisation: OrganisationId,
        id: ConnectionId,
        now: Timestamp,
        apart: Duration,
    ) -> Result<bool, StoreError> {
        let rows = on!(self, sqlx::query(TRY).bind(organisation.uuid()).bind(id.uuid()).bind(now.millis())
            .bind(now.minus(apart).millis()) => execute)?;
        Ok(rows == 1)
    }

    /// Notes what a test that began at `at` told.
    pub async fn end_trial(
        &mut self,
        organisation: OrganisationId,
        id: ConnectionId,
        at: Timestamp,
        tried: &[Tried],
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(TRIED).bind(organisation.uuid()).bind(id.uuid()).bind(at.millis()).bind(Json(tried))
            => execute)?;
        Ok(())
    }

    /// The last test of a connection; `None`: there was none.
    pub async fn trial(&mut self, organisation: OrganisationId, id: ConnectionId) -> Result<Option<Trial>, StoreError> {
        let row: Option<(i64, Option<Json<Vec<Tried>>>)> = on!(self, sqlx::query_as(TRIAL).bind(organisation.uuid())
            .bind(id.uuid()) => fetch_optional)?;
        Ok(row.map(|(at, tried)| Trial {
            at: Timestamp::from_millis(at),
            tried: tried.map(|Json(tried)| tried),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::plans;

    #[tokio::test]
    async fn queries_find_few_rows() {
        plans::finding_few(&[TAKE_TURN, WAITS_LONGEST, WAIT_NO_MORE, NOBODY_WAITS, RENEW, TRY]).await;
    }
}
