//! The store's spine, seen from outside: opening, migrating, refusing, time.

use badgebridge::clock::Timestamp;
use badgebridge::store::{Durability, StoreError};

use crate::support::database::on_both_databases;

on_both_databases! {
    async fn migrations_run_twice_change_nothing(database: Database) {
        let store = database.store().await;
        let first = store.read(async |tx| tx.schema_version().await).await.unwrap();
        store.close().await;
        let again = database.store().await;
        let second = again.read(async |tx| tx.schema_version().await).await.unwrap();
        assert_eq!(first, second);
        again.close().await;
    }

    async fn a_unit_runs_from_a_spawned_task_and_answers(database: Database) {
        let store = database.store().await;
        let spawned = store.clone();
        let size = tokio::spawn(async move {
            spawned.write(Durability::Full, async move |tx| tx.size().await).await
        });
        assert!(size.await.unwrap().unwrap() >= 0);
        let one: Result<_, StoreError> = store.write_one(Durability::Login, async move |tx| tx.size().await).await;
        assert!(one.unwrap() >= 0);
        store.close().await;
    }

    async fn time_comes_from_the_store_and_moves_only_by_tests(database: Database) {
        let store = database.store().await;
        let before = store.now().await.unwrap();
        assert!(before > Timestamp::from_seconds(1_600_000_000));
        store.move_clock(std::time::Duration::from_hours(1));
        let inside = store.read(async |tx| tx.now().await).await.unwrap();
        assert!(inside.since(before) >= std::time::Duration::from_hours(1));
        store.close().await;
    }
}
