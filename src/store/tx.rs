//! One unit of work on either database.
//!
//! A store method is an `async fn` on [`Tx`] with one SQL text; [`on!`] sends it to the database at hand:
//!
//! ```ignore
//! impl Tx<'_> {
//!     pub async fn member(&mut self, organisation: Uuid, id: Uuid) -> Result<Option<MemberRow>, StoreError> {
//!         on!(self, sqlx::query_as(MEMBER).bind(organisation).bind(id) => fetch_optional)
//!     }
//! }
//! ```

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use sqlx::{PgConnection, SqliteConnection};

use super::dialect::POSTGRES_NOW;
use super::error::StoreError;
use crate::clock::{Clock, Timestamp};

/// The connection beneath a unit of work. The store begins and commits; a unit never does.
pub(super) enum Conn<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

/// One unit of work: everything in it is committed, or nothing.
///
/// Its first failed statement spoils it: every later statement is refused and the unit is rolled back, on both
/// databases. An expected conflict is therefore `ON CONFLICT` and a row count, never a caught error.
pub struct Tx<'c> {
    pub(super) conn: Conn<'c>,
    time: &'c Time,
    single: bool,
    begun: u32,
    spoiled: bool,
}

/// Runs a query on the database of a [`Tx`]: `on!(tx, query => execute | fetch_one | fetch_optional | fetch_all)`.
///
/// The query expression is compiled once for each database. `execute` gives the number of rows as `u64`.
macro_rules! on {
    ($tx:expr, $query:expr => execute) => {
        $crate::store::tx::on!(@ $tx, conn, $query.execute(&mut **conn).await.map(|done| done.rows_affected()))
    };
    ($tx:expr, $query:expr => $fetch:ident) => {
        $crate::store::tx::on!(@ $tx, conn, $query.$fetch(&mut **conn).await)
    };
    (@ $tx:expr, $conn:ident, $run:expr) => {
        match $tx.begin_statement() {
            Err(error) => Err(error),
            Ok(()) => {
                let outcome = match &mut $tx.conn {
                    $crate::store::tx::Conn::Sqlite($conn) => $run,
                    $crate::store::tx::Conn::Postgres($conn) => $run,
                };
                $tx.note(outcome)
            }
        }
    };
}
pub(crate) use on;

impl<'c> Tx<'c> {
    pub(super) fn new(conn: Conn<'c>, time: &'c Time, single: bool) -> Self {
        Self {
            conn,
            time,
            single,
            begun: 0,
            spoiled: false,
        }
    }

    /// The present moment for leases and schedules: the database's clock on PostgreSQL, where several processes share
    /// it, and the process's clock on SQLite. Not counted as a statement.
    pub async fn now(&mut self) -> Result<Timestamp, StoreError> {
        let now = match &mut self.conn {
            Conn::Sqlite(_) => return Ok(self.time.here()),
            Conn::Postgres(conn) => sqlx::query_scalar(POSTGRES_NOW).fetch_one(&mut **conn).await,
        };
        self.note(now)
            .map(|millis| self.time.moved(Timestamp::from_millis(millis)))
    }

    /// Whether this is SQLite.
    pub(crate) fn is_sqlite(&self) -> bool {
        matches!(self.conn, Conn::Sqlite(_))
    }

    /// The text for the database at hand, of a pair made by `both!`: `(sqlite, postgres)`.
    pub(crate) fn pick(&self, (sqlite, postgres): (&'static str, &'static str)) -> &'static str {
        if self.is_sqlite() { sqlite } else { postgres }
    }

    /// Asks leave to run a statement.
    pub(super) fn begin_statement(&mut self) -> Result<(), StoreError> {
        if self.spoiled {
            return Err(StoreError::Spoiled);
        }
        if self.single && self.begun > 0 {
            return Err(StoreError::SecondStatement);
        }
        self.begun = self.begun.saturating_add(1);
        Ok(())
    }

    /// Remembers that a statement failed.
    pub(super) fn note<T>(&mut self, outcome: Result<T, sqlx::Error>) -> Result<T, StoreError> {
        outcome.map_err(|error| {
            self.spoiled = true;
            StoreError::from(error)
        })
    }

    pub(super) fn is_spoiled(&self) -> bool {
        self.spoiled
    }

    /// Whether no statement of this unit can have left anything behind: none was begun, or the only one failed.
    /// A statement given up by a time-out was begun and may still succeed.
    pub(super) fn is_without_effect(&self) -> bool {
        self.begun == 0 || (self.begun == 1 && self.spoiled)
    }
}

impl std::fmt::Debug for Tx<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Tx")
            .field("sqlite", &self.is_sqlite())
            .field("single", &self.single)
            .field("begun", &self.begun)
            .field("spoiled", &self.spoiled)
            .finish_non_exhaustive()
    }
}

/// The store's time: a clock, plus an offset that only tests set.
#[derive(Clone, Debug)]
pub(super) struct Time {
    clock: Arc<dyn Clock>,
    offset: Arc<AtomicI64>,
}

impl Time {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            offset: Arc::default(),
        }
    }

    pub(super) fn here(&self) -> Timestamp {
        self.moved(self.clock.now())
    }

    pub(super) fn moved(&self, now: Timestamp) -> Timestamp {
        Timestamp::from_millis(now.millis().saturating_add(self.offset.load(Ordering::SeqCst)))
    }

    pub(super) fn move_on(&self, by: Duration) {
        let millis = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.offset.fetch_add(millis, Ordering::SeqCst);
    }
}
