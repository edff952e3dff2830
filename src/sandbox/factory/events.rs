//! Events: search, read, revoke, and the assertions in them.

use serde_json::{Map, Value, json};

use super::Shared;
use super::faults::{LogEntry, Manner};
use super::http::{Call, Refusal, Reply};
use super::world::{Change, Event};

/// The most events that one page of a search holds.
const PAGE: usize = 1000;

/// `GET /v1/event/{client_id}`
pub(super) fn search(shared: &Shared, client: &str, call: &Call) -> Result<Reply, Refusal> {
    let (begin, end) = (call.number("begin")?, call.number("end")?);
    let ascending = match call.query("order_by") {
        None | Some("" | "desc") => false,
        Some("asc") => true,
        Some(_) => return Err(Refusal::bad("order_by: must be asc or desc")),
    };
    let size = |name: &str| -> Result<Option<usize>, Refusal> {
        let number = call.number(name)?;
        let sized = number.map(usize::try_from).transpose();
        sized.map_err(|_| Refusal::bad(&format!("{name}: must not be negative")))
    };
    let limit = size("limit")?.unwrap_or(PAGE).min(PAGE);
    let offset = size("offset")?.unwrap_or(0);
    let consumer = call.query("api_consumer_id").filter(|text| !text.is_empty());
    let badges = call.several("badge_id");
    let emails: Option<Vec<String>> = call
        .several("email")
        .map(|all| all.into_iter().map(str::to_lowercase).collect());
    let now = shared.now();
    let wanted = |event: &&Event| {
        let to = |email: &String| event.recipients.iter().any(|one| one.address.to_lowercase() == *email);
        event.client_id == client
            && event.visible_from <= now
            && consumer.is_none_or(|consumer| event.api_consumer_id == consumer)
            && badges.as_ref().is_none_or(|ids| ids.contains(&event.badge_id.as_str()))
            && emails.as_ref().is_none_or(|emails| emails.iter().any(to))
            && begin.is_none_or(|begin| event.issued_on >= begin)
            && end.is_none_or(|end| event.issued_on <= end)
    };
    let world = shared.world();
    // stable: events of the same second stay in the order in which they came
    let mut found: Vec<&Event> = world.events.iter().filter(wanted).collect();
    found.sort_by_key(|event| event.issued_on);
    if call.flag("count_only")? == Some(true) {
        return Ok(Reply::json(&json!({"result_count": found.len()})));
    }
    if !ascending {
        found.reverse();
    }
    let manner = shared.manner();
    if !found.is_empty()
        && let Some(odd) = manner.log_entry.oddity()
    {
        shared.desk().faults.count(odd);
    }
    let page = found.into_iter().skip(offset).take(limit);
    let lines: Vec<Value> = page.map(|event| Value::Object(listed(event, &manner))).collect();
    Ok(Reply::lines(lines.into_iter()))
}

/// `GET /v1/event/{client_id}/{event_id}`
pub(super) fn one(shared: &Shared, client: &str, id: &str) -> Result<Reply, Refusal> {
    let manner = shared.manner();
    let world = shared.world();
    let event = world.event(client, id).ok_or_else(Refusal::missing)?;
    let mut object = listed(event, &manner);
    let mut set = |key: &str, value: Value| object.insert(key.to_owned(), value);
    set("log_entry", log_entry(event, manner.log_entry == LogEntry::Text));
    set("email_subject", json!(event.message.subject));
    set("email_body", json!(event.message.body));
    set("email_link_text", json!(event.message.link_text));
    set("email_footer", json!(event.message.footer));
    set("client_id", json!(event.client_id));
    set("api_consumer_id", json!(event.api_consumer_id));
    set("mtime", json!(event.timestamp));
    set("lastmodifiedby", Value::Null);
    set("deleted", json!(0));
    set("show_report", json!(u8::from(event.show_report)));
    set("earnable_application_id", json!(event.earnable_application_id));
    // only `/revoked` tells, for a single event
    object.remove("revoked");
    Ok(Reply::json(&Value::Object(object)))
}

/// `GET /v1/event/{client_id}/{event_id}/revoked`
pub(super) fn revoked(shared: &Shared, client: &str, id: &str) -> Result<Reply, Refusal> {
    let world = shared.world();
    let event = world.event(client, id).ok_or_else(Refusal::missing)?;
    Ok(Reply::json(&json!({"revoked": revocations(event)})))
}

/// `DELETE /v1/event/{client_id}/{event_id}/?email=a|b`: addresses that are not in it, or revoked already, are fine.
pub(super) fn revoke(shared: &Shared, client: &str, id: &str, call: &Call) -> Result<Reply, Refusal> {
    let emails = call
        .several("email")
        .ok_or_else(|| Refusal::bad("email: required parameter missing"))?;
    let now = shared.now().seconds();
    let mut world = shared.world();
    let mut event = world.event(client, id).cloned().ok_or_else(Refusal::missing)?;
    for recipient in &mut event.recipients {
        if emails
            .iter()
            .any(|email| email.to_lowercase() == recipient.address.to_lowercase())
        {
            recipient.revoked = recipient.revoked.or(Some(now));
        }
    }
    world.record(Change::Event(event));
    Ok(Reply::empty(204))
}

/// `GET /v1/event/{client_id}/{event_id}/assertion`
pub(super) fn assertions(shared: &Shared, client: &str, id: &str, call: &Call) -> Result<Reply, Refusal> {
    let emails: Option<Vec<String>> = call
        .several("email")
        .map(|all| all.into_iter().map(str::to_lowercase).collect());
    let world = shared.world();
    let event = world.event(client, id).ok_or_else(Refusal::missing)?;
    let wanted = event.recipients.iter().filter(|one| {
        emails
            .as_ref()
            .is_none_or(|emails| emails.contains(&one.address.to_lowercase()))
    });
    let url = &shared.url;
    let lines: Vec<Value> = wanted
        .map(|one| {
            let status = match (one.revoked, one.accepted) {
                (Some(_), _) => "revoked",
                (None, true) => "accepted",
                (None, false) => "pending",
            };
            let assertion = &one.assertion;
            json!({
                "id": assertion, "recipient": one.address, "status": status,
                "image": format!("{url}/v1/badge/_/{}.png?event={}", event.badge_id, event.id),
                "json": format!("{url}/v1/assertion/{assertion}.json"),
                "pdf": {"default": format!("{url}/c/pdf/{assertion}")},
            })
        })
        .collect();
    Ok(Reply::lines(lines.into_iter()))
}

/// An event as lists show it.
fn listed(event: &Event, manner: &Manner) -> Map<String, Value> {
    let addresses: Vec<&str> = event.recipients.iter().map(|one| one.address.as_str()).collect();
    let mut object = Map::new();
    let mut set = |key: &str, value: Value| object.insert(key.to_owned(), value);
    set("id", json!(event.id));
    set("badge_id", json!(event.badge_id));
    set("name", json!(event.name));
    set("recipient", json!(addresses));
    set("issued_on", json!(event.issued_on));
    set("expires", json!(event.expires));
    set("revoked", revocations(event));
    set("timestamp", json!(event.timestamp));
    set("token", json!(event.token));
    match manner.log_entry {
        LogEntry::Object => set("log_entry", log_entry(event, false)),
        LogEntry::Text => set("log_entry", log_entry(event, true)),
        LogEntry::Null => set("log_entry", Value::Null),
        LogEntry::Missing => None,
    };
    object
}

fn log_entry(event: &Event, as_text: bool) -> Value {
    if as_text && !event.log_entry.is_null() {
        Value::String(event.log_entry.to_string())
    } else {
        event.log_entry.clone()
    }
}

fn revocations(event: &Event) -> Value {
    let revoked = event
        .recipients
        .iter()
        .filter_map(|one| Some((one.address.clone(), json!(one.revoked?))));
    Value::Object(revoked.collect())
}
