//! Carrying edits out: one step at a time, each stored before the next, so that a worker that dies leaves a row that says
//! what to do. Nothing that may have been carried out is sent again before it was looked for.

use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;

use super::keeper::{Keeper, Keepers, Written};
use super::ports::ReadError;
use crate::clock::{Clock, Timestamp};
use crate::model::editing::{BadgeSheet, Edit, EditKind, EditState, EditStep, Profile};
use crate::model::order::Timing;
use crate::model::{EditId, OrganisationId};
use crate::store::job::NewJob;
use crate::store::{Durability, Store, StoreError};

/// Steps in one run: each changes something, so that more mean a mistake of ours.
const MOST_STEPS: usize = 12;
/// The kind of problem that names an edit whose call was made twice and not found.
pub const PARKED: &str = "edit-parked";

/// Carries edits out.
pub struct Editing {
    /// The database.
    pub store: Store,
    /// The Factories.
    pub keepers: Arc<dyn Keepers>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The times of sending and looking.
    pub timing: Timing,
}

impl std::fmt::Debug for Editing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Editing").finish_non_exhaustive()
    }
}

impl Editing {
    /// Does what is due for one edit. `Some`: again after this time. May be repeated, and killed at any instruction.
    pub async fn advance(&self, organisation: OrganisationId, id: EditId) -> Result<Option<Duration>, StoreError> {
        for _ in 0..MOST_STEPS {
            let read = self.store.read_one(async |tx| tx.edit(organisation, id).await);
            let Some(edit) = read.await? else { return Ok(None) };
            let now = self.store.now().await?;
            let step = edit.next(now, &self.timing);
            match step {
                EditStep::Nothing => return Ok(None),
                EditStep::Wait(time) => return Ok(Some(time)),
                EditStep::Send | EditStep::Look => {}
            }
            let keeper = match self.keepers.of(organisation).await {
                Ok(keeper) => keeper,
                Err(error) => return Ok(Some(self.pause(&error))),
            };
            let pause = match step {
                EditStep::Look => self.look(&*keeper, edit).await?,
                _ => self.send(&*keeper, edit, now).await?,
            };
            if pause.is_some() {
                return Ok(pause);
            }
        }
        Ok(Some(self.timing.again))
    }

    async fn send(&self, keeper: &dyn Keeper, edit: Edit, now: Timestamp) -> Result<Option<Duration>, StoreError> {
        let picture = self.picture(&edit).await?;
        let Some(sending) = self.save(edit.begun(now)).await? else {
            return Ok(None);
        };
        let limit = self.timing.abort;
        let Ok(written) = tokio::time::timeout(limit, call(keeper, &sending, picture)).await else {
            self.save(sending.unsure("the factory did not answer in time".to_owned()))
                .await?;
            return Ok(None);
        };
        let (after, pause) = match written {
            Written::Done { badge } => (sending.done(badge), None),
            Written::Unsure { reason } => (sending.unsure(reason), None),
            Written::Refused { reason } => (sending.refused(reason), None),
            Written::NotSent { reason, retry_after } => {
                let pause = retry_after.unwrap_or(self.timing.again);
                (sending.not_sent(reason), Some(pause))
            }
        };
        self.save(after).await?;
        Ok(pause)
    }

    /// Asks the Factory whether the last call was carried out.
    async fn look(&self, keeper: &dyn Keeper, edit: Edit) -> Result<Option<Duration>, StoreError> {
        let picture = self.picture(&edit).await?;
        let after = match found(keeper, &edit, picture.as_ref()).await {
            Ok(Some(badge)) => edit.done(badge),
            Ok(None) => edit.not_found(&self.timing),
            Err(error) => return Ok(Some(self.pause(&error))),
        };
        self.save(after).await?;
        Ok(None)
    }

    async fn picture(&self, edit: &Edit) -> Result<Option<Vec<u8>>, StoreError> {
        let (organisation, id) = (edit.organisation, edit.id);
        self.store
            .read_one(async |tx| tx.edit_picture(organisation, id).await)
            .await
    }

    fn pause(&self, error: &ReadError) -> Duration {
        match error {
            ReadError::Away {
                retry_after: Some(pause),
                ..
            } => *pause,
            _ => self.timing.again,
        }
    }

    /// Stores a step; `None` if somebody changed the row meanwhile: then what stands there counts.
    async fn save(&self, after: Edit) -> Result<Option<Edit>, StoreError> {
        self.store
            .write(Durability::Full, async move |tx| {
                let now = tx.now().await?;
                if !tx.save_edit(&after, now).await? {
                    return Ok(None);
                }
                let (organisation, subject) = (after.organisation, after.id.to_string());
                match after.state {
                    EditState::Parked => {
                        let detail = serde_json::json!({ "kind": after.kind.word(), "name": after.name });
                        tx.raise_problem(organisation, PARKED, &subject, &detail, now).await?;
                    }
                    EditState::Done => {
                        // what is known of it is out of date now
                        let (kind, name) = match (after.kind, &after.badge) {
                            (EditKind::Profile, _) => ("organisation", "-"),
                            (_, badge) => ("badge", badge.as_deref().unwrap_or_default()),
                        };
                        tx.age_factory_view(organisation, kind, name).await?;
                        tx.enqueue(&NewJob::catalog(organisation, now), now).await?;
                        tx.clear_problem(organisation, PARKED, &subject, now).await?;
                    }
                    _ => {
                        tx.clear_problem(organisation, PARKED, &subject, now).await?;
                    }
                }
                let version = after.version.saturating_add(1);
                Ok::<_, StoreError>(Some(Edit { version, ..after }))
            })
            .await
    }
}

async fn call(keeper: &dyn Keeper, edit: &Edit, picture: Option<Vec<u8>>) -> Written {
    let badge = edit.badge.as_deref().unwrap_or_default();
    match edit.kind {
        EditKind::Create => match content::<BadgeSheet>(edit) {
            Ok(sheet) => keeper.create(&sheet, picture).await,
            Err(refused) => refused,
        },
        EditKind::Change => match content::<BadgeSheet>(edit) {
            Ok(sheet) => keeper.change(badge, &sheet, picture).await,
            Err(refused) => refused,
        },
        EditKind::Delete => keeper.delete(badge).await,
        EditKind::Profile => match content::<Profile>(edit) {
            Ok(profile) => keeper.change_organisation(&profile, picture).await,
            Err(refused) => refused,
        },
    }
}

/// Whether the Factory shows what the edit asked for: `Some` with the id of a badge that it made. A picture that comes
/// back otherwise than it was sent counts as not found: sending it once more does no harm.
async fn found(
    keeper: &dyn Keeper,
    edit: &Edit,
    picture: Option<&Vec<u8>>,
) -> Result<Option<Option<String>>, ReadError> {
    let badge = edit.badge.as_deref().unwrap_or_default();
    let shows = |seen: Option<&Vec<u8>>| picture.is_none() || seen == picture;
    Ok(match edit.kind {
        EditKind::Create => keeper.badge_marked(&edit.id.to_string()).await?.map(Some),
        EditKind::Change => {
            let seen = keeper.badge(badge).await?;
            let says = |sheet: BadgeSheet| {
                seen.is_some_and(|seen| sheet.is_said_by(&seen.thing.sheet) && shows(seen.picture.as_ref()))
            };
            content(edit).is_ok_and(says).then_some(None)
        }
        EditKind::Delete => keeper.badge(badge).await?.is_none().then_some(None),
        EditKind::Profile => {
            let seen = keeper.organisation().await?;
            content::<Profile>(edit)
                .is_ok_and(|profile| seen.thing.profile == profile && shows(seen.picture.as_ref()))
                .then_some(None)
        }
    })
}

fn content<T: DeserializeOwned>(edit: &Edit) -> Result<T, Written> {
    serde_json::from_value(edit.content.clone()).map_err(|_| Written::Refused {
        reason: "what was stored cannot be read".to_owned(),
    })
}
