//! A copied course: items of the earlier one are offered to its teacher, and never in use before (P5).

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data};

use serde_json::json;

use super::fields::Fields;
use super::surroundings::Surroundings;
use super::{answer, audit};
use crate::crypto::random;
use crate::model::rule::Terms;
use crate::model::{ContentId, CourseId, MemberId, RuleId};
use crate::store::rule::NewRule;
use crate::store::{Durability, StoreError};
use crate::web::deps::Deps;
use crate::web::error::{Refusal, WebError};
use crate::web::pages::place::{CopiedItem, CopiedPage, CopiedRule};
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
    let offered = deps
        .store
        .read(async |tx| {
            let mut rules = Vec::new();
            for rule in tx.rule_offers(organisation, course, reader).await? {
                let badge = tx.catalog_badge(organisation, &rule.badge_id).await?;
                let from = tx.course(organisation, rule.course).await?;
                rules.push(CopiedRule {
                    id: rule.id.to_string(),
                    badge: badge.map_or_else(|| rule.badge_id.clone(), |badge| badge.name),
                    when: rule.terms.when,
                    course: from.map(|course| course.title).unwrap_or_default(),
                });
            }
            Ok::<_, StoreError>(rules)
        })
        .await?;
    answer::page(&CopiedPage {
        rules: offered,
        items: items.collect(),
        frame: around.frame,
    })
}

/// A rule of an earlier course becomes a draft of this one: a person looks at it and switches it on.
async fn take_rule(
    deps: &Deps,
    visit: &Visit,
    named: &str,
    course: CourseId,
    author: MemberId,
) -> Result<HttpResponse, WebError> {
    let organisation = visit.organisation();
    let wanted: RuleId = named.parse().map_err(|_| Refusal::NotFound)?;
    let offers = deps
        .store
        .read(async |tx| tx.rule_offers(organisation, course, author).await)
        .await?;
    let offered = offers
        .into_iter()
        .find(|rule| rule.id == wanted)
        .ok_or(Refusal::NotFound)?;
    let id = RuleId::new(random::id_at(deps.clock.now()));
    let new = NewRule {
        id,
        organisation,
        registration: visit.seat.registration,
        course,
        badge_id: offered.badge_id,
        terms: Terms {
            since: None,
            ..offered.terms
        },
        author: Some(author),
    };
    let entry = audit::entry(visit, "rule.copy", &id, json!({ "from": offered.id }));
    let stored: Result<(), StoreError> = deps
        .store
        .write(Durability::Full, async move |tx| {
            let now = tx.now().await?;
            tx.add_rule(&new, now).await?;
            tx.add_audit(&entry, now).await
        })
        .await;
    stored?;
    Ok(answer::see_other(&visit.url(&format!("/rules/{id}"))))
}

/// `POST /c/{seat}/copied`: takes one item or one rule over.
#[tracing::instrument(name = "web.course.copied.use", skip_all)]
pub(super) async fn take_over(deps: Data<Deps>, visit: Visit, body: Bytes) -> Result<HttpResponse, WebError> {
    let (course, author) = visit.issues()?;
    let fields = Fields::of_form(&body, &visit)?;
    let organisation = visit.organisation();
    if let Some(rule) = fields.maybe("rule") {
        return take_rule(&deps, &visit, rule, course, author).await;
    }
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
