//! Orders as people see them, apart from what decides about them: the list of what is not settled, and one order.

use uuid::Uuid;

use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::model::order::OrderState;
use crate::model::{AwardId, OrderId, OrganisationId};

/// An order, for a list or a page of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderView {
    /// Its id.
    pub id: OrderId,
    /// The badge's name when it was ordered, or its id.
    pub badge: String,
    /// Where it stands.
    pub state: OrderState,
    /// How many people it was made for.
    pub people: i64,
    /// Sendings that the Factory may have carried out.
    pub sendings: i64,
    /// How it ended, in the Factory's words or ours.
    pub reason: Option<String>,
    /// The Factory's event.
    pub event: Option<String>,
    /// When something is done about it next.
    pub next_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    badge: String,
    state: String,
    people: i64,
    sendings: i64,
    reason: Option<String>,
    event_id: Option<String>,
    next_at: Option<i64>,
    created_at: i64,
    updated_at: i64,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT o.id, COALESCE(r.badge_name, (SELECT MIN(a.badge_name) FROM award a WHERE a.order_id = o.id),
                o.badge_id) AS badge, o.state, (SELECT COUNT(*) FROM order_award p WHERE p.order_id = o.id) AS people,
                CAST(o.sendings AS BIGINT) AS sendings, o.reason, o.event_id, o.next_at, o.created_at, o.updated_at
                FROM orders o LEFT JOIN request r ON r.id = o.request_id WHERE o.organisation_id = $1 ",
            $rest
        )
    };
}

const OPEN: &str = select!(
    "AND o.state IN ('ready', 'sending', 'unsure', 'refused', 'parked') ORDER BY o.created_at, o.id LIMIT 1000"
);
const ONE: &str = select!("AND o.id = $2");
const QUEUED: &str = "SELECT a.id FROM orders o JOIN award a ON a.order_id = o.id AND a.organisation_id = $1
    WHERE o.organisation_id = $1 AND o.state = 'ready' AND a.state = 'queued' ORDER BY o.updated_at, a.id LIMIT $2";
const QUEUED_COUNT: &str = "SELECT COUNT(*) FROM orders o JOIN award a ON a.order_id = o.id AND a.organisation_id = $1
    WHERE o.organisation_id = $1 AND o.state = 'ready' AND a.state = 'queued'";
const ISSUED_COUNT: &str = "SELECT COUNT(*) FROM orders o JOIN award a ON a.order_id = o.id AND a.organisation_id = $1
    WHERE o.organisation_id = $1 AND o.state = 'issued' AND o.updated_at >= $2 AND a.issued_at >= $2";
const UNSURE_COUNT: &str =
    "SELECT COUNT(*) FROM orders WHERE organisation_id = $1 AND state IN ('sending', 'unsure', 'parked')";

impl Tx<'_> {
    /// The organisation's orders that are not settled, oldest first, at most 1,000.
    pub async fn open_orders(&mut self, organisation: OrganisationId) -> Result<Vec<OrderView>, StoreError> {
        let rows: Vec<Row> = on!(self, sqlx::query_as(OPEN).bind(organisation.uuid()) => fetch_all)?;
        rows.into_iter().map(view).collect()
    }

    /// Awards that were not sent yet, at most `limit`.
    pub async fn queued_awards(
        &mut self,
        organisation: OrganisationId,
        limit: u32,
    ) -> Result<Vec<AwardId>, StoreError> {
        let ids: Vec<Uuid> = on!(self, sqlx::query_scalar(QUEUED).bind(organisation.uuid()).bind(i64::from(limit))
            => fetch_all)?;
        Ok(ids.into_iter().map(AwardId::new).collect())
    }

    /// How many awards were not sent yet.
    pub async fn queued_award_count(&mut self, organisation: OrganisationId) -> Result<i64, StoreError> {
        on!(self, sqlx::query_scalar(QUEUED_COUNT).bind(organisation.uuid()) => fetch_one)
    }

    /// How many awards were issued since.
    pub async fn issued_award_count(
        &mut self,
        organisation: OrganisationId,
        since: Timestamp,
    ) -> Result<i64, StoreError> {
        on!(self, sqlx::query_scalar(ISSUED_COUNT).bind(organisation.uuid()).bind(since.millis()) => fetch_one)
    }

    /// How many orders the Factory may have carried out.
    pub async fn unsure_order_count(&mut self, organisation: OrganisationId) -> Result<i64, StoreError> {
        on!(self, sqlx::query_scalar(UNSURE_COUNT).bind(organisation.uuid()) => fetch_one)
    }

    /// One order, in any state.
    pub async fn order_view(
        &mut self,
        organisation: OrganisationId,
        id: OrderId,
    ) -> Result<Option<OrderView>, StoreError> {
        let row: Option<Row> =
            on!(self, sqlx::query_as(ONE).bind(organisation.uuid()).bind(id.uuid()) => fetch_optional)?;
        row.map(view).transpose()
    }
}

fn view(row: Row) -> Result<OrderView, StoreError> {
    Ok(OrderView {
        id: OrderId::new(row.id),
        badge: row.badge,
        state: row
            .state
            .parse()
            .map_err(|_| StoreError::Unreadable { what: "orders.state" })?,
        people: row.people,
        sendings: row.sendings,
        reason: row.reason,
        event: row.event_id,
        next_at: row.next_at.map(Timestamp::from_millis),
        created_at: Timestamp::from_millis(row.created_at),
        updated_at: Timestamp::from_millis(row.updated_at),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::plans;

    #[tokio::test]
    async fn queries_find_few_rows() {
        plans::finding_few(&[QUEUED, QUEUED_COUNT, ISSUED_COUNT, UNSURE_COUNT]).await;
    }
}
