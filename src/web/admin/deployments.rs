//! Deployments that wait for somebody of the organisation, and those that were refused.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data};

use crate::web::course::answer;
use crate::web::course::fields::Fields;
use crate::web::deployments::{Decider, Right, decide, undecided};
use crate::web::deps::Deps;
use crate::web::error::WebError;
use crate::web::operator::session::Admin;
use crate::web::pages::admin::lms::DeploymentsPage;
use crate::web::pages::{Frame, Room};

/// Where the page is.
const PAGE: &str = "/admin/deployments";

/// `GET /admin/deployments`
#[tracing::instrument(name = "web.admin.deployments", skip_all)]
pub(super) async fn show(deps: Data<Deps>, admin: Admin, query: Fields) -> Result<HttpResponse, WebError> {
    let found = undecided(&deps, decider(&admin)).await?;
    answer::page(&DeploymentsPage {
        frame: Frame {
            flash: query.flash(),
            ..admin.frame(Some(Room::Lms))
        },
        action: PAGE.to_owned(),
        back: "/admin/lms".to_owned(),
        rows: found.waiting,
        refused: found.refused,
    })
}

/// `POST /admin/deployments`: `do` is `claim`, `refuse` or `reopen`.
#[tracing::instrument(name = "web.admin.deployments.decide", skip_all)]
pub(super) async fn act(deps: Data<Deps>, admin: Admin, body: Bytes) -> Result<HttpResponse, WebError> {
    let fields = admin.form(&body)?;
    let entry = |action, id, detail| admin.entry(action, &id, detail);
    let flash = decide(&deps, decider(&admin), &fields, entry).await?;
    Ok(answer::see_other_with(PAGE, &flash))
}

/// Who decides here.
pub(super) fn decider(admin: &Admin) -> Decider {
    Decider {
        organisation: admin.organisation,
        right: if admin.who.is_operator() {
            Right::Operator
        } else {
            Right::Administrator
        },
    }
}
