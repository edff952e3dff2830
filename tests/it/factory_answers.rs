//! What each answer of the Factory means: one test per line, against the simulated Factory over real TLS, with a client
//! certificate and with a bearer token. Whatever happened, each person has the badge exactly once in the end.

mod course;
mod lines;
mod lost;
mod refused;

use badgebridge::model::RequestId;
use badgebridge::model::order::OrderState;
use badgebridge::sandbox::factory::{Aim, BADGE_SAFETY, Fault, Kind, Plan};

use crate::support::database::with_sqlite;
use crate::support::world::{Credential, Setup, World};

const ADA: &str = "ada@campus.example";
const BJORN: &str = "bjorn@campus.example";
const CHLOE: &str = "chloe@campus.example";

/// Makes two tests of one: `name::certificate` and `name::token`.
macro_rules! for_both_credentials {
    ($(async fn $name:ident($world:ident: World) $body:block)*) => {$(
        async fn $name($world: crate::support::world::World) $body

        mod $name {
            use crate::support::world::Credential;

            #[tokio::test]
            async fn certificate() {
                crate::factory_answers::with_credential(Credential::Certificate, super::$name).await;
            }

            #[tokio::test]
            async fn token() {
                crate::factory_answers::with_credential(Credential::Token, super::$name).await;
            }
        }
    )*};
}
use for_both_credentials;

/// Runs `body` in a world whose organisation has this credential.
async fn with_credential<F: Future<Output = ()>>(credential: Credential, body: impl FnOnce(World) -> F) {
    with_sqlite(async |database| {
        let setup = Setup {
            credential,
            ..Setup::default()
        };
        body(World::start_with(&database, setup).await).await;
    })
    .await;
}

/// A teacher issues the badge to these people; the order meets the Factory once.
async fn ordered_for(world: &World, addresses: &[&str]) -> RequestId {
    let teacher = world.launch("teacher1", "BIO-2010").await;
    let request = world.issue(&teacher, BADGE_SAFETY, addresses).await;
    world.drain_jobs().await;
    request
}

/// The same for one person, where the Factory does `fault` first.
async fn ordered_despite(world: &World, fault: Fault) -> RequestId {
    world.factory.misbehave(Plan::next_issue(fault));
    ordered_for(world, &[ADA]).await
}

fn always(fault: Fault, aim: Aim) -> Plan {
    Plan::Always { fault, aim }
}

/// How the only order of the request and its awards stand, and what the simulator holds for Ada.
async fn assert_stands(world: &World, request: RequestId, order: OrderState, face: &str, held: u32) {
    assert_eq!(world.order_state(request).await, order);
    for shown in world.faces(request).await {
        assert_eq!(shown, face);
    }
    assert_eq!(world.times_held(ADA, BADGE_SAFETY), held);
}

/// The queue goes on, and nobody needs to look.
async fn assert_untroubled(world: &World) {
    assert_eq!(world.queue().await.stopped_at, None);
    assert_eq!(troubles(world).await, Vec::<String>::new());
}

/// The problems with orders and their queue. That the badges could not be read meanwhile is another one.
async fn troubles(world: &World) -> Vec<String> {
    let kinds = world.problem_kinds().await;
    kinds.into_iter().filter(|kind| kind != "job-failed").collect()
}

/// The queue stopped for the credential, and a person is told.
async fn assert_stopped(world: &World) {
    assert!(world.queue().await.stopped_at.is_some());
    assert_eq!(troubles(world).await, ["queue-stopped"]);
}

/// Everything behaves from now on: in the end Ada has the badge exactly once and nobody needs to look any more.
async fn assert_recovers(world: World, request: RequestId) {
    world.factory.misbehave(Plan::Calm);
    world.wait_out().await;
    assert_stands(&world, request, OrderState::Issued, "aw-sent", 1).await;
    assert_untroubled(&world).await;
    let award = world.award(request).await;
    let event = award.event.expect("the event is known");
    assert!(world.factory.events().iter().any(|known| known.id == event));
    world.finish().await;
}

/// How often the issuing address was called.
fn sendings(world: &World) -> u64 {
    world.factory.calls_by_kind().get(&Kind::Issue).copied().unwrap_or(0)
}

/// A person presses *Try again* on the request's only order.
async fn retry(world: &World, request: RequestId) {
    let order = world.orders(request).await[0].id;
    world.retry(order).await;
    world.drain_jobs().await;
}
