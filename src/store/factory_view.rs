//! Single things of the Factory as last read, with their age: a badge with everything it has, the organisation, an event,
//! and reports of ours.

use serde_json::Value;
use sqlx::types::Json;

use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::model::OrganisationId;

/// What was read, and how that goes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FactoryView {
    /// What the Factory showed; absent with a time: it has no such thing.
    pub content: Option<Value>,
    /// When it was read last.
    pub read_at: Option<Timestamp>,
    /// Since when reading fails.
    pub failing_since: Option<Timestamp>,
    /// Why, in words.
    pub error: Option<String>,
}

type Row = (Option<Json<Value>>, Option<i64>, Option<i64>, Option<String>);

const ONE: &str = "SELECT content, read_at, failing_since, error FROM factory_view
    WHERE organisation_id = $1 AND kind = $2 AND name = $3";
const PUT: &str = "INSERT INTO factory_view (organisation_id, kind, name, content, read_at) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (organisation_id, kind, name) DO UPDATE SET content = excluded.content, read_at = excluded.read_at,
        failing_since = NULL, error = NULL";
const FAIL: &str = "INSERT INTO factory_view (organisation_id, kind, name, failing_since, error)
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT (organisation_id, kind, name) DO UPDATE SET
        failing_since = COALESCE(factory_view.failing_since, excluded.failing_since), error = excluded.error";
const AGE: &str = "UPDATE factory_view SET read_at = 0
    WHERE organisation_id = $1 AND kind = $2 AND name = $3 AND read_at IS NOT NULL";
const FORGET: &str =
    "DELETE FROM factory_view WHERE (organisation_id, kind, name) IN (SELECT organisation_id, kind, name
    FROM factory_view WHERE kind IN ('event', 'report') AND read_at < $1 LIMIT 500)";

impl Tx<'_> {
    /// What is known of one thing of the organisation.
    pub async fn factory_view(
        &mut self,
        organisation: OrganisationId,
        kind: &str,
        name: &str,
    ) -> Result<Option<FactoryView>, StoreError> {
        let row: Option<Row> =
            on!(self, sqlx::query_as(ONE).bind(organisation.uuid()).bind(kind).bind(name) => fetch_optional)?;
        Ok(row.map(|(content, read_at, failing_since, error)| FactoryView {
            content: content.map(|content| content.0),
            read_at: read_at.map(Timestamp::from_millis),
            failing_since: failing_since.map(Timestamp::from_millis),
            error,
        }))
    }

    /// Keeps what was read; without content: there is no such thing.
    pub async fn put_factory_view(
        &mut self,
        organisation: OrganisationId,
        kind: &str,
        name: &str,
        content: Option<&Value>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(PUT).bind(organisation.uuid()).bind(kind).bind(name).bind(content.map(Json))
            .bind(now.millis()) => execute)?;
        Ok(())
    }

    /// Notes that reading failed; what was read before stays.
    pub async fn fail_factory_view(
        &mut self,
        organisation: OrganisationId,
        kind: &str,
        name: &str,
        why: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(FAIL).bind(organisation.uuid()).bind(kind).bind(name).bind(now.millis())
            .bind(why) => execute)?;
        Ok(())
    }

    /// What is known is out of date: whoever looks next reads it again.
    pub async fn age_factory_view(
        &mut self,
        organisation: OrganisationId,
        kind: &str,
        name: &str,
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(AGE).bind(organisation.uuid()).bind(kind).bind(name) => execute)?;
        Ok(())
    }

    /// Forgets events and reports that were read before `before`, at most 500 a call; how many.
    pub async fn forget_factory_views(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        on!(self, sqlx::query(FORGET).bind(before.millis()) => execute)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::plans;

    #[tokio::test]
    async fn queries_find_few_rows() {
        plans::finding_few(&[ONE, AGE, FORGET]).await;
    }
}
