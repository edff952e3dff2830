//! Rules of a course: the list, the editor with its dry run, switching, backfill, a stopped rule, and why somebody got
//! a badge or not.

mod editor;

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Path};
use serde_json::json;

pub(super) use editor::{begin, edit, save, save_new};

use super::fields::Fields;
use super::surroundings::Surroundings;
use super::{answer, audit, badge, who};
use crate::awards::rules::{self, RuleError};
use crate::jobs::work;
use crate::model::award::{AwardState, Hold};
use crate::model::rule::{Rule, RuleState};
use crate::model::{Address, AwardId, CourseId, MemberId, RuleId};
use crate::store::award_views::AwardLine;
use crate::store::job::NewJob;
use crate::store::{Durability, StoreError};
use crate::web::deps::Deps;
use crate::web::error::{Refusal, WebError};
use crate::web::pages::rules::{Asked, ChosenRow, PersonPage, RuleLine, RulePeoplePage, RulesPage, WhyAnswer};
use crate::web::pages::{Badge, Flash, Mistake, Mistakes, Section};
use crate::web::visit::Visit;

/// A rule in an address.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Named {
    rule: String,
}

/// A person in an address.
#[derive(Debug, serde::Deserialize)]
pub(super) struct NamedPerson {
    person: String,
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
            // a course that was never asked has nothing to ask
            if tx.pull(organisation, course).await?.is_some() {
                tx.ask_anew(organisation, course).await?;
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
        Ok(()) => audit::note(&deps, &visit, action, rule.id, json!({ "before": rule.state.word() })).await?,
        // Twice pressed, or somebody else was first: the page shows where it stands.
        Err(RuleError::State { .. } | RuleError::Changed) => {}
        Err(error) => return Err(error.into()),
    }
    deps.worker.wake();
    Ok(answer::see_other_with(&visit.url("/rules"), &Flash::RuleKept))
}

/// `GET /c/{seat}/rules/{rule}/backfill`
#[tracing::instrument(name = "web.course.rules.backfill", skip_all)]
pub(super) async fn ask_backfill(deps: Data<Deps>, visit: Visit, path: Path<Named>) -> Result<HttpResponse, WebError> {
    let (course, _) = visit.issues()?;
    let rule = find(&deps, &visit, course, &path).await?;
    people_page(&deps, &visit, &rule, false, Mistakes::none()).await
}

/// `POST /c/{seat}/rules/{rule}/backfill`
#[tracing::instrument(name = "web.course.rules.backfill.do", skip_all)]
pub(super) async fn backfill(
    deps: Data<Deps>,
    visit: Visit,
    path: Path<Named>,
    body: Bytes,
) -> Result<HttpResponse, WebError> {
    let (course, member) = visit.issues()?;
    let fields = Fields::of_form(&body, &visit)?;
    let rule = find(&deps, &visit, course, &path).await?;
    carry_out(&deps, &visit, &rule, &fields, member, false).await
}

/// `GET /c/{seat}/rules/{rule}/release`
#[tracing::instrument(name = "web.course.rules.release", skip_all)]
pub(super) async fn ask_release(deps: Data<Deps>, visit: Visit, path: Path<Named>) -> Result<HttpResponse, WebError> {
    let (course, _) = visit.issues()?;
    let rule = find(&deps, &visit, course, &path).await?;
    people_page(&deps, &visit, &rule, true, Mistakes::none()).await
}

/// `POST /c/{seat}/rules/{rule}/release`: award or discard, by `do`.
#[tracing::instrument(name = "web.course.rules.release.do", skip_all)]
pub(super) async fn release(
    deps: Data<Deps>,
    visit: Visit,
    path: Path<Named>,
    body: Bytes,
) -> Result<HttpResponse, WebError> {
    let (course, member) = visit.issues()?;
    let fields = Fields::of_form(&body, &visit)?;
    let rule = find(&deps, &visit, course, &path).await?;
    if fields.one("do") == "discard" {
        let count = rules::discard(&deps.store, &rule, Some(member)).await?;
        audit::note(&deps, &visit, "rule.discard", rule.id, json!({ "awards": count })).await?;
        match rules::turn(&deps.store, &rule, RuleState::Paused, Some(member)).await {
            Ok(()) | Err(RuleError::State { .. } | RuleError::Changed) => {}
            Err(error) => return Err(error.into()),
        }
        return Ok(answer::see_other_with(&visit.url("/rules"), &Flash::RuleKept));
    }
    carry_out(&deps, &visit, &rule, &fields, member, true).await
}

/// Only people whom the list names may be ticked: what the form says beyond it is passed over.
async fn carry_out(
    deps: &Deps,
    visit: &Visit,
    rule: &Rule,
    fields: &Fields,
    by: MemberId,
    is_stopped: bool,
) -> Result<HttpResponse, WebError> {
    let ticked: Vec<&str> = fields.all("member").collect();
    let mut chosen = Vec::new();
    for (member, ..) in candidates(deps, rule, is_stopped).await? {
        if ticked.contains(&member.to_string().as_str()) {
            chosen.push(member);
        }
    }
    if chosen.is_empty() {
        let mistakes = Mistakes::one("people", Mistake::Nobody);
        return people_page(deps, visit, rule, is_stopped, mistakes).await;
    }
    let n = chosen.len();
    let dated_today = fields.one("dated") == "today";
    match rules::grant(&deps.store, rule, chosen, dated_today, Some(by)).await {
        Ok(()) => {
            let action = if is_stopped { "rule.release" } else { "rule.backfill" };
            audit::note(deps, visit, action, rule.id, json!({ "people": n })).await?;
        }
        // Twice pressed: the first press did it.
        Err(RuleError::State { .. } | RuleError::Changed) => return Ok(answer::see_other(&visit.url("/rules"))),
        Err(error) => return Err(error.into()),
    }
    deps.worker.wake();
    Ok(answer::see_other_with(&visit.url("/rules"), &Flash::RuleAwarding { n }))
}

type Candidate = (MemberId, String, Option<crate::clock::Timestamp>);

async fn candidates(deps: &Deps, rule: &Rule, is_stopped: bool) -> Result<Vec<Candidate>, WebError> {
    if is_stopped {
        let (organisation, id) = (rule.organisation, rule.id);
        let held = deps
            .store
            .read_one(async |tx| tx.held_by_rule(organisation, id, Hold::Limit).await)
            .await?;
        return Ok(held
            .into_iter()
            .map(|award| (award.member, award.name, Some(award.met_at)))
            .collect());
    }
    let tried = rules::dry_run(&deps.store, rule, deps.store.now().await?).await?;
    Ok(tried
        .into_iter()
        .filter(rules::Tried::would_get_it)
        .map(|tried| (tried.person.member, tried.person.name, tried.decision.met_at))
        .collect())
}

async fn people_page(
    deps: &Deps,
    visit: &Visit,
    rule: &Rule,
    is_stopped: bool,
    mistakes: Mistakes,
) -> Result<HttpResponse, WebError> {
    let around = Surroundings::read(deps, visit, Some(Section::Rules)).await?;
    let back = visit.url(&format!("/rules/{}", rule.id));
    let people = candidates(deps, rule, is_stopped).await?;
    answer::page(&RulePeoplePage {
        frame: around.frame,
        action: format!("{back}/{}", if is_stopped { "release" } else { "backfill" }),
        back,
        badge: badge_of(deps, visit, &rule.badge_id).await?,
        is_stopped,
        since: (is_stopped && rule.state == RuleState::Stopped).then_some(rule.state_at),
        people: people
            .into_iter()
            .map(|(member, name, met)| ChosenRow {
                member: member.to_string(),
                name: who::name_or_address(visit, &name, None),
                met,
            })
            .collect(),
        mistakes,
    })
}

/// `GET /c/{seat}/people/{person}`
#[tracing::instrument(name = "web.course.person", skip_all)]
pub(super) async fn person(
    deps: Data<Deps>,
    visit: Visit,
    path: Path<NamedPerson>,
    query: Fields,
) -> Result<HttpResponse, WebError> {
    let course = visit.sees_course()?;
    let member: MemberId = path.person.parse().map_err(|_| Refusal::NotFound)?;
    let organisation = visit.organisation();
    let around = Surroundings::with_flash(&deps, &visit, Some(Section::People), query.flash()).await?;
    let (person, known, lines, dropped) = deps
        .store
        .read(async |tx| {
            let mut here = Vec::new();
            for line in tx.member_awards(organisation, member).await? {
                // what another course awarded is not this course's to see
                if tx.award_story(organisation, course, line.id).await?.is_some() {
                    here.push(line);
                }
            }
            Ok::<_, StoreError>((
                tx.person(organisation, course, member).await?,
                tx.rules_of_course(organisation, course).await?,
                here,
                tx.dropped_awards(organisation, course).await?,
            ))
        })
        .await?;
    let person = person.ok_or(Refusal::NotFound)?;
    let now = deps.store.now().await?;
    let mut answers = Vec::new();
    for rule in known.iter().filter(|rule| rule.state != RuleState::Archived) {
        let Some(tried) = rules::why(&deps.store, rule, member, now).await? else {
            continue;
        };
        let id = rule.id;
        let last = deps
            .store
            .read_one(async |tx| tx.evaluation(organisation, id, member).await)
            .await?;
        let award = lines.iter().find(|line| line.badge_id == rule.badge_id);
        answers.push(WhyAnswer {
            rule: id.to_string(),
            badge: badge_of(&deps, &visit, &rule.badge_id).await?,
            decision: tried.decision,
            looked: last.map(|last| last.at),
            award: award.map(|line| (line.id.to_string(), who::word(line))),
            dropped: award.is_some_and(|line| dropped.iter().any(|one| one.award == line.id)),
            sent_elsewhere: award
                .filter(|_| who::sees_addresses(&visit))
                .and_then(|line| elsewhere(line, person.email.as_ref())),
            may_reissue: visit.issues().is_ok()
                && !lines
                    .iter()
                    .any(|line| line.badge_id == rule.badge_id && line.cause.starts_with("hand:")),
        });
    }
    let email = person.email.as_ref().map(ToString::to_string);
    answer::page(&PersonPage {
        frame: around.frame,
        name: who::name_or_address(&visit, &person.name, email.as_deref()),
        email: email.filter(|_| who::sees_addresses(&visit)),
        action: visit.url(&format!("/people/{member}")),
        answers,
    })
}

/// The address that an award was sent to, if the person has another one by now.
fn elsewhere(line: &AwardLine, now: Option<&Address>) -> Option<String> {
    let (sent, now) = (line.address.as_deref()?, now?);
    (line.state == AwardState::Issued && sent != now.as_str()).then(|| sent.to_owned())
}

/// `POST /c/{seat}/people/{person}`: `check` looks again, `keep` keeps a badge whose conditions are no longer met.
#[tracing::instrument(name = "web.course.person.do", skip_all)]
pub(super) async fn decide(
    deps: Data<Deps>,
    visit: Visit,
    path: Path<NamedPerson>,
    body: Bytes,
) -> Result<HttpResponse, WebError> {
    let (course, _) = visit.issues()?;
    let fields = Fields::of_form(&body, &visit)?;
    let member: MemberId = path.person.parse().map_err(|_| Refusal::NotFound)?;
    let organisation = visit.organisation();
    let person = deps
        .store
        .read_one(async |tx| tx.person(organisation, course, member).await)
        .await?;
    person.ok_or(Refusal::NotFound)?;
    let kept: Option<AwardId> = fields.maybe("award").and_then(|id| id.parse().ok());
    let keeps = fields.one("do") == "keep";
    let done: Result<(), StoreError> = deps
        .store
        .write(Durability::Full, async move |tx| {
            let now = tx.now().await?;
            match kept.filter(|_| keeps) {
                Some(award) => {
                    let here = tx.dropped_awards(organisation, course).await?;
                    if here.iter().any(|one| one.award == award && one.member == member) {
                        tx.keep_dropped(organisation, award, now).await?;
                    }
                }
                None => {
                    tx.enqueue(&NewJob::evaluate(organisation, course, member, now), now)
                        .await?;
                }
            }
            Ok(())
        })
        .await;
    done?;
    deps.worker.wake();
    let flash = if keeps { Flash::RuleKept } else { Flash::RuleChecked };
    Ok(answer::see_other_with(&visit.url(&format!("/people/{member}")), &flash))
}
