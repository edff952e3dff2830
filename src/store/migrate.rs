//! Brings a database to this program's schema at start, and refuses one that is newer.

use sqlx::migrate::{Migrate, MigrateError, Migrator};

use super::error::StoreError;

/// The schema for SQLite.
pub(super) static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
/// The same schema for PostgreSQL: same files, same names, other types.
pub(super) static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// The version of the newest migration.
pub(super) fn newest(migrator: &Migrator) -> i64 {
    migrator.iter().map(|migration| migration.version).max().unwrap_or(0)
}

/// Runs what is missing. On PostgreSQL it holds an advisory lock, so that replicas that start together take turns;
/// on SQLite the caller holds a file lock.
pub(super) async fn run<C: Migrate>(migrator: &Migrator, conn: &mut C) -> Result<(), StoreError> {
    let known = newest(migrator);
    migrator
        .run_direct(None, conn, false)
        .await
        .map_err(|error| match error {
            MigrateError::VersionMissing(found) if found > known => StoreError::NewerSchema { found, known },
            error => StoreError::Migration(error),
        })
}
