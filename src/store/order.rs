//! Orders: made, claimed, settled. The decisions are [`Dispatch`]'s; here they are read and written.
//!
//! Nothing is locked between reading and writing: every change checks the version of the order and the state and intent
//! of each award it read. Who comes second gets [`StepError::Changed`] and decides anew on what stands then.

use sqlx::types::Json;
use uuid::Uuid;

use super::extra::{ISSUED_LATE, ISSUED_TWICE};
use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::crypto::random;
use crate::model::award::{AwardState, AwardStatus, ERASED, Impossible, Intent};
use crate::model::dispatch::{Dispatch, Part, Trouble};
use crate::model::order::{Order, OrderState};
use crate::model::request::Content;
use crate::model::{AwardId, OrderId, OrganisationId, RequestId};

/// Why a step of an order was not stored.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// Somebody else changed the order or an award meanwhile: read and decide again.
    #[error("the order was changed by somebody else")]
    Changed,
    /// The step cannot follow on where the order stands.
    #[error(transparent)]
    Impossible(#[from] Impossible),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An order to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOrder {
    /// Its id and marker.
    pub id: OrderId,
    /// The organisation.
    pub organisation: OrganisationId,
    /// The request it belongs to, whose content is sent unless `content` is given.
    pub request: Option<RequestId>,
    /// The Factory's badge id.
    pub badge_id: String,
    /// What to send, if it differs from the request's or there is none.
    pub content: Option<Content>,
}

/// What is sent with an order, apart from whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parcel {
    /// The Factory's badge id.
    pub badge_id: String,
    /// Message, dates, options.
    pub content: Content,
    /// Address, name and key of each award that is being sent.
    pub awards: Vec<ParcelAward>,
}

/// One award of a parcel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParcelAward {
    /// The normalised address.
    pub address: String,
    /// The person's name.
    pub name: String,
    /// The award's key, for the marker.
    pub key: Vec<u8>,
}

#[derive(sqlx::FromRow)]
struct OrderRow {
    id: Uuid,
    state: String,
    version: i64,
    sendings: i64,
    allowed: i64,
    look: i64,
    look_from: Option<i64>,
    next_at: Option<i64>,
    send_until: Option<i64>,
    lease_until: Option<i64>,
    lease_holder: Option<Uuid>,
    late_look: i64,
    late_at: Option<i64>,
    event_id: Option<String>,
    event_reads: i64,
    reason: Option<String>,
}

#[derive(sqlx::FromRow)]
struct PartRow {
    id: Uuid,
    address: String,
    state: String,
    hold: Option<String>,
    intent: Option<String>,
    event_id: Option<String>,
}

const ORDER: &str =
    "SELECT id, state, version, sendings, allowed, look, look_from, next_at, send_until, lease_until, lease_holder,
    late_look, late_at, event_id, event_reads, reason FROM orders WHERE organisation_id = $1 AND id = $2";
const PARTS: &str = "SELECT a.id, a.address, a.state, a.hold, a.intent, a.event_id FROM award a
    JOIN order_award p ON p.order_id = a.order_id AND p.award_id = a.id
    WHERE a.organisation_id = $1 AND a.order_id = $2 ORDER BY p.position";
const SAVE: &str = "UPDATE orders SET state = $4, version = version + 1, sendings = $5, allowed = $6, look = $7,
    look_from = $8, next_at = $9, send_until = $10, lease_until = $11, lease_holder = $12, late_look = $13,
    late_at = $14, event_id = $15, event_reads = $16, reason = $17, updated_at = $18
    WHERE organisation_id = $1 AND id = $2 AND version = $3";
const SAVE_PART: &str = "UPDATE award SET state = $4, hold = NULL, intent = $6, event_id = $7, order_id = $8,
    reason = $9, next_at = $10, tries = 0, updated_at = $11,
    issued_at = CASE WHEN $7 IS NULL THEN NULL ELSE COALESCE(issued_at, $11) END
    WHERE organisation_id = $1 AND id = $2 AND state = $3 AND intent IS NOT DISTINCT FROM $5";
const ADD: &str = "INSERT INTO orders (id, organisation_id, request_id, badge_id, content, state, next_at, created_at,
    updated_at) VALUES ($1, $2, $3, $4, $5, 'ready', $6, $6, $6)";
const ADD_LIKE: &str = "INSERT INTO orders (id, organisation_id, request_id, badge_id, content, state, next_at,
    created_at, updated_at) SELECT $3, organisation_id, request_id, badge_id, content, 'ready', $4, $4, $4
    FROM orders WHERE organisation_id = $1 AND id = $2";
const ADD_PART: &str = "INSERT INTO order_award (order_id, award_id, position) SELECT o.id, a.id, $4 FROM orders o
    JOIN award a ON a.organisation_id = o.organisation_id WHERE o.organisation_id = $1 AND o.id = $2 AND a.id = $3";
const DROP: &str = "DELETE FROM orders WHERE organisation_id = $1 AND id = $2
    AND NOT EXISTS (SELECT 1 FROM order_award WHERE order_id = $2)";
const CONTENT: &str = "SELECT o.badge_id, COALESCE(o.content, r.content) FROM orders o
    LEFT JOIN request r ON r.id = o.request_id WHERE o.organisation_id = $1 AND o.id = $2";
const ADDRESSES: &str = "SELECT a.address, a.name, a.award_key FROM award a
    JOIN order_award p ON p.order_id = a.order_id AND p.award_id = a.id
    WHERE a.organisation_id = $1 AND a.order_id = $2 AND a.state = 'sending' ORDER BY p.position";
// An address that was certainly sent: what was taken back before a sending was not in it. Where all were taken back, the
// last ones were those that had been sent.
const FIRST_ADDRESS: &str = "SELECT o.badge_id, a.address FROM orders o JOIN order_award p ON p.order_id = o.id
    JOIN award a ON a.id = p.award_id WHERE o.organisation_id = $1 AND o.id = $2
    ORDER BY CASE WHEN a.state = 'withdrawn' THEN 2 WHEN a.order_id = o.id THEN 0 ELSE 1 END,
    CASE WHEN a.state = 'withdrawn' THEN -a.updated_at ELSE 0 END, p.position LIMIT 1";

impl Tx<'_> {
    /// The order with its present awards, to decide on.
    pub async fn dispatch(
        &mut self,
        organisation: OrganisationId,
        id: OrderId,
    ) -> Result<Option<Dispatch>, StoreError> {
        let Some(row) = on!(self, sqlx::query_as::<_, OrderRow>(ORDER).bind(organisation.uuid()).bind(id.uuid())
            => fetch_optional)?
        else {
            return Ok(None);
        };
        let parts: Vec<PartRow> =
            on!(self, sqlx::query_as(PARTS).bind(organisation.uuid()).bind(id.uuid()) => fetch_all)?;
        let parts = parts.into_iter().map(part).collect::<Result<_, _>>()?;
        Ok(Some(Dispatch::new(order(row)?, parts)))
    }

    /// Writes what was decided on `before`. Awards that are to be sent alone get orders of their own; troubles become
    /// problems.
    pub async fn save_dispatch(
        &mut self,
        organisation: OrganisationId,
        before: &Dispatch,
        after: &Dispatch,
        now: Timestamp,
    ) -> Result<(), StepError> {
        self.save_order(organisation, &before.order, &after.order, now).await?;
        for (old, new) in before.parts.iter().zip(&after.parts) {
            if old != new {
                self.save_part(organisation, &after.order, old, new, now).await?;
            }
        }
        let was_given_or_taken = |(old, new): (&Part, &Part)| {
            let state = new.status.state;
            state != old.status.state && matches!(state, AwardState::Issued | AwardState::Revoked)
        };
        if before.parts.iter().zip(&after.parts).any(was_given_or_taken) {
            self.enqueue_grades(organisation, now).await?;
        }
        for trouble in &after.troubles {
            self.raise_trouble(organisation, after.order.id, trouble, now).await?;
        }
        if !matches!(after.order.state, OrderState::Refused | OrderState::Parked)
            && matches!(before.order.state, OrderState::Refused | OrderState::Parked)
        {
            let subject = after.order.id.to_string();
            self.clear_problem(organisation, "order-refused", &subject, now).await?;
            self.clear_problem(organisation, "order-parked", &subject, now).await?;
        }
        Ok(())
    }

    /// Stores a new order, still without awards.
    pub async fn add_order(&mut self, new: &NewOrder, now: Timestamp) -> Result<(), StoreError> {
        on!(self, sqlx::query(ADD).bind(new.id.uuid()).bind(new.organisation.uuid())
            .bind(new.request.map(RequestId::uuid)).bind(&new.badge_id).bind(new.content.as_ref().map(Json))
            .bind(now.millis()) => execute)?;
        Ok(())
    }

    /// Takes an order back that was made in this transaction and got no award; `false` if it has one.
    pub async fn drop_order(&mut self, organisation: OrganisationId, id: OrderId) -> Result<bool, StoreError> {
        let rows = on!(self, sqlx::query(DROP).bind(organisation.uuid()).bind(id.uuid()) => execute)?;
        Ok(rows == 1)
    }

    /// Gives an award its place in an order; `false` if the organisation does not have both. The award itself names
    /// its order, too.
    pub async fn add_order_award(
        &mut self,
        organisation: OrganisationId,
        order: OrderId,
        award: AwardId,
        position: i64,
    ) -> Result<bool, StoreError> {
        let rows = on!(self, sqlx::query(ADD_PART).bind(organisation.uuid()).bind(order.uuid()).bind(award.uuid())
            .bind(position) => execute)?;
        Ok(rows == 1)
    }

    /// What a claimed order carries.
    pub async fn parcel(&mut self, organisation: OrganisationId, id: OrderId) -> Result<Option<Parcel>, StoreError> {
        let head: Option<(String, Json<Content>)> =
            on!(self, sqlx::query_as(CONTENT).bind(organisation.uuid()).bind(id.uuid()) => fetch_optional)?;
        let Some((badge_id, Json(content))) = head else {
            return Ok(None);
        };
        let rows: Vec<(String, String, Vec<u8>)> =
            on!(self, sqlx::query_as(ADDRESSES).bind(organisation.uuid()).bind(id.uuid()) => fetch_all)?;
        let awards = rows
            .into_iter()
            .map(|(address, name, key)| ParcelAward { address, name, key })
            .collect();
        Ok(Some(Parcel {
            badge_id,
            content,
            awards,
        }))
    }

    /// Badge and first address of an order: what its event is searched by. Absent also where the address was erased.
    pub async fn search_terms(
        &mut self,
        organisation: OrganisationId,
        id: OrderId,
    ) -> Result<Option<(String, String)>, StoreError> {
        let terms: Option<(String, String)> =
            on!(self, sqlx::query_as(FIRST_ADDRESS).bind(organisation.uuid()).bind(id.uuid()) => fetch_optional)?;
        Ok(terms.filter(|(_, address)| !address.starts_with("none:") && !address.starts_with(ERASED)))
    }

    async fn save_order(
        &mut self,
        organisation: OrganisationId,
        before: &Order,
        after: &Order,
        now: Timestamp,
    ) -> Result<(), StepError> {
        let millis = |at: Option<Timestamp>| at.map(Timestamp::millis);
        let rows = on!(self, sqlx::query(SAVE).bind(organisation.uuid()).bind(after.id.uuid())
            .bind(i64::from(before.version)).bind(after.state.word()).bind(i64::from(after.sendings))
            .bind(i64::from(after.allowed)).bind(i64::from(after.look)).bind(millis(after.look_from))
            .bind(millis(after.next_at)).bind(millis(after.send_until)).bind(millis(after.lease_until))
            .bind(after.holder).bind(i64::from(after.late_look)).bind(millis(after.late_at)).bind(&after.event)
            .bind(i64::from(after.event_reads)).bind(&after.reason).bind(now.millis()) => execute)?;
        if rows == 1 { Ok(()) } else { Err(StepError::Changed) }
    }

    async fn save_part(
        &mut self,
        organisation: OrganisationId,
        order: &Order,
        old: &Part,
        new: &Part,
        now: Timestamp,
    ) -> Result<(), StepError> {
        let mut home = order.id;
        if new.single {
            home = OrderId::new(random::id_at(now));
            on!(self, sqlx::query(ADD_LIKE).bind(organisation.uuid()).bind(order.id.uuid()).bind(home.uuid())
                .bind(now.millis()) => execute)?;
            if !self.add_order_award(organisation, home, new.award, 0).await? {
                return Err(StepError::Changed);
            }
        }
        let state = new.status.state;
        let reason = (state == AwardState::Refused)
            .then_some(order.reason.as_deref())
            .flatten();
        let next_at = (state == AwardState::Revoking).then_some(now.millis());
        let word = |intent: Option<Intent>| intent.map(Intent::word);
        let rows = on!(self, sqlx::query(SAVE_PART).bind(organisation.uuid()).bind(new.award.uuid())
            .bind(old.status.state.word()).bind(state.word()).bind(word(old.status.intent))
            .bind(word(new.status.intent)).bind(&new.event).bind(home.uuid()).bind(reason).bind(next_at)
            .bind(now.millis()) => execute)?;
        if rows != 1 {
            return Err(StepError::Changed);
        }
        if state == AwardState::Issued && old.status.state != AwardState::Issued {
            self.tell_watchers(organisation, new.award.uuid(), now).await?;
        }
        Ok(())
    }

    async fn raise_trouble(
        &mut self,
        organisation: OrganisationId,
        order: OrderId,
        trouble: &Trouble,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (kind, subject, detail) = match trouble {
            Trouble::IssuedTwice { kept, extra, .. } => {
                let course = self.course_of_order(organisation, order).await?;
                let detail = serde_json::json!({ "order": order, "course": course, "kept": kept, "extra": extra });
                (ISSUED_TWICE, extra.clone(), detail)
            }
            Trouble::IssuedLate { event, .. } => {
                let course = self.course_of_order(organisation, order).await?;
                let detail = serde_json::json!({ "order": order, "course": course, "event": event });
                (ISSUED_LATE, event.clone(), detail)
            }
            Trouble::Parked => ("order-parked", order.to_string(), serde_json::json!({ "order": order })),
            Trouble::Refused { reason } => (
                "order-refused",
                order.to_string(),
                serde_json::json!({ "order": order, "reason": reason }),
            ),
        };
        self.raise_problem(organisation, kind, &subject, &detail, now).await
    }
}

fn order(row: OrderRow) -> Result<Order, StoreError> {
    let unreadable = |what| StoreError::Unreadable { what };
    let count = |value: i64| u32::try_from(value).map_err(|_| unreadable("orders: a count"));
    Ok(Order {
        id: OrderId::new(row.id),
        state: row.state.parse().map_err(|_| unreadable("orders.state"))?,
        version: count(row.version)?,
        sendings: count(row.sendings)?,
        allowed: count(row.allowed)?,
        look: count(row.look)?,
        look_from: row.look_from.map(Timestamp::from_millis),
        next_at: row.next_at.map(Timestamp::from_millis),
        send_until: row.send_until.map(Timestamp::from_millis),
        lease_until: row.lease_until.map(Timestamp::from_millis),
        holder: row.lease_holder,
        late_look: count(row.late_look)?,
        late_at: row.late_at.map(Timestamp::from_millis),
        event: row.event_id,
        event_reads: count(row.event_reads)?,
        reason: row.reason,
    })
}

fn part(row: PartRow) -> Result<Part, StoreError> {
    let unreadable = |_| StoreError::Unreadable { what: "award.state" };
    let intent = row
        .intent
        .as_deref()
        .map(str::parse::<Intent>)
        .transpose()
        .map_err(unreadable)?;
    Ok(Part {
        award: AwardId::new(row.id),
        address: row.address,
        status: AwardStatus {
            state: AwardState::read(&row.state, row.hold.as_deref()).map_err(unreadable)?,
            intent,
        },
        event: row.event_id,
        single: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::plans;

    #[tokio::test]
    async fn queries_find_few_rows() {
        plans::finding_few(&[ORDER, PARTS, CONTENT, ADDRESSES, FIRST_ADDRESS, DROP]).await;
    }
}
