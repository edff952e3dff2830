//! The page of an LMS's own interface: what `connection` does by command, for an organisation's administrator. The real
//! server and worker, and the demo LMS with its interfaces.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use badgebridge::lms::{brightspace, canvas, moodle};
use badgebridge::model::connection::{Connection, ConnectionKind};
use badgebridge::model::{Lms, Registration};
use badgebridge::sandbox::factory::{BADGE_SAFETY, OTHER_CLIENT};
use badgebridge::sandbox::lms::{API_CLIENT, API_SECRET, API_TOKEN, ApiFault};
use badgebridge::store::StoreError;
use badgebridge::store::audit::DeedFilter;
use scraper::{Html, Selector};

use crate::support::browser::Answer;
use crate::support::database::{Database, on_both_databases, with_sqlite};
use crate::support::office::Desk;
use crate::support::world::{Credential, Setup, World};

const COURSE: &str = "BIO-2010";

async fn world(database: &Database, family: Lms) -> World {
    let setup = Setup {
        family,
        settings: vec![("pull.wait_ms", "1".to_owned()), ("pull.breath_ms", "1".to_owned())],
        ..Setup::default()
    };
    World::start_with(database, setup).await
}

fn page_of(registration: &Registration) -> String {
    format!("/admin/lms/{}/api", registration.id)
}

async fn connection(world: &World, registration: &Registration) -> Option<Connection> {
    let (organisation, registration) = (world.organisation, registration.id);
    let found = world
        .parts
        .store
        .read(async |tx| tx.connection_of(organisation, registration).await);
    found.await.unwrap()
}

/// The address of consent that a page shows, once.
fn consent_of(page: &Answer) -> String {
    let document = Html::parse_document(&page.body);
    let field = document.select(&Selector::parse("#made").unwrap()).next();
    let field = field.unwrap_or_else(|| panic!("no address in {}", page.body));
    field.value().attr("value").unwrap().to_owned()
}

/// The service account agrees in its own browser, and comes back to us.
async fn agree(world: &World, address: &str) {
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let answer = client.get(address).send().await.unwrap();
    let back = answer.headers()["location"].to_str().unwrap().to_owned();
    let back = back.strip_prefix(&world.url).expect("back to us").to_owned();
    assert_eq!(world.browser().get(&back).await.status, 200);
    world.drain_jobs().await;
}

fn says(page: &Answer, text: &str) -> bool {
    let words = Html::parse_document(&page.body);
    let words: Vec<&str> = words.root_element().text().flat_map(str::split_whitespace).collect();
    words.join(" ").contains(text)
}

/// What cannot be is said at its field, and nothing is stored.
async fn refusals(world: &World, desk: &Desk, path: &str) {
    for (url, client, secret, wrong) in [
        ("ftp://canvas.example", API_CLIENT, API_SECRET, "https://"),
        ("https://canvas.example/?a=b", API_CLIENT, API_SECRET, "https://"),
        (world.lms.url(), "", API_SECRET, "one word"),
        (world.lms.url(), API_CLIENT, "two words", "one word"),
        (world.lms.url(), API_CLIENT, "", "one word"),
    ] {
        let fields = [
            ("do", "add"),
            ("kind", "canvas"),
            ("url", url),
            ("client_id", client),
            ("secret", secret),
        ];
        let refused = desk.post(path, &fields).await;
        assert_eq!(refused.status, 422, "{}", refused.body);
        assert!(says(&refused, wrong), "{url} {client} {secret}");
        assert!(
            !refused.body.contains(API_SECRET) && !refused.body.contains("two words"),
            "a secret is not shown"
        );
    }
    assert_eq!(connection(world, &world.registration).await, None);
    let fields = [
        ("do", "add"),
        ("kind", "moodle"),
        ("url", world.lms.url()),
        ("secret", API_TOKEN),
    ];
    assert_eq!(desk.post(path, &fields).await.status, 400, "Canvas is no Moodle");
}

on_both_databases! {
    async fn a_canvas_connection_is_made_agreed_to_tested_asked_switched_and_removed(database: Database) {
        let world = world(&database, Lms::Canvas).await;
        let tab = world.launch("ada", COURSE).await;
        let course = tab.seat.course.unwrap().to_string();
        let desk = Desk::administrator(&world, world.organisation, "Claire Bouchard").await;
        let path = page_of(&world.registration);
        assert!(desk.get(&format!("/admin/lms/{}", world.registration.id)).await.body.contains(&path), "it is linked");
        let blank = desk.get(&path).await;
        for (scope, _) in canvas::SCOPES {
            assert!(says(&blank, scope), "{scope}");
        }
        assert!(says(&blank, "/connections/callback") && !says(&blank, "Moodle"));
        refusals(&world, &desk, &path).await;
        let fields =
            [("do", "add"), ("kind", "canvas"), ("url", world.lms.url()), ("client_id", API_CLIENT), ("secret", API_SECRET)];
        let made = desk.post(&path, &fields).await;
        assert_eq!(made.status, 200, "{}", made.body);
        let first = consent_of(&made);
        let waits = desk.get(&path).await;
        assert!(says(&waits, "Waits for consent") && !waits.body.contains(&first), "the address is shown once");
        assert_eq!(desk.post(&path, &[("do", "test")]).await.status, 303, "there is nothing to test yet");
        let again = desk.post(&path, &[("do", "authorise")]).await;
        agree(&world, &consent_of(&again)).await;
        let open = desk.get(&path).await;
        assert!(says(&open, "Connected") && says(&open, "Badge Service"), "{}", open.body);
        assert!(!open.body.contains(API_SECRET) && !open.body.contains("access-") && !open.body.contains("refresh-"));

        // a test in a course, and when it may be asked for again
        let asked = world.lms.api_asked().len();
        let tested = desk.post(&path, &[("do", "test"), ("course", &course)]).await;
        assert_eq!(tested.status, 303, "{}", tested.body);
        let shown = desk.get(&path).await;
        assert!(says(&shown, "Works") && !says(&shown, "Fails"), "{}", shown.body);
        let calls = world.lms.api_asked().len();
        assert!(calls > asked + 3);
        world.advance(Duration::from_secs(20)).await;
        let early = desk.post(&path, &[("do", "test"), ("course", &course)]).await;
        assert_eq!(early.status, 422);
        assert!(says(&early, "Ask again in 40 seconds") || says(&early, "Ask again in 39 seconds"), "{}", early.body);
        assert_eq!(world.lms.api_asked().len(), calls, "nothing was asked");
        world.advance(Duration::from_secs(41)).await;
        world.lms.api_fault(1, 1, ApiFault::Status(403));
        assert_eq!(desk.post(&path, &[("do", "test"), ("course", &course)]).await.status, 303);
        let shown = desk.get(&path).await;
        assert!(says(&shown, "the LMS does not permit") && says(&shown, "Fails"), "{}", shown.body);

        // a course is asked now, once a minute
        let check = [("do", "check"), ("course", course.as_str())];
        assert_eq!(desk.post(&path, &check).await.status, 303);
        let early = desk.post(&path, &check).await;
        assert!(early.status == 422 && says(&early, "Ask again in"), "{}", early.body);
        world.drain_jobs().await;
        assert!(says(&desk.get(&path).await, "Courses that are asked"));

        for (what, state) in [("off", "Off"), ("on", "Fails")] {
            assert_eq!(desk.post(&path, &[("do", what)]).await.status, 303);
            assert!(says(&desk.get(&path).await, state), "{what}");
        }
        assert_eq!(desk.post(&path, &[("do", "remove")]).await.status, 303);
        assert_eq!(connection(&world, &world.registration).await, None);
        assert_eq!(desk.post(&path, &[("do", "remove")]).await.status, 303, "twice is once");
        let organisation = world.organisation;
        let deeds = world.parts.store.read(async |tx| {
            tx.deeds(organisation, &DeedFilter::default(), 50, 0).await
        });
        let deeds: Vec<String> = deeds.await.unwrap().into_iter().map(|deed| deed.action).collect();
        for action in ["add", "authorise", "disable", "enable", "remove"] {
            assert!(deeds.contains(&format!("connection.{action}")), "{action}: {deeds:?}");
        }
        world.advance(Duration::from_hours(2)).await;
        world.finish().await;
    }
}

/// The rows of the documentation that a reader follows: interface, address, client, secret, address of tokens.
fn rows() -> Vec<[String; 5]> {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/connections.md");
    let page = std::fs::read_to_string(page).unwrap();
    let (_, table) = page.split_once("<!-- followed -->").unwrap();
    let lines = table.lines().filter(|line| line.starts_with("| ")).skip(1);
    let cells = |line: &str| {
        let cells: Vec<String> = line
            .trim_matches('|')
            .split('|')
            .map(|cell| cell.trim().trim_matches('`').to_owned())
            .collect();
        cells.try_into().unwrap()
    };
    lines.map(cells).collect()
}

#[tokio::test]
async fn the_documented_way_to_each_interface_of_the_demo_lms_ends_in_a_badge() {
    let rows = rows();
    assert_eq!(rows.len(), 4);
    for [name, url, client, secret, tokens] in rows {
        with_sqlite(async |database: Database| {
            let world = world(&database, Lms::Generic).await;
            let here = |text: &str| text.replace("http://127.0.0.1:8081", world.lms.url());
            let (url, tokens) = (here(&url), here(&tokens));
            let teacher = world.launch("teacher1", COURSE).await;
            let ada = world.launch("ada", COURSE).await;
            let course = ada.seat.course.unwrap().to_string();
            let kind: ConnectionKind = name.split(',').next().unwrap().to_lowercase().parse().unwrap();
            let needs = match kind {
                ConnectionKind::Canvas => canvas::SCOPES,
                ConnectionKind::Brightspace => brightspace::SCOPES,
                ConnectionKind::Moodle => moodle::FUNCTIONS,
            };
            let desk = Desk::administrator(&world, world.organisation, "Claire Bouchard").await;
            let path = page_of(&world.registration);
            let blank = desk.get(&format!("{path}?kind={kind}")).await;
            for (what, _) in needs {
                assert!(says(&blank, what), "{name}: {what}");
            }
            let fields = [
                ("do", "add"),
                ("kind", kind.word()),
                ("url", &url),
                ("client_id", &client),
                ("secret", &secret),
                ("token_url", &tokens),
            ];
            let made = desk.post(&path, &fields).await;
            let agrees = kind.asks_consent(!secret.is_empty());
            assert_eq!(made.status, if agrees { 200 } else { 303 }, "{name}: {}", made.body);
            if agrees {
                agree(&world, &consent_of(&made)).await;
            } else {
                let form = [("do", "authorise")];
                assert_eq!(desk.post(&path, &form).await.status, 404, "nobody need agree");
            }
            let row = connection(&world, &world.registration).await.unwrap();
            assert!(row.is_open() && row.kind == kind, "{name}: {row:?}");
            let test = [("do", "test"), ("course", course.as_str())];
            assert_eq!(desk.post(&path, &test).await.status, 303);
            let shown = desk.get(&path).await;
            assert!(
                says(&shown, "Works") && !says(&shown, "Fails"),
                "{name}: {}",
                shown.body
            );
            assert!(secret.is_empty() || !shown.body.contains(&secret), "{name}");

            let rule = [
                ("badge", BADGE_SAFETY),
                ("mode", "all"),
                ("kind", "course-completed"),
                ("least", ""),
                ("item", ""),
                ("wait", "0"),
                ("attempt", "latest"),
                ("version", "0"),
                ("do", "save"),
            ];
            let kept = teacher.post("/rules/new", &rule).await;
            assert_eq!(kept.status, 303, "{name}: {}", kept.body);
            world.drain_jobs().await;
            world.lms.progress().complete("2", "6", world.now());
            world.advance(Duration::from_secs(1)).await;
            assert_eq!(
                desk.post(&path, &[("do", "check"), ("course", course.as_str())])
                    .await
                    .status,
                303
            );
            world.drain_jobs().await;
            assert_eq!(world.factory.issued(BADGE_SAFETY), ["ada@campus.example"], "{name}");
            // nothing is asked any more
            assert_eq!(desk.post(&path, &[("do", "remove")]).await.status, 303);
            world.advance(Duration::from_hours(2)).await;
            world.finish().await;
        })
        .await;
    }
}

#[tokio::test]
async fn where_a_service_account_would_agree_must_be_known() {
    with_sqlite(async |database: Database| {
        let world = world(&database, Lms::Brightspace).await;
        let desk = Desk::administrator(&world, world.organisation, "Claire Bouchard").await;
        let path = page_of(&world.registration);
        let fields = [
            ("do", "add"),
            ("kind", "brightspace"),
            ("url", world.lms.url()),
            ("client_id", API_CLIENT),
            ("secret", API_SECRET),
            ("token_url", "https://auth.example/tokens"),
        ];
        assert!(says(&desk.post(&path, &fields).await, "/core/connect/token"));
        assert_eq!(connection(&world, &world.registration).await, None);
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn of_a_shared_registration_each_organisation_has_a_connection_of_its_own() {
    with_sqlite(async |database: Database| {
        let world = world(&database, Lms::Generic).await;
        let other = world.organisation_called("Fernhill College").await;
        world.connect(other, OTHER_CLIENT, Credential::Certificate).await;
        let shared = Registration {
            organisation: None,
            ..world.second_registration("shared", None)
        };
        world.register(&shared, &["of-marlowe", "of-fernhill"]).await;
        world
            .claim_deployment_for(&shared, "of-marlowe", world.organisation)
            .await;
        let ours = Desk::administrator(&world, world.organisation, "Claire Bouchard").await;
        let theirs = Desk::administrator(&world, other, "Grace O'Connell").await;
        let path = page_of(&shared);
        assert_eq!(theirs.get(&path).await.status, 404, "they have no deployment of it");
        world.claim_deployment_for(&shared, "of-fernhill", other).await;
        let fields = [
            ("do", "add"),
            ("kind", "moodle"),
            ("url", world.lms.url()),
            ("secret", API_TOKEN),
        ];
        assert_eq!(ours.post(&path, &fields).await.status, 303);
        assert!(!says(&theirs.get(&path).await, "Connected"), "another's is not shown");
        // a course of somebody else is neither tested nor asked
        let course = world.launch("ada", COURSE).await.seat.course.unwrap().to_string();
        for what in ["test", "check"] {
            let form = [("do", what), ("course", course.as_str())];
            assert_eq!(
                ours.post(&path, &form).await.status,
                404,
                "{what}: of another registration"
            );
        }
        assert_eq!(theirs.post(&path, &[("do", "off")]).await.status, 303);
        assert!(connection(&world, &shared).await.unwrap().enabled);
        let found = world
            .parts
            .store
            .read(async |tx| Ok::<_, StoreError>(tx.connection_of(other, shared.id).await?.is_some()));
        assert!(!found.await.unwrap());
        world.drain_jobs().await;
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_test_goes_on_without_the_page_where_the_lms_is_silent() {
    with_sqlite(async |database: Database| {
        let world = world(&database, Lms::Moodle).await;
        // takes calls and answers none
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", silent.local_addr().unwrap());
        let desk = Desk::administrator(&world, world.organisation, "Claire Bouchard").await;
        let path = page_of(&world.registration);
        let fields = [("do", "add"), ("kind", "moodle"), ("url", &url), ("secret", API_TOKEN)];
        assert_eq!(desk.post(&path, &fields).await.status, 303);
        let begun = Instant::now();
        assert_eq!(desk.post(&path, &[("do", "test")]).await.status, 303);
        assert!(begun.elapsed() < Duration::from_secs(8), "the page waits for the LMS");
        assert!(says(&desk.get(&path).await, "The LMS is being asked"));
        world.drain_jobs().await;
        world.finish().await;
    })
    .await;
}
