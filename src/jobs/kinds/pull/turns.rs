//! Whose turn it is at an LMS: a connection is asked about one course after the other, whichever process asks. A course that
//! finds it busy waits without a job of its own running, and is brought forward by the one before it.

use std::time::Duration;

use uuid::Uuid;

use crate::crypto::random;
use crate::jobs::work;
use crate::model::connection::Connection;
use crate::model::{ConnectionId, CourseId, OrganisationId};
use crate::store::{Durability, Store, StoreError};

/// How long a turn lasts that nobody prolongs: its process ended.
const LEASE: Duration = Duration::from_mins(2);
/// From one prolonging to the next.
const BEAT: Duration = Duration::from_secs(30);

/// The right to ask through a connection. Where it is not passed on, it ends by itself.
#[derive(Debug)]
pub(super) struct Turn {
    store: Store,
    organisation: OrganisationId,
    id: ConnectionId,
    holder: Uuid,
}

impl Turn {
    /// The turn, if nobody asks through the connection; else the course waits in line, once.
    pub(super) async fn take(
        store: &Store,
        connection: &Connection,
        course: CourseId,
    ) -> Result<Option<Self>, StoreError> {
        let asked = connection.clone();
        let (taken, holder) = store
            .write(Durability::Launch, async move |tx| {
                let now = tx.now().await?;
                let holder = random::id_at(now);
                let taken = tx.take_turn(&asked, course, holder, now, now.plus(LEASE)).await?;
                Ok::<_, StoreError>((taken, holder))
            })
            .await?;
        Ok(taken.then(|| Self {
            store: store.clone(),
            organisation: connection.organisation,
            id: connection.id,
            holder,
        }))
    }

    /// Does `work` while the turn is prolonged. `None`: it was lost, and the work is broken off; somebody else asks.
    pub(super) async fn during<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let beats = async {
            loop {
                tokio::time::sleep(BEAT).await;
                match self.prolong().await {
                    Ok(true) => {}
                    Ok(false) => return,
                    // another beat may reach the database in time
                    Err(error) => tracing::warn!(%error, connection.id = %self.id, "a turn was not prolonged"),
                }
            }
        };
        tokio::select! {
            biased;
            done = work => Some(done),
            () = beats => {
                tracing::warn!(connection.id = %self.id, "a turn was lost");
                None
            }
        }
    }

    async fn prolong(&self) -> Result<bool, StoreError> {
        let (organisation, id, holder) = (self.organisation, self.id, self.holder);
        self.store
            .write(Durability::Launch, async move |tx| {
                let until = tx.now().await?.plus(LEASE);
                tx.keep_turn(organisation, id, holder, until).await
            })
            .await
    }

    /// Gives the connection back and calls the course that has waited longest.
    pub(super) async fn pass_on(self) -> Result<(), StoreError> {
        let (organisation, id, holder) = (self.organisation, self.id, self.holder);
        self.store
            .write(Durability::Launch, async move |tx| {
                if let Some(course) = tx.end_turn(organisation, id, holder).await? {
                    let now = tx.now().await?;
                    tx.enqueue(&work::pull(organisation, course, now), now).await?;
                }
                Ok(())
            })
            .await
    }
}
