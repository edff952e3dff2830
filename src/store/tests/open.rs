//! Opening: what is refused, and who may serve a file.

use super::{on, rows, with_table};
use crate::store::{Durability, Options, Store, StoreError};
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

    async fn several_processes_may_start_at_the_same_time(database: Database) {
        let options = database.options();
        let (one, two, three) = tokio::join!(Store::open(&options), Store::open(&options), Store::open(&options));
        for store in [one, two, three] {
            store.unwrap().close().await;
        }
    }
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
