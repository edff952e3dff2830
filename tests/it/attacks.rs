//! Attacks by what an LMS, or somebody behind it, can write: a script in every text that reaches a page, and addresses that
//! lead elsewhere.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use badgebridge::model::Registration;
use badgebridge::sandbox::lms::{
    AGS_CLAIM, AGS_SCOPES, JwksMode, LaunchSpec, NOTICES_CLAIM, NRPS_CLAIM, NrpsMode, Person, Picking, Role,
};
use scraper::{Html, Selector};
use serde_json::json;

use crate::course_walls::{Things, pages};
use crate::grades::{earn, graded};
use crate::self_check;
use crate::support::boxed;
use crate::support::browser::Answer;
use crate::support::database::{Database, with_sqlite};
use crate::support::world::{Tab, World};

const TEACHER: &str = "teacher1";
const COURSE: &str = "BIO-2010";
const EVIL: &str = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>${7*7}";
const SETTINGS: &str = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings";

/// A launch in which every text is an attack.
fn hostile(person: &str) -> LaunchSpec {
    let all = |names: &[&str]| {
        let fields = names.iter().map(|name| ((*name).to_owned(), json!(EVIL)));
        serde_json::Value::Object(fields.collect())
    };
    LaunchSpec::new(person, COURSE, "")
        .with("name", EVIL)
        .with("given_name", EVIL)
        .with("family_name", EVIL)
        .with("email", EVIL)
        .with("locale", EVIL)
        .with("picture", EVIL)
        .with(
            "context",
            json!({"id": "2", "label": EVIL, "title": EVIL, "type": [EVIL]}),
        )
        .with("resource_link", all(&["id", "title", "description"]))
        .with(
            "tool_platform",
            all(&[
                "guid",
                "name",
                "version",
                "product_family_code",
                "url",
                "description",
                "contact_email",
            ]),
        )
        .with(
            "launch_presentation",
            all(&["document_target", "locale", "return_url", "width", "height"]),
        )
        .with(
            "custom",
            all(&[
                "context_history",
                "lms_user_id",
                "lms_course_id",
                "badgebridge_content",
                EVIL,
            ]),
        )
        .with(
            "lis",
            all(&[
                "person_sourcedid",
                "course_section_sourcedid",
                "course_offering_sourcedid",
            ]),
        )
        .with("ext", all(&["user_username"]))
}

/// Nothing in the page runs or leads anywhere that we did not write. Whether an attack stands in it, as words.
fn harmless(page: &Answer, place: &str) -> bool {
    let document = Html::parse_document(&page.body);
    for element in document.select(&Selector::parse("*").unwrap()) {
        let element = element.value();
        for (name, value) in element.attrs() {
            assert!(!name.starts_with("on"), "{place}: {element:?}");
            let value = value.trim_start().to_ascii_lowercase();
            assert!(
                !value.starts_with("javascript:") && !value.starts_with("\"'>"),
                "{place}: {element:?}"
            );
        }
        match element.name() {
            "script" => assert!(
                element.attr("src").is_some_and(|src| src.starts_with("/static/")),
                "{place}"
            ),
            "img" => assert_ne!(element.attr("src"), Some("x"), "{place}"),
            "iframe" | "object" | "embed" | "base" => panic!("{place}: {element:?}"),
            _ => {}
        }
    }
    let text: String = document.root_element().text().collect();
    text.contains("alert(1)")
}

/// Whether a row is a file to keep, and no page.
fn is_file(row: &str) -> bool {
    [".csv", ".png"].iter().any(|ending| row.ends_with(ending))
}

#[tokio::test]
async fn a_script_in_any_text_of_an_lms_stays_text_on_every_page() {
    with_sqlite(async |database: Database| {
        let world = World::start(&database).await;
        let tab = world.launch(TEACHER, COURSE).await;
        let things = Things::make(&world, &tab).await;
        for (id, username) in [("6", "ada"), ("7", "bjorn")] {
            let person = Person::new(id, username, EVIL, EVIL);
            assert!(world.lms.add_person(COURSE, person, Role::Learner));
        }
        let tab = world.launch_in(&world.browser(), hostile(TEACHER)).await;
        world.queue_roster(tab.seat.course.unwrap()).await;
        world.drain_jobs().await;
        let mut shown = Vec::new();
        for row in pages().filter(|row| !is_file(row)) {
            let page = tab.get(&things.path(row)).await;
            assert!(page.status < 500, "{row}: {}", page.body);
            if harmless(&page, row) {
                shown.push(row);
            }
        }
        for row in [
            "",
            "/people",
            "/history",
            "/orders/{request}",
            "/awards/{award}",
            "/issue/{draft}/people",
        ] {
            assert!(shown.contains(&row), "{row} shows a hostile name or title: {shown:?}");
        }
        // a learner's pages, and the picker
        let ada = world.launch_in(&world.browser(), hostile("ada")).await;
        for path in ["/my", "/help", "/privacy", "/preferences"] {
            harmless(&ada.get(path).await, path);
        }
        let settings = json!({
            "deep_link_return_url": format!("{}/lti/deep-link/2", world.lms.url()), "title": EVIL, "text": EVIL,
            "accept_types": ["ltiResourceLink", EVIL], "accept_media_types": EVIL, "data": EVIL,
        });
        let browser = world.browser();
        let spec = hostile(TEACHER)
            .picking(Picking::One)
            .with(SETTINGS, settings)
            .without("resource_link");
        let answer = boxed(world.try_launch(&browser, spec)).await;
        let picker = browser.get(answer.location()).await;
        assert_eq!(picker.status, 200, "{}", picker.body);
        harmless(&picker, "the picker");
        refusals(&world).await;
        world.drain_jobs().await;
        world.finish().await;
    })
    .await;
}

/// Pages of refusals, and the one that shows an LMS's administrator what arrived.
async fn refusals(world: &World) {
    let browser = world.browser();
    let begun = world.begin(&browser, LaunchSpec::new(TEACHER, COURSE, "")).await;
    let fields = [
        ("state", begun.state.as_str()),
        ("error", EVIL),
        ("error_description", EVIL),
    ];
    let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let page = browser.post_from_elsewhere("/lti/launch", &fields).await;
    assert!(page.status >= 400);
    harmless(&page, "an error of the platform");
    let unknown = boxed(world.try_launch(&browser, hostile(TEACHER).with("message_type", EVIL))).await;
    assert_eq!(unknown.status, 400);
    harmless(&unknown, "an unknown message");
    let query = [
        ("iss", EVIL),
        ("login_hint", EVIL),
        ("target_link_uri", EVIL),
        ("client_id", EVIL),
    ];
    let address = url::Url::parse_with_params(&format!("{}/lti/login", world.url), query).unwrap();
    let page = browser.get(address.as_str()).await;
    assert_eq!(page.status, 400);
    harmless(&page, "a login");
    self_check::login(world, EVIL, EVIL).await;
    world
        .deps
        .encounters
        .write(&world.parts.store, world.now())
        .await
        .unwrap();
    let page = self_check::setup_page(world).await;
    assert_eq!(page.status, 200);
    assert!(harmless(&page, "the self-check"), "it shows what arrived");
}

/// A server on this machine that counts who comes.
fn canary() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let hits = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&hits);
    std::thread::spawn(move || {
        for _ in listener.incoming() {
            count.fetch_add(1, Ordering::SeqCst);
        }
    });
    (address, hits)
}

#[tokio::test]
async fn no_address_of_a_launch_or_an_answer_leads_to_another_server() {
    with_sqlite(async |database: Database| {
        let world = World::start(&database).await;
        let (elsewhere, hits) = canary();
        let (safety, item, teacher) = graded(&world).await;
        let spec = LaunchSpec::new("ada", COURSE, "")
            .item(&item.id)
            .with(NRPS_CLAIM, json!({"context_memberships_url": format!("{elsewhere}/roster"), "service_versions": ["2.0"]}))
            .with(
                AGS_CLAIM,
                json!({"scope": AGS_SCOPES, "lineitems": format!("{elsewhere}/items"), "lineitem": format!("{elsewhere}/item")}),
            )
            .with(NOTICES_CLAIM, json!({"platform_notification_service_url": format!("{elsewhere}/notices")}));
        let browser = world.browser();
        let answer = boxed(world.try_launch(&browser, spec)).await;
        let rest = answer.location().strip_prefix("/c/").unwrap();
        let ada = world.seat(rest.split('/').next().unwrap().parse().unwrap()).await;
        world.queue_roster(ada.course.unwrap()).await;
        earn(&world, &teacher, &safety, ada.member.unwrap()).await;
        assert_eq!(hits.load(Ordering::SeqCst), 0, "services of a launch");

        world.lms.nrps_mode(NrpsMode::Next(format!("{elsewhere}/more")));
        world.queue_roster(teacher.seat.course.unwrap()).await;
        world.wait_out().await;
        assert_eq!(hits.load(Ordering::SeqCst), 0, "the next page");

        world.lms.jwks_mode(JwksMode::Redirect(format!("{elsewhere}/keys")));
        world.lms.rotate_key().unwrap();
        world.clock.advance(std::time::Duration::from_hours(25));
        let browser = world.browser();
        let refused = boxed(world.try_launch(&browser, LaunchSpec::new(TEACHER, COURSE, ""))).await;
        assert!(refused.status >= 400, "{}", refused.status);
        assert_eq!(hits.load(Ordering::SeqCst), 0, "the key set");
        world.lms.nrps_mode(NrpsMode::Normal);
        world.finish_with_given_up(&["roster"]).await;
    })
    .await;
}

/// Where a vendor's customers share the issuer, services are at any host: never inside.
#[tokio::test]
async fn no_service_of_a_vendor_wide_platform_leads_inside() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        let canvas = Registration {
            issuer: "https://canvas.instructure.com".to_owned(),
            ..world.second_registration("canvas-1", Some(world.organisation))
        };
        world.register(&canvas, &[&world.lms.deployment_id()]).await;
        for inside in [
            "https://10.0.0.8/roster",
            "https://169.254.169.254/latest/meta-data",
            "https://[::ffff:10.0.0.8]/roster",
            "https://[fd00::1]/roster",
            "https://0x0a000008/roster",
            "https://[64:ff9b::a00:8]/roster",
        ] {
            let tab = launch_as(&world, &canvas, inside).await;
            let (organisation, course) = (world.organisation, tab.seat.course.unwrap());
            world.queue_roster(course).await;
            world.drain_jobs().await;
            let read = world
                .parts
                .store
                .read_one(async |tx| tx.course(organisation, course).await)
                .await;
            let error = read.unwrap().unwrap().roster.error.unwrap_or_default();
            assert!(error.contains("refused"), "{inside}: {error}");
        }
        world.wait_out().await;
        world.finish_with_given_up(&["roster"]).await;
    })
    .await;
}

/// A launch through this registration, whose roster is said to be there.
async fn launch_as(world: &World, registration: &Registration, roster: &str) -> Tab {
    let service = json!({"context_memberships_url": roster, "service_versions": ["2.0"]});
    let spec = LaunchSpec::new(TEACHER, COURSE, "")
        .client(&registration.lti_client_id)
        .with("iss", registration.issuer.as_str())
        .with(NRPS_CLAIM, service);
    let mut login = world.lms.begin_with(spec).unwrap();
    for (_, value) in login.parameters.iter_mut().filter(|(name, _)| name == "iss") {
        value.clone_from(&registration.issuer);
    }
    let browser = world.browser();
    let begun = browser.post_from_elsewhere(&login.url, &login.parameters).await;
    let post = world.lms.answer(begun.location()).unwrap();
    let answer = browser.post_from_elsewhere(&post.url, &post.fields).await;
    let seat = world.seat(answer.seat()).await;
    Tab {
        url: format!("/c/{}", seat.id),
        browser,
        seat,
    }
}
