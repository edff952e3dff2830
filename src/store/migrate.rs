//! Brings a database to this program's schema at start, and refuses one that is newer.

use sqlx::migrate::{Migrate, MigrateError, Migrator};

use super::error::StoreError;

/// The schema for SQLite.
pub(super) static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
/// The same schema for PostgreSQL: same files, same names, other types.
pub(super) static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// A migration: its version, and the digest of its text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step {
    /// Its number.
    pub version: i64,
    /// The digest of what it says.
    pub checksum: Vec<u8>,
}

/// How a database stands against the migrations of this program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// Migrations of this program that did not run there: its next start runs them.
    pub missing: Vec<i64>,
    /// Migrations that ran there and that this program does not know.
    pub unknown: Vec<i64>,
    /// Migrations that said something else when they ran there.
    pub changed: Vec<i64>,
}

/// Every migration, in order.
pub(super) fn steps(migrator: &Migrator) -> Vec<Step> {
    let step = |migration: &sqlx::migrate::Migration| Step {
        version: migration.version,
        checksum: migration.checksum.to_vec(),
    };
    migrator.iter().map(step).collect()
}

impl Differences {
    /// Compares what a program knows with what ran.
    pub(super) fn between(known: &[Step], ran: &[Step]) -> Self {
        let of = |steps: &[Step], version: i64| steps.iter().find(|step| step.version == version).cloned();
        let versions = |steps: &[Step], fits: &dyn Fn(&Step) -> bool| {
            let chosen = steps.iter().filter(|step| fits(step));
            chosen.map(|step| step.version).collect()
        };
        Self {
            missing: versions(known, &|step| of(ran, step.version).is_none()),
            unknown: versions(ran, &|step| of(known, step.version).is_none()),
            changed: versions(known, &|step| of(ran, step.version).is_some_and(|other| other != *step)),
        }
    }
}

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
            MigrateError::VersionMissing(found) => StoreError::NewerSchema { found, known },
            error => StoreError::Migration(error),
        })
}
