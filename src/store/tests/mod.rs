//! The spine's tests that need to look inside: groups, limits, durability, types, `kill -9`.

mod groups;
mod growth;
mod kill;
mod open;
pub(in crate::store) mod plans;
mod queue;
mod types;

use std::pin::Pin;

use futures_util::FutureExt;
use tokio::sync::oneshot;

use super::tx::on;
use super::{Durability, Options, Store, StoreError, Tx};

const LAUNCH: Durability = Durability::Launch;

/// A table for units to write to.
async fn with_table(store: &Store) {
    store
        .write(Durability::Full, async move |tx| {
            on!(tx, sqlx::query("CREATE TABLE spine_rows (n BIGINT PRIMARY KEY, note TEXT)") => execute)
        })
        .await
        .unwrap();
}

impl Tx<'_> {
    async fn put(&mut self, n: i64) -> Result<u64, StoreError> {
        on!(self, sqlx::query("INSERT INTO spine_rows (n) VALUES ($1)").bind(n) => execute)
    }

    /// All numbers, in the order of their insertion as far as the database tells.
    async fn rows(&mut self) -> Result<Vec<i64>, StoreError> {
        on!(self, sqlx::query_scalar("SELECT n FROM spine_rows ORDER BY n") => fetch_all)
    }

    /// A statement that every database refuses.
    async fn fail(&mut self) -> Result<u64, StoreError> {
        on!(self, sqlx::query("INSERT INTO no_such_table (n) VALUES (1)") => execute)
    }
}

async fn rows(store: &Store) -> Vec<i64> {
    store.read_one(async |tx| tx.rows().await).await.unwrap()
}

/// Keeps the SQLite writer busy, so that what is queued meanwhile is one group.
struct Gate {
    open: oneshot::Sender<()>,
    unit: tokio::task::JoinHandle<Result<(), StoreError>>,
}

impl Gate {
    async fn shut(store: &Store) -> Self {
        let (open, opened) = oneshot::channel();
        let (begun, begins) = oneshot::channel();
        let store = store.clone();
        let unit = tokio::spawn(async move {
            store
                .write(LAUNCH, async move |_tx| {
                    begun.send(()).unwrap();
                    opened.await.unwrap();
                    Ok::<_, StoreError>(())
                })
                .await
        });
        begins.await.unwrap();
        Self { open, unit }
    }

    async fn open(self) {
        self.open.send(()).unwrap();
        self.unit.await.unwrap().unwrap();
    }
}

/// Polls `work` once: a write is in the queue then.
fn queue<T, F: Future<Output = T>>(work: F) -> Pin<Box<F>> {
    let mut work = Box::pin(work);
    assert!((&mut work).now_or_never().is_none(), "it should be waiting");
    work
}

async fn opened(options: Options) -> Store {
    let store = Store::open(&options).await.unwrap();
    with_table(&store).await;
    store
}
