//! Searching the Factory's events: how many there are first, then page after page into the store, from where pages and
//! tables show them. Each page is stored before the next is asked for, so that an interrupted search goes on.

use std::sync::Arc;
use std::time::Duration;

use super::keeper::{Keeper, Keepers};
use super::ports::ReadError;
use crate::clock::Clock;
use crate::model::found_event::{Search, SearchState, SeenEvent};
use crate::model::{OrganisationId, SearchId};
use crate::store::{Durability, Store, StoreError};

/// Events of one call: the most that the API gives.
const PAGE: u64 = 1_000;
/// Calls of one run; then others have their turn.
const CALLS: usize = 5;
/// Events that one transaction stores.
const STEP: usize = 200;

/// Reads what is searched for.
pub struct Searching {
    /// The database.
    pub store: Store,
    /// The Factories.
    pub keepers: Arc<dyn Keepers>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Searching {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Searching").finish_non_exhaustive()
    }
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Went {
    /// The search is at its end.
    Done,
    /// There is more to read.
    On,
    /// The Factory does not answer.
    Away {
        /// What happened.
        reason: String,
        /// When to ask again, if it said so.
        retry_after: Option<Duration>,
    },
}

impl Searching {
    /// Reads on. May be repeated, and killed at any instruction.
    pub async fn advance(&self, organisation: OrganisationId, id: SearchId) -> Result<Went, StoreError> {
        let read = self.store.read_one(async |tx| tx.event_search(organisation, id).await);
        let Some(mut search) = read.await? else {
            return Ok(Went::Done);
        };
        let outcome = match self.keepers.of(organisation).await {
            Ok(keeper) => self.read(&*keeper, organisation, &mut search).await?,
            Err(error) => Err(error),
        };
        let went = match outcome {
            Ok(went) => {
                search.error = None;
                went
            }
            Err(ReadError::Away { reason, retry_after }) => {
                search.error = Some(reason.clone());
                Went::Away { reason, retry_after }
            }
            Err(ReadError::Refused { reason }) => {
                search.error = Some(reason);
                search.state = SearchState::Failed;
                Went::Done
            }
        };
        if went == Went::Done {
            search.ended_at = search.ended_at.or(Some(self.clock.now()));
        }
        self.store
            .write(Durability::Launch, async move |tx| {
                tx.save_event_search(organisation, &search).await
            })
            .await?;
        Ok(went)
    }

    async fn read(
        &self,
        keeper: &dyn Keeper,
        organisation: OrganisationId,
        search: &mut Search,
    ) -> Result<Result<Went, ReadError>, StoreError> {
        if search.state == SearchState::Counting {
            let total = match keeper.count_events(&search.query).await {
                Ok(total) => total,
                Err(error) => return Ok(Err(error)),
            };
            search.total = Some(total);
            search.state = SearchState::Reading;
            if search.query.count_only {
                search.state = SearchState::Done;
            }
            // the number is shown while the rest is read
            self.keep(organisation, search, Vec::new()).await?;
        }
        for _ in 0..CALLS {
            if search.state != SearchState::Reading {
                return Ok(Ok(Went::Done));
            }
            let asked = search.wanted().saturating_sub(search.found).min(PAGE);
            let limit = u16::try_from(asked).unwrap_or(u16::MAX);
            let offset = search.query.offset.saturating_add(search.found);
            let page = if limit == 0 {
                Vec::new()
            } else {
                match keeper.events(&search.query, limit, offset).await {
                    Ok(page) => page,
                    Err(error) => return Ok(Err(error)),
                }
            };
            if u64::try_from(page.len()).unwrap_or(u64::MAX) < asked || asked == 0 {
                search.state = SearchState::Done;
            }
            self.keep(organisation, search, page).await?;
            if search.found >= search.wanted() {
                search.state = SearchState::Done;
            }
        }
        Ok(Ok(if search.state == SearchState::Done {
            Went::Done
        } else {
            Went::On
        }))
    }

    /// Stores a page in steps, each with how far the search is then.
    async fn keep(
        &self,
        organisation: OrganisationId,
        search: &mut Search,
        mut page: Vec<SeenEvent>,
    ) -> Result<(), StoreError> {
        loop {
            let rest = page.split_off(page.len().min(STEP));
            let from = search.found;
            let count = u64::try_from(page.len()).unwrap_or_default();
            search.found = from.saturating_add(count);
            let (events, mut stands) = (page, search.clone());
            if !rest.is_empty() {
                stands.state = SearchState::Reading;
            }
            self.store
                .write(Durability::Launch, async move |tx| {
                    for (position, event) in (from..).zip(&events) {
                        tx.add_found_event(organisation, stands.id, position, event).await?;
                    }
                    tx.save_event_search(organisation, &stands).await
                })
                .await?;
            if rest.is_empty() {
                return Ok(());
            }
            page = rest;
        }
    }
}
