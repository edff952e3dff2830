//! PostgreSQL: a pool, a second small one for login records, and units of work in the caller's task.

use std::str::FromStr;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgPool};

use super::durability::Durability;
use super::error::StoreError;
use super::growth;
use super::handle::Options;
use super::migrate;
use super::sqlite::STATEMENTS_KEPT;
use super::tx::{Conn, Time, Tx};
use super::unit;

/// Connections that write login records: one statement each.
const LOGIN_CONNECTIONS: u32 = 4;
const WAIT: Duration = Duration::from_secs(2);
/// A snapshot, so that the statements of one reading see one state.
const BEGIN_READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// An open PostgreSQL database.
#[derive(Debug)]
pub(super) struct Postgres {
    pub(super) pool: PgPool,
    logins: PgPool,
    limit: Duration,
}

impl Postgres {
    /// Connects and migrates.
    pub(super) async fn open(options: &Options) -> Result<Self, StoreError> {
        let connect = PgConnectOptions::from_str(&options.url)
            .map_err(|error| StoreError::Address {
                reason: error.to_string(),
            })?
            .application_name("badgebridge")
            .statement_cache_capacity(STATEMENTS_KEPT)
            .disable_statement_logging();

        // Outside of the pools: a migration may take longer than any statement of the running program.
        if options.migrates {
            let mut conn = connect.connect().await?;
            migrate::run(&migrate::POSTGRES, &mut conn).await?;
            conn.close().await?;
        }

        let connect = connect.options([
            ("statement_timeout", "5000"),
            ("idle_in_transaction_session_timeout", "10000"),
        ]);
        let pool = pool(options.postgres_connections).connect_with(connect.clone()).await?;
        let logins = pool_of_logins(connect);
        Ok(Self {
            pool,
            logins,
            limit: options.unit_limit,
        })
    }

    /// A unit in a transaction of its own; dropping the future rolls it back.
    pub(super) async fn write<T, E, F>(&self, durability: Durability, time: &Time, unit: F) -> Result<T, E>
    where
        F: AsyncFnOnce(&mut Tx<'_>) -> Result<T, E>,
        E: From<StoreError>,
    {
        let mut kept = Beginning::on(self.pool_for(durability)).await?;
        let mut transaction = kept.conn.begin().await.map_err(StoreError::from)?;
        kept.has_begun = true;
        let outcome = {
            let mut tx = Tx::new(Conn::Postgres(&mut transaction), time, false);
            unit::run(unit, &mut tx, self.limit).await
        };
        if outcome.is_ok() {
            transaction.commit().await.map_err(StoreError::from)?;
        } else if let Err(error) = transaction.rollback().await {
            tracing::warn!(error = %error, "a unit of work could not be rolled back, the connection ends it");
        }
        outcome
    }

    /// One statement, which commits itself: no BEGIN, no COMMIT.
    pub(super) async fn write_one<T, E, F>(&self, durability: Durability, time: &Time, unit: F) -> Result<T, E>
    where
        F: AsyncFnOnce(&mut Tx<'_>) -> Result<T, E>,
        E: From<StoreError>,
    {
        let mut conn = self.pool_for(durability).acquire().await.map_err(StoreError::from)?;
        let mut tx = Tx::new(Conn::Postgres(&mut conn), time, true);
        unit::run(unit, &mut tx, self.limit).await
    }

    /// A snapshot.
    pub(super) async fn read<T, E, F>(&self, time: &Time, unit: F) -> Result<T, E>
    where
        F: AsyncFnOnce(&mut Tx<'_>) -> Result<T, E>,
        E: From<StoreError>,
    {
        let mut kept = Beginning::on(&self.pool).await?;
        let mut transaction = kept.conn.begin_with(BEGIN_READ).await.map_err(StoreError::from)?;
        kept.has_begun = true;
        let outcome = unit(&mut Tx::new(Conn::Postgres(&mut transaction), time, false)).await;
        transaction.rollback().await.map_err(StoreError::from)?;
        outcome
    }

    /// Closes the pools, after the work that is running.
    /// Looks anew at tables that have grown much; how many.
    pub(super) async fn look_at_growth(&self) -> Result<usize, StoreError> {
        growth::look(&self.pool).await
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
        self.logins.close().await;
    }

    fn pool_for(&self, durability: Durability) -> &PgPool {
        match durability {
            Durability::Full | Durability::Launch => &self.pool,
            Durability::Login => &self.logins,
        }
    }
}

/// A connection on which BEGIN is on its way. Who gives up before its answer leaves a transaction open that sqlx knows
/// nothing of: what the next user writes alone would never be committed. Such a connection is closed.
struct Beginning {
    conn: PoolConnection<sqlx::Postgres>,
    has_begun: bool,
}

impl Beginning {
    async fn on(pool: &PgPool) -> Result<Self, StoreError> {
        Ok(Self {
            conn: pool.acquire().await?,
            has_begun: false,
        })
    }
}

impl Drop for Beginning {
    fn drop(&mut self) {
        if !self.has_begun {
            self.conn.close_on_drop();
        }
    }
}

/// No ping before each use: it costs a round trip, and a broken connection shows at the statement.
fn pool(connections: u32) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(WAIT)
        .test_before_acquire(false)
}

/// Asynchronous commit is an option of the connection: set in each transaction it would cost a round trip.
fn pool_of_logins(connect: PgConnectOptions) -> PgPool {
    pool(LOGIN_CONNECTIONS).connect_lazy_with(connect.options([("synchronous_commit", "off")]))
}
