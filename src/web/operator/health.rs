//! `doctor` as a page.

use actix_web::HttpResponse;
use actix_web::web::Data;

use super::session::Operator;
use crate::model::Health;
use crate::web::course::answer;
use crate::web::deps::Deps;
use crate::web::error::WebError;
use crate::web::pages::Room;
use crate::web::pages::operator::HealthPage;

/// `GET /operator/health`
#[tracing::instrument(name = "web.operator.health", skip_all)]
pub(super) async fn show(deps: Data<Deps>, operator: Operator) -> Result<HttpResponse, WebError> {
    let mut findings = deps.backstage.health().await?;
    findings.sort_by_key(|finding| match finding.state {
        Health::Fail => 0,
        Health::Look => 1,
        Health::Ok => 2,
    });
    answer::page(&HealthPage {
        frame: operator.frame(Some(Room::Health)),
        findings,
    })
}
