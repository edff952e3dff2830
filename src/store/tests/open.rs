//! Opening: what is refused, and who may serve a file.

use sqlx::{Connection, SqliteConnection};

use super::{on, rows, with_table};
use crate::store::{Durability, Options, Store, StoreError, Tx};
use crate::support::database::{on_both_databases, with_sqlite};

on_both_databases! {
    async fn a_newer_schema_is_refused_and_left_alone(database: Database) {
        let store = database.store().await;
        let known = store.read_one(async |tx| tx.schema_version().await).await.unwrap().unwrap_or(0);
        store
            .write(Durability::Full, async move |tx| {
                on!(tx, sqlx::query("INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'from later', TRUE, $1, 0)").bind(vec![0_u8]) => execute)
            })
            .await
            .unwrap();
        store.close().await;
        let refused = Store::open(&database.options()).await.unwrap_err();
        assert!(matches!(refused, StoreError::NewerSchema { found: 9999, known: k } if k == known), "{refused:?}");
        assert!(refused.to_string().contains("schema version 9999"));
    }

    async fn a_schema_with_a_step_that_is_not_known_is_refused_whatever_its_number(database: Database) {
        let store = database.store().await;
        store
            .write(Durability::Full, async move |tx| {
                on!(tx, sqlx::query("INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (12, 'from elsewhere', TRUE, $1, 0)").bind(vec![0_u8]) => execute)
            })
            .await
            .unwrap();
        store.close().await;
        let refused = Store::open(&database.options()).await.unwrap_err();
        assert!(matches!(refused, StoreError::NewerSchema { found: 12, .. }), "{refused:?}");
    }

    async fn several_processes_may_start_at_the_same_time(database: Database) {
        let options = database.options();
        let (one, two, three) = tokio::join!(Store::open(&options), Store::open(&options), Store::open(&options));
        for store in [one, two, three] {
            store.unwrap().close().await;
        }
    }
}

/// SQLite's statistics: index and figures.
async fn told(conn: &mut SqliteConnection) -> Vec<(String, String)> {
    let told = sqlx::query_as("SELECT COALESCE(idx, ''), stat FROM sqlite_stat1 ORDER BY tbl, idx");
    told.fetch_all(conn).await.unwrap()
}

#[tokio::test]
async fn an_opened_database_has_figures_for_every_index_and_they_are_written_once() {
    with_sqlite(async |database| {
        database.store().await.close().await;
        let mut conn = SqliteConnection::connect(&database.url).await.unwrap();
        let first = told(&mut conn).await;
        let count = "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'index'";
        let indexes: i64 = sqlx::query_scalar(count).fetch_one(&mut conn).await.unwrap();
        assert_eq!(i64::try_from(first.len()).unwrap(), indexes);

        let version = "PRAGMA data_version";
        let before: i64 = sqlx::query_scalar(version).fetch_one(&mut conn).await.unwrap();
        database.store().await.close().await;
        let after: i64 = sqlx::query_scalar(version).fetch_one(&mut conn).await.unwrap();
        assert_eq!(before, after, "a second start writes nothing");

        sqlx::query("ANALYZE").execute(&mut conn).await.unwrap();
        database.store().await.close().await;
        assert_eq!(told(&mut conn).await, first, "what somebody measured is replaced");
    })
    .await;
}

#[tokio::test]
async fn one_server_at_a_time_holds_a_file() {
    with_sqlite(async |database| {
        let store = database.store().await;
        let lock = store.hold_server_lock().unwrap();
        let beside = database.store().await;
        assert!(matches!(beside.hold_server_lock(), Err(StoreError::InUse { .. })));
        with_table(&beside).await;
        assert!(rows(&store).await.is_empty(), "a command beside the server works");
        drop(lock);
        drop(beside.hold_server_lock().unwrap());
        beside.close().await;
        store.close().await;
    })
    .await;
}

#[tokio::test]
async fn an_unusable_address_is_refused_with_the_reason() {
    for url in [
        "mysql://db.example/badges",
        "sqlite::memory:",
        "sqlite://x.db?mode=memory",
        "",
    ] {
        let refused = Store::open(&Options::new(url)).await.unwrap_err();
        assert!(matches!(refused, StoreError::Address { .. }), "{url}: {refused:?}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn the_database_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    with_sqlite(async |database| {
        let store = database.store().await;
        with_table(&store).await;
        let path = database.url.strip_prefix("sqlite://").unwrap();
        for suffix in ["", "-wal", "-shm"] {
            let mode = std::fs::metadata(format!("{path}{suffix}"))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600, "{suffix}");
        }
        store.close().await;
    })
    .await;
}

#[test]
fn options_do_not_print_their_address() {
    let options = Options::new("postgres://badges:secret-word@db.example/badges");
    assert!(!format!("{options:?}").contains("secret-word"));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_writers_thread_interrupts_nobody() {
    const BATCH: &str = "3"; // SCHED_BATCH, sched(7)
    with_sqlite(async |database| {
        let store = database.store().await;
        // a unit runs on the writer's thread
        let unit = async move |_tx: &mut Tx<'_>| {
            Ok::<_, StoreError>(std::fs::read_to_string("/proc/thread-self/stat").unwrap())
        };
        let stat = store.write(Durability::Launch, unit).await.unwrap();
        assert!(stat.contains("(store-writer)"), "{stat}");
        let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
        let (nice, policy) = (fields[16], fields[38]); // fields 19 and 41 of proc_pid_stat(5)
        assert_eq!((nice, policy), ("0", BATCH));
        store.close().await;
    })
    .await;
}
