//! Revoking an event that the Factory made beside the one that was asked for: the question and the deed. The event that
//! is kept, and the awards, are not touched. Repeating it is harmless.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Path};

use super::fields::Fields;
use super::surroundings::Surroundings;
use super::{answer, award, badge, who};
use crate::awards::issue;
use crate::model::{AwardId, CourseId};
use crate::store::StoreError;
use crate::store::award_views::AwardLine;
use crate::store::extra::{ExtraEvent, Revocation};
use crate::web::deps::Deps;
use crate::web::error::{Refusal, WebError};
use crate::web::pages::extra::{Extra, ExtraPage, ExtraStep};
use crate::web::pages::{Flash, Section};
use crate::web::visit::Visit;

/// An award and an event in an address.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Named {
    award: String,
    event: String,
}

impl Named {
    fn award(&self) -> Result<AwardId, WebError> {
        self.award.parse().map_err(|_| Refusal::NotFound.into())
    }
}

/// `GET /c/{seat}/awards/{award}/extra/{event}`
#[tracing::instrument(name = "web.course.extra", skip_all)]
pub(super) async fn ask(deps: Data<Deps>, visit: Visit, path: Path<Named>) -> Result<HttpResponse, WebError> {
    let (course, _) = visit.issues()?;
    let id = path.award()?;
    let line = award::story(&deps, &visit, course, id).await?.line;
    let (extra, people) = find(&deps, &visit, course, id, &path.event)
        .await?
        .ok_or(Refusal::NotFound)?;
    let around = Surroundings::read(&deps, &visit, Some(Section::History)).await?;
    let (organisation, badge_id) = (visit.organisation(), line.badge_id.clone());
    let known = deps
        .store
        .read_one(async |tx| tx.catalog_badge(organisation, &badge_id).await)
        .await?;
    let keep = visit.url(&format!("/awards/{id}"));
    let event: String = url::form_urlencoded::byte_serialize(extra.event.as_bytes()).collect();
    answer::page(&ExtraPage {
        frame: around.frame,
        action: format!("{keep}/extra/{event}"),
        keep,
        badge: badge::named(&visit, known.as_ref(), &line.badge_id, &line.badge_name),
        extra: shown(extra),
        people: people.iter().map(|line| who::name(&visit, line)).collect(),
    })
}

/// `POST /c/{seat}/awards/{award}/extra/{event}`
#[tracing::instrument(name = "web.course.extra.revoke", skip_all)]
pub(super) async fn revoke(
    deps: Data<Deps>,
    visit: Visit,
    path: Path<Named>,
    body: Bytes,
) -> Result<HttpResponse, WebError> {
    let (course, member) = visit.issues()?;
    Fields::of_form(&body, &visit)?;
    let id = path.award()?;
    award::story(&deps, &visit, course, id).await?;
    let back = visit.url(&format!("/awards/{id}"));
    let Some((extra, _)) = find(&deps, &visit, course, id, &path.event).await? else {
        // revoked since the page was shown, or never an event of this award: the award's page shows how it stands
        return Ok(answer::see_other(&back));
    };
    issue::revoke_extra(&deps.store, visit.organisation(), extra.event, Some(member)).await?;
    deps.worker.wake();
    Ok(answer::see_other_with(&back, &Flash::RevokingEvent))
}

/// An extra event as pages show it.
pub(super) fn shown(extra: ExtraEvent) -> Extra {
    Extra {
        event: extra.event,
        kept: extra.kept,
        step: match extra.revocation {
            Revocation::NotAsked => ExtraStep::Open,
            Revocation::Asked => ExtraStep::Asked,
            Revocation::Failed => ExtraStep::Failed,
        },
    }
}

/// The extra event of this award with this id, and whom of this course it concerns.
async fn find(
    deps: &Deps,
    visit: &Visit,
    course: CourseId,
    award: AwardId,
    event: &str,
) -> Result<Option<(ExtraEvent, Vec<AwardLine>)>, WebError> {
    let organisation = visit.organisation();
    let found = deps.store.read(async |tx| {
        let extras = tx.extra_events_of_award(organisation, award).await?;
        let Some(extra) = extras.into_iter().find(|extra| extra.event == event) else {
            return Ok(None);
        };
        let people = tx.lines_ever_in_order(organisation, course, extra.order).await?;
        Ok::<_, StoreError>(Some((extra, people)))
    });
    Ok(found.await?)
}
