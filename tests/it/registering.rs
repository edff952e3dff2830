//! Dynamic registration through the real server, with the demo LMS in each platform's habits; and attacks on it.

use std::time::Duration;

use badgebridge::crypto::{digest, random};
use badgebridge::model::{AllowedNetwork, Lms as Family, OrganisationId, Registration};
use badgebridge::sandbox::lms::{Habit, LaunchSpec, RegistrationMode};
use badgebridge::store::audit::DeedFilter;
use badgebridge::store::installation::NewInvitation;
use badgebridge::store::{Durability, StoreError};
use scraper::{Html, Selector};
use serde_json::json;

use crate::support::browser::{Answer, Browser};
use crate::support::database::{Database, on_both_databases, with_sqlite};
use crate::support::world::World;

const TEACHER: &str = "teacher1";
const COURSE: &str = "BIO-2010";
const DAY: Duration = Duration::from_hours(24);

/// An invitation for the world's organisation; the tool's address.
async fn invite(world: &World, enables: bool) -> String {
    invite_with(world, world.organisation, enables, Vec::new()).await
}

async fn invite_with(
    world: &World,
    organisation: OrganisationId,
    enables: bool,
    allowed_networks: Vec<AllowedNetwork>,
) -> String {
    let (now, token) = (world.now(), random::token());
    let new = NewInvitation {
        id: random::id_at(now),
        token_hash: digest::sha256(token.as_bytes()),
        organisation,
        allowed_networks,
        enables,
        expires_at: now.plus(DAY),
    };
    let stored: Result<(), StoreError> = world
        .parts
        .store
        .write(Durability::Full, async move |tx| tx.add_invitation(&new, now).await)
        .await;
    stored.unwrap();
    format!("{}/lti/register/{token}", world.url)
}

/// The fields of the page's form.
fn form(page: &Answer) -> Vec<(String, String)> {
    let document = Html::parse_document(&page.body);
    let fields = document
        .select(&Selector::parse("form input").unwrap())
        .map(|field| {
            let of = |name: &str| field.value().attr(name).unwrap_or_default().to_owned();
            (of("name"), of("value"))
        })
        .collect::<Vec<_>>();
    assert!(!fields.is_empty(), "{}: {}", page.status, page.body);
    fields
}

async fn send(browser: &Browser, fields: &[(String, String)]) -> Answer {
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    browser.post("/lti/register", &fields).await
}

/// Opens the address as the LMS does, and confirms.
pub(super) async fn confirm(world: &World, address: &str, habit: Habit) -> Answer {
    let browser = world.browser();
    let page = browser.get(&world.lms.begin_registration(address, habit)).await;
    assert_eq!(page.status, 200, "{}", page.body);
    send(&browser, &form(&page)).await
}

/// The registrations beside the world's own.
async fn made(world: &World) -> Vec<Registration> {
    let all = world.registrations().await;
    all.into_iter().filter(|row| row.id != world.registration.id).collect()
}

fn assert_refused(answer: &Answer, status: u16, reason: &str) {
    assert_eq!(
        (answer.status, code(answer)),
        (status, reason.to_owned()),
        "{}",
        answer.body
    );
    assert_eq!(answer.cookies_set(), Vec::<&str>::new());
}

/// The stable code at the end of an error page.
fn code(answer: &Answer) -> String {
    let page = Html::parse_document(&answer.body);
    let codes = Selector::parse("p.part > code").unwrap();
    let last = page.select(&codes).next_back();
    last.map(|code| code.text().collect()).unwrap_or_default()
}

on_both_databases! {
    async fn moodle_registers_in_a_frame_and_waits_to_be_enabled(database: Database) {
        let world = World::unconnected(&database).await;
        let address = invite(&world, false).await;
        let browser = world.browser();
        let opened = world.lms.begin_registration(&address, Habit::Moodle);
        let page = browser.get(&opened).await;
        assert!(page.body.contains(world.lms.issuer()) && page.body.contains("Marlowe Polytechnic"), "{}", page.body);
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.contains(&format!("frame-ancestors {}", world.lms.issuer())), "{policy}");
        assert!(made(&world).await.is_empty(), "looking registers nothing");
        let sent = send(&browser, &form(&page)).await;
        let done = browser.get(sent.location()).await;
        assert_eq!(done.heading(), "Registered", "{}", done.body);
        assert!(browser.cookies().is_empty(), "no cookie is needed");
        assert!(done.body.contains("register."), "the script that closes the frame");

        let rows = made(&world).await;
        let row = &rows[0];
        assert_eq!((rows.len(), row.lms, row.enabled), (1, Family::Moodle, false));
        assert_eq!((row.organisation, row.issuer.as_str()), (Some(world.organisation), world.lms.issuer()));
        let held = world.parts.store.read_one(async |tx| tx.held_registrations().await).await.unwrap();
        assert_eq!(held, [row.id]);
        let tool = &world.lms.registered_tools()[0];
        assert_eq!(tool.registration.client_id, row.lti_client_id);
        assert!(tool.registration.tool.login_url.ends_with(&format!("/lti/login/{}", row.handle)));
        let deployment = &tool.registration.deployment_ids[0];
        assert!(world.deployment(row, deployment).await.is_some_and(|known| known.organisation.is_some()));

        // the LMS switches it on; here it waits
        assert!(world.lms.activate(&row.lti_client_id));
        let spec = || LaunchSpec::new(TEACHER, COURSE, "").client(&row.lti_client_id);
        let login = world.lms.begin_with(spec()).unwrap();
        let refused = world.browser().post_from_elsewhere(&login.url, &login.parameters).await;
        assert_eq!((refused.status, refused.reason().as_str()), (403, "registration_disabled"));
        let enabled = Registration { enabled: true, ..row.clone() };
        let stored: Result<(), StoreError> = world.parts.store.write(Durability::Full, async move |tx| {
            assert!(tx.change_registration(&enabled).await?);
            assert_eq!(tx.held_registrations().await?, []);
            tx.raise_settings_version().await
        }).await;
        stored.unwrap();
        world.deps.directory.follow(&world.parts.store).await.unwrap();
        let browser = world.browser();
        let login = world.lms.begin_with(spec()).unwrap();
        let begun = browser.post_from_elsewhere(&login.url, &login.parameters).await;
        let post = world.lms.answer(begun.location()).unwrap();
        browser.post_from_elsewhere(&post.url, &post.fields).await.seat();
        world.drain_jobs().await;
        world.finish().await;
    }
}

#[tokio::test]
async fn canvas_and_brightspace_register_in_their_ways() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        for (habit, family) in [
            (Habit::Canvas, Family::Canvas),
            (Habit::Brightspace, Family::Brightspace),
        ] {
            let address = invite(&world, true).await;
            let sent = confirm(&world, &address, habit).await;
            assert_eq!(sent.status, 303, "{}", sent.body);
            let row = made(&world).await.into_iter().find(|row| row.lms == family).unwrap();
            assert!(row.enabled && row.token_audience.is_none());
            let tool = world.lms.registered_tools().pop().unwrap();
            let said = &tool.description["https://purl.imsglobal.org/spec/lti-tool-configuration"];
            if habit == Habit::Canvas {
                assert_eq!(row.name, "Greenfield Campus");
                assert_eq!(said["https://canvas.instructure.com/lti/privacy_level"], "public");
                assert_eq!(
                    said["custom_parameters"],
                    json!({
                        "context_history": "$Context.id.history",
                        "lms_course_id": "$Canvas.course.id",
                        "lms_user_id": "$Canvas.user.id",
                    })
                );
            }
        }
        // Canvas' account pages stand at a host of their own, which the browser names
        let address = invite(&world, true).await;
        let browser = world.browser();
        let opened = world.lms.begin_registration(&address, Habit::Canvas);
        let request = browser.request(reqwest::Method::GET, &opened);
        let page = browser
            .send(request.header("Referer", "https://school.instructure.example/accounts/1"))
            .await;
        assert!(
            page.header("content-security-policy")
                .unwrap()
                .contains("https://school.instructure.example")
        );
        send(&browser, &form(&page)).await;
        let rows = made(&world).await;
        let shown = |row: &&Registration| row.frame_origins == ["https://school.instructure.example"];
        assert_eq!(rows.iter().filter(shown).count(), 1);
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn an_invitation_serves_once_and_only_for_a_while() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        let browser = world.browser();
        let address = invite(&world, false).await;
        assert_refused(&browser.get(&address).await, 400, "register-by-hand");
        assert_refused(&browser.get("/lti/register/abc").await, 404, "register-unknown");
        let sent = confirm(&world, &address, Habit::Moodle).await;
        assert_eq!(sent.status, 303, "{}", sent.body);
        let again = browser
            .get(&world.lms.begin_registration(&address, Habit::Moodle))
            .await;
        assert_refused(&again, 410, "register-used");
        // also with a page that was opened before
        let second = invite(&world, false).await;
        let open = |address: &str| world.lms.begin_registration(address, Habit::Moodle);
        let (one, other) = (browser.get(&open(&second)).await, browser.get(&open(&second)).await);
        assert_eq!(send(&browser, &form(&one)).await.status, 303);
        assert_refused(&send(&browser, &form(&other)).await, 410, "register-used");
        assert_eq!(made(&world).await.len(), 2);

        let third = invite(&world, false).await;
        let page = browser.get(&open(&third)).await;
        world.advance(DAY).await;
        assert_refused(&browser.get(&open(&third)).await, 410, "register-expired");
        assert_refused(&send(&browser, &form(&page)).await, 410, "register-expired");
        assert_eq!(made(&world).await.len(), 2);
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn an_earlier_registration_is_never_changed() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        let other = world.organisation_called("Fernhill College").await;
        let address = invite_with(&world, other, true, Vec::new()).await;
        // the LMS answers with the client id that another organisation's registration has
        let stolen = json!({"client_id": world.registration.lti_client_id});
        world.lms.registration_mode(RegistrationMode::Answer(stolen));
        let sent = confirm(&world, &address, Habit::Moodle).await;
        assert_refused(&sent, 409, "register-known");
        assert!(made(&world).await.is_empty());
        let rows = world.registrations().await;
        assert_eq!(rows, std::slice::from_ref(&world.registration));
        // nothing was spent: another LMS may use the address
        world.lms.registration_mode(RegistrationMode::Normal);
        assert_eq!(confirm(&world, &address, Habit::Moodle).await.status, 303);
        assert_eq!(made(&world).await[0].organisation, Some(other));
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_description_speaks_for_its_own_host_and_stays_as_it_was_confirmed() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        let (browser, address) = (world.browser(), invite(&world, true).await);
        let described = |name: &str, value: &str| {
            world
                .lms
                .registration_mode(RegistrationMode::Described(vec![(name.to_owned(), json!(value))]));
        };
        for issuer in [
            "https://moodle.victim.example",
            "https://canvas.instructure.com",
            "http://localhost",
        ] {
            described("issuer", issuer);
            let page = browser
                .get(&world.lms.begin_registration(&address, Habit::Moodle))
                .await;
            assert_refused(&page, 403, "register-foreign");
            assert!(page.body.contains(issuer), "{}", page.body);
        }
        for name in [
            "authorization_endpoint",
            "token_endpoint",
            "jwks_uri",
            "registration_endpoint",
        ] {
            for wrong in ["javascript:alert(1)", "http://lms.example/x", ""] {
                described(name, wrong);
                let page = browser
                    .get(&world.lms.begin_registration(&address, Habit::Moodle))
                    .await;
                assert_refused(&page, 400, "register-unusable");
                assert!(page.body.contains(name), "{}", page.body);
            }
        }
        // confirmed as one issuer, then another
        world.lms.registration_mode(RegistrationMode::Normal);
        let page = browser
            .get(&world.lms.begin_registration(&address, Habit::Moodle))
            .await;
        described("issuer", &format!("{}/other", world.lms.issuer()));
        assert_refused(&send(&browser, &form(&page)).await, 409, "register-changed");
        // hostile words are shown as words
        world.lms.registration_mode(RegistrationMode::Described(vec![(
            "https://purl.imsglobal.org/spec/lti-platform-configuration".to_owned(),
            json!({"product_family_code": "<script>alert(1)</script>", "version": "\"><img src=x>"}),
        )]));
        let page = browser
            .get(&world.lms.begin_registration(&address, Habit::Moodle))
            .await;
        assert_eq!(page.status, 200);
        assert!(
            !page.body.contains("<script>alert") && !page.body.contains("<img"),
            "{}",
            page.body
        );
        // a form of another site is not heard
        let fields = form(&page);
        assert_eq!(
            browser.post_from_elsewhere("/lti/register", &fields).await.reason(),
            "foreign_form"
        );
        assert!(made(&world).await.is_empty());
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn no_address_of_a_platform_leads_inside() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        let (browser, address) = (world.browser(), invite(&world, true).await);
        for inside in [
            "https://10.0.0.8/openid",
            "http://169.254.169.254/latest/meta-data",
            "https://[::ffff:169.254.169.254]/",
            "https://[fd00::1]/",
            "https://0x0a000008/",
            "file:///etc/passwd",
            "gopher://lms.example/",
        ] {
            let query = [("openid_configuration", inside)];
            let opened = url::Url::parse_with_params(&address, query).unwrap();
            let page = browser.get(opened.as_str()).await;
            assert_refused(&page, 403, "register-not-allowed");
        }
        let described = |name: &str, value: &str| {
            world
                .lms
                .registration_mode(RegistrationMode::Described(vec![(name.to_owned(), json!(value))]));
        };
        described("registration_endpoint", "https://10.0.0.8/register");
        let sent = confirm(&world, &address, Habit::Moodle).await;
        assert_refused(&sent, 403, "register-not-allowed");
        assert!(made(&world).await.is_empty() && world.lms.registered_tools().is_empty());
        // the outcome is told at the address itself
        assert_refused(&browser.get(&address).await, 403, "register-not-allowed");

        // the key set and the tokens: nothing is fetched from inside when they are needed
        described("jwks_uri", "https://10.0.0.8/keys");
        assert_eq!(confirm(&world, &address, Habit::Moodle).await.status, 303);
        let launched = launch_by(&world, &made(&world).await[0]).await;
        assert_eq!(
            (launched.status, launched.reason().as_str()),
            (502, "key_set_unavailable")
        );
        described("token_endpoint", "https://10.0.0.8/token");
        let address = invite(&world, true).await;
        assert_eq!(confirm(&world, &address, Habit::Moodle).await.status, 303);
        let rows = made(&world).await;
        let row = rows.iter().find(|row| row.token_endpoint.contains("10.0.0.8")).unwrap();
        let before = world.lms.counters().token_requests;
        let launched = world.seat(launch_by(&world, row).await.seat()).await;
        world.queue_roster(launched.course.unwrap()).await;
        world.wait_out().await;
        assert_eq!(world.lms.counters().token_requests, before);
        world.finish_with_given_up(&["roster"]).await;
    })
    .await;
}

/// Switches the tool on in the LMS, and launches through this registration.
async fn launch_by(world: &World, row: &Registration) -> Answer {
    assert!(world.lms.activate(&row.lti_client_id));
    let browser = world.browser();
    let spec = LaunchSpec::new(TEACHER, COURSE, "").client(&row.lti_client_id);
    let login = world.lms.begin_with(spec).unwrap();
    let begun = browser.post_from_elsewhere(&login.url, &login.parameters).await;
    let post = world.lms.answer(begun.location()).unwrap();
    browser.post_from_elsewhere(&post.url, &post.fields).await
}

#[tokio::test]
async fn a_platform_that_refuses_or_is_slow_spends_nothing() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        let (browser, address) = (world.browser(), invite(&world, true).await);
        world.lms.registration_mode(RegistrationMode::Refuse(403));
        let sent = confirm(&world, &address, Habit::Moodle).await;
        assert_refused(&sent, 502, "register-refused");
        assert!(
            sent.body.contains("as the test asked"),
            "the LMS's words: {}",
            sent.body
        );
        // while one waits for the LMS, nobody else asks, and the page says so
        world.lms.registration_mode(RegistrationMode::Hang);
        let sent = confirm(&world, &address, Habit::Moodle).await;
        assert_eq!(sent.status, 303);
        let waiting = browser.get(sent.location()).await;
        assert_eq!(waiting.heading(), "Waiting for your LMS");
        let again = browser
            .get(&world.lms.begin_registration(&address, Habit::Moodle))
            .await;
        assert_eq!(again.heading(), "Waiting for your LMS");
        // when its time is over, the address works again
        world.lms.registration_mode(RegistrationMode::Normal);
        world.advance(Duration::from_mins(1)).await;
        assert_eq!(confirm(&world, &address, Habit::Moodle).await.status, 303);
        assert_eq!(made(&world).await.len(), 1);
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn an_invitation_looks_at_platforms_a_limited_number_of_times() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        let (browser, address) = (world.browser(), invite(&world, true).await);
        let opened = world.lms.begin_registration(&address, Habit::Brightspace);
        for _ in 0..50 {
            assert_eq!(browser.get(&opened).await.status, 200);
        }
        assert_refused(&browser.get(&opened).await, 429, "register-too-often");
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn confirming_counts_among_the_looks() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        let (browser, address) = (world.browser(), invite(&world, true).await);
        let opened = world.lms.begin_registration(&address, Habit::Brightspace);
        let fields = form(&browser.get(&opened).await);
        for _ in 1..50 {
            assert_eq!(browser.get(&opened).await.status, 200);
        }
        assert_refused(&send(&browser, &fields).await, 429, "register-too-often");
        assert!(made(&world).await.is_empty());
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn who_may_frame_us_is_a_plain_origin_of_canvas_alone() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        let told = "https://evil.example;script-src *";
        let other = "https://other.example";
        for (habit, shown_in) in [(Habit::Canvas, told), (Habit::Brightspace, other)] {
            let address = invite(&world, true).await;
            let browser = world.browser();
            let opened = world.lms.begin_registration(&address, habit);
            let request = browser.request(reqwest::Method::GET, &opened);
            let page = browser.send(request.header("Referer", shown_in)).await;
            let policy = page.header("content-security-policy").unwrap();
            assert!(!policy.contains("evil") && !policy.contains("other"), "{policy}");
            let mut fields = form(&page);
            fields.retain(|(name, _)| name != "shown_in");
            fields.push(("shown_in".to_owned(), shown_in.to_owned()));
            assert_eq!(send(&browser, &fields).await.status, 303);
        }
        let rows = made(&world).await;
        assert_eq!(rows.len(), 2);
        assert!(rows.iter().all(|row| row.frame_origins.is_empty()), "{rows:?}");
        // who registered what is in the audit log
        let organisation = world.organisation;
        let deeds = world.parts.store.read(async |tx| {
            let filter = DeedFilter {
                search: "registration.add".to_owned(),
                ..DeedFilter::default()
            };
            tx.deeds(organisation, &filter, 10, 0).await
        });
        let deeds = deeds.await.unwrap();
        assert_eq!(deeds.len(), 2);
        assert!(
            deeds.iter().all(|deed| deed.actor == "dynamic registration"),
            "{deeds:?}"
        );
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_host_that_shows_our_pages_gets_no_token() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        world
            .change_registration(|row| row.frame_origins = vec!["https://portal.example".to_owned()])
            .await;
        let entries = world.deps.directory.entries();
        let known = entries.registration(world.registration.id).unwrap();
        assert!(known.frame_ancestors.contains("https://portal.example"));
        assert!(!known.may_serve("https://portal.example/roster"));
        assert!(known.may_serve(&world.registration.token_endpoint));
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn canvas_reads_its_configuration_at_an_address() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        let answer = world.browser().get("/lti/canvas.json").await;
        assert_eq!(answer.header("content-type"), Some("application/json"));
        let file: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(file["oidc_initiation_url"], format!("{}/lti/login", world.url));
        assert_eq!(file["public_jwk_url"], format!("{}/.well-known/jwks.json", world.url));
        let icon = file["extensions"][0]["settings"]["icon_url"].as_str().unwrap();
        assert_eq!(
            world.browser().get(icon).await.header("content-type"),
            Some("image/svg+xml")
        );
        world.finish().await;
    })
    .await;
}
