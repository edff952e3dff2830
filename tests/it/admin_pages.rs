//! LMSs, the queue, the audit log, administrators and settings of an organisation, by its pages.

use badgebridge::model::PastedAddresses;
use badgebridge::sandbox::factory::{BADGE_NO_MESSAGE, BADGE_SAFETY, Fault, Plan};
use badgebridge::sandbox::lms::{Habit, LaunchSpec};

use crate::support::browser::Answer;
use crate::support::database::{Database, on_both_databases, with_sqlite};
use crate::support::office::Desk;
use crate::support::world::World;

async fn claire(world: &World) -> Desk {
    Desk::administrator(world, world.organisation, "Claire Bouchard").await
}

/// The value of a field that is there to be copied.
pub(super) fn made(page: &Answer) -> String {
    let rest = page
        .body
        .split("id=\"made\"")
        .nth(1)
        .unwrap_or_else(|| panic!("{}", page.body));
    rest.split("value=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned()
}

on_both_databases! {
    async fn a_refused_order_is_tried_again_and_another_one_given_up(database: Database) {
        let world = World::start(&database).await;
        let tab = world.launch("teacher1", "BIO-2010").await;
        for person in ["ada@campus.example", "noa@campus.example"] {
            world.factory.misbehave(Plan::next_issue(Fault::Status(404)));
            world.issue(&tab, BADGE_SAFETY, &[person]).await;
            world.drain_jobs().await;
        }
        let desk = claire(&world).await;
        let organisation = world.organisation;
        let orders = world.parts.store.read_one(async move |tx| tx.open_orders(organisation).await).await.unwrap();
        let ids: Vec<String> = orders.iter().map(|order| order.id.to_string()).collect();
        assert_eq!(ids.len(), 2);
        let page = desk.get("/admin/queue").await;
        assert!(page.body.contains("Failed (2)") && page.body.contains(BADGE_SAFETY), "{}", page.body);
        let shown = desk.get(&format!("/admin/queue/{}", ids[0])).await;
        assert!(shown.body.contains("Refused") && shown.body.contains("Sending"), "{}", shown.body);
        let retried = desk.post("/admin/queue", &[("do", "retry"), ("order", &ids[0])]).await;
        assert_eq!(retried.status, 303, "{}", retried.body);
        let gone = desk.post("/admin/queue", &[("do", "give-up"), ("order", &ids[1])]).await;
        assert!(desk.get(gone.location()).await.body.contains("Given up."));
        world.drain_jobs().await;
        let held = ["ada@campus.example", "noa@campus.example"].map(|person| world.times_held(person, BADGE_SAFETY));
        assert_eq!(held.iter().sum::<u32>(), 1, "only the one that was tried again: {held:?}");
        // once decided, there is nothing to decide any more
        let late = desk.send("/admin", "/admin/queue", &[("do", "retry"), ("order", &ids[0])]).await;
        assert!(late.body.contains("is not waiting for a decision"), "{}", late.body);
        let log = desk.get("/admin/audit?search=order.").await;
        assert!(log.body.contains("order.retry") && log.body.contains("order.give-up"), "{}", log.body);
        assert!(log.body.contains("Claire Bouchard (administrator)"), "{}", log.body);
        assert!(!log.body.contains("campus.example"), "no addresses");
        world.finish().await;
    }

    async fn the_audit_log_is_searched_paged_and_downloaded(database: Database) {
        let world = World::unconnected(&database).await;
        let desk = claire(&world).await;
        for number in 0..55 {
            let name = format!("Demo {number}");
            let path = format!("/admin/lms/{}", world.registration.id);
            assert_eq!(desk.post(&path, &[("do", "keep"), ("name", &name)]).await.status, 303);
        }
        let first = desk.get("/admin/audit").await;
        assert!(first.body.contains("Older entries") && !first.body.contains("Newer entries"), "{}", first.body);
        let second = desk.get("/admin/audit?page=2").await;
        assert!(second.body.contains("Newer entries") && !second.body.contains("Older entries"), "{}", second.body);
        assert!(desk.get("/admin/audit?search=no%25thing").await.body.contains("No entry fits."));
        assert!(desk.get("/admin/audit?search=claire&to=2020-01-01").await.body.contains("No entry fits."));
        let table = desk.get("/admin/audit.csv?search=registration.edit").await;
        assert_eq!(table.header("content-type"), Some("text/csv; charset=utf-8"));
        assert_eq!(table.body.lines().count(), 56, "{}", table.body);
        world.finish().await;
    }
}

#[tokio::test]
async fn an_lms_is_registered_by_link_or_by_hand_and_switched() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        let desk = claire(&world).await;
        let asks = desk.get("/admin/lms/new").await;
        assert!(
            asks.body.contains("Which LMS?") && !asks.body.contains("Client ID"),
            "{}",
            asks.body
        );
        let guide = desk.get("/admin/lms/new?lms=brightspace").await;
        let steps = ["Manage Extensibility", "Make a link", "/lti/login"].map(|says| guide.body.find(says).unwrap());
        assert!(
            steps[1] < steps[0] && steps[0] < steps[2],
            "the shortest way first, then the steps, then the values"
        );
        assert!(
            !desk
                .get("/admin/lms/new?lms=openedx")
                .await
                .body
                .contains("Make a link")
        );
        let link = desk.post("/admin/lms/new", &[("do", "link")]).await;
        let address = made(&link);
        let opened = world
            .browser()
            .get(&world.lms.begin_registration(&address, Habit::Moodle))
            .await;
        assert_eq!(opened.status, 200, "{}", opened.body);
        assert!(opened.body.contains("Marlowe Polytechnic"), "{}", opened.body);

        let refused = desk
            .post(
                "/admin/lms/new",
                &[("do", "add"), ("issuer", "lms"), ("auth", "http://evil.example")],
            )
            .await;
        assert_eq!(refused.status, 422);
        for says in [
            "Enter the issuer as the LMS shows it",
            "Enter an address that begins with https://",
        ] {
            assert!(refused.body.contains(says), "{says}: {}", refused.body);
        }
        let fields = [
            ("do", "add"),
            ("lms", "sakai"),
            ("name", "Sakai <b>"),
            ("issuer", "https://sakai.example"),
            ("client_id", "client-1"),
            ("auth", "https://sakai.example/auth"),
            ("token", "https://sakai.example/token"),
            ("keys", "https://sakai.example/keys"),
            ("deployment", "1"),
        ];
        let added = desk.post("/admin/lms/new", &fields).await;
        assert_eq!(added.status, 303, "{}", added.body);
        let page = desk.get(added.location()).await;
        assert!(
            page.body.contains("No launch has arrived yet") && !page.body.contains("Sakai <b>"),
            "{}",
            page.body
        );
        let twice = desk.post("/admin/lms/new", &fields).await;
        assert!(twice.body.contains("This LMS is registered already."), "{}", twice.body);

        // nobody makes logins of another organisation's LMS ambiguous
        let other = world.organisation_called("Fernhill College").await;
        let grace = Desk::administrator(&world, other, "Grace O'Connell").await;
        let mut fields = fields.to_vec();
        fields.retain(|(name, _)| *name != "client_id");
        fields.push(("client_id", "client-2"));
        let refused = grace.post("/admin/lms/new", &fields).await;
        assert!(
            refused.body.contains("This LMS is registered already."),
            "{}",
            refused.body
        );

        let own = format!("/admin/lms/{}", world.registration.id);
        world.launch("teacher1", "BIO-2010").await;
        desk.post(&own, &[("do", "off")]).await;
        let spec = LaunchSpec::new("teacher1", "BIO-2010", "");
        let login = world.lms.begin_with(spec).unwrap();
        let refused = world.browser().post_from_elsewhere(&login.url, &login.parameters).await;
        assert_eq!(refused.reason(), "registration_disabled");
        desk.post(&own, &[("do", "on")]).await;
        world.launch("teacher1", "BIO-2010").await;
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn operators_grant_and_take_back_and_settings_are_checked() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        let operator = Desk::operator(&world).await;
        operator.open(world.organisation).await;
        let added = operator
            .post("/admin/people", &[("do", "add"), ("name", "Grace O'Connell")])
            .await;
        let grace = Desk::by(&world, &made(&added)).await;
        assert_eq!(grace.get("/admin").await.status, 200);
        let refused = grace.post("/admin/people", &[("do", "add"), ("name", "Mallory")]).await;
        assert_eq!((refused.status, refused.reason().as_str()), (403, "operators_only"));
        let organisation = world.organisation;
        let all = world
            .parts
            .store
            .read_one(async move |tx| tx.administrators(organisation).await)
            .await
            .unwrap();
        let id = all[0].id.to_string();
        let again = operator
            .post("/admin/people", &[("do", "link"), ("administrator", &id)])
            .await;
        let link = made(&again);
        operator
            .post("/admin/people", &[("do", "revoke"), ("administrator", &id)])
            .await;
        assert_eq!(grace.get("/admin").await.status, 401);
        assert_eq!(world.browser().post(&link, &[]).await.status, 410, "links end, too");
        let unnamed = operator.post("/admin/people", &[("do", "add"), ("name", " ")]).await;
        assert_eq!(unnamed.status, 422);

        let desk = claire(&world).await;
        let keep = |pasted, domains| [("pasted", pasted), ("domains", domains)];
        let wrong = desk
            .post("/admin/settings", &keep("domains", "campus.example\nno domain"))
            .await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.body.contains("no domain is no domain"), "{}", wrong.body);
        let kept = desk
            .post("/admin/settings", &keep("any", "@Campus.example\n\ncampus.example"))
            .await;
        assert_eq!(kept.status, 303, "{}", kept.body);
        let row = world
            .parts
            .store
            .read_one(async move |tx| tx.organisation(organisation).await)
            .await;
        let row = row.unwrap().unwrap();
        assert_eq!(
            (row.pasted, row.domains),
            (PastedAddresses::Any, vec!["campus.example".to_owned()])
        );
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_course_uses_the_badges_that_were_chosen_for_it() {
    with_sqlite(async |database: Database| {
        let world = World::start(&database).await;
        let tab = world.launch("teacher1", "BIO-2010").await;
        let other = world.launch("teacher2", "SAF-1000").await;
        world.drain_jobs().await;
        let desk = claire(&world).await;
        let course = format!("/admin/courses/{}", tab.seat.course.unwrap());
        assert!(
            desk.get("/admin/courses?search=bio")
                .await
                .body
                .contains("All published")
        );
        assert!(
            desk.get("/admin/courses?search=%25")
                .await
                .body
                .contains("No course fits.")
        );
        let chosen = desk
            .post(
                &course,
                &[("which", "some"), ("badge", BADGE_SAFETY), ("badge", "invented")],
            )
            .await;
        assert_eq!(chosen.status, 303, "{}", chosen.body);
        assert!(desk.get("/admin/courses?search=bio").await.body.contains("1 badge"));
        assert!(desk.get("/admin/courses").await.body.contains("Rules on"));
        let offers = async |tab: &crate::support::world::Tab| {
            let page = tab.get("/issue").await;
            page.body.matches("type=\"radio\"").count()
        };
        assert_eq!(offers(&tab).await, 1);
        assert!(offers(&other).await > 1, "other courses keep theirs");
        let barred = tab.post("/issue", &[("badge", BADGE_NO_MESSAGE), ("do", "next")]).await;
        assert_eq!(barred.status, 422, "{}", barred.body);
        let rule = [
            ("badge", BADGE_NO_MESSAGE),
            ("mode", "all"),
            ("kind", "course-completed"),
            ("do", "save"),
            ("version", "0"),
        ];
        assert_ne!(tab.post("/rules/new", &rule).await.status, 303);
        desk.post(&course, &[("which", "all")]).await;
        assert!(offers(&tab).await > 1);
        world.drain_jobs().await;
        world.finish().await;
    })
    .await;
}
