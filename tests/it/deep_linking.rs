//! Placing items in a course and launching them (launch checklist row 31), through the real server and the demo LMS.

use std::collections::BTreeSet;
use std::time::Duration;

use badgebridge::model::Standing;
use badgebridge::sandbox::lms::{Dialect, LaunchSpec, Picking, PlacedItem, Signer};
use scraper::{Html, Selector};
use serde_json::json;

use crate::support::boxed;
use crate::support::browser::{Answer, Browser};
use crate::support::database::{Database, on_both_databases, with_sqlite};
use crate::support::world::{Setup, Tab, World, claim, without};

const TEACHER: &str = "teacher1";
const LEARNER: &str = "ada";
const COURSE: &str = "BIO-2010";
const SETTINGS: &str = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings";

/// A request to place something, up to the picker.
pub(super) async fn open(world: &World, person: &str, picking: Picking) -> (Tab, Answer) {
    let browser = world.browser();
    let spec = LaunchSpec::new(person, COURSE, "").picking(picking);
    let answer = boxed(world.try_launch(&browser, spec)).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let seat = answer.location().strip_prefix("/lti/pick/").unwrap().parse().unwrap();
    let seat = world.seat(seat).await;
    let page = browser.get(answer.location()).await;
    let tab = Tab {
        browser,
        url: format!("/c/{}", seat.id),
        seat,
    };
    (tab, page)
}

/// Presses a button of the picker.
pub(super) async fn press(tab: &Tab, form: &[(&str, &str)]) -> Answer {
    let mut fields = vec![("csrf", tab.seat.csrf.as_str())];
    fields.extend_from_slice(form);
    tab.browser.post(&format!("/lti/pick/{}", tab.seat.id), &fields).await
}

/// The form that goes to the LMS: its address and the signed answer.
fn form(page: &Answer) -> (String, String) {
    let html = Html::parse_document(&page.body);
    let (form, field) = (
        Selector::parse("form[data-go]").unwrap(),
        Selector::parse("form[data-go] input").unwrap(),
    );
    let form = html.select(&form).next().unwrap_or_else(|| panic!("{}", page.body));
    let fields: Vec<_> = html.select(&field).map(|field| field.value()).collect();
    assert_eq!(fields.len(), 1, "one field and no secret of ours");
    assert_eq!(fields[0].attr("name"), Some("JWT"));
    let value = fields[0].attr("value").unwrap().to_owned();
    (form.value().attr("action").unwrap().to_owned(), value)
}

/// Sends the form on to the LMS; its status and page.
pub(super) async fn deliver(page: &Answer) -> (u16, String) {
    assert_eq!(page.status, 200, "{}", page.body);
    let (address, jwt) = form(page);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client.post(address).form(&[("JWT", jwt)]).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// A published badge, by its name.
pub(super) async fn badge(world: &World, name: &str) -> String {
    let organisation = world.organisation;
    let badges = boxed(async move {
        let all = world
            .parts
            .store
            .read_one(async |tx| tx.catalog_badges(organisation).await);
        all.await.unwrap()
    });
    let badges = badges.await;
    badges
        .iter()
        .find(|badge| badge.name == name)
        .unwrap_or_else(|| panic!("no badge {name}"))
        .id
        .clone()
}

/// Places items as a teacher; what stands in the course then.
pub(super) async fn placed(world: &World, picking: Picking, items: &[(&str, &str)]) -> Vec<PlacedItem> {
    let (tab, page) = open(world, TEACHER, picking).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let mut fields = vec![("do", "place")];
    fields.extend_from_slice(items);
    let (status, said) = deliver(&press(&tab, &fields).await).await;
    assert_eq!(status, 200, "{said}");
    world.lms.placed(COURSE)
}

/// Where a launch of an item leads.
pub(super) async fn opened(world: &World, person: &str, course: &str, item: &PlacedItem) -> (Tab, String) {
    let browser = world.browser();
    let spec = LaunchSpec::new(person, course, "").item(&item.id);
    let answer = boxed(world.try_launch(&browser, spec)).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let rest = answer.location().strip_prefix("/c/").unwrap().to_owned();
    let (seat, rest) = rest.split_at(36);
    let seat = world.seat(seat.parse().unwrap()).await;
    let tab = Tab {
        url: format!("/c/{}", seat.id),
        browser,
        seat,
    };
    (tab, rest.to_owned())
}

async fn with_world(run: impl AsyncFnOnce(World)) {
    with_sqlite(async |database: Database| run(World::start(&database).await).await).await;
}

on_both_databases! {
    async fn one_item_is_placed_and_launches_show_it(database: Database) {
        let world = World::start(&database).await;
        let safety = badge(&world, "Lab Safety").await;
        let items = placed(&world, Picking::One, &[("item", &format!("progress:{safety}"))]).await;
        assert_eq!(items.len(), 1);
        assert_eq!(items[0].title, "Lab Safety: progress");
        assert!(items[0].url.starts_with(&format!("{}/lti/launch?content=", world.url)), "{}", items[0].url);
        assert_eq!(world.lms.columns(COURSE), [], "no grade was asked for");
        // before and after the link is bound, and for staff and learners
        for _ in 0..2 {
            let (tab, rest) = opened(&world, LEARNER, COURSE, &items[0]).await;
            assert_eq!(rest, format!("/progress/{safety}"));
            let page = tab.get(&rest).await;
            assert_eq!((page.status, page.heading().as_str()), (200, "Lab Safety"));
            let (_, rest) = opened(&world, TEACHER, COURSE, &items[0]).await;
            assert_eq!(rest, "", "staff see the badges of the course");
        }
        world.finish().await;
    }

    async fn several_items_are_placed_with_a_grade_of_their_own(database: Database) {
        let world = World::start(&database).await;
        let safety = format!("progress:{}", badge(&world, "Lab Safety").await);
        let chosen = [("item", "mine"), ("item", "teachers"), ("item", safety.as_str()), ("graded", "yes")];
        let items = placed(&world, Picking::Many, &chosen).await;
        let titles: Vec<&str> = items.iter().map(|item| item.title.as_str()).collect();
        assert_eq!(titles, ["My badges", "Badges for teachers", "Lab Safety: progress"]);
        let ids: BTreeSet<_> = items.iter().map(|item| item.custom["badgebridge_content"].as_str()).collect();
        assert_eq!(ids.len(), 3, "each has a lasting id of its own");
        let columns = world.lms.columns(COURSE);
        assert_eq!(columns.len(), 1, "only the badge is graded");
        assert_eq!(columns[0].fields["scoreMaximum"], json!(100));
        assert_eq!(columns[0].fields["resourceId"], items[2].custom["badgebridge_content"]);
        let (_, rest) = opened(&world, LEARNER, COURSE, &items[0]).await;
        assert_eq!(rest, "/my");
        let (tab, rest) = opened(&world, LEARNER, COURSE, &items[1]).await;
        assert_eq!(rest, "");
        assert_eq!(tab.get("").await.location(), format!("{}/my", tab.url), "a learner sees their own");
        world.finish().await;
    }

    async fn a_request_is_answered_once(database: Database) {
        let world = World::start(&database).await;
        let (tab, _) = open(&world, TEACHER, Picking::One).await;
        let chosen = [("do", "place"), ("item", "mine")];
        let (one, other) = tokio::join!(press(&tab, &chosen), press(&tab, &chosen));
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 401]);
        for again in [press(&tab, &chosen).await, press(&tab, &[("do", "cancel")]).await] {
            assert_eq!((again.status, again.reason().as_str()), (401, "replayed"));
        }
        let page = tab.browser.get(&format!("/lti/pick/{}", tab.seat.id)).await;
        assert_eq!(page.status, 401);
        world.finish().await;
    }

    async fn a_copied_course_uses_nothing_before_its_teacher_says_so(database: Database) {
        let world = World::start(&database).await;
        let safety = badge(&world, "Lab Safety").await;
        placed(&world, Picking::One, &[("item", &format!("progress:{safety}"))]).await;
        world.lms.copy_course(COURSE, "77", "BIO-2027");
        let item = world.lms.placed("BIO-2027").remove(0);
        let (learner, rest) = opened(&world, LEARNER, "BIO-2027", &item).await;
        assert_eq!(rest, "", "not in use: the learner sees their own badges");
        let content = item.custom["badgebridge_content"].as_str().unwrap().to_owned();
        assert_eq!(learner.post("/copied", &[("content", &content)]).await.status, 403);
        // a teacher of a course that was not copied from there
        let stranger = world.launch("teacher2", "SAF-1000").await;
        assert_eq!(stranger.post("/copied", &[("content", &content)]).await.status, 404);
        assert!(!stranger.get("/copied").await.body.contains("Lab Safety: progress"));
        let (teacher, rest) = opened(&world, TEACHER, "BIO-2027", &item).await;
        assert_eq!(rest, "/copied");
        let page = teacher.get("/copied").await;
        assert!(page.body.contains("Lab Safety: progress") && page.body.contains("Cell Biology Lab"), "{}", page.body);
        assert!(teacher.get("").await.body.contains("/copied"), "home offers it as well");
        let taken = teacher.post("/copied", &[("content", &content)]).await;
        assert_eq!(taken.status, 303, "{}", taken.body);
        assert!(!teacher.get("/copied").await.body.contains("Lab Safety: progress"), "offered once");
        let (_, rest) = opened(&world, LEARNER, "BIO-2027", &item).await;
        assert_eq!(rest, format!("/progress/{safety}"));
        world.finish().await;
    }
}

#[tokio::test]
async fn a_request_with_little_in_it_opens_the_picker() {
    with_world(async |world| {
        let browser = world.browser();
        let begun = world.begin(&browser, LaunchSpec::new(TEACHER, COURSE, "")).await;
        let spec = LaunchSpec::new(TEACHER, COURSE, &begun.nonce).picking(Picking::Ungraded);
        let mut claims = world.lms.claims(&spec);
        for name in [
            "target_link_uri",
            "tool_platform",
            "launch_presentation",
            "context",
            "custom",
        ] {
            without(&mut claims, &claim(name));
        }
        for name in ["locale", "name", "email"] {
            without(&mut claims, name);
        }
        let token = world.lms.sign(&world.lms.header(), &claims, &Signer::Own);
        let answer = world.answer(&browser, &begun.state, &token).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        let page = browser.get(answer.location()).await;
        assert_eq!(
            (page.status, page.heading().as_str()),
            (200, "What do you want to place here?")
        );
        assert!(!page.body.contains("name=\"graded\""), "no grade was offered");
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn only_who_teaches_places_things() {
    with_world(async |world| {
        for person in [LEARNER, "assistant", "teststudent"] {
            let (tab, page) = open(&world, person, Picking::One).await;
            assert_eq!((page.status, page.reason().as_str()), (403, "not_allowed"), "{person}");
            let answer = press(&tab, &[("do", "place"), ("item", "mine")]).await;
            assert_eq!(answer.status, 403, "{person}");
            assert_ne!(tab.seat.standing, Standing::Staff);
        }
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_request_belongs_to_its_browser() {
    with_world(async |world| {
        let (tab, _) = open(&world, TEACHER, Picking::One).await;
        let stranger = world.launch(TEACHER, COURSE).await;
        let path = format!("/lti/pick/{}", tab.seat.id);
        assert_eq!(stranger.browser.get(&path).await.status, 401);
        let fields = [("csrf", tab.seat.csrf.as_str()), ("do", "place"), ("item", "mine")];
        assert_eq!(stranger.browser.post(&path, &fields).await.status, 401);
        // a seat that came to place nothing
        let own = format!("/lti/pick/{}", stranger.seat.id);
        assert_eq!(stranger.browser.get(&own).await.status, 404);
        let elsewhere = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(tab.browser.post_from_elsewhere(&path, &elsewhere).await.status, 403);
        assert_eq!(
            tab.browser
                .post(&path, &[("do", "place"), ("item", "mine")])
                .await
                .status,
            403,
            "no secret"
        );
        assert_eq!(
            press(&tab, &[("do", "place"), ("item", "mine")]).await.status,
            200,
            "nothing was spent"
        );
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_placed_is_said_and_spends_nothing() {
    with_world(async |world| {
        let (tab, _) = open(&world, TEACHER, Picking::One).await;
        for bad in [
            &[("do", "place")][..],
            &[("do", "place"), ("item", "mine"), ("item", "teachers")],
            &[("do", "place"), ("item", "progress:nothing")],
            &[("do", "place"), ("item", "<script>")],
        ] {
            let page = press(&tab, bad).await;
            assert_eq!(page.status, 422, "{bad:?}: {}", page.body);
            assert!(!page.body.contains("<script>\""), "{}", page.body);
        }
        let found = press(&tab, &[("do", "search"), ("q", "literacy"), ("item", "mine")]).await;
        assert!(
            found.body.contains("Data Literacy") && !found.body.contains("Lab Safety"),
            "{}",
            found.body
        );
        assert_eq!(press(&tab, &[("do", "place"), ("item", "mine")]).await.status, 200);
        // a place for web pages only
        let (tab, page) = open(&world, TEACHER, Picking::Pages).await;
        assert!(page.body.contains("does not allow this kind of item"), "{}", page.body);
        let (status, said) = deliver(&press(&tab, &[("do", "cancel")]).await).await;
        assert_eq!(status, 200, "{said}");
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn changing_ones_mind_answers_with_nothing_and_on_open_edx_not_at_all() {
    with_world(async |world| {
        let (tab, _) = open(&world, TEACHER, Picking::Many).await;
        let page = press(&tab, &[("do", "cancel")]).await;
        let (status, said) = deliver(&page).await;
        assert!(status == 200 && said.contains("Nothing was added"), "{status} {said}");
        assert_eq!(world.lms.placed(COURSE), []);
        let browser = world.browser();
        let begun = world.begin(&browser, LaunchSpec::new(TEACHER, COURSE, "")).await;
        let mut claims = world
            .lms
            .claims(&LaunchSpec::new(TEACHER, COURSE, &begun.nonce).picking(Picking::Many));
        // a registration may call itself generic: the address of Open edX tells it
        claims[SETTINGS]["deep_link_return_url"] =
            json!(format!("{}/api/lti_consumer/v1/lti/2/lti-dl/response", world.lms.url()));
        let token = world.lms.sign(&world.lms.header(), &claims, &Signer::Own);
        let answer = world.answer(&browser, &begun.state, &token).await;
        let seat = answer.location().strip_prefix("/lti/pick/").unwrap().parse().unwrap();
        let seat = world.seat(seat).await;
        let fields = [("csrf", seat.csrf.as_str()), ("do", "cancel")];
        let page = browser.post(answer.location(), &fields).await;
        assert_eq!((page.status, page.heading().as_str()), (200, "Nothing was changed"));
        assert!(
            !page.body.contains("JWT"),
            "an empty answer would erase what was placed"
        );
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn an_answer_goes_nowhere_but_to_the_lms() {
    with_world(async |world| {
        let (tab, page) = open(&world, TEACHER, Picking::One).await;
        let host = world.lms.url().trim_start_matches("http://");
        assert!(page.body.contains(host), "the picker says where the answer goes");
        let page = press(&tab, &[("do", "place"), ("item", "mine")]).await;
        let policy = page.header("content-security-policy").unwrap();
        let forms = policy.split(';').find(|part| part.contains("form-action")).unwrap();
        let allowed: BTreeSet<&str> = forms.split_whitespace().skip(1).collect();
        assert_eq!(allowed, BTreeSet::from(["'self'", world.lms.url()]), "{policy}");
        assert!(
            form(&page)
                .0
                .starts_with(&format!("{}/lti/deep-link/2?", world.lms.url())),
            "its query is kept"
        );
        for foreign in [
            "http://elsewhere.example/return",
            "javascript:alert(1)",
            "//evil.example/return",
            "data:text/html,x",
            "",
        ] {
            let browser = world.browser();
            let begun = world.begin(&browser, LaunchSpec::new(TEACHER, COURSE, "")).await;
            let mut claims = world
                .lms
                .claims(&LaunchSpec::new(TEACHER, COURSE, &begun.nonce).picking(Picking::One));
            claims[SETTINGS]["deep_link_return_url"] = json!(foreign);
            let token = world.lms.sign(&world.lms.header(), &claims, &Signer::Own);
            let answer = world.answer(&browser, &begun.state, &token).await;
            assert_eq!(answer.status, 400, "{foreign}: {}", answer.body);
            assert_eq!(answer.cookies_set(), Vec::<&str>::new());
        }
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn moodle_places_several_without_data() {
    with_sqlite(async |database: Database| {
        let setup = Setup {
            dialect: Dialect::Moodle,
            ..Setup::default()
        };
        let world = World::start_with(&database, setup).await;
        let safety = format!("progress:{}", badge(&world, "Lab Safety").await);
        let chosen = [("item", safety.as_str()), ("item", "mine"), ("graded", "yes")];
        let items = placed(&world, Picking::Many, &chosen).await;
        assert_eq!(items.len(), 2);
        assert_eq!(world.lms.columns(COURSE).len(), 1);
        let (_, rest) = opened(&world, LEARNER, COURSE, &items[1]).await;
        assert_eq!(rest, "/my");
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn the_lms_refuses_what_was_not_asked_for() {
    with_world(async |world| {
        let (tab, _) = open(&world, TEACHER, Picking::One).await;
        let page = press(&tab, &[("do", "place"), ("item", "mine")]).await;
        let (status, _) = deliver(&page).await;
        assert_eq!(status, 200);
        let (status, said) = deliver(&page).await;
        assert!(
            status == 400 && said.contains("nonce"),
            "the double is strict: {status} {said}"
        );
        world.clock.advance(Duration::from_secs(301));
        let (tab, _) = open(&world, TEACHER, Picking::One).await;
        let page = press(&tab, &[("do", "place"), ("item", "mine")]).await;
        world.clock.advance(Duration::from_secs(301));
        let (status, _) = deliver(&page).await;
        assert_eq!(status, 400, "an answer lives five minutes");
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn content_of_another_registration_is_unknown() {
    with_world(async |world| {
        let items = placed(&world, Picking::One, &[("item", "mine")]).await;
        let other = world.second_registration("other-client", Some(world.organisation));
        world.register(&other, &[&world.lms.deployment_id()]).await;
        let browser: std::sync::Arc<Browser> = world.browser();
        let spec = LaunchSpec::new(LEARNER, COURSE, "")
            .client("other-client")
            .item(&items[0].id);
        let answer = boxed(world.try_launch(&browser, spec)).await;
        let seat = answer.seat();
        assert_eq!(answer.location(), format!("/c/{seat}"), "it leads nowhere of its own");
        world.finish().await;
    })
    .await;
}
