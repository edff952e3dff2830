//! What is set up in an organisation, and what is left to do.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::Data;

use crate::clock::Timestamp;
use crate::model::connecting::Attempted;
use crate::model::{Administrator, Deployment, FactoryIdentity, OrganisationId, Registration};
use crate::store::queue::Queue;
use crate::store::{StoreError, Tx};
use crate::web::course::answer;
use crate::web::course::fields::Fields;
use crate::web::deps::Deps;
use crate::web::error::WebError;
use crate::web::operator::link;
use crate::web::operator::session::Admin;
use crate::web::pages::admin::setup::{AdminSetupPage, Glance, Task, TaskState};
use crate::web::pages::operator::FactoryLink;
use crate::web::pages::{Frame, Room};

/// Awards are counted so far back.
const WEEK: Duration = Duration::from_hours(7 * 24);

/// What there is.
struct Facts {
    identity: Option<FactoryIdentity>,
    attempt: Option<Attempted>,
    queue: Queue,
    registrations: Vec<Registration>,
    connections: Vec<crate::model::connection::Connection>,
    courses: i64,
    administrators: Vec<Administrator>,
    orders: usize,
    problems: usize,
    issued: i64,
}

/// `GET /admin`
#[tracing::instrument(name = "web.admin.setup", skip_all)]
pub(super) async fn show(deps: Data<Deps>, admin: Admin, query: Fields) -> Result<HttpResponse, WebError> {
    let organisation = admin.organisation;
    let since = deps.clock.now().minus(WEEK);
    let facts = deps.store.read(async |tx| facts(tx, organisation, since).await).await?;
    let link = link(facts.identity.as_ref(), deps.clock.now());
    let tasks = vec![
        factory_task(&facts, link),
        lms_task(&facts),
        grades_task(&facts),
        courses_task(&facts),
        people_task(&facts),
    ];
    let is_up = tasks.iter().take(2).all(|task| task.state == TaskState::Done);
    answer::page(&AdminSetupPage {
        frame: Frame {
            flash: query.flash(),
            ..admin.frame(Some(Room::Setup))
        },
        link,
        glance: is_up.then(|| Glance {
            orders: facts.orders,
            issued: usize::try_from(facts.issued).unwrap_or_default(),
            problems: facts.problems,
            courses: usize::try_from(facts.courses).unwrap_or_default(),
        }),
        tasks,
    })
}

async fn facts(tx: &mut Tx<'_>, organisation: OrganisationId, since: Timestamp) -> Result<Facts, StoreError> {
    let (registrations, deployments) = (tx.registrations().await?, tx.deployments().await?);
    let registrations = own_registrations(registrations, &deployments, organisation);
    let mut connections = Vec::new();
    for row in &registrations {
        connections.extend(tx.connection_of(organisation, row.id).await?);
    }
    Ok(Facts {
        identity: tx.active_identity(organisation).await?,
        attempt: tx.connecting(organisation).await?,
        queue: tx.queue(organisation).await?,
        registrations,
        connections,
        courses: tx.course_count(organisation).await?,
        administrators: tx.administrators(organisation).await?,
        orders: tx.open_orders(organisation).await?.len(),
        problems: tx.problems(organisation).await?.len(),
        issued: tx.issued_award_count(organisation, since).await?,
    })
}

/// The registrations that an organisation may see: its own, and shared ones of which it claimed a deployment.
pub(super) fn own_registrations(
    all: Vec<Registration>,
    deployments: &[Deployment],
    organisation: OrganisationId,
) -> Vec<Registration> {
    let claimed = |row: &Registration| {
        deployments
            .iter()
            .any(|deployment| deployment.registration == row.id && deployment.organisation == Some(organisation))
    };
    all.into_iter()
        .filter(|row| row.organisation == Some(organisation) || (row.organisation.is_none() && claimed(row)))
        .collect()
}

fn factory_task(facts: &Facts, link: FactoryLink) -> Task {
    let attempt_failed = facts.attempt.as_ref().is_some_and(|attempt| attempt.failure.is_some());
    let is_running = facts.attempt.as_ref().is_some_and(|attempt| attempt.ended_at.is_none());
    let has_ended = matches!(link, FactoryLink::Certificate { days, .. } if days < 0);
    let state = match &facts.identity {
        None if is_running => TaskState::Going,
        None if attempt_failed => TaskState::Problem,
        None => TaskState::None,
        Some(_) if facts.queue.stopped_at.is_some() || has_ended => TaskState::Problem,
        Some(_) => TaskState::Done,
    };
    Task {
        title: "task-factory",
        href: "/admin/factory",
        hint: "task-factory-hint",
        detail: facts.identity.as_ref().map_or_else(String::new, |identity| {
            let host = identity.url.trim_start_matches("https://");
            format!("{} · {host}", identity.factory_client_id)
        }),
        state,
    }
}

fn lms_task(facts: &Facts) -> Task {
    let state = if facts.registrations.is_empty() {
        TaskState::None
    } else if facts.courses == 0 || !facts.registrations.iter().any(|row| row.enabled) {
        TaskState::Going
    } else {
        TaskState::Done
    };
    let names: Vec<&str> = facts.registrations.iter().map(|row| row.name.as_str()).collect();
    Task {
        title: "task-lms",
        href: "/admin/lms",
        hint: "task-lms-hint",
        detail: names.join(", "),
        state,
    }
}

fn grades_task(facts: &Facts) -> Task {
    let state = if facts.connections.is_empty() {
        TaskState::None
    } else if facts.connections.iter().any(|row| row.error.is_some()) {
        TaskState::Problem
    } else if facts.connections.iter().any(|row| row.connected_at.is_none()) {
        TaskState::Going
    } else {
        TaskState::Done
    };
    Task {
        title: "task-grades",
        href: "/admin/lms",
        hint: "task-grades-hint",
        detail: String::new(),
        state,
    }
}

fn courses_task(facts: &Facts) -> Task {
    Task {
        title: "task-courses",
        href: "/admin/courses",
        hint: "task-courses-hint",
        detail: String::new(),
        state: if facts.courses > 0 {
            TaskState::Done
        } else {
            TaskState::None
        },
    }
}

fn people_task(facts: &Facts) -> Task {
    let names: Vec<&str> = facts.administrators.iter().map(|one| one.name.as_str()).collect();
    Task {
        title: "task-people",
        href: "/admin/people",
        hint: "task-people-hint",
        detail: names.join(", "),
        state: if names.is_empty() {
            TaskState::None
        } else {
            TaskState::Done
        },
    }
}
