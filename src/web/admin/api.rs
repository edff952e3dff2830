//! The connection to an LMS's own interface: made, agreed to, tested, asked, switched, removed. A test goes on without the
//! visitor: the LMS may be slow, and what came of it is stored. Secrets come in and are never shown again.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Path};
use serde_json::json;
use zeroize::Zeroizing;

use super::lms::{find, is_reachable};
use crate::clock::Timestamp;
use crate::jobs::work;
use crate::model::connection::{ASKED_APART, Connection, ConnectionKind};
use crate::model::{CourseId, Lms, Registration};
use crate::store::{Durability, StoreError};
use crate::web::backstage::NewApi;
use crate::web::course::answer;
use crate::web::course::fields::Fields;
use crate::web::deps::Deps;
use crate::web::error::{Refusal, WebError};
use crate::web::operator::session::{Admin, record};
use crate::web::pages::admin::api::{ApiPage, ApiState, AskedCourse, need_key};
use crate::web::pages::{Flash, Mistake, Mistakes, Room};

/// How long a page waits for an LMS.
const PATIENCE: Duration = Duration::from_secs(2);
/// Courses that a list shows.
const SHOWN: i64 = 100;
/// Where tokens come from at each Brightspace: beside it a service account agrees.
const TOKEN_PATH: &str = "/core/connect/token";

/// `GET /admin/lms/{registration}/api`
#[tracing::instrument(name = "web.admin.api", skip_all)]
pub(super) async fn show(
    deps: Data<Deps>,
    admin: Admin,
    path: Path<String>,
    query: Fields,
) -> Result<HttpResponse, WebError> {
    let (_, row) = find(&deps, &admin, &path).await?;
    let known = connection(&deps, &admin, &row).await?;
    let chosen = query.one("kind").parse().ok().filter(|kind| kinds(&row).contains(kind));
    let mut page = page(&deps, &admin, &row, known.as_ref(), chosen).await?;
    page.frame.flash = query.flash();
    answer::page(&page)
}

/// `POST /admin/lms/{registration}/api`: `do` is `add`, `authorise`, `test`, `check`, `on`, `off` or `remove`. Also of a
/// registration that is shared: the connection is the organisation's own.
#[tracing::instrument(name = "web.admin.api.act", skip_all)]
pub(super) async fn act(
    deps: Data<Deps>,
    admin: Admin,
    path: Path<String>,
    body: Bytes,
) -> Result<HttpResponse, WebError> {
    let fields = admin.form(&body)?;
    let (_, row) = find(&deps, &admin, &path).await?;
    let known = connection(&deps, &admin, &row).await?;
    match (fields.one("do"), known) {
        ("add", None) => add(&deps, &admin, &row, &fields).await,
        // pressed twice, or somebody else was first: the page shows what there is
        ("add", Some(_)) | ("on" | "off" | "remove", None) => Ok(answer::see_other(&here(&row))),
        ("authorise", Some(known)) => consent(&deps, &admin, &row, &known).await,
        ("test", Some(known)) => test(&deps, &admin, row, known, &fields).await,
        ("check", Some(known)) => check(&deps, &admin, &row, &known, &fields).await,
        (what @ ("on" | "off" | "remove"), Some(known)) => {
            switch(&deps, &admin, &known, what).await?;
            Ok(answer::see_other_with(&here(&row), &Flash::Saved))
        }
        _ => Err(Refusal::Unreadable { too_large: false }.into()),
    }
}

fn here(row: &Registration) -> String {
    format!("/admin/lms/{}/api", row.id)
}

async fn add(deps: &Deps, admin: &Admin, row: &Registration, fields: &Fields) -> Result<HttpResponse, WebError> {
    let kind: Option<ConnectionKind> = fields.one("kind").parse().ok();
    let kind = kind.filter(|kind| kinds(row).contains(kind));
    let kind = kind.ok_or(Refusal::Unreadable { too_large: false })?;
    let entered = |name: &str| fields.one(name).trim().to_owned();
    let (url, client_id, token_url) = (entered("url"), entered("client_id"), entered("token_url"));
    let secret = Zeroizing::new(entered("secret"));
    let mistakes = mistakes(deps, row, kind, [&url, &client_id, &token_url, &secret]);
    if !mistakes.is_empty() {
        return answer::page(&ApiPage {
            url,
            client_id,
            token_url,
            mistakes,
            ..page(deps, admin, row, None, Some(kind)).await?
        });
    }
    let has_client = kind != ConnectionKind::Moodle;
    let new = NewApi {
        organisation: admin.organisation,
        registration: row.id,
        kind,
        url,
        token_url: (has_client && !token_url.is_empty()).then_some(token_url),
        client_id: has_client.then_some(client_id),
        secret: (!secret.is_empty()).then_some(secret),
    };
    let actor = admin.who.session.who.actor();
    let made = deps.backstage.add_api(new, actor).await.map_err(WebError::internal)?;
    deps.worker.wake();
    match made {
        Some(made) if made.asks_consent() => consent(deps, admin, row, &made).await,
        _ => Ok(answer::see_other_with(&here(row), &Flash::Saved)),
    }
}

fn mistakes(
    deps: &Deps,
    row: &Registration,
    kind: ConnectionKind,
    [url, client_id, token_url, secret]: [&str; 4],
) -> Mistakes {
    let mut mistakes = Mistakes::none();
    if !is_reachable(deps, &row.allowed_networks, url) || url.contains('?') {
        mistakes.note("url", Mistake::LmsAddress);
    }
    let is_word = |text: &str| text.len() <= 4096 && text.bytes().all(|byte| byte.is_ascii_graphic());
    let has_client = kind != ConnectionKind::Moodle;
    if has_client && (client_id.is_empty() || !is_word(client_id)) {
        mistakes.note("client_id", Mistake::OneWord);
    }
    let needs_secret = kind != ConnectionKind::Brightspace;
    if !is_word(secret) || (needs_secret && secret.is_empty()) {
        mistakes.note("secret", Mistake::OneWord);
    }
    if has_client && !token_url.is_empty() {
        let leads_to_consent = kind == ConnectionKind::Brightspace && !secret.is_empty();
        if !is_reachable(deps, &row.allowed_networks, token_url) {
            mistakes.note("token_url", Mistake::LmsAddress);
        } else if leads_to_consent && !token_url.ends_with(TOKEN_PATH) {
            mistakes.note("token_url", Mistake::TokenAddress);
        }
    }
    mistakes
}

/// Asks for a consent. Its address is in this answer and nowhere else.
async fn consent(deps: &Deps, admin: &Admin, row: &Registration, known: &Connection) -> Result<HttpResponse, WebError> {
    if !known.asks_consent() {
        return Err(Refusal::NotFound.into());
    }
    let asked = deps.backstage.ask_consent(known, &deps.public_url).await;
    let address = asked.map_err(WebError::internal)?;
    let entry = admin.entry("connection.authorise", &known.id, json!({}));
    let noted: Result<(), StoreError> = deps
        .store
        .write(Durability::Full, async move |tx| record(tx, &entry).await)
        .await;
    noted?;
    answer::page(&ApiPage {
        consent: Some(address),
        ..page(deps, admin, row, Some(known), None).await?
    })
}

/// Tests the connection: the page waits a moment for what comes of it and shows the rest later.
async fn test(
    deps: &Data<Deps>,
    admin: &Admin,
    row: Registration,
    known: Connection,
    fields: &Fields,
) -> Result<HttpResponse, WebError> {
    if known.connected_at.is_none() {
        return Ok(answer::see_other(&here(&row)));
    }
    let course = match fields.one("course") {
        "" => None,
        named => Some(course(deps, admin, &row, named).await?),
    };
    let (work, tested, about) = (deps.clone(), known.clone(), row.clone());
    let tried = actix_web::rt::spawn(async move {
        let tried = work.backstage.try_api(tested, about, course).await;
        if let Err(error) = &tried {
            tracing::error!(%error, "a connection was not tested");
        }
        tried.map_err(WebError::internal)
    });
    match tokio::time::timeout(PATIENCE, tried).await {
        Ok(done) => match done.map_err(WebError::internal)?? {
            Ok(()) => Ok(answer::see_other(&here(&row))),
            Err(until) => not_yet(deps, admin, &row, &known, until).await,
        },
        Err(_) => Ok(answer::see_other(&here(&row))),
    }
}

/// Has one course asked now, and about everything.
async fn check(
    deps: &Deps,
    admin: &Admin,
    row: &Registration,
    known: &Connection,
    fields: &Fields,
) -> Result<HttpResponse, WebError> {
    let course = course(deps, admin, row, fields.one("course")).await?;
    let (organisation, id) = (admin.organisation, known.id);
    let queued: Result<Result<(), Timestamp>, StoreError> = deps
        .store
        .write(Durability::Full, async move |tx| {
            let now = tx.now().await?;
            if let Err(until) = tx.begin_check(organisation, id, now, ASKED_APART).await? {
                return Ok(Err(until));
            }
            tx.ask_anew(organisation, course, now).await?;
            tx.enqueue(&work::pull(organisation, course, now), now).await?;
            Ok(Ok(()))
        })
        .await;
    if let Err(until) = queued? {
        return not_yet(deps, admin, row, known, until).await;
    }
    deps.worker.wake();
    Ok(answer::see_other_with(&here(row), &Flash::RuleChecked))
}

/// Says when the LMS may be asked again.
async fn not_yet(
    deps: &Deps,
    admin: &Admin,
    row: &Registration,
    known: &Connection,
    until: Timestamp,
) -> Result<HttpResponse, WebError> {
    let wait = until.since(deps.store.now().await?);
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    let mistake = Mistake::AskedJustNow {
        n: usize::try_from(seconds.max(1)).unwrap_or(usize::MAX),
    };
    answer::page(&ApiPage {
        mistakes: Mistakes::one("course", mistake),
        ..page(deps, admin, row, Some(known), None).await?
    })
}

async fn switch(deps: &Deps, admin: &Admin, known: &Connection, what: &str) -> Result<(), WebError> {
    let (action, enabled) = match what {
        "on" => ("connection.enable", Some(true)),
        "off" => ("connection.disable", Some(false)),
        _ => ("connection.remove", None),
    };
    let entry = admin.entry(action, &known.id, json!({}));
    let (organisation, id, registration) = (admin.organisation, known.id, known.registration);
    let stored: Result<(), StoreError> = deps
        .store
        .write(Durability::Full, async move |tx| {
            if let Some(enabled) = enabled {
                tx.switch_connection(organisation, id, enabled).await?;
                tx.ask_again(organisation, registration).await?;
            } else {
                tx.remove_connection(organisation, id).await?;
            }
            record(tx, &entry).await
        })
        .await;
    Ok(stored?)
}

/// The course of this id, if it is one of the registration and the organisation.
async fn course(deps: &Deps, admin: &Admin, row: &Registration, named: &str) -> Result<CourseId, WebError> {
    let (organisation, id) = (admin.organisation, named.parse().map_err(|_| Refusal::NotFound)?);
    let found = deps
        .store
        .read_one(async move |tx| tx.course(organisation, id).await)
        .await?;
    let is_of_it = found.is_some_and(|course| course.registration == row.id);
    if is_of_it {
        Ok(id)
    } else {
        Err(Refusal::NotFound.into())
    }
}

async fn connection(deps: &Deps, admin: &Admin, row: &Registration) -> Result<Option<Connection>, WebError> {
    let (organisation, registration) = (admin.organisation, row.id);
    let found = deps
        .store
        .read_one(async move |tx| tx.connection_of(organisation, registration).await);
    Ok(found.await?)
}

/// The interfaces that fit an LMS.
fn kinds(row: &Registration) -> Vec<ConnectionKind> {
    match row.lms {
        Lms::Canvas => vec![ConnectionKind::Canvas],
        Lms::Brightspace => vec![ConnectionKind::Brightspace],
        Lms::Moodle => vec![ConnectionKind::Moodle],
        Lms::Generic => ConnectionKind::ALL.to_vec(),
        Lms::Blackboard | Lms::Sakai | Lms::OpenEdx => Vec::new(),
    }
}

async fn page(
    deps: &Deps,
    admin: &Admin,
    row: &Registration,
    known: Option<&Connection>,
    chosen: Option<ConnectionKind>,
) -> Result<ApiPage, WebError> {
    let kinds = kinds(row);
    let kind = known
        .map(|known| known.kind)
        .or(chosen)
        .or_else(|| kinds.first().copied());
    let mut page = ApiPage {
        frame: admin.frame(Some(Room::Lms)),
        registration: row.id.to_string(),
        name: row.name.clone(),
        values: kind.map_or_else(Vec::new, |kind| values(deps, kind, known)),
        needs: kind.map_or_else(Vec::new, |kind| needs(deps, kind)),
        kind,
        kinds,
        ..ApiPage::default()
    };
    let Some(known) = known else { return Ok(page) };
    let (organisation, registration, id) = (admin.organisation, row.id, known.id);
    let (now, trial, courses, asked) = deps
        .store
        .read(async |tx| {
            Ok::<_, StoreError>((
                tx.now().await?,
                tx.trial(organisation, id).await?,
                tx.newest_courses(organisation, registration, SHOWN).await?,
                tx.asked_courses(organisation, registration, SHOWN).await?,
            ))
        })
        .await?;
    page.courses = courses.into_iter().map(|(id, title)| (id.to_string(), title)).collect();
    page.asked = asked
        .into_iter()
        .map(|(title, pull)| AskedCourse {
            id: pull.course.to_string(),
            title,
            at: pull.asked_at,
            next: pull.next_at,
            error: pull.error.map(|(why, _)| why),
        })
        .collect();
    page.connection = Some(ApiState {
        kind: known.kind,
        url: known.base_url.clone(),
        enabled: known.enabled,
        waits: known.connected_at.is_none(),
        asks_consent: known.asks_consent(),
        account: known.account.clone().unwrap_or_default(),
        token_ends: known.access.as_ref().map(|(_, until)| *until),
        throttled: known.throttled_until.filter(|until| *until > now),
        ok: known.ok_at,
        error: known.error.clone(),
        trial: trial.map(|trial| (trial.at, trial.is_running(now), trial.tried.unwrap_or_default())),
    });
    Ok(page)
}

fn needs(deps: &Deps, kind: ConnectionKind) -> Vec<(&'static str, &'static str)> {
    let needs = deps.backstage.api_needs(kind).iter();
    needs.map(|(what, _)| (*what, need_key(what))).collect()
}

/// What to copy into the LMS. Without a connection it is not known yet by which way Brightspace is asked.
fn values(deps: &Deps, kind: ConnectionKind, known: Option<&Connection>) -> Vec<(&'static str, String)> {
    let agrees = known.map(Connection::asks_consent);
    let mut values = Vec::new();
    if kind == ConnectionKind::Brightspace {
        if agrees != Some(true) {
            values.push(("api-keys", deps.public_url.join("/.well-known/jwks.json")));
        }
        let scopes: Vec<&str> = needs(deps, kind).into_iter().map(|(what, _)| what).collect();
        values.push(("api-scope-line", scopes.join(" ")));
    }
    if kind.asks_consent(true) && agrees != Some(false) {
        values.push(("api-redirect", deps.public_url.join("/connections/callback")));
    }
    values
}
