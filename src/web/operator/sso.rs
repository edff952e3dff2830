//! Operators' single sign-on (promise P1): begun on our own page, bound to the browser by a cookie, finished once.

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

use super::provider::{Provider, Visitor};
use crate::clock::Timestamp;
use crate::crypto::seal::Place;
use crate::crypto::{digest, random};
use crate::model::OperatorSessionId;
use crate::store::audit::AuditEntry;
use crate::store::installation::{NewOperatorSession, SsoLogin};
use crate::store::{Durability, StoreError};
use crate::web::cookies;
use crate::web::course::answer;
use crate::web::course::fields::Fields;
use crate::web::deps::Deps;
use crate::web::error::{Refusal, WebError};
use crate::web::lti::plain_frame;
use crate::web::pages::Theme;
use crate::web::pages::sso::{SignInPage, SsoFault};

/// Sign-ins that may wait for the provider at once: whoever is not signed in begins them.
const MOST_OPEN: i64 = 5_000;

/// Where the provider sends browsers back to.
pub const CALLBACK: &str = "/operator/sso/callback";

/// `GET /operator/sign-in`: the ways in.
#[tracing::instrument(name = "web.operator.sign_in", skip_all)]
pub(super) async fn sign_in(deps: Data<Deps>, request: HttpRequest) -> Result<HttpResponse, WebError> {
    let mut frame = plain_frame(&deps, &request);
    frame.theme = Theme::Auto;
    answer::page(&SignInPage {
        frame,
        provider: deps.sso.as_ref().map(|provider| provider.settings().label.clone()),
    })
}

/// `GET /operator/sso`: off to the provider. Only from a page of ours, or by hand: no other site sends anybody there.
#[tracing::instrument(name = "web.operator.sso", skip_all)]
pub(super) async fn begin(deps: Data<Deps>, request: HttpRequest) -> Result<HttpResponse, WebError> {
    let provider = deps.sso.as_ref().ok_or(Refusal::NotFound)?;
    let site = request.headers().get("Sec-Fetch-Site");
    if site.is_some_and(|site| site != "same-origin" && site != "none") {
        return Err(Refusal::ForeignForm.into());
    }
    let now = deps.clock.now();
    let begun = provider.begin(now).await.map_err(Refusal::SingleSignOn)?;
    let secret = random::token();
    let state_hash = digest::sha256(begun.state.as_bytes());
    let login = SsoLogin {
        state_hash,
        binding_hash: digest::sha256(secret.as_bytes()),
        nonce: begun.nonce,
        sealed_verifier: deps
            .keyring
            .seal(place(&digest::hex(&state_hash)), begun.verifier.as_bytes()),
        expires_at: now.plus(provider.settings().life),
    };
    let is_stored = deps
        .store
        .write_one(Durability::Full, async move |tx| {
            tx.add_sso_login(&login, now, MOST_OPEN).await
        })
        .await?;
    if !is_stored {
        return Err(Refusal::TooManyLogins.into());
    }
    let name = cookies::sso_name(&begun.state);
    let cookie = cookies::set_lax(&name, &secret, provider.settings().life.as_secs());
    Ok(HttpResponse::SeeOther()
        .insert_header((header::LOCATION, begun.address))
        .insert_header((header::SET_COOKIE, cookie))
        .finish())
}

/// `GET /operator/sso/callback`: back from the provider. The sign-in is spent whatever comes of it, by the browser that
/// began it and by no other.
#[tracing::instrument(name = "web.operator.sso.callback", skip_all)]
pub(super) async fn callback(deps: Data<Deps>, request: HttpRequest, query: Fields) -> Result<HttpResponse, WebError> {
    let provider = deps.sso.as_ref().ok_or(Refusal::NotFound)?;
    let now = deps.clock.now();
    let state = query.one("state");
    let binding = cookies::sso_name(state);
    let secret = cookies::value(&request, &binding).ok_or(Refusal::SingleSignOn(SsoFault::State))?;
    let hash = digest::sha256(state.as_bytes());
    let binding_hash = digest::sha256(secret.as_bytes());
    let spent = deps
        .store
        .write_one(Durability::Full, async move |tx| {
            tx.spend_sso_login(hash, binding_hash, now).await
        })
        .await?;
    let (nonce, sealed) = spent.ok_or(Refusal::SingleSignOn(SsoFault::State))?;
    let code = code(provider, &query).map_err(Refusal::SingleSignOn)?;
    let verifier = deps
        .keyring
        .open(place(&digest::hex(&hash)), &sealed)
        .ok()
        .and_then(|plain| String::from_utf8(plain.to_vec()).ok())
        .ok_or_else(|| WebError::internal("the secret of a sign-in does not open"))?;
    let visitor = provider.finish(code, nonce, verifier, now).await;
    let visitor = visitor.map_err(|fault| {
        tracing::info!(
            reason = fault.code(),
            detail = fault.detail(),
            "a single sign-on did not hold"
        );
        Refusal::SingleSignOn(fault)
    })?;
    if let Err(fault) = visitor.may.clone() {
        note_refusal(&deps, &visitor, &fault, now).await?;
        return Err(Refusal::SingleSignOn(fault).into());
    }
    let cookie = enter(&deps, &request, provider, &visitor, now).await?;
    let life = deps.config.operator.absolute.as_secs();
    Ok(HttpResponse::SeeOther()
        .insert_header((header::LOCATION, "/operator"))
        .append_header((header::SET_COOKIE, cookies::set_operator(&cookie, life)))
        .append_header((header::SET_COOKIE, cookies::set_lax(&binding, "", 0)))
        .finish())
}

/// The code in the provider's answer (RFC 6749, section 4.1.2; RFC 9207: who answered, where that is said).
fn code(provider: &Provider, query: &Fields) -> Result<String, SsoFault> {
    if query
        .maybe("iss")
        .is_some_and(|issuer| issuer != provider.settings().issuer)
    {
        return Err(SsoFault::Token("issuer"));
    }
    if query.maybe("error").is_some() {
        return Err(SsoFault::Declined);
    }
    match query.one("code") {
        "" => Err(SsoFault::Token("no code")),
        code => Ok(code.to_owned()),
    }
}

/// Begins a session of its own, whatever the browser had before; the value of its cookie.
async fn enter(
    deps: &Deps,
    request: &HttpRequest,
    provider: &Provider,
    visitor: &Visitor,
    now: Timestamp,
) -> Result<String, WebError> {
    let cookie = random::token();
    let earlier = cookies::value(request, cookies::OPERATOR);
    let new = NewOperatorSession {
        id: OperatorSessionId::new(random::id_at(now)),
        token_hash: digest::sha256(cookie.as_bytes()),
        administrator: None,
        operator: Some(pseudonym(&provider.settings().issuer, &visitor.subject)),
        csrf: random::token(),
    };
    let entry = AuditEntry {
        organisation: None,
        actor: format!("operator {}", new.operator.as_deref().unwrap_or_default()),
        action: "sign-in",
        subject: new.id.to_string(),
        detail: json!({ "by": "single sign-on", "subject": visitor.subject }),
    };
    let begun: Result<(), StoreError> = deps
        .store
        .write(Durability::Full, async move |tx| {
            if let Some(earlier) = earlier {
                tx.end_operator_session(digest::sha256(earlier.as_bytes())).await?;
            }
            tx.begin_operator_session(&new, now).await?;
            tx.add_audit(&entry, now).await
        })
        .await;
    begun?;
    Ok(cookie)
}

async fn note_refusal(deps: &Deps, visitor: &Visitor, fault: &SsoFault, now: Timestamp) -> Result<(), StoreError> {
    let entry = AuditEntry {
        organisation: None,
        actor: "single sign-on".to_owned(),
        action: "sign-in.refused",
        subject: visitor.subject.clone(),
        detail: json!({ "why": fault.code() }),
    };
    deps.store
        .write_one(Durability::Full, async move |tx| tx.add_audit(&entry, now).await)
        .await
}

/// How the audit log tells operators apart, without their names.
fn pseudonym(issuer: &str, subject: &str) -> String {
    let digits = digest::sha256_hex(format!("{issuer}\n{subject}").as_bytes());
    digits.get(..12).unwrap_or_default().to_owned()
}

fn place(state_hash: &str) -> Place<'_> {
    Place::new("sso_login", state_hash, "verifier")
}
