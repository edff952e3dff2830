//! Showing single things of the Factory: what is stored, read anew where it is old. A page waits for that for a moment
//! only; the reading goes on without it, and what it brings is stored (P7).

use std::time::Duration;

use actix_web::web::Data;
use serde::de::DeserializeOwned;

use crate::catalog::looking::Wanted;
use crate::model::OrganisationId;
use crate::store::{FactoryView, StoreError};
use crate::web::deps::Deps;
use crate::web::error::WebError;
use crate::web::pages::admin::badges::Age;

/// How long a page waits.
const PATIENCE: Duration = Duration::from_millis(1_500);
/// What is younger is not read again.
const FRESH: Duration = Duration::from_mins(1);
/// A Factory that did not answer is not waited for again for so long, where there is something to show.
const PAUSE: Duration = Duration::from_secs(30);

/// What is known of a thing.
#[derive(Debug)]
pub(in crate::web) struct Glance<T> {
    /// What the Factory showed; absent: never read, or it has no such thing.
    pub(in crate::web) thing: Option<T>,
    /// The Factory has no such thing.
    pub(in crate::web) is_gone: bool,
    /// How old this is.
    pub(in crate::web) age: Age,
}

/// Looks at a thing of an organisation.
pub(in crate::web) async fn glance<T: DeserializeOwned>(
    deps: &Data<Deps>,
    organisation: OrganisationId,
    wanted: Wanted,
) -> Result<Glance<T>, WebError> {
    let known = stored(deps, organisation, &wanted).await?;
    let now = deps.clock.now();
    let is_fresh = known
        .read_at
        .is_some_and(|at| now.since(at) < FRESH && known.failing_since.is_none());
    let was_away = known.read_at.is_some() && known.failing_since.is_some_and(|at| now.since(at) < PAUSE);
    let view = if is_fresh || was_away {
        known
    } else {
        let (deps_for_work, what) = (deps.clone(), wanted.clone());
        let work = actix_web::rt::spawn(async move { deps_for_work.backstage.look(organisation, what).await });
        if let Ok(done) = tokio::time::timeout(PATIENCE, work).await {
            done.map_err(WebError::internal)??;
        }
        stored(deps, organisation, &wanted).await?
    };
    Ok(of_view(view))
}

/// What is stored of a thing, however old it is.
pub(in crate::web) async fn known<T: DeserializeOwned>(
    deps: &Deps,
    organisation: OrganisationId,
    wanted: &Wanted,
) -> Result<Glance<T>, WebError> {
    Ok(of_view(stored(deps, organisation, wanted).await?))
}

async fn stored(deps: &Deps, organisation: OrganisationId, wanted: &Wanted) -> Result<FactoryView, StoreError> {
    let (kind, name) = (wanted.kind(), wanted.name());
    let found = deps
        .store
        .read_one(async |tx| tx.factory_view(organisation, kind, &name).await)
        .await?;
    Ok(found.unwrap_or_default())
}

fn of_view<T: DeserializeOwned>(view: FactoryView) -> Glance<T> {
    let is_gone = view.read_at.is_some_and(|at| at.millis() > 0) && view.content.is_none();
    Glance {
        thing: view.content.and_then(|content| serde_json::from_value(content).ok()),
        is_gone,
        age: Age {
            read: view.read_at.filter(|at| at.millis() > 0),
            failing: view.failing_since.map(|since| (since, view.error.unwrap_or_default())),
        },
    }
}
