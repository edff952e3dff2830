//! The pages for people, over plain http on loopback: the learners' mailboxes, the events, the misbehaviours, API keys.
//! They work without script and fetch nothing from elsewhere.

mod keys;
mod switches;

use std::collections::BTreeMap;

use http_body_util::{BodyExt, Limited};
use hyper::Request;
use hyper::body::Incoming;
use hyper::http::request::Parts;

use super::http::{Call, Refusal, Reply};
use super::server::Answer;
use super::world::{Event, Letter};
use super::{Shared, public};
use crate::clock::Timestamp;

/// The largest form that is read.
const FORM_LIMIT: usize = 16 * 1024 * 1024;
/// How many events or mails one page shows, newest first.
const SHOWN: usize = 200;

/// Answers one request of a browser.
pub(super) async fn answer(shared: &Shared, request: Request<Incoming>) -> Answer {
    let (parts, body) = request.into_parts();
    let reply = match Limited::new(body, FORM_LIMIT).collect().await {
        Ok(body) => {
            let call = Call::new(&parts, body.to_bytes());
            guard(&parts).and_then(|()| route(shared, &call))
        }
        Err(_) => Err(Refusal::new(413, "the form is too large")),
    };
    let reply = reply.unwrap_or_else(|refusal| {
        let body = format!(
            "<h1>{}</h1><p><a href=\"/\">To the mailbox</a></p>",
            escape(&refusal.reason)
        );
        Reply::html(refusal.status, page("Not possible", &body))
    });
    reply.into_response(false)
}

/// Only this machine's own browser pages: a name that is rebound to loopback, or a form on another site, is refused.
fn guard(parts: &Parts) -> Result<(), Refusal> {
    let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let host = header("host").unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if !matches!(name, "localhost" | "127.0.0.1" | "[::1]") {
        return Err(Refusal::forbidden(
            "This page is only for the machine on which the sandbox runs.",
        ));
    }
    let foreign = header("sec-fetch-site").is_some_and(|site| !matches!(site, "same-origin" | "none"));
    if parts.method.as_str() != "GET" && foreign {
        return Err(Refusal::forbidden("This form came from another site."));
    }
    Ok(())
}

fn route(shared: &Shared, call: &Call) -> Result<Reply, Refusal> {
    let segments: Vec<&str> = call.path.split('/').filter(|segment| !segment.is_empty()).collect();
    match (call.method.as_str(), segments.as_slice()) {
        ("GET", []) => Ok(mailbox(shared, call)),
        ("GET", ["events"]) => Ok(events(shared)),
        ("GET", ["misbehave"]) => Ok(switches::show(shared)),
        ("POST", ["misbehave"]) => switches::change(shared, call),
        ("GET", ["keys"]) => Ok(keys::show(shared, None)),
        ("POST", ["keys"]) => keys::mint(shared, call),
        ("GET", ["sandbox.css"]) => Ok(Reply::text(
            "text/css; charset=utf-8",
            include_str!("assets/sandbox.css"),
        )),
        // the public pages too, so that a mail's button opens without a certificate warning
        (_, ["c" | "v1", ..]) => public::answer(shared, &segments, call),
        _ => Err(Refusal::new(404, "There is no such page.")),
    }
}

fn mailbox(shared: &Shared, call: &Call) -> Reply {
    let world = shared.world();
    let mut people: BTreeMap<String, usize> = BTreeMap::new();
    for letter in &world.letters {
        let count = people.entry(letter.to.to_lowercase()).or_default();
        *count = count.saturating_add(1);
    }
    let of = call.query("to").map(str::to_lowercase).filter(|of| !of.is_empty());
    let wanted = |letter: &&Letter| of.as_ref().is_none_or(|of| letter.to.to_lowercase() == *of);
    let letters: String = world
        .letters
        .iter()
        .rev()
        .filter(wanted)
        .take(SHOWN)
        .map(letter)
        .collect();
    let listed = each(&people, |(address, count)| {
        let query: String = url::form_urlencoded::byte_serialize(address.as_bytes()).collect();
        format!("<li><a href=\"/?to={query}\">{}</a> ({count})</li>", escape(address))
    });
    let (title, above) = match &of {
        Some(of) => (
            format!("Mailbox of {of}"),
            "<p><a href=\"/\">All mailboxes</a></p>".to_owned(),
        ),
        None if people.is_empty() => (
            "Learners' mailboxes".to_owned(),
            "<p>No mail yet. Issue a badge: what the learners would get appears here.</p>".to_owned(),
        ),
        None => (
            "Learners' mailboxes".to_owned(),
            format!("<h2>Learners</h2><ul class=people>{listed}</ul><h2>All mail, newest first</h2>"),
        ),
    };
    Reply::html(
        200,
        page(&title, &format!("<h1>{}</h1>{above}{letters}", escape(&title))),
    )
}

fn letter(letter: &Letter) -> String {
    let button = letter.token.as_ref().map_or_else(String::new, |token| {
        let (token, text) = (escape(token), escape(&letter.message.link_text));
        format!("<p><a class=button href=\"/c/receive?tk={token}\">{text}</a></p>")
    });
    format!(
        "<article class=\"card mail\"><img src=\"/v1/badge/_/{}.png\" alt=\"\" width=96 height=96>\
         <div><h2>{}</h2><p class=soft>To {} · {} · badge {}{}</p></div>\
         <div><pre class=text>{}</pre>{button}<p class=soft>{}</p></div></article>",
        escape(&letter.badge_id),
        escape(&letter.message.subject),
        escape(&letter.to),
        moment(letter.time),
        escape(&letter.badge_name),
        letter
            .event_id
            .as_ref()
            .map_or_else(String::new, |id| format!(" · event <code>{}</code>", escape(id))),
        escape(&letter.message.body),
        escape(&letter.message.footer),
    )
}

fn events(shared: &Shared) -> Reply {
    let now = shared.now();
    let world = shared.world();
    let rows: String = world
        .events
        .iter()
        .rev()
        .take(SHOWN)
        .map(|event| row(event, now))
        .collect();
    let count = world.events.len();
    let body = format!(
        "<h1>Events</h1><p>{count} in all; the newest {SHOWN} are shown.</p>\
         <div class=scroll tabindex=0 role=region aria-label=\"Events\"><table><thead><tr><th scope=col>Event</th>\
         <th scope=col>Badge</th><th scope=col>Recipients</th><th scope=col>When</th><th scope=col>Sent by</th>\
         <th scope=col>Log entry</th></tr></thead><tbody>{rows}</tbody></table></div>"
    );
    Reply::html(200, page("Events", &body))
}

fn row(event: &Event, now: Timestamp) -> String {
    let recipients = each(&event.recipients, |one| {
        let revoked = if one.revoked.is_some() { " (revoked)" } else { "" };
        format!("{}{revoked}<br>", escape(&one.address))
    });
    let unseen = if event.visible_from > now {
        "<br>not in searches yet"
    } else {
        ""
    };
    format!(
        "<tr><th scope=row><code>{}</code></th><td>{}</td><td>{recipients}</td><td>{}{unseen}</td><td>{}</td>\
         <td><code>{}</code></td></tr>",
        escape(&event.id),
        escape(&event.name),
        moment(Timestamp::from_seconds(event.timestamp)),
        escape(&event.api_consumer_id),
        escape(&event.log_entry.to_string()),
    )
}

/// What `text` makes of each item, one after the other.
fn each<T>(items: impl IntoIterator<Item = T>, text: impl Fn(T) -> String) -> String {
    items.into_iter().fold(String::new(), |all, item| all + &text(item))
}

/// A whole page around `body`, which holds the one `h1`.
pub(super) fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=en><head><meta charset=utf-8>\
         <meta name=viewport content=\"width=device-width, initial-scale=1\">\
         <title>{} · Simulated Factory</title><link rel=stylesheet href=\"/sandbox.css\"><link rel=icon href=\"data:,\"></head>\
         <body><header><p class=notice>Simulated Factory – sandbox. No mail is sent, no badge is real.</p>\
         <nav aria-label=\"Main\"><a href=\"/\">Mailboxes</a><a href=\"/events\">Events</a>\
         <a href=\"/misbehave\">Misbehaviours</a><a href=\"/keys\">API keys</a></nav></header>\
         <main>{body}</main></body></html>",
        escape(title)
    )
}

/// Text as HTML text or as a quoted attribute.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// A moment as `2026-01-31 12:00:00 UTC`.
fn moment(time: Timestamp) -> String {
    time::OffsetDateTime::from_unix_timestamp(time.seconds()).map_or_else(
        |_| String::new(),
        |at| {
            let (date, month) = (at.date(), u8::from(at.month()));
            let (hour, minute, second) = at.to_hms();
            let (year, day) = (date.year(), date.day());
            format!("{year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
        },
    )
}
