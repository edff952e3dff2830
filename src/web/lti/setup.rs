//! The page of values to copy and of what arrived last (`/lti/setup`). The values are public; what arrived is shown at an
//! address that the operator makes for a registration, for some hours.

use actix_web::http::header;
use actix_web::web::{Data, Path};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use askama::Template;

use super::register::tool_addresses;
use super::storage::plain_frame;
use crate::crypto::digest;
use crate::lti::registering::SCOPES;
use crate::model::encounter::{Difference, Encounter, Step};
use crate::model::{Lms, Registration};
use crate::store::StoreError;
use crate::web::deps::Deps;
use crate::web::directory::Entries;
use crate::web::error::{Refusal, WebError};
use crate::web::guard::FrameAncestors;
use crate::web::pages::setup::{Arrival, Check, SetupPage, differs, steps};

/// `GET /lti/setup`: the values, without any registration.
pub(crate) async fn values(deps: Data<Deps>, request: HttpRequest) -> Result<HttpResponse, WebError> {
    not_framed(&request);
    let page = SetupPage {
        frame: plain_frame(&deps, &request),
        values: to_copy(&deps, None),
        families: [Lms::Canvas, Lms::Brightspace, Lms::Blackboard, Lms::Generic]
            .map(steps)
            .to_vec(),
        check: None,
    };
    answer(&page)
}

/// `GET /lti/setup/{link}`: the values of one registration, and what arrived last.
#[tracing::instrument(name = "web.lti.setup", skip_all)]
pub(crate) async fn check(
    deps: Data<Deps>,
    request: HttpRequest,
    link: Path<String>,
) -> Result<HttpResponse, WebError> {
    not_framed(&request);
    let (hash, now) = (digest::sha256(link.as_bytes()), deps.clock.now());
    let entries = deps.directory.entries();
    let (id, encounters) = deps
        .store
        .read(async |tx| {
            let Some(id) = tx.setup_link(hash, now).await? else {
                return Ok::<_, StoreError>((None, Vec::new()));
            };
            Ok((Some(id), tx.encounters(id).await?))
        })
        .await?;
    let known = id.and_then(|id| entries.registration(id)).ok_or(Refusal::NotFound)?;
    let row = &known.registration;
    let mut frame = plain_frame(&deps, &request);
    request.path().clone_into(&mut frame.here);
    let page = SetupPage {
        frame,
        values: to_copy(&deps, Some(row)),
        families: vec![steps(row.lms)],
        check: Some(self_check(&entries, row, &encounters)),
    };
    answer(&page)
}

/// An administrator opens these pages by hand: nobody has a reason to show them in a frame.
fn not_framed(request: &HttpRequest) {
    request.extensions_mut().insert(FrameAncestors("'none'".to_owned()));
}

fn answer(page: &SetupPage) -> Result<HttpResponse, WebError> {
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .body(page.render().map_err(WebError::internal)?))
}

/// What arrived last for a registration, beside what is stored.
pub(in crate::web) fn self_check(entries: &Entries, row: &Registration, encounters: &[Encounter]) -> Check {
    let deployments = entries.deployments(row.id);
    Check {
        name: row.name.clone(),
        enabled: row.enabled,
        arrivals: encounters
            .iter()
            .rev()
            .map(|one| arrival(row, &deployments, one))
            .collect(),
    }
}

pub(in crate::web) fn to_copy(deps: &Deps, row: Option<&Registration>) -> Vec<(&'static str, String)> {
    let tool = tool_addresses(deps, row.map(|row| row.handle.as_str()));
    vec![
        ("setup-v-login", tool.login),
        ("setup-v-launch", tool.launch),
        ("setup-v-keys", tool.jwks),
        ("setup-v-domain", tool.domain),
        ("setup-v-scopes", SCOPES.join(" ")),
        ("setup-v-history", "context_history=$Context.id.history".to_owned()),
        ("setup-v-canvas", deps.public_url.join("/lti/canvas.json")),
    ]
}

fn arrival(row: &Registration, deployments: &[&str], encounter: &Encounter) -> Arrival {
    let arrived = &encounter.arrived;
    let line = |what, stored: &str, received: &Option<String>| {
        let difference = differs(Difference::between(stored, received.as_deref()));
        (
            what,
            stored.to_owned(),
            received.clone().unwrap_or_default(),
            difference,
        )
    };
    let deployment = arrived.deployment.as_deref().unwrap_or_default();
    let is_known = deployments.contains(&deployment);
    let stored = if is_known {
        deployment.to_owned()
    } else {
        deployments.join(" ")
    };
    let is_launch = encounter.step == Step::Launch;
    let mut lines = vec![
        line("register-issuer", &row.issuer, &arrived.issuer),
        line("self-client", &row.lti_client_id, &arrived.client_id),
    ];
    // the deployments of a shared registration belong to several organisations, and one does not see another's
    if row.organisation.is_some() {
        lines.push(line("self-deployment", &stored, &arrived.deployment));
    }
    let lacks = [
        ("name", "self-no-name"),
        ("email", "self-no-email"),
        ("context", "self-no-context"),
        ("roster", "self-no-roster"),
        ("columns", "self-no-columns"),
    ];
    let is_lacking = |(word, _): &(&str, &str)| !arrived.brought.iter().any(|brought| brought == word);
    let is_good_launch = is_launch && encounter.reason.is_none();
    Arrival {
        is_launch,
        at: encounter.at,
        refused: encounter.reason.clone(),
        lines,
        lacks: lacks
            .into_iter()
            .filter(|one| is_good_launch && is_lacking(one))
            .map(|(_, key)| key)
            .collect(),
    }
}
