//! How far a learner is with one badge: what a placed progress card shows, and the learner's own page.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};

use super::surroundings::Surroundings;
use super::{answer, apply, badge, event, who};
use crate::awards::rules;
use crate::clock::Timestamp;
use crate::model::catalog::CatalogBadge;
use crate::model::rule::{Condition, Expression, Outcome, Rule};
use crate::model::{CourseId, MemberId};
use crate::store::award_views::AwardLine;
use crate::store::{OwnAward, StoreError};
use crate::web::deps::Deps;
use crate::web::error::{Refusal, WebError};
use crate::web::pages::AwardWord;
use crate::web::pages::progress::{ProgressCard, ProgressPage, Way};
use crate::web::visit::Visit;

/// `GET /c/{seat}/progress/{badge}`: for everybody; who has no name here has no badge either.
#[tracing::instrument(name = "web.course.progress", skip_all)]
pub(super) async fn progress(
    deps: Data<Deps>,
    visit: Visit,
    path: Path<(String, String)>,
) -> Result<HttpResponse, WebError> {
    let (_, id) = path.into_inner();
    let (organisation, member) = (visit.organisation(), visit.seat.member);
    let (known, lines, sources) = deps
        .store
        .read(async |tx| {
            let known = tx.catalog_badges(organisation).await?;
            let (lines, sources) = match member {
                Some(member) => (
                    tx.member_awards(organisation, member).await?,
                    tx.own_awards(organisation, member).await?,
                ),
                None => (Vec::new(), Vec::new()),
            };
            Ok::<_, StoreError>((known, lines, sources))
        })
        .await?;
    let of_badge = known.iter().find(|badge| badge.id == id && !badge.draft);
    let shown = of_badge.ok_or(Refusal::NotFound)?;
    let mut card = ProgressCard {
        badge: badge::view(&visit, shown),
        line: badge::line(shown),
        award: award_of(&visit, &shown.id, &lines, &sources),
        ..ProgressCard::default()
    };
    if let (Some(course), Some(member)) = (visit.seat.course, member) {
        let ways = ways(&deps, &visit, course, member, &known).await?;
        card.ways = ways
            .into_iter()
            .filter(|(rule, _)| rule.badge_id == id)
            .map(|(_, way)| way)
            .collect();
        if !card.is_got() {
            card.apply = form_of(&deps, &visit, course, &id).await?;
        }
    }
    answer::page(&ProgressPage {
        frame: Surroundings::read(&deps, &visit, None).await?.frame,
        card,
    })
}

/// The learner's newest award of a badge that is their business, and since when.
fn award_of(visit: &Visit, badge: &str, lines: &[AwardLine], sources: &[OwnAward]) -> Option<(AwardWord, Timestamp)> {
    lines.iter().filter(|line| line.badge_id == badge).find_map(|line| {
        let word = who::word(line);
        word.learner(&visit.text)?;
        let sent = line.issued_at.unwrap_or(line.created_at);
        let source = sources.iter().find(|source| source.id == line.id);
        let at = source.map_or(sent, |source| event::award_date(&source.content, sent));
        Some((word, at))
    })
}

/// Each rule of the course that is weighed, and how the learner stands: why or why not, without what the LMS hides from
/// learners. Nothing for who does not learn here.
pub(super) async fn ways(
    deps: &Deps,
    visit: &Visit,
    course: CourseId,
    member: MemberId,
    badges: &[CatalogBadge],
) -> Result<Vec<(Rule, Way)>, WebError> {
    let organisation = visit.organisation();
    let (known, asked) = deps
        .store
        .read(async |tx| {
            let rules = tx.rules_of_course(organisation, course).await?;
            let pull = tx.pull(organisation, course).await?;
            Ok::<_, StoreError>((rules, pull.and_then(|pull| pull.ok_at)))
        })
        .await?;
    let now = deps.store.now().await?;
    let mut ways = Vec::new();
    for rule in known.into_iter().filter(|rule| rule.state.is_weighed()) {
        // a rule may count scores that are not released; a learner reads none of them
        let mut shown = rule.clone();
        shown.terms.options.released_only = true;
        let Some(tried) = rules::why(&deps.store, &shown, member, now).await? else {
            continue;
        };
        if tried.decision.outcome == Outcome::NotALearner {
            continue;
        }
        let way = Way {
            state: rule.state,
            any: matches!(rule.terms.when, Expression::Any(_)),
            conditions: conditions(&rule.terms.when, badges),
            decision: tried.decision,
            asked,
        };
        ways.push((rule, way));
    }
    Ok(ways)
}

/// The conditions in the order of a decision's results, with badges by their names.
fn conditions(when: &Expression, badges: &[CatalogBadge]) -> Vec<Expression> {
    match when {
        Expression::One(Condition::Holds(id)) => {
            let name = badges.iter().find(|badge| badge.id == *id).map(|badge| &badge.name);
            vec![Expression::One(Condition::Holds(name.unwrap_or(id).clone()))]
        }
        Expression::One(_) => vec![when.clone()],
        Expression::All(parts) | Expression::Any(parts) => {
            parts.iter().flat_map(|part| conditions(part, badges)).collect()
        }
    }
}

/// Where a badge can be applied for in this course.
async fn form_of(deps: &Deps, visit: &Visit, course: CourseId, badge: &str) -> Result<Option<String>, WebError> {
    let organisation = visit.organisation();
    let found = deps.store.read(async |tx| {
        for id in tx.placed_forms(organisation, course).await? {
            let form = tx.catalog_form(organisation, &id).await?;
            if form.is_some_and(|form| form.badge_id == badge && form.is_offered()) {
                return Ok(Some(id));
            }
        }
        Ok::<_, StoreError>(None)
    });
    let form = found.await?;
    Ok(form.map(|id| visit.url(&format!("/apply/{}", apply::encoded(&id)))))
}
