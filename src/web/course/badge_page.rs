//! One badge in a course, for its staff: what it is, what gives it, who has it from here.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};

use super::surroundings::Surroundings;
use super::{answer, badge, history};
use crate::catalog::looking::Wanted;
use crate::clock::Timestamp;
use crate::model::catalog::{BadgeValidity, CatalogBadge};
use crate::model::content::Shows;
use crate::model::editing::SeenBadge;
use crate::store::StoreError;
use crate::store::award_views::{HistoryFilter, HistorySort};
use crate::web::admin::glance::{Glance, glance};
use crate::web::clean::Clean;
use crate::web::deps::Deps;
use crate::web::error::{Refusal, WebError};
use crate::web::pages::Section;
use crate::web::pages::course_badge::{CourseBadgePage, RuleHere};
use crate::web::text::Text;
use crate::web::visit::Visit;

/// Awards that are listed; the history has them all.
const LISTED: u32 = 25;

/// A badge in an address.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Named {
    badge: String,
}

/// `GET /c/{seat}/badges/{badge}`: one that may be used in this course, or was.
#[tracing::instrument(name = "web.course.badge", skip_all)]
pub(super) async fn show(deps: Data<Deps>, visit: Visit, path: Path<Named>) -> Result<HttpResponse, WebError> {
    let course = visit.sees_course()?;
    let organisation = visit.organisation();
    let id = path.into_inner().badge;
    let filter = HistoryFilter {
        badge_id: Some(id.clone()),
        names_only: true,
        ..HistoryFilter::default()
    };
    let (known, choice, lines, total, rules, contents) = deps
        .store
        .read(async |tx| {
            Ok::<_, StoreError>((
                tx.catalog_badge(organisation, &id).await?,
                tx.badge_choice(organisation, course).await?,
                tx.course_history(organisation, course, &filter, HistorySort::NewestFirst, LISTED, 0)
                    .await?,
                tx.course_history_count(organisation, course, &filter).await?,
                tx.rules_of_course(organisation, course).await?,
                tx.course_contents(organisation, course).await?,
            ))
        })
        .await?;
    let known: CatalogBadge = known.ok_or(Refusal::NotFound)?;
    let is_allowed = choice.is_none_or(|choice| choice.contains(&id));
    if !is_allowed && lines.is_empty() {
        return Err(Refusal::NotFound.into());
    }
    let seen: Glance<SeenBadge> = glance(&deps, organisation, Wanted::Badge(id.clone())).await?;
    let around = Surroundings::read(&deps, &visit, Some(Section::Home)).await?;
    let criteria = seen.thing.as_ref().and_then(|seen| seen.sheet.criteria.as_deref());
    let shows = |shows: &Shows| match shows {
        Shows::Progress(badge) => *badge == id,
        _ => false,
    };
    answer::page(&CourseBadgePage {
        badge: badge::view(&visit, &known),
        description: known.description.clone(),
        validity: validity(known.validity, &visit.text),
        criteria: criteria.and_then(Clean::of),
        is_read: seen.thing.is_some(),
        age: seen.age,
        is_offered: is_allowed && known.can_be_issued() && !seen.is_gone,
        rules: rules
            .into_iter()
            .filter(|rule| rule.badge_id == id)
            .map(|rule| RuleHere {
                id: rule.id.to_string(),
                state: rule.state,
            })
            .collect(),
        placed: contents
            .into_iter()
            .filter(|content| shows(&content.shows) || content.applies_for.as_deref() == Some(id.as_str()))
            .map(|content| content.title)
            .collect(),
        rows: lines.iter().map(|line| history::row(&visit, line)).collect(),
        total,
        factory: around.factory,
        frame: around.frame,
    })
}

fn validity(validity: BadgeValidity, text: &Text) -> String {
    match validity {
        BadgeValidity::Endless => text.say("badge-endless"),
        BadgeValidity::Months(months) => text.msg("badge-for-months").with("n", months).to_string(),
        BadgeValidity::Until(seconds) => text
            .msg("badge-until-date")
            .with("date", text.date(Timestamp::from_seconds(seconds)))
            .to_string(),
    }
}
