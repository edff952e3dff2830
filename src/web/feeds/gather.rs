//! Requests that come together are stored together: what arrives during one COMMIT is the next group. Each is answered
//! after the COMMIT of its own (promise P4).

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::jobs::Calm;
use crate::store::signal::NewSignal;
use crate::store::{Store, StoreError};

/// Rows of one group at most.
const GROUP: usize = 128;
/// Rows that may wait: beyond, senders are asked to come back.
const WAITING: usize = 4_096;
/// So many requests at once are a crowd.
const CROWD: usize = 8;

/// What waits for the next COMMIT.
pub(super) struct Gather {
    desk: Mutex<Desk>,
    calm: Calm,
}

#[derive(Default)]
struct Desk {
    tickets: VecDeque<Ticket>,
    rows: usize,
    is_served: bool,
}

/// One request's rows.
struct Ticket {
    rows: Vec<NewSignal>,
    answer: oneshot::Sender<Result<usize, StoreError>>,
}

impl fmt::Debug for Gather {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gather").finish_non_exhaustive()
    }
}

/// Whoever serves the desk; when that ends, be it by a panic, the next request begins anew.
struct Clerk {
    gather: Arc<Gather>,
    has_left: bool,
}

impl Drop for Clerk {
    fn drop(&mut self) {
        if self.has_left {
            return;
        }
        // after a panic: who still waits is asked to come back
        let mut desk = self.gather.desk();
        desk.is_served = false;
        desk.tickets.clear();
        desk.rows = 0;
    }
}

impl Gather {
    pub(super) fn new(calm: Calm) -> Self {
        Self {
            desk: Mutex::default(),
            calm,
        }
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stores the rows of one request; how many are new. Whether the sender goes away or not, they are stored.
    pub(super) async fn store(self: &Arc<Self>, store: &Store, rows: Vec<NewSignal>) -> Result<usize, StoreError> {
        let (answer, answered) = oneshot::channel();
        let begins = {
            let mut desk = self.desk();
            if desk.rows >= WAITING {
                return Err(StoreError::Busy);
            }
            desk.rows += rows.len();
            desk.tickets.push_back(Ticket { rows, answer });
            !std::mem::replace(&mut desk.is_served, true)
        };
        if begins {
            let store = store.clone();
            let mut clerk = Clerk {
                gather: Arc::clone(self),
                has_left: false,
            };
            // on its own: it serves others after its first request has gone
            actix_web::rt::spawn(async move { clerk.serve(&store).await });
        }
        answered.await.unwrap_or(Err(StoreError::Stopped))
    }
}

impl Clerk {
    async fn serve(&mut self, store: &Store) {
        while let Some(mut group) = self.next() {
            if group.len() >= CROWD {
                self.gather.calm.disturb();
            }
            let rows = group.iter().flat_map(|ticket| ticket.rows.iter().cloned()).collect();
            match store.add_signals(rows).await {
                Ok(added) => {
                    let mut added = added.into_iter();
                    for ticket in group {
                        let new = added.by_ref().take(ticket.rows.len()).filter(|is_new| *is_new).count();
                        // an error: the sender has gone; it will find its signals stored
                        let _ = ticket.answer.send(Ok(new));
                    }
                }
                Err(StoreError::Busy) => {
                    for ticket in group {
                        let _ = ticket.answer.send(Err(StoreError::Busy));
                    }
                }
                Err(error) if group.len() == 1 => {
                    if let Some(ticket) = group.pop() {
                        let _ = ticket.answer.send(Err(error));
                    }
                }
                // one that cannot be stored must not take its neighbours along
                Err(_) => {
                    for ticket in group {
                        let added = store.add_signals(ticket.rows).await;
                        let new = added.map(|added| added.into_iter().filter(|is_new| *is_new).count());
                        let _ = ticket.answer.send(new);
                    }
                }
            }
        }
    }

    /// The next group; `None`: nobody waits, and the desk is left.
    fn next(&mut self) -> Option<Vec<Ticket>> {
        let mut desk = self.gather.desk();
        let (mut group, mut rows) = (Vec::new(), 0);
        while let Some(next) = desk.tickets.front() {
            rows += next.rows.len();
            if rows > GROUP && !group.is_empty() {
                break;
            }
            group.extend(desk.tickets.pop_front());
        }
        let taken: usize = group.iter().map(|ticket: &Ticket| ticket.rows.len()).sum();
        desk.rows = desk.rows.saturating_sub(taken);
        if group.is_empty() {
            desk.is_served = false;
            self.has_left = true;
            return None;
        }
        Some(group)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::crypto::random;
    use crate::model::signal::{CourseRef, Item, PersonRef, Signal, SignalKind, Source};
    use crate::model::{OrganisationId, SignalId};
    use crate::store::Options;

    const NOW: Timestamp = Timestamp::from_seconds(1_772_500_000);

    fn row(event: &str, kind: SignalKind) -> NewSignal {
        NewSignal {
            id: SignalId::new(random::id_at(NOW)),
            organisation: OrganisationId::new(uuid::Uuid::from_u128(1)),
            feed: None,
            registration: None,
            course: None,
            position: 0,
            signal: Signal {
                source: Source::Webhook,
                source_event_id: event.to_owned(),
                kind,
                item: Item::Course,
                person: PersonRef::default(),
                course: CourseRef::default(),
                score: None,
                occurred_at: NOW,
                utc_offset_minutes: None,
                received_at: NOW,
            },
            raw: None,
        }
    }

    #[actix_web::test]
    async fn requests_at_once_are_told_their_own_and_one_that_fails_fails_alone() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("signals.db").display());
        let store = Store::open(&Options::new(url)).await.unwrap();
        let gather = Arc::new(Gather::new(Calm::default()));
        let asked = |rows| gather.store(&store, rows);
        assert_eq!(asked(vec![row("first", SignalKind::Completed)]).await.unwrap(), 1);
        // more than two large statements, and a repetition in each place where it can be
        let several: Vec<NewSignal> = (0..37)
            .map(|number| row(&format!("event-{number}"), SignalKind::Completed))
            .chain([
                row("event-3", SignalKind::Completed),
                row("first", SignalKind::Completed),
            ])
            .collect();
        // the database takes no score without points
        let (several, odd, again, other) = tokio::join!(
            asked(several),
            asked(vec![row("odd", SignalKind::Score)]),
            asked(vec![row("event-1", SignalKind::Completed)]),
            asked(vec![row("other", SignalKind::Completed)]),
        );
        assert_eq!((several.unwrap(), again.unwrap(), other.unwrap()), (37, 0, 1));
        assert!(odd.is_err());
        assert!(!gather.desk().is_served, "nobody waits");
        assert_eq!(
            asked(vec![row("odd", SignalKind::Completed)]).await.unwrap(),
            1,
            "the next one is served"
        );
        store.close().await;
    }
}
