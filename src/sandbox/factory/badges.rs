//! Badges: list, read, create, change, delete.

use std::collections::BTreeSet;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::http::{Call, Refusal, Reply};
use super::world::{Badge, Change, Picture};
use super::{Shared, chance, pictures};

/// What a caller may set beside name, description, draft and image, with the value shown when it was never set.
fn optional_fields() -> [(&'static str, Value); 13] {
    [
        ("css", json!("")),
        ("criteria_html", json!("")),
        ("email_subject", json!("")),
        ("email_body", json!("")),
        ("email_link_text", json!("")),
        ("email_footer", json!("")),
        ("expires", json!(0)),
        ("tags", json!([])),
        ("category", json!([])),
        ("metadata", json!({})),
        ("intent", json!("")),
        ("language", json!("en")),
        ("alt_language", json!({})),
    ]
}

/// `GET /v1/badge/{client_id}`
pub(super) fn list(shared: &Shared, client: &str, call: &Call) -> Result<Reply, Refusal> {
    let draft = call.flag("draft")?;
    let external = call.flag("external")?.unwrap_or(false);
    let (ids, categories) = (call.several("id"), call.several("category"));
    let words = call.query("query").unwrap_or_default().to_lowercase();
    let wanted = |badge: &Badge| {
        let own = badge.client_id == client;
        let shared_here = external && badge.shared_with.iter().any(|with| with == client);
        let in_category = |names: &Vec<&str>| list_of(badge, "category").any(|name| names.contains(&name));
        let says = |text: &str| text.to_lowercase().contains(&words);
        let metadata = badge.more.get("metadata");
        (own || shared_here)
            && !badge.deleted
            && draft.is_none_or(|draft| draft == badge.draft)
            && ids.as_ref().is_none_or(|ids| ids.contains(&badge.id.as_str()))
            && categories.as_ref().is_none_or(in_category)
            && (says(&badge.name) || says(&badge.description))
            && call
                .prefixed("meta:")
                .all(|(key, value)| metadata_is(metadata, key, value))
    };
    let world = shared.world();
    let found: Vec<Arc<Badge>> = world.badges.values().filter(|badge| wanted(badge)).cloned().collect();
    drop(world);
    Ok(Reply::lines(
        found.into_iter().map(|badge| Value::Object(shown(&badge, true))),
    ))
}

/// `GET /v1/badge/{client_id}/_/categorylist`
pub(super) fn categories(shared: &Shared, client: &str) -> Reply {
    let world = shared.world();
    let own = world
        .badges
        .values()
        .filter(|badge| badge.client_id == client && !badge.deleted);
    let names: BTreeSet<&str> = own.flat_map(|badge| list_of(badge, "category")).collect();
    Reply::json(&json!(names))
}

/// `GET /v1/badge/{client_id}/{badge_id}`
pub(super) fn one(shared: &Shared, client: &str, id: &str) -> Result<Reply, Refusal> {
    let badge = shared.world().badge(client, id).ok_or_else(Refusal::missing)?;
    Ok(Reply::json(&Value::Object(shown(&badge, false))))
}

/// `POST /v1/badge/{client_id}`
pub(super) fn create(shared: &Shared, client: &str, call: &Call) -> Result<Reply, Refusal> {
    let now = shared.now().seconds();
    let id = chance::id('B');
    let blank = Badge {
        id: id.clone(),
        client_id: client.to_owned(),
        name: String::new(),
        description: String::new(),
        draft: true,
        image: Picture::Data(pictures::blank()),
        more: Map::new(),
        shared_with: Vec::new(),
        deleted: false,
        ctime: now,
        mtime: now,
    };
    let badge = filled(blank, &call.json()?)?;
    shared.world().record(Change::Badge(badge));
    Ok(Reply::created(format!("/v1/badge/{client}/{id}")))
}

/// `PUT /v1/badge/{client_id}/{badge_id}`
pub(super) fn change(shared: &Shared, client: &str, id: &str, call: &Call) -> Result<Reply, Refusal> {
    let mut world = shared.world();
    let mut badge = filled(own(world.badge(client, id), client)?, &call.json()?)?;
    badge.mtime = shared.now().seconds();
    world.record(Change::Badge(badge));
    Ok(Reply::empty(204))
}

/// `DELETE /v1/badge/{client_id}/{badge_id}`
pub(super) fn delete(shared: &Shared, client: &str, id: &str) -> Result<Reply, Refusal> {
    let mut world = shared.world();
    let badge = own(world.badge(client, id), client)?;
    world.record(Change::Badge(Badge { deleted: true, ..badge }));
    Ok(Reply::empty(204))
}

/// `DELETE /v1/badge/{client_id}`
pub(super) fn delete_all(shared: &Shared, client: &str) -> Reply {
    let mut world = shared.world();
    let all: Vec<Arc<Badge>> = world
        .badges
        .values()
        .filter(|badge| badge.client_id == client)
        .cloned()
        .collect();
    for badge in all {
        world.record(Change::Badge(Badge {
            deleted: true,
            ..Badge::clone(&badge)
        }));
    }
    Reply::empty(204)
}

/// A picture as a data URL: base64 of a PNG, or a data URL as it is.
pub(super) fn data_url(image: &Value) -> Result<String, Refusal> {
    let refused = || Refusal::bad("image: must be a PNG in base64");
    let text = image.as_str().ok_or_else(refused)?.trim();
    if text.starts_with("data:image/png;base64,") || text.starts_with("data:image/svg+xml;base64,") {
        return Ok(text.to_owned());
    }
    let bytes = STANDARD.decode(text).map_err(|_| refused())?;
    if bytes.starts_with(b"\x89PNG") {
        Ok(format!("data:image/png;base64,{text}"))
    } else {
        Err(refused())
    }
}

fn own(badge: Option<Arc<Badge>>, client: &str) -> Result<Badge, Refusal> {
    let badge = badge.ok_or_else(Refusal::missing)?;
    if badge.client_id != client {
        return Err(Refusal::forbidden("the badge belongs to another client"));
    }
    Ok(Arc::unwrap_or_clone(badge))
}

/// The badge with what the body says.
fn filled(mut badge: Badge, body: &Map<String, Value>) -> Result<Badge, Refusal> {
    let text = |name: &str| {
        let text = body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        text.map(str::to_owned)
            .ok_or_else(|| Refusal::bad(&format!("{name}: required parameter missing")))
    };
    badge.name = text("name")?;
    badge.description = text("description")?;
    badge.draft = match body.get("draft") {
        Some(Value::Bool(draft)) => *draft,
        Some(Value::Number(number)) => number.as_i64() != Some(0),
        Some(Value::String(text)) => text != "0" && text != "false",
        _ => return Err(Refusal::bad("draft: required parameter missing")),
    };
    if let Some(image) = body.get("image").filter(|image| !image.is_null()) {
        badge.image = Picture::Data(data_url(image)?);
    }
    for (name, default) in optional_fields() {
        let Some(value) = body.get(name).filter(|value| !value.is_null()) else {
            continue;
        };
        let same_type = std::mem::discriminant(value) == std::mem::discriminant(&default);
        if !same_type {
            return Err(Refusal::bad(&format!("{name}: wrong type")));
        }
        badge.more.insert(name.to_owned(), value.clone());
    }
    Ok(badge)
}

/// A badge as the API shows it; `category` and the short form in lists, everything for a single badge.
pub(super) fn shown(badge: &Badge, in_list: bool) -> Map<String, Value> {
    let image = match &badge.image {
        Picture::Data(url) => url.clone(),
        Picture::Noise(number) => pictures::noise(*number),
    };
    let mut object = Map::new();
    let mut set = |key: &str, value: Value| object.insert(key.to_owned(), value);
    set("id", json!(badge.id));
    set("client_id", json!(badge.client_id));
    set("client_alias", Value::Null);
    set("name", json!(badge.name));
    set("description", json!(badge.description));
    set("image", json!(image));
    set("draft", json!(u8::from(badge.draft)));
    set("ctime", json!(badge.ctime));
    set("mtime", json!(badge.mtime));
    for (name, default) in optional_fields() {
        let short = matches!(
            name,
            "tags" | "category" | "expires" | "language" | "metadata" | "intent"
        ) || name.starts_with("email_");
        let hidden = if in_list { !short } else { name == "category" };
        if !hidden {
            set(name, badge.more.get(name).cloned().unwrap_or(default));
        }
    }
    if !in_list {
        let empty = [
            "image_small",
            "evidence_definition",
            "evidence_html",
            "copy_of",
            "lastmodifiedby",
        ];
        for name in empty {
            set(name, Value::Null);
        }
        set("alignment", json!([]));
        set("external_access", json!(0));
        set("deleted", json!(0));
    }
    object
}

fn list_of<'a>(badge: &'a Badge, key: &str) -> impl Iterator<Item = &'a str> {
    let list = badge.more.get(key).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str)
}

fn metadata_is(metadata: Option<&Value>, key: &str, wanted: &str) -> bool {
    match metadata.and_then(|metadata| metadata.get(key)) {
        Some(Value::String(text)) => text == wanted,
        Some(Value::Null) | None => false,
        Some(other) => serde_json::from_str(wanted).is_ok_and(|wanted: Value| *other == wanted),
    }
}
