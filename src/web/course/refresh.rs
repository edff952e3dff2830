//! Asks the workers to read anew what pages found too old. A page never waits for it.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::jobs::{NewJob, work};
use crate::model::catalog::CatalogState;
use crate::model::holding::HoldingReading;
use crate::model::{Course, MemberId, OrganisationId};
use crate::store::{Durability, StoreError};
use crate::web::deps::Deps;
use crate::web::error::WebError;

/// Applications that were read longer ago are read anew.
const APPLICATIONS_LIFE: Duration = Duration::from_mins(2);

/// A person's badges that were read, or tried to be read, longer ago are read anew.
const HOLDINGS_LIFE: Duration = Duration::from_mins(10);

/// Asks for what the Factory tells about a person's own badges if that is old.
pub(super) async fn holdings(deps: &Deps, organisation: OrganisationId, member: MemberId, reading: HoldingReading) {
    let now = deps.clock.now();
    if !is_fresh(reading.tried_at, HOLDINGS_LIFE, now) {
        once(deps, work::holdings(organisation, member, now), now).await;
    }
}

/// Asks for the badges if they were never read or are old.
pub(in crate::web) async fn catalog(deps: &Deps, organisation: OrganisationId, state: &CatalogState) {
    let now = deps.clock.now();
    if !is_fresh(state.read_at, deps.config.catalog.refresh, now) {
        once(deps, work::catalog(organisation, now), now).await;
    }
}

/// Asks for the applications of the organisation if they were never read or are old.
pub(super) async fn applications(deps: &Deps, organisation: OrganisationId, read_at: Option<Timestamp>) {
    let now = deps.clock.now();
    if !is_fresh(read_at, APPLICATIONS_LIFE, now) {
        once(deps, work::applications(organisation, now), now).await;
    }
}

/// The same for a home, where they were not read yet.
pub(super) async fn applications_of_home(deps: &Deps, organisation: OrganisationId) -> Result<(), WebError> {
    let read = deps.store.read(async |tx| {
        let is_used = !tx.forms_in_use(organisation).await?.is_empty();
        Ok::<_, StoreError>((is_used, tx.application_reading(organisation).await?))
    });
    let (is_used, reading) = read.await?;
    if is_used {
        applications(deps, organisation, reading.read_at).await;
    }
    Ok(())
}

/// Asks for the people of a course if they were never read or are old.
pub(super) async fn roster(deps: &Deps, course: &Course) {
    let now = deps.clock.now();
    let is_offered = course.memberships_url.is_some();
    if is_offered && !is_fresh(course.roster.read_at, deps.config.roster.max_age, now) {
        once(deps, work::roster(course.organisation, course.id, now), now).await;
    }
}

/// Asks for the people of a course because a person wants them now.
pub(super) async fn roster_now(deps: &Deps, course: &Course) -> Result<(), WebError> {
    let now = deps.clock.now();
    let job = work::roster(course.organisation, course.id, now);
    deps.store
        .write(Durability::Launch, async move |tx| tx.enqueue(&job, now).await)
        .await?;
    deps.worker.wake();
    Ok(())
}

async fn once(deps: &Deps, job: NewJob, now: Timestamp) {
    // best effort: a full disk must not take reading away
    let queued = deps
        .store
        .write(Durability::Launch, async move |tx| tx.enqueue_once(&job, now).await);
    match queued.await {
        Ok(true) => deps.worker.wake(),
        Ok(false) => {}
        Err(error) => tracing::warn!(%error, "reading anew was not queued"),
    }
}

fn is_fresh(read_at: Option<Timestamp>, life: std::time::Duration, now: Timestamp) -> bool {
    read_at.is_some_and(|at| now.since(at) < life)
}
