//! The audit log: searched, and as a table for spreadsheets.

use std::collections::HashMap;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data};
use futures_util::stream;

use crate::model::{AdministratorId, MemberId, OrganisationId};
use crate::store::StoreError;
use crate::store::audit::{Deed, DeedFilter};
use crate::web::course::fields::Fields;
use crate::web::course::{answer, csv, day};
use crate::web::deps::Deps;
use crate::web::error::WebError;
use crate::web::operator::session::Admin;
use crate::web::pages::Room;
use crate::web::pages::admin::records::{Actor, AuditPage, DeedRow};
use crate::web::text::Text;

/// Deeds on one page.
const SIZE: usize = 50;

/// `GET /admin/audit`
#[tracing::instrument(name = "web.admin.audit", skip_all)]
pub(super) async fn show(deps: Data<Deps>, admin: Admin, query: Fields) -> Result<HttpResponse, WebError> {
    let page = query.number("page", 1).clamp(1, 100_000);
    let mut rows = read(&deps, admin.organisation, &filter(&query), SIZE + 1, (page - 1) * SIZE).await?;
    let has_older = rows.len() > SIZE;
    rows.truncate(SIZE);
    answer::page(&AuditPage {
        frame: admin.frame(Some(Room::Audit)),
        search: query.one("search").to_owned(),
        from: query.one("from").to_owned(),
        to: query.one("to").to_owned(),
        rows,
        newer: (page > 1).then(|| address(&query, Some(page - 1))),
        older: has_older.then(|| address(&query, Some(page + 1))),
        query: address(&query, None),
    })
}

/// `GET /admin/audit.csv`
#[tracing::instrument(name = "web.admin.audit.csv", skip_all)]
pub(super) async fn download(deps: Data<Deps>, admin: Admin, query: Fields) -> Result<HttpResponse, WebError> {
    let (filter, organisation, text) = (filter(&query), admin.organisation, *admin.text());
    let head = ["audit-when", "audit-who", "audit-what", "audit-thing", "audit-detail"];
    let head = head.map(|key| text.msg(key).with("zone", text.zone()).to_string());
    let head: Vec<&str> = head.iter().map(String::as_str).collect();
    let first = Bytes::from(format!("{}{}", csv::MARK, csv::row(&head)));
    let step = usize::try_from(csv::STEP).unwrap_or(SIZE);
    let rest = stream::try_unfold(Some(0_usize), move |from| {
        let (deps, filter) = (deps.clone(), filter.clone());
        async move {
            let Some(from) = from else { return Ok(None) };
            let rows = read(&deps, organisation, &filter, step, from).await?;
            let next = (rows.len() == step).then_some(from + step);
            let lines: String = rows.iter().map(|row| line(&text, row)).collect();
            Ok::<_, WebError>(Some((Bytes::from(lines), next)))
        }
    });
    let all = futures_util::StreamExt::chain(stream::once(async { Ok(first) }), rest);
    Ok(csv::answer("audit.csv", all))
}

fn line(text: &Text, row: &DeedRow) -> String {
    csv::row(&[
        &text.machine(row.at),
        &row.who.say(text),
        &row.action,
        &row.subject,
        &row.detail,
    ])
}

fn filter(query: &Fields) -> DeedFilter {
    DeedFilter {
        search: query.one("search").chars().take(200).collect(),
        from: day::parse(query.one("from")).map(day::start),
        until: day::parse(query.one("to")).map(|last| day::start(last).plus(Duration::from_hours(24))),
    }
}

fn address(query: &Fields, page: Option<usize>) -> String {
    let mut pairs = url::form_urlencoded::Serializer::new(String::new());
    for name in ["search", "from", "to"] {
        if !query.one(name).is_empty() {
            pairs.append_pair(name, query.one(name));
        }
    }
    if let Some(page) = page {
        pairs.append_pair("page", &page.to_string());
    }
    pairs.finish()
}

async fn read(
    deps: &Deps,
    organisation: OrganisationId,
    filter: &DeedFilter,
    limit: usize,
    offset: usize,
) -> Result<Vec<DeedRow>, WebError> {
    let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let rows = deps
        .store
        .read(async |tx| {
            let deeds = tx.deeds(organisation, filter, number(limit), number(offset)).await?;
            let mut known: HashMap<String, Actor> = HashMap::new();
            let mut rows = Vec::new();
            for deed in deeds {
                let who = match known.get(&deed.actor) {
                    Some(who) => who.clone(),
                    None => actor(tx, organisation, &deed).await?,
                };
                known.insert(deed.actor.clone(), who.clone());
                rows.push(DeedRow {
                    at: deed.at,
                    who,
                    action: deed.action,
                    subject: deed.subject,
                    detail: deed.detail,
                });
            }
            Ok::<_, StoreError>(rows)
        })
        .await?;
    Ok(rows)
}

/// Who did it: what is stored is a word or an id.
async fn actor(tx: &mut crate::store::Tx<'_>, organisation: OrganisationId, deed: &Deed) -> Result<Actor, StoreError> {
    let text = deed.actor.as_str();
    let administrator = text.strip_prefix("administrator ");
    if let Some(id) = administrator.and_then(|id| id.parse::<AdministratorId>().ok()) {
        let name = tx.name_of_administrator(organisation, id).await?;
        return Ok(Actor::Administrator(name.unwrap_or_else(|| id.to_string())));
    }
    if let Ok(id) = text.parse::<MemberId>() {
        let name = tx.name_of_member(organisation, id).await?;
        return Ok(Actor::Member(name.unwrap_or_else(|| id.to_string())));
    }
    Ok(match text {
        "operator" => Actor::Operator,
        "command line" => Actor::Command,
        "dynamic registration" => Actor::Registration,
        other => Actor::Other(other.to_owned()),
    })
}
