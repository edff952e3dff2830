//! What readiness checks and `doctor` ask of the database itself.

use super::dialect::both;
use super::error::StoreError;
use super::migrate::Step;
use super::tx::{Tx, on};

const SCHEMA_VERSION: &str = "SELECT MAX(version) FROM _sqlx_migrations WHERE success";
const RAN: &str = "SELECT version, checksum FROM _sqlx_migrations WHERE success ORDER BY version";
const SIZE: (&str, &str) = both!(
    (sqlite "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"),
    (postgres "SELECT pg_database_size(current_database())"),
);

impl Tx<'_> {
    /// The version of the schema; `None` before the first migration. Also the cheapest proof that the database answers.
    pub async fn schema_version(&mut self) -> Result<Option<i64>, StoreError> {
        on!(self, sqlx::query_scalar(SCHEMA_VERSION) => fetch_one)
    }

    /// Every migration that ran; an error before the first.
    pub async fn applied_migrations(&mut self) -> Result<Vec<Step>, StoreError> {
        let rows: Vec<(i64, Vec<u8>)> = on!(self, sqlx::query_as(RAN) => fetch_all)?;
        let step = |(version, checksum)| Step { version, checksum };
        Ok(rows.into_iter().map(step).collect())
    }

    /// The size of the database in bytes.
    pub async fn size(&mut self) -> Result<i64, StoreError> {
        let size = self.pick(SIZE);
        on!(self, sqlx::query_scalar(size) => fetch_one)
    }
}
