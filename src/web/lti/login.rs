//! The third-party initiated login (LTI 1.3 section 5.1.1; Security Framework 1.0 section 5.1.1.1), by GET and POST.

use actix_web::http::header;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, HttpResponseBuilder};
use openidconnect::{AuthUrl, CsrfToken, Nonce, RedirectUrl};

use super::storage;
use crate::crypto::{digest, random};
use crate::lti::login::{AuthenticationRequest, LoginRequest};
use crate::model::encounter::{Arrived, Step};
use crate::store::Durability;
use crate::store::installation::LoginRecord;
use crate::web::cookies;
use crate::web::deps::Deps;
use crate::web::directory::Known;
use crate::web::error::{Refusal, WebError};
use crate::web::guard::FrameAncestors;
use crate::web::way_back::WayBack;

/// A login is answered with 303 (GET and POST alike): 307 and 308 would post the form on to the platform. Where the
/// platform keeps values for the tool, a page leaves one there before it goes on.
#[tracing::instrument(name = "web.lti.login", skip_all)]
pub(crate) async fn login(deps: Data<Deps>, request: HttpRequest, body: Bytes) -> Result<HttpResponse, WebError> {
    let body = std::str::from_utf8(&body).map_err(|_| Refusal::LoginUnreadable { parameter: "body" })?;
    let asked = LoginRequest::parse(request.query_string(), body).map_err(|error| Refusal::LoginUnreadable {
        parameter: error.parameter(),
    })?;
    let entries = deps.directory.entries();
    let handle = request.match_info().get("handle");
    let known = entries.of_login(&asked, handle);
    // whose administrator looks for this login: its registration's, or that of the handle
    let noted = known.as_ref().ok().copied().or_else(|| entries.of_handle(handle?));
    if let Some(noted) = noted {
        let reason = match known {
            Ok(known) => (!known.registration.enabled).then_some("registration_disabled"),
            Err(_) => Some("unknown_platform"),
        };
        let key = (noted.registration.id, Step::Login);
        deps.encounters.note(key, deps.clock.now(), reason, || arrived(&asked));
    }
    let known = known.map_err(Refusal::UnknownPlatform)?;
    WayBack::note_platform(&request, known);
    if !known.registration.enabled {
        return Err(Refusal::RegistrationDisabled.into());
    }
    if let Some(target) = &asked.target_link_uri {
        deps.origin.target_link(target).map_err(Refusal::Launch)?;
    }
    deps.open_logins.admit(known.registration.id)?;
    let begun = begin(&deps, known, asked)?;
    let record = begun.record.clone();
    deps.store
        .write_one(Durability::Login, async move |tx| tx.add_login(&record).await)
        .await?;
    deps.open_logins.remember(begun.record.clone());
    if let Some(target) = &begun.record.storage_target {
        request
            .extensions_mut()
            .insert(FrameAncestors(known.frame_ancestors.clone()));
        let page = storage::leave(&deps, &request, known, target, &begun)?;
        return Ok(with_cookie(&deps, HttpResponse::Ok(), &begun)
            .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
            .body(page));
    }
    Ok(with_cookie(&deps, HttpResponse::SeeOther(), &begun)
        .insert_header((header::LOCATION, begun.address))
        .finish())
}

fn arrived(asked: &LoginRequest) -> Arrived {
    Arrived {
        issuer: Some(asked.issuer.to_string()),
        client_id: asked.client_id.as_ref().map(ToString::to_string),
        deployment: asked.deployment_id.as_ref().map(ToString::to_string),
        target: asked.target_link_uri.clone(),
        brought: Vec::new(),
    }
}

fn with_cookie(deps: &Deps, mut answer: HttpResponseBuilder, begun: &Begun) -> HttpResponseBuilder {
    let life = deps.config.launch.login_life.as_secs();
    let cookie = cookies::set(&cookies::binding_name(&begun.state), &begun.secret, life);
    answer.insert_header((header::SET_COOKIE, cookie));
    answer.insert_header((header::CACHE_CONTROL, "no-store"));
    answer
}

/// A login that begins: the record to store, where to go, and what binds it to the browser.
pub(super) struct Begun {
    record: LoginRecord,
    /// The platform's authorization endpoint with our request.
    pub(super) address: String,
    pub(super) state: String,
    /// Differs from the state, which travels in the form.
    pub(super) secret: String,
}

fn begin(deps: &Deps, known: &Known, asked: LoginRequest) -> Result<Begun, WebError> {
    let (state, nonce, secret) = (random::token_at(deps.clock.now()), random::token(), random::token());
    let registration = &known.registration;
    let unusable = |_| WebError::internal("a registration's address cannot be used");
    let address = AuthenticationRequest {
        authorization_endpoint: AuthUrl::new(registration.authorization_endpoint.clone()).map_err(unusable)?,
        client_id: (&known.terms.client_id).into(),
        redirect_uri: RedirectUrl::new(deps.public_url.join("/lti/launch")).map_err(unusable)?,
        state: CsrfToken::new(state.clone()),
        nonce: Nonce::new(nonce.clone()),
        login_hint: asked.login_hint,
        lti_message_hint: asked.lti_message_hint,
    }
    .address();
    let record = LoginRecord {
        state_hash: digest::index_key(&state),
        registration: registration.id,
        nonce,
        binding_hash: digest::sha256(secret.as_bytes()),
        target_link_uri: asked.target_link_uri,
        storage_target: asked.storage_target.filter(|_| known.authorization_origin().is_some()),
        expires_at: deps.clock.now().plus(deps.config.launch.login_life),
    };
    Ok(Begun {
        record,
        address,
        state,
        secret,
    })
}
