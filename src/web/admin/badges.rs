//! An organisation's badges at the Factory: the list from the catalog, one with everything it has, deleting one.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Path};
use serde_json::{Value, json};

use super::edits::{self, NewEdit};
use super::glance::{Glance, glance, known};
use crate::catalog::looking::Wanted;
use crate::clock::Timestamp;
use crate::crypto::random;
use crate::model::OrganisationId;
use crate::model::catalog::{BadgeValidity, CatalogBadge};
use crate::model::editing::{Edit, EditKind, MARK, SeenBadge};
use crate::store::StoreError;
use crate::web::clean::Clean;
use crate::web::course::answer;
use crate::web::course::fields::Fields;
use crate::web::deps::Deps;
use crate::web::error::{Refusal, WebError};
use crate::web::operator::session::Admin;
use crate::web::pages::admin::badges::{Age, BadgeDeletePage, BadgePage, BadgeRow, BadgesPage};
use crate::web::pages::{Badge, Frame, Mistake, Mistakes, Pager, Room};
use crate::web::text::Text;

/// Badges on one page.
const SIZE: usize = 25;
/// Awards of a badge are counted up to here.
const MOST_AWARDS: u32 = 10_000;

/// `GET /admin/badges`
#[tracing::instrument(name = "web.admin.badges", skip_all)]
pub(super) async fn list(deps: Data<Deps>, admin: Admin, query: Fields) -> Result<HttpResponse, WebError> {
    let organisation = admin.organisation;
    let read = deps
        .store
        .read(async |tx| {
            Ok::<_, StoreError>((
                tx.catalog_badges(organisation).await?,
                tx.catalog_state(organisation).await?,
                tx.open_edits(organisation).await?,
            ))
        })
        .await?;
    let (badges, state, edits) = read;
    crate::web::course::refresh::catalog(&deps, organisation, &state).await;
    let categories: Glance<Vec<String>> = glance(&deps, organisation, Wanted::Categories).await?;
    let filter = Filter::of(&query);
    let fitting: Vec<&CatalogBadge> = badges.iter().filter(|badge| filter.lets(badge)).collect();
    let pager = Pager::of(fitting.len(), SIZE, query.number("page", 1));
    let shown = fitting.into_iter().skip((pager.page - 1) * SIZE).take(SIZE);
    let mut rows = Vec::new();
    for badge in shown {
        rows.push(row(&deps, organisation, badge).await?);
    }
    let mut named: Vec<String> = badges.iter().flat_map(|badge| badge.categories.clone()).collect();
    named.extend(categories.thing.unwrap_or_default());
    named.sort();
    named.dedup();
    answer::page(&BadgesPage {
        frame: Frame {
            flash: query.flash(),
            ..admin.frame(Some(Room::Badges))
        },
        query: filter.query(),
        search: filter.search,
        state: filter.state,
        category: filter.category,
        categories: named,
        rows,
        pager,
        age: Age {
            read: state.read_at,
            failing: state
                .failing_since
                .map(|since| (since, state.error.unwrap_or_default())),
        },
        edits: edits.iter().map(edits::row).collect(),
    })
}

struct Filter {
    search: String,
    state: String,
    category: String,
}

impl Filter {
    fn of(query: &Fields) -> Self {
        let text = |name: &str| query.one(name).chars().take(200).collect();
        Self {
            search: text("search"),
            state: text("state"),
            category: text("category"),
        }
    }

    fn lets(&self, badge: &CatalogBadge) -> bool {
        let words = self.search.to_lowercase();
        let says = |text: &str| text.to_lowercase().contains(&words);
        let state = match self.state.as_str() {
            "published" => badge.can_be_issued(),
            "draft" => badge.draft && !badge.gone,
            "gone" => badge.gone,
            _ => true,
        };
        state
            && (words.is_empty()
                || says(&badge.name)
                || says(&badge.description)
                || badge.tags.iter().any(|tag| says(tag)))
            && (self.category.is_empty() || badge.categories.contains(&self.category))
    }

    fn query(&self) -> String {
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("search", &self.search),
            ("state", &self.state),
            ("category", &self.category),
        ] {
            if !value.is_empty() {
                pairs.append_pair(name, value);
            }
        }
        let text = pairs.finish();
        if text.is_empty() { text } else { format!("{text}&") }
    }
}

async fn row(deps: &Deps, organisation: OrganisationId, badge: &CatalogBadge) -> Result<BadgeRow, WebError> {
    let id = badge.id.clone();
    let awards = deps
        .store
        .read_one(async |tx| tx.awards_of_badge(organisation, &id, MOST_AWARDS + 1).await)
        .await?;
    Ok(BadgeRow {
        badge: view(badge),
        tag: tag(badge),
        categories: badge.categories.join(", "),
        language: badge.language.clone().unwrap_or_default(),
        awards: (awards <= u64::from(MOST_AWARDS)).then_some(awards),
        changed: badge.changed_at.map(Timestamp::from_seconds),
    })
}

const fn tag(badge: &CatalogBadge) -> (&'static str, &'static str) {
    if badge.gone {
        ("off", "badge-deleted")
    } else if badge.draft {
        ("hold", "badge-draft")
    } else {
        ("done", "badge-published")
    }
}

/// The badge with the address of its picture on our own host.
pub(super) fn view(badge: &CatalogBadge) -> Badge {
    Badge {
        id: badge.id.clone(),
        name: badge.name.clone(),
        picture: badge.picture.as_deref().map(picture),
    }
}

/// The address of a picture of the organisation.
pub(super) fn picture(hash: &str) -> String {
    format!("/admin/pic/{hash}.png")
}

/// A badge of this organisation's catalog.
pub(super) async fn catalogued(deps: &Deps, admin: &Admin, id: &str) -> Result<CatalogBadge, WebError> {
    let organisation = admin.organisation;
    let found = deps
        .store
        .read_one(async |tx| tx.catalog_badge(organisation, id).await)
        .await?;
    found.ok_or_else(|| Refusal::NotFound.into())
}

/// The edit that changes a badge now.
pub(super) async fn under_way(
    deps: &Deps,
    organisation: OrganisationId,
    badge: &str,
) -> Result<Option<Edit>, WebError> {
    let target = format!("badge:{badge}");
    let found = deps
        .store
        .read_one(async |tx| tx.open_edit(organisation, &target).await)
        .await?;
    Ok(found)
}

/// `GET /admin/badges/{badge}`
#[tracing::instrument(name = "web.admin.badge", skip_all)]
pub(super) async fn show(
    deps: Data<Deps>,
    admin: Admin,
    path: Path<String>,
    query: Fields,
) -> Result<HttpResponse, WebError> {
    let badge = catalogued(&deps, &admin, &path).await?;
    let organisation = admin.organisation;
    let seen: Glance<SeenBadge> = glance(&deps, organisation, Wanted::Badge(badge.id.clone())).await?;
    let edit = under_way(&deps, organisation, &badge.id).await?;
    let text = *admin.text();
    let mut page = BadgePage {
        frame: Frame {
            flash: query.flash(),
            ..admin.frame(Some(Room::Badges))
        },
        tag: if seen.is_gone {
            ("off", "badge-deleted")
        } else {
            tag(&badge)
        },
        description: badge.description.clone(),
        is_gone: seen.is_gone || badge.gone,
        is_read: seen.thing.is_some(),
        age: seen.age,
        edit: edit.as_ref().map(edits::row),
        badge: view(&badge),
        ..BadgePage::default()
    };
    if let Some(thing) = seen.thing {
        fill(&mut page, thing, &text);
    }
    answer::page(&page)
}

fn fill(page: &mut BadgePage, seen: SeenBadge, text: &Text) {
    let sheet = seen.sheet;
    page.badge.name = sheet.name;
    page.badge.picture = seen.picture.as_deref().map(picture).or(page.badge.picture.take());
    page.description = sheet.description;
    page.tag = if sheet.draft {
        ("hold", "badge-draft")
    } else {
        ("done", "badge-published")
    };
    page.criteria = sheet.criteria.as_deref().and_then(Clean::of);
    let moment = |seconds: Option<i64>| {
        seconds
            .map(|at| text.date_time(Timestamp::from_seconds(at)))
            .unwrap_or_default()
    };
    page.facts = vec![
        ("badge-validity", validity(sheet.validity, text)),
        ("badge-tags", sheet.tags.join(", ")),
        ("badges-category", seen.categories.join(", ")),
        (
            "badges-language",
            seen.language
                .into_iter()
                .chain(seen.translations)
                .collect::<Vec<_>>()
                .join(", "),
        ),
        ("badge-made", moment(seen.created_at)),
        ("badges-changed", moment(seen.changed_at)),
    ];
    let message = sheet.message;
    let part = |part: Option<String>| part.unwrap_or_default();
    page.message = vec![
        ("badge-subject", part(message.subject)),
        ("badge-body", part(message.body)),
        ("badge-link", part(message.link_text)),
        ("badge-footer", part(message.footer)),
    ];
    page.metadata = sheet
        .metadata
        .iter()
        .filter(|(key, _)| *key != MARK)
        .map(|(key, value)| (key.clone(), written(value)))
        .collect();
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

/// A value of metadata as people read it.
pub(super) fn written(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// `GET /admin/badges/{badge}/delete`
#[tracing::instrument(name = "web.admin.badge.ask", skip_all)]
pub(super) async fn ask(deps: Data<Deps>, admin: Admin, path: Path<String>) -> Result<HttpResponse, WebError> {
    let badge = catalogued(&deps, &admin, &path).await?;
    answer::page(&deleting(&deps, &admin, &badge).await?)
}

/// `POST /admin/badges/{badge}/delete`: `name` must be the badge's, where it is published.
#[tracing::instrument(name = "web.admin.badge.delete", skip_all)]
pub(super) async fn delete(
    deps: Data<Deps>,
    admin: Admin,
    path: Path<String>,
    body: Bytes,
) -> Result<HttpResponse, WebError> {
    let fields = admin.form(&body)?;
    let badge = catalogued(&deps, &admin, &path).await?;
    let mut page = deleting(&deps, &admin, &badge).await?;
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    if page.asks_name && words(fields.one("name")) != words(&page.badge.name) {
        fields.one("name").clone_into(&mut page.typed);
        page.mistakes = Mistakes::one("name", Mistake::OtherName);
        return answer::page(&page);
    }
    let new = NewEdit {
        kind: EditKind::Delete,
        badge: Some(badge.id.clone()),
        name: page.badge.name.clone(),
        content: json!({}),
        picture: None,
        key: fields.one("key"),
    };
    if let Some(id) = edits::keep(&deps, &admin, new).await? {
        return Ok(answer::see_other(&format!("/admin/edits/{id}")));
    }
    page.mistakes = Mistakes::one("name", Mistake::UnderWay);
    answer::page(&page)
}

async fn deleting(deps: &Deps, admin: &Admin, badge: &CatalogBadge) -> Result<BadgeDeletePage, WebError> {
    let (organisation, id) = (admin.organisation, badge.id.clone());
    let seen: Glance<SeenBadge> = known(deps, organisation, &Wanted::Badge(id.clone())).await?;
    // what was changed since it was read stands in the list alone
    let seen = seen.thing.filter(|_| seen.age.read.is_some());
    let (rules, forms) = deps
        .store
        .read(async |tx| tx.givers_of_badge(organisation, &id).await)
        .await?;
    let mut shown = view(badge);
    let is_draft = seen.as_ref().map_or(badge.draft, |seen| seen.sheet.draft);
    if let Some(seen) = seen {
        shown.name = seen.sheet.name;
    }
    Ok(BadgeDeletePage {
        frame: admin.frame(Some(Room::Badges)),
        badge: shown,
        key: random::token(),
        asks_name: !is_draft,
        rules,
        forms,
        ..BadgeDeletePage::default()
    })
}
