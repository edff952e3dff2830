//! Events that the Factory made beside the one that was asked for: the second one of an order, or one that came after
//! its order was given up. They are told as problems; here they are found by the award and the course they concern.

use sqlx::types::Json;
use uuid::Uuid;

use super::tx::on;
use super::{StoreError, Tx};
use crate::model::{AwardId, CourseId, OrderId, OrganisationId};

/// The kind of problem: one order has two events.
pub const ISSUED_TWICE: &str = "issued-twice";
/// The kind of problem: an event came after its order was given up.
pub const ISSUED_LATE: &str = "issued-late";

/// An event that should not be there, as long as it is not revoked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtraEvent {
    /// The Factory's id of it.
    pub event: String,
    /// The order's own event; `None` for one that came after the order was given up.
    pub kept: Option<String>,
    /// The order that was carried out.
    pub order: OrderId,
    /// How it stands with its revocation.
    pub revocation: Revocation,
}

/// How it stands with revoking an extra event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// Nobody asked for it.
    NotAsked,
    /// It was asked for and is on its way.
    Asked,
    /// It was tried and given up.
    Failed,
}

type Row = (String, Json<serde_json::Value>, String);

macro_rules! extra {
    ($($rest:literal),+) => {
        concat!(
            "SELECT p.subject, p.detail, CASE WHEN j.id IS NULL THEN 'no' WHEN j.failed_at IS NULL THEN 'asked'
                ELSE 'failed' END FROM problem p LEFT JOIN job j ON j.organisation_id = p.organisation_id
                AND j.kind = 'revoke-extra' AND j.payload ->> 'event' = p.subject
            WHERE p.organisation_id = $1 AND p.kind IN ('issued-twice', 'issued-late') AND p.cleared_at IS NULL AND ",
            $($rest),+
        )
    };
}

const OF_ORDER: &str = extra!("p.detail ->> 'order' = $2 ORDER BY p.raised_at, p.subject LIMIT 20");
const OF_COURSE: &str = extra!("p.detail ->> 'course' = $2 ORDER BY p.raised_at, p.subject LIMIT 5");
const NAMED: &str = extra!("p.subject = $2 LIMIT 1");
const ORDERS: &str = "SELECT p.order_id FROM order_award p JOIN orders o ON o.id = p.order_id
    WHERE o.organisation_id = $1 AND p.award_id = $2 ORDER BY o.created_at, o.id LIMIT 20";
const COURSE: &str = "SELECT a.course_id FROM order_award p JOIN award a ON a.id = p.award_id
    WHERE a.organisation_id = $1 AND p.order_id = $2 AND a.course_id IS NOT NULL ORDER BY p.position LIMIT 1";

impl Tx<'_> {
    /// The extra events of an award's orders, the oldest first.
    pub async fn extra_events_of_award(
        &mut self,
        organisation: OrganisationId,
        award: AwardId,
    ) -> Result<Vec<ExtraEvent>, StoreError> {
        let orders: Vec<Uuid> =
            on!(self, sqlx::query_scalar(ORDERS).bind(organisation.uuid()).bind(award.uuid()) => fetch_all)?;
        let mut events = Vec::new();
        for order in orders {
            let rows: Vec<Row> = on!(self, sqlx::query_as(OF_ORDER).bind(organisation.uuid())
                .bind(order.to_string()) => fetch_all)?;
            events.extend(rows.into_iter().filter_map(read));
        }
        Ok(events)
    }

    /// The extra events of a course, the oldest first, at most 5.
    pub async fn extra_events_of_course(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
    ) -> Result<Vec<ExtraEvent>, StoreError> {
        let rows: Vec<Row> = on!(self, sqlx::query_as(OF_COURSE).bind(organisation.uuid())
            .bind(course.to_string()) => fetch_all)?;
        Ok(rows.into_iter().filter_map(read).collect())
    }

    /// The extra event with this id; absent once it is revoked.
    pub async fn extra_event(
        &mut self,
        organisation: OrganisationId,
        event: &str,
    ) -> Result<Option<ExtraEvent>, StoreError> {
        let row: Option<Row> =
            on!(self, sqlx::query_as(NAMED).bind(organisation.uuid()).bind(event) => fetch_optional)?;
        Ok(row.and_then(read))
    }

    /// The course that an order's awards are of; absent for an order of no course.
    pub(super) async fn course_of_order(
        &mut self,
        organisation: OrganisationId,
        order: OrderId,
    ) -> Result<Option<CourseId>, StoreError> {
        let id: Option<Uuid> =
            on!(self, sqlx::query_scalar(COURSE).bind(organisation.uuid()).bind(order.uuid()) => fetch_optional)?;
        Ok(id.map(CourseId::new))
    }
}

/// `None` for a row without an order: there is none.
fn read((event, Json(detail), revocation): Row) -> Option<ExtraEvent> {
    let fact = |name| detail.get(name).and_then(serde_json::Value::as_str);
    Some(ExtraEvent {
        order: fact("order")?.parse().ok()?,
        kept: fact("kept").map(str::to_owned),
        revocation: match revocation.as_str() {
            "asked" => Revocation::Asked,
            "failed" => Revocation::Failed,
            _ => Revocation::NotAsked,
        },
        event,
    })
}
