//! One event: what was sent, and to whom of this course.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};

use super::fields::Fields;
use super::surroundings::Surroundings;
use super::{answer, badge, who};
use crate::clock::Timestamp;
use crate::model::request::Content;
use crate::model::{CourseId, OrganisationId};
use crate::store::StoreError;
use crate::store::award_views::AwardLine;
use crate::web::deps::Deps;
use crate::web::error::{Refusal, WebError};
use crate::web::pages::event::{EventPage, EventRow};
use crate::web::pages::words::Cause;
use crate::web::pages::{Mistake, Mistakes, Pager, Section};
use crate::web::visit::Visit;

/// Rows a page.
const ROWS: usize = 50;

/// The name of an event in an address.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Named {
    event: String,
}

impl Named {
    /// The Factory's id of the event.
    pub(super) fn id(&self) -> &str {
        &self.event
    }
}

/// `GET /c/{seat}/events/{event}`
#[tracing::instrument(name = "web.course.event", skip_all)]
pub(super) async fn event(
    deps: Data<Deps>,
    visit: Visit,
    path: Path<Named>,
    query: Fields,
) -> Result<HttpResponse, WebError> {
    let course = visit.sees_course()?;
    let around = Surroundings::with_flash(&deps, &visit, Some(Section::History), query.flash()).await?;
    let mut page = page(&deps, &visit, course, path.id(), query.number("page", 1)).await?;
    page.frame = around.frame;
    answer::page(&page)
}

/// The page of an event that comes back because nobody was chosen.
pub(super) async fn nobody_chosen(
    deps: &Deps,
    visit: &Visit,
    course: CourseId,
    event: &str,
) -> Result<HttpResponse, WebError> {
    let around = Surroundings::read(deps, visit, Some(Section::History)).await?;
    let mut page = page(deps, visit, course, event, 1).await?;
    page.frame = around.frame;
    page.mistakes = Mistakes::one("recipients", Mistake::Nobody);
    answer::page(&page)
}

/// The awards of this course in the event; not found if there is none.
pub(super) async fn lines(
    deps: &Deps,
    organisation: OrganisationId,
    course: CourseId,
    event: &str,
) -> Result<Vec<AwardLine>, WebError> {
    let lines = deps
        .store
        .read_one(async |tx| tx.event_lines(organisation, course, event).await)
        .await?;
    if lines.is_empty() {
        return Err(Refusal::NotFound.into());
    }
    Ok(lines)
}

async fn page(deps: &Deps, visit: &Visit, course: CourseId, event: &str, page: usize) -> Result<EventPage, WebError> {
    let organisation = visit.organisation();
    let lines = lines(deps, organisation, course, event).await?;
    let first = lines.first().ok_or(Refusal::NotFound)?;
    let (badge_id, request) = (first.badge_id.clone(), first.request);
    let (known, content, order_name) = deps
        .store
        .read(async |tx| {
            let known = tx.catalog_badge(organisation, &badge_id).await?;
            let (content, head) = match request {
                Some(request) => (
                    tx.request_content(organisation, course, request).await?,
                    tx.request_head(organisation, request).await?,
                ),
                None => (None, None),
            };
            let name = head.map(|head| head.name).filter(|name| !name.is_empty());
            Ok::<_, StoreError>((known, content, name))
        })
        .await?;
    let content = content.unwrap_or_default();
    let stored = known.as_ref().map(|known| known.message.clone()).unwrap_or_default();
    let sent = first.issued_at.unwrap_or(first.created_at);
    let pager = Pager::of(lines.len(), ROWS, page);
    let rows = lines.iter().skip((pager.page - 1) * ROWS).take(ROWS);
    Ok(EventPage {
        event: event.to_owned(),
        badge: badge::named(visit, known.as_ref(), &first.badge_id, &first.badge_name),
        order_name,
        by: first.author.clone().unwrap_or_default(),
        sent,
        award_date: award_date(&content, sent),
        valid_until: content.expires.map(Timestamp::from_seconds),
        subject: content.email_subject.clone().or(stored.subject).unwrap_or_default(),
        body: content.email_body.clone().or(stored.body).unwrap_or_default(),
        criteria_add: content.criteria_add.clone(),
        reference: first.order.map(|order| order.to_string()).unwrap_or_default(),
        request: request.map(|request| request.to_string()),
        cause: Cause::of(&first.cause),
        rows: rows.map(|line| row(visit, line)).collect(),
        pager,
        ..EventPage::default()
    })
}

/// The award date that was asked for; else the moment of sending.
pub(super) fn award_date(content: &Content, sent: Timestamp) -> Timestamp {
    content.issued_on.map_or(sent, Timestamp::from_seconds)
}

fn row(visit: &Visit, line: &AwardLine) -> EventRow {
    EventRow {
        award: line.id.to_string(),
        person: who::name(visit, line),
        email: who::address(visit, line).filter(|_| !line.name.is_empty()),
        word: who::word(line),
        link: None,
        can_revoke: who::can_revoke(line),
    }
}
