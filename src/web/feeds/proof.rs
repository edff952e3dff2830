//! How a sender proves itself, by kind of feed.

use actix_web::HttpRequest;
use actix_web::http::header;

use super::answer::Answer;
use super::book::OpenFeed;
use crate::clock::Timestamp;
use crate::crypto::digest;
use crate::model::feed::FeedKind;
use crate::model::signal::Source;
use crate::signals::webhook::{Envelope, NotSigned, Secret, Signed};
use crate::signals::{Delivery, Unreadable, canvas, moodle, webhook};
use crate::web::deps::Deps;

/// A request, with the key in its address if that fitted.
pub(super) struct Sent<'a> {
    pub(super) request: &'a HttpRequest,
    pub(super) body: &'a [u8],
    pub(super) has_key: bool,
    pub(super) now: Timestamp,
}

/// Whether the content type is one of this kind. Without one a body is read only where the sender is known to leave it
/// out.
pub(super) fn is_readable(kind: FeedKind, content_type: Option<&str>) -> bool {
    let essence = content_type.map(|text| text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
    match essence.as_deref() {
        Some("application/json") => true,
        // Canvas does not say which one a signed body has
        None | Some("application/jwt" | "application/jose" | "text/plain") => kind == FeedKind::Canvas,
        Some(_) => false,
    }
}

/// What a proven body says; the refusal of one that is not.
pub(super) async fn delivery(deps: &Deps, feed: &OpenFeed, sent: &Sent<'_>) -> Result<Delivery, Answer> {
    match feed.feed.kind {
        FeedKind::Webhook => webhook(feed, sent),
        FeedKind::Moodle => moodle(feed, sent),
        FeedKind::Canvas => canvas(deps, feed, sent).await,
    }
}

/// What a body of this kind says, without any proof: for a test that stores nothing.
pub(in crate::web) fn read_unproven(kind: FeedKind, body: &[u8], now: Timestamp) -> Result<Delivery, Unreadable> {
    match kind {
        FeedKind::Webhook => {
            let envelope = Envelope {
                source: Source::Webhook,
                id: None,
                sent_at: now,
                received_at: now,
            };
            webhook::parse(body, &envelope)
        }
        FeedKind::Moodle => moodle::parse(body, now),
        FeedKind::Canvas => canvas::parse(body, now),
    }
}

fn header<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    request.headers().get(name)?.to_str().ok()
}

fn webhook(feed: &OpenFeed, sent: &Sent<'_>) -> Result<Delivery, Answer> {
    let id = header(sent.request, "webhook-id");
    let envelope = |id, sent_at| Envelope {
        source: Source::Webhook,
        id,
        sent_at,
        received_at: sent.now,
    };
    if sent.has_key {
        return webhook::parse(sent.body, &envelope(id.filter(|id| !id.is_empty()), sent.now))
            .map_err(Answer::Unreadable);
    }
    let (Some(id), Some(timestamp), Some(signature)) = (
        id,
        header(sent.request, "webhook-timestamp"),
        header(sent.request, "webhook-signature"),
    ) else {
        return Err(Answer::Refused(refused(NotSigned::Headers)));
    };
    let secrets: Vec<Secret> = feed
        .secrets(sent.now)
        .filter_map(|text| Secret::parse(text).ok())
        .collect();
    let signed = Signed {
        id,
        timestamp,
        signature,
    };
    let sent_at = signed
        .verify(sent.body, &secrets, sent.now)
        .map_err(|why| Answer::Refused(refused(why)))?;
    webhook::parse(sent.body, &envelope(Some(id), sent_at)).map_err(Answer::Unreadable)
}

const fn refused(why: NotSigned) -> &'static str {
    match why {
        NotSigned::Headers => "webhook-id, webhook-timestamp or webhook-signature is missing or cannot be read",
        NotSigned::Time => "webhook-timestamp is more than five minutes from now",
        NotSigned::Signature => "no signature fits",
    }
}

/// The token of `local_webhooks` stands in the body, that of `tool_trigger` in a header.
fn moodle(feed: &OpenFeed, sent: &Sent<'_>) -> Result<Delivery, Answer> {
    let bearer = header(sent.request, header::AUTHORIZATION.as_str());
    let bearer = bearer.and_then(|text| text.strip_prefix("Bearer ").map(str::trim));
    let fits = |given: &str| {
        // no early end: the time must not tell which of two secrets fits
        let fits = feed
            .secrets(sent.now)
            .map(|secret| digest::same(given.as_bytes(), secret.as_bytes()));
        fits.fold(false, |any, fits| any | fits)
    };
    let is_proven = if sent.has_key {
        true
    } else if let Some(given) = bearer {
        fits(given)
    } else {
        let token = moodle::token(sent.body).map_err(Answer::Unreadable)?;
        token.is_some_and(|given| fits(&given))
    };
    if !is_proven {
        return Err(Answer::Refused("the token does not fit"));
    }
    moodle::parse(sent.body, sent.now).map_err(Answer::Unreadable)
}

/// A signature proves Canvas, the account's id in the event proves the institution; both, or a key in the address.
async fn canvas(deps: &Deps, feed: &OpenFeed, sent: &Sent<'_>) -> Result<Delivery, Answer> {
    let entries = deps.directory.entries();
    let known = feed.feed.registration.and_then(|id| entries.registration(id));
    let Some(known) = known else {
        return Err(Answer::Refused("this feed has no registration to bind events to"));
    };
    let is_signed = canvas::is_token(sent.body);
    let body = if is_signed {
        let token = canvas::token(sent.body).map_err(|_| Answer::Refused("not a token signed with RS256"))?;
        let fetch = deps.platforms.fetch(&known.registration);
        let keys = deps
            .key_sets
            .obtain(
                &fetch,
                &deps.config.feeds.canvas_keys_url,
                token.kid(),
                sent.now.seconds(),
            )
            .await
            .map_err(|error| {
                tracing::warn!(feed.id = %feed.feed.id, %error, "Canvas' key set is not there");
                Answer::Busy
            })?;
        canvas::verified(&token, &keys).map_err(|_| Answer::Refused("Canvas' signature does not hold"))?
    } else if sent.has_key {
        sent.body.to_vec()
    } else {
        return Err(Answer::Refused("the event is not signed"));
    };
    let tenant = canvas::tenant(&body).map_err(Answer::Unreadable)?;
    let guids = entries.guids(known.registration.id, feed.feed.organisation);
    let is_ours = tenant.is_some_and(|tenant| guids.contains(&tenant.as_str()));
    // with the key alone an installation that never told its id is taken at its word
    if !(is_ours || (!is_signed && guids.is_empty())) {
        return Err(Answer::Refused(
            "the event is of another Canvas account than this feed's registration",
        ));
    }
    canvas::parse(&body, sent.now).map_err(Answer::Unreadable)
}
