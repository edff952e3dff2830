//! Searching the Factory's events: a search is stored and read by the worker, so that no page waits for it; what it found
//! is shown from the store, and downloaded from there piece by piece.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Path};
use futures_util::stream;
use serde_json::json;
use std::time::Duration;

use super::glance::{Glance, glance};
use crate::catalog::looking::Wanted;
use crate::clock::Timestamp;
use crate::crypto::random;
use crate::jobs::work;
use crate::model::found_event::{EventQuery, Search, SeenEvent, SeenRecipient};
use crate::model::{Address, OrganisationId, SearchId};
use crate::store::{Durability, StoreError};
use crate::web::course::fields::Fields;
use crate::web::course::{answer, csv, day};
use crate::web::deps::Deps;
use crate::web::error::{Refusal, WebError};
use crate::web::operator::session::Admin;
use crate::web::pages::admin::events::{
    AdminEventPage, EnteredSearch, EventRow, EventsPage, PersonRow, SearchPage, SearchRow,
};
use crate::web::pages::{Mistake, Mistakes, Pager, Room};
use crate::web::text::Text;

/// Events on one page.
const SIZE: usize = 50;
/// Searches that are listed are not older.
const LISTED: Duration = Duration::from_hours(24);

/// `GET /admin/events`, also with `?badge=`.
#[tracing::instrument(name = "web.admin.events", skip_all)]
pub(super) async fn form(deps: Data<Deps>, admin: Admin, query: Fields) -> Result<HttpResponse, WebError> {
    let entered = EnteredSearch {
        badge: query.one("badge").to_owned(),
        ..EnteredSearch::default()
    };
    answer::page(&page(&deps, &admin, entered, Mistakes::none()).await?)
}

/// `POST /admin/events`: stores the search and has it read.
#[tracing::instrument(name = "web.admin.events.search", skip_all)]
pub(super) async fn search(deps: Data<Deps>, admin: Admin, body: Bytes) -> Result<HttpResponse, WebError> {
    let fields = admin.form(&body)?;
    let entered = entered(&fields);
    let mut mistakes = Mistakes::none();
    let query = query_of(&entered, &mut mistakes);
    if !mistakes.is_empty() {
        return answer::page(&page(&deps, &admin, entered, mistakes).await?);
    }
    let (organisation, now) = (admin.organisation, deps.clock.now());
    let id = SearchId::new(random::id_at(now));
    let entry = admin.entry("events.search", &id, json!({}));
    let stored: Result<(), StoreError> = deps
        .store
        .write(Durability::Full, async move |tx| {
            tx.add_event_search(organisation, id, &query, now).await?;
            let now = tx.now().await?;
            tx.enqueue(&work::event_search(organisation, id, now), now).await?;
            tx.add_audit(&entry, now).await
        })
        .await;
    stored?;
    deps.worker.wake();
    Ok(answer::see_other(&format!("/admin/searches/{id}")))
}

fn entered(fields: &Fields) -> EnteredSearch {
    let text = |name: &str| fields.one(name).to_owned();
    EnteredSearch {
        badge: text("badge"),
        email: text("email"),
        consumer: text("consumer"),
        from: text("from"),
        to: text("to"),
        order: text("order"),
        limit: text("limit"),
        offset: text("offset"),
        count_only: fields.one("count") == "1",
    }
}

fn query_of(entered: &EnteredSearch, mistakes: &mut Mistakes) -> EventQuery {
    let some = |text: &String| (!text.is_empty()).then(|| text.chars().take(255).collect::<String>());
    let mut date = |field, text: &String| {
        let read = day::parse(text);
        if read.is_none() && !text.is_empty() {
            mistakes.note(field, Mistake::NotADate);
        }
        read
    };
    let (from, to) = (date("from", &entered.from), date("to", &entered.to));
    if from.zip(to).is_some_and(|(from, to)| to < from) {
        mistakes.note("to", Mistake::DatesCross);
    }
    let mut number = |field, text: &String| match text.parse::<u64>() {
        Ok(n) => Some(n),
        Err(_) if text.is_empty() => None,
        Err(_) => {
            mistakes.note(field, Mistake::NotANumber);
            None
        }
    };
    let (limit, offset) = (number("limit", &entered.limit), number("offset", &entered.offset));
    if !entered.email.is_empty() && Address::parse(&entered.email).is_err() {
        mistakes.note("email", Mistake::NotAnAddress);
    }
    EventQuery {
        consumer: some(&entered.consumer),
        badge: some(&entered.badge),
        email: some(&entered.email),
        begin: from.map(|day| day::start(day).seconds()),
        end: to.map(|day| day::end(day).seconds()),
        newest_first: entered.order == "desc",
        limit,
        offset: offset.unwrap_or(0),
        count_only: entered.count_only,
    }
}

async fn page(deps: &Deps, admin: &Admin, entered: EnteredSearch, mistakes: Mistakes) -> Result<EventsPage, WebError> {
    let (organisation, since) = (admin.organisation, deps.clock.now().minus(LISTED));
    let (badges, searches) = deps
        .store
        .read(async |tx| {
            Ok::<_, StoreError>((
                tx.catalog_badges(organisation).await?,
                tx.event_searches(organisation, since).await?,
            ))
        })
        .await?;
    let mut badges: Vec<(String, String)> = badges.into_iter().map(|badge| (badge.id, badge.name)).collect();
    if !entered.badge.is_empty() && !badges.iter().any(|(id, _)| *id == entered.badge) {
        badges.push((entered.badge.clone(), entered.badge.clone()));
    }
    let text = admin.text();
    Ok(EventsPage {
        frame: admin.frame(Some(Room::Events)),
        searches: searches.iter().map(|one| row(one, text)).collect(),
        badges,
        entered,
        mistakes,
    })
}

fn row(search: &Search, text: &Text) -> SearchRow {
    let query = &search.query;
    let date = |at: i64| text.date(Timestamp::from_seconds(at));
    let mut terms = Vec::new();
    let mut term = |key: &'static str, value: Option<String>| {
        if let Some(value) = value {
            terms.push((key, value));
        }
    };
    term("col-badge", query.badge.clone());
    term("events-email", query.email.clone());
    term("events-consumer", query.consumer.clone());
    term("filter-from", query.begin.map(date));
    term("filter-to", query.end.map(date));
    term("events-order", query.newest_first.then(|| text.say("events-newest")));
    term("events-limit", query.limit.map(|n| text.number(n)));
    term("events-offset", (query.offset > 0).then(|| text.number(query.offset)));
    SearchRow {
        id: search.id.to_string(),
        terms,
        state: search.state,
        total: search.total,
        found: search.found,
        wanted: search.wanted(),
        count_only: query.count_only,
        error: search.error.clone(),
        at: search.created_at,
    }
}

async fn one(deps: &Deps, organisation: OrganisationId, named: &str) -> Result<Search, WebError> {
    let id: SearchId = named.parse().map_err(|_| Refusal::NotFound)?;
    let found = deps
        .store
        .read_one(async |tx| tx.event_search(organisation, id).await)
        .await?;
    found.ok_or_else(|| Refusal::NotFound.into())
}

/// `GET /admin/searches/{search}`
#[tracing::instrument(name = "web.admin.search", skip_all)]
pub(super) async fn found(
    deps: Data<Deps>,
    admin: Admin,
    path: Path<String>,
    query: Fields,
) -> Result<HttpResponse, WebError> {
    let organisation = admin.organisation;
    let search = one(&deps, organisation, &path).await?;
    let count = usize::try_from(search.found).unwrap_or(usize::MAX);
    let pager = Pager::of(count, SIZE, query.number("page", 1));
    let from = u64::try_from((pager.page - 1) * SIZE).unwrap_or_default();
    let id = search.id;
    let events = deps
        .store
        .read_one(async |tx| tx.found_events(organisation, id, from, 50).await)
        .await?;
    answer::page(&SearchPage {
        frame: admin.frame(Some(Room::Events)),
        search: row(&search, admin.text()),
        pager,
        rows: events.into_iter().map(event_row).collect(),
    })
}

fn event_row(event: SeenEvent) -> EventRow {
    let people: Vec<&str> = event
        .recipients
        .iter()
        .take(3)
        .map(|one| one.address.as_str())
        .collect();
    EventRow {
        people: people.join(", "),
        count: event.recipients.len(),
        issued: event.issued_on.map(Timestamp::from_seconds),
        revoked: event.recipients.iter().filter(|one| one.revoked_at.is_some()).count(),
        consumer: event.consumer.unwrap_or_default(),
        badge: event.name,
        id: event.id,
    }
}

/// `GET /admin/searches/{search}/events.csv`: everything that was read, a row for each recipient.
#[tracing::instrument(name = "web.admin.search.csv", skip_all)]
pub(super) async fn table(deps: Data<Deps>, admin: Admin, path: Path<String>) -> Result<HttpResponse, WebError> {
    let (organisation, text) = (admin.organisation, *admin.text());
    let search = one(&deps, organisation, &path).await?.id;
    let head = [
        "csv-event",
        "col-badge",
        "csv-badge-id",
        "events-email",
        "event-issued",
        "event-called",
        "event-until",
        "event-revoked-on",
        "events-consumer",
    ];
    let head = head.map(|key| text.say(key));
    let head: Vec<&str> = head.iter().map(String::as_str).collect();
    let first = Bytes::from(format!("{}{}", csv::MARK, csv::row(&head)));
    let rest = stream::try_unfold(Some(0_u64), move |from| {
        let deps = deps.clone();
        async move {
            let Some(from) = from else { return Ok(None) };
            let read = deps
                .store
                .read_one(async |tx| tx.found_events(organisation, search, from, csv::STEP).await);
            let events = read.await?;
            let count = u64::try_from(events.len()).unwrap_or_default();
            let next = (count == u64::from(csv::STEP)).then_some(from + count);
            let lines: String = events.iter().map(|event| lines(&text, event)).collect();
            Ok::<_, WebError>(Some((Bytes::from(lines), next)))
        }
    });
    let all = futures_util::StreamExt::chain(stream::once(async { Ok(first) }), rest);
    Ok(csv::answer("events.csv", all))
}

fn lines(text: &Text, event: &SeenEvent) -> String {
    let moment = |at: Option<i64>| {
        at.map(|at| text.machine(Timestamp::from_seconds(at)))
            .unwrap_or_default()
    };
    let line = |one: &SeenRecipient| {
        csv::row(&[
            &event.id,
            &event.name,
            &event.badge,
            &one.address,
            &moment(event.issued_on),
            &moment(event.called_at),
            &moment(event.expires),
            &moment(one.revoked_at),
            event.consumer.as_deref().unwrap_or_default(),
        ])
    };
    event.recipients.iter().map(line).collect()
}

/// `GET /admin/events/{event}`
#[tracing::instrument(name = "web.admin.event", skip_all)]
pub(super) async fn show(deps: Data<Deps>, admin: Admin, path: Path<String>) -> Result<HttpResponse, WebError> {
    let id = path.into_inner();
    let is_id = !id.is_empty() && id.len() <= 64 && id.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
    if !is_id {
        return Err(Refusal::NotFound.into());
    }
    let seen: Glance<SeenEvent> = glance(&deps, admin.organisation, Wanted::Event(id.clone())).await?;
    if seen.is_gone {
        return Err(Refusal::NotFound.into());
    }
    let text = *admin.text();
    let is_read = seen.thing.is_some();
    let event = seen.thing.unwrap_or_default();
    let date = |at: Option<i64>| at.map(|at| text.date(Timestamp::from_seconds(at))).unwrap_or_default();
    let called = event.called_at.map(|at| text.date_time(Timestamp::from_seconds(at)));
    let (subject, body) = event.message.unwrap_or_default();
    answer::page(&AdminEventPage {
        frame: admin.frame(Some(Room::Events)),
        facts: vec![
            ("csv-event", id.clone()),
            ("event-issued", date(event.issued_on)),
            ("event-called", called.unwrap_or_default()),
            ("event-until", date(event.expires)),
            ("events-consumer", event.consumer.unwrap_or_default()),
            ("badge-subject", subject),
            ("badge-body", body),
            ("event-log", event.log.unwrap_or_default()),
        ],
        id,
        badge: event.name,
        people: event.recipients.into_iter().map(|one| person(one, &text)).collect(),
        is_read,
        age: seen.age,
    })
}

fn person(one: SeenRecipient, text: &Text) -> PersonRow {
    let (class, word) = match (one.revoked_at, one.status.as_deref()) {
        (Some(0), _) => ("off", text.say("event-revoked")),
        (Some(at), _) => {
            let date = text.date(Timestamp::from_seconds(at));
            ("off", text.msg("aw-revoked").with("date", date).to_string())
        }
        (None, Some("accepted")) => ("done", text.say("aw-collected")),
        (None, Some("pending")) => ("wait", text.say("my-aw-sent")),
        (None, Some("rejected")) => ("off", text.say("event-declined")),
        (None, Some(other)) => ("off", other.to_owned()),
        (None, None) => ("done", text.say("aw-sent")),
    };
    PersonRow {
        address: one.address,
        class,
        word,
        // an address of a page, or nothing
        page: one.page.filter(|page| page.starts_with("https://")),
    }
}
