//! One-time links: opened, spent, and the way out.

use actix_web::http::header;
use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use serde_json::json;

use super::session::SignedIn;
use crate::crypto::{digest, random};
use crate::model::OperatorSessionId;
use crate::store::audit::AuditEntry;
use crate::store::installation::{Invited, NewOperatorSession};
use crate::store::{Durability, StoreError};
use crate::web::cookies;
use crate::web::course::answer;
use crate::web::deps::Deps;
use crate::web::error::{Refusal, WebError};
use crate::web::guard::AsksOwnOrigin;
use crate::web::lti::{own_page_only, plain_frame};
use crate::web::pages::Theme;
use crate::web::pages::operator::{GoodbyePage, WelcomePage};

/// `GET /operator/welcome/{code}`: whom the link lets in. Spends nothing: programs that look at links open it, too.
#[tracing::instrument(name = "web.operator.welcome", skip_all)]
pub(super) async fn show(deps: Data<Deps>, request: HttpRequest, code: Path<String>) -> Result<HttpResponse, WebError> {
    let (hash, now) = (digest::sha256(code.as_bytes()), deps.clock.now());
    let invited = deps
        .store
        .read_one(async move |tx| tx.sign_in_link(hash, now).await)
        .await?;
    let invited = invited.ok_or(Refusal::LinkSpent)?;
    request.extensions_mut().insert(AsksOwnOrigin);
    let mut frame = plain_frame(&deps, &request);
    frame.theme = Theme::Auto;
    answer::page(&WelcomePage {
        frame,
        code: code.into_inner(),
        administrator: match invited {
            Invited::Operator => None,
            Invited::Administrator { name, organisation, .. } => Some((name, organisation)),
        },
    })
}

/// `POST /operator/welcome/{code}`: spends the link and begins a session of its own, whatever the browser had before.
/// Only our own page may send it: nobody is signed in by another site (login CSRF).
#[tracing::instrument(name = "web.operator.welcome.enter", skip_all)]
pub(super) async fn enter(
    deps: Data<Deps>,
    request: HttpRequest,
    code: Path<String>,
) -> Result<HttpResponse, WebError> {
    own_page_only(&deps, &request)?;
    let (hash, now) = (digest::sha256(code.as_bytes()), deps.clock.now());
    let cookie = random::token();
    let earlier = cookies::value(&request, cookies::OPERATOR);
    let (fresh, csrf) = (digest::sha256(cookie.as_bytes()), random::token());
    let begun: Result<Option<Invited>, StoreError> = deps
        .store
        .write(Durability::Full, async move |tx| {
            let Some(invited) = tx.sign_in_link(hash, now).await? else {
                return Ok(None);
            };
            if !tx.spend_sign_in_link(hash, now).await? {
                return Ok(None);
            }
            if let Some(earlier) = earlier {
                tx.end_operator_session(digest::sha256(earlier.as_bytes())).await?;
            }
            let administrator = match &invited {
                Invited::Operator => None,
                Invited::Administrator { id, .. } => Some(*id),
            };
            let new = NewOperatorSession {
                id: OperatorSessionId::new(random::id_at(now)),
                token_hash: fresh,
                administrator,
                operator: None,
                csrf,
            };
            tx.begin_operator_session(&new, now).await?;
            let actor = administrator.map_or_else(|| "operator".to_owned(), |id| format!("administrator {id}"));
            let entry = AuditEntry {
                organisation: None,
                actor,
                action: "sign-in",
                subject: new.id.to_string(),
                detail: json!({ "by": "link" }),
            };
            tx.add_audit(&entry, now).await?;
            Ok(Some(invited))
        })
        .await;
    let invited = begun?.ok_or(Refusal::LinkSpent)?;
    let home = match invited {
        Invited::Operator => "/operator",
        Invited::Administrator { .. } => "/admin",
    };
    let life = deps.config.operator.absolute.as_secs();
    Ok(HttpResponse::SeeOther()
        .insert_header((header::LOCATION, home))
        .insert_header((header::SET_COOKIE, cookies::set_operator(&cookie, life)))
        .finish())
}

/// `POST /operator/sign-out`: ends the session.
#[tracing::instrument(name = "web.operator.leave", skip_all)]
pub(super) async fn leave(
    deps: Data<Deps>,
    request: HttpRequest,
    who: SignedIn,
    body: Bytes,
) -> Result<HttpResponse, WebError> {
    who.form(&body)?;
    let cookie = cookies::value(&request, cookies::OPERATOR).unwrap_or_default();
    let (hash, now) = (digest::sha256(cookie.as_bytes()), deps.clock.now());
    let entry = AuditEntry {
        organisation: None,
        actor: who.session.actor(),
        action: "sign-out",
        subject: who.session.id.to_string(),
        detail: json!({}),
    };
    deps.store
        .write(Durability::Full, async move |tx| {
            tx.end_operator_session(hash).await?;
            tx.add_audit(&entry, now).await
        })
        .await?;
    Ok(HttpResponse::SeeOther()
        .insert_header((header::LOCATION, "/operator/goodbye"))
        .insert_header((header::SET_COOKIE, cookies::set_operator("", 0)))
        .finish())
}

/// `GET /operator/goodbye`: signed out.
pub(super) async fn goodbye(deps: Data<Deps>, request: HttpRequest) -> Result<HttpResponse, WebError> {
    let mut frame = plain_frame(&deps, &request);
    frame.theme = Theme::Auto;
    answer::page(&GoodbyePage { frame })
}
