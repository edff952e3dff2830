//! Units side by side on both databases: one that goes wrong is undone alone.

use std::future::pending;
use std::time::Duration;

use tokio::sync::oneshot;

use super::{Gate, LAUNCH, on, opened, queue, rows};
use crate::store::{Durability, StoreError};
use crate::support::database::{on_both_databases, with_postgres};

#[derive(Debug, thiserror::Error)]
enum UnitError {
    #[error("refused")]
    Refused,
    #[error(transparent)]
    Store(#[from] StoreError),
}

on_both_databases! {
    async fn a_unit_that_goes_wrong_is_undone_alone(database: Database) {
        let mut options = database.options();
        options.unit_limit = Duration::from_secs(1);
        let store = opened(options).await;
        let gate = Gate::shut(&store).await;

        let first = queue(store.write(Durability::Full, async move |tx| tx.put(1).await));
        let refused = queue(store.write(LAUNCH, async move |tx| {
            tx.put(2).await?;
            Err::<(), _>(UnitError::Refused)
        }));
        let panics = queue(store.write(LAUNCH, async move |tx| {
            tx.put(3).await?;
            assert!(tx.put(33).await? == 0, "a panic that belongs to this test");
            Ok::<_, StoreError>(())
        }));
        let alone = queue(store.write_one(LAUNCH, async move |tx| tx.put(4).await));
        let sleeps = queue(store.write(LAUNCH, async move |tx| {
            tx.put(5).await?;
            pending::<Result<(), StoreError>>().await
        }));
        let failed = queue(store.write(LAUNCH, async move |tx| {
            tx.put(6).await?;
            tx.fail().await
        }));
        let passed_over = queue(store.write(LAUNCH, async move |tx| {
            tx.put(7).await?;
            let _ = tx.fail().await;
            Ok::<_, StoreError>(())
        }));
        let went_on = queue(store.write(LAUNCH, async move |tx| {
            let _ = tx.fail().await;
            tx.put(8).await
        }));
        let failed_alone = queue(store.write_one(LAUNCH, async move |tx| tx.fail().await));
        let refused_alone = queue(store.write_one(LAUNCH, async move |_tx| Err::<(), _>(UnitError::Refused)));
        let last = queue(store.write(LAUNCH, async move |tx| {
            tx.put(9).await?;
            tx.put(10).await
        }));
        gate.open().await;

        let (first, refused, panics, alone, sleeps, failed, passed_over, went_on, failed_alone, refused_alone, last) = tokio::join!(
            first, refused, panics, alone, sleeps, failed, passed_over, went_on, failed_alone, refused_alone, last
        );
        assert_eq!(first.unwrap(), 1);
        assert!(matches!(refused, Err(UnitError::Refused)));
        assert!(matches!(panics, Err(StoreError::Panicked)));
        assert_eq!(alone.unwrap(), 1);
        assert!(matches!(sleeps, Err(StoreError::TooLong)));
        assert!(matches!(failed, Err(StoreError::Database(_))));
        assert!(matches!(passed_over, Err(StoreError::Spoiled)));
        assert!(matches!(went_on, Err(StoreError::Spoiled)));
        assert!(matches!(failed_alone, Err(StoreError::Database(_))));
        assert!(matches!(refused_alone, Err(UnitError::Refused)));
        assert_eq!(last.unwrap(), 1);
        assert_eq!(rows(&store).await, [1, 4, 9, 10]);
        store.close().await;
    }

    async fn every_mixture_of_units_keeps_exactly_the_good_ones(database: Database) {
        let store = opened(database.options()).await;
        let gate = Gate::shut(&store).await;
        // Every pair of neighbours among: one and several statements, kept and undone.
        let kinds = [0, 0, 1, 1, 2, 2, 3, 3, 0, 2, 0, 3, 1, 2, 1, 3, 2, 1, 0];
        let mut expected = Vec::new();
        let mut waiting = Vec::new();
        for (n, kind) in (0_i64..).zip(kinds) {
            let store = store.clone();
            if kind < 2 {
                expected.push(n);
            }
            waiting.push(queue(async move {
                match kind {
                    0 => store.write(LAUNCH, async move |tx| tx.put(n).await).await.is_ok(),
                    1 => store.write_one(LAUNCH, async move |tx| tx.put(n).await).await.is_ok(),
                    2 => store
                        .write(LAUNCH, async move |tx| {
                            tx.put(n).await?;
                            Err::<(), _>(UnitError::Refused)
                        })
                        .await
                        .is_err(),
                    _ => store.write_one(LAUNCH, async move |tx| tx.fail().await).await.is_err(),
                }
            }));
        }
        gate.open().await;
        for unit in waiting {
            assert!(unit.await);
        }
        assert_eq!(rows(&store).await, expected);
        store.close().await;
    }

    async fn a_second_statement_in_a_unit_of_one_is_refused(database: Database) {
        let store = opened(database.options()).await;
        let gate = Gate::shut(&store).await;
        let innocent = queue(store.write(LAUNCH, async move |tx| tx.put(1).await));
        let misuse = queue(store.write_one(LAUNCH, async move |tx| {
            tx.put(2).await?;
            tx.put(3).await
        }));
        gate.open().await;
        let (innocent, misuse) = tokio::join!(innocent, misuse);
        assert!(matches!(misuse, Err(StoreError::SecondStatement)));
        if store.is_sqlite() {
            assert!(matches!(innocent, Err(StoreError::NotCommitted(_))));
            assert!(rows(&store).await.is_empty());
        } else {
            assert_eq!(innocent.unwrap(), 1);
            assert_eq!(rows(&store).await, [1, 2]);
        }
        store.write(LAUNCH, async move |tx| tx.put(4).await).await.unwrap();
        assert!(rows(&store).await.contains(&4), "the store goes on");
        let read = store
            .read_one(async |tx| {
                tx.rows().await?;
                tx.rows().await
            })
            .await;
        assert!(matches!(read, Err(StoreError::SecondStatement)));
        store.close().await;
    }

    async fn a_reading_sees_one_snapshot_and_writes_nothing(database: Database) {
        let store = opened(database.options()).await;
        let (before, after) = store
            .read(async |tx| {
                let before = tx.rows().await?;
                store.write(Durability::Full, async move |tx| tx.put(1).await).await?;
                Ok::<_, StoreError>((before, tx.rows().await?))
            })
            .await
            .unwrap();
        assert_eq!((before, after), (vec![], vec![]));
        assert_eq!(rows(&store).await, [1], "a write that was answered is read from any connection");
        let written = store.read(async |tx| tx.put(2).await).await;
        assert!(matches!(written, Err(StoreError::Database(_))));
        assert_eq!(rows(&store).await, [1]);
        store.close().await;
    }

    async fn durability_reaches_the_database(database: Database) {
        let store = opened(database.options()).await;
        let asked = [(Durability::Full, ["2", "on"]), (LAUNCH, ["1", "on"]), (Durability::Login, ["1", "off"]), (Durability::Full, ["2", "on"])];
        for (durability, [sqlite, postgres]) in asked {
            let level = store
                .write(durability, async move |tx| {
                    if tx.is_sqlite() {
                        let level: Result<i64, StoreError> = on!(tx, sqlx::query_scalar("PRAGMA synchronous") => fetch_one);
                        level.map(|level| level.to_string())
                    } else {
                        on!(tx, sqlx::query_scalar("SELECT current_setting('synchronous_commit')") => fetch_one)
                    }
                })
                .await
                .unwrap();
            assert_eq!(level, if store.is_sqlite() { sqlite } else { postgres }, "{durability:?}");
        }
        store.close().await;
    }

    async fn a_closed_store_finishes_what_was_queued_and_refuses_more(database: Database) {
        let store = opened(database.options()).await;
        let gate = Gate::shut(&store).await;
        let queued = queue(store.write(LAUNCH, async move |tx| tx.put(1).await));
        let closing = queue(store.close());
        gate.open().await;
        let (queued, ()) = tokio::join!(queued, closing);
        if store.is_sqlite() {
            store.ended().await;
        }
        let late = store.write(LAUNCH, async move |tx| tx.put(2).await).await;
        assert!(matches!(late, Err(StoreError::Stopped)), "{late:?}");
        let again = database.store().await;
        let kept = rows(&again).await;
        assert_eq!(kept, if queued.is_ok() { vec![1] } else { vec![] });
        assert!(queued.is_ok() || !store.is_sqlite());
        again.close().await;
    }
}

#[tokio::test]
async fn on_postgres_a_caller_that_goes_away_takes_its_unit_along() {
    with_postgres(async |database| {
        let mut options = database.options();
        options.postgres_connections = 1;
        let store = opened(options).await;
        let (begun, begins) = oneshot::channel();
        let started = tokio::spawn({
            let store = store.clone();
            async move {
                store
                    .write(LAUNCH, async move |tx| {
                        tx.put(1).await?;
                        begun.send(()).unwrap();
                        pending::<Result<(), StoreError>>().await
                    })
                    .await
            }
        });
        begins.await.unwrap();
        started.abort();
        assert!(started.await.unwrap_err().is_cancelled());
        store.write_one(LAUNCH, async move |tx| tx.put(2).await).await.unwrap();
        assert_eq!(rows(&store).await, [2], "the connection is clean for the next unit");
        store.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_conflict_on_postgres_has_a_name_of_its_own() {
    with_postgres(async |database| {
        let store = database.store().await;
        let conflict = store
            .write(LAUNCH, async move |tx| {
                on!(tx, sqlx::query("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40001'; END $$") => execute)
            })
            .await;
        assert!(matches!(conflict, Err(StoreError::Conflict(_))));
        store.close().await;
    })
    .await;
}
