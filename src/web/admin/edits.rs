//! Changes of things at the Factory: stored with their job before the page answers, sent by the worker, and shown with how
//! far they are.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Path};
use serde_json::{Value, json};

use super::badges::view;
use crate::crypto::random;
use crate::model::EditId;
use crate::model::editing::{Edit, EditKind, EditState};
use crate::store::job::NewJob;
use crate::store::{Durability, StoreError};
use crate::web::course::answer;
use crate::web::deps::Deps;
use crate::web::error::{Refusal, WebError};
use crate::web::operator::session::Admin;
use crate::web::pages::Room;
use crate::web::pages::admin::badges::{EditPage, EditRow};

/// A change that somebody asks for.
#[derive(Debug)]
pub(super) struct NewEdit<'a> {
    /// What it does.
    pub(super) kind: EditKind,
    /// The badge that is changed.
    pub(super) badge: Option<String>,
    /// The badge's name.
    pub(super) name: String,
    /// What it should say.
    pub(super) content: Value,
    /// A picture (PNG).
    pub(super) picture: Option<Vec<u8>>,
    /// The one-time key of the form.
    pub(super) key: &'a str,
}

/// Stores a change with its job, durably; its id. The same form again is the same change. `None`: another change of the
/// same thing is not at its end yet.
pub(super) async fn keep(deps: &Deps, admin: &Admin, new: NewEdit<'_>) -> Result<Option<EditId>, WebError> {
    if new.key.is_empty() || new.key.len() > 100 {
        return Err(Refusal::Unreadable { too_large: false }.into());
    }
    let (organisation, now) = (admin.organisation, deps.clock.now());
    let id = EditId::new(random::id_at(now));
    let content = match new.kind {
        EditKind::Create => marked(new.content, id),
        _ => new.content,
    };
    let entry = admin.entry(
        action(new.kind),
        &new.badge.clone().unwrap_or_else(|| id.to_string()),
        json!({ "edit": id }),
    );
    let edit = Edit {
        id,
        organisation,
        form_key: new.key.to_owned(),
        kind: new.kind,
        badge: new.badge,
        name: new.name,
        content,
        state: EditState::Ready,
        version: 0,
        sendings: 0,
        look: 0,
        called_at: None,
        reason: None,
        actor: entry.actor.clone(),
        created_at: now,
        updated_at: now,
    };
    let picture = new.picture;
    let stored: Result<Option<EditId>, StoreError> = deps
        .store
        .write(Durability::Full, async move |tx| {
            if let Some(known) = tx.edit_of_key(organisation, &edit.form_key).await? {
                return Ok(Some(known.id));
            }
            if !tx.add_edit(&edit, picture.as_deref()).await? {
                return Ok(None);
            }
            let now = tx.now().await?;
            tx.enqueue(&NewJob::edit(organisation, id, now), now).await?;
            tx.add_audit(&entry, now).await?;
            Ok(Some(id))
        })
        .await;
    let stored = stored?;
    deps.worker.wake();
    Ok(stored)
}

/// The mark by which a badge is found whose answer was lost.
fn marked(mut content: Value, id: EditId) -> Value {
    if let Some(metadata) = content.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.insert(crate::model::editing::MARK.to_owned(), json!(id.to_string()));
    }
    content
}

const fn action(kind: EditKind) -> &'static str {
    match kind {
        EditKind::Create => "badge.create",
        EditKind::Change => "badge.change",
        EditKind::Delete => "badge.delete",
        EditKind::Profile => "organisation.profile",
    }
}

/// A change as pages show it.
pub(super) fn row(edit: &Edit) -> EditRow {
    EditRow {
        id: edit.id.to_string(),
        kind: edit.kind,
        name: edit.name.clone(),
        state: edit.state,
    }
}

async fn one(deps: &Deps, admin: &Admin, path: &str) -> Result<Edit, WebError> {
    let id: EditId = path.parse().map_err(|_| Refusal::NotFound)?;
    let organisation = admin.organisation;
    let found = deps.store.read_one(async |tx| tx.edit(organisation, id).await).await?;
    found.ok_or_else(|| Refusal::NotFound.into())
}

/// `GET /admin/edits/{edit}`
#[tracing::instrument(name = "web.admin.edit", skip_all)]
pub(super) async fn show(deps: Data<Deps>, admin: Admin, path: Path<String>) -> Result<HttpResponse, WebError> {
    let edit = one(&deps, &admin, &path).await?;
    let organisation = admin.organisation;
    let id = edit.badge.clone().unwrap_or_default();
    let badge = deps
        .store
        .read_one(async |tx| tx.catalog_badge(organisation, &id).await)
        .await?;
    let encoded: String = url::form_urlencoded::byte_serialize(id.as_bytes()).collect();
    let thing = match edit.kind {
        EditKind::Profile => Some("/admin/issuer".to_owned()),
        // a new badge has its page once the list was read again
        _ => badge.as_ref().map(view).map(|_| format!("/admin/badges/{encoded}")),
    };
    let form = match (edit.kind, edit.state) {
        (EditKind::Create, EditState::Refused | EditState::Dropped) => {
            Some(format!("/admin/badges/new?from={}", edit.id))
        }
        (EditKind::Change, EditState::Refused | EditState::Dropped) => {
            Some(format!("/admin/badges/{encoded}/edit?from={}", edit.id))
        }
        _ => None,
    };
    answer::page(&EditPage {
        frame: admin.frame(Some(if edit.kind == EditKind::Profile {
            Room::Issuer
        } else {
            Room::Badges
        })),
        edit: row(&edit),
        at: edit.created_at,
        may_drop: edit.clone().dropped().is_some(),
        reason: edit.reason.filter(|_| edit.state != EditState::Done),
        thing,
        form,
    })
}

/// `POST /admin/edits/{edit}`: `do` is `again` or `drop`.
#[tracing::instrument(name = "web.admin.edit.decide", skip_all)]
pub(super) async fn decide(
    deps: Data<Deps>,
    admin: Admin,
    path: Path<String>,
    body: Bytes,
) -> Result<HttpResponse, WebError> {
    let fields = admin.form(&body)?;
    let edit = one(&deps, &admin, &path).await?;
    let (id, organisation, word) = (edit.id, admin.organisation, fields.one("do"));
    let after = match word {
        "again" => edit.sent_again(),
        "drop" => edit.dropped(),
        _ => return Err(Refusal::Unreadable { too_large: false }.into()),
    };
    let action = if word == "drop" { "edit.drop" } else { "edit.again" };
    let entry = admin.entry(action, &id, json!({}));
    if let Some(after) = after {
        let stored: Result<(), StoreError> = deps
            .store
            .write(Durability::Full, async move |tx| {
                let now = tx.now().await?;
                // whoever was faster decided: the page shows what
                if tx.save_edit(&after, now).await? {
                    let kind = crate::catalog::editing::PARKED;
                    tx.clear_problem(organisation, kind, &id.to_string(), now).await?;
                    tx.enqueue(&NewJob::edit(organisation, id, now), now).await?;
                    tx.add_audit(&entry, now).await?;
                }
                Ok(())
            })
            .await;
        stored?;
        deps.worker.wake();
    }
    Ok(answer::see_other(&format!("/admin/edits/{id}")))
}
