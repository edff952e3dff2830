//! Static files and badge pictures.

use actix_web::http::header;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};

use super::assets;
use super::deps::Deps;
use super::error::{Refusal, WebError};
use super::visit::Visit;

/// A static file, by its hashed name.
pub(super) async fn asset(request: HttpRequest, path: Path<String>) -> Result<HttpResponse, WebError> {
    let file = assets::asset(&path).ok_or(Refusal::NotFound)?;
    let known = request
        .headers()
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok());
    if known == Some(file.etag.as_str()) {
        return Ok(HttpResponse::NotModified().finish());
    }
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, file.mime))
        .insert_header((header::ETAG, file.etag))
        .insert_header((header::CACHE_CONTROL, file.cache_control))
        .body(file.bytes))
}

/// The picture of a badge of the visit's organisation, by the digest of its original: it never changes.
pub(super) async fn picture(
    deps: Data<Deps>,
    visit: Visit,
    path: Path<(String, String, String)>,
) -> Result<HttpResponse, WebError> {
    let (organisation, (_seat, _badge, hash)) = (visit.organisation(), path.into_inner());
    let png = deps
        .store
        .read_one(async |tx| tx.picture(organisation, &hash).await)
        .await?
        .ok_or(Refusal::NotFound)?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "image/png"))
        .insert_header((header::CACHE_CONTROL, "private, max-age=31536000, immutable"))
        .body(png))
}
