//! Attempts of orders, one row each. History pages and `order show` read them.

use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::crypto::random;
use crate::model::award::words;
use crate::model::{OrderId, OrganisationId};

words! {
    /// What was tried.
    AttemptKind {
        /// The issuing call.
        Send = "send",
        /// A search for the order's marker.
        Look = "look",
        /// Reading the event of a batch.
        Event = "event",
        /// Revoking.
        Revoke = "revoke",
    }
}

/// One try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// What was tried.
    pub kind: AttemptKind,
    /// Whether a person asked for it.
    pub by_person: bool,
    /// When.
    pub started_at: Timestamp,
    /// How long it took, in milliseconds.
    pub duration_ms: i64,
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// What it meant, in a word or sentence of ours.
    pub verdict: String,
    /// The beginning of the reply, without addresses, at most 2 KB.
    pub reply: Option<String>,
}

pub(super) type Row = (String, String, i64, i64, Option<i64>, String, Option<String>);

const ADD: &str = "INSERT INTO order_attempt (id, organisation_id, order_id, kind, started_by, started_at, duration_ms,
    status, verdict, reply) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const OF_ORDER: &str = "SELECT kind, started_by, started_at, duration_ms, status, verdict, reply FROM order_attempt
    WHERE organisation_id = $1 AND order_id = $2 ORDER BY started_at, id LIMIT 200";
const FORGET: &str = "DELETE FROM order_attempt WHERE id IN
    (SELECT id FROM order_attempt WHERE started_at < $1 ORDER BY started_at LIMIT 500)";

impl Tx<'_> {
    /// Stores one try of an order.
    pub async fn add_attempt(
        &mut self,
        organisation: OrganisationId,
        order: OrderId,
        attempt: &Attempt,
    ) -> Result<(), StoreError> {
        let id = random::id_at(attempt.started_at);
        let by = if attempt.by_person { "person" } else { "worker" };
        on!(self, sqlx::query(ADD).bind(id).bind(organisation.uuid()).bind(order.uuid()).bind(attempt.kind.word())
            .bind(by).bind(attempt.started_at.millis()).bind(attempt.duration_ms)
            .bind(attempt.status.map(i64::from)).bind(&attempt.verdict).bind(&attempt.reply) => execute)?;
        Ok(())
    }

    /// The tries of an order, oldest first, at most 200.
    pub async fn attempts(&mut self, organisation: OrganisationId, order: OrderId) -> Result<Vec<Attempt>, StoreError> {
        let rows: Vec<Row> =
            on!(self, sqlx::query_as(OF_ORDER).bind(organisation.uuid()).bind(order.uuid()) => fetch_all)?;
        rows.into_iter().map(attempt).collect()
    }

    /// Forgets tries from before `before`, at most 500 a call; how many.
    pub async fn forget_attempts(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        on!(self, sqlx::query(FORGET).bind(before.millis()) => execute)
    }
}

pub(super) fn attempt((kind, by, at, duration_ms, status, verdict, reply): Row) -> Result<Attempt, StoreError> {
    Ok(Attempt {
        kind: kind.parse().map_err(|_| StoreError::Unreadable {
            what: "order_attempt.kind",
        })?,
        by_person: by == "person",
        started_at: Timestamp::from_millis(at),
        duration_ms,
        status: status.and_then(|status| u16::try_from(status).ok()),
        verdict,
        reply,
    })
}
