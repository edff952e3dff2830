//! Making and changing badges: what is entered is checked, its criteria cleaned, its picture made anew, and the change
//! stored. Nothing is stored of a form with a mistake.

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Map, Value};

use super::badges::{catalogued, picture, under_way, view, written};
use super::edits::{self, NewEdit};
use super::glance::{Glance, glance, known};
use crate::catalog::looking::Wanted;
use crate::catalog::{PictureProblem, is_active, prepare};
use crate::crypto::random;
use crate::model::EditId;
use crate::model::catalog::{BadgeMessage, BadgeValidity, CatalogBadge};
use crate::model::editing::{BadgeSheet, EditKind, MARK, SeenBadge};
use crate::web::clean::Clean;
use crate::web::course::fields::Fields;
use crate::web::course::{answer, day};
use crate::web::deps::Deps;
use crate::web::error::WebError;
use crate::web::markup;
use crate::web::operator::session::Admin;
use crate::web::pages::admin::badges::{BadgeFormPage, EnteredBadge};
use crate::web::pages::{Mistake, Mistakes, Room};

/// The longest criteria and message, in characters.
const LONG: usize = 20_000;
/// The longest description.
const MIDDLE: usize = 4_000;
/// The longest line.
const SHORT: usize = 255;
/// The most tags.
const MOST_TAGS: usize = 50;
/// The most months.
const MOST_MONTHS: u32 = 600;
/// The most lines of metadata.
const MOST_LINES: usize = 50;

/// `GET /admin/badges/new`, also with `?from=` a change that came to nothing.
#[tracing::instrument(name = "web.admin.badge.new", skip_all)]
pub(super) async fn new(deps: Data<Deps>, admin: Admin, query: Fields) -> Result<HttpResponse, WebError> {
    let form = Form::new(&admin);
    let entered = match earlier(&deps, &admin, query.one("from"), None).await? {
        Some(sheet) => entered_of(&sheet, ""),
        None => EnteredBadge {
            draft: true,
            ..EnteredBadge::default()
        },
    };
    answer::page(&form.page(entered))
}

/// `POST /admin/badges/new`
#[tracing::instrument(name = "web.admin.badge.create", skip_all)]
pub(super) async fn create(
    deps: Data<Deps>,
    admin: Admin,
    request: HttpRequest,
    body: Payload,
) -> Result<HttpResponse, WebError> {
    let fields = admin.upload(&request, body).await?;
    Form::new(&admin).take(&deps, &admin, &fields).await
}

/// `GET /admin/badges/{badge}/edit`, also with `?from=` a change that came to nothing.
#[tracing::instrument(name = "web.admin.badge.edit", skip_all)]
pub(super) async fn edit(
    deps: Data<Deps>,
    admin: Admin,
    path: Path<String>,
    query: Fields,
) -> Result<HttpResponse, WebError> {
    let badge = catalogued(&deps, &admin, &path).await?;
    let seen = glance(&deps, admin.organisation, Wanted::Badge(badge.id.clone())).await?;
    let Some(form) = Form::of(&deps, &admin, &badge, seen).await? else {
        // the badge's page says why there is nothing to change
        return Ok(answer::see_other(&format!("/admin/badges/{}", encoded(&badge.id))));
    };
    let criteria = form.criteria();
    let entered = match earlier(&deps, &admin, query.one("from"), Some(&badge.id)).await? {
        Some(sheet) => entered_of(&sheet, &criteria),
        None => form
            .seen
            .as_ref()
            .map(|seen| entered_of(&seen.sheet, ""))
            .unwrap_or_default(),
    };
    answer::page(&form.page(entered))
}

/// `POST /admin/badges/{badge}/edit`
#[tracing::instrument(name = "web.admin.badge.change", skip_all)]
pub(super) async fn change(
    deps: Data<Deps>,
    admin: Admin,
    request: HttpRequest,
    path: Path<String>,
    body: Payload,
) -> Result<HttpResponse, WebError> {
    let fields = admin.upload(&request, body).await?;
    let badge = catalogued(&deps, &admin, &path).await?;
    let seen = known(&deps, admin.organisation, &Wanted::Badge(badge.id.clone())).await?;
    let Some(form) = Form::of(&deps, &admin, &badge, seen).await? else {
        return Ok(answer::see_other(&format!("/admin/badges/{}", encoded(&badge.id))));
    };
    form.take(&deps, &admin, &fields).await
}

fn encoded(id: &str) -> String {
    url::form_urlencoded::byte_serialize(id.as_bytes()).collect()
}

/// What a change wanted that came to nothing.
async fn earlier(deps: &Deps, admin: &Admin, named: &str, badge: Option<&str>) -> Result<Option<BadgeSheet>, WebError> {
    let Ok(id) = named.parse::<EditId>() else {
        return Ok(None);
    };
    let organisation = admin.organisation;
    let found = deps.store.read_one(async |tx| tx.edit(organisation, id).await).await?;
    let fits = found.filter(|edit| edit.badge.as_deref() == badge || edit.kind == EditKind::Create && badge.is_none());
    Ok(fits.and_then(|edit| serde_json::from_value(edit.content).ok()))
}

/// A form, and the badge that it changes.
struct Form {
    page: BadgeFormPage,
    badge: Option<CatalogBadge>,
    seen: Option<SeenBadge>,
}

impl Form {
    fn new(admin: &Admin) -> Self {
        Self {
            page: BadgeFormPage {
                frame: admin.frame(Some(Room::Badges)),
                action: "/admin/badges/new".to_owned(),
                back: "/admin/badges".to_owned(),
                key: random::token(),
                ..BadgeFormPage::default()
            },
            badge: None,
            seen: None,
        }
    }

    /// `None`: the badge was never read as a whole, or is gone.
    async fn of(
        deps: &Deps,
        admin: &Admin,
        badge: &CatalogBadge,
        seen: Glance<SeenBadge>,
    ) -> Result<Option<Self>, WebError> {
        let Some(seen) = seen.thing else { return Ok(None) };
        let under_way = under_way(deps, admin.organisation, &badge.id).await?;
        let mut form = Self::new(admin);
        let id = encoded(&badge.id);
        form.page.action = format!("/admin/badges/{id}/edit");
        form.page.back = format!("/admin/badges/{id}");
        form.page.seen = seen.changed_at.unwrap_or_default().to_string();
        let mut shown = view(badge);
        shown.name.clone_from(&seen.sheet.name);
        shown.picture = seen.picture.as_deref().map(picture).or(shown.picture);
        form.page.badge = Some(shown);
        form.page.translations = seen.translations.join(", ");
        form.page.edit = under_way.as_ref().map(edits::row);
        form.badge = Some(badge.clone());
        form.seen = Some(seen);
        Ok(Some(form))
    }

    fn page(&self, entered: EnteredBadge) -> BadgeFormPage {
        BadgeFormPage {
            entered,
            ..self.page.clone()
        }
    }

    fn criteria(&self) -> String {
        let seen = self.seen.as_ref().and_then(|seen| seen.sheet.criteria.clone());
        seen.unwrap_or_default()
    }

    /// Shows the preview, refuses, or stores the change.
    async fn take(self, deps: &Data<Deps>, admin: &Admin, fields: &Fields) -> Result<HttpResponse, WebError> {
        let entered = entered(fields);
        let mut page = self.page(entered.clone());
        fields.one("key").clone_into(&mut page.key);
        if fields.one("do") == "preview" {
            page.is_preview = true;
            page.preview = Clean::of(&Clean::for_factory(&markup::html_of(&entered.criteria)));
            return answer::page(&page);
        }
        let mut mistakes = Mistakes::none();
        let sheet = self.sheet(&entered, &mut mistakes);
        let picture = picture_of(fields, &mut mistakes).await;
        if self.page.edit.is_some() {
            mistakes.note("name", Mistake::UnderWay);
        } else if self.seen.is_some() && fields.one("seen") != self.page.seen {
            mistakes.note("name", Mistake::ChangedElsewhere);
        }
        if !mistakes.is_empty() {
            page.mistakes = mistakes;
            return answer::page(&page);
        }
        let id = self.badge.map(|badge| badge.id);
        let new = NewEdit {
            kind: if id.is_some() {
                EditKind::Change
            } else {
                EditKind::Create
            },
            badge: id,
            name: sheet.name.clone(),
            content: serde_json::to_value(&sheet).map_err(WebError::internal)?,
            picture,
            key: fields.one("key"),
        };
        if let Some(id) = edits::keep(deps, admin, new).await? {
            return Ok(answer::see_other(&format!("/admin/edits/{id}")));
        }
        page.mistakes = Mistakes::one("name", Mistake::UnderWay);
        answer::page(&page)
    }

    fn sheet(&self, entered: &EnteredBadge, mistakes: &mut Mistakes) -> BadgeSheet {
        for (field, text, limit, is_needed) in [
            ("name", &entered.name, SHORT, true),
            ("description", &entered.description, MIDDLE, true),
            ("criteria", &entered.criteria, LONG, false),
            ("css", &entered.css, LONG, false),
            ("subject", &entered.subject, SHORT, false),
            ("body", &entered.body, LONG, false),
            ("link", &entered.link, SHORT, false),
            ("footer", &entered.footer, MIDDLE, false),
        ] {
            if is_needed && text.is_empty() {
                mistakes.note(field, Mistake::Missing);
            } else if text.chars().count() > limit {
                mistakes.note(field, Mistake::TooLong { limit });
            }
        }
        if entered.css.contains('<') {
            mistakes.note("css", Mistake::ActiveHtml);
        }
        let part = |text: &String| Some(text.clone());
        BadgeSheet {
            name: entered.name.clone(),
            description: entered.description.clone(),
            draft: entered.draft,
            criteria: self.new_criteria(&entered.criteria, mistakes),
            css: entered.css.clone(),
            message: BadgeMessage {
                subject: part(&entered.subject),
                body: part(&entered.body),
                link_text: part(&entered.link),
                footer: part(&entered.footer),
            },
            validity: validity(entered, mistakes),
            tags: tags(&entered.tags, mistakes),
            metadata: self.metadata(&entered.metadata, mistakes),
        }
    }

    /// The criteria as HTML, unless they stand as they were: then what others wrote there is left alone.
    fn new_criteria(&self, entered: &str, mistakes: &mut Mistakes) -> Option<String> {
        let lines = |text: &str| text.replace("\r\n", "\n").trim().to_owned();
        if self.seen.is_some() && lines(entered) == lines(&self.criteria()) {
            return None;
        }
        let html = markup::html_of(entered);
        if is_active(&html) {
            mistakes.note("criteria", Mistake::ActiveHtml);
        }
        Some(Clean::for_factory(&html))
    }

    /// `key: value` in each line. Values that are no text stay what they were where nobody changed them.
    fn metadata(&self, entered: &str, mistakes: &mut Mistakes) -> Map<String, Value> {
        let before = self.seen.as_ref().map(|seen| &seen.sheet.metadata);
        let mut metadata = Map::new();
        for (index, line) in entered
            .lines()
            .map(str::trim)
            .enumerate()
            .filter(|(_, line)| !line.is_empty())
        {
            let pair = line.split_once(':').map(|(key, value)| (key.trim(), value.trim()));
            let is_key = |key: &str| {
                let fits = |c: char| c.is_alphanumeric() || "_-.".contains(c);
                !key.is_empty() && key.chars().count() <= 64 && key.chars().all(fits) && key != MARK
            };
            let Some((key, value)) =
                pair.filter(|(key, value)| is_key(key) && value.len() <= MIDDLE && index < MOST_LINES)
            else {
                mistakes.note("metadata", Mistake::MetadataLine { n: index + 1 });
                return metadata;
            };
            let kept = before
                .and_then(|before| before.get(key))
                .filter(|kept| written(kept) == value);
            metadata.insert(key.to_owned(), kept.cloned().unwrap_or_else(|| value.into()));
        }
        if let Some(mark) = before.and_then(|before| before.get(MARK)) {
            metadata.insert(MARK.to_owned(), mark.clone());
        }
        metadata
    }
}

fn entered(fields: &Fields) -> EnteredBadge {
    let text = |name: &str| fields.one(name).to_owned();
    EnteredBadge {
        name: text("name"),
        description: text("description"),
        criteria: text("criteria"),
        css: text("css"),
        subject: text("subject"),
        body: text("body"),
        link: text("link"),
        footer: text("footer"),
        validity: text("validity"),
        months: text("months"),
        until: text("until"),
        tags: text("tags"),
        metadata: text("metadata"),
        draft: fields.one("draft") == "1",
    }
}

/// What a badge says, in the fields. Criteria that a change leaves alone are shown as they stand.
fn entered_of(sheet: &BadgeSheet, criteria: &str) -> EnteredBadge {
    let part = |part: &Option<String>| part.clone().unwrap_or_default();
    let (validity, months, until) = match sheet.validity {
        BadgeValidity::Endless => ("none", String::new(), String::new()),
        BadgeValidity::Months(months) => ("months", months.to_string(), String::new()),
        BadgeValidity::Until(seconds) => {
            let day = day::of(crate::clock::Timestamp::from_seconds(seconds));
            ("until", String::new(), day::write(day))
        }
    };
    let line = |(key, value): (&String, &Value)| format!("{key}: {}", written(value));
    let own = sheet.metadata.iter().filter(|(key, _)| *key != MARK);
    EnteredBadge {
        name: sheet.name.clone(),
        description: sheet.description.clone(),
        criteria: sheet.criteria.clone().unwrap_or_else(|| criteria.to_owned()),
        css: sheet.css.clone(),
        subject: part(&sheet.message.subject),
        body: part(&sheet.message.body),
        link: part(&sheet.message.link_text),
        footer: part(&sheet.message.footer),
        validity: validity.to_owned(),
        months,
        until,
        tags: sheet.tags.join(", "),
        metadata: own.map(line).collect::<Vec<_>>().join("\n"),
        draft: sheet.draft,
    }
}

fn validity(entered: &EnteredBadge, mistakes: &mut Mistakes) -> BadgeValidity {
    match entered.validity.as_str() {
        "months" => {
            let months = entered
                .months
                .parse::<u32>()
                .ok()
                .filter(|months| (1..=MOST_MONTHS).contains(months));
            if months.is_none() {
                mistakes.note("months", Mistake::Months { most: 600 });
            }
            months.map_or(BadgeValidity::Endless, BadgeValidity::Months)
        }
        "until" => {
            let until = day::parse(&entered.until);
            if until.is_none() {
                mistakes.note("until", Mistake::NotADate);
            }
            until.map_or(BadgeValidity::Endless, |until| {
                BadgeValidity::Until(day::end(until).seconds())
            })
        }
        _ => BadgeValidity::Endless,
    }
}

fn tags(entered: &str, mistakes: &mut Mistakes) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for tag in entered
        .split([',', ';', '\n'])
        .map(str::trim)
        .filter(|tag| !tag.is_empty())
    {
        if !tags.iter().any(|known| known == tag) {
            tags.push(tag.to_owned());
        }
    }
    if tags.len() > MOST_TAGS || tags.iter().any(|tag| tag.chars().count() > SHORT) {
        mistakes.note("tags", Mistake::TooLong { limit: SHORT });
    }
    tags
}

/// The picture that was chosen, made anew from its pixels, beside the event loop.
pub(super) async fn picture_of(fields: &Fields, mistakes: &mut Mistakes) -> Option<Vec<u8>> {
    if fields.is_file_too_large() {
        mistakes.note("picture", Mistake::FileTooLarge { megabytes: 1 });
        return None;
    }
    let original = fields.file()?.to_vec();
    let made = tokio::task::spawn_blocking(move || prepare(&original)).await;
    match made.unwrap_or(Err(PictureProblem::NotAPicture)) {
        Ok(png) => Some(png),
        Err(problem) => {
            mistakes.note(
                "picture",
                match problem {
                    PictureProblem::NotAPicture => Mistake::NotAPicture,
                    PictureProblem::TooSmall => Mistake::PictureSmall,
                    PictureProblem::TooLarge => Mistake::PictureLarge,
                    PictureProblem::NotSquare => Mistake::PictureNotSquare,
                },
            );
            None
        }
    }
}
