//! One award: what happened to it, with each try.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};

use super::fields::Fields;
use super::surroundings::Surroundings;
use super::{answer, badge, extra, who};
use crate::clock::Timestamp;
use crate::model::award::{AwardState, Hold, Intent};
use crate::model::{AwardId, CourseId};
use crate::store::StoreError;
use crate::store::attempt::{Attempt, AttemptKind};
use crate::store::award_views::{AwardLine, AwardStory};
use crate::web::deps::Deps;
use crate::web::error::{Refusal, WebError};
use crate::web::pages::Section;
use crate::web::pages::award::{AwardPage, Happened, What};
use crate::web::pages::words::Cause;
use crate::web::visit::Visit;

/// The name of an award in an address.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Named {
    award: String,
}

impl Named {
    /// Our id of the award.
    pub(super) fn id(&self) -> Result<AwardId, WebError> {
        self.award.parse().map_err(|_| Refusal::NotFound.into())
    }
}

/// `GET /c/{seat}/awards/{award}`
#[tracing::instrument(name = "web.course.award", skip_all)]
pub(super) async fn award(
    deps: Data<Deps>,
    visit: Visit,
    path: Path<Named>,
    query: Fields,
) -> Result<HttpResponse, WebError> {
    let course = visit.sees_course()?;
    let story = story(&deps, &visit, course, path.id()?).await?;
    let around = Surroundings::with_flash(&deps, &visit, Some(Section::History), query.flash()).await?;
    let line = &story.line;
    let (organisation, request) = (visit.organisation(), line.request);
    let (known, content, extras) = deps
        .store
        .read(async |tx| {
            let known = tx.catalog_badge(organisation, &line.badge_id).await?;
            let content = match request {
                Some(request) => tx.request_content(organisation, course, request).await?,
                None => None,
            };
            let extras = tx.extra_events_of_award(organisation, line.id).await?;
            Ok::<_, StoreError>((known, content, extras))
        })
        .await?;
    let is_offered = known
        .as_ref()
        .is_some_and(crate::model::catalog::CatalogBadge::can_be_issued);
    answer::page(&AwardPage {
        award: line.id.to_string(),
        badge: badge::named(&visit, known.as_ref(), &line.badge_id, &line.badge_name),
        person: who::name(&visit, line),
        email: who::address(&visit, line).filter(|_| !line.name.is_empty()),
        word: who::word(line),
        reason: line.reason.clone(),
        cause: Cause::of(&line.cause),
        by: line.author.clone().unwrap_or_default(),
        request: request.map(|request| request.to_string()),
        event: line.event.clone(),
        valid_until: content.and_then(|content| content.expires).map(Timestamp::from_seconds),
        link: None,
        extras: extras.into_iter().map(extra::shown).collect(),
        trail: trail(&story),
        can_revoke: who::can_revoke(line),
        can_issue_again: is_offered && can_issue_again(line),
        reference: line.id.to_string(),
        frame: around.frame,
    })
}

/// An award of this course with each try; not found if there is none.
pub(super) async fn story(deps: &Deps, visit: &Visit, course: CourseId, id: AwardId) -> Result<AwardStory, WebError> {
    let story = deps
        .store
        .read(async |tx| tx.award_story(visit.organisation(), course, id).await)
        .await?;
    story.ok_or_else(|| Refusal::NotFound.into())
}

const fn can_issue_again(line: &AwardLine) -> bool {
    matches!(
        line.state,
        AwardState::Issued | AwardState::Revoking | AwardState::Revoked | AwardState::Withdrawn | AwardState::Refused
    )
}

fn trail(story: &AwardStory) -> Vec<Happened> {
    let line = &story.line;
    let by = line.author.clone().unwrap_or_default();
    let happened = |at: Timestamp, what: What| Happened {
        at,
        what,
        answer: String::new(),
    };
    let first = match Cause::of(&line.cause) {
        Cause::Rule => What::Ruled,
        _ => What::Asked { by },
    };
    let mut trail = vec![happened(line.created_at, first)];
    if line.state == AwardState::Held(Hold::NoEmail) {
        trail.push(happened(line.created_at, What::Held));
    }
    trail.extend(story.attempts.iter().filter_map(tried));
    if let Some(at) = story.intent_at {
        let by = String::new();
        let what = match line.intent {
            Some(Intent::Withdraw) => What::Withdrawn { by },
            _ => What::RevokeAsked { by },
        };
        trail.push(Happened {
            at,
            what,
            answer: story.intent_reason.clone().unwrap_or_default(),
        });
    }
    let is_told = story
        .attempts
        .iter()
        .any(|attempt| attempt.kind == AttemptKind::Revoke && attempt.verdict == "revoked");
    if let (Some(at), false) = (line.revoked_at, is_told) {
        trail.push(happened(at, What::Revoked));
    }
    trail.sort_by_key(|step| step.at);
    trail
}

/// A try as something that happened; readings that changed nothing are left out.
fn tried(attempt: &Attempt) -> Option<Happened> {
    let what = match (attempt.kind, attempt.verdict.as_str()) {
        (AttemptKind::Send, _) if attempt.by_person => What::TriedAgain { by: String::new() },
        (AttemptKind::Send, "issued") => What::Sent,
        (AttemptKind::Send, "not sent") if attempt.status == Some(429) => What::AskedToWait,
        (AttemptKind::Send, "not sent") => What::NotReached,
        (AttemptKind::Send, verdict) if verdict.starts_with("refused") => What::Refused,
        (AttemptKind::Send, _) => What::AnswerLost,
        (AttemptKind::Look, "nothing found") => What::NotFound,
        (AttemptKind::Look, "failed") | (AttemptKind::Event, _) => return None,
        (AttemptKind::Look, _) => What::Found,
        (AttemptKind::Revoke, "revoked") => What::Revoked,
        (AttemptKind::Revoke, _) => What::NotReached,
    };
    Some(Happened {
        at: attempt.started_at,
        what,
        answer: attempt.reply.clone().unwrap_or_default(),
    })
}
