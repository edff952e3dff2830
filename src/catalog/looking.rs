//! Reading single things of the Factory for administrators' pages, and counting reports: what is read is stored with its
//! time, and a failure leaves what was read before.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::keeper::{Keeper, Keepers, Pictured};
use super::ports::ReadError;
use super::refresh::keep_picture;
use crate::clock::{Clock, Timestamp};
use crate::model::OrganisationId;
use crate::model::found_event::{Report, SeenEvent};
use crate::store::{Durability, Store, StoreError};

/// Events that one report asks the Factory about.
const MOST_ASKED: usize = 100;
/// What an event said is not asked again for so long.
const EVENT_LIFE: std::time::Duration = std::time::Duration::from_hours(24);

/// What is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A badge with everything it has: its id.
    Badge(String),
    /// The organisation.
    Organisation,
    /// The names of its groups of badges.
    Categories,
    /// An event: its id.
    Event(String),
    /// Awards and applications from one moment to another.
    Report(Timestamp, Timestamp),
}

impl Wanted {
    /// Under which kind it is stored.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Badge(_) => "badge",
            Self::Organisation => "organisation",
            Self::Categories => "categories",
            Self::Event(_) => "event",
            Self::Report(..) => "report",
        }
    }

    /// Under which name it is stored.
    pub fn name(&self) -> String {
        match self {
            Self::Badge(id) | Self::Event(id) => id.clone(),
            Self::Organisation | Self::Categories => "-".to_owned(),
            Self::Report(from, until) => format!("{}:{}", from.seconds(), until.seconds()),
        }
    }
}

/// Reads single things.
pub struct Looking {
    /// The database.
    pub store: Store,
    /// The Factories.
    pub keepers: Arc<dyn Keepers>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Pictures fit a square of so many pixels.
    pub side: u32,
}

impl std::fmt::Debug for Looking {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Looking").finish_non_exhaustive()
    }
}

enum LookError {
    Read(ReadError),
    Store(StoreError),
}

impl From<ReadError> for LookError {
    fn from(error: ReadError) -> Self {
        Self::Read(error)
    }
}

impl From<StoreError> for LookError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Looking {
    /// Reads one thing and stores it, or that it could not be read.
    pub async fn look(&self, organisation: OrganisationId, wanted: &Wanted) -> Result<(), StoreError> {
        let (kind, name) = (wanted.kind(), wanted.name());
        let read = self.read(organisation, wanted).await;
        let now = self.clock.now();
        match read {
            Ok(content) => {
                self.store
                    .write(Durability::Launch, async move |tx| {
                        tx.put_factory_view(organisation, kind, &name, content.as_ref(), now)
                            .await
                    })
                    .await
            }
            Err(LookError::Read(error)) => {
                let why = error.to_string();
                self.store
                    .write(Durability::Launch, async move |tx| {
                        tx.fail_factory_view(organisation, kind, &name, &why, now).await
                    })
                    .await
            }
            Err(LookError::Store(error)) => Err(error),
        }
    }

    async fn read(&self, organisation: OrganisationId, wanted: &Wanted) -> Result<Option<Value>, LookError> {
        if let Wanted::Report(from, until) = wanted {
            return Ok(Some(json(&self.count(organisation, *from, *until).await?)));
        }
        let keeper = self.keepers.of(organisation).await?;
        Ok(match wanted {
            Wanted::Badge(id) => match keeper.badge(id).await? {
                Some(Pictured { mut thing, picture }) => {
                    thing.picture = self.keep(organisation, picture).await?;
                    Some(json(&thing))
                }
                None => None,
            },
            Wanted::Organisation => {
                let Pictured { mut thing, picture } = keeper.organisation().await?;
                thing.picture = self.keep(organisation, picture).await?;
                Some(json(&thing))
            }
            Wanted::Categories => Some(json(&keeper.categories().await?)),
            Wanted::Event(id) => keeper.event(id).await?.as_ref().map(json),
            Wanted::Report(..) => None,
        })
    }

    async fn keep(&self, organisation: OrganisationId, picture: Option<Vec<u8>>) -> Result<Option<String>, StoreError> {
        match picture {
            Some(original) => keep_picture(&self.store, organisation, original, self.side).await,
            None => Ok(None),
        }
    }

    /// Counts awards and applications here, and asks the Factory which of the approved were collected. Where it does not
    /// answer, the report says of fewer.
    async fn count(
        &self,
        organisation: OrganisationId,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Report, StoreError> {
        let (mut report, approved) = self
            .store
            .read(async |tx| {
                let report = tx.report(organisation, from, until).await?;
                Ok::<_, StoreError>((report, tx.approved_events(organisation, from, until).await?))
            })
            .await?;
        let mut keeper = None;
        for (event, address) in approved.into_iter().take(MOST_ASKED) {
            let Some(seen) = self.event(organisation, &event, &mut keeper).await? else {
                break;
            };
            if let Some(is_collected) = seen.is_collected(&address) {
                report.asked += 1;
                report.collected += u64::from(is_collected);
            }
        }
        Ok(report)
    }

    /// An event as it was read within a day, or is read now; `None`: the Factory does not answer.
    async fn event(
        &self,
        organisation: OrganisationId,
        id: &str,
        keeper: &mut Option<Arc<dyn Keeper>>,
    ) -> Result<Option<SeenEvent>, StoreError> {
        let known = self
            .store
            .read_one(async |tx| tx.factory_view(organisation, "event", id).await)
            .await?;
        let now = self.clock.now();
        if let Some(view) = known
            && view.read_at.is_some_and(|at| now.since(at) < EVENT_LIFE)
        {
            let seen = view.content.and_then(|content| serde_json::from_value(content).ok());
            return Ok(Some(seen.unwrap_or_default()));
        }
        if keeper.is_none() {
            *keeper = self.keepers.of(organisation).await.ok();
        }
        let Some(keeper) = keeper else { return Ok(None) };
        let Ok(seen) = keeper.event(id).await else {
            return Ok(None);
        };
        let (content, name) = (seen.as_ref().map(json), id.to_owned());
        self.store
            .write(Durability::Launch, async move |tx| {
                tx.put_factory_view(organisation, "event", &name, content.as_ref(), now)
                    .await
            })
            .await?;
        Ok(Some(seen.unwrap_or_default()))
    }
}

fn json(thing: &impl Serialize) -> Value {
    serde_json::to_value(thing).unwrap_or_default()
}
