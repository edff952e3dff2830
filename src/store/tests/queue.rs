//! The one writer of SQLite: order, a full queue, a full disk, and no answer before the COMMIT.

use futures_util::FutureExt;
use tokio::sync::oneshot;

use super::{Gate, LAUNCH, on, opened, queue, rows};
use crate::store::{Durability, StoreError};
use crate::support::database::with_sqlite;

#[tokio::test]
async fn units_are_written_in_the_order_of_the_queue() {
    with_sqlite(async |database| {
        let store = opened(database.options()).await;
        let gate = Gate::shut(&store).await;
        let waiting: Vec<_> = (0..600)
            .map(|n| {
                queue(store.write_one(LAUNCH, async move |tx| {
                    on!(tx, sqlx::query("INSERT INTO spine_rows (n) SELECT $1 + COUNT(*) FROM spine_rows").bind(n * 1000) => execute)
                }))
            })
            .collect();
        gate.open().await;
        for unit in waiting {
            unit.await.unwrap();
        }
        let expected: Vec<i64> = (0..600).map(|n| n * 1000 + n).collect();
        assert_eq!(rows(&store).await, expected);
        store.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_full_queue_answers_busy_at_once() {
    with_sqlite(async |database| {
        let store = opened(database.options()).await;
        let gate = Gate::shut(&store).await;
        let waiting: Vec<_> = (0..1024)
            .map(|n| queue(store.write_one(LAUNCH, async move |tx| tx.put(n).await)))
            .collect();
        let refused = store.write(LAUNCH, async move |tx| tx.put(9999).await).now_or_never();
        assert!(matches!(refused, Some(Err(StoreError::Busy))));
        gate.open().await;
        for unit in waiting {
            unit.await.unwrap();
        }
        assert_eq!(rows(&store).await.len(), 1024);
        store.close().await;
    })
    .await;
}

#[tokio::test]
async fn on_sqlite_a_caller_that_goes_away_is_skipped_or_finished_never_halved() {
    with_sqlite(async |database| {
        let store = opened(database.options()).await;
        let gate = Gate::shut(&store).await;
        drop(queue(store.write(LAUNCH, async move |tx| tx.put(1).await)));
        gate.open().await;

        let (begun, begins) = oneshot::channel();
        let (open, opened) = oneshot::channel();
        let started = tokio::spawn({
            let store = store.clone();
            async move {
                store
                    .write(LAUNCH, async move |tx| {
                        tx.put(2).await?;
                        begun.send(()).unwrap();
                        opened.await.unwrap();
                        tx.put(3).await
                    })
                    .await
            }
        });
        begins.await.unwrap();
        started.abort();
        assert!(started.await.unwrap_err().is_cancelled());
        open.send(()).unwrap();
        store.write(LAUNCH, async move |tx| tx.put(4).await).await.unwrap();
        assert_eq!(rows(&store).await, [2, 3, 4]);
        store.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_full_disk_fails_the_group_and_the_writer_lives() {
    with_sqlite(async |database| {
        // Room for the schema and little more.
        let empty = database.store().await;
        let size = empty.read(async |tx| tx.size().await).await.unwrap();
        empty.close().await;
        let mut options = database.options();
        options.sqlite_max_pages = Some(u32::try_from(size / 4096 + 8).unwrap());
        let store = opened(options).await;

        let gate = Gate::shut(&store).await;
        let innocent = queue(store.write(Durability::Full, async move |tx| tx.put(1).await));
        let greedy = queue(store.write(LAUNCH, async move |tx| {
            on!(tx, sqlx::query("INSERT INTO spine_rows (n, note) VALUES (2, hex(zeroblob(1000000)))") => execute)
        }));
        let later = queue(store.write_one(LAUNCH, async move |tx| tx.put(3).await));
        gate.open().await;
        let (innocent, greedy, later) = tokio::join!(innocent, greedy, later);
        assert!(matches!(greedy, Err(StoreError::Full(_))), "{greedy:?}");
        assert!(matches!(innocent, Err(StoreError::NotCommitted(_))), "{innocent:?}");
        assert!(matches!(later, Err(StoreError::NotCommitted(_))), "{later:?}");
        assert!(rows(&store).await.is_empty());

        store
            .write(Durability::Full, async move |tx| tx.put(4).await)
            .await
            .unwrap();
        assert_eq!(rows(&store).await, [4]);
        store.close().await;
    })
    .await;
}

/// Whether everything that was acknowledged in a group that cannot be committed is there: nothing may be acknowledged.
async fn acknowledges_only_what_is_there(answers_early: bool) -> bool {
    let kept = std::cell::Cell::new(false);
    with_sqlite(async |database| {
        let mut options = database.options();
        options.answers_early = answers_early;
        let store = opened(options).await;
        store
            .write(LAUNCH, async move |tx| {
                on!(tx, sqlx::query("CREATE TABLE spine_child (n BIGINT REFERENCES spine_rows (n) DEFERRABLE INITIALLY DEFERRED)") => execute)
            })
            .await
            .unwrap();
        let gate = Gate::shut(&store).await;
        let unit = queue(store.write(Durability::Full, async move |tx| tx.put(1).await));
        // A broken reference that is checked at COMMIT, which it fails.
        let breaks = queue(store.write(LAUNCH, async move |tx| {
            on!(tx, sqlx::query("INSERT INTO spine_child (n) VALUES (99)") => execute)
        }));
        gate.open().await;
        let (unit, breaks) = tokio::join!(unit, breaks);
        let acknowledged = unit.is_ok() || breaks.is_ok();
        // The next group is answered after the first was settled.
        store.write(LAUNCH, async move |tx| tx.put(2).await).await.unwrap();
        kept.set(rows(&store).await == [2] && !acknowledged);
        store.close().await;
    })
    .await;
    kept.get()
}

#[tokio::test]
async fn nobody_is_answered_before_the_commit() {
    assert!(acknowledges_only_what_is_there(false).await);
}

#[tokio::test]
async fn a_writer_that_answers_early_would_be_caught() {
    assert!(!acknowledges_only_what_is_there(true).await);
}
