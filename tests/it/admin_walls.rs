//! The walls between organisations (P5) in the administration: every address, opened and sent by nobody, by somebody of a
//! course, and by the administrator of another organisation. Nothing of the first one is shown, nothing of it changes.
//!
//! The rows are held against the router: a new address without a row fails.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use badgebridge::model::{Registration, SignalId};
use badgebridge::sandbox::factory::{BADGE_SAFETY, Fault, OTHER_CLIENT, Plan};
use badgebridge::store::audit::DeedFilter;
use badgebridge::store::{Durability, StoreError};

use crate::self_check;
use crate::support::browser::{Answer, Browser};
use crate::support::database::{Database, on_both_databases, with_sqlite};
use crate::support::office::{Desk, administrator_link, csrf};
use crate::support::world::{Credential, World};

/// Who may open an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Is {
    /// Anybody: there is no session yet, or no more.
    Open,
    /// Whoever is signed in: it shows their own.
    Own,
    /// It names something of the first organisation: not found by another one's administrator.
    Theirs,
    /// Operators alone.
    Operators,
}

const ROWS: &[(&str, &str, Is)] = &[
    ("GET", "/operator/welcome/{code}", Is::Open),
    ("POST", "/operator/welcome/{code}", Is::Open),
    ("GET", "/operator/sign-in", Is::Open),
    ("GET", "/operator/sso", Is::Open),
    ("GET", "/operator/sso/callback", Is::Open),
    ("GET", "/operator/goodbye", Is::Open),
    ("POST", "/operator/sign-out", Is::Own),
    ("GET", "/operator", Is::Operators),
    ("GET", "/operator/health", Is::Operators),
    ("GET", "/operator/keys", Is::Operators),
    ("POST", "/operator/keys", Is::Operators),
    ("GET", "/operator/organisations", Is::Operators),
    ("POST", "/operator/organisations", Is::Operators),
    ("GET", "/operator/preferences", Is::Own),
    ("POST", "/operator/preferences", Is::Own),
    ("GET", "/admin", Is::Own),
    ("GET", "/admin/factory", Is::Own),
    ("POST", "/admin/factory", Is::Own),
    ("GET", "/admin/factory/disconnect", Is::Own),
    ("POST", "/admin/factory/disconnect", Is::Own),
    ("GET", "/admin/lms", Is::Own),
    ("GET", "/admin/lms/new", Is::Own),
    ("POST", "/admin/lms/new", Is::Own),
    ("GET", "/admin/lms/{registration}", Is::Theirs),
    ("POST", "/admin/lms/{registration}", Is::Theirs),
    ("GET", "/admin/lms/{registration}/client", Is::Theirs),
    ("POST", "/admin/lms/{registration}/client", Is::Theirs),
    ("GET", "/admin/lms/{registration}/api", Is::Theirs),
    ("POST", "/admin/lms/{registration}/api", Is::Theirs),
    ("GET", "/admin/deployments", Is::Own),
    ("POST", "/admin/deployments", Is::Theirs),
    ("GET", "/admin/feeds", Is::Own),
    ("GET", "/admin/feeds/{feed}", Is::Theirs),
    ("POST", "/admin/feeds/{feed}", Is::Theirs),
    ("GET", "/admin/queue", Is::Own),
    ("POST", "/admin/queue", Is::Theirs),
    ("GET", "/admin/queue/{order}", Is::Theirs),
    ("GET", "/admin/courses", Is::Own),
    ("GET", "/admin/courses/{course}", Is::Theirs),
    ("POST", "/admin/courses/{course}", Is::Theirs),
    ("GET", "/admin/badges", Is::Own),
    ("GET", "/admin/badges/new", Is::Own),
    ("POST", "/admin/badges/new", Is::Own),
    ("GET", "/admin/badges/{badge}", Is::Theirs),
    ("GET", "/admin/badges/{badge}/edit", Is::Theirs),
    ("POST", "/admin/badges/{badge}/edit", Is::Theirs),
    ("GET", "/admin/badges/{badge}/delete", Is::Theirs),
    ("POST", "/admin/badges/{badge}/delete", Is::Theirs),
    ("GET", "/admin/edits/{edit}", Is::Theirs),
    ("POST", "/admin/edits/{edit}", Is::Theirs),
    ("GET", "/admin/issuer", Is::Own),
    ("POST", "/admin/issuer", Is::Own),
    ("GET", "/admin/pic/{hash}.png", Is::Theirs),
    ("GET", "/admin/events", Is::Own),
    ("POST", "/admin/events", Is::Own),
    ("GET", "/admin/events/{event}", Is::Theirs),
    ("GET", "/admin/searches/{search}", Is::Theirs),
    ("GET", "/admin/searches/{search}/events.csv", Is::Theirs),
    ("GET", "/admin/reports", Is::Own),
    ("GET", "/admin/reports.csv", Is::Own),
    ("GET", "/admin/unmatched", Is::Own),
    ("POST", "/admin/unmatched", Is::Theirs),
    ("GET", "/admin/members", Is::Own),
    ("GET", "/admin/members/{member}", Is::Theirs),
    ("GET", "/admin/members/{member}/data.json", Is::Theirs),
    ("GET", "/admin/members/{member}/erase", Is::Theirs),
    ("POST", "/admin/members/{member}/erase", Is::Theirs),
    ("GET", "/admin/audit", Is::Own),
    ("GET", "/admin/audit.csv", Is::Own),
    ("GET", "/admin/people", Is::Own),
    ("POST", "/admin/people", Is::Operators),
    ("GET", "/admin/settings", Is::Own),
    ("POST", "/admin/settings", Is::Own),
];

#[test]
fn every_address_of_the_administration_has_a_row() {
    let rows: BTreeSet<(String, String)> = ROWS
        .iter()
        .map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned()))
        .collect();
    assert_eq!(rows.len(), ROWS.len(), "a row stands twice");
    let web = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web");
    let mut routed = BTreeSet::new();
    for file in ["operator/routes.rs", "admin/routes.rs"] {
        let text = std::fs::read_to_string(web.join(file)).unwrap();
        for piece in text.split("page(\"").skip(1) {
            let path = piece.split('"').next().unwrap();
            for (word, method) in [("get()", "GET"), ("post()", "POST")] {
                if piece.contains(word) {
                    routed.insert((method.to_owned(), path.to_owned()));
                }
            }
        }
    }
    assert!(routed.len() > 20, "the routes are not found");
    assert_eq!(rows, routed);
}

/// What there is in the first organisation.
struct Things {
    registration: String,
    deployment: String,
    order: String,
    course: String,
    administrator: String,
    signal: String,
    feed: String,
    organisation: String,
    badge: String,
    edit: String,
    picture: String,
    event: String,
    search: String,
    member: String,
}

impl Things {
    async fn make(world: &World) -> Self {
        let tab = world.launch("teacher1", "BIO-2010").await;
        world.factory.misbehave(Plan::next_issue(Fault::Status(404)));
        let request = world.issue(&tab, BADGE_SAFETY, &["ada@campus.example"]).await;
        world.drain_jobs().await;
        let organisation = world.organisation;
        let orders = world
            .parts
            .store
            .read_one(async move |tx| tx.open_orders(organisation).await);
        let order = orders.await.unwrap().remove(0).id;
        assert!(!world.awards_of(organisation, request).await.is_empty());
        // another client id than the stored one arrived, and a deployment of its registration waits
        world.clock.advance(Duration::from_secs(1));
        self_check::login(world, &world.registration.issuer, "another").await;
        let (encounters, now) = (&world.deps.encounters, world.now());
        encounters.write(&world.parts.store, now).await.unwrap();
        // an event, a search for events, and a change of a badge that waits
        world.issue(&tab, BADGE_SAFETY, &["noa@campus.example"]).await;
        world.drain_jobs().await;
        let event = world.factory.events().remove(0).id;
        let (edit, search) = waiting_edit(world).await;
        let known = world
            .parts
            .store
            .read_one(async move |tx| tx.catalog_badge(organisation, BADGE_SAFETY).await);
        let picture = known.await.unwrap().unwrap().picture.unwrap();
        let (administrator, _) = administrator_link(world, organisation, "Claire Bouchard").await;
        Self {
            registration: world.registration.id.to_string(),
            deployment: waiting(world).await,
            order: order.to_string(),
            course: tab.seat.course.unwrap().to_string(),
            administrator: administrator.to_string(),
            signal: SignalId::new(badgebridge::crypto::random::id_at(world.now())).to_string(),
            feed: feed(world).await,
            organisation: organisation.to_string(),
            badge: BADGE_SAFETY.to_owned(),
            edit,
            picture,
            event,
            search,
            member: tab.seat.member.unwrap().to_string(),
        }
    }

    fn path(&self, row: &str) -> String {
        row.replace("{registration}", &self.registration)
            .replace("{order}", &self.order)
            .replace("{feed}", &self.feed)
            .replace("{course}", &self.course)
            .replace("{badge}", &self.badge)
            .replace("{edit}", &self.edit)
            .replace("{hash}", &self.picture)
            .replace("{event}", &self.event)
            .replace("{search}", &self.search)
            .replace("{member}", &self.member)
            .replace("{code}", "guess")
    }

    /// Fields that would do something in every form, if it were let in.
    fn fields<'a>(&'a self, path: &str) -> Vec<(&'a str, &'a str)> {
        let does = match path {
            "/admin/queue" => "give-up",
            "/admin/people" => "revoke",
            "/admin/lms/{registration}" | "/admin/lms/{registration}/api" => "off",
            "/operator/organisations" => "rename",
            _ => "nothing",
        };
        vec![
            ("do", does),
            ("order", &self.order),
            ("deployment", &self.deployment),
            ("administrator", &self.administrator),
            ("signal", &self.signal),
            ("organisation", &self.organisation),
            ("name", "Hijacked"),
            ("means", "Hijacked"),
            ("pasted", "any"),
            ("which", "some"),
        ]
    }
}

/// A change that a person gave up, so that no job waits; and a search.
async fn waiting_edit(world: &World) -> (String, String) {
    let desk = Desk::administrator(world, world.organisation, "Élise Fortin").await;
    let path = format!("/admin/badges/{BADGE_SAFETY}/delete");
    let page = desk.get(&path).await.body;
    let key = page
        .split("name=\"key\" value=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let kept = desk.post(&path, &[("key", key), ("name", "Lab Safety")]).await;
    assert_eq!(kept.status, 303, "{}", kept.body);
    assert_eq!(desk.post(kept.location(), &[("do", "drop")]).await.status, 303);
    let asked = desk.post("/admin/events", &[]).await;
    assert_eq!(asked.status, 303, "{}", asked.body);
    world.drain_jobs().await;
    let last = |address: &str| address.rsplit('/').next().unwrap().to_owned();
    (last(kept.location()), last(asked.location()))
}

/// A feed of the first organisation.
async fn feed(world: &World) -> String {
    let new = badgebridge::app::NewFeed {
        organisation: world.organisation,
        kind: badgebridge::model::feed::FeedKind::Webhook,
        name: "of-marlowe-alone".to_owned(),
        registration: None,
        course: None,
        key_in_address: false,
    };
    let made = crate::support::boxed(world.parts.add_feed(new)).await;
    made.unwrap().feed.id.to_string()
}

/// A deployment that nobody claimed yet.
async fn waiting(world: &World) -> String {
    let (now, registration) = (world.now(), world.registration.id);
    let id = badgebridge::model::DeploymentRowId::new(badgebridge::crypto::random::id_at(now));
    let seen = badgebridge::store::installation::DeploymentSeen {
        id,
        registration,
        deployment_id: "waiting-for-marlowe".to_owned(),
        organisation: None,
        platform_guid: None,
        platform_name: None,
    };
    let stored: Result<(), StoreError> = world
        .parts
        .store
        .write(Durability::Full, async move |tx| tx.see_deployment(&seen, now).await)
        .await;
    stored.unwrap();
    id.to_string()
}

/// Everything of the first organisation that a stranger could have changed.
async fn stored(world: &World) -> String {
    let organisation = world.organisation;
    let read = world.parts.store.read(async |tx| {
        let facts = (
            tx.organisation(organisation).await?,
            tx.administrators(organisation).await?,
            tx.open_orders(organisation).await?,
            tx.registrations().await?,
            tx.deployments().await?,
            tx.connecting(organisation).await?,
            tx.open_edits(organisation).await?,
        );
        let deeds = tx.deed_count(organisation, &DeedFilter::default()).await?;
        Ok::<_, StoreError>(format!("{facts:?} {deeds}"))
    });
    read.await.unwrap()
}

async fn open(browser: &Browser, things: &Things, method: &str, path: &str, secret: &str) -> Answer {
    let address = things.path(path);
    if method == "GET" {
        return browser.get(&address).await;
    }
    let mut fields = things.fields(path);
    fields.push(("csrf", secret));
    browser.post(&address, &fields).await
}

on_both_databases! {
    async fn nothing_of_an_organisation_is_seen_or_touched_by_anothers_administrator(database: Database) {
        let world = World::start(&database).await;
        let other = world.organisation_called("Fernhill College").await;
        world.connect(other, OTHER_CLIENT, Credential::Certificate).await;
        let things = Things::make(&world).await;
        let teacher = world.launch("teacher1", "BIO-2010").await;
        let stranger = Desk::administrator(&world, other, "Grace O'Connell").await;
        let secret = csrf(&stranger.get("/admin").await);
        world.drain_jobs().await;
        let before = stored(&world).await;
        for (method, path, is) in ROWS {
            let what = format!("{method} {path}");
            if *path == "/operator/sign-out" {
                continue;
            }
            if *is != Is::Open {
                for browser in [&world.browser(), &teacher.browser] {
                    let answer = open(browser, &things, method, path, &teacher.seat.csrf).await;
                    assert_eq!((answer.status, answer.reason().as_str()), (401, "not_signed_in"), "{what}");
                    assert_eq!(answer.cookies_set(), Vec::<&str>::new(), "{what}");
                }
            }
            let answer = open(&stranger.browser, &things, method, path, &secret).await;
            match is {
                Is::Operators => assert_eq!(answer.status, 403, "{what}: {}", answer.body),
                Is::Theirs => assert_eq!(answer.status, 404, "{what}: {}", answer.body),
                Is::Own | Is::Open => assert!(answer.status < 500, "{what}: {}", answer.body),
            }
            let asked = things.path(path);
            for told in [
                "Marlowe",
                "Claire Bouchard",
                "waiting-for-marlowe",
                "of-marlowe-alone",
                &things.feed,
                &things.registration,
                &things.order,
                &things.course,
                &things.deployment,
                &things.member,
                &world.registration.lti_client_id,
            ] {
                assert!(!answer.body.contains(told) || asked.contains(told), "{what} tells {told}: {}", answer.body);
            }
        }
        assert_eq!(stored(&world).await, before);
        // its own administrator sees them
        let ours = Desk::administrator(&world, world.organisation, "Chloé Martin").await;
        for (method, path, is) in ROWS {
            if *method == "GET" && *is != Is::Open && *is != Is::Operators {
                let answer = open(&ours.browser, &things, method, path, "").await;
                assert_eq!(answer.status, 200, "{path}: {}", answer.body);
            }
        }
        world.drain_jobs().await;
        world.finish().await;
    }
}

#[tokio::test]
async fn a_shared_registration_shows_each_organisation_its_own_deployments_alone() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        let other = world.organisation_called("Fernhill College").await;
        let shared = Registration {
            organisation: None,
            ..world.second_registration("shared", None)
        };
        world
            .register(&shared, &["of-marlowe", "of-fernhill", "of-nobody"])
            .await;
        world
            .claim_deployment_for(&shared, "of-marlowe", world.organisation)
            .await;
        world.claim_deployment_for(&shared, "of-fernhill", other).await;
        let desk = Desk::administrator(&world, world.organisation, "Claire Bouchard").await;
        let page = desk.get(&format!("/admin/lms/{}", shared.id)).await;
        assert_eq!(page.status, 200, "{}", page.body);
        assert!(page.body.contains("of-marlowe"), "{}", page.body);
        assert!(
            !page.body.contains("of-fernhill") && !page.body.contains("of-nobody"),
            "{}",
            page.body
        );
        let refused = desk
            .send("/admin/lms", &format!("/admin/lms/{}", shared.id), &[("do", "off")])
            .await;
        assert_eq!((refused.status, refused.reason().as_str()), (403, "operators_only"));
        assert!(!desk.get("/admin/deployments").await.body.contains("of-nobody"));
        // the operator may give it to the organisation
        let operator = Desk::operator(&world).await;
        operator.open(world.organisation).await;
        assert!(operator.get("/admin/deployments").await.body.contains("of-nobody"));
        let id = world.deployment(&shared, "of-nobody").await.unwrap().id.to_string();
        let refused = desk
            .send("/admin/lms", "/admin/deployments", &[("deployment", &id)])
            .await;
        assert_eq!(refused.status, 404);
        let claimed = operator.post("/admin/deployments", &[("deployment", &id)]).await;
        assert_eq!(claimed.status, 303, "{}", claimed.body);
        let row = world.deployment(&shared, "of-nobody").await.unwrap();
        assert_eq!(row.organisation, Some(world.organisation));
        world.finish().await;
    })
    .await;
}
