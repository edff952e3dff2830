//! The store as the rest of the program sees it: open, read, write, close.

use std::sync::Arc;
use std::time::Duration;

use super::dialect::POSTGRES_NOW;
use super::durability::Durability;
use super::error::StoreError;
use super::migrate;
use super::postgres::Postgres;
use super::sqlite::{ServerLock, Sqlite};
use super::tx::{Conn, Time, Tx};
use crate::clock::{Clock, SystemClock, Timestamp};

/// How a store is opened.
#[derive(Clone)]
pub struct Options {
    /// `sqlite://{file}` or `postgres://…`. May hold a password: not for logs.
    pub url: String,
    /// The process's clock.
    pub clock: Arc<dyn Clock>,
    /// How long a writing unit may take; 2 s.
    pub unit_limit: Duration,
    /// Connections to PostgreSQL; 12. More than 16 made it slower.
    pub postgres_connections: u32,
    /// Whether the database is brought to this program's schema; `false` leaves it as it is: to look at it only.
    pub migrates: bool,
    /// A limit for the SQLite file, in pages of 4,096 bytes. Tests of a full disk set it.
    pub sqlite_max_pages: Option<u32>,
    /// Makes the writer answer before its COMMIT: the mutant that the tests must catch.
    #[cfg(test)]
    pub(super) answers_early: bool,
}

impl Options {
    /// The defaults, for this database and the machine's clock.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            clock: Arc::new(SystemClock),
            unit_limit: Duration::from_secs(2),
            postgres_connections: 12,
            migrates: true,
            sqlite_max_pages: None,
            #[cfg(test)]
            answers_early: false,
        }
    }
}

impl std::fmt::Debug for Options {
    /// Without the address, which may hold a password.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Options")
            .field("unit_limit", &self.unit_limit)
            .field("postgres_connections", &self.postgres_connections)
            .field("sqlite_max_pages", &self.sqlite_max_pages)
            .finish_non_exhaustive()
    }
}

/// The database, whichever it is. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    database: Database,
    time: Time,
}

#[derive(Debug)]
enum Database {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

impl Store {
    /// Opens the database and, unless the options say otherwise, brings it to this program's schema. Errors: [`StoreError::Address`],
    /// [`StoreError::NewerSchema`], [`StoreError::Migration`], [`StoreError::File`], [`StoreError::Database`].
    pub async fn open(options: &Options) -> Result<Self, StoreError> {
        let time = Time::new(Arc::clone(&options.clock));
        let scheme = options.url.split(':').next().unwrap_or_default();
        let database = match scheme {
            "sqlite" => Database::Sqlite(Sqlite::open(options, time.clone()).await?),
            "postgres" | "postgresql" => Database::Postgres(Postgres::open(options).await?),
            _ => {
                return Err(StoreError::Address {
                    reason: "it must begin with sqlite: or postgres:".to_owned(),
                });
            }
        };
        Ok(Self {
            inner: Arc::new(Inner { database, time }),
        })
    }

    /// PostgreSQL looks anew at tables that have grown much, and plans by what it finds; how many. Nothing on SQLite. To be
    /// called every few seconds by whoever serves or works.
    pub async fn look_at_growth(&self) -> Result<usize, StoreError> {
        match &self.inner.database {
            Database::Sqlite(_) => Ok(0),
            Database::Postgres(postgres) => postgres.look_at_growth().await,
        }
    }

    /// Runs a unit of work and answers after its COMMIT.
    ///
    /// The unit owns what it uses (`async move`), awaits nothing but `tx`, changes nothing outside of the database and
    /// writes at most 500 rows. If the caller goes away, a unit that still waits is skipped; one that has begun is
    /// committed on SQLite and rolled back on PostgreSQL.
    pub async fn write<T, E, F>(&self, durability: Durability, unit: F) -> Result<T, E>
    where
        F: AsyncFnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match &self.inner.database {
            Database::Sqlite(db) => db.writer.ask(durability, false, unit).await,
            Database::Postgres(db) => db.write(durability, &self.inner.time, unit).await,
        }
    }

    /// The same for exactly one statement (a login record, a signal): no savepoint on SQLite, no BEGIN and COMMIT on
    /// PostgreSQL. A unit that fails after its statement has succeeded is a bug: on SQLite its whole group fails,
    /// on PostgreSQL the row stays.
    pub async fn write_one<T, E, F>(&self, durability: Durability, unit: F) -> Result<T, E>
    where
        F: AsyncFnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match &self.inner.database {
            Database::Sqlite(db) => db.writer.ask(durability, true, unit).await,
            Database::Postgres(db) => db.write_one(durability, &self.inner.time, unit).await,
        }
    }

    /// Reads from one snapshot, in the caller's task; may borrow. What a write was answered for is seen.
    pub async fn read<T, E, F>(&self, unit: F) -> Result<T, E>
    where
        F: AsyncFnOnce(&mut Tx<'_>) -> Result<T, E>,
        E: From<StoreError>,
    {
        match &self.inner.database {
            Database::Sqlite(db) => {
                let mut transaction = db.readers.begin().await.map_err(StoreError::from)?;
                let outcome = unit(&mut Tx::new(Conn::Sqlite(&mut transaction), &self.inner.time, false)).await;
                transaction.rollback().await.map_err(StoreError::from)?;
                outcome
            }
            Database::Postgres(db) => db.read(&self.inner.time, unit).await,
        }
    }

    /// The same for exactly one statement, which is a snapshot by itself: no BEGIN and no ROLLBACK.
    pub async fn read_one<T, E, F>(&self, unit: F) -> Result<T, E>
    where
        F: AsyncFnOnce(&mut Tx<'_>) -> Result<T, E>,
        E: From<StoreError>,
    {
        let time = &self.inner.time;
        match &self.inner.database {
            Database::Sqlite(db) => {
                let mut conn = db.readers.acquire().await.map_err(StoreError::from)?;
                unit(&mut Tx::new(Conn::Sqlite(&mut conn), time, true)).await
            }
            Database::Postgres(db) => {
                let mut conn = db.pool.acquire().await.map_err(StoreError::from)?;
                unit(&mut Tx::new(Conn::Postgres(&mut conn), time, true)).await
            }
        }
    }

    /// The present moment for leases and schedules: see [`Tx::now`].
    pub async fn now(&self) -> Result<Timestamp, StoreError> {
        let time = &self.inner.time;
        match &self.inner.database {
            Database::Sqlite(_) => Ok(time.here()),
            Database::Postgres(db) => {
                let millis = sqlx::query_scalar(POSTGRES_NOW).fetch_one(&db.pool).await?;
                Ok(time.moved(Timestamp::from_millis(millis)))
            }
        }
    }

    /// Moves the store's clock forward, on both databases. For tests only.
    pub fn move_clock(&self, by: Duration) {
        self.inner.time.move_on(by);
    }

    /// The newest schema that this program knows.
    pub fn newest_schema() -> i64 {
        migrate::newest(&migrate::SQLITE)
    }

    /// How the migrations that ran differ from those of this program.
    pub fn schema_differences(&self, ran: &[migrate::Step]) -> migrate::Differences {
        let migrator = if self.is_sqlite() {
            &migrate::SQLITE
        } else {
            &migrate::POSTGRES
        };
        migrate::Differences::between(&migrate::steps(migrator), ran)
    }

    /// Whether the database is SQLite: one server process, no separate workers.
    pub fn is_sqlite(&self) -> bool {
        matches!(self.inner.database, Database::Sqlite(_))
    }

    /// Claims the SQLite file for this server process; [`StoreError::InUse`] if another has it. Nothing on PostgreSQL.
    pub fn hold_server_lock(&self) -> Result<ServerLock, StoreError> {
        match &self.inner.database {
            Database::Sqlite(db) => ServerLock::of(&db.path),
            Database::Postgres(_) => Ok(ServerLock::none()),
        }
    }

    /// Waits until the writer has ended. Unless the store was closed, the process should then end, too. On PostgreSQL
    /// there is no writer, and this waits for ever.
    pub async fn ended(&self) {
        match &self.inner.database {
            Database::Sqlite(db) => db.writer.ended().await,
            Database::Postgres(_) => std::future::pending().await,
        }
    }

    /// Finishes what was queued, takes nothing new, and closes every connection.
    pub async fn close(&self) {
        match &self.inner.database {
            Database::Sqlite(db) => {
                db.readers.close().await;
                db.writer.stop().await;
            }
            Database::Postgres(db) => db.close().await,
        }
    }
}
