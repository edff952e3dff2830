//! Issuing: one call makes one event and the mails it would send. A repeated call issues again, as the Factory does.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Map, Value};

use super::faults::Fault;
use super::http::{Call, Refusal, Reply};
use super::world::{Badge, Change, Event, Letter, Message, Recipient, World};
use super::{Shared, chance};

/// `POST /v1/badge/{client_id}/{badge_id}`
pub(super) fn issue(
    shared: &Shared,
    client: &str,
    badge: &str,
    call: &Call,
    fault: Option<&Fault>,
) -> Result<Reply, Refusal> {
    let body = call.json()?;
    let recipients = recipients(body.get("recipient"))?;
    let unseen_for = match fault {
        Some(Fault::LostAnswer { unseen_for } | Fault::Unseen { unseen_for }) => Some(*unseen_for),
        _ => None,
    };
    let event = make(shared, client, badge, recipients, &body, unseen_for, None)?;
    Ok(Reply::created(format!("/v1/event/{client}/{event}")))
}

/// Stores an event and its mails; the event's id.
pub(super) fn make(
    shared: &Shared,
    client: &str,
    badge: &str,
    mut recipients: Vec<(Option<String>, String)>,
    body: &Map<String, Value>,
    unseen_for: Option<Duration>,
    application: Option<String>,
) -> Result<String, Refusal> {
    let (manner, now) = (shared.manner(), shared.now());
    let mut world = shared.world();
    let badge = world.badge(client, badge).ok_or_else(Refusal::missing)?;
    if badge.draft {
        return Err(Refusal::bad("the badge is a draft"));
    }
    if manner.forbidden_badges.contains(&badge.id) {
        shared.desk().faults.count("forbidden_badge");
        return Err(Refusal::forbidden("not authorised to issue this badge"));
    }
    if let Some((_, bad)) = recipients
        .iter()
        .find(|(_, one)| manner.refused_addresses.contains(&one.to_lowercase()))
    {
        shared.desk().faults.count("bad_address");
        return Err(Refusal::bad(&format!("recipient: {bad} is not a valid address")));
    }
    if manner.merge_duplicates {
        let mut seen = BTreeSet::new();
        recipients.retain(|(_, address)| seen.insert(address.to_lowercase()));
    }
    within_limit(&world, client, recipients.len())?;
    let message = message(&badge, body)?;
    let log_entry = object(body, "log_entry")?;
    let event = Event {
        id: chance::id('E'),
        client_id: client.to_owned(),
        badge_id: badge.id.clone(),
        name: overridden_name(&badge, &object(body, "badge_override")?),
        recipients: recipients.into_iter().map(recipient).collect(),
        issued_on: seconds(body, "issued_on")?.unwrap_or(now.seconds()),
        expires: seconds(body, "expires")?,
        message,
        badge_override: object(body, "badge_override")?,
        log_entry,
        api_consumer_id: body
            .get("api_consumer_id")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
        show_report: flag(body, "show_report")?.unwrap_or(true),
        send_email: flag(body, "send_email")?.unwrap_or(true),
        earnable_application_id: application,
        timestamp: now.seconds(),
        token: chance::id('k'),
        visible_from: now.plus(unseen_for.unwrap_or(manner.unseen_for)),
    };
    let id = event.id.clone();
    if event.send_email {
        for recipient in &event.recipients {
            world.record(Change::Letter(Letter {
                to: recipient.address.clone(),
                message: event.message.clone(),
                badge_id: event.badge_id.clone(),
                badge_name: event.name.clone(),
                event_id: Some(id.clone()),
                token: Some(recipient.token.clone()),
                time: now,
            }));
        }
    }
    world.record(Change::Event(event));
    Ok(id)
}

/// `Name <a@b>` or `a@b`: the name, if any, and the address.
pub(super) fn address(text: &str) -> Option<(Option<String>, String)> {
    let text = text.trim();
    let (name, address) = match text.strip_suffix('>') {
        None => (None, text),
        Some(rest) => {
            let (name, address) = rest.split_once('<')?;
            (
                Some(name.trim().to_owned()).filter(|name| !name.is_empty()),
                address.trim(),
            )
        }
    };
    let (local, domain) = address.rsplit_once('@')?;
    let odd = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',' | ';' | '|');
    let domain_reads = domain.split('.').count() > 1 && domain.split('.').all(|label| !label.is_empty());
    (!local.is_empty() && domain_reads && !address.contains(odd)).then(|| (name, address.to_owned()))
}

fn recipients(value: Option<&Value>) -> Result<Vec<(Option<String>, String)>, Refusal> {
    let list = match value {
        None | Some(Value::Null) => return Err(Refusal::bad("recipient: required parameter missing")),
        Some(Value::Array(list)) => list,
        Some(_) => return Err(Refusal::bad("recipient: must be an array")),
    };
    if list.is_empty() {
        return Err(Refusal::bad("recipient: must not be empty"));
    }
    let read = |one: &Value| {
        let text = one.as_str().unwrap_or_default();
        address(text).ok_or_else(|| Refusal::bad(&format!("recipient: {one} is not a valid address")))
    };
    list.iter().map(read).collect()
}

fn recipient((name, address): (Option<String>, String)) -> Recipient {
    Recipient {
        address,
        name,
        assertion: chance::assertion_id(),
        salt: chance::id('s'),
        token: chance::secret(),
        accepted: false,
        revoked: None,
    }
}

fn within_limit(world: &World, client: &str, more: usize) -> Result<(), Refusal> {
    let limit = world
        .organisations
        .get(client)
        .map_or(0, |organisation| organisation.issuing_limit);
    let own = world.events.iter().filter(|event| event.client_id == client);
    let limited = limit > 0;
    let issued: usize = if limited {
        own.map(|event| event.recipients.len()).sum()
    } else {
        0
    };
    let total = u64::try_from(issued.saturating_add(more)).unwrap_or(u64::MAX);
    if limited && total > limit {
        return Err(Refusal::forbidden("the issuing limit of this client is used up"));
    }
    Ok(())
}

/// Each part from the body, else from the badge, else refused.
fn message(badge: &Badge, body: &Map<String, Value>) -> Result<Message, Refusal> {
    let part = |name: &str| {
        let sent = body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let part = sent.or_else(|| badge.text(name)).map(str::to_owned);
        part.ok_or_else(|| Refusal::bad(&format!("{name}: required parameter missing")))
    };
    Ok(Message {
        subject: part("email_subject")?,
        body: part("email_body")?,
        link_text: part("email_link_text")?,
        footer: part("email_footer")?,
    })
}

fn overridden_name(badge: &Badge, with: &Value) -> String {
    let name = with.get("name").and_then(Value::as_str);
    name.unwrap_or(&badge.name).to_owned()
}

fn object(body: &Map<String, Value>, name: &str) -> Result<Value, Refusal> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(Value::Null),
        Some(object @ Value::Object(_)) => Ok(object.clone()),
        Some(_) => Err(Refusal::bad(&format!("{name}: must be an object"))),
    }
}

fn seconds(body: &Map<String, Value>, name: &str) -> Result<Option<i64>, Refusal> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value
            .as_i64()
            .map(Some)
            .ok_or_else(|| Refusal::bad(&format!("{name}: must be Unix seconds"))),
    }
}

fn flag(body: &Map<String, Value>, name: &str) -> Result<Option<bool>, Refusal> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(flag)) => Ok(Some(*flag)),
        Some(value) => match value.as_i64() {
            Some(0) => Ok(Some(false)),
            Some(1) => Ok(Some(true)),
            _ => Err(Refusal::bad(&format!("{name}: must be 0 or 1"))),
        },
    }
}
