//! Seats and sessions: what every page of a course starts from.

use uuid::Uuid;

use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::model::{CourseId, MemberId, OrganisationId, RegistrationId, Seat, SeatId, SessionId, Standing};

#[derive(sqlx::FromRow)]
struct SeatRow {
    id: Uuid,
    session_id: Uuid,
    token_hash: Vec<u8>,
    organisation_id: Uuid,
    organisation_name: String,
    registration_id: Uuid,
    course_id: Option<Uuid>,
    member_id: Option<Uuid>,
    member_name: Option<String>,
    standing: String,
    test: bool,
    administers: bool,
    locale: Option<String>,
    framed: bool,
    csrf: String,
    language: Option<String>,
    appearance: Option<String>,
    seen_at: i64,
    session_since: i64,
}

const SEAT: &str = "SELECT t.id, t.session_id, s.token_hash, t.organisation_id, o.name AS organisation_name,
    t.registration_id, t.course_id, t.member_id, m.name AS member_name, t.standing, t.test, t.administers,
    t.locale, t.framed, s.csrf, p.language, p.appearance, s.seen_at, s.created_at AS session_since
    FROM seat t JOIN session s ON s.id = t.session_id JOIN organisation o ON o.id = t.organisation_id
    LEFT JOIN member m ON m.id = t.member_id LEFT JOIN preference p ON p.session_id = s.id
    WHERE t.id = $1 AND s.seen_at > $2 AND s.created_at > $3";
const SEE: &str = "UPDATE session SET seen_at = $2 WHERE id = $1 AND seen_at < $2";
const PREFER: &str = "INSERT INTO preference (session_id, language, appearance) VALUES ($1, $2, $3)
    ON CONFLICT (session_id) DO UPDATE SET language = excluded.language, appearance = excluded.appearance";
const FORGET_OLD: &str = "DELETE FROM session WHERE id IN (SELECT id FROM session WHERE seen_at <= $1 LIMIT 500)";
const SEATS: &str = "SELECT COUNT(*) FROM seat";

impl Tx<'_> {
    /// The seat, and the digest of its session's cookie, which the caller compares with the cookies that came.
    /// `None`: there is none, or its session has ended (seen before `idle_since` or begun before `begun_since`).
    pub async fn seat(
        &mut self,
        id: SeatId,
        idle_since: Timestamp,
        begun_since: Timestamp,
    ) -> Result<Option<(Seat, Vec<u8>)>, StoreError> {
        let row: Option<SeatRow> = on!(self, sqlx::query_as(SEAT).bind(id.uuid()).bind(idle_since.millis())
            .bind(begun_since.millis()) => fetch_optional)?;
        row.map(SeatRow::into_seat).transpose()
    }

    /// Notes that a session is in use: exactly one statement.
    pub async fn see_session(&mut self, id: SessionId, now: Timestamp) -> Result<(), StoreError> {
        on!(self, sqlx::query(SEE).bind(id.uuid()).bind(now.millis()) => execute)?;
        Ok(())
    }

    /// Keeps the person's choice of language and appearance for this session.
    pub async fn prefer(
        &mut self,
        id: SessionId,
        language: Option<String>,
        appearance: Option<String>,
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(PREFER).bind(id.uuid()).bind(&language).bind(&appearance) => execute)?;
        Ok(())
    }

    /// Deletes up to 500 sessions not seen since `before`, with their seats; how many.
    pub async fn forget_old_sessions(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        on!(self, sqlx::query(FORGET_OLD).bind(before.millis()) => execute)
    }

    /// How many seats there are.
    pub async fn seat_count(&mut self) -> Result<i64, StoreError> {
        on!(self, sqlx::query_scalar(SEATS) => fetch_one)
    }
}

impl SeatRow {
    fn into_seat(self) -> Result<(Seat, Vec<u8>), StoreError> {
        let standing: Standing = self
            .standing
            .parse()
            .map_err(|_| StoreError::Unreadable { what: "seat.standing" })?;
        let seat = Seat {
            id: SeatId::new(self.id),
            session: SessionId::new(self.session_id),
            organisation: OrganisationId::new(self.organisation_id),
            organisation_name: self.organisation_name,
            registration: RegistrationId::new(self.registration_id),
            course: self.course_id.map(CourseId::new),
            member: self.member_id.map(MemberId::new),
            member_name: self.member_name.unwrap_or_default(),
            standing,
            test: self.test,
            administers: self.administers,
            locale: self.locale,
            framed: self.framed,
            csrf: self.csrf,
            language: self.language,
            appearance: self.appearance,
            seen_at: Timestamp::from_millis(self.seen_at),
            session_since: Timestamp::from_millis(self.session_since),
        };
        Ok((seat, self.token_hash))
    }
}
