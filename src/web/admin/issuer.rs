//! What the organisation says of itself at the Factory.

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::badge_form::picture_of;
use super::badges::picture;
use super::edits::{self, NewEdit};
use super::glance::{Glance, glance, known};
use crate::catalog::looking::Wanted;
use crate::clock::Timestamp;
use crate::crypto::random;
use crate::model::Address;
use crate::model::editing::{EditKind, Profile, SeenOrganisation};
use crate::web::course::answer;
use crate::web::course::fields::Fields;
use crate::web::deps::Deps;
use crate::web::error::{Refusal, WebError};
use crate::web::operator::session::Admin;
use crate::web::pages::admin::badges::IssuerPage;
use crate::web::pages::{Frame, Mistake, Mistakes, Room};

/// The longest description, in characters.
const LONG: usize = 4_000;
/// The longest address.
const SHORT: usize = 255;

/// `GET /admin/issuer`
#[tracing::instrument(name = "web.admin.issuer", skip_all)]
pub(super) async fn show(deps: Data<Deps>, admin: Admin, query: Fields) -> Result<HttpResponse, WebError> {
    let seen = glance(&deps, admin.organisation, Wanted::Organisation).await?;
    let mut page = page(&deps, &admin, seen).await?;
    page.frame = Frame {
        flash: query.flash(),
        ..page.frame
    };
    answer::page(&page)
}

/// `POST /admin/issuer`
#[tracing::instrument(name = "web.admin.issuer.change", skip_all)]
pub(super) async fn change(
    deps: Data<Deps>,
    admin: Admin,
    request: HttpRequest,
    body: Payload,
) -> Result<HttpResponse, WebError> {
    let fields = admin.upload(&request, body).await?;
    let seen = known(&deps, admin.organisation, &Wanted::Organisation).await?;
    let mut page = page(&deps, &admin, seen).await?;
    if !page.is_read {
        return Ok(answer::see_other("/admin/issuer"));
    }
    let profile = Profile {
        url: fields.one("url").to_owned(),
        description: fields.one("description").to_owned(),
        email: fields.one("email").to_owned(),
    };
    let mut mistakes = mistakes(&profile);
    let picture = picture_of(&fields, &mut mistakes).await;
    if page.edit.is_some() {
        mistakes.note("url", Mistake::UnderWay);
    }
    let new = NewEdit {
        kind: EditKind::Profile,
        badge: None,
        name: page.name.clone(),
        content: serde_json::to_value(&profile).map_err(WebError::internal)?,
        picture,
        key: fields.one("key"),
    };
    if mistakes.is_empty() {
        match edits::keep(&deps, &admin, new).await? {
            Some(id) => return Ok(answer::see_other(&format!("/admin/edits/{id}"))),
            None => mistakes.note("url", Mistake::UnderWay),
        }
    }
    page.key = fields.one("key").to_owned();
    (page.url, page.description, page.email) = (profile.url, profile.description, profile.email);
    page.mistakes = mistakes;
    answer::page(&page)
}

fn mistakes(profile: &Profile) -> Mistakes {
    let mut mistakes = Mistakes::none();
    let is_web =
        url::Url::parse(&profile.url).is_ok_and(|url| matches!(url.scheme(), "https" | "http") && url.has_host());
    if !is_web || profile.url.chars().count() > SHORT {
        mistakes.note("url", Mistake::NotALink);
    }
    if profile.description.is_empty() {
        mistakes.note("description", Mistake::Missing);
    } else if profile.description.chars().count() > LONG {
        mistakes.note("description", Mistake::TooLong { limit: LONG });
    }
    if Address::parse(&profile.email).is_err() {
        mistakes.note("email", Mistake::NotAnAddress);
    }
    mistakes
}

async fn page(deps: &Deps, admin: &Admin, seen: Glance<SeenOrganisation>) -> Result<IssuerPage, WebError> {
    let organisation = admin.organisation;
    let edit = deps
        .store
        .read_one(async |tx| tx.open_edit(organisation, "profile").await)
        .await?;
    let text = admin.text();
    let is_read = seen.thing.is_some();
    let thing = seen.thing.unwrap_or_default();
    let yes = |is_so: bool| text.say(if is_so { "yes" } else { "no" });
    let paid = thing.paid_until.map(|at| text.date(Timestamp::from_seconds(at)));
    Ok(IssuerPage {
        frame: admin.frame(Some(Room::Issuer)),
        name: thing.name,
        picture: thing.picture.as_deref().map(picture),
        facts: vec![
            ("issuer-tier", thing.tier.unwrap_or_default()),
            ("issuer-paid", paid.unwrap_or_default()),
            (
                "issuer-limit",
                thing.issuing_limit.map(|n| text.number(n)).unwrap_or_default(),
            ),
            ("issuer-country", thing.country.unwrap_or_default()),
            ("issuer-verified", yes(thing.is_verified)),
            ("issuer-suspended", yes(thing.is_suspended)),
        ],
        key: random::token(),
        url: thing.profile.url,
        description: thing.profile.description,
        email: thing.profile.email,
        is_read,
        age: seen.age,
        edit: edit.as_ref().map(edits::row),
        mistakes: Mistakes::none(),
    })
}

/// `GET /admin/pic/{hash}.png`: a picture of the organisation, by the digest of its original: it never changes.
#[tracing::instrument(name = "web.admin.picture", skip_all)]
pub(super) async fn file(deps: Data<Deps>, admin: Admin, path: Path<String>) -> Result<HttpResponse, WebError> {
    let organisation = admin.organisation;
    let png = deps
        .store
        .read_one(async |tx| tx.picture(organisation, &path).await)
        .await?
        .ok_or(Refusal::NotFound)?;
    Ok(HttpResponse::Ok()
        .insert_header((actix_web::http::header::CONTENT_TYPE, "image/png"))
        .insert_header((
            actix_web::http::header::CACHE_CONTROL,
            "private, max-age=31536000, immutable",
        ))
        .body(png))
}
