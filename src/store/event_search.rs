//! Searches for the Factory's events: what was asked, how far the reading is, and what was found.

use sqlx::types::Json;
use uuid::Uuid;

use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::model::found_event::{EventQuery, Search, SeenEvent};
use crate::model::{OrganisationId, SearchId};

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    query: Json<EventQuery>,
    state: String,
    total: Option<i64>,
    found: i64,
    error: Option<String>,
    created_at: i64,
    ended_at: Option<i64>,
}

const ADD: &str = "INSERT INTO event_search (id, organisation_id, query, state, created_at)
    VALUES ($1, $2, $3, 'counting', $4)";
const ONE: &str = "SELECT id, query, state, total, found, error, created_at, ended_at FROM event_search
    WHERE organisation_id = $1 AND id = $2";
const LATEST: &str = "SELECT id, query, state, total, found, error, created_at, ended_at FROM event_search
    WHERE organisation_id = $1 AND created_at > $2 ORDER BY created_at DESC LIMIT 10";
const SAVE: &str = "UPDATE event_search SET state = $3, total = $4, found = $5, error = $6, ended_at = $7
    WHERE organisation_id = $1 AND id = $2";
// A search of this organisation alone: whoever names another one's finds and adds nothing.
const FOUND: &str = "INSERT INTO found_event (search_id, event_id, position, content)
    SELECT s.id, $3, $4, $5 FROM event_search s WHERE s.organisation_id = $1 AND s.id = $2
    ON CONFLICT (search_id, event_id) DO NOTHING";
const EVENTS: &str = "SELECT f.content FROM event_search s JOIN found_event f ON f.search_id = s.id
    WHERE s.organisation_id = $1 AND s.id = $2 AND f.position >= $3 ORDER BY f.position LIMIT $4";
const FORGET_FOUND: &str = "DELETE FROM found_event WHERE (search_id, event_id) IN (SELECT f.search_id, f.event_id
    FROM event_search s JOIN found_event f ON f.search_id = s.id WHERE s.created_at < $1 LIMIT 500)";
const FORGET: &str = "DELETE FROM event_search WHERE id IN (SELECT s.id FROM event_search s WHERE s.created_at < $1
    AND NOT EXISTS (SELECT 1 FROM found_event f WHERE f.search_id = s.id) LIMIT 500)";

impl Tx<'_> {
    /// Stores a search that begins.
    pub async fn add_event_search(
        &mut self,
        organisation: OrganisationId,
        id: SearchId,
        query: &EventQuery,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(ADD).bind(id.uuid()).bind(organisation.uuid()).bind(Json(query))
            .bind(now.millis()) => execute)?;
        Ok(())
    }

    /// One search.
    pub async fn event_search(
        &mut self,
        organisation: OrganisationId,
        id: SearchId,
    ) -> Result<Option<Search>, StoreError> {
        let row: Option<Row> =
            on!(self, sqlx::query_as(ONE).bind(organisation.uuid()).bind(id.uuid()) => fetch_optional)?;
        row.map(Row::into_search).transpose()
    }

    /// The latest searches that began after `since`, at most 10.
    pub async fn event_searches(
        &mut self,
        organisation: OrganisationId,
        since: Timestamp,
    ) -> Result<Vec<Search>, StoreError> {
        let rows: Vec<Row> =
            on!(self, sqlx::query_as(LATEST).bind(organisation.uuid()).bind(since.millis()) => fetch_all)?;
        rows.into_iter().map(Row::into_search).collect()
    }

    /// Stores how far a search is.
    pub async fn save_event_search(&mut self, organisation: OrganisationId, search: &Search) -> Result<(), StoreError> {
        let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        on!(self, sqlx::query(SAVE).bind(organisation.uuid()).bind(search.id.uuid()).bind(search.state.word())
            .bind(search.total.map(number)).bind(number(search.found)).bind(&search.error)
            .bind(search.ended_at.map(Timestamp::millis)) => execute)?;
        Ok(())
    }

    /// Stores an event that a search found; one that it found before stays where it was.
    pub async fn add_found_event(
        &mut self,
        organisation: OrganisationId,
        search: SearchId,
        position: u64,
        event: &SeenEvent,
    ) -> Result<(), StoreError> {
        let position = i64::try_from(position).unwrap_or(i64::MAX);
        on!(self, sqlx::query(FOUND).bind(organisation.uuid()).bind(search.uuid()).bind(&event.id).bind(position)
            .bind(Json(event)) => execute)?;
        Ok(())
    }

    /// What a search found, from a position on.
    pub async fn found_events(
        &mut self,
        organisation: OrganisationId,
        search: SearchId,
        from: u64,
        limit: u32,
    ) -> Result<Vec<SeenEvent>, StoreError> {
        let from = i64::try_from(from).unwrap_or(i64::MAX);
        let rows: Vec<Json<SeenEvent>> = on!(self, sqlx::query_scalar(EVENTS).bind(organisation.uuid())
            .bind(search.uuid()).bind(from).bind(i64::from(limit)) => fetch_all)?;
        Ok(rows.into_iter().map(|row| row.0).collect())
    }

    /// Forgets what searches found that began before `before`, at most 500 rows a call, then the searches; how many.
    pub async fn forget_event_searches(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        let found = on!(self, sqlx::query(FORGET_FOUND).bind(before.millis()) => execute)?;
        if found > 0 {
            return Ok(found);
        }
        on!(self, sqlx::query(FORGET).bind(before.millis()) => execute)
    }
}

impl Row {
    fn into_search(self) -> Result<Search, StoreError> {
        let unreadable = || StoreError::Unreadable { what: "event_search" };
        let number = |n: i64| u64::try_from(n).map_err(|_| unreadable());
        Ok(Search {
            id: SearchId::new(self.id),
            query: self.query.0,
            state: self.state.parse().map_err(|_| unreadable())?,
            total: self.total.map(number).transpose()?,
            found: number(self.found)?,
            error: self.error,
            created_at: Timestamp::from_millis(self.created_at),
            ended_at: self.ended_at.map(Timestamp::from_millis),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::plans;

    #[tokio::test]
    async fn queries_find_few_rows() {
        plans::finding_few(&[ONE, LATEST, SAVE, EVENTS, FORGET_FOUND, FORGET]).await;
    }
}
