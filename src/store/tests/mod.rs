//! The spine's tests that need to look inside: groups, limits, durability, types, `kill -9`.

mod groups;
mod kill;
mod open;
mod types;

use super::tx::on;
use super::{Durability, Store, StoreError, Tx};

/// A table for units to write to.
async fn with_table(store: &Store) {
    store
        .write(Durability::Full, async move |tx| {
            on!(tx, sqlx::query("CREATE TABLE spine_rows (n BIGINT PRIMARY KEY, note TEXT)") => execute)
        })
        .await
        .unwrap();
}

impl Tx<'_> {
    async fn put(&mut self, n: i64) -> Result<u64, StoreError> {
        on!(self, sqlx::query("INSERT INTO spine_rows (n) VALUES ($1)").bind(n) => execute)
    }

    /// All numbers, in the order of their insertion as far as the database tells.
    async fn rows(&mut self) -> Result<Vec<i64>, StoreError> {
        on!(self, sqlx::query_scalar("SELECT n FROM spine_rows ORDER BY n") => fetch_all)
    }

    /// A statement that every database refuses.
    async fn fail(&mut self) -> Result<u64, StoreError> {
        on!(self, sqlx::query("INSERT INTO no_such_table (n) VALUES (1)") => execute)
    }
}

async fn rows(store: &Store) -> Vec<i64> {
    store.read_one(async |tx| tx.rows().await).await.unwrap()
}
