//! Problems: what a person should look at. One row for each kind and subject, raised and cleared by the program.

use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;

use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::model::OrganisationId;

/// A problem that stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// The organisation it belongs to.
    pub organisation: OrganisationId,
    /// What kind, for example `queue-stopped`, `order-parked`, `issued-twice`.
    pub kind: String,
    /// What it is about: an order, an event, a job's key.
    pub subject: String,
    /// Facts to print. No names or addresses.
    pub detail: Value,
    /// Since when.
    pub raised_at: Timestamp,
}

type Row = (Uuid, String, String, Json<Value>, i64);

// A problem that was cleared is raised again only by news: a late look finds the same two events each time.
const RAISE: &str =
    "INSERT INTO problem (organisation_id, kind, subject, detail, raised_at) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (organisation_id, kind, subject) DO UPDATE SET detail = excluded.detail, cleared_at = NULL,
        raised_at = CASE WHEN problem.cleared_at IS NULL THEN problem.raised_at ELSE excluded.raised_at END
    WHERE problem.detail <> excluded.detail OR (problem.cleared_at IS NOT NULL AND problem.kind <> 'issued-twice'
        AND problem.kind <> 'issued-late')";
const CLEAR: &str = "UPDATE problem SET cleared_at = $4
    WHERE organisation_id = $1 AND kind = $2 AND subject = $3 AND cleared_at IS NULL";
const OPEN: &str = "SELECT organisation_id, kind, subject, detail, raised_at FROM problem
    WHERE organisation_id = $1 AND cleared_at IS NULL ORDER BY raised_at, kind, subject LIMIT 200";
const OPEN_EVERYWHERE: &str = "SELECT organisation_id, kind, subject, detail, raised_at FROM problem
    WHERE cleared_at IS NULL ORDER BY raised_at, kind, subject LIMIT 1000";

impl Tx<'_> {
    /// Raises a problem, or brings an open one up to date.
    pub async fn raise_problem(
        &mut self,
        organisation: OrganisationId,
        kind: &str,
        subject: &str,
        detail: &Value,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(RAISE).bind(organisation.uuid()).bind(kind).bind(subject).bind(Json(detail))
            .bind(now.millis()) => execute)?;
        Ok(())
    }

    /// Clears a problem; `false` if it did not stand.
    pub async fn clear_problem(
        &mut self,
        organisation: OrganisationId,
        kind: &str,
        subject: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let rows = on!(self, sqlx::query(CLEAR).bind(organisation.uuid()).bind(kind).bind(subject)
            .bind(now.millis()) => execute)?;
        Ok(rows == 1)
    }

    /// An organisation's open problems, oldest first, at most 200.
    pub async fn problems(&mut self, organisation: OrganisationId) -> Result<Vec<Problem>, StoreError> {
        let rows: Vec<Row> = on!(self, sqlx::query_as(OPEN).bind(organisation.uuid()) => fetch_all)?;
        Ok(rows.into_iter().map(problem).collect())
    }

    /// The open problems of all organisations, oldest first, at most 1,000: for `doctor`.
    pub async fn problems_everywhere(&mut self) -> Result<Vec<Problem>, StoreError> {
        let rows: Vec<Row> = on!(self, sqlx::query_as(OPEN_EVERYWHERE) => fetch_all)?;
        Ok(rows.into_iter().map(problem).collect())
    }
}

fn problem((organisation, kind, subject, Json(detail), raised_at): Row) -> Problem {
    Problem {
        organisation: OrganisationId::new(organisation),
        kind,
        subject,
        detail,
        raised_at: Timestamp::from_millis(raised_at),
    }
}
