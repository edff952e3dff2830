//! Notices (LTI Platform Notification Service 1.0): asked for where a launch offers them, and taken at `/lti/notices`.
//!
//! A notice names nobody and gives nobody a right. It is proven as a launch is: registration, signature, audience, times,
//! deployment; and it counts once. What it changes is what a copied course is offered.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data};

use crate::jobs::work;
use crate::lti::LaunchError;
use crate::lti::glimpse::Glimpse;
use crate::lti::launch::LaunchClaims;
use crate::lti::notices::{self, News, Notice};
use crate::lti::token::UnverifiedToken;
use crate::model::OrganisationId;
use crate::store::notice::CopiedCourse;
use crate::store::{Durability, StoreError};
use crate::web::deps::Deps;
use crate::web::directory::{Known, NotFound};
use crate::web::error::{Refusal, WebError};

/// A service that was asked so long ago is asked again: platforms forget handlers.
const ASKED_LASTS: Duration = Duration::from_hours(24 * 7);

/// `POST /lti/notices`: 200 once everything good in it is durable; a notice that came before changes nothing. One that does
/// not hold refuses the call, after the others were taken. 429: come again, what was taken counts once.
#[tracing::instrument(name = "web.lti.notices", skip_all)]
pub(crate) async fn notices(deps: Data<Deps>, body: Bytes) -> Result<HttpResponse, WebError> {
    let mut refused = None;
    for token in notices::envelopes(&body)? {
        match take(&deps, &token).await {
            Ok(()) => {}
            // what was taken is not taken again when the call is repeated
            Err(error @ WebError::Refused(Refusal::TooManyNotices)) => return Err(error),
            Err(error @ WebError::Refused(_)) => {
                tracing::info!(reason = error.code(), "a notice was refused");
                refused = refused.or(Some(error));
            }
            Err(error) => return Err(error),
        }
    }
    match refused {
        Some(error) => Err(error),
        None => Ok(HttpResponse::Ok().finish()),
    }
}

async fn take(deps: &Deps, token: &str) -> Result<(), WebError> {
    // it chooses the registration, whose keys then decide
    let seen = Glimpse::at(token);
    let entries = deps.directory.entries();
    let known = match (&seen.issuer, &seen.audience) {
        (Some(issuer), Some(audience)) => entries.of_message(issuer, audience),
        _ => return Err(LaunchError::NotAToken.into()),
    };
    let known = known.ok_or(Refusal::UnknownPlatform(NotFound::Unknown))?;
    if !known.registration.enabled {
        return Err(LaunchError::RegistrationDisabled.into());
    }
    // before keys are fetched and signatures are checked
    if !deps.crowd.admits(known.registration.id) {
        return Err(Refusal::TooManyNotices.into());
    }
    let notice = proven(deps, known, token).await?;
    let registration = known.registration.id;
    let owner = entries.owner(registration, notice.deployment.as_str());
    let organisation = owner.ok_or(Refusal::DeploymentPending { return_url: None })?;
    let now = deps.clock.now();
    deps.store
        .write(Durability::Full, async move |tx| {
            if tx.take_notice(organisation, registration, &notice.key, now).await? == 0 {
                return Ok::<_, StoreError>(());
            }
            let News::Copied {
                context,
                title,
                label,
                origins,
            } = &notice.news
            else {
                return Ok(());
            };
            let origins: Vec<String> = origins.iter().map(|origin| origin.as_str().to_owned()).collect();
            let copied = CopiedCourse {
                deployment: notice.deployment.as_str(),
                context_id: context.as_str(),
                title: title.as_deref().unwrap_or_default(),
                label: label.as_deref().unwrap_or_default(),
                origins: &origins,
            };
            tx.note_copied_course(organisation, registration, &copied, now).await
        })
        .await?;
    Ok(())
}

async fn proven(deps: &Deps, known: &Known, token: &str) -> Result<Notice, WebError> {
    let token = UnverifiedToken::parse(token)?;
    let now = deps.clock.now().seconds();
    let fetch = deps.platforms.fetch(&known.registration);
    let keys = deps
        .key_sets
        .obtain(&fetch, &known.registration.jwks_uri, token.kid(), now)
        .await
        .map_err(|_| LaunchError::KeySetUnavailable)?;
    Ok(token.verify_notice(&known.terms, &keys, now)?)
}

/// A launch offers notices: they are asked for, once. A failure here is no reason to refuse the launch.
pub(super) async fn offered(deps: &Deps, known: &Known, claims: &LaunchClaims, organisation: OrganisationId) {
    let Some(service) = &claims.notices else { return };
    let (registration, deployment) = (known.registration.id, claims.deployment.as_str());
    if !deps
        .notices
        .is_news(registration, deployment, &service.url, &service.kinds)
    {
        return;
    }
    let now = deps.clock.now();
    let handler = deps.public_url.join("/lti/notices");
    let job = work::notices(organisation, registration, deployment, &handler, now);
    let (place, service) = (deployment.to_owned(), service.clone());
    let asked: Result<bool, StoreError> = deps
        .store
        .write(Durability::Launch, async move |tx| {
            let stored = tx.notice_service(organisation, registration, &place).await?;
            let is_same = |stored: &crate::store::notice::NoticeService| {
                let is_recent = stored.asked_at.is_some_and(|at| now.since(at) < ASKED_LASTS);
                is_recent && stored.url == service.url && stored.kinds == service.kinds
            };
            if stored.as_ref().is_some_and(is_same) {
                return Ok(false);
            }
            tx.see_notice_service(organisation, registration, &place, &service.url, &service.kinds)
                .await?;
            tx.enqueue(&job, now).await?;
            Ok(true)
        })
        .await;
    match asked {
        Ok(true) => deps.worker.wake(),
        Ok(false) => {}
        Err(error) => {
            deps.notices.forget(registration, deployment);
            tracing::warn!(%error, "notices were not asked for");
        }
    }
}
