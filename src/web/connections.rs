//! Where an LMS sends a service account back to that agreed to be asked as (RFC 6749 section 4.1.2). The code is kept,
//! sealed; a job turns it into tokens, so this answer waits for nobody.

use actix_web::HttpResponse;
use actix_web::web::{Data, Query};

use super::deps::Deps;
use super::error::{Refusal, WebError};
use crate::crypto::digest;
use crate::jobs::work;
use crate::model::connection::code_place;
use crate::store::{Durability, StoreError};

/// The longest code or state that is looked at.
const LONGEST: usize = 4096;

/// What the LMS adds to the address.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Back {
    #[serde(default)]
    state: String,
    code: Option<String>,
}

/// `GET /connections/callback`: whoever knows the state was sent here by the LMS, and no state is good twice.
#[tracing::instrument(name = "web.connections.callback", skip_all)]
pub(super) async fn callback(deps: Data<Deps>, query: Query<Back>) -> Result<HttpResponse, WebError> {
    let Back { state, code } = query.into_inner();
    if state.is_empty() || state.len() > LONGEST {
        return Err(Refusal::NotFound.into());
    }
    let (hash, now) = (digest::sha256(state.as_bytes()), deps.store.now().await?);
    let found = deps
        .store
        .read_one(async |tx| tx.connection_by_state(hash, now).await)
        .await?;
    let connection = found.ok_or(Refusal::NotFound)?;
    let Some(code) = code.filter(|code| !code.is_empty() && code.len() <= LONGEST) else {
        return Ok(text("Nothing was authorised. Ask for a new address and try again.\n"));
    };
    let sealed = deps
        .keyring
        .seal(code_place(&connection.id.to_string()), code.as_bytes());
    let (organisation, id) = (connection.organisation, connection.id);
    let taken: Result<bool, StoreError> = deps
        .store
        .write(Durability::Full, async move |tx| {
            let taken = tx.take_consent(organisation, id, hash, &sealed).await?;
            if taken {
                tx.enqueue(&work::consent(organisation, id, now), now).await?;
            }
            Ok(taken)
        })
        .await;
    if !taken? {
        return Err(Refusal::NotFound.into());
    }
    deps.worker.wake();
    Ok(text(
        "Thank you. Badgebridge may ask as this account now. You can close this window.\n",
    ))
}

fn text(words: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header(("Cache-Control", "no-store"))
        .body(words)
}
