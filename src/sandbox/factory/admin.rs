//! The pages for people, over plain http on loopback: the learners' mailboxes, the events, the misbehaviours, API keys.
//! They work without script and fetch nothing from elsewhere.

use std::collections::BTreeMap;
use std::time::Duration;

use http_body_util::{BodyExt, Limited};
use hyper::Request;
use hyper::body::Incoming;
use hyper::http::request::Parts;

use super::faults::{Aim, Fault, Kind, LogEntry, Plan};
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
        ("GET", ["misbehave"]) => Ok(misbehaviours(shared)),
        ("POST", ["misbehave"]) => misbehave(shared, call),
        ("GET", ["keys"]) => Ok(keys(shared, None)),
        ("POST", ["keys"]) => mint(shared, call),
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
    let listed: String = people
        .iter()
        .map(|(address, count)| {
            let query: String = url::form_urlencoded::byte_serialize(address.as_bytes()).collect();
            format!("<li><a href=\"/?to={query}\">{}</a> ({count})</li>", escape(address))
        })
        .collect();
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
    let recipients: String = event
        .recipients
        .iter()
        .map(|one| {
            let revoked = if one.revoked.is_some() { " (revoked)" } else { "" };
            format!("{}{revoked}<br>", escape(&one.address))
        })
        .collect();
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

fn misbehaviours(shared: &Shared) -> Reply {
    let desk = shared.desk();
    let options: String = presets()
        .iter()
        .map(|(key, label, _)| format!("<option value=\"{key}\">{}</option>", escape(label)))
        .collect();
    let planned: String = desk
        .faults
        .planned()
        .iter()
        .map(|line| format!("<li>{}</li>", escape(line)))
        .collect();
    let planned = if planned.is_empty() {
        "<p>Nothing is planned.</p>".to_owned()
    } else {
        format!("<ul>{planned}</ul>")
    };
    let counts: String = desk
        .faults
        .counts()
        .iter()
        .map(|(name, count)| format!("<tr><th scope=row>{name}</th><td>{count}</td></tr>"))
        .collect();
    let calls: String = desk
        .calls
        .iter()
        .map(|(kind, count)| format!("<tr><th scope=row>{kind:?}</th><td>{count}</td></tr>"))
        .collect();
    let manner = &desk.manner;
    let entry = |value: &str, label: &str, is: LogEntry| {
        let selected = if manner.log_entry == is { " selected" } else { "" };
        format!("<option value=\"{value}\"{selected}>{label}</option>")
    };
    let tick = |name: &str, label: &str, on: bool| {
        let checked = if on { " checked" } else { "" };
        format!("<label class=inline><input type=checkbox name={name} value=1{checked}> {label}</label>")
    };
    let lines = |set: &std::collections::BTreeSet<String>| escape(&set.iter().cloned().collect::<Vec<_>>().join(", "));
    let body = format!(
        "<h1>Misbehaviours</h1><p>Let the simulated Factory fail, and see that each badge still arrives exactly once.</p>\
         <form method=post class=card><h2>A fault</h2><input type=hidden name=do value=fault>\
         <label>What goes wrong <select name=fault>{options}</select></label>\
         <label>How long, in milliseconds, where it matters <input name=span type=number min=0 max=600000 value=3000></label>\
         <label>Which calls <select name=aim><option value=issue>issuing</option><option value=revoke>revoking</option>\
         <option value=search>reading events</option><option value=badges>reading badges</option>\
         <option value=any>all</option></select></label>\
         <label>How many times (0: always) <input name=times type=number min=0 max=1000 value=1></label>\
         <button>Plan it</button></form>\
         <form method=post class=card><h2>At random</h2><input type=hidden name=do value=random>\
         <label>Percent of issuing calls <input name=percent type=number min=0 max=100 value=30></label>\
         <label>Seed <input name=seed type=number min=0 value=1></label><button>Start</button></form>\
         <form method=post class=card><h2>Planned</h2>{planned}<input type=hidden name=do value=calm>\
         <button>Behave again</button></form>\
         <form method=post class=card><h2>Manners</h2><input type=hidden name=do value=manner>\
         <label>log_entry comes back <select name=log_entry>{}{}{}{}</select></label>{}{}{}{}{}{}\
         <label>New events are unseen by searches for, in milliseconds <input name=unseen type=number min=0 value={}></label>\
         <label>Addresses that refuse a whole call, with commas <input name=refused value=\"{}\"></label>\
         <label>Badge ids that answer 403, with commas <input name=forbidden value=\"{}\"></label>\
         <button>Change manners</button></form>\
         <h2>Happened</h2><div class=scroll tabindex=0 role=region aria-label=\"Counts\"><table><caption>Faults</caption>\
         <tbody>{counts}</tbody></table><table><caption>Calls</caption><tbody>{calls}</tbody></table></div>",
        entry("object", "as an object", LogEntry::Object),
        entry("text", "as a string", LogEntry::Text),
        entry("null", "null in lists", LogEntry::Null),
        entry("missing", "missing in lists", LogEntry::Missing),
        tick("json", "Lists come as application/json", manner.lists_as_json),
        tick("absolute", "Location is an absolute address", manner.absolute_location),
        tick(
            "merge",
            "An address twice in one call is merged",
            manner.merge_duplicates
        ),
        tick(
            "alert",
            "Client certificates end in a TLS alert",
            manner.alert_certificates
        ),
        tick("bearer", "Bearer tokens are accepted", manner.bearer),
        tick("bodies", "Errors carry a reason", manner.error_bodies),
        manner.unseen_for.as_millis(),
        lines(&manner.refused_addresses),
        lines(&manner.forbidden_badges),
    );
    Reply::html(200, page("Misbehaviours", &body))
}

/// The faults that the page offers: key, label, fault with a duration of nothing.
fn presets() -> Vec<(String, String, Fault)> {
    let mut faults = Fault::all(Duration::ZERO);
    faults.extend([302, 403, 404, 405, 411, 413, 502, 504].map(Fault::Status));
    let name = |(at, fault): (usize, Fault)| {
        let label = match &fault {
            Fault::Status(status) => format!("status {status}, nothing done"),
            Fault::StatusAfterWork(status) => format!("status {status} after the work"),
            other => other.name().replace('_', " "),
        };
        (at.to_string(), label, fault)
    };
    faults.into_iter().enumerate().map(name).collect()
}

fn misbehave(shared: &Shared, call: &Call) -> Result<Reply, Refusal> {
    let form = call.form();
    let field = |name: &str| form.get(name).map_or("", String::as_str);
    let number = |name: &str| {
        field(name)
            .parse::<u64>()
            .map_err(|_| Refusal::bad(&format!("{name} must be a number.")))
    };
    let done = Ok(Reply::empty(303).with("location", "/misbehave".to_owned()));
    match field("do") {
        "fault" => {
            let span = Duration::from_millis(number("span")?);
            let at = usize::try_from(number("fault")?).unwrap_or(usize::MAX);
            let fault = Fault::all(span).into_iter().nth(at);
            let fault = fault.or_else(|| presets().into_iter().nth(at).map(|(_, _, fault)| fault));
            let fault = fault.ok_or_else(|| Refusal::bad("There is no such fault."))?;
            let aim = match field("aim") {
                "issue" => Aim::Only(Kind::Issue),
                "revoke" => Aim::Only(Kind::Revoke),
                "search" => Aim::Only(Kind::EventRead),
                "badges" => Aim::Only(Kind::BadgeRead),
                _ => Aim::Any,
            };
            let times = u32::try_from(number("times")?).unwrap_or(u32::MAX).min(1000);
            let plan = if times == 0 {
                Plan::Always { fault, aim }
            } else {
                Plan::Next { fault, times, aim }
            };
            shared.desk().faults.add(plan);
        }
        "random" => shared.desk().faults.add(Plan::Random {
            seed: number("seed")?,
            percent: u32::try_from(number("percent")?).unwrap_or(100),
            weights: Fault::all(Duration::from_secs(3))
                .into_iter()
                .map(|fault| (fault, 1))
                .collect(),
            aim: Aim::Only(Kind::Issue),
        }),
        "calm" => shared.desk().faults.add(Plan::Calm),
        "manner" => {
            let unseen = Duration::from_millis(number("unseen")?);
            let list = |name: &str| {
                field(name)
                    .split(',')
                    .map(str::trim)
                    .filter(|one| !one.is_empty())
                    .map(str::to_owned)
            };
            let mut desk = shared.desk();
            let manner = &mut desk.manner;
            manner.log_entry = match field("log_entry") {
                "text" => LogEntry::Text,
                "null" => LogEntry::Null,
                "missing" => LogEntry::Missing,
                _ => LogEntry::Object,
            };
            manner.lists_as_json = field("json") == "1";
            manner.absolute_location = field("absolute") == "1";
            manner.merge_duplicates = field("merge") == "1";
            manner.alert_certificates = field("alert") == "1";
            manner.bearer = field("bearer") == "1";
            manner.error_bodies = field("bodies") == "1";
            manner.unseen_for = unseen;
            manner.refused_addresses = list("refused").map(|address| address.to_lowercase()).collect();
            manner.forbidden_badges = list("forbidden").collect();
        }
        _ => return Err(Refusal::bad("This form is not known.")),
    }
    done
}

fn keys(shared: &Shared, minted: Option<&str>) -> Reply {
    let world = shared.world();
    let options: String = world
        .organisations
        .values()
        .map(|one| {
            format!(
                "<option value=\"{}\">{} ({})</option>",
                escape(&one.id),
                escape(&one.name),
                escape(&one.id)
            )
        })
        .collect();
    let secrets: String = world
        .organisations
        .values()
        .map(|one| {
            let (name, id, secret) = (escape(&one.name), escape(&one.id), escape(&one.secret));
            format!("<tr><th scope=row>{name}</th><td><code>{id}</code></td><td><code>{secret}</code></td></tr>")
        })
        .collect();
    let minted = minted.map_or_else(String::new, |key| {
        format!(
            "<div class=card role=status><label>The new key: paste it within ten minutes, it works once \
             <textarea class=key rows=6 readonly>{}</textarea></label></div>",
            escape(key)
        )
    });
    let body = format!(
        "<h1>API keys</h1>{minted}<form method=post class=card><label>Organisation <select name=client>{options}</select>\
         </label><button>Generate an API key</button></form><p>The address of this Factory is <code>{}</code>.</p>\
         <h2>Secrets for bearer tokens</h2><div class=scroll tabindex=0 role=region aria-label=\"Secrets\"><table><thead>\
         <tr><th scope=col>Organisation</th><th scope=col>Client id</th><th scope=col>Secret</th></tr></thead>\
         <tbody>{secrets}</tbody></table></div>",
        escape(&shared.url),
    );
    Reply::html(200, page("API keys", &body))
}

fn mint(shared: &Shared, call: &Call) -> Result<Reply, Refusal> {
    let form = call.form();
    let client = form.get("client").map_or("", String::as_str);
    if !shared.world().organisations.contains_key(client) {
        return Err(Refusal::bad("There is no such organisation."));
    }
    let key = shared.keys.mint(client, shared.now());
    Ok(keys(shared, Some(&key)))
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
