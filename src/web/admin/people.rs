//! Administrators of an organisation: granted by operators, who hand out their sign-in links.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data};
use serde_json::json;

use crate::crypto::{digest, random};
use crate::model::AdministratorId;
use crate::store::audit::AuditEntry;
use crate::store::{Durability, StoreError};
use crate::web::course::answer;
use crate::web::course::fields::Fields;
use crate::web::deps::Deps;
use crate::web::error::{Refusal, WebError};
use crate::web::operator::session::Admin;
use crate::web::pages::admin::records::{AdministratorRow, AdministratorsPage};
use crate::web::pages::{Flash, Mistake, Mistakes, Room};

/// `GET /admin/people`
#[tracing::instrument(name = "web.admin.people", skip_all)]
pub(super) async fn show(deps: Data<Deps>, admin: Admin, query: Fields) -> Result<HttpResponse, WebError> {
    let mut page = page(&deps, &admin).await?;
    page.frame.flash = query.flash();
    answer::page(&page)
}

/// `POST /admin/people`: `do` is `add`, `link` or `revoke`.
#[tracing::instrument(name = "web.admin.people.grant", skip_all)]
pub(super) async fn act(deps: Data<Deps>, admin: Admin, body: Bytes) -> Result<HttpResponse, WebError> {
    let fields = admin.form(&body)?;
    if !admin.who.is_operator() {
        return Err(Refusal::OperatorsOnly.into());
    }
    match fields.one("do") {
        "add" => add(&deps, &admin, fields.one("name")).await,
        "link" => {
            let (id, name) = known(&deps, &admin, fields.one("administrator")).await?;
            let entry = admin.entry("admin.link", &id, json!({}));
            link(&deps, &admin, id, name, vec![entry], None).await
        }
        "revoke" => {
            let (id, _) = known(&deps, &admin, fields.one("administrator")).await?;
            revoke(&deps, &admin, id).await
        }
        _ => Err(Refusal::Unreadable { too_large: false }.into()),
    }
}

async fn add(deps: &Deps, admin: &Admin, entered: &str) -> Result<HttpResponse, WebError> {
    let Some(name) = super::name(entered) else {
        return answer::page(&AdministratorsPage {
            name: entered.to_owned(),
            mistakes: Mistakes::one("name", Mistake::Name),
            ..page(deps, admin).await?
        });
    };
    let id = AdministratorId::new(random::id_at(deps.clock.now()));
    let entries = vec![
        admin.entry("admin.add", &id, json!({})),
        admin.entry("admin.link", &id, json!({})),
    ];
    link(deps, admin, id, name.clone(), entries, Some(name)).await
}

/// Makes a link, for somebody new if `adds` names them. Its address is in this answer and nowhere else.
async fn link(
    deps: &Deps,
    admin: &Admin,
    id: AdministratorId,
    name: String,
    entries: Vec<AuditEntry>,
    adds: Option<String>,
) -> Result<HttpResponse, WebError> {
    let (token, now) = (random::token(), deps.clock.now());
    let life = deps.config.operator.link_life;
    let (hash, until) = (digest::sha256(token.as_bytes()), now.plus(life));
    let organisation = admin.organisation;
    let stored: Result<(), StoreError> = deps
        .store
        .write(Durability::Full, async move |tx| {
            if let Some(name) = adds {
                tx.add_administrator(organisation, id, &name, now).await?;
            }
            tx.add_sign_in_link(hash, Some(id), until, now).await?;
            for entry in &entries {
                tx.add_audit(entry, now).await?;
            }
            Ok(())
        })
        .await;
    stored?;
    let minutes = usize::try_from(life.as_secs() / 60).unwrap_or_default();
    let address = deps.public_url.join(&format!("/operator/welcome/{token}"));
    answer::page(&AdministratorsPage {
        made: Some((name, address, minutes)),
        ..page(deps, admin).await?
    })
}

async fn revoke(deps: &Deps, admin: &Admin, id: AdministratorId) -> Result<HttpResponse, WebError> {
    let (organisation, now) = (admin.organisation, deps.clock.now());
    let entry = admin.entry("admin.revoke", &id, json!({}));
    let stored: Result<(), StoreError> = deps
        .store
        .write(Durability::Full, async move |tx| {
            if tx.revoke_administrator(organisation, id, now).await? {
                tx.add_audit(&entry, now).await?;
            }
            Ok(())
        })
        .await;
    stored?;
    Ok(answer::see_other_with("/admin/people", &Flash::Saved))
}

/// An administrator of this organisation.
async fn known(deps: &Deps, admin: &Admin, named: &str) -> Result<(AdministratorId, String), WebError> {
    let id: AdministratorId = named.parse().map_err(|_| Refusal::NotFound)?;
    let organisation = admin.organisation;
    let all = deps
        .store
        .read_one(async move |tx| tx.administrators(organisation).await)
        .await?;
    let found = all.into_iter().find(|one| one.id == id);
    found.map(|one| (id, one.name)).ok_or_else(|| Refusal::NotFound.into())
}

async fn page(deps: &Deps, admin: &Admin) -> Result<AdministratorsPage, WebError> {
    let organisation = admin.organisation;
    let all = deps
        .store
        .read_one(async move |tx| tx.administrators(organisation).await)
        .await?;
    Ok(AdministratorsPage {
        frame: admin.frame(Some(Room::Settings)),
        rows: all
            .into_iter()
            .map(|one| AdministratorRow {
                id: one.id.to_string(),
                name: one.name,
                since: one.created_at,
                seen: one.seen_at,
            })
            .collect(),
        may_grant: admin.who.is_operator(),
        ..AdministratorsPage::default()
    })
}
