//! Public pages and documents: the application form, the page behind a mail's button, assertions, badges, issuers.

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::admin::{escape, page};
use super::http::{Call, Refusal, Reply};
use super::world::{Badge, Change, Event, Picture, Recipient, World};
use super::{Shared, chance, earnables, pictures};

/// Answers a public address.
pub(super) fn answer(shared: &Shared, segments: &[&str], call: &Call) -> Result<Reply, Refusal> {
    match (call.method.as_str(), segments) {
        ("GET", ["c", "earnablebadge", id, "apply"]) => form(shared, id),
        ("POST", ["c", "earnablebadge", id, "apply"]) => applied(shared, id, call),
        ("GET", ["c", "earnablebadge", id, "embed"]) => widget(shared, id),
        ("GET", ["c", "earnablebadge", id, "application", application, "evidence.html"]) => {
            evidence(shared, id, application)
        }
        ("GET", ["c", "receive"]) => receive(shared, call),
        ("POST", ["c", "receive"]) => accept(shared, call),
        ("GET", ["v1", "assertion", id]) => assertion(shared, id),
        ("GET", ["v1", "badge", "_", id, "criteria.html"]) => criteria(shared, id, call),
        ("GET", ["v1", "badge", "_", file]) => badge_file(shared, file, call),
        ("GET", ["v1", "client"]) => issuer(shared, call),
        _ => Err(Refusal::missing()),
    }
}

fn form(shared: &Shared, id: &str) -> Result<Reply, Refusal> {
    let world = shared.world();
    let earnable = world.earnables.get(id).ok_or_else(Refusal::missing)?;
    let secret = if earnable.approval_method == "secret" {
        "<p><label>Claim code <input name=secret_token required></label></p>"
    } else {
        ""
    };
    let body = format!(
        "<h1>{}</h1><p>{}</p><form method=post enctype=\"multipart/form-data\">\
         <p><label>Your name <input name=applicant required maxlength=255 autocomplete=name></label></p>\
         <p><label>E-mail <input name=email type=email required autocomplete=email></label></p>{secret}{}\
         <p><button>Apply</button></p></form>",
        escape(&earnable.name),
        escape(&earnable.description),
        earnable.form_html,
    );
    Ok(Reply::html(200, page(&earnable.name, &body)))
}

fn applied(shared: &Shared, id: &str, call: &Call) -> Result<Reply, Refusal> {
    let earnable = shared.world().earnables.get(id).cloned().ok_or_else(Refusal::missing)?;
    match earnables::apply(shared, &earnable, call) {
        Ok(_) => Ok(Reply::html(
            200,
            page("Application received", "<h1>Application received</h1>"),
        )),
        Err(refusal) => {
            let body = format!(
                "<h1>Not received</h1><p>{}</p><p>Go back and try again.</p>",
                escape(&refusal.reason)
            );
            Ok(Reply::html(refusal.status, page("Not received", &body)))
        }
    }
}

fn widget(shared: &Shared, id: &str) -> Result<Reply, Refusal> {
    let world = shared.world();
    let earnable = world.earnables.get(id).ok_or_else(Refusal::missing)?;
    let body = format!(
        "<h1>{}</h1><p><a href=\"/c/earnablebadge/{}/apply\" target=_blank rel=noopener>Apply for this badge</a></p>",
        escape(&earnable.name),
        escape(&earnable.id),
    );
    Ok(Reply::html(200, page(&earnable.name, &body)))
}

fn evidence(shared: &Shared, id: &str, application: &str) -> Result<Reply, Refusal> {
    let world = shared.world();
    let found = world
        .applications
        .get(application)
        .filter(|one| one.earnable_id == id && one.status == "approved");
    let found = found.ok_or_else(Refusal::missing)?;
    let rows = found.form_data.iter().map(|(name, value)| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        format!("<dt>{}</dt><dd>{}</dd>", escape(name), escape(&text))
    });
    let body = format!("<h1>Evidence</h1><dl>{}</dl>", rows.collect::<String>());
    Ok(Reply::html(200, page("Evidence", &body)))
}

fn receive(shared: &Shared, call: &Call) -> Result<Reply, Refusal> {
    let token = call.query("tk").unwrap_or_default();
    let world = shared.world();
    let (event, recipient) = find(&world, |one| one.token == token).ok_or_else(Refusal::missing)?;
    let action = if recipient.revoked.is_some() {
        "<p>This badge was revoked.</p>".to_owned()
    } else if recipient.accepted {
        "<p>You have accepted this badge.</p>".to_owned()
    } else {
        format!(
            "<form method=post action=\"/c/receive?tk={}\"><button>Accept the badge</button></form>",
            escape(token)
        )
    };
    let body = format!(
        "<h1>{}</h1><p><img src=\"/v1/badge/_/{}.png\" alt=\"\" width=160 height=160></p><p>For {}</p>{action}",
        escape(&event.name),
        escape(&event.badge_id),
        escape(recipient.name.as_deref().unwrap_or(&recipient.address)),
    );
    Ok(Reply::html(200, page(&event.name, &body)))
}

fn accept(shared: &Shared, call: &Call) -> Result<Reply, Refusal> {
    let token = call.query("tk").unwrap_or_default();
    let mut world = shared.world();
    let (event, _) = find(&world, |one| one.token == token).ok_or_else(Refusal::missing)?;
    let mut event = event.clone();
    for recipient in event.recipients.iter_mut().filter(|one| one.token == token) {
        recipient.accepted = true;
    }
    world.record(Change::Event(event));
    Ok(Reply::empty(303).with("location", format!("/c/receive?tk={token}")))
}

/// `/v1/assertion/{id}`, `.json`, `.html`: 410 once revoked.
fn assertion(shared: &Shared, file: &str) -> Result<Reply, Refusal> {
    let (id, html) = match file.rsplit_once('.') {
        Some((id, "html")) => (id, true),
        Some((id, "json")) => (id, false),
        _ => (file, false),
    };
    let world = shared.world();
    let (event, recipient) = find(&world, |one| one.assertion == id).ok_or_else(Refusal::missing)?;
    if recipient.revoked.is_some() {
        return Err(Refusal::new(410, "the badge was revoked"));
    }
    if html {
        let body = format!("<h1>{}</h1><p>Issued badge, not revoked.</p>", escape(&event.name));
        return Ok(Reply::html(200, page(&event.name, &body)));
    }
    let salted = format!("{}{}", recipient.address.to_lowercase(), recipient.salt);
    let hash = chance::hex(digest::digest(&digest::SHA256, salted.as_bytes()).as_ref());
    let url = &shared.url;
    Ok(Reply::json(&json!({
        "uid": id,
        "recipient": {"type": "email", "hashed": true, "salt": recipient.salt, "identity": format!("sha256${hash}")},
        "badge": format!("{url}/v1/badge/_/{}.json?v=1.1&event={}", event.badge_id, event.id),
        "verify": {"type": "hosted", "url": format!("{url}/v1/assertion/{id}.json")},
        "issuedOn": event.issued_on, "expires": event.expires, "evidence": "",
    })))
}

fn badge_file(shared: &Shared, file: &str, call: &Call) -> Result<Reply, Refusal> {
    let (id, kind) = file.rsplit_once('.').ok_or_else(Refusal::missing)?;
    let world = shared.world();
    let badge = world.badges.get(id).ok_or_else(Refusal::missing)?;
    match kind {
        "png" => Ok(picture(badge)),
        "json" => {
            let (name, description, criteria) = as_issued(&world, badge, call.query("event"));
            let url = &shared.url;
            let event = call.query("event").map(|id| format!("?event={id}")).unwrap_or_default();
            let criteria = if criteria.is_empty() {
                Value::Null
            } else {
                json!(criteria)
            };
            Ok(Reply::json(&json!({
                "name": name, "description": description, "criteria_html": criteria,
                "image": format!("{url}/v1/badge/_/{id}.png{event}"),
                "criteria": format!("{url}/v1/badge/_/{id}/criteria.html{event}"),
                "issuer": format!("{url}/v1/client/?key={}&v=1.1", badge.client_id),
                "tags": badge.more.get("tags"), "alignment": [],
            })))
        }
        _ => Err(Refusal::missing()),
    }
}

fn criteria(shared: &Shared, id: &str, call: &Call) -> Result<Reply, Refusal> {
    let world = shared.world();
    let badge = world.badges.get(id).ok_or_else(Refusal::missing)?;
    let (name, _, criteria) = as_issued(&world, badge, call.query("event"));
    let body = format!("<h1>{}</h1>{criteria}", escape(&name));
    Ok(Reply::html(200, page(&name, &body)))
}

fn issuer(shared: &Shared, call: &Call) -> Result<Reply, Refusal> {
    let world = shared.world();
    let one = world
        .organisations
        .get(call.query("key").unwrap_or_default())
        .ok_or_else(Refusal::missing)?;
    Ok(Reply::json(&json!({
        "name": one.name, "description": one.description, "url": one.url, "email": one.email, "image": one.image,
        "verified": true,
    })))
}

/// Name, description and criteria of a badge, as changed by an event's override.
fn as_issued(world: &World, badge: &Badge, event: Option<&str>) -> (String, String, String) {
    let event = event
        .and_then(|id| world.event_by_id(id))
        .filter(|event| event.badge_id == badge.id);
    let over = event.map_or(&Value::Null, |event| &event.badge_override);
    let text = |key: &str| over.get(key).and_then(Value::as_str).map(str::to_owned);
    let criteria = text("criteria").unwrap_or_else(|| badge.text("criteria_html").unwrap_or_default().to_owned());
    let added = text("criteria_add").unwrap_or_default();
    (
        text("name").unwrap_or_else(|| badge.name.clone()),
        text("description").unwrap_or_else(|| badge.description.clone()),
        criteria + &added,
    )
}

/// A badge's picture as a file.
pub(super) fn picture(badge: &Badge) -> Reply {
    let url = match &badge.image {
        Picture::Data(url) => url.clone(),
        Picture::Noise(number) => pictures::noise(*number),
    };
    let (head, data) = url.split_once(',').unwrap_or_default();
    let media = if head.contains("svg") {
        "image/svg+xml"
    } else {
        "image/png"
    };
    let reply = Reply::whole(200, media, STANDARD.decode(data).unwrap_or_default());
    reply.with(
        "content-security-policy",
        "default-src 'none'; style-src 'unsafe-inline'".to_owned(),
    )
}

fn find(world: &World, wanted: impl Fn(&Recipient) -> bool) -> Option<(&Event, &Recipient)> {
    let mut all = world
        .events
        .iter()
        .flat_map(|event| event.recipients.iter().map(move |one| (event, one)));
    all.find(|(_, recipient)| wanted(recipient))
}
