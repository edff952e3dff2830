//! What `doctor` asks about one organisation: orders that wait, rosters that cannot be read, work that was given up.

use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::model::OrganisationId;

/// Orders in one state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The state's word.
    pub state: String,
    /// How many.
    pub count: i64,
    /// When the oldest was made.
    pub oldest: Timestamp,
}

const WAITING: &str = "SELECT state, COUNT(*), MIN(created_at) FROM orders WHERE organisation_id = $1
    AND state IN ('ready', 'sending', 'unsure', 'refused', 'parked') GROUP BY state ORDER BY state";
const FAILING: &str = "SELECT COUNT(*), MIN(roster_failing_since) FROM course
    WHERE organisation_id = $1 AND roster_failing_since IS NOT NULL";
const GIVEN_UP: &str = "SELECT kind, COUNT(*) FROM job WHERE organisation_id = $1 AND failed_at IS NOT NULL
    GROUP BY kind ORDER BY kind";

impl Tx<'_> {
    /// The orders that are not settled, by state.
    pub async fn waiting_orders(&mut self, organisation: OrganisationId) -> Result<Vec<Waiting>, StoreError> {
        let rows: Vec<(String, i64, i64)> = on!(self, sqlx::query_as(WAITING).bind(organisation.uuid()) => fetch_all)?;
        let waiting = |(state, count, oldest)| Waiting {
            state,
            count,
            oldest: Timestamp::from_millis(oldest),
        };
        Ok(rows.into_iter().map(waiting).collect())
    }

    /// How many courses have a roster that cannot be read, and since when the first of them.
    pub async fn failing_rosters(
        &mut self,
        organisation: OrganisationId,
    ) -> Result<Option<(i64, Timestamp)>, StoreError> {
        let (count, since): (i64, Option<i64>) =
            on!(self, sqlx::query_as(FAILING).bind(organisation.uuid()) => fetch_one)?;
        Ok(since.map(|since| (count, Timestamp::from_millis(since))))
    }

    /// Kinds of work that was given up after its last try, each with its count.
    pub async fn given_up_jobs(&mut self, organisation: OrganisationId) -> Result<Vec<(String, i64)>, StoreError> {
        on!(self, sqlx::query_as(GIVEN_UP).bind(organisation.uuid()) => fetch_all)
    }
}
