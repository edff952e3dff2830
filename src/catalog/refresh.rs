//! Reads an organisation's badges from the Factory into the store, one at a time.

use std::sync::Arc;

use super::ports::{Badges, ReadBadge, ReadError, ReadForm, Reader, Readers};
use super::{form, pictures};
use crate::clock::Clock;
use crate::model::OrganisationId;
use crate::model::catalog::CatalogBadge;
use crate::model::form::CatalogForm;
use crate::store::{Durability, Store, StoreError};

/// How many badges one transaction stores.
const STEP: usize = 50;

/// What a read brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refreshed {
    /// How many badges the organisation has.
    pub badges: usize,
}

/// Why a read did not come to its end. What was read before stays, with its age.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// The Factory was not read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Reads all badges of `organisation`. A badge that a complete read does not name is gone; a read that breaks off takes
/// nothing away. Pictures are kept once by their digest, as squares of at most `side` pixels.
pub async fn refresh(
    store: &Store,
    readers: &dyn Readers,
    clock: &Arc<dyn Clock>,
    organisation: OrganisationId,
    side: u32,
) -> Result<Refreshed, RefreshError> {
    let outcome = read_all(store, readers, clock, organisation, side).await;
    if let Err(RefreshError::Read(error)) = &outcome {
        let (why, now) = (error.to_string(), clock.now());
        store
            .write(Durability::Launch, async move |tx| {
                tx.fail_catalog(organisation, &why, now).await
            })
            .await?;
    }
    outcome
}

async fn read_all(
    store: &Store,
    readers: &dyn Readers,
    clock: &Arc<dyn Clock>,
    organisation: OrganisationId,
    side: u32,
) -> Result<Refreshed, RefreshError> {
    let state = store.read_one(async |tx| tx.catalog_state(organisation).await).await?;
    let generation = state.generation.saturating_add(1);
    let reader = readers.of(organisation).await?;
    let mut badges = reader.badges().await?;
    let mut total = 0;
    loop {
        let step = next_step(store, &mut *badges, organisation, side).await?;
        if step.is_empty() {
            break;
        }
        total += step.len();
        store
            .write(Durability::Launch, async move |tx| {
                for badge in &step {
                    tx.put_catalog_badge(organisation, badge, generation).await?;
                }
                Ok::<_, StoreError>(())
            })
            .await?;
    }
    let (is_whole, now) = (badges.is_whole(), clock.now());
    store
        .write(Durability::Launch, async move |tx| {
            tx.finish_catalog(organisation, generation, is_whole, now).await
        })
        .await?;
    read_forms(store, &*reader, organisation, generation).await?;
    Ok(Refreshed { badges: total })
}

/// Reads the application forms. An organisation whose plan has none is refused them: then what is known stays.
async fn read_forms(
    store: &Store,
    reader: &dyn Reader,
    organisation: OrganisationId,
    generation: i64,
) -> Result<(), RefreshError> {
    let read = match reader.forms().await {
        Ok(read) => read,
        Err(ReadError::Refused { reason }) => {
            tracing::info!(organisation.id = %organisation, reason, "the application forms are not read");
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    };
    for step in read.chunks(STEP) {
        let forms: Vec<CatalogForm> = step.iter().map(with_questions).collect();
        store
            .write(Durability::Launch, async move |tx| {
                for form in &forms {
                    tx.put_catalog_form(organisation, form, generation).await?;
                }
                Ok::<_, StoreError>(())
            })
            .await?;
    }
    store
        .write_one(Durability::Launch, async move |tx| {
            tx.finish_catalog_forms(organisation, generation).await
        })
        .await?;
    Ok(())
}

fn with_questions(read: &ReadForm) -> CatalogForm {
    let html = read.html.as_deref().unwrap_or_default();
    CatalogForm {
        questions: form::questions(html),
        ..read.form.clone()
    }
}

/// The next badges, their pictures already stored.
async fn next_step(
    store: &Store,
    badges: &mut dyn Badges,
    organisation: OrganisationId,
    side: u32,
) -> Result<Vec<CatalogBadge>, RefreshError> {
    let mut step = Vec::with_capacity(STEP);
    while step.len() < STEP {
        let Some(ReadBadge { mut badge, picture }) = badges.next().await? else {
            break;
        };
        if let Some(original) = picture {
            badge.picture = keep_picture(store, organisation, original, side).await?;
        }
        step.push(badge);
    }
    Ok(step)
}

/// Keeps a picture under its digest, if it is one; work that takes long is done beside the event loop.
pub(super) async fn keep_picture(
    store: &Store,
    organisation: OrganisationId,
    original: Vec<u8>,
    side: u32,
) -> Result<Option<String>, StoreError> {
    let hash = pictures::name_of(&original);
    if store
        .read_one(async |tx| tx.has_picture(organisation, &hash).await)
        .await?
    {
        return Ok(Some(hash));
    }
    let fitted = tokio::task::spawn_blocking(move || pictures::fit(&original, side))
        .await
        .unwrap_or(None);
    let Some(png) = fitted else { return Ok(None) };
    let name = hash.clone();
    store
        .write_one(Durability::Launch, async move |tx| {
            tx.put_picture(organisation, &name, &png).await
        })
        .await?;
    Ok(Some(hash))
}
