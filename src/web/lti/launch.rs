//! The launch: the platform's signed answer, checked against the login that it belongs to, spent exactly once (P1).

use actix_web::http::header;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use openidconnect::Nonce;

use super::facts;
use crate::crypto::{digest, random};

use crate::jobs::NewJob;
use crate::lti::LaunchError;
use crate::lti::launch::{LaunchClaims, Received, Spent};
use crate::lti::login::AuthenticationResponse;
use crate::lti::registration::Adoption;
use crate::lti::token::UnverifiedToken;
use crate::model::{DeploymentRowId, OrganisationId, Seated};
use crate::store::installation::{DeploymentSeen, LoginRecord};
use crate::store::{Durability, LaunchKeys, SessionOffer, StoreError, Tx};
use crate::web::cookies;
use crate::web::deps::Deps;
use crate::web::directory::Known;
use crate::web::error::{Refusal, WebError};

/// The one redirect URI.
#[tracing::instrument(name = "web.lti.launch", skip_all)]
pub(crate) async fn launch(deps: Data<Deps>, request: HttpRequest, body: Bytes) -> Result<HttpResponse, WebError> {
    let body = std::str::from_utf8(&body).map_err(|_| LaunchError::NotAToken)?;
    let answer = AuthenticationResponse::parse(body)?;
    let binding = cookies::value(&request, &cookies::binding_name(&answer.state));
    let login = open_login(&deps, &answer.state).await?;
    if let Some(secret) = &binding
        && !digest::same(&digest::sha256(secret.as_bytes()), &login.binding_hash)
    {
        return Err(LaunchError::BindingMismatch.into());
    }
    let entries = deps.directory.entries();
    let known = entries
        .registration(login.registration)
        .ok_or(LaunchError::StateUnknown)?;
    let claims = verified(&deps, known, &login, &answer.id_token).await?;
    if binding.is_none() {
        // nothing is spent and no session begins: the page leads back, where a new login can start
        return Err(Refusal::CookieMissing {
            return_url: claims.presentation.return_url.clone(),
        }
        .into());
    }
    let organisation = match entries.owner(login.registration, claims.deployment.as_str()) {
        Some(owner) => owner,
        None => adopt(&deps, known, &claims).await?,
    };
    let (seated, cookie) = seat(&deps, &request, login, claims, organisation).await?;
    Ok(answer_with(&deps, known, organisation, &answer.state, &seated, &cookie))
}

async fn open_login(deps: &Deps, state: &str) -> Result<LoginRecord, WebError> {
    let (hash, now) = (digest::sha256(state.as_bytes()), deps.clock.now());
    let login = deps.store.read_one(async |tx| tx.login(hash, now).await).await?;
    Ok(login.ok_or(LaunchError::StateUnknown)?)
}

/// The claims, proven: signature, issuer, audience, times, nonce, and that the message is one we serve.
async fn verified(deps: &Deps, known: &Known, login: &LoginRecord, id_token: &str) -> Result<LaunchClaims, WebError> {
    if !known.registration.enabled {
        return Err(LaunchError::RegistrationDisabled.into());
    }
    let token = UnverifiedToken::parse(id_token)?;
    let now = deps.clock.now().seconds();
    let fetch = deps.platforms.fetch(&known.registration);
    let keys = deps
        .key_sets
        .obtain(&fetch, &known.registration.jwks_uri, token.kid(), now)
        .await
        .map_err(|error| {
            tracing::warn!(registration.id = %known.registration.id, %error, "no key set for a launch");
            LaunchError::KeySetUnavailable
        })?;
    let signed = token.verify(&known.terms, &keys, &Nonce::new(login.nonce.clone()), now)?;
    match signed.read(&known.terms, &deps.origin, login.target_link_uri.as_deref())? {
        Received::ResourceLink(claims) => {
            if claims.target_link_differs {
                tracing::warn!(registration.id = %known.registration.id, "the target of a launch is not that of its login");
            }
            Ok(*claims)
        }
        Received::NotAvailable(message) => Err(Refusal::NotAvailable(Box::new(message)).into()),
    }
}

/// Takes an unknown deployment over, where it must be ours; else keeps it for an administrator and refuses the launch.
async fn adopt(deps: &Deps, known: &Known, claims: &LaunchClaims) -> Result<OrganisationId, WebError> {
    let now = deps.clock.now();
    let adopted = match deps
        .directory
        .entries()
        .adoption(known, claims.platform.guid.as_deref())
    {
        Adoption::Adopt => known.registration.organisation,
        Adoption::Pending => None,
    };
    let seen = DeploymentSeen {
        id: DeploymentRowId::new(random::id_at(now)),
        registration: known.registration.id,
        deployment_id: claims.deployment.as_str().to_owned(),
        organisation: adopted,
        platform_guid: claims.platform.guid.clone(),
        platform_name: claims.platform.name.clone(),
    };
    deps.store
        .write(Durability::Full, async move |tx| {
            tx.see_deployment(&seen, now).await?;
            tx.raise_settings_version().await
        })
        .await?;
    deps.directory.load(&deps.store).await?;
    match adopted {
        Some(organisation) => Ok(organisation),
        None => Err(Refusal::DeploymentPending {
            return_url: claims.presentation.return_url.clone(),
        }
        .into()),
    }
}

/// A refusal or a failure inside the launch's transaction: both undo it.
enum Undone {
    Refused(LaunchError),
    Failed(StoreError),
}

impl From<StoreError> for Undone {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

async fn seat(
    deps: &Deps,
    request: &HttpRequest,
    login: LoginRecord,
    claims: LaunchClaims,
    organisation: OrganisationId,
) -> Result<(Seated, String), WebError> {
    let now = deps.clock.now();
    let shown = cookies::value(request, &cookies::session_name(login.registration, organisation));
    let fresh = random::token();
    let offer = SessionOffer {
        shown: shown.map(|cookie| digest::sha256(cookie.as_bytes())),
        fresh: digest::sha256(fresh.as_bytes()),
        csrf: random::token(),
        idle_since: now.minus(deps.config.session.idle),
        begun_since: now.minus(deps.config.session.absolute),
    };
    let registration = login.registration;
    let seated = deps.store.write(Durability::Launch, async move |tx| {
        spend(tx, login, claims, organisation, &offer, now).await
    });
    match seated.await {
        Ok(seated) => {
            deps.open_logins.spent(registration);
            if seated.new_address {
                deps.worker.wake();
            }
            Ok((seated, fresh))
        }
        Err(Undone::Refused(error)) => Err(error.into()),
        Err(Undone::Failed(error)) => Err(error.into()),
    }
}

/// One transaction: the login is spent, or nothing happens.
async fn spend(
    tx: &mut Tx<'_>,
    login: LoginRecord,
    claims: LaunchClaims,
    organisation: OrganisationId,
    offer: &SessionOffer,
    now: crate::clock::Timestamp,
) -> Result<Seated, Undone> {
    let keys = LaunchKeys {
        registration: login.registration,
        organisation,
        context_id: claims.context.as_ref().map(|context| context.id.as_str().to_owned()),
        sub: claims.subject.as_ref().map(|subject| subject.as_str().to_owned()),
        resource_link_id: Some(claims.resource_link.id.as_str().to_owned()),
        session: offer.shown,
    };
    let found = tx.spend_login(login.state_hash, &keys, now).await?;
    let spent = Spent::by_rows(Nonce::new(login.nonce), found.spent).map_err(Undone::Refused)?;
    let launch = claims.claim(&spent).map_err(Undone::Refused)?;
    let facts = facts::of(&launch, login.registration, organisation);
    let seated = tx.seat_launch(found, &facts, offer, now).await?;
    if let (true, Some(member)) = (seated.new_address, seated.member) {
        tx.enqueue(&NewJob::release(organisation, member, now), now).await?;
    }
    Ok(seated)
}

fn answer_with(
    deps: &Deps,
    known: &Known,
    organisation: OrganisationId,
    state: &str,
    seated: &Seated,
    fresh: &str,
) -> HttpResponse {
    let mut answer = HttpResponse::SeeOther();
    answer.insert_header((header::LOCATION, format!("/c/{}", seated.seat)));
    answer.insert_header((header::CACHE_CONTROL, "no-store"));
    answer.append_header((header::SET_COOKIE, cookies::set(&cookies::binding_name(state), "", 0)));
    if seated.new_session {
        let life = deps.config.session.absolute.as_secs();
        let name = cookies::session_name(known.registration.id, organisation);
        answer.append_header((header::SET_COOKIE, cookies::set(&name, fresh, life)));
    }
    answer.finish()
}
