//! Is the process alive, and can it serve? For machines: no session, no page.

use actix_web::HttpResponse;
use actix_web::web::Data;

use super::deps::Deps;

/// Alive: the process answers.
pub(super) async fn healthz() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body("ok\n")
}

/// Ready: the database answers.
pub(super) async fn readyz(deps: Data<Deps>) -> HttpResponse {
    match deps.store.read_one(async |tx| tx.installation().await).await {
        Ok(Some(_)) => HttpResponse::Ok()
            .content_type("text/plain; charset=utf-8")
            .body("ready\n"),
        Ok(None) | Err(_) => HttpResponse::ServiceUnavailable()
            .content_type("text/plain; charset=utf-8")
            .body("the database does not answer\n"),
    }
}
