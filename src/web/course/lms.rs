//! What an administrator of an LMS may look after by a launch, where its organisation switched that on: the settings of the
//! registration that they came through, and its deployments. The right is the seat's: no cookie of the administration is
//! needed, and none is given (P1); no Factory, no other registration and no course comes with it (P5).

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data};
use serde_json::json;

use super::fields::Fields;
use super::surroundings::Surroundings;
use super::{answer, audit};
use crate::model::{Deployment, Registration};
use crate::store::{Durability, StoreError};
use crate::web::deployments::{Decider, Right, decide, undecided};
use crate::web::deps::Deps;
use crate::web::error::{Refusal, WebError};
use crate::web::lti::{self_check, to_copy};
use crate::web::operator::session::record;
use crate::web::pages::admin::lms::{DeploymentsPage, family};
use crate::web::pages::lms::OwnLmsPage;
use crate::web::pages::{Flash, Mistake, Mistakes, Section};
use crate::web::visit::Visit;

/// `GET /c/{seat}/lms`
#[tracing::instrument(name = "web.course.lms", skip_all)]
pub(super) async fn show(deps: Data<Deps>, visit: Visit, query: Fields) -> Result<HttpResponse, WebError> {
    visit.administers()?;
    answer::page(&page(&deps, &visit, query.flash()).await?)
}

/// `POST /c/{seat}/lms`: keeps `name` and `anonymous`.
#[tracing::instrument(name = "web.course.lms.keep", skip_all)]
pub(super) async fn keep(deps: Data<Deps>, visit: Visit, body: Bytes) -> Result<HttpResponse, WebError> {
    visit.administers()?;
    let fields = Fields::of_form(&body, &visit)?;
    let row = registration(&deps, &visit).await?;
    if !is_own(&visit, &row) {
        return Err(Refusal::NotAllowed.into());
    }
    let Some(name) = named(fields.one("name")) else {
        let mut page = page(&deps, &visit, None).await?;
        fields.one("name").clone_into(&mut page.name);
        page.anonymous = fields.maybe("anonymous").is_some();
        page.mistakes = Mistakes::one("name", Mistake::Name);
        return answer::page(&page);
    };
    let changed = Registration {
        name,
        anonymous: fields.maybe("anonymous").is_some(),
        ..row
    };
    let detail = json!({ "anonymous": changed.anonymous });
    let entry = audit::entry(&visit, "registration.edit", &changed.id, detail);
    let stored: Result<(), StoreError> = deps
        .store
        .write(Durability::Full, async move |tx| {
            tx.change_registration(&changed).await?;
            record(tx, &entry).await
        })
        .await;
    stored?;
    deps.directory.load(&deps.store).await?;
    Ok(answer::see_other_with(&visit.url("/lms"), &Flash::Saved))
}

/// `GET /c/{seat}/deployments`
#[tracing::instrument(name = "web.course.deployments", skip_all)]
pub(super) async fn deployments(deps: Data<Deps>, visit: Visit, query: Fields) -> Result<HttpResponse, WebError> {
    let found = undecided(&deps, decider(&visit)?).await?;
    let around = Surroundings::with_flash(&deps, &visit, Some(Section::Lms), query.flash()).await?;
    answer::page(&DeploymentsPage {
        frame: around.frame,
        action: visit.url("/deployments"),
        back: visit.url("/lms"),
        rows: found.waiting,
        refused: found.refused,
    })
}

/// `POST /c/{seat}/deployments`: `do` is `claim`, `refuse` or `reopen`.
#[tracing::instrument(name = "web.course.deployments.decide", skip_all)]
pub(super) async fn decide_one(deps: Data<Deps>, visit: Visit, body: Bytes) -> Result<HttpResponse, WebError> {
    let decider = decider(&visit)?;
    let fields = Fields::of_form(&body, &visit)?;
    let entry = |action, id, detail| audit::entry(&visit, action, &id, detail);
    let flash = decide(&deps, decider, &fields, entry).await?;
    Ok(answer::see_other_with(&visit.url("/deployments"), &flash))
}

fn decider(visit: &Visit) -> Result<Decider, WebError> {
    Ok(Decider {
        organisation: visit.organisation(),
        right: Right::OfLms(visit.administers()?),
    })
}

/// Whether the registration is the organisation's alone: a shared one is for operators to change.
fn is_own(visit: &Visit, row: &Registration) -> bool {
    row.organisation == Some(visit.organisation())
}

/// A name for people: 1 to 200 characters.
fn named(text: &str) -> Option<String> {
    let is_name = !text.is_empty() && text.chars().count() <= 200 && !text.contains(char::is_control);
    is_name.then(|| text.to_owned())
}

/// The registration of the seat as it stands now.
async fn registration(deps: &Deps, visit: &Visit) -> Result<Registration, WebError> {
    let all = deps.store.read_one(async |tx| tx.registrations().await).await?;
    let found = all.into_iter().find(|row| row.id == visit.seat.registration);
    found.ok_or_else(|| Refusal::NotFound.into())
}

async fn page(deps: &Deps, visit: &Visit, flash: Option<Flash>) -> Result<OwnLmsPage, WebError> {
    let row = registration(deps, visit).await?;
    let around = Surroundings::with_flash(deps, visit, Some(Section::Lms), flash).await?;
    let id = row.id;
    let (encounters, deployments) = deps
        .store
        .read(async |tx| Ok::<_, StoreError>((tx.encounters(id).await?, tx.deployments().await?)))
        .await?;
    let waiting = undecided(deps, decider(visit)?).await?.waiting.len();
    let is_own = is_own(visit, &row);
    let of_organisation =
        |known: &&Deployment| known.registration == id && known.organisation == Some(visit.organisation());
    Ok(OwnLmsPage {
        frame: around.frame,
        title: row.name.clone(),
        family: family(row.lms),
        organisation: visit.seat.organisation_name.clone(),
        may_change: is_own,
        anonymous: row.anonymous,
        values: to_copy(deps, Some(&row)),
        issuer: row.issuer.clone(),
        client_id: row.lti_client_id.clone(),
        deployments: deployments
            .iter()
            .filter(of_organisation)
            .map(|known| known.deployment_id.clone())
            .collect(),
        waiting,
        // what arrived last at a shared registration may have been another organisation's
        check: is_own.then(|| self_check(&deps.directory.entries(), &row, &encounters)),
        name: row.name,
        mistakes: Mistakes::none(),
    })
}
