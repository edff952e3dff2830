//! Language and appearance of the administration.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data};

use super::session::SignedIn;
use crate::store::Durability;
use crate::web::course::answer;
use crate::web::course::fields::Fields;
use crate::web::deps::Deps;
use crate::web::error::WebError;
use crate::web::pages::info::PreferencesPage;
use crate::web::pages::{Flash, Frame, Theme};
use crate::web::text::Locale;

/// `GET /operator/preferences`
#[tracing::instrument(name = "web.operator.preferences", skip_all)]
pub(super) async fn show(who: SignedIn, query: Fields) -> Result<HttpResponse, WebError> {
    let frame = Frame {
        flash: query.flash(),
        ..who.frame(None)
    };
    answer::page(&PreferencesPage {
        frame,
        back: local(&who, query.one("back")),
    })
}

/// `POST /operator/preferences`: `language`, `theme` or both; what is absent stays.
#[tracing::instrument(name = "web.operator.preferences.keep", skip_all)]
pub(super) async fn keep(deps: Data<Deps>, who: SignedIn, body: Bytes) -> Result<HttpResponse, WebError> {
    let fields = who.form(&body)?;
    let chosen = Locale::parse(fields.one("language")).map(|locale| locale.code().to_owned());
    let language = chosen.or_else(|| who.session.language.clone());
    let theme = Theme::parse(fields.one("theme")).map(|theme| theme.code().to_owned());
    let appearance = theme.or_else(|| who.session.appearance.clone());
    let session = who.session.id;
    deps.store
        .write_one(Durability::Launch, async move |tx| {
            tx.prefer_as_operator(session, language, appearance).await
        })
        .await?;
    let back = local(&who, fields.one("back"));
    Ok(answer::see_other_with(&back, &Flash::PreferencesKept))
}

/// A page of the administration as it came, without its query; the visitor's first page for any other.
fn local(who: &SignedIn, address: &str) -> String {
    let home = if who.is_operator() { "/operator" } else { "/admin" };
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let is_below = |base: &str| {
        path.strip_prefix(base)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let is_plain = path
        .chars()
        .all(|sign| sign.is_ascii_alphanumeric() || matches!(sign, '/' | '-' | '_'));
    if (is_below("/operator") || is_below("/admin")) && is_plain && !path.contains("//") {
        path.to_owned()
    } else {
        home.to_owned()
    }
}
