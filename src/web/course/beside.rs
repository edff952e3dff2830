//! Pages beside the work: help, privacy, language and appearance.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data};

use super::answer;
use super::fields::Fields;
use super::surroundings::Surroundings;
use crate::store::Durability;
use crate::web::deps::Deps;
use crate::web::error::WebError;
use crate::web::pages::info::{HelpPage, PreferencesPage, PrivacyPage};
use crate::web::pages::{Flash, Section, Theme};
use crate::web::text::Locale;
use crate::web::visit::Visit;

/// `GET /c/{seat}/help`
#[tracing::instrument(name = "web.course.help", skip_all)]
pub(super) async fn help(deps: Data<Deps>, visit: Visit) -> Result<HttpResponse, WebError> {
    let frame = Surroundings::read(&deps, &visit, section(&visit)).await?.frame;
    answer::page(&HelpPage { frame })
}

/// `GET /c/{seat}/privacy`
#[tracing::instrument(name = "web.course.privacy", skip_all)]
pub(super) async fn privacy(deps: Data<Deps>, visit: Visit) -> Result<HttpResponse, WebError> {
    let frame = Surroundings::read(&deps, &visit, section(&visit)).await?.frame;
    answer::page(&PrivacyPage { frame })
}

/// `GET /c/{seat}/preferences`
#[tracing::instrument(name = "web.course.preferences", skip_all)]
pub(super) async fn preferences(deps: Data<Deps>, visit: Visit, query: Fields) -> Result<HttpResponse, WebError> {
    let around = Surroundings::with_flash(&deps, &visit, section(&visit), query.flash()).await?;
    answer::page(&PreferencesPage {
        frame: around.frame,
        back: local(&visit, query.one("back")),
    })
}

/// `POST /c/{seat}/preferences`: `language`, `theme` or both; what is absent stays.
#[tracing::instrument(name = "web.course.preferences.keep", skip_all)]
pub(super) async fn keep(deps: Data<Deps>, visit: Visit, body: Bytes) -> Result<HttpResponse, WebError> {
    let fields = Fields::of_form(&body, &visit)?;
    let chosen = Locale::parse(fields.one("language")).map(|locale| locale.code().to_owned());
    let language = chosen.or_else(|| visit.seat.language.clone());
    let theme = Theme::parse(fields.one("theme")).map(|theme| theme.code().to_owned());
    let appearance = theme.or_else(|| visit.seat.appearance.clone());
    let session = visit.seat.session;
    deps.store
        .write_one(Durability::Launch, async move |tx| {
            tx.prefer(session, language, appearance).await
        })
        .await?;
    let back = local(&visit, fields.one("back"));
    Ok(answer::see_other_with(&back, &Flash::PreferencesKept))
}

/// An address of this seat as it came; the seat's first page for any other. Parts of forms cannot be opened again, and
/// an earlier flash is not repeated.
fn local(visit: &Visit, address: &str) -> String {
    let base = visit.base();
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let is_below = path
        .strip_prefix(&base)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let is_ours = is_below || path == format!("/lti/pick/{}", visit.seat.id);
    let is_plain = !address.contains("//") && !address.contains('\\') && !address.chars().any(char::is_control);
    if !is_ours || !is_plain || path.contains("/..") {
        return base;
    }
    let Some((path, query)) = address.split_once('?') else {
        return address.to_owned();
    };
    let kept = url::form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != "did" && name != "n");
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(kept)
        .finish();
    if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{query}")
    }
}

fn section(visit: &Visit) -> Option<Section> {
    (visit.seat.standing.sees_course() && visit.seat.course.is_some()).then_some(Section::Beside)
}
