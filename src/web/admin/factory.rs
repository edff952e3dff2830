//! Connecting an organisation to its Factory. The page stores that it tries and goes on without the visitor: the Factory
//! may be slow, and what it signs must be kept.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data};
use serde_json::json;
use zeroize::Zeroizing;

use crate::awards::disconnect;
use crate::clock::Timestamp;
use crate::model::connecting::{Attempted, ConnectFailure, ConnectKind, ConnectReason, ConnectStep};
use crate::model::{FactoryIdentity, OrganisationId};
use crate::store::audit::AuditEntry;
use crate::store::{Durability, StoreError};
use crate::web::backstage::Way;
use crate::web::course::answer;
use crate::web::course::fields::Fields;
use crate::web::deps::Deps;
use crate::web::error::{Refusal, WebError};
use crate::web::operator::link;
use crate::web::operator::session::{Admin, record};
use crate::web::pages::admin::factory::{Connected, FactoryPage};
use crate::web::pages::operator::FactoryLink;
use crate::web::pages::{Mistake, Mistakes, Room};

/// How long a page waits.
const PATIENCE: Duration = Duration::from_secs(2);
/// A try that began longer ago was interrupted.
const STALE: Duration = Duration::from_mins(3);
/// The Factories that anybody may choose.
const HOSTS: [&str; 2] = ["https://openbadgefactory.com", "https://factory.cancred.ca"];
const YEAR_DAYS: i64 = 365;

/// `GET /admin/factory`
#[tracing::instrument(name = "web.admin.factory", skip_all)]
pub(super) async fn show(deps: Data<Deps>, admin: Admin, query: Fields) -> Result<HttpResponse, WebError> {
    let mut page = page(&deps, &admin).await?;
    page.frame.flash = query.flash();
    answer::page(&page)
}

/// `POST /admin/factory`: `do` is `key`, `certificate`, `secret` or `test`.
#[tracing::instrument(name = "web.admin.factory.connect", skip_all)]
pub(super) async fn act(deps: Data<Deps>, admin: Admin, body: Bytes) -> Result<HttpResponse, WebError> {
    let fields = admin.form(&body)?;
    let kind = ConnectKind::parse(fields.one("do")).ok_or(Refusal::Unreadable { too_large: false })?;
    let mut page = page(&deps, &admin).await?;
    let mistakes = mistakes(kind, &fields, &page);
    if !mistakes.is_empty() {
        page.open = Some(kind);
        fields.one("client_id").clone_into(&mut page.client_id);
        fields.one("host").clone_into(&mut page.host);
        page.other = page.other.map(|_| fields.one("other").to_owned());
        page.mistakes = mistakes;
        return answer::page(&page);
    }
    let url = match page
        .other
        .as_ref()
        .map(|_| fields.one("other"))
        .filter(|other| !other.is_empty())
    {
        Some(other) => address(other).unwrap_or_default(),
        None => fields.one("host").to_owned(),
    };
    let url = match (kind, &page.connected) {
        (ConnectKind::Test, Some(connected)) => connected.url.clone(),
        _ => url,
    };
    let secret = |name| Zeroizing::new(fields.one(name).to_owned());
    let way = match kind {
        ConnectKind::Key => Way::Key(secret("key")),
        ConnectKind::Certificate => Way::Certificate {
            client_id: fields.one("client_id").to_owned(),
            certificate: fields.one("certificate").to_owned(),
            key: secret("private"),
        },
        ConnectKind::Secret => Way::Secret {
            client_id: fields.one("client_id").to_owned(),
            secret: secret("secret"),
        },
        ConnectKind::Test => Way::Test,
    };
    let now = deps.clock.now();
    let (organisation, address) = (admin.organisation, url.clone());
    let is_ours = deps
        .store
        .write_one(Durability::Full, async move |tx| {
            tx.begin_connecting(organisation, kind, &address, now, now.minus(STALE))
                .await
        })
        .await?;
    if is_ours {
        let entry = admin.entry(
            "factory.connect",
            &organisation,
            json!({ "by": kind.word(), "url": url }),
        );
        let work = actix_web::rt::spawn(carry_out(deps.clone(), organisation, url, way, now, entry));
        if let Ok(done) = tokio::time::timeout(PATIENCE, work).await {
            done.map_err(WebError::internal)??;
        }
    }
    Ok(answer::see_other("/admin/factory"))
}

/// Asks the Factory, and stores how that went.
async fn carry_out(
    deps: Data<Deps>,
    organisation: OrganisationId,
    url: String,
    way: Way,
    begun: Timestamp,
    mut entry: AuditEntry,
) -> Result<(), WebError> {
    let outcome = deps.backstage.connect(organisation, url, way).await;
    let failure = match outcome {
        Ok(Ok(())) => None,
        Ok(Err(failure)) => Some(failure),
        Err(error) => {
            tracing::error!(%error, organisation.id = %organisation, "an organisation was not connected");
            Some(ConnectFailure::new(ConnectStep::Read, ConnectReason::Interrupted))
        }
    };
    if let Some(detail) = entry.detail.as_object_mut() {
        let result = failure.as_ref().map_or("connected", |failure| failure.reason.word());
        detail.insert("result".to_owned(), json!(result));
    }
    let now = deps.clock.now();
    let stored: Result<(), StoreError> = deps
        .store
        .write(Durability::Full, async move |tx| {
            tx.end_connecting(organisation, begun, failure.as_ref(), now).await?;
            record(tx, &entry).await
        })
        .await;
    stored?;
    deps.worker.wake();
    Ok(())
}

fn mistakes(kind: ConnectKind, fields: &Fields, page: &FactoryPage) -> Mistakes {
    let mut mistakes = Mistakes::none();
    if kind == ConnectKind::Test {
        return mistakes;
    }
    let other = page.other.as_ref().map_or("", |_| fields.one("other"));
    if !other.is_empty() {
        if address(other).is_none() {
            mistakes.note("other", Mistake::FactoryAddress);
        }
    } else if !page.hosts.iter().any(|host| host == fields.one("host")) {
        mistakes.note("key-h1", Mistake::NotChosen);
    }
    let mut needs = |name, field, mistake| {
        if fields.one(name).is_empty() {
            mistakes.note(field, mistake);
        }
    };
    match kind {
        ConnectKind::Key => needs("key", "key", Mistake::NoApiKey),
        ConnectKind::Certificate => needs("certificate", "certificate", Mistake::Missing),
        ConnectKind::Secret => {
            needs("client_id", "s-client", Mistake::Missing);
            needs("secret", "secret", Mistake::Missing);
        }
        ConnectKind::Test => {}
    }
    mistakes
}

/// A Factory's address: https, host and port, nothing behind.
fn address(text: &str) -> Option<String> {
    let url = url::Url::parse(text).ok()?;
    let is_bare = url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    (url.scheme() == "https" && url.host().is_some() && is_bare).then(|| url.origin().ascii_serialization())
}

async fn page(deps: &Deps, admin: &Admin) -> Result<FactoryPage, WebError> {
    let organisation = admin.organisation;
    let (identity, pending, queue, attempt) = deps
        .store
        .read(async |tx| {
            Ok::<_, StoreError>((
                tx.active_identity(organisation).await?,
                tx.pending_identity(organisation).await?,
                tx.queue(organisation).await?,
                tx.connecting(organisation).await?,
            ))
        })
        .await?;
    let waiting = match identity {
        None => disconnect::waiting(&deps.store, organisation).await?.queued,
        Some(_) => 0,
    };
    let now = deps.clock.now();
    let attempt = attempt.map(|attempt| ended(attempt, now));
    let connected = identity
        .as_ref()
        .map(|identity| connected(identity, queue.last_ok_at, now));
    let mut hosts: Vec<String> = HOSTS.into_iter().map(str::to_owned).collect();
    if let Some(identity) = &identity
        && !hosts.contains(&identity.url)
    {
        hosts.push(identity.url.clone());
    }
    Ok(FactoryPage {
        frame: admin.frame(Some(Room::Setup)),
        host: identity.map(|identity| identity.url).unwrap_or_default(),
        has_pending: pending.is_some(),
        waiting,
        is_running: attempt.as_ref().is_some_and(|attempt| attempt.ended_at.is_none()),
        attempt,
        connected,
        hosts,
        other: admin.who.is_operator().then(String::new),
        ..FactoryPage::default()
    })
}

/// A try that nobody carries out any more has failed.
pub(super) fn ended(attempt: Attempted, now: Timestamp) -> Attempted {
    if attempt.ended_at.is_some() || now.since(attempt.begun_at) < STALE {
        return attempt;
    }
    let step = attempt.kind.steps().first().copied().unwrap_or(ConnectStep::Read);
    Attempted {
        ended_at: Some(now),
        failure: Some(ConnectFailure::new(step, ConnectReason::Interrupted)),
        ..attempt
    }
}

fn connected(identity: &FactoryIdentity, last_ok: Option<Timestamp>, now: Timestamp) -> Connected {
    let link = link(Some(identity), now);
    let spent = match link {
        FactoryLink::Certificate { days, .. } => 100 - (days.clamp(0, YEAR_DAYS) * 100 / YEAR_DAYS),
        _ => 0,
    };
    Connected {
        client_id: identity.factory_client_id.clone(),
        url: identity.url.clone(),
        link,
        spent: u8::try_from(spent).unwrap_or(100),
        last_ok,
    }
}
