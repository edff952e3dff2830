//! From a request to its answer: which call it is, whether something goes wrong, whose credential came, the work.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper::Request;
use hyper::body::Incoming;
use rustls::pki_types::CertificateDer;
use serde_json::Value;

use super::faults::{Fault, Kind};
use super::http::{Call, Refusal, Reply};
use super::server::{Answer, Cut};
use super::views::{Issuing, Phase, RequestView};
use super::{Desk, Shared, badges, earnables, enrol, events, issuing, public};

/// The largest body that a call may carry.
const BODY_LIMIT: usize = 67_108_864;
/// Requests that read something, kept for tests.
const MOST_READS: usize = 500;

/// Answers one request of the API, or cuts the connection.
pub(super) async fn answer(
    shared: &Arc<Shared>,
    chain: &[CertificateDer<'_>],
    request: Request<Incoming>,
) -> Result<Answer, Cut> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let kind = kind_of(parts.method.as_str(), &segments);
    let crowded = count(shared, kind);
    let body = match read(&parts, body).await {
        Ok(body) => body,
        Err(refusal) => return Ok(finish(shared, Err(refusal))),
    };
    let call = Call::new(&parts, body);
    if crowded {
        let reply = refused(shared, &Refusal::new(429, "too many calls")).with("retry-after", "1".to_owned());
        return Ok(finish(shared, Ok(reply)));
    }
    let fault = shared.desk().faults.draw(kind);
    if let Some(fault) = &fault {
        tracing::debug!("the simulated Factory answers {kind:?} with {}", fault.name());
        if let Some(early) = before_work(shared, fault).await {
            shared.touch();
            return early.map(|reply| finish(shared, Ok(reply)));
        }
    }
    let client = match admit(shared, kind, &segments, chain, &call) {
        Ok(client) => client,
        Err(refusal) => return Ok(finish(shared, Err(refusal))),
    };
    record(shared, kind, &client, &segments, &call);
    if let Some(Fault::ExecutedLater { after }) = fault {
        let (shared, path) = (Arc::clone(shared), path.clone());
        tokio::spawn(async move {
            tokio::time::sleep(after).await;
            let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
            let _ = work(&shared, kind, &client, &segments, &call, None);
            shared.touch();
        });
        return Err(Cut::Close);
    }
    let done = work(shared, kind, &client, &segments, &call, fault.as_ref());
    shared.touch();
    match fault {
        Some(fault) => after_work(&fault, done).await.map(|done| finish(shared, done)),
        None => Ok(finish(shared, done)),
    }
}

/// Reads the body; a length is required where one could be expected.
async fn read(parts: &hyper::http::request::Parts, body: Incoming) -> Result<Bytes, Refusal> {
    let length = parts
        .headers
        .get("content-length")
        .and_then(|value| value.to_str().ok());
    if matches!(parts.method.as_str(), "POST" | "PUT") && length.is_none() {
        return Err(Refusal::new(411, "length required"));
    }
    let too_large = || Refusal::new(413, "the body is too large");
    if length
        .and_then(|text| text.parse::<usize>().ok())
        .is_some_and(|length| length > BODY_LIMIT)
    {
        return Err(too_large());
    }
    let read = Limited::new(body, BODY_LIMIT).collect().await;
    read.map(http_body_util::Collected::to_bytes).map_err(|_| too_large())
}

/// Counts the call; whether it is one too many in this second.
fn count(shared: &Shared, kind: Kind) -> bool {
    let second = shared.now().seconds();
    let mut desk = shared.desk();
    let calls = desk.calls.entry(kind).or_default();
    *calls = calls.saturating_add(1);
    if desk.second.0 != second {
        desk.second = (second, 0);
    }
    desk.second.1 = desk.second.1.saturating_add(1);
    let crowded = desk.manner.calls_per_second.is_some_and(|limit| desk.second.1 > limit) && kind != Kind::Public;
    if crowded {
        desk.faults.count("too_many");
    }
    crowded
}

/// What a fault answers before any work; `None` if the work is to be done.
async fn before_work(shared: &Shared, fault: &Fault) -> Option<Result<Reply, Cut>> {
    let reply = |status, reason| Some(Ok(refused(shared, &Refusal::new(status, reason))));
    match fault {
        Fault::TlsAlert | Fault::Reset => Some(Err(Cut::Reset)),
        Fault::CertificateInvalid => reply(495, "client certificate invalid"),
        Fault::CertificateMissing => reply(496, "client certificate missing"),
        Fault::TooMany { retry_after } => {
            let reply = refused(shared, &Refusal::new(429, "too many calls"));
            Some(Ok(reply.with("retry-after", retry_after.to_string())))
        }
        Fault::Closed { retry_after } => {
            let reply = refused(shared, &Refusal::new(503, "temporarily closed"));
            Some(Ok(reply.with("retry-after", retry_after.to_string())))
        }
        Fault::Status(status) => {
            let reply = refused(shared, &Refusal::new(*status, "this call went wrong on purpose"));
            let redirect = (300..400).contains(status);
            Some(Ok(if redirect {
                reply.with("location", "/elsewhere".to_owned())
            } else {
                reply
            }))
        }
        Fault::Hang {
            span,
            after_work: false,
        } => {
            tokio::time::sleep(*span).await;
            Some(Err(Cut::Close))
        }
        Fault::StaleToken => {
            shared.world().tokens.clear();
            reply(403, "403 Forbidden")
        }
        Fault::LostAnswer { .. }
        | Fault::Unseen { .. }
        | Fault::ExecutedLater { .. }
        | Fault::NoLocation
        | Fault::OddLocation
        | Fault::StatusAfterWork(_)
        | Fault::Hang { .. }
        | Fault::Slow { .. } => None,
    }
}

/// What a fault makes of an answer.
async fn after_work(fault: &Fault, done: Result<Reply, Refusal>) -> Result<Result<Reply, Refusal>, Cut> {
    let created = done.as_ref().is_ok_and(|reply| reply.status == 201);
    match fault {
        Fault::LostAnswer { .. } => Err(Cut::Close),
        Fault::Hang { span, .. } => {
            tokio::time::sleep(*span).await;
            Err(Cut::Close)
        }
        Fault::Slow { span } => {
            tokio::time::sleep(*span).await;
            Ok(done)
        }
        Fault::StatusAfterWork(status) => Ok(Ok(Reply::empty(*status))),
        Fault::NoLocation if created => Ok(Ok(Reply::empty(201))),
        Fault::OddLocation if created => Ok(Ok(Reply::created("/v1/".to_owned()))),
        _ => Ok(done),
    }
}

fn refused(shared: &Shared, refusal: &Refusal) -> Reply {
    Reply::refusal(refusal, shared.manner().error_bodies)
}

fn finish(shared: &Shared, done: Result<Reply, Refusal>) -> Answer {
    let manner = shared.manner();
    shared.touch();
    let mut reply = done.unwrap_or_else(|refusal| Reply::refusal(&refusal, manner.error_bodies));
    for (name, value) in &mut reply.headers {
        if manner.absolute_location && *name == "location" && value.starts_with('/') {
            value.insert_str(0, &shared.url);
        }
    }
    reply.into_response(manner.lists_as_json)
}

/// Which call a method and a path are.
fn kind_of(method: &str, segments: &[&str]) -> Kind {
    let reads = matches!(method, "GET" | "HEAD");
    match segments {
        ["v1", "client", "OBF.rsa.pub"] => Kind::PublicKey,
        ["v1", "client", _, "sign_request"] => Kind::Sign,
        ["v1", "client", "oauth2", "token"] => Kind::Token,
        ["v1", "ping", _] => Kind::Ping,
        ["v1", "client", _] => Kind::Organisation,
        ["v1", "badge", "_", ..] | ["v1", "assertion" | "client", ..] | ["c", ..] => Kind::Public,
        ["v1", "badge", _, _] if method == "POST" => Kind::Issue,
        ["v1", "badge", ..] if reads => Kind::BadgeRead,
        ["v1", "badge", ..] => Kind::BadgeWrite,
        ["v1", "event", ..] if method == "DELETE" => Kind::Revoke,
        ["v1", "event", ..] => Kind::EventRead,
        ["v1", "earnablebadge", ..] => Kind::Earnable,
        _ => Kind::Unknown,
    }
}

/// Whose credential came with the call, if the call needs one: 496 none, 495 not ours or expired, 403 another client.
fn admit(
    shared: &Shared,
    kind: Kind,
    segments: &[&str],
    chain: &[CertificateDer<'_>],
    call: &Call,
) -> Result<String, Refusal> {
    if matches!(
        kind,
        Kind::PublicKey | Kind::Sign | Kind::Token | Kind::Public | Kind::Unknown
    ) {
        return Ok(String::new());
    }
    let now = shared.now();
    let holder = if let Some(token) = call.bearer.as_deref().filter(|_| shared.manner().bearer) {
        let world = shared.world();
        let held = world.tokens.get(token).filter(|(_, end)| *end > now);
        held.map(|(client, _)| client.clone())
            .ok_or_else(|| Refusal::forbidden("403 Forbidden"))?
    } else if chain.is_empty() {
        return Err(Refusal::new(496, "client certificate missing"));
    } else {
        let name = shared.authority.common_name(chain, now);
        name.map_err(|_| Refusal::new(495, "client certificate invalid"))?
    };
    if segments.get(2) != Some(&holder.as_str()) {
        return Err(Refusal::forbidden("not authorised for this client"));
    }
    Ok(holder)
}

fn record(shared: &Shared, kind: Kind, client: &str, segments: &[&str], call: &Call) {
    let issues = matches!(kind, Kind::Issue | Kind::Revoke);
    if !issues && call.method == "GET" {
        let mut desk = shared.desk();
        if desk.reads.len() >= MOST_READS {
            desk.reads.pop_front();
        }
        let joint = if call.query_text.is_empty() { "" } else { "?" };
        desk.reads.push_back(format!("{}{joint}{}", call.path, call.query_text));
        return;
    }
    let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
    let mut desk = shared.desk();
    let Desk { requests, writes, .. } = &mut *desk;
    let list = if issues { requests } else { writes };
    list.push(RequestView {
        kind,
        method: call.method.clone(),
        path: call.path.clone(),
        query: call.query_text.clone(),
        body,
        client_id: client.to_owned(),
        time: shared.now(),
    });
    drop(desk);
    shared.touch();
    if kind == Kind::Issue {
        notify(shared, Phase::Received, segments, call);
    }
}

fn notify(shared: &Shared, phase: Phase, segments: &[&str], call: &Call) {
    // the hook runs without the lock: it may ask the simulator
    let hook = shared.desk().hook.clone();
    if let Some(hook) = hook {
        hook(&Issuing {
            phase,
            badge_id: segments.get(3).copied().unwrap_or_default().to_owned(),
            body: serde_json::from_slice(&call.body).unwrap_or_default(),
        });
    }
}

/// Does what the call asks for.
fn work(
    shared: &Shared,
    kind: Kind,
    client: &str,
    segments: &[&str],
    call: &Call,
    fault: Option<&Fault>,
) -> Result<Reply, Refusal> {
    match (call.method.as_str(), segments) {
        (_, ["c", ..] | ["v1", "assertion", ..] | ["v1", "badge", "_", ..] | ["v1", "client"]) => {
            public::answer(shared, segments, call)
        }
        ("GET", ["v1", "client", "OBF.rsa.pub"]) => Ok(enrol::public_key(shared)),
        ("POST", ["v1", "client", "oauth2", "token"]) => enrol::token(shared, call),
        ("POST", ["v1", "client", of, "sign_request"]) => enrol::sign_request(shared, of, call),
        ("GET", ["v1", "ping", _]) => Ok(enrol::ping(client)),
        ("GET", ["v1", "client", _]) => enrol::organisation(shared, client),
        ("PUT", ["v1", "client", _]) => enrol::change_organisation(shared, client, call),
        ("GET", ["v1", "badge", _]) => badges::list(shared, client, call),
        ("POST", ["v1", "badge", _]) => badges::create(shared, client, call),
        ("DELETE", ["v1", "badge", _]) => Ok(badges::delete_all(shared, client)),
        ("GET", ["v1", "badge", _, "_", "categorylist"]) => Ok(badges::categories(shared, client)),
        ("GET", ["v1", "badge", _, id]) => badges::one(shared, client, id),
        ("PUT", ["v1", "badge", _, id]) => badges::change(shared, client, id, call),
        ("DELETE", ["v1", "badge", _, id]) => badges::delete(shared, client, id),
        ("POST", ["v1", "badge", _, id]) => {
            let done = issuing::issue(shared, client, id, call, fault);
            if done.is_ok() {
                notify(shared, Phase::Stored, segments, call);
            }
            done
        }
        ("GET", ["v1", "event", _]) => events::search(shared, client, call),
        ("GET", ["v1", "event", _, id]) => events::one(shared, client, id),
        ("GET", ["v1", "event", _, id, "revoked"]) => events::revoked(shared, client, id),
        ("GET", ["v1", "event", _, id, "assertion"]) => events::assertions(shared, client, id, call),
        ("DELETE", ["v1", "event", _, id]) => events::revoke(shared, client, id, call),
        (_, ["v1", "earnablebadge", _, rest @ ..]) => earnables::answer(shared, client, rest, call),
        _ if kind == Kind::Unknown => Err(Refusal::missing()),
        _ => Err(Refusal::new(405, "method not supported")),
    }
}
