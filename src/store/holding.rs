//! What the Factory tells about a person's own badges, with its age; and what else a learner's own pages read. Every
//! method takes the organisation and the member or the course (P5).

use std::collections::BTreeMap;

use sqlx::types::Json;

use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::model::holding::{Holding, HoldingReading};
use crate::model::{CourseId, MemberId, OrganisationId};

/// Badges kept of one person at most.
const MOST: i64 = 300;

/// An event that holds an award of ours to somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnEvent {
    /// The Factory's event.
    pub event: String,
    /// The address in it.
    pub address: String,
    /// The Factory's badge id.
    pub badge_id: String,
    /// The badge's name at the time.
    pub badge_name: String,
}

/// Where a person's address came from, and whether it is believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressOrigin {
    /// The registration's name: what the LMS is called here.
    pub lms: String,
    /// Whether its addresses are believed to be the person's.
    pub trusted: bool,
}

#[derive(sqlx::FromRow)]
struct Row {
    event_id: String,
    address: String,
    badge_id: String,
    name: String,
    found: bool,
    state: String,
    issued_at: Option<i64>,
    expires_at: Option<i64>,
    revoked_at: Option<i64>,
    page_url: Option<String>,
    proof_url: Option<String>,
    pdf: Json<BTreeMap<String, String>>,
}

const LIST: &str =
    "SELECT event_id, address, badge_id, name, found, state, issued_at, expires_at, revoked_at, page_url,
    proof_url, pdf FROM holding WHERE organisation_id = $1 AND member_id = $2
    ORDER BY COALESCE(issued_at, 0) DESC, event_id LIMIT $3";
const CLEAR: &str = "DELETE FROM holding WHERE organisation_id = $1 AND member_id = $2";
const PUT: &str = "INSERT INTO holding (member_id, event_id, address, organisation_id, badge_id, name, found, state,
    issued_at, expires_at, revoked_at, page_url, proof_url, pdf)
    SELECT m.id, $3, $4, m.organisation_id, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14 FROM member m
    WHERE m.organisation_id = $1 AND m.id = $2 ON CONFLICT DO NOTHING";
const READING: &str = "SELECT tried_at, read_at FROM holding_reading WHERE organisation_id = $1 AND member_id = $2";
const TRIED: &str = "INSERT INTO holding_reading (member_id, organisation_id, tried_at, read_at)
    SELECT m.id, m.organisation_id, $3, $4 FROM member m WHERE m.organisation_id = $1 AND m.id = $2
    ON CONFLICT (member_id) DO UPDATE SET tried_at = excluded.tried_at,
        read_at = COALESCE(excluded.read_at, holding_reading.read_at)";
const OWN_EVENTS: &str = "SELECT event_id, address, badge_id, badge_name FROM award WHERE organisation_id = $1
    AND member_id = $2 AND event_id IS NOT NULL AND state IN ('issued', 'revoking', 'revoked')
    AND address NOT LIKE 'erased:%'
    ORDER BY created_at DESC, id DESC LIMIT 200";
const ORIGIN: &str = "SELECT g.name, g.trust_email FROM member m JOIN registration g ON g.id = m.registration_id
    WHERE m.organisation_id = $1 AND m.id = $2";
const PLACED_FORMS: &str = "SELECT DISTINCT badge_id FROM content WHERE course_id = $2 AND organisation_id = $1
    AND kind = 'apply' ORDER BY badge_id LIMIT 50";

type EventRow = (String, String, String, String);

impl Tx<'_> {
    /// A person's badges as the Factory told last, the newest first.
    pub async fn holdings(
        &mut self,
        organisation: OrganisationId,
        member: MemberId,
    ) -> Result<Vec<Holding>, StoreError> {
        let rows: Vec<Row> = on!(self, sqlx::query_as(LIST).bind(organisation.uuid()).bind(member.uuid()).bind(MOST)
            => fetch_all)?;
        rows.into_iter().map(Row::into_holding).collect()
    }

    /// Keeps what a complete read told, in place of what was known before.
    pub async fn put_holdings(
        &mut self,
        organisation: OrganisationId,
        member: MemberId,
        holdings: &[Holding],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(CLEAR).bind(organisation.uuid()).bind(member.uuid()) => execute)?;
        for one in holdings {
            let millis = |at: Option<Timestamp>| at.map(Timestamp::millis);
            on!(self, sqlx::query(PUT).bind(organisation.uuid()).bind(member.uuid()).bind(&one.event)
                .bind(&one.address).bind(&one.badge_id).bind(&one.name).bind(one.found).bind(one.state.word())
                .bind(millis(one.issued_at)).bind(millis(one.expires_at)).bind(millis(one.revoked_at))
                .bind(&one.page_url).bind(&one.proof_url).bind(Json(&one.pdf)) => execute)?;
        }
        on!(self, sqlx::query(TRIED).bind(organisation.uuid()).bind(member.uuid()).bind(now.millis())
            .bind(Some(now.millis())) => execute)?;
        Ok(())
    }

    /// Notes that a read failed; what was read before stays, with its age.
    pub async fn fail_holdings(
        &mut self,
        organisation: OrganisationId,
        member: MemberId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(TRIED).bind(organisation.uuid()).bind(member.uuid()).bind(now.millis())
            .bind(None::<i64>) => execute)?;
        Ok(())
    }

    /// When a person's badges were read.
    pub async fn holding_reading(
        &mut self,
        organisation: OrganisationId,
        member: MemberId,
    ) -> Result<HoldingReading, StoreError> {
        let row: Option<(i64, Option<i64>)> =
            on!(self, sqlx::query_as(READING).bind(organisation.uuid()).bind(member.uuid()) => fetch_optional)?;
        Ok(
            row.map_or_else(HoldingReading::default, |(tried_at, read_at)| HoldingReading {
                tried_at: Some(Timestamp::from_millis(tried_at)),
                read_at: read_at.map(Timestamp::from_millis),
            }),
        )
    }

    /// The events of the awards that were made here for a person, the newest first.
    pub async fn own_events(
        &mut self,
        organisation: OrganisationId,
        member: MemberId,
    ) -> Result<Vec<OwnEvent>, StoreError> {
        let rows: Vec<EventRow> =
            on!(self, sqlx::query_as(OWN_EVENTS).bind(organisation.uuid()).bind(member.uuid()) => fetch_all)?;
        let own = |(event, address, badge_id, badge_name): EventRow| OwnEvent {
            event,
            address,
            badge_id,
            badge_name,
        };
        Ok(rows.into_iter().map(own).collect())
    }

    /// Which LMS a person's address came from, and whether it is believed; absent: no such person.
    pub async fn address_origin(
        &mut self,
        organisation: OrganisationId,
        member: MemberId,
    ) -> Result<Option<AddressOrigin>, StoreError> {
        let row: Option<(String, bool)> =
            on!(self, sqlx::query_as(ORIGIN).bind(organisation.uuid()).bind(member.uuid()) => fetch_optional)?;
        Ok(row.map(|(lms, trusted)| AddressOrigin { lms, trusted }))
    }

    /// The application forms that are placed in a course.
    pub async fn placed_forms(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
    ) -> Result<Vec<String>, StoreError> {
        on!(self, sqlx::query_scalar(PLACED_FORMS).bind(organisation.uuid()).bind(course.uuid()) => fetch_all)
    }
}

impl Row {
    fn into_holding(self) -> Result<Holding, StoreError> {
        let state = self.state.parse();
        Ok(Holding {
            event: self.event_id,
            address: self.address,
            badge_id: self.badge_id,
            name: self.name,
            found: self.found,
            state: state.map_err(|_| StoreError::Unreadable { what: "holding.state" })?,
            issued_at: self.issued_at.map(Timestamp::from_millis),
            expires_at: self.expires_at.map(Timestamp::from_millis),
            revoked_at: self.revoked_at.map(Timestamp::from_millis),
            page_url: self.page_url,
            proof_url: self.proof_url,
            pdf: self.pdf.0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::plans;

    #[tokio::test]
    async fn queries_find_few_rows() {
        plans::finding_few(&[LIST, CLEAR, READING, OWN_EVENTS, ORIGIN, PLACED_FORMS]).await;
    }
}
