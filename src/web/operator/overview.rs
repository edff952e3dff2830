//! The installation at a glance.

use actix_web::HttpResponse;
use actix_web::web::Data;

use super::session::Operator;
use crate::model::Health;
use crate::store::StoreError;
use crate::web::course::answer;
use crate::web::course::fields::Fields;
use crate::web::deps::Deps;
use crate::web::error::WebError;
use crate::web::pages::operator::OverviewPage;
use crate::web::pages::{Frame, Room};

/// `GET /operator`
#[tracing::instrument(name = "web.operator.overview", skip_all)]
pub(super) async fn show(deps: Data<Deps>, operator: Operator, query: Fields) -> Result<HttpResponse, WebError> {
    let findings = deps.backstage.health().await?;
    let count = |state| findings.iter().filter(|finding| finding.state == state).count();
    let (organisations, registrations, deployments) = deps
        .store
        .read(async |tx| {
            Ok::<_, StoreError>((
                tx.organisations().await?,
                tx.registrations().await?,
                tx.deployments().await?,
            ))
        })
        .await?;
    answer::page(&OverviewPage {
        frame: Frame {
            flash: query.flash(),
            ..operator.frame(Some(Room::Overview))
        },
        failing: count(Health::Fail),
        to_look_at: count(Health::Look),
        address: deps.public_url.to_string(),
        organisations: organisations.len(),
        registrations: registrations.len(),
        waiting: deployments.iter().filter(|row| row.waits()).count(),
    })
}
