//! A copied course: items of the earlier one are offered to its teacher, and never in use before (P5).

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data};

use super::answer;
use super::fields::Fields;
use super::surroundings::Surroundings;
use crate::model::ContentId;
use crate::store::Durability;
use crate::web::deps::Deps;
use crate::web::error::{Refusal, WebError};
use crate::web::pages::place::{CopiedItem, CopiedPage};
use crate::web::pages::{Flash, Section};
use crate::web::visit::Visit;

/// `GET /c/{seat}/copied`: what the courses that this one was copied from offer.
#[tracing::instrument(name = "web.course.copied", skip_all)]
pub(super) async fn copied(deps: Data<Deps>, visit: Visit, query: Fields) -> Result<HttpResponse, WebError> {
    let (course, reader) = visit.issues()?;
    let organisation = visit.organisation();
    let around = Surroundings::with_flash(&deps, &visit, Some(Section::Home), query.flash()).await?;
    let offers = deps
        .store
        .read(async |tx| tx.content_offers(organisation, course, reader).await)
        .await?;
    let items = offers.into_iter().map(|offer| CopiedItem {
        id: offer.content.id.to_string(),
        title: offer.content.title,
        course: offer.course_title,
        graded: offer.content.graded,
    });
    answer::page(&CopiedPage {
        items: items.collect(),
        frame: around.frame,
    })
}

/// `POST /c/{seat}/copied`: takes one item over.
#[tracing::instrument(name = "web.course.copied.use", skip_all)]
pub(super) async fn take_over(deps: Data<Deps>, visit: Visit, body: Bytes) -> Result<HttpResponse, WebError> {
    let (course, author) = visit.issues()?;
    let fields = Fields::of_form(&body, &visit)?;
    let organisation = visit.organisation();
    let id: ContentId = fields.one("content").parse().map_err(|_| Refusal::NotFound)?;
    let now = deps.clock.now();
    // what another course placed is nobody's here, unless this course was copied from it
    let offers = deps
        .store
        .read(async |tx| tx.content_offers(organisation, course, author).await)
        .await?;
    if !offers.iter().any(|offer| offer.content.id == id) {
        return Err(Refusal::NotFound.into());
    }
    deps.store
        .write_one(Durability::Full, async move |tx| {
            tx.copy_content(organisation, id, course, author, now).await
        })
        .await?;
    Ok(answer::see_other_with(&visit.url("/copied"), &Flash::ItemTaken))
}
