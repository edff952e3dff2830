//! Rules of a course: the list and switching. Beside it the editor with its dry run, awarding to people of a list, and why
//! somebody got a badge or not.

mod editor;
mod form;
mod grant;
mod person;

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Path};
use serde_json::json;

pub(super) use editor::{begin, edit, save, save_new};
pub(super) use grant::{ask_backfill, ask_release, backfill, release};
pub(super) use person::{decide, person};

use super::fields::Fields;
use super::surroundings::Surroundings;
use super::{answer, audit, badge};
use crate::awards::rules::{self, RuleError};
use crate::jobs::work;
use crate::model::rule::{Rule, RuleState};
use crate::model::{CourseId, RuleId};
use crate::store::{Durability, StoreError};
use crate::web::deps::Deps;
use crate::web::error::{Refusal, WebError};
use crate::web::pages::rules::{Asked, RuleLine, RulesPage};
use crate::web::pages::{Badge, Flash, Section};
use crate::web::visit::Visit;

/// A rule in an address.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Named {
    rule: String,
}

impl From<RuleError> for WebError {
    fn from(error: RuleError) -> Self {
        match error {
            RuleError::NoRule => Refusal::NotFound.into(),
            RuleError::Store(error) => error.into(),
            other => Self::internal(other),
        }
    }
}

/// The rule of this course; one of another course is not found.
async fn find(deps: &Deps, visit: &Visit, course: CourseId, named: &Named) -> Result<Rule, WebError> {
    let id: RuleId = named.rule.parse().map_err(|_| Refusal::NotFound)?;
    let organisation = visit.organisation();
    let rule = deps.store.read_one(async |tx| tx.rule(organisation, id).await).await?;
    rule.filter(|rule| rule.course == course)
        .ok_or_else(|| Refusal::NotFound.into())
}

async fn badge_of(deps: &Deps, visit: &Visit, id: &str) -> Result<Badge, WebError> {
    let organisation = visit.organisation();
    let known = deps
        .store
        .read_one(async |tx| tx.catalog_badge(organisation, id).await)
        .await?;
    let name = known.as_ref().map_or(id, |badge| badge.name.as_str()).to_owned();
    Ok(badge::named(visit, known.as_ref(), id, &name))
}

/// `GET /c/{seat}/rules`
#[tracing::instrument(name = "web.course.rules", skip_all)]
pub(super) async fn list(deps: Data<Deps>, visit: Visit, query: Fields) -> Result<HttpResponse, WebError> {
    let course = visit.sees_course()?;
    let around = Surroundings::with_flash(&deps, &visit, Some(Section::Rules), query.flash()).await?;
    let organisation = visit.organisation();
    let (known, pull) = deps
        .store
        .read(async |tx| {
            Ok::<_, StoreError>((
                tx.rules_of_course(organisation, course).await?,
                tx.pull(organisation, course).await?,
            ))
        })
        .await?;
    let asked = pull.and_then(|pull| {
        Some(Asked {
            at: pull.asked_at?,
            failed: pull.error.is_some(),
        })
    });
    let mut lines = Vec::new();
    for rule in known {
        let id = rule.id;
        let (awards, checked) = deps
            .store
            .read(async |tx| {
                Ok::<_, StoreError>((
                    tx.rule_award_count(organisation, id).await?,
                    tx.rule_checked_at(organisation, id).await?,
                ))
            })
            .await?;
        lines.push(RuleLine {
            rule: id.to_string(),
            badge: badge_of(&deps, &visit, &rule.badge_id).await?,
            when: rule.terms.when,
            state: rule.state,
            awards: usize::try_from(awards).unwrap_or(0),
            checked,
        });
    }
    answer::page(&RulesPage {
        frame: around.frame,
        rules: lines,
        asked,
    })
}

/// `POST /c/{seat}/rules`: asks the LMS about this course now, and about everything.
#[tracing::instrument(name = "web.course.rules.check", skip_all)]
pub(super) async fn check(deps: Data<Deps>, visit: Visit, body: Bytes) -> Result<HttpResponse, WebError> {
    let (course, _) = visit.issues()?;
    Fields::of_form(&body, &visit)?;
    let organisation = visit.organisation();
    let queued: Result<(), StoreError> = deps
        .store
        .write(Durability::Full, async move |tx| {
            let now = tx.now().await?;
            // a course that was never asked has nothing to ask; what was asked for a moment ago is under way
            let pull = tx.pull(organisation, course).await?;
            if pull.is_some_and(|pull| pull.may_ask_anew(now)) {
                tx.ask_anew(organisation, course, now).await?;
                tx.enqueue(&work::pull(organisation, course, now), now).await?;
            }
            Ok(())
        })
        .await;
    queued?;
    deps.worker.wake();
    Ok(answer::see_other_with(&visit.url("/rules"), &Flash::RuleChecked))
}

/// `POST /c/{seat}/rules/{rule}/pause`: pause, resume or archive, by `do`.
#[tracing::instrument(name = "web.course.rules.switch", skip_all)]
pub(super) async fn switch(
    deps: Data<Deps>,
    visit: Visit,
    path: Path<Named>,
    body: Bytes,
) -> Result<HttpResponse, WebError> {
    let (course, member) = visit.issues()?;
    let fields = Fields::of_form(&body, &visit)?;
    let rule = find(&deps, &visit, course, &path).await?;
    let (to, action) = match fields.one("do") {
        "pause" => (RuleState::Paused, "rule.pause"),
        "resume" => (RuleState::On, "rule.resume"),
        "archive" => (RuleState::Archived, "rule.archive"),
        _ => return Err(Refusal::NotFound.into()),
    };
    match rules::turn(&deps.store, &rule, to, Some(member)).await {
        Ok(()) => audit::note(&deps, &visit, action, &rule.id, json!({ "before": rule.state.word() })).await?,
        // Twice pressed, or somebody else was first: the page shows where it stands.
        Err(RuleError::State { .. } | RuleError::Changed) => {}
        Err(error) => return Err(error.into()),
    }
    deps.worker.wake();
    Ok(answer::see_other_with(&visit.url("/rules"), &Flash::RuleKept))
}
