//! All organisations: listed, added, renamed, and turned to.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data};
use serde_json::json;

use super::session::{Operator, record};
use crate::clock::Timestamp;
use crate::crypto::random;
use crate::model::{FactoryIdentity, IdentityKind, Organisation, OrganisationId, PastedAddresses};
use crate::store::{Durability, StoreError};
use crate::web::course::answer;
use crate::web::course::fields::Fields;
use crate::web::deps::Deps;
use crate::web::error::{Refusal, WebError};
use crate::web::pages::operator::{FactoryLink, OrganisationRow, OrganisationsPage};
use crate::web::pages::{Flash, Frame, Mistake, Mistakes, Room};

/// `GET /operator/organisations`
#[tracing::instrument(name = "web.operator.organisations", skip_all)]
pub(super) async fn list(deps: Data<Deps>, operator: Operator, query: Fields) -> Result<HttpResponse, WebError> {
    let frame = Frame {
        flash: query.flash(),
        ..operator.frame(Some(Room::Organisations))
    };
    page(&deps, frame, None).await
}

/// `POST /operator/organisations`: `do` is `add`, `rename` or `open`.
#[tracing::instrument(name = "web.operator.organisations.act", skip_all)]
pub(super) async fn act(deps: Data<Deps>, operator: Operator, body: Bytes) -> Result<HttpResponse, WebError> {
    let fields = operator.form(&body)?;
    if fields.one("do") == "add" {
        return add(&deps, &operator, fields.one("name").to_owned()).await;
    }
    let id: OrganisationId = fields.one("organisation").parse().map_err(|_| Refusal::NotFound)?;
    let known = deps.store.read_one(async move |tx| tx.organisation(id).await).await?;
    let known = known.ok_or(Refusal::NotFound)?;
    match fields.one("do") {
        "rename" => rename(&deps, &operator, known, fields.one("name").to_owned()).await,
        "open" => open(&deps, &operator, id).await,
        _ => Err(Refusal::Unreadable { too_large: false }.into()),
    }
}

async fn add(deps: &Deps, operator: &Operator, name: String) -> Result<HttpResponse, WebError> {
    let refused = |mistake| Refused {
        row: None,
        entered: name.clone(),
        mistake,
    };
    let Some(checked) = checked_name(&name) else {
        return page(
            deps,
            operator.frame(Some(Room::Organisations)),
            Some(refused(Mistake::Name)),
        )
        .await;
    };
    let now = deps.clock.now();
    let new = Organisation {
        id: OrganisationId::new(random::id_at(now)),
        name: checked,
        pasted: PastedAddresses::Domains,
        domains: Vec::new(),
    };
    let (id, session) = (new.id, operator.0.session.id);
    let entry = operator.entry(Some(id), "organisation.add", &id, json!({ "name": new.name }));
    let added: Result<bool, StoreError> = deps
        .store
        .write(Durability::Full, async move |tx| {
            if !tx.add_organisation(&new, now).await? {
                return Ok(false);
            }
            tx.look_at_organisation(session, id).await?;
            record(tx, &entry).await?;
            Ok(true)
        })
        .await;
    if added? {
        Ok(answer::see_other("/admin"))
    } else {
        let frame = operator.frame(Some(Room::Organisations));
        page(deps, frame, Some(refused(Mistake::NameTaken))).await
    }
}

async fn rename(
    deps: &Deps,
    operator: &Operator,
    known: Organisation,
    entered: String,
) -> Result<HttpResponse, WebError> {
    let id = known.id;
    let refused = |mistake| Refused {
        row: Some(id),
        entered: entered.clone(),
        mistake,
    };
    let Some(name) = checked_name(&entered) else {
        return page(
            deps,
            operator.frame(Some(Room::Organisations)),
            Some(refused(Mistake::Name)),
        )
        .await;
    };
    let detail = json!({ "before": known.name, "after": name });
    let entry = operator.entry(Some(id), "organisation.rename", &id, detail);
    let changed = Organisation { name, ..known };
    let is_free: Result<bool, StoreError> = deps
        .store
        .write(Durability::Full, async move |tx| {
            let all = tx.organisations().await?;
            if all.iter().any(|other| other.name == changed.name && other.id != id) {
                return Ok(false);
            }
            tx.change_organisation(&changed).await?;
            record(tx, &entry).await?;
            Ok(true)
        })
        .await;
    if is_free? {
        Ok(answer::see_other_with("/operator/organisations", &Flash::Saved))
    } else {
        let frame = operator.frame(Some(Room::Organisations));
        page(deps, frame, Some(refused(Mistake::NameTaken))).await
    }
}

async fn open(deps: &Deps, operator: &Operator, id: OrganisationId) -> Result<HttpResponse, WebError> {
    let session = operator.0.session.id;
    deps.store
        .write_one(Durability::Full, async move |tx| {
            tx.look_at_organisation(session, id).await
        })
        .await?;
    Ok(answer::see_other("/admin"))
}

/// A name that an organisation can have: 1 to 200 characters.
fn checked_name(text: &str) -> Option<String> {
    let name = text.trim();
    let is_name = !name.is_empty() && name.chars().count() <= 200 && !name.contains(char::is_control);
    is_name.then(|| name.to_owned())
}

/// A form that was refused: of a row, or of the new one.
struct Refused {
    row: Option<OrganisationId>,
    entered: String,
    mistake: Mistake,
}

async fn page(deps: &Deps, frame: Frame, refused: Option<Refused>) -> Result<HttpResponse, WebError> {
    let (now, found) = deps
        .store
        .read(async |tx| {
            let mut found = Vec::new();
            for organisation in tx.organisations().await? {
                let identity = tx.active_identity(organisation.id).await?;
                found.push((organisation, identity));
            }
            Ok::<_, StoreError>((tx.now().await?, found))
        })
        .await?;
    let mut rows: Vec<OrganisationRow> = found
        .into_iter()
        .map(|(organisation, identity)| OrganisationRow {
            id: organisation.id.to_string(),
            name: organisation.name,
            link: link(identity.as_ref(), now),
            entered: None,
        })
        .collect();
    let (mut new, mut mistakes) = (String::new(), Mistakes::none());
    if let Some(refused) = refused {
        match refused.row.map(|id| id.to_string()) {
            None => {
                mistakes = Mistakes::one("name", refused.mistake);
                new = refused.entered;
            }
            Some(id) => {
                mistakes = Mistakes::one("rename", refused.mistake);
                if let Some(row) = rows.iter_mut().find(|row| row.id == id) {
                    row.entered = Some(refused.entered);
                }
            }
        }
    }
    answer::page(&OrganisationsPage {
        frame,
        rows,
        new,
        mistakes,
    })
}

/// How an organisation is connected.
pub(in crate::web) fn link(identity: Option<&FactoryIdentity>, now: Timestamp) -> FactoryLink {
    match identity.map(|identity| &identity.kind) {
        None => FactoryLink::None,
        Some(IdentityKind::Token) => FactoryLink::Token,
        Some(IdentityKind::Certificate { not_after, .. }) => FactoryLink::Certificate {
            until: *not_after,
            days: not_after.millis().saturating_sub(now.millis()).div_euclid(86_400_000),
        },
    }
}
