//! Our own key set (LTI Security Framework 1.0, section 6.3).

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::Data;

use crate::web::deps::Deps;

pub(crate) async fn key_set(deps: Data<Deps>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .json(deps.signing_keys.published(deps.clock.now().seconds()))
}
