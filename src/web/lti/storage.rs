//! Launches where cookies fail: the platform keeps the binding secret for us and gives it back to the same browser
//! (LTI Platform Storage 0.1). A launch without its cookie stays pending until the secret is shown; then a window of our
//! own begins, where an ordinary cookie works. Nothing is spent and nothing personal is shown before (P1).

use std::time::Duration;

use actix_web::http::header;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use askama::Template;
use openidconnect::Nonce;

use super::launch::{Ready, open_login, seat_ready};
use super::login::Begun;
use crate::crypto::{digest, random};
use crate::lti::LaunchError;
use crate::lti::token::{HeldClaims, SignedClaims};
use crate::store::Durability;
use crate::store::installation::{LoginRecord, PendingLaunch};
use crate::web::deps::Deps;
use crate::web::directory::Known;
use crate::web::error::{Refusal, WebError};
use crate::web::guard::{AsksOwnOrigin, FrameAncestors, Nonce as ScriptNonce};
use crate::web::pages::storage::{Probe, StoragePage, WindowPage};
use crate::web::pages::{Frame, Theme};
use crate::web::text::Text;
use crate::web::visit::browser_locale;
use crate::web::way_back::WayBack;

/// How long a launch waits for the proof of its browser, and a proven one for its window.
const PENDING_LIFE: Duration = Duration::from_mins(5);

/// The page that leaves the secret with the platform and goes on to its authorization endpoint.
pub(super) fn leave(
    deps: &Deps,
    request: &HttpRequest,
    known: &Known,
    target: &str,
    begun: &Begun,
) -> Result<String, WebError> {
    let page = StoragePage {
        frame: plain_frame(deps, request),
        target: target.to_owned(),
        origin: known.authorization_origin().unwrap_or_default(),
        key: key(&begun.state),
        value: begun.secret.clone(),
        next: begun.address.clone(),
    };
    page.render().map_err(WebError::internal)
}

/// Keeps a proven message whose browser showed no cookie. The refusal asks the platform's storage first, where the
/// login named one; without it the page leads back.
pub(super) async fn hold_back(
    deps: &Deps,
    request: &HttpRequest,
    known: &Known,
    login: &LoginRecord,
    state: &str,
    signed: &SignedClaims,
) -> Result<Refusal, WebError> {
    let return_url = signed.presentation().return_url;
    let (Some(target), Some(origin)) = (&login.storage_target, known.authorization_origin()) else {
        return Ok(Refusal::CookieMissing {
            return_url,
            probe: None,
        });
    };
    let id = random::token();
    let launch = PendingLaunch {
        state_hash: login.state_hash,
        id_hash: digest::sha256(id.as_bytes()),
        proven: false,
        claims: signed.hold().into_text(),
        expires_at: deps.clock.now().plus(PENDING_LIFE),
    };
    deps.store
        .write_one(Durability::Login, async move |tx| tx.add_pending(&launch).await)
        .await?;
    request
        .extensions_mut()
        .insert(FrameAncestors(known.frame_ancestors.clone()));
    request.extensions_mut().insert(AsksOwnOrigin);
    let probe = Probe {
        target: target.clone(),
        origin,
        key: key(state),
        pending: id,
    };
    Ok(Refusal::CookieMissing {
        return_url,
        probe: Some(Box::new(probe)),
    })
}

/// `POST /lti/window`: in the frame with what the storage gave back, then in a window of our own with a ticket.
#[tracing::instrument(name = "web.lti.window", skip_all)]
pub(crate) async fn window(deps: Data<Deps>, request: HttpRequest, body: Bytes) -> Result<HttpResponse, WebError> {
    own_page_only(&deps, &request)?;
    let field = |wanted: &str| {
        let mut pairs = url::form_urlencoded::parse(&body);
        pairs
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value.into_owned())
            .filter(|value| !value.is_empty())
    };
    match (field("ticket"), field("pending"), field("value")) {
        (Some(ticket), None, None) => Box::pin(enter(&deps, &request, &ticket)).await,
        (None, Some(pending), Some(value)) => prove(&deps, &request, &pending, &value).await,
        _ => Err(Refusal::Unreadable { too_large: false }.into()),
    }
}

/// Compares what came back. Wrong once, and the launch is over.
async fn prove(deps: &Deps, request: &HttpRequest, id: &str, value: &str) -> Result<HttpResponse, WebError> {
    let (id_hash, now) = (digest::sha256(id.as_bytes()), deps.clock.now());
    let (_, login) = pending(deps, id_hash, false).await?;
    let entries = deps.directory.entries();
    let known = entries.registration(login.registration);
    if let Some(known) = known {
        WayBack::note_platform(request, known);
    }
    if !digest::same(&digest::sha256(value.as_bytes()), &login.binding_hash) {
        deps.store
            .write_one(Durability::Login, async move |tx| tx.drop_pending(id_hash).await)
            .await?;
        return Err(LaunchError::BindingMismatch.into());
    }
    let ticket = random::token();
    let next = digest::sha256(ticket.as_bytes());
    let rows = deps
        .store
        .write_one(Durability::Login, async move |tx| {
            tx.prove_pending(id_hash, next, now).await
        })
        .await?;
    if rows != 1 {
        return Err(LaunchError::Replayed.into());
    }
    if let Some(known) = known {
        let ancestors = FrameAncestors(known.frame_ancestors.clone());
        request.extensions_mut().insert(ancestors);
    }
    request.extensions_mut().insert(AsksOwnOrigin);
    let page = WindowPage {
        frame: plain_frame(deps, request),
        ticket,
    };
    let page = page.render().map_err(WebError::internal)?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .body(page))
}

/// Spends login and ticket in the transaction that makes the session.
async fn enter(deps: &Deps, request: &HttpRequest, ticket: &str) -> Result<HttpResponse, WebError> {
    let id_hash = digest::sha256(ticket.as_bytes());
    let (launch, login) = pending(deps, id_hash, true).await?;
    let entries = deps.directory.entries();
    let known = entries
        .registration(login.registration)
        .ok_or(LaunchError::StateUnknown)?;
    WayBack::note_platform(request, known);
    if !known.registration.enabled {
        return Err(LaunchError::RegistrationDisabled.into());
    }
    let signed = HeldClaims::kept(launch.claims).release(&Nonce::new(login.nonce.clone()))?;
    let ready = Ready {
        login,
        signed,
        ticket: Some(id_hash),
    };
    seat_ready(deps, request, known, ready).await
}

async fn pending(deps: &Deps, id_hash: [u8; 32], proven: bool) -> Result<(PendingLaunch, LoginRecord), WebError> {
    let now = deps.clock.now();
    let found = deps
        .store
        .read_one(async move |tx| tx.pending(id_hash, now).await)
        .await?;
    let launch = found
        .filter(|launch| launch.proven == proven)
        .ok_or(LaunchError::StateUnknown)?;
    let login = open_login(deps, launch.state_hash).await?;
    Ok((launch, login))
}

/// A form of another site could seat this browser in somebody else's session: only our own pages are heard. Browsers
/// without Fetch Metadata name their origin.
pub(in crate::web) fn own_page_only(deps: &Deps, request: &HttpRequest) -> Result<(), WebError> {
    let given = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let is_own = match given("Sec-Fetch-Site") {
        Some(site) => site == "same-origin",
        None => given("Origin") == Some(deps.public_url.origin().as_str()),
    };
    if is_own {
        Ok(())
    } else {
        Err(Refusal::ForeignForm.into())
    }
}

/// The name under which the platform keeps the secret.
fn key(state: &str) -> String {
    format!("lti_state_{state}")
}

/// The frame of a page before there is a visit.
pub(in crate::web) fn plain_frame(deps: &Deps, request: &HttpRequest) -> Frame {
    Frame {
        text: Text::new(browser_locale(request), deps.clock.now()),
        theme: Theme::Light,
        nonce: ScriptNonce::of(request),
        ..Frame::default()
    }
}
