//! Earnable badges: listing, applying, reading and deciding applications.

use serde_json::{Map, Value, json};

use super::http::{Call, Refusal, Reply};
use super::world::{Application, Change, Earnable, Letter, Message};
use super::{Shared, chance, issuing, multipart};

/// Everything below `/v1/earnablebadge/{client_id}`.
pub(super) fn answer(shared: &Shared, client: &str, rest: &[&str], call: &Call) -> Result<Reply, Refusal> {
    match (call.method.as_str(), rest) {
        ("GET", []) => list(shared, client, call),
        ("GET", [id]) => one(shared, client, id, call),
        ("POST", [id, "apply"]) => {
            let earnable = shared
                .world()
                .earnable(client, id)
                .cloned()
                .ok_or_else(Refusal::missing)?;
            let application = apply(shared, &earnable, call)?;
            let path = format!("/v1/earnablebadge/{client}/{id}/application/{application}");
            Ok(Reply::created(path))
        }
        ("GET", [id, "application"]) => applications(shared, client, id, call),
        ("GET", [id, "application", application]) => {
            let found = application_of(shared, client, id, application)?;
            Ok(Reply::json(&shown_application(&found, true)))
        }
        ("PUT", [id, "application", application]) => decide(shared, client, id, application, call),
        _ => Err(Refusal::new(405, "method not supported")),
    }
}

fn list(shared: &Shared, client: &str, call: &Call) -> Result<Reply, Refusal> {
    let visible = call.flag("visible")?;
    // the vendor's page prints the filter with a letter missing
    let methods = call
        .several("approval_method")
        .or_else(|| call.several("appoval_method"));
    let badges = call.several("badge_id");
    let aliased = call.query("client_alias").is_some_and(|alias| !alias.is_empty());
    let wanted = |earnable: &&Earnable| {
        earnable.client_id == client
            && !aliased
            && visible.is_none_or(|visible| visible == earnable.visible)
            && methods
                .as_ref()
                .is_none_or(|all| all.contains(&earnable.approval_method.as_str()))
            && badges
                .as_ref()
                .is_none_or(|all| all.contains(&earnable.badge_id.as_str()))
    };
    let world = shared.world();
    let found: Vec<Value> = world
        .earnables
        .values()
        .filter(wanted)
        .map(|one| shown(one, &shared.url, false))
        .collect();
    Ok(Reply::lines(found.into_iter()))
}

fn one(shared: &Shared, client: &str, id: &str, call: &Call) -> Result<Reply, Refusal> {
    let with_form = call.flag("form_html")?.unwrap_or(false);
    let world = shared.world();
    let earnable = world.earnable(client, id).ok_or_else(Refusal::missing)?;
    Ok(Reply::json(&shown(earnable, &shared.url, with_form)))
}

fn applications(shared: &Shared, client: &str, id: &str, call: &Call) -> Result<Reply, Refusal> {
    let status = call.query("status").filter(|status| !status.is_empty());
    if status.is_some_and(|status| !matches!(status, "approved" | "pending" | "rejected")) {
        return Err(Refusal::bad("status: must be approved, pending or rejected"));
    }
    let world = shared.world();
    world.earnable(client, id).ok_or_else(Refusal::missing)?;
    let all = world.applications.values().filter(|one| one.earnable_id == id);
    let found: Vec<Value> = all
        .filter(|one| status.is_none_or(|status| one.status == status))
        .map(|one| shown_application(one, false))
        .collect();
    Ok(Reply::lines(found.into_iter()))
}

/// Stores an application, and issues at once where no person decides; its id.
pub(super) fn apply(shared: &Shared, earnable: &Earnable, call: &Call) -> Result<String, Refusal> {
    let mut fields = Map::new();
    let parts = multipart::parts(&call.content_type, &call.body);
    for part in parts.ok_or_else(|| Refusal::bad("the body must be multipart/form-data"))? {
        let value = match part.file_name {
            Some(name) => json!({"file": name, "bytes": part.content.len()}),
            None => Value::String(String::from_utf8_lossy(&part.content).into_owned()),
        };
        fields.insert(part.name, value);
    }
    let mut take = |name: &str| match fields.remove(name) {
        Some(Value::String(text)) => text.trim().to_owned(),
        _ => String::new(),
    };
    let applicant = take("applicant");
    let email = take("email");
    let attach_evidence = take("attach_evidence") == "1";
    let secret = take("secret_token");
    if applicant.is_empty() || applicant.chars().count() > 255 || applicant.contains(['\r', '\n']) {
        return Err(Refusal::bad("applicant: one line of at most 255 characters"));
    }
    let (_, email) = issuing::address(&email).ok_or_else(|| Refusal::bad("email: not a valid address"))?;
    if earnable.approval_method == "secret" && earnable.secret.as_deref() != Some(secret.as_str()) {
        return Err(Refusal::forbidden("secret_token: wrong claim code"));
    }
    let now = shared.now().seconds();
    let is_open = earnable.not_before.is_none_or(|from| from <= now) && earnable.not_after.is_none_or(|to| now <= to);
    if !is_open {
        return Err(Refusal::bad("applications are closed"));
    }
    let mut application = Application {
        id: chance::id('P'),
        earnable_id: earnable.id.clone(),
        badge_id: earnable.badge_id.clone(),
        applicant,
        email,
        attach_evidence,
        status: "pending".to_owned(),
        reviewer: None,
        form_data: fields,
        event_id: None,
        ctime: now,
        mtime: now,
    };
    if matches!(earnable.approval_method.as_str(), "instant" | "secret") {
        approve(shared, &earnable.client_id, &mut application, &Map::new())?;
    }
    let id = application.id.clone();
    shared.world().record(Change::Application(application));
    Ok(id)
}

fn decide(shared: &Shared, client: &str, id: &str, application: &str, call: &Call) -> Result<Reply, Refusal> {
    let mut application = application_of(shared, client, id, application)?;
    let body = call.json()?;
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    if application.status != "pending" {
        return Err(Refusal::bad("the application is decided already"));
    }
    let reviewer = text("reviewer").ok_or_else(|| Refusal::bad("reviewer: required parameter missing"))?;
    application.reviewer = Some(reviewer.to_owned());
    match text("result") {
        Some("approve") => approve(shared, client, &mut application, &body)?,
        Some("reject") => {
            "rejected".clone_into(&mut application.status);
            if let (Some(subject), Some(text)) = (text("email_subject"), text("email_body")) {
                shared
                    .world()
                    .record(Change::Letter(rejection(&application, subject, text, shared.now())));
            }
        }
        _ => return Err(Refusal::bad("result: must be approve or reject")),
    }
    application.mtime = shared.now().seconds();
    shared.world().record(Change::Application(application));
    Ok(Reply::empty(204))
}

fn approve(
    shared: &Shared,
    client: &str,
    application: &mut Application,
    body: &Map<String, Value>,
) -> Result<(), Refusal> {
    let recipient = (Some(application.applicant.clone()), application.email.clone());
    let by = Some(application.id.clone());
    let event = issuing::make(shared, client, &application.badge_id, vec![recipient], body, None, by)?;
    "approved".clone_into(&mut application.status);
    application.event_id = Some(event);
    Ok(())
}

fn rejection(application: &Application, subject: &str, body: &str, time: crate::clock::Timestamp) -> Letter {
    Letter {
        to: application.email.clone(),
        message: Message {
            subject: subject.to_owned(),
            body: body.to_owned(),
            ..Message::default()
        },
        badge_id: application.badge_id.clone(),
        badge_name: String::new(),
        event_id: None,
        token: None,
        time,
    }
}

fn application_of(shared: &Shared, client: &str, id: &str, application: &str) -> Result<Application, Refusal> {
    let world = shared.world();
    world.earnable(client, id).ok_or_else(Refusal::missing)?;
    let found = world.applications.get(application).filter(|one| one.earnable_id == id);
    found.cloned().ok_or_else(Refusal::missing)
}

fn shown(earnable: &Earnable, url: &str, with_form: bool) -> Value {
    let mut object = json!({
        "id": earnable.id, "client_id": earnable.client_id, "client_alias": null, "badge_id": earnable.badge_id,
        "name": earnable.name, "description": earnable.description, "intent": "", "language": "en",
        "approval_method": earnable.approval_method, "visible": u8::from(earnable.visible), "draft": 0,
        "not_before": earnable.not_before, "not_after": earnable.not_after, "attach_evidence": earnable.attach_evidence,
        "redirect_url": earnable.redirect_url, "apply_url": format!("{url}/c/earnablebadge/{}/apply", earnable.id),
        "form": "", "options": {}, "ctime": earnable.ctime, "mtime": earnable.ctime,
    });
    if let (true, Some(object)) = (with_form, object.as_object_mut()) {
        object.insert("form_html".to_owned(), json!(earnable.form_html));
    }
    object
}

fn shown_application(one: &Application, with_form: bool) -> Value {
    let mut object = json!({
        "id": one.id, "earnable_id": one.earnable_id, "badge_id": one.badge_id, "applicant": one.applicant,
        "email": one.email, "status": one.status, "reviewer": one.reviewer, "ctime": one.ctime, "mtime": one.mtime,
        "attach_evidence": u8::from(one.attach_evidence), "event_id": one.event_id,
    });
    if let (true, Some(object)) = (with_form, object.as_object_mut()) {
        object.insert("form_data".to_owned(), Value::Object(one.form_data.clone()));
    }
    object
}
