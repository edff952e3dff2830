//! The Factory and the LMS say nothing, or are away (P7): every page that a person can open is answered all the same,
//! while the calls of the workers still hang.
//!
//! The pages are held against the router: an address below a seat comes from the rows of the course's walls, any other
//! must stand here.

use std::collections::BTreeSet;
use std::path::Path;
use std::pin::pin;
use std::time::Duration;

use badgebridge::jobs::work;
use badgebridge::model::order::OrderState;
use badgebridge::sandbox::factory::{Aim, BADGE_SAFETY, CLIENT, Fault, Plan};
use badgebridge::sandbox::lms::{JwksMode, NrpsMode, Picking};

use crate::course_walls::{self, Things};
use crate::support::boxed;
use crate::support::browser::Browser;
use crate::support::database::with_sqlite;
use crate::support::world::{Credential, Tab, World};
use crate::{deep_linking, feeds_pages};

/// Beyond this a page waits for something. It hangs then: no machine is so slow.
const GUARD: Duration = Duration::from_secs(20);

/// Pages beside a course's, as a visitor without a session may open them.
const OTHERS: &[&str] = &[
    "/healthz",
    "/readyz",
    "/.well-known/jwks.json",
    "/lti/login",
    "/lti/login/{handle}",
    "/lti/launch",
    "/lti/window",
    "/lti/notices",
    "/lti/canvas.json",
    "/lti/setup",
    "/lti/setup/{link}",
    "/lti/register",
    "/lti/register/{invitation}",
    "/lti/pick/{seat}",
    "/connections/callback",
    "/static/{path:.*}",
];

/// Who opens pages, and what there is to look at.
struct Visitors {
    teacher: Tab,
    learner: Tab,
    administrator: Tab,
    picker: Tab,
    things: Things,
    feed: String,
}

impl Visitors {
    async fn arrive(world: &World) -> Self {
        let teacher = world.launch("teacher1", "BIO-2010").await;
        let things = Things::make(world, &teacher).await;
        let feed = feeds_pages::feed(world).await.feed.id.to_string();
        world.drain_jobs().await;
        Self::open(world, things, feed).await
    }

    /// The same people in new windows.
    async fn again(self, world: &World) -> Self {
        Self::open(world, self.things, self.feed).await
    }

    async fn open(world: &World, things: Things, feed: String) -> Self {
        Self {
            teacher: world.launch("teacher1", "BIO-2010").await,
            learner: world.launch("ada", "BIO-2010").await,
            administrator: feeds_pages::administrator(world).await,
            picker: deep_linking::open(world, "teacher1", Picking::One).await.0,
            things,
            feed,
        }
    }

    /// Opens every page as everybody; what was asked and which status came.
    async fn look_around(&self, world: &World) -> Vec<(String, u16)> {
        let mut seen = Vec::new();
        let people = [
            ("teacher", &self.teacher),
            ("learner", &self.learner),
            ("administrator", &self.administrator),
        ];
        for (name, tab) in people {
            for row in course_walls::pages() {
                let mut path = self.things.path(row).replace("{feed}", &self.feed);
                if row.ends_with("{event}/revoke") {
                    path = format!("{path}?award={}", self.things.award());
                }
                let status = open(&tab.browser, &format!("{}{path}", tab.url)).await;
                seen.push((format!("{name} {row}"), status));
            }
        }
        let seat = self.picker.seat.id.to_string();
        for row in OTHERS {
            let path = row
                .replace("{handle}", "demo")
                .replace("{link}", "nothing")
                .replace("{invitation}", "nothing")
                .replace("{seat}", &seat)
                .replace("{path:.*}", "nothing");
            seen.push(((*row).to_owned(), open(&self.picker.browser, &path).await));
        }
        let launch = world.launch("bjorn", "BIO-2010");
        tokio::time::timeout(GUARD, launch).await.expect("a launch waits");
        seen
    }
}

async fn open(browser: &Browser, path: &str) -> u16 {
    let answer = tokio::time::timeout(GUARD, browser.get(path)).await;
    let answer = answer.unwrap_or_else(|_| panic!("{path} waits"));
    // what is not ready says so with 503; nothing else may fail
    let is_monitor = path == "/readyz";
    assert!(answer.status < 500 || is_monitor, "{path}: {}", answer.body);
    answer.status
}

#[tokio::test]
async fn every_page_is_answered_while_the_factory_and_the_lms_are_silent_or_away() {
    with_sqlite(async |database| boxed(tour(World::start(&database).await)).await).await;
}

async fn tour(world: World) {
    let visitors = Visitors::arrive(&world).await;
    let usual = visitors.look_around(&world).await;
    // what the pages found too old is read, so that the workers have nothing to do but what follows
    world.drain_jobs().await;
    let shown = usual.iter().filter(|(_, status)| *status == 200).count();
    assert!(shown > 50, "{usual:?}");

    // silent: the calls of the workers hang, for an order, for the badges and for the people of the course
    let span = Duration::from_mins(10);
    let hang = Fault::Hang {
        span,
        after_work: false,
    };
    world.factory.misbehave(Plan::Always {
        fault: hang,
        aim: Aim::Any,
    });
    world.lms.nrps_mode(NrpsMode::Hang);
    world.lms.jwks_mode(JwksMode::Hang);
    let request = world
        .issue(&visitors.teacher, BADGE_SAFETY, &["chloe@campus.example"])
        .await;
    world.queue_catalog().await;
    world.queue_roster(visitors.teacher.seat.course.unwrap()).await;
    let pages_before = world.lms.counters().nrps_pages;
    let held = |world: &World| {
        let calls = world.factory.misbehaved().get("hang").copied().unwrap_or(0);
        calls >= 2 && world.lms.counters().nrps_pages > pages_before
    };
    let looking = async {
        let is_sending = async || {
            let orders = world.orders(request).await;
            orders.iter().any(|order| order.state == OrderState::Sending)
        };
        let waiting = async {
            while !held(&world) || !is_sending().await {
                open(&visitors.teacher.browser, &format!("{}/help", visitors.teacher.url)).await;
            }
        };
        tokio::time::timeout(3 * GUARD, waiting).await.expect("the calls hang");
        visitors.look_around(&world).await
    };
    let seen = {
        let workers = [(); 4].map(|()| world.parts.worker());
        let mut work = pin!(async {
            let busy = workers.each_ref().map(|worker| async move {
                loop {
                    worker.drain().await.unwrap();
                    tokio::task::yield_now().await;
                }
            });
            let [first, second, third, fourth] = busy;
            tokio::join!(first, second, third, fourth)
        });
        tokio::select! {
            biased;
            seen = looking => seen,
            never = &mut work => match never {},
        }
    };
    assert_eq!(seen, usual);
    // nothing of it came to an end meanwhile
    assert_eq!(world.order_state(request).await, OrderState::Sending);
    let left = world.left_over().await;
    for kind in [work::CATALOG, work::ROSTER] {
        assert!(left.iter().any(|key| key.starts_with(kind)), "{kind}: {left:?}");
    }
    world.factory.misbehave(Plan::Calm);
    world.lms.nrps_mode(NrpsMode::Normal);
    world.lms.jwks_mode(JwksMode::Normal);
    world.wait_out().await;
    assert_eq!(world.times_held("chloe@campus.example", BADGE_SAFETY), 1);

    // away: nobody listens where the Factory was, and the LMS is closed. Hours went by: the visitors come anew
    let visitors = visitors.again(&world).await;
    let usual = visitors.look_around(&world).await;
    world.lms.nrps_mode(NrpsMode::Status(503));
    world.lms.jwks_mode(JwksMode::Status(503));
    let (organisation, nowhere) = (world.organisation, "https://127.0.0.1:9");
    world
        .connect_at(organisation, nowhere, CLIENT, Credential::Certificate)
        .await;
    let request = world
        .issue(&visitors.teacher, BADGE_SAFETY, &["noa@campus.example"])
        .await;
    world.queue_roster(visitors.teacher.seat.course.unwrap()).await;
    world.drain_jobs().await;
    assert_eq!(world.order_state(request).await, OrderState::Ready);
    assert_eq!(visitors.look_around(&world).await, usual);
    assert_eq!(world.order_state(request).await, OrderState::Ready);

    world.lms.nrps_mode(NrpsMode::Normal);
    world.lms.jwks_mode(JwksMode::Normal);
    world.connect(organisation, CLIENT, Credential::Certificate).await;
    world.wait_out().await;
    assert_eq!(world.times_held("noa@campus.example", BADGE_SAFETY), 1);
    world.finish().await;
}

/// Addresses that the router names outside of a course, beside those that only take what is sent to them.
#[test]
fn every_other_page_has_a_row() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web/routes.rs");
    let text = std::fs::read_to_string(source).unwrap();
    let outside = text.split("scope(\"/c/{seat}\")").next().unwrap();
    let mut routed = BTreeSet::new();
    for word in [".route(\"", "resource(\"", "login(\""] {
        routed.extend(outside.split(word).skip(1).map(|rest| rest.split('"').next().unwrap()));
    }
    // the rest of its file is the scope of a course and what comes after it
    assert_eq!(routed, OTHERS.iter().copied().collect());
}
