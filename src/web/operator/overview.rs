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
use crate::web::pages::admin::setup::TaskState;
use crate::web::pages::operator::OverviewPage;
use crate::web::pages::{Frame, Room};

/// `GET /operator`
#[tracing::instrument(name = "web.operator.overview", skip_all)]
pub(super) async fn show(deps: Data<Deps>, operator: Operator, query: Fields) -> Result<HttpResponse, WebError> {
    let findings = deps.backstage.health().await?;
    let count = |state| findings.iter().filter(|finding| finding.state == state).count();
    let (organisations, registrations, deployments, has_administrator) = deps
        .store
        .read(async |tx| {
            let organisations = tx.organisations().await?;
            let mut has_administrator = false;
            for organisation in &organisations {
                if !has_administrator {
                    has_administrator = !tx.administrators(organisation.id).await?.is_empty();
                }
            }
            let registrations = tx.registrations().await?;
            Ok::<_, StoreError>((organisations, registrations, tx.deployments().await?, has_administrator))
        })
        .await?;
    let done = |is_done| if is_done { TaskState::Done } else { TaskState::None };
    let tasks = [
        // the program does not start without them
        ("begin-address", "/operator/health", TaskState::Done),
        ("begin-key", "/operator/health", TaskState::Done),
        (
            "begin-organisation",
            "/operator/organisations",
            done(!organisations.is_empty()),
        ),
        (
            "begin-administrator",
            "/operator/organisations",
            done(has_administrator),
        ),
    ];
    let is_begun = tasks.iter().all(|(_, _, state)| *state == TaskState::Done);
    answer::page(&OverviewPage {
        frame: Frame {
            flash: query.flash(),
            ..operator.frame(Some(Room::Overview))
        },
        failing: count(Health::Fail),
        to_look_at: count(Health::Look),
        tasks: if is_begun { Vec::new() } else { tasks.to_vec() },
        address: deps.public_url.to_string(),
        organisations: organisations.len(),
        registrations: registrations.len(),
        waiting: deployments.iter().filter(|row| row.waits()).count(),
    })
}
