//! The guard around every answer: a nonce for its scripts, its security headers, and the page of a refusal.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest};

use super::error::{Refusal, Refused, WebError};
use super::refusal_page;
use crate::crypto::random;

/// The nonce of an answer's scripts (Content Security Policy Level 3, section 2.3.1).
#[derive(Clone, Debug)]
pub(super) struct Nonce(String);

impl Nonce {
    /// The nonce of this request's answer.
    pub(super) fn of(request: &HttpRequest) -> String {
        request
            .extensions()
            .get::<Self>()
            .map(|nonce| nonce.0.clone())
            .unwrap_or_default()
    }
}

/// The origins that may frame this answer, once the registration is known.
#[derive(Clone, Debug)]
pub(super) struct FrameAncestors(pub(super) String);

/// Where forms of this answer may go beside our own pages: origins, with spaces between.
#[derive(Clone, Debug)]
pub(super) struct FormAction(pub(super) String);

/// The answer is a page whose form must say where it came from, to browsers without Fetch Metadata as well: with no
/// referrer at all their `Origin` would be `null`.
#[derive(Clone, Copy, Debug)]
pub(super) struct AsksOwnOrigin;

/// Headers and refusals for every route.
pub(super) async fn guard(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    request.extensions_mut().insert(Nonce(random::token()));
    // the request must not be cloned before: routing writes into it
    let mut answer = next.call(request).await?.map_into_boxed_body();
    let http = answer.request().clone();
    let refused = answer.response().extensions().get::<Refused>().cloned();
    let refused = refused.or_else(|| answer.response().error().map(|error| framework(error).on_its_way()));
    if let Some(refused) = refused {
        let page = refusal_page::render(&http, answer.status(), &refused);
        answer = answer.map_body(|head, _| {
            let html = HeaderValue::from_static("text/html; charset=utf-8");
            head.headers_mut().insert(header::CONTENT_TYPE, html);
            BoxBody::new(page)
        });
    }
    if http.extensions().get::<AsksOwnOrigin>().is_some() {
        let own = HeaderValue::from_static("same-origin");
        answer.headers_mut().insert(header::REFERRER_POLICY, own);
    }
    set_headers(&http, &mut answer);
    Ok(answer)
}

fn framework(error: &Error) -> WebError {
    let status = error.as_response_error().status_code();
    match status.as_u16() {
        413 => Refusal::Unreadable { too_large: true }.into(),
        404 => Refusal::NotFound.into(),
        405 => Refusal::Method.into(),
        400..=499 => Refusal::Unreadable { too_large: false }.into(),
        _ => WebError::internal(error),
    }
}

/// Deny by default; a header that a handler set stays.
fn set_headers(request: &HttpRequest, answer: &mut ServiceResponse<BoxBody>) {
    let policy = policy(request, answer.status().is_success());
    let headers = answer.headers_mut();
    let mut absent = |name: HeaderName, value: &str| {
        if let (false, Ok(value)) = (headers.contains_key(&name), HeaderValue::from_str(value)) {
            headers.insert(name, value);
        }
    };
    absent(header::CONTENT_SECURITY_POLICY, &policy);
    absent(header::REFERRER_POLICY, "no-referrer");
    absent(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    absent(header::CACHE_CONTROL, "no-store");
    absent(
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=()",
    );
}

/// An LTI answer given before a registration is known may be framed by anybody, so that a refusal can be read in the
/// frame: it carries no form and no personal data.
fn policy(request: &HttpRequest, is_success: bool) -> String {
    let extensions = request.extensions();
    let ancestors = match extensions.get::<FrameAncestors>() {
        Some(known) => known.0.as_str(),
        None if request.path().starts_with("/lti/") || (!is_success && request.path().starts_with("/c/")) => "*",
        None => "'none'",
    };
    let nonce = Nonce::of_extensions(&extensions);
    let forms = extensions.get::<FormAction>().map_or("", |form| form.0.as_str());
    format!(
        "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'nonce-{nonce}'; connect-src 'self'; \
         form-action 'self' {forms}; base-uri 'none'; frame-ancestors {ancestors}"
    )
}

impl Nonce {
    fn of_extensions(extensions: &actix_web::dev::Extensions) -> String {
        extensions
            .get::<Self>()
            .map(|nonce| nonce.0.clone())
            .unwrap_or_default()
    }
}
