//! Pages and redirections as answers.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use askama::Template;

use crate::web::error::WebError;
use crate::web::pages::{Flash, Page};

/// A whole page: 200, or 422 where it shows a form that was refused.
pub(in crate::web) fn page(page: &impl Page) -> Result<HttpResponse, WebError> {
    let status = if page.is_refused() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    html(status, page)
}

/// A part of a page.
pub(in crate::web) fn part(part: &impl Template) -> Result<HttpResponse, WebError> {
    html(StatusCode::OK, part)
}

fn html(status: StatusCode, template: &impl Template) -> Result<HttpResponse, WebError> {
    let body = template.render().map_err(WebError::internal)?;
    Ok(HttpResponse::build(status)
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .body(body))
}

/// The page after a post.
pub(in crate::web) fn see_other(address: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, address))
        .finish()
}

/// The page after a post, which says once what was done.
pub(in crate::web) fn see_other_with(address: &str, flash: &Flash) -> HttpResponse {
    let joint = if address.contains('?') { '&' } else { '?' };
    let count = match flash {
        Flash::PeopleAdded { n }
        | Flash::Revoking { n }
        | Flash::RuleAwarding { n }
        | Flash::Decided { n }
        | Flash::QueueWithdrawn { n } => {
            format!("&n={n}")
        }
        _ => String::new(),
    };
    see_other(&format!("{address}{joint}did={}{count}", flash.code()))
}
