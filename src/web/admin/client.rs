//! Taking over the client id that an LMS sends instead of the one that is stored: shown beside each other first.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Path};
use serde_json::json;

use super::lms::{find, may_change};
use crate::lti::registration::LtiClientId;
use crate::model::Registration;
use crate::store::{Durability, StoreError};
use crate::web::course::answer;
use crate::web::deps::Deps;
use crate::web::error::{Refusal, WebError};
use crate::web::operator::session::{Admin, record};
use crate::web::pages::admin::lms::ClientIdPage;
use crate::web::pages::{Flash, Mistake, Mistakes, Room};

/// `GET /admin/lms/{registration}/client`
#[tracing::instrument(name = "web.admin.lms.client", skip_all)]
pub(super) async fn ask(deps: Data<Deps>, admin: Admin, path: Path<String>) -> Result<HttpResponse, WebError> {
    let row = own(&deps, &admin, &path).await?;
    let arrived = arrived(&deps, &row).await?.ok_or(Refusal::NotFound)?;
    answer::page(&page(&admin, row, arrived, Mistakes::none()))
}

/// `POST /admin/lms/{registration}/client`: `client_id` is the one that was shown.
#[tracing::instrument(name = "web.admin.lms.client.take", skip_all)]
pub(super) async fn take(
    deps: Data<Deps>,
    admin: Admin,
    path: Path<String>,
    body: Bytes,
) -> Result<HttpResponse, WebError> {
    let fields = admin.form(&body)?;
    let row = own(&deps, &admin, &path).await?;
    let arrived = arrived(&deps, &row).await?;
    // what arrived meanwhile is not what was confirmed
    let arrived = arrived.filter(|arrived| arrived == fields.one("client_id"));
    let arrived = arrived.ok_or(Refusal::NotFound)?;
    let (id, new) = (row.id, arrived.clone());
    let detail = json!({ "before": row.lti_client_id, "after": arrived });
    let entry = admin.entry("registration.client-id", &id, detail);
    let taken: Result<bool, StoreError> = deps
        .store
        .write(Durability::Full, async move |tx| {
            let taken = tx.change_lti_client_id(id, &new).await?;
            if taken {
                record(tx, &entry).await?;
            }
            Ok(taken)
        })
        .await;
    if !taken? {
        let mistakes = Mistakes::one("client_id", Mistake::RegisteredAlready);
        return answer::page(&page(&admin, row, arrived, mistakes));
    }
    deps.directory.load(&deps.store).await?;
    Ok(answer::see_other_with(&format!("/admin/lms/{id}"), &Flash::Saved))
}

async fn own(deps: &Deps, admin: &Admin, path: &str) -> Result<Registration, WebError> {
    let (_, row) = find(deps, admin, path).await?;
    if may_change(admin, &row) {
        Ok(row)
    } else {
        Err(Refusal::OperatorsOnly.into())
    }
}

/// The client id that came last, where it is not the stored one and came from the same issuer.
pub(super) async fn arrived(deps: &Deps, row: &Registration) -> Result<Option<String>, StoreError> {
    let id = row.id;
    let all = deps.store.read_one(async move |tx| tx.encounters(id).await).await?;
    let last = all.into_iter().max_by_key(|one| one.at).map(|one| one.arrived);
    let same_issuer = last.filter(|one| one.issuer.as_deref() == Some(row.issuer.as_str()));
    let other = same_issuer
        .and_then(|one| one.client_id)
        .filter(|client| *client != row.lti_client_id);
    Ok(other.filter(|client| LtiClientId::parse(client.clone()).is_ok()))
}

fn page(admin: &Admin, row: Registration, arrived: String, mistakes: Mistakes) -> ClientIdPage {
    ClientIdPage {
        frame: admin.frame(Some(Room::Lms)),
        id: row.id.to_string(),
        name: row.name,
        stored: row.lti_client_id,
        arrived,
        mistakes,
    }
}
