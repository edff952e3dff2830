//! A fresh database for each test, on SQLite and on PostgreSQL.
//!
//! PostgreSQL is named by `BADGEBRIDGE_TEST_POSTGRES`, an address whose user may create databases. Without it the
//! PostgreSQL half of a test prints a note and passes; where `CI` is set it fails.

use std::future::Future;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use badgebridge::clock::{Clock, SystemClock};
use badgebridge::store::{Options, Store};
use futures_util::FutureExt;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};
use tempfile::TempDir;

const POSTGRES: &str = "BADGEBRIDGE_TEST_POSTGRES";

/// An empty database that goes away with its test.
#[derive(Clone, Debug)]
pub(crate) struct Database {
    /// What [`Options::url`] takes.
    pub url: String,
    _folder: Option<Arc<TempDir>>,
}

impl Database {
    /// Opens the store with its defaults.
    pub(crate) async fn store(&self) -> Store {
        Store::open(&self.options()).await.expect("the store opens")
    }

    /// The defaults for this database.
    pub(crate) fn options(&self) -> Options {
        Options::new(&self.url)
    }
}

/// Makes two tests of one: `name::sqlite` and `name::postgres`.
///
/// ```ignore
/// on_both_databases! {
///     async fn a_stored_row_is_read_back(database: Database) {
///         let store = database.store().await;
///     }
/// }
/// ```
macro_rules! on_both_databases {
    ($(async fn $name:ident($database:ident: Database) $body:block)*) => {$(
        async fn $name($database: $crate::support::database::Database) $body

        mod $name {
            #[tokio::test]
            async fn sqlite() {
                $crate::support::database::with_sqlite(super::$name).await;
            }

            #[tokio::test]
            async fn postgres() {
                $crate::support::database::with_postgres(super::$name).await;
            }
        }
    )*};
}

pub(crate) use on_both_databases;

/// Runs `body` on a fresh SQLite file.
pub(crate) async fn with_sqlite<F: Future<Output = ()>>(body: impl FnOnce(Database) -> F) {
    let folder = Arc::new(TempDir::new().expect("a temporary folder"));
    let url = format!("sqlite://{}", folder.path().join("test.db").display());
    body(Database {
        url,
        _folder: Some(folder),
    })
    .await;
}

/// Runs `body` on a fresh PostgreSQL database and drops it, also after a failure.
pub(crate) async fn with_postgres<F: Future<Output = ()>>(body: impl FnOnce(Database) -> F) {
    let Ok(server) = std::env::var(POSTGRES) else {
        assert!(std::env::var_os("CI").is_none(), "{POSTGRES} must be set in CI");
        eprintln!("note: {POSTGRES} is not set, so this test did not run on PostgreSQL");
        return;
    };
    let name = fresh_name();
    execute(&server, format!("CREATE DATABASE {name}")).await;
    let mut url: url::Url = server.parse().expect("an address");
    url.set_path(&name);
    let outcome = AssertUnwindSafe(body(Database {
        url: url.to_string(),
        _folder: None,
    }))
    .catch_unwind()
    .await;
    execute(&server, format!("DROP DATABASE {name} WITH (FORCE)")).await;
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
}

fn fresh_name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::SeqCst);
    format!(
        "badgebridge_test_{}_{}_{count}",
        std::process::id(),
        SystemClock.now().millis()
    )
}

async fn execute(server: &str, sql: String) {
    let options: sqlx::postgres::PgConnectOptions = server.parse().expect("an address of PostgreSQL");
    let mut conn = options.connect().await.expect("PostgreSQL answers");
    conn.execute(AssertSqlSafe(sql)).await.expect("the statement works");
    conn.close().await.expect("the connection closes");
}
