//! What staff of an organisation may do, and the limits that hold for all.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data};
use serde_json::json;

use crate::model::{Address, Organisation, PastedAddresses};
use crate::store::{Durability, StoreError};
use crate::web::course::answer;
use crate::web::course::fields::Fields;
use crate::web::deps::Deps;
use crate::web::error::{Refusal, WebError};
use crate::web::operator::session::{Admin, record};
use crate::web::pages::admin::records::SettingsPage;
use crate::web::pages::{Flash, Mistake, Mistakes, Room};

/// `GET /admin/settings`
#[tracing::instrument(name = "web.admin.settings", skip_all)]
pub(super) async fn show(deps: Data<Deps>, admin: Admin, query: Fields) -> Result<HttpResponse, WebError> {
    let known = organisation(&deps, &admin).await?;
    let mut page = page(&deps, &admin, &known);
    page.frame.flash = query.flash();
    answer::page(&page)
}

/// `POST /admin/settings`
#[tracing::instrument(name = "web.admin.settings.keep", skip_all)]
pub(super) async fn keep(deps: Data<Deps>, admin: Admin, body: Bytes) -> Result<HttpResponse, WebError> {
    let fields = admin.form(&body)?;
    let known = organisation(&deps, &admin).await?;
    let pasted: PastedAddresses = fields
        .one("pasted")
        .parse()
        .map_err(|_| Refusal::Unreadable { too_large: false })?;
    let entered = fields.one("domains");
    let mut domains = Vec::new();
    for line in entered.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let Some(domain) = domain(line) else {
            return answer::page(&SettingsPage {
                pasted: pasted.word(),
                domains: entered.to_owned(),
                mistakes: Mistakes::one("domains", Mistake::Domain { name: line.to_owned() }),
                ..page(&deps, &admin, &known)
            });
        };
        domains.push(domain);
    }
    domains.sort();
    domains.dedup();
    let changed = Organisation {
        pasted,
        domains,
        ..known
    };
    let detail = json!({ "pasted_addresses": changed.pasted.word(), "domains": changed.domains });
    let entry = admin.entry("organisation.edit", &changed.id, detail);
    let stored: Result<(), StoreError> = deps
        .store
        .write(Durability::Full, async move |tx| {
            tx.change_organisation(&changed).await?;
            record(tx, &entry).await
        })
        .await;
    stored?;
    Ok(answer::see_other_with("/admin/settings", &Flash::Saved))
}

/// A domain of e-mail addresses, in its ASCII form.
fn domain(text: &str) -> Option<String> {
    let address = Address::parse(&format!("a@{}", text.trim_start_matches('@'))).ok()?;
    Some(address.domain().to_owned())
}

async fn organisation(deps: &Deps, admin: &Admin) -> Result<Organisation, WebError> {
    let id = admin.organisation;
    let known = deps.store.read_one(async move |tx| tx.organisation(id).await).await?;
    known.ok_or_else(|| Refusal::NotFound.into())
}

fn page(deps: &Deps, admin: &Admin, known: &Organisation) -> SettingsPage {
    let days = |life: Duration| life.as_secs() / (24 * 3600);
    let config = &deps.config;
    SettingsPage {
        frame: admin.frame(Some(Room::Settings)),
        pasted: known.pasted.word(),
        domains: known.domains.join("\n"),
        limits: vec![
            ("settings-calls", u64::from(config.factory.calls_per_second)),
            (
                "settings-batch",
                u64::try_from(config.factory.batch).unwrap_or_default(),
            ),
            ("settings-signals", days(config.retention.signals)),
            ("settings-attempts", days(config.retention.attempts)),
            ("settings-audit", days(config.retention.audit)),
        ],
        mistakes: Mistakes::none(),
    }
}
