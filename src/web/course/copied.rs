//! A copied course: items of the earlier one are offered to its teacher, and never in use before (P5).

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data};

use super::answer;
use super::fields::Fields;
use super::surroundings::Surroundings;
use crate::model::ContentId;
use crate::model::content::Content;
use crate::store::content::Offer;
use crate::store::{Durability, StoreError};
use crate::web::deps::Deps;
use crate::web::error::{Refusal, WebError};
use crate::web::pages::place::{CopiedItem, CopiedPage};
use crate::web::pages::{Flash, Section};
use crate::web::visit::Visit;

/// `GET /c/{seat}/copied`: what the course's history offers, and what `content` names: a copied link that was opened.
#[tracing::instrument(name = "web.course.copied", skip_all)]
pub(super) async fn copied(deps: Data<Deps>, visit: Visit, query: Fields) -> Result<HttpResponse, WebError> {
    let (course, _) = visit.issues()?;
    let organisation = visit.organisation();
    let opened: Option<ContentId> = query.one("content").parse().ok();
    let around = Surroundings::with_flash(&deps, &visit, Some(Section::Home), query.flash()).await?;
    let offers = deps
        .store
        .read(async |tx| {
            let mut offers = tx.content_offers(organisation, course).await?;
            if let Some(id) = opened.filter(|id| offers.iter().all(|offer| offer.content.id != *id))
                && let Some(content) = tx.content(organisation, id).await?
                && is_open(&visit, &content)
                && tx.content_copy(organisation, id, course).await?.is_none()
                && let Some(from) = content.course
            {
                let title = tx.course(organisation, from).await?.map(|course| course.title);
                offers.push(Offer {
                    content,
                    course_title: title.unwrap_or_default(),
                });
            }
            Ok::<_, StoreError>(offers)
        })
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
    let found = deps
        .store
        .read_one(async move |tx| tx.content(organisation, id).await)
        .await?;
    found
        .filter(|content| is_open(&visit, content))
        .ok_or(Refusal::NotFound)?;
    deps.store
        .write_one(Durability::Full, async move |tx| {
            tx.copy_content(organisation, id, course, author, now).await
        })
        .await?;
    Ok(answer::see_other_with(&visit.url("/copied"), &Flash::ItemTaken))
}

/// Content of another course of the same registration.
fn is_open(visit: &Visit, content: &Content) -> bool {
    content.registration == visit.seat.registration && content.course.is_some() && content.course != visit.seat.course
}
