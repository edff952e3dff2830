//! Erasing a person: who is to be erased, what of theirs is still under way, and the blanking of names and addresses. Award
//! keys stay, as tombstones: without them the same badge could be given twice (promise P2). Every method takes the
//! organisation.

use sqlx::types::Json;
use uuid::Uuid;

use super::award::state_of;
use super::dialect::both;
use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::model::award::{AwardState, ERASED};
use crate::model::order::OrderState;
use crate::model::request::Person;
use crate::model::{AwardId, MemberId, OrganisationId};

/// Awards that one transaction blanks.
const STEP: i64 = 200;

/// An application keeps an address that nobody can have (RFC 2606, section 2).
const NOBODY: &str = "erased@erased.invalid";

/// Somebody who is to be erased, or was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// When it was done; absent: something is still under way.
    pub done_at: Option<Timestamp>,
}

/// An award whose name or address is still there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenAward {
    /// The award.
    pub id: AwardId,
    /// Where it stands.
    pub state: AwardState,
    /// The Factory's badge id.
    pub badge_id: String,
    /// Why it was made.
    pub cause: String,
    /// The address; absent: nobody knew one, or it was erased.
    pub address: Option<String>,
    /// Its period.
    pub period: String,
    /// Its generation.
    pub generation: u32,
    /// Where its order stands.
    pub order: Option<OrderState>,
    /// The order's event is still to be read, or a late look is due: both need the address.
    pub is_watched: bool,
}

/// What is still to be done for an erasure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The person's address.
    pub email: Option<String>,
    /// Awards that are not blank.
    pub awards: Vec<OpenAward>,
    /// Requests that name the person and are not made yet.
    pub unmade: i64,
}

#[derive(sqlx::FromRow)]
struct AwardRow {
    id: Uuid,
    state: String,
    hold: Option<String>,
    badge_id: String,
    cause: String,
    address: String,
    period: String,
    generation: i64,
    order_state: Option<String>,
    next_at: Option<i64>,
    late_at: Option<i64>,
}

const ASK: &str = "INSERT INTO erasure (member_id, organisation_id, asked_by, asked_at)
    SELECT m.id, m.organisation_id, $3, $4 FROM member m WHERE m.organisation_id = $1 AND m.id = $2
    ON CONFLICT (member_id) DO UPDATE SET asked_by = excluded.asked_by, asked_at = excluded.asked_at, done_at = NULL";
const ONE: &str = "SELECT asked_at, done_at FROM erasure WHERE organisation_id = $1 AND member_id = $2";
const DONE: &str = "UPDATE erasure SET done_at = $3 WHERE organisation_id = $1 AND member_id = $2 AND done_at IS NULL";
const EMAIL: &str = "SELECT email FROM member WHERE organisation_id = $1 AND id = $2";
// Those of the person, and those of the bare address that is theirs.
const AWARDS: &str = "SELECT a.id AS id, a.state, a.hold, a.badge_id, a.cause, a.address, a.period, a.generation,
        o.state AS order_state, o.next_at, o.late_at FROM award a LEFT JOIN orders o ON o.id = a.order_id
    WHERE a.organisation_id = $1 AND a.member_id = $2 AND (a.name <> '' OR a.search <> ''
        OR a.state IN ('held', 'queued', 'sending', 'refused', 'revoking')
        OR (a.address NOT LIKE 'erased:%' AND a.address NOT LIKE 'none:%'))
    UNION ALL SELECT a.id, a.state, a.hold, a.badge_id, a.cause, a.address, a.period, a.generation, o.state, o.next_at,
        o.late_at FROM award a LEFT JOIN orders o ON o.id = a.order_id
    WHERE a.organisation_id = $1 AND a.address = $3 AND a.member_id IS NULL
    ORDER BY id LIMIT $4";
const UNMADE: &str = "SELECT COUNT(*) FROM request WHERE organisation_id = $1 AND made < people_count
    AND CAST(people AS TEXT) LIKE $2";
const LOCK: (&str, &str) = both!(
    "SELECT course_id FROM enrolment WHERE organisation_id = $1 AND member_id = $2",
    for_update
);
const BLANK_AWARD: &str = "UPDATE award SET name = '', search = '', updated_at = $5,
    address = COALESCE($3, address), recipient = CASE WHEN recipient LIKE 'address:%' THEN COALESCE($3, recipient)
        ELSE recipient END
    WHERE organisation_id = $1 AND id = $2 AND state = $4";
const REQUESTS: &str = "SELECT DISTINCT r.id, r.people FROM award a JOIN request_award p ON p.award_id = a.id
    JOIN request r ON r.id = p.request_id WHERE a.organisation_id = $1 AND a.id = $2";
const BLANK_REQUEST: &str = "UPDATE request SET people = $3 WHERE organisation_id = $1 AND id = $2";
const DRAFTS: &str = "SELECT id, people FROM draft WHERE organisation_id = $1
    AND (CAST(people AS TEXT) LIKE $2 OR CAST(people AS TEXT) LIKE $3 OR CAST(message AS TEXT) LIKE $3) LIMIT 100";
const BLANK_DRAFT: &str = "UPDATE draft SET people = $3, message = '{}' WHERE organisation_id = $1 AND id = $2";
const BLANK_APPLICATIONS: &str = "UPDATE application SET name = '', address = $3, answers = '[]', claim_code = NULL,
    message = NULL, reason = NULL, version = version + 1, call = 'none',
    stage = CASE WHEN stage IN ('new', 'pending') THEN 'gone' ELSE stage END
    WHERE organisation_id = $1 AND member_id = $2";
const BLANK_REVIEWS: &str = "UPDATE application SET reviewer = '' WHERE organisation_id = $1 AND reviewer_id = $2";
const PIECES: &str = "DELETE FROM application_file WHERE organisation_id = $1 AND application_id IN
    (SELECT id FROM application WHERE organisation_id = $1 AND member_id = $2)";
const BLANK_SIGNALS: &str = "UPDATE signal SET person = '{}', raw = NULL WHERE organisation_id = $1 AND member_id = $2
    AND course_id IN (SELECT course_id FROM enrolment WHERE organisation_id = $1 AND member_id = $2)";
const FORGET: [&str; 11] = [
    "DELETE FROM started_application WHERE organisation_id = $1 AND member_id = $2",
    "DELETE FROM fact WHERE organisation_id = $1 AND member_id = $2",
    "DELETE FROM evaluation WHERE organisation_id = $1 AND member_id = $2",
    "DELETE FROM rule_grant WHERE organisation_id = $1 AND member_id = $2",
    "DELETE FROM pulled WHERE organisation_id = $1 AND subject IN (SELECT value FROM member_alias
        WHERE organisation_id = $1 AND member_id = $2 UNION SELECT sub FROM member WHERE organisation_id = $1 AND id = $2)",
    "DELETE FROM member_alias WHERE organisation_id = $1 AND member_id = $2",
    "DELETE FROM given_name WHERE organisation_id = $1 AND member_id = $2",
    "DELETE FROM holding WHERE organisation_id = $1 AND member_id = $2",
    "DELETE FROM holding_reading WHERE organisation_id = $1 AND member_id = $2",
    "DELETE FROM enrolment WHERE organisation_id = $1 AND member_id = $2",
    "DELETE FROM session WHERE organisation_id = $1 AND member_id = $2",
];
// The number at the LMS stays: by it a badge is known to be given, should the person come back.
const BLANK_MEMBER: &str = "UPDATE member SET name = '', email = NULL, locale = NULL, sort_name = '', search = '',
    fingerprint = 0 WHERE organisation_id = $1 AND id = $2";

impl Tx<'_> {
    /// Stores that somebody is to be erased; `false`: nobody of this organisation. `by` as in the audit log.
    pub async fn ask_erasure(
        &mut self,
        organisation: OrganisationId,
        member: MemberId,
        by: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let rows = on!(self, sqlx::query(ASK).bind(organisation.uuid()).bind(member.uuid()).bind(by)
            .bind(now.millis()) => execute)?;
        Ok(rows == 1)
    }

    /// Whether somebody is to be erased, or was.
    pub async fn erasure(
        &mut self,
        organisation: OrganisationId,
        member: MemberId,
    ) -> Result<Option<Erasure>, StoreError> {
        let row: Option<(i64, Option<i64>)> =
            on!(self, sqlx::query_as(ONE).bind(organisation.uuid()).bind(member.uuid()) => fetch_optional)?;
        Ok(row.map(|(asked_at, done_at)| Erasure {
            asked_at: Timestamp::from_millis(asked_at),
            done_at: done_at.map(Timestamp::from_millis),
        }))
    }

    /// What is to be done for somebody who is to be erased: at most some hundred awards; the rest comes after these.
    pub async fn erasure_plan(&mut self, organisation: OrganisationId, member: MemberId) -> Result<Plan, StoreError> {
        let email: Option<Option<String>> =
            on!(self, sqlx::query_scalar(EMAIL).bind(organisation.uuid()).bind(member.uuid()) => fetch_optional)?;
        let email = email.flatten();
        let rows: Vec<AwardRow> = on!(self, sqlx::query_as(AWARDS).bind(organisation.uuid()).bind(member.uuid())
            .bind(&email).bind(STEP) => fetch_all)?;
        let unmade: i64 = on!(self, sqlx::query_scalar(UNMADE).bind(organisation.uuid())
            .bind(format!("%{member}%")) => fetch_one)?;
        Ok(Plan {
            email,
            awards: rows.into_iter().map(AwardRow::into_open).collect::<Result<_, _>>()?,
            unmade,
        })
    }

    /// Holds back rules and rosters that would bring somebody in again while they are blanked.
    pub async fn lock_enrolments(&mut self, organisation: OrganisationId, member: MemberId) -> Result<(), StoreError> {
        let sql = self.pick(LOCK);
        let _: Vec<Uuid> = on!(self, sqlx::query_scalar(sql).bind(organisation.uuid()).bind(member.uuid())
            => fetch_all)?;
        Ok(())
    }

    /// Blanks the name and the address of an award that stands as it was read; what stands for the address is
    /// `tombstone`. The request that named the person is blanked with it. `false`: it has changed.
    pub async fn blank_award(
        &mut self,
        organisation: OrganisationId,
        award: &OpenAward,
        member: MemberId,
        tombstone: Option<&str>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let requests: Vec<(Uuid, Json<Vec<Person>>)> = on!(self, sqlx::query_as(REQUESTS).bind(organisation.uuid())
            .bind(award.id.uuid()) => fetch_all)?;
        for (id, Json(people)) in requests {
            let people: Vec<Person> = people
                .into_iter()
                .map(|person| blanked(person, member, award.address.as_deref()))
                .collect();
            on!(self, sqlx::query(BLANK_REQUEST).bind(organisation.uuid()).bind(id).bind(Json(&people)) => execute)?;
        }
        let rows = on!(self, sqlx::query(BLANK_AWARD).bind(organisation.uuid()).bind(award.id.uuid()).bind(tombstone)
            .bind(award.state.word()).bind(now.millis()) => execute)?;
        Ok(rows == 1)
    }

    /// Blanks everything else about somebody, and notes that it is done. After their last award.
    pub async fn blank_member(
        &mut self,
        organisation: OrganisationId,
        member: MemberId,
        email: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let like = email.map(|email| format!("%{email}%"));
        let drafts: Vec<(Uuid, Json<Vec<Person>>)> = on!(self, sqlx::query_as(DRAFTS).bind(organisation.uuid())
            .bind(format!("%{member}%")).bind(&like) => fetch_all)?;
        for (id, Json(people)) in drafts {
            let is_other = |person: &Person| {
                person.member != Some(member.uuid())
                    && (email.is_none() || person.address.as_ref().map(crate::model::Address::as_str) != email)
            };
            let people: Vec<Person> = people.into_iter().filter(is_other).collect();
            on!(self, sqlx::query(BLANK_DRAFT).bind(organisation.uuid()).bind(id).bind(Json(&people)) => execute)?;
        }
        on!(self, sqlx::query(PIECES).bind(organisation.uuid()).bind(member.uuid()) => execute)?;
        on!(self, sqlx::query(BLANK_APPLICATIONS).bind(organisation.uuid()).bind(member.uuid()).bind(NOBODY)
            => execute)?;
        on!(self, sqlx::query(BLANK_REVIEWS).bind(organisation.uuid()).bind(member.uuid()) => execute)?;
        on!(self, sqlx::query(BLANK_SIGNALS).bind(organisation.uuid()).bind(member.uuid()) => execute)?;
        for sql in FORGET {
            on!(self, sqlx::query(sql).bind(organisation.uuid()).bind(member.uuid()) => execute)?;
        }
        on!(self, sqlx::query(BLANK_MEMBER).bind(organisation.uuid()).bind(member.uuid()) => execute)?;
        on!(self, sqlx::query(DONE).bind(organisation.uuid()).bind(member.uuid()).bind(now.millis()) => execute)?;
        Ok(())
    }
}

/// A person of a request without name and address, if it is this one.
fn blanked(person: Person, member: MemberId, address: Option<&str>) -> Person {
    let is_theirs = person.member == Some(member.uuid())
        || (address.is_some() && person.address.as_ref().map(crate::model::Address::as_str) == address);
    if !is_theirs {
        return person;
    }
    Person {
        name: String::new(),
        address: None,
        ..person
    }
}

impl AwardRow {
    fn into_open(self) -> Result<OpenAward, StoreError> {
        let state = state_of(&self.state, self.hold.as_deref())?;
        let order = self.order_state.as_deref().map(str::parse::<OrderState>).transpose();
        let is_out = matches!(state, AwardState::Issued | AwardState::Revoking | AwardState::Revoked);
        Ok(OpenAward {
            id: AwardId::new(self.id),
            state,
            badge_id: self.badge_id,
            cause: self.cause,
            address: (!self.address.starts_with("none:") && !self.address.starts_with(ERASED)).then_some(self.address),
            period: self.period,
            generation: u32::try_from(self.generation).unwrap_or(u32::MAX),
            order: order.map_err(|_| StoreError::Unreadable { what: "orders.state" })?,
            is_watched: self.late_at.is_some() || (is_out && self.next_at.is_some()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::plans;

    #[tokio::test]
    async fn queries_find_few_rows() {
        plans::finding_few(&[
            ASK,
            ONE,
            DONE,
            EMAIL,
            AWARDS,
            BLANK_AWARD,
            REQUESTS,
            BLANK_REQUEST,
            BLANK_MEMBER,
        ])
        .await;
        // drafts are few: they are forgotten after some days
        plans::without_scans(&[UNMADE]).await;
    }
}
