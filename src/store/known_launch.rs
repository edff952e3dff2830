//! The launch of a person, from a course, both known and unchanged: one statement spends the login and seats them.
//!
//! On PostgreSQL each statement is a trip, and a transaction costs two more; nearly every launch is of this kind. What
//! finds nothing here has changed nothing: [`Tx::spend_login`] and [`Tx::seat_launch`] then do the whole.

use uuid::Uuid;

use super::launch::{course_print, enrolment_print, link_print, person_print};
use super::tx::on;
use super::{SessionOffer, StoreError, Tx};
use crate::clock::Timestamp;
use crate::crypto::random;
use crate::model::{Address, CourseId, LaunchFacts, LinkId, MemberId, SeatId, Seated, SessionId};

/// Data of the known is read first, so that a login of others stays unspent. The parts of one statement see one state;
/// a login that another launch is spending is waited for, and gone.
const SEAT_KNOWN: &str = "WITH known AS (
        SELECT c.id AS course, m.id AS member, l.id AS link
        FROM course c
        JOIN member m ON m.registration_id = $1 AND m.organisation_id = $2 AND m.sub = $5 AND m.fingerprint = $6
            AND ($7 IS NULL OR m.email = $7)
        JOIN enrolment e ON e.course_id = c.id AND e.member_id = m.id AND e.fingerprint = $8
        LEFT JOIN link l ON l.course_id = c.id AND l.resource_link_id = $9 AND l.fingerprint = $10
        WHERE c.registration_id = $1 AND c.organisation_id = $2 AND c.context_id = $3 AND c.fingerprint = $4
            AND ($9 IS NULL OR l.id IS NOT NULL)
    ), gone AS (
        DELETE FROM login USING known WHERE login.state_hash = $11 AND login.expires_at > $12
        RETURNING known.course, known.member, known.link
    ), begun AS (
        INSERT INTO session (id, token_hash, organisation_id, registration_id, member_id, csrf, created_at, seen_at)
        SELECT $13, $14, $2, $1, member, $15, $12, $12 FROM gone
    ), seated AS (
        INSERT INTO seat (id, session_id, organisation_id, registration_id, course_id, member_id, standing, test,
            locale, framed, created_at, administers)
        SELECT $16, $13, $2, $1, course, member, $17, $18, $19, $20, $12, $21 FROM gone
    )
    SELECT course, member, link FROM gone";

impl Tx<'_> {
    /// Spends the login of this state and seats its person in a new session, if course, person, enrolment and link stand
    /// in the database as the launch says, and nothing else is to be stored; else `None`, and nothing has changed. For
    /// [`Store::write_one`](super::Store::write_one) on PostgreSQL.
    pub async fn seat_known(
        &mut self,
        state_hash: [u8; 32],
        facts: &LaunchFacts,
        offer: &SessionOffer,
        now: Timestamp,
    ) -> Result<Option<Seated>, StoreError> {
        let (Some(course), Some(person)) = (&facts.course, &facts.person) else {
            return Ok(None);
        };
        if offer.shown.is_some() || facts.content.is_some() || !facts.origins.is_empty() {
            return Ok(None);
        }
        let (link_id, title) = facts.link.as_ref().map(|(id, title)| (id, title)).unzip();
        let (seat, session) = (SeatId::new(random::id_at(now)), SessionId::new(random::id_at(now)));
        let row: Option<(Uuid, Uuid, Option<Uuid>)> = on!(self, sqlx::query_as(SEAT_KNOWN)
            .bind(facts.registration.uuid()).bind(facts.organisation.uuid())
            .bind(&course.context_id).bind(course_print(course, facts))
            .bind(&person.sub).bind(person_print(person)).bind(person.email.as_ref().map(Address::as_str))
            .bind(enrolment_print(facts)).bind(link_id).bind(title.map(|title| link_print(title)))
            .bind(state_hash.to_vec()).bind(now.millis())
            .bind(session.uuid()).bind(offer.fresh.to_vec()).bind(&offer.csrf)
            .bind(seat.uuid()).bind(facts.standing.word()).bind(facts.test).bind(&facts.locale).bind(facts.framed)
            .bind(facts.administers) => fetch_optional)?;
        Ok(row.map(|(course, member, link)| Seated {
            seat,
            session,
            new_session: true,
            course: Some(CourseId::new(course)),
            member: Some(MemberId::new(member)),
            link: link.map(LinkId::new),
            placed: None,
            new_address: false,
            is_news: false,
        }))
    }
}
