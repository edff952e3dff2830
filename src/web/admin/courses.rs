//! Courses of an organisation, and which badges each may use.

use std::collections::BTreeSet;

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Path};
use serde_json::json;

use crate::model::CourseId;
use crate::model::catalog::CatalogBadge;
use crate::store::{CourseLine, Durability, StoreError};
use crate::web::course::answer;
use crate::web::course::fields::Fields;
use crate::web::deps::Deps;
use crate::web::error::{Refusal, WebError};
use crate::web::operator::session::{Admin, record};
use crate::web::pages::admin::courses::{CourseChoicePage, CourseRow, CoursesPage};
use crate::web::pages::{Flash, Frame, Room};

/// Courses on one page.
const SIZE: usize = 50;

/// `GET /admin/courses`
#[tracing::instrument(name = "web.admin.courses", skip_all)]
pub(super) async fn list(deps: Data<Deps>, admin: Admin, query: Fields) -> Result<HttpResponse, WebError> {
    let organisation = admin.organisation;
    let page = query.number("page", 1).clamp(1, 100_000);
    let search: String = query.one("search").chars().take(200).collect();
    let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let mut lines = deps
        .store
        .read_one(async |tx| {
            tx.course_lines(organisation, &search, number(SIZE + 1), number((page - 1) * SIZE))
                .await
        })
        .await?;
    let has_next = lines.len() > SIZE;
    lines.truncate(SIZE);
    let entries = deps.directory.entries();
    let row = |line: CourseLine| CourseRow {
        id: line.id.to_string(),
        title: line.title,
        label: line.label,
        lms: entries
            .registration(line.registration)
            .map_or_else(String::new, |known| known.registration.name.clone()),
        badges: line.badges.map(|count| usize::try_from(count).unwrap_or_default()),
        rules: usize::try_from(line.rules).unwrap_or_default(),
    };
    let address = |page: usize| {
        url::form_urlencoded::Serializer::new(String::new())
            .append_pair("search", &search)
            .append_pair("page", &page.to_string())
            .finish()
    };
    answer::page(&CoursesPage {
        frame: Frame {
            flash: query.flash(),
            ..admin.frame(Some(Room::Courses))
        },
        rows: lines.into_iter().map(row).collect(),
        previous: (page > 1).then(|| address(page - 1)),
        next: has_next.then(|| address(page + 1)),
        search,
    })
}

/// `GET /admin/courses/{course}`
#[tracing::instrument(name = "web.admin.course", skip_all)]
pub(super) async fn show(deps: Data<Deps>, admin: Admin, path: Path<String>) -> Result<HttpResponse, WebError> {
    let id: CourseId = path.parse().map_err(|_| Refusal::NotFound)?;
    let organisation = admin.organisation;
    let (course, choice, badges) = deps
        .store
        .read(async |tx| {
            Ok::<_, StoreError>((
                tx.course(organisation, id).await?,
                tx.badge_choice(organisation, id).await?,
                tx.catalog_badges(organisation).await?,
            ))
        })
        .await?;
    let course = course.ok_or(Refusal::NotFound)?;
    let is_ticked = |badge: &CatalogBadge| choice.as_ref().is_none_or(|choice| choice.contains(&badge.id));
    answer::page(&CourseChoicePage {
        frame: admin.frame(Some(Room::Courses)),
        id: id.to_string(),
        title: course.title,
        is_limited: choice.is_some(),
        badges: badges
            .into_iter()
            .filter(CatalogBadge::can_be_issued)
            .map(|badge| {
                let is_ticked = is_ticked(&badge);
                (badge.id, badge.name, is_ticked)
            })
            .collect(),
    })
}

/// `POST /admin/courses/{course}`: `which` is `all`, or `some` with every `badge`.
#[tracing::instrument(name = "web.admin.course.choose", skip_all)]
pub(super) async fn choose(
    deps: Data<Deps>,
    admin: Admin,
    path: Path<String>,
    body: Bytes,
) -> Result<HttpResponse, WebError> {
    let fields = admin.form(&body)?;
    let id: CourseId = path.parse().map_err(|_| Refusal::NotFound)?;
    let organisation = admin.organisation;
    let known = deps
        .store
        .read_one(async move |tx| tx.catalog_badges(organisation).await)
        .await?;
    let is_known = |badge: &&str| known.iter().any(|one| one.id == *badge);
    let chosen: BTreeSet<String> = fields.all("badge").filter(is_known).map(str::to_owned).collect();
    let choice = match fields.one("which") {
        "all" => None,
        "some" => Some(chosen),
        _ => return Err(Refusal::Unreadable { too_large: false }.into()),
    };
    let entry = admin.entry("course.badges", &id, json!({ "badges": choice }));
    let stored: Result<bool, StoreError> = deps
        .store
        .write(Durability::Full, async move |tx| {
            let is_there = tx.choose_badges(organisation, id, choice.as_ref()).await?;
            if is_there {
                record(tx, &entry).await?;
            }
            Ok(is_there)
        })
        .await;
    if !stored? {
        return Err(Refusal::NotFound.into());
    }
    Ok(answer::see_other_with("/admin/courses", &Flash::Saved))
}
