//! People of the organisation's courses: what is stored about one, to be given to them, and erased.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Bytes, Data, Path};
use serde_json::json;

use crate::awards::{erase as erasing, personal};
use crate::model::MemberId;
use crate::store::audit::AuditEntry;
use crate::store::personal::Profile;
use crate::store::{Durability, Erasure, StoreError};
use crate::web::course::answer;
use crate::web::course::fields::Fields;
use crate::web::deps::Deps;
use crate::web::error::{Refusal, WebError};
use crate::web::operator::session::{Admin, record};
use crate::web::pages::admin::members::{ErasePage, MemberPage, MemberRow, MembersPage};
use crate::web::pages::{Flash, Frame, Room};

/// `GET /admin/members`: `search` finds by name, address or number at the LMS.
#[tracing::instrument(name = "web.admin.members", skip_all)]
pub(super) async fn list(deps: Data<Deps>, admin: Admin, query: Fields) -> Result<HttpResponse, WebError> {
    let organisation = admin.organisation;
    let search: String = query.one("search").trim().chars().take(200).collect();
    let found = if search.is_empty() {
        Vec::new()
    } else {
        deps.store
            .read_one(async |tx| tx.find_members(organisation, &search).await)
            .await?
    };
    let row = |one: crate::store::personal::FoundMember| MemberRow {
        id: one.id.to_string(),
        name: one.name,
        address: one.email,
        sub: one.sub,
        lms: one.lms,
    };
    answer::page(&MembersPage {
        frame: Frame {
            flash: query.flash(),
            ..admin.frame(Some(Room::Courses))
        },
        rows: found.into_iter().map(row).collect(),
        search,
    })
}

/// `GET /admin/members/{member}`
#[tracing::instrument(name = "web.admin.member", skip_all)]
pub(super) async fn show(
    deps: Data<Deps>,
    admin: Admin,
    path: Path<String>,
    query: Fields,
) -> Result<HttpResponse, WebError> {
    let (member, profile, erasure) = known(&deps, &admin, &path).await?;
    let organisation = admin.organisation;
    let (courses, amounts) = deps
        .store
        .read(async |tx| {
            let courses = tx.courses_of_member(organisation, member).await?;
            Ok::<_, StoreError>((courses, tx.amounts(organisation, member).await?))
        })
        .await?;
    answer::page(&MemberPage {
        frame: Frame {
            flash: query.flash(),
            ..admin.frame(Some(Room::Courses))
        },
        id: member.to_string(),
        name: profile.name,
        address: profile.email,
        sub: profile.sub,
        lms: profile.lms,
        courses,
        counts: vec![
            ("data-awards", amounts.awards),
            ("data-applications", amounts.applications),
            ("data-files", amounts.files),
            ("data-facts", amounts.facts),
            ("data-signals", amounts.signals),
            ("data-grades", amounts.grades),
        ],
        asked: erasure.map(|one| one.asked_at),
        erased: erasure.and_then(|one| one.done_at),
    })
}

/// `GET /admin/members/{member}/data.json`: everything that is stored about the person, as a file.
#[tracing::instrument(name = "web.admin.member.export", skip_all)]
pub(super) async fn download(deps: Data<Deps>, admin: Admin, path: Path<String>) -> Result<HttpResponse, WebError> {
    let (member, ..) = known(&deps, &admin, &path).await?;
    let all = personal::export(&deps.store, admin.organisation, member).await?;
    let all = all.ok_or(Refusal::NotFound)?;
    let entry = admin.entry("member.export", &member, json!({}));
    noted(&deps, entry).await?;
    let body = serde_json::to_vec_pretty(&all).map_err(WebError::internal)?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"person.json\""))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(body))
}

/// `GET /admin/members/{member}/erase`: says what will be gone, and asks.
#[tracing::instrument(name = "web.admin.member.erase.ask", skip_all)]
pub(super) async fn ask(deps: Data<Deps>, admin: Admin, path: Path<String>) -> Result<HttpResponse, WebError> {
    let (member, profile, _) = known(&deps, &admin, &path).await?;
    answer::page(&ErasePage {
        frame: admin.frame(Some(Room::Courses)),
        id: member.to_string(),
        name: if profile.name.is_empty() {
            profile.sub
        } else {
            profile.name
        },
    })
}

/// `POST /admin/members/{member}/erase`
#[tracing::instrument(name = "web.admin.member.erase", skip_all)]
pub(super) async fn erase(
    deps: Data<Deps>,
    admin: Admin,
    path: Path<String>,
    body: Bytes,
) -> Result<HttpResponse, WebError> {
    admin.form(&body)?;
    let (member, ..) = known(&deps, &admin, &path).await?;
    let by = admin.entry("member.erase", &member, json!({})).actor;
    erasing::ask(&deps.store, admin.organisation, member, by).await?;
    deps.worker.wake();
    Ok(answer::see_other_with(
        &format!("/admin/members/{member}"),
        &Flash::Saved,
    ))
}

/// Somebody of this organisation.
async fn known(deps: &Deps, admin: &Admin, named: &str) -> Result<(MemberId, Profile, Option<Erasure>), WebError> {
    let (organisation, member): (_, MemberId) = (admin.organisation, named.parse().map_err(|_| Refusal::NotFound)?);
    let read = deps.store.read(async |tx| {
        let profile = tx.profile(organisation, member).await?;
        Ok::<_, StoreError>((profile, tx.erasure(organisation, member).await?))
    });
    let (profile, erasure) = read.await?;
    Ok((member, profile.ok_or(Refusal::NotFound)?, erasure))
}

async fn noted(deps: &Deps, entry: AuditEntry) -> Result<(), WebError> {
    let stored: Result<(), StoreError> = deps
        .store
        .write(Durability::Full, async move |tx| record(tx, &entry).await)
        .await;
    Ok(stored?)
}
