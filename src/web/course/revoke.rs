//! Taking awards back: the question, the deed, and what came of it. Before sending an award is withdrawn, after it
//! revoked; repeating it is harmless.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Path};

use super::fields::Fields;
use super::surroundings::Surroundings;
use super::{answer, award, badge, event, who};
use crate::awards::issue;
use crate::model::award::{AwardState, Intent};
use crate::model::{AwardId, CourseId, MemberId};
use crate::store::award_views::AwardLine;
use crate::store::order::StepError;
use crate::web::deps::Deps;
use crate::web::error::{Refusal, WebError};
use crate::web::pages::revoke::{RevokePage, RevokePerson, RevokeReason};
use crate::web::pages::{Flash, Mistake, Mistakes, Section};
use crate::web::visit::Visit;

/// The longest note, in characters.
const NOTE_LIMIT: usize = 1_000;

/// `GET /c/{seat}/awards/{award}/revoke`
#[tracing::instrument(name = "web.course.revoke.award", skip_all)]
pub(super) async fn ask_award(
    deps: Data<Deps>,
    visit: Visit,
    path: Path<award::Named>,
) -> Result<HttpResponse, WebError> {
    let (course, _) = visit.issues()?;
    let line = award::story(&deps, &visit, course, path.id()?).await?.line;
    let place = Place::of_award(&visit, line.id);
    show(&deps, &visit, place, vec![line], Answer::default()).await
}

/// `POST /c/{seat}/awards/{award}/revoke`
#[tracing::instrument(name = "web.course.revoke.award.do", skip_all)]
pub(super) async fn revoke_award(
    deps: Data<Deps>,
    visit: Visit,
    path: Path<award::Named>,
    body: Bytes,
) -> Result<HttpResponse, WebError> {
    let (course, member) = visit.issues()?;
    let fields = Fields::of_form(&body, &visit)?;
    let line = award::story(&deps, &visit, course, path.id()?).await?.line;
    let place = Place::of_award(&visit, line.id);
    carry_out(&deps, &visit, place, vec![line], &fields, member).await
}

/// `GET /c/{seat}/events/{event}/revoke?award=…`.
#[tracing::instrument(name = "web.course.revoke.event", skip_all)]
pub(super) async fn ask_event(
    deps: Data<Deps>,
    visit: Visit,
    path: Path<event::Named>,
    query: Fields,
) -> Result<HttpResponse, WebError> {
    let (course, _) = visit.issues()?;
    let lines = chosen(&deps, &visit, course, path.id(), &query).await?;
    if lines.is_empty() {
        return event::nobody_chosen(&deps, &visit, course, path.id()).await;
    }
    let place = Place::of_event(&visit, path.id());
    show(&deps, &visit, place, lines, Answer::default()).await
}

/// `POST /c/{seat}/events/{event}/revoke`
#[tracing::instrument(name = "web.course.revoke.event.do", skip_all)]
pub(super) async fn revoke_event(
    deps: Data<Deps>,
    visit: Visit,
    path: Path<event::Named>,
    body: Bytes,
) -> Result<HttpResponse, WebError> {
    let (course, member) = visit.issues()?;
    let fields = Fields::of_form(&body, &visit)?;
    let lines = chosen(&deps, &visit, course, path.id(), &fields).await?;
    if lines.is_empty() {
        return event::nobody_chosen(&deps, &visit, course, path.id()).await;
    }
    carry_out(
        &deps,
        &visit,
        Place::of_event(&visit, path.id()),
        lines,
        &fields,
        member,
    )
    .await
}

/// The awards of the event that the form names; one of another course or event is not among them.
async fn chosen(
    deps: &Deps,
    visit: &Visit,
    course: CourseId,
    event: &str,
    fields: &Fields,
) -> Result<Vec<AwardLine>, WebError> {
    let wanted: Vec<AwardId> = fields.all("award").filter_map(|text| text.parse().ok()).collect();
    let mut lines = event::lines(deps, visit.organisation(), course, event).await?;
    lines.retain(|line| wanted.contains(&line.id));
    if lines.len() < wanted.len() {
        return Err(Refusal::NotFound.into());
    }
    Ok(lines)
}

/// Where the question stands, and where the ways out of it lead.
struct Place {
    action: String,
    keep: String,
    done: String,
}

impl Place {
    fn of_award(visit: &Visit, award: AwardId) -> Self {
        let keep = visit.url(&format!("/awards/{award}"));
        Self {
            action: format!("{keep}/revoke"),
            done: keep.clone(),
            keep,
        }
    }

    fn of_event(visit: &Visit, event: &str) -> Self {
        let id: String = url::form_urlencoded::byte_serialize(event.as_bytes()).collect();
        let keep = visit.url(&format!("/events/{id}"));
        Self {
            action: format!("{keep}/revoke"),
            done: keep.clone(),
            keep,
        }
    }
}

#[derive(Default)]
struct Answer {
    reason: Option<RevokeReason>,
    note: String,
    mistakes: Mistakes,
}

impl Answer {
    fn read(fields: &Fields) -> Self {
        let (reason, note) = (RevokeReason::parse(fields.one("reason")), fields.one("note").to_owned());
        let mut mistakes = Mistakes::none();
        if reason.is_none() {
            mistakes.note("reason-mistake", Mistake::NotChosen);
        }
        if note.chars().count() > NOTE_LIMIT {
            mistakes.note("note", Mistake::TooLong { limit: NOTE_LIMIT });
        }
        Self { reason, note, mistakes }
    }

    /// As it is kept with the award: the code of the reason, and what was written.
    fn stored(&self) -> String {
        let reason = self.reason.map(RevokeReason::code).unwrap_or_default();
        if self.note.is_empty() {
            reason.to_owned()
        } else {
            format!("{reason}: {}", self.note)
        }
    }
}

async fn show(
    deps: &Deps,
    visit: &Visit,
    place: Place,
    lines: Vec<AwardLine>,
    answer: Answer,
) -> Result<HttpResponse, WebError> {
    let around = Surroundings::read(deps, visit, Some(Section::History)).await?;
    let first = lines.first().ok_or(Refusal::NotFound)?;
    let (organisation, badge_id) = (visit.organisation(), first.badge_id.clone());
    let known = deps
        .store
        .read_one(async |tx| tx.catalog_badge(organisation, &badge_id).await)
        .await?;
    answer::page(&RevokePage {
        frame: around.frame,
        action: place.action,
        keep: place.keep,
        key: String::new(),
        badge: badge::named(visit, known.as_ref(), &first.badge_id, &first.badge_name),
        people: lines.iter().map(|line| person(visit, line)).collect(),
        reason: answer.reason,
        note: answer.note,
        some_not_sent: lines.iter().any(|line| intent(line.state) == Intent::Withdraw),
        mistakes: answer.mistakes,
    })
}

async fn carry_out(
    deps: &Deps,
    visit: &Visit,
    place: Place,
    lines: Vec<AwardLine>,
    fields: &Fields,
    member: MemberId,
) -> Result<HttpResponse, WebError> {
    let answer = Answer::read(fields);
    if !answer.mistakes.is_empty() {
        return show(deps, visit, place, lines, answer).await;
    }
    let mut count = 0;
    for line in &lines {
        count += usize::from(stop(deps, line, intent(line.state), member, &answer, visit).await?);
    }
    deps.worker.wake();
    Ok(answer::see_other_with(&place.done, &Flash::Revoking { n: count }))
}

/// Takes one award back; `false` if nothing is left to take back. What was sent since the page was shown is revoked.
async fn stop(
    deps: &Deps,
    line: &AwardLine,
    first: Intent,
    member: MemberId,
    answer: &Answer,
    visit: &Visit,
) -> Result<bool, WebError> {
    for intent in [first, Intent::Revoke] {
        let reason = Some(answer.stored());
        let stopped = issue::stop(&deps.store, visit.organisation(), line.id, intent, Some(member), reason);
        match stopped.await {
            Ok(state) => return Ok(state.is_some()),
            Err(StepError::Impossible(_)) => {}
            Err(StepError::Changed) => return Err(WebError::internal("an award changed too often")),
            Err(StepError::Store(error)) => return Err(error.into()),
        }
    }
    Ok(false)
}

/// Before the Factory has it, an award is withdrawn; after it, revoked. While that is unknown the intent waits.
const fn intent(state: AwardState) -> Intent {
    match state {
        AwardState::Held(_) | AwardState::Queued | AwardState::Refused | AwardState::Withdrawn => Intent::Withdraw,
        AwardState::Sending | AwardState::Issued | AwardState::Revoking | AwardState::Revoked => Intent::Revoke,
    }
}

fn person(visit: &Visit, line: &AwardLine) -> RevokePerson {
    RevokePerson {
        award: line.id.to_string(),
        name: who::name(visit, line),
        email: who::address(visit, line).filter(|_| !line.name.is_empty()),
        at: line.issued_at.unwrap_or(line.created_at),
    }
}
