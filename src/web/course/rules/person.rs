//! A person of the course: for each rule why they got its badge or did not, and what may be done about it.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Path};

use super::super::fields::Fields;
use super::super::surroundings::Surroundings;
use super::super::{answer, who};
use super::badge_of;
use crate::awards::rules;
use crate::model::award::AwardState;
use crate::model::rule::RuleState;
use crate::model::{Address, AwardId, MemberId};
use crate::store::award_views::AwardLine;
use crate::store::job::NewJob;
use crate::store::{Durability, StoreError};
use crate::web::deps::Deps;
use crate::web::error::{Refusal, WebError};
use crate::web::pages::rules::{PersonPage, WhyAnswer};
use crate::web::pages::{Flash, Section};
use crate::web::visit::Visit;

/// A person in an address.
#[derive(Debug, serde::Deserialize)]
pub(in super::super) struct NamedPerson {
    person: String,
}

/// `GET /c/{seat}/people/{person}`
#[tracing::instrument(name = "web.course.person", skip_all)]
pub(in super::super) async fn person(
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
            Ok::<_, StoreError>((
                tx.person(organisation, course, member).await?,
                tx.rules_of_course(organisation, course).await?,
                tx.course_member_awards(organisation, course, member).await?,
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
pub(in super::super) async fn decide(
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
