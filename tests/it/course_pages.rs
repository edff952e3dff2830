//! The pages of a course: what each visitor may see and do, and the way from choosing a badge to a stored request.

use std::time::Duration;

use badgebridge::model::Standing;
use badgebridge::model::catalog::BadgeValidity;
use badgebridge::store::Durability;
use badgebridge::store::award_views::{HistoryFilter, HistorySort};

use crate::support::awards_world::execute;
use crate::support::course_world::{CourseWorld, NOON, Page, Tab};
use crate::support::database::on_both_databases;

const ADA: Option<&str> = Some("ada@marlowe.example");
const BOB: Option<&str> = Some("bob@marlowe.example");

struct Class {
    teacher: Tab,
    ada: Tab,
    bob: Tab,
}

async fn class(world: &CourseWorld) -> Class {
    Class {
        teacher: world
            .launch("one", Standing::Staff, "Tess Teacher", Some("tess@marlowe.example"))
            .await,
        ada: world.launch("one", Standing::Learner, "Ada <b>Bold</b>", ADA).await,
        bob: world.launch("one", Standing::Learner, "Bob Nomail", None).await,
    }
}

/// The path below the seat of an address that a redirection gave, without its query.
pub(crate) fn below(tab: &Tab, page: &Page) -> String {
    assert_eq!(page.status, 303, "{}", page.body);
    let path = page.location.split('?').next().unwrap();
    path.strip_prefix(&tab.base)
        .expect("an address of this seat")
        .to_owned()
}

/// A draft for the badge, at its second step.
pub(crate) async fn begun(world: &CourseWorld, tab: &Tab) -> String {
    let page = world.post(tab, "/issue", &[("badge", "B-safety")]).await;
    below(tab, &page).strip_suffix("/people").unwrap().to_owned()
}

/// A request for the people, placed.
pub(crate) async fn placed(world: &CourseWorld, tab: &Tab, people: &[&Tab]) -> String {
    let draft = begun(world, tab).await;
    let ids: Vec<String> = people.iter().map(|tab| tab.member.to_string()).collect();
    let mut fields: Vec<(&str, &str)> = ids.iter().map(|id| ("person", id.as_str())).collect();
    fields.push(("do", "next"));
    let page = world.post(tab, &format!("{draft}/people"), &fields).await;
    assert_eq!(below(tab, &page), format!("{draft}/message"));
    let page = world.post(tab, &format!("{draft}/message"), &message("")).await;
    assert_eq!(below(tab, &page), format!("{draft}/check"));
    let check = world.get(tab, &format!("{draft}/check")).await;
    let key = key_of(&check);
    let page = world.post(tab, &format!("{draft}/check"), &[("key", &key)]).await;
    let order = below(tab, &page);
    assert!(order.starts_with("/orders/"), "{order}");
    world.worker.drain().await.unwrap();
    order
}

pub(crate) fn message(date: &'static str) -> [(&'static str, &'static str); 5] {
    [
        ("subject", "Your badge"),
        ("body", "Bravo."),
        ("award-date", date),
        ("valid", "own"),
        ("do", "next"),
    ]
}

pub(crate) fn key_of(page: &Page) -> String {
    let after = page.body.split("name=\"key\" value=\"").nth(1).expect("a key");
    after.split('"').next().unwrap().to_owned()
}

pub(crate) async fn count_requests(world: &CourseWorld, tab: &Tab) -> usize {
    let (organisation, course) = (world.organisation, tab.course);
    let read = world
        .store
        .read(async |tx| tx.course_requests(organisation, course, 50).await);
    read.await.unwrap().len()
}

on_both_databases! {
    async fn the_way_from_a_badge_to_a_request(database: Database) {
        let world = CourseWorld::start(&database).await;
        let class = class(&world).await;
        let (tab, ada, bob) = (&class.teacher, class.ada.member.to_string(), class.bob.member.to_string());
        let home = world.get(tab, "").await;
        assert_eq!(home.status, 200);
        assert!(home.body.contains("data-role=\"staff\"") && home.body.contains("Lab Safety"));
        assert!(!home.body.contains("Unready"), "a draft badge is not offered");
        let choice = world.get(tab, "/issue").await;
        assert!(choice.body.contains("B-safety") && !choice.body.contains("B-draft"));
        let page = world.post(tab, "/issue", &[("badge", "B-draft"), ("do", "next")]).await;
        assert_eq!(page.status, 422, "a draft badge cannot be chosen");
        let page = world.post(tab, "/issue", &[("badge", "B-safety"), ("do", "next")]).await;
        let people = below(tab, &page);
        let draft = people.strip_suffix("/people").unwrap().to_owned();

        let page = world.get(tab, &people).await;
        assert!(page.body.contains("Ada &#60;b&#62;Bold") || page.body.contains("Ada &lt;b&gt;Bold"), "{}", page.body);
        assert!(!page.body.contains("<b>Bold</b>"), "names are escaped");
        let page = world.post(tab, &people, &[("do", "next")]).await;
        assert_eq!(page.status, 422, "nobody is chosen");
        let ticks = [("shown", ada.as_str()), ("shown", &bob), ("person", &ada), ("person", &bob), ("go-page", "1")];
        assert_eq!(world.post(tab, &people, &ticks).await.status, 303);
        let page = world.get(tab, &people).await;
        assert_eq!(page.body.matches(" checked").count(), 2, "ticks are kept");

        let page = world.post(tab, &people, &[("do", "next")]).await;
        assert_eq!(below(tab, &page), format!("{draft}/message"));
        let page = world.post(tab, &format!("{draft}/message"), &message("2026-11-23")).await;
        assert_eq!(page.status, 422);
        assert!(page.body.contains("2026-11-23") && page.body.contains("Bravo."), "what was entered is kept");
        let page = world.post(tab, &format!("{draft}/message"), &message("2026-11-01")).await;
        let check = world.follow(tab, &page.location).await;
        assert!(check.body.contains("Bob Nomail") && check.body.contains("1 November 2026"), "{}", check.body);
        let key = key_of(&check);
        let first = world.post(tab, &format!("{draft}/check"), &[("key", &key)]).await;
        let again = world.post(tab, &format!("{draft}/check"), &[("key", &key)]).await;
        assert_eq!((first.status, &first.location), (303, &again.location), "a resent form is the same request");
        assert_eq!(count_requests(&world, tab).await, 1);

        world.worker.drain().await.unwrap();
        let order = world.follow(tab, &first.location).await;
        assert_eq!(order.status, 200);
        assert!(order.body.contains("No email"), "{}", order.body);
        let live = world.get(tab, &format!("{}/live", below(tab, &first))).await;
        assert!(live.body.contains("data-quarter") && !live.body.contains("<html"));
        let history = world.get(tab, "/history?state=held").await;
        assert!(history.body.contains("Bob Nomail") && !history.body.contains("Ada "), "{}", history.body);
        let table = world.get(tab, "/history.csv").await;
        assert!(table.body.starts_with('\u{feff}') && table.body.contains("ada@marlowe.example"));
        world.stop().await;
    }

    async fn looking_at_badges_begins_nothing_and_issuing_again_takes_the_person_along(database: Database) {
        let world = CourseWorld::start(&database).await;
        let class = class(&world).await;
        let tab = &class.teacher;
        for address in ["/issue", "/issue?badge=B-safety", "/issue?badge=B-safety&again=x"] {
            assert_eq!(world.get(tab, address).await.status, 200, "{address}");
        }
        assert!(!world.get(tab, "").await.body.contains("/issue/"), "a page that was looked at left a draft");
        placed(&world, tab, &[&class.ada]).await;
        let history = world.get(tab, "/history").await;
        let award = history.body.split("/awards/").nth(1).unwrap().split('"').next().unwrap().to_owned();
        world.post(tab, &format!("/awards/{award}/revoke"), &[("reason", "mistake")]).await;
        assert!(world.get(tab, &format!("/awards/{award}")).await.body.contains("name=\"again\""));
        let page = world.post(tab, "/issue", &[("badge", "B-safety"), ("again", &award)]).await;
        assert_eq!(page.status, 303);
        assert!(world.follow(tab, &page.location).await.body.contains("Continue with 1 person"));
        world.stop().await;
    }

    async fn lines_that_cannot_be_taken_are_named(database: Database) {
        let world = CourseWorld::start(&database).await;
        let class = class(&world).await;
        let tab = &class.teacher;
        let draft = begun(&world, tab).await;
        let file = b"Name;Email\r\nAda;ADA@marlowe.example\r\nCy;cy@marlowe.example\r\nDo;do@elsewhere.example\r\n\
            X;no address\r\nCy;cy@marlowe.example\r\n";
        let page = world.post_file(tab, &format!("{draft}/people"), &[("do", "add")], file).await;
        assert_eq!(page.status, 303, "{}", page.body);
        let page = world.follow(tab, &page.location).await;
        for said in ["Line 2", "Line 4", "Line 5", "Line 6", "do@elsewhere.example", "This is not an email address",
            "The same as line 3"] {
            assert!(page.body.contains(said), "{said}: {}", page.body);
        }
        assert!(page.body.contains("Continue with 2 people"), "{}", page.body);
        let page = world.post(tab, &format!("{draft}/people"), &[("do", "add"), ("paste", "")]).await;
        assert_eq!(page.status, 422, "nothing to add");
        let page = world.post_file(tab, &format!("{draft}/people"), &[("do", "add")], b"PK\x03\x04\0").await;
        assert_eq!(page.status, 422, "no text");
        let large = vec![b'x'; 1024 * 1024 + 1];
        let page = world.post_file(tab, &format!("{draft}/people"), &[("do", "add")], &large).await;
        assert_eq!(page.status, 422, "too large");
        world.stop().await;
    }

    async fn as_the_badge_says_names_its_own_end_date(database: Database) {
        let world = CourseWorld::start(&database).await;
        let class = class(&world).await;
        let tab = &class.teacher;
        let draft = begun(&world, tab).await;
        let (ada, step) = (class.ada.member.to_string(), format!("{draft}/message"));
        world.post(tab, &format!("{draft}/people"), &[("person", &ada), ("do", "next")]).await;
        let last = NOON.plus(Duration::from_hours(30 * 24));
        for (validity, said, offers_endless) in [
            (BadgeValidity::Endless, "As the badge says: no end", false),
            (BadgeValidity::Months(12), "As the badge says: 12 months", true),
            (BadgeValidity::Until(last.seconds()), "As the badge says: until 21 December 2026", true),
        ] {
            world.change_badge("B-safety", move |badge| badge.validity = validity).await;
            let page = world.get(tab, &step).await;
            assert!(page.body.contains(said), "{said}: {}", page.body);
            assert_eq!(page.body.contains("id=\"valid-f\""), offers_endless, "{validity:?}");
        }
        let check = world.post(tab, &step, &message("")).await;
        let check = world.follow(tab, &check.location).await;
        assert!(check.body.contains("21 December 2026"), "{}", check.body);
        // the day has passed: the label names it, and no end at all can be chosen instead
        let passed = NOON.minus(Duration::from_hours(24)).seconds();
        world.change_badge("B-safety", move |badge| badge.validity = BadgeValidity::Until(passed)).await;
        let page = world.post(tab, &step, &message("")).await;
        assert!(page.status == 422 && page.body.contains("until 20 November 2026"), "{}", page.body);
        let mut endless = message("");
        endless[3] = ("valid", "forever");
        let page = world.post(tab, &step, &endless).await;
        assert_eq!(below(tab, &page), format!("{draft}/check"));
        world.stop().await;
    }

    async fn a_validity_that_has_ended_is_refused_also_when_it_ends_while_the_draft_waits(database: Database) {
        let world = CourseWorld::start(&database).await;
        let class = class(&world).await;
        let tab = &class.teacher;
        let draft = begun(&world, tab).await;
        let (ada, step) = (class.ada.member.to_string(), format!("{draft}/message"));
        world.post(tab, &format!("{draft}/people"), &[("person", &ada), ("do", "next")]).await;
        let dates = |given: &'static str, until: &'static str| {
            [("subject", "S"), ("body", "B"), ("award-date", given), ("valid", "date"), ("valid-date", until), ("do", "next")]
        };
        let page = world.post(tab, &step, &dates("2025-01-01", "2026-11-20")).await;
        assert!(page.status == 422 && page.body.contains("would have ended already"), "{}", page.body);
        let page = world.post(tab, &step, &message("2024-01-01")).await;
        assert!(page.status == 422 && page.body.contains("valid-own-e"), "the badge's own twelve months are over");
        let page = world.post(tab, &step, &message("2026-11-22")).await;
        assert_eq!(below(tab, &page), format!("{draft}/check"), "it is the 22nd somewhere");
        let page = world.post(tab, &step, &dates("2026-11-20", "2026-11-21")).await;
        let check = world.follow(tab, &page.location).await;
        assert_eq!(check.status, 200);
        let key = key_of(&check);

        // the day passes while somebody still looks now and then
        for _ in 0..6 {
            world.clock.advance(Duration::from_mins(110));
            assert_eq!(world.get(tab, "").await.status, 200);
        }
        world.clock.advance(Duration::from_secs(3_599));
        let page = world.post(tab, &format!("{draft}/check"), &[("key", &key)]).await;
        assert_eq!(below(tab, &page), step);
        let page = world.follow(tab, &page.location).await;
        assert!(page.status == 422 && page.body.contains("would have ended already"), "{}", page.body);
        assert_eq!(count_requests(&world, tab).await, 0);
        world.stop_with_left(&["catalog"]).await;
    }

    async fn a_badge_that_is_gone_meanwhile_is_refused(database: Database) {
        let world = CourseWorld::start(&database).await;
        let class = class(&world).await;
        let tab = &class.teacher;
        let draft = begun(&world, tab).await;
        let ada = class.ada.member.to_string();
        world.post(tab, &format!("{draft}/people"), &[("person", &ada), ("do", "next")]).await;
        world.post(tab, &format!("{draft}/message"), &message("")).await;
        let key = key_of(&world.get(tab, &format!("{draft}/check")).await);
        let (organisation, now) = (world.organisation, crate::support::course_world::NOON);
        world.store.write(Durability::Full, async move |tx| tx.finish_catalog(organisation, 2, true, now).await).await.unwrap();
        let page = world.post(tab, &format!("{draft}/check"), &[("key", &key)]).await;
        assert_eq!(page.status, 422);
        assert_eq!(count_requests(&world, tab).await, 0);
        world.stop().await;
    }

    async fn who_has_it_is_not_chosen_again_unless_asked(database: Database) {
        let world = CourseWorld::start(&database).await;
        let class = class(&world).await;
        let tab = &class.teacher;
        placed(&world, tab, &[&class.ada]).await;
        let draft = begun(&world, tab).await;
        let ada = class.ada.member.to_string();
        world.post(tab, &format!("{draft}/people"), &[("person", &ada), ("do", "search")]).await;
        let page = world.post(tab, &format!("{draft}/people"), &[("paste", "ada@marlowe.example"), ("do", "next")]).await;
        let page = world.follow(tab, &page.location).await;
        assert!(page.body.contains("Has it") || page.body.contains("has it"), "{}", page.body);
        assert!(page.body.contains("Continue<") || page.body.contains("value=\"next\">Continue"), "nobody is chosen");
        world.stop().await;
    }

    async fn a_request_in_several_events_links_each_and_an_event_tells_its_orders_name(database: Database) {
        let world = CourseWorld::start(&database).await;
        let class = class(&world).await;
        let tab = &class.teacher;
        let draft = begun(&world, tab).await;
        let cleo = world.launch("one", Standing::Learner, "Cleo", Some("cleo@marlowe.example")).await;
        let ids = [class.ada.member.to_string(), cleo.member.to_string()];
        let ticks = [("person", ids[0].as_str()), ("person", ids[1].as_str()), ("do", "next")];
        world.post(tab, &format!("{draft}/people"), &ticks).await;
        let mut fields = message("").to_vec();
        fields.insert(0, ("order-name", "Spring round"));
        world.post(tab, &format!("{draft}/message"), &fields).await;
        let key = key_of(&world.get(tab, &format!("{draft}/check")).await);
        let order = below(tab, &world.post(tab, &format!("{draft}/check"), &[("key", &key)]).await);
        world.worker.drain().await.unwrap();
        let sent = "UPDATE award SET state = 'issued', issued_at = 1,
            event_id = CASE WHEN name = 'Cleo' THEN 'EV-CLEO' ELSE 'EV-ADA' END";
        execute(&database.url, sent.to_owned()).await;
        let page = world.get(tab, &order).await;
        assert!(page.body.contains("/events/EV-CLEO") && page.body.contains("/events/EV-ADA"), "{}", page.body);
        let page = world.get(tab, "/events/EV-CLEO").await;
        assert!(page.status == 200 && page.body.contains("Spring round"), "{}", page.body);
        // made here, seen from a request of another course: the state, and no dead link
        let elsewhere = world.launch("two", Standing::Staff, "Theo Teacher", None).await;
        execute(&database.url, "UPDATE award SET course_id = NULL WHERE name = 'Cleo'".to_owned()).await;
        let page = world.get(tab, &order).await;
        assert_eq!(page.body.matches("/awards/").count(), 1, "{}", page.body);
        assert!(page.body.contains("Issued in another course") && !page.body.contains("EV-CLEO"), "{}", page.body);
        assert_eq!(world.get(&elsewhere, &order).await.status, 404);
    }

    async fn nobody_sees_or_touches_another_course_or_session(database: Database) {
        let world = CourseWorld::start(&database).await;
        let class = class(&world).await;
        let other = world.launch("two", Standing::Staff, "Otto Other", None).await;
        let order = placed(&world, &class.teacher, &[&class.ada]).await;
        let draft = begun(&world, &class.teacher).await;
        for path in [order.clone(), format!("{order}/live"), format!("{order}.csv"), format!("{draft}/people")] {
            assert_eq!(world.get(&class.teacher, &path).await.status, 200, "{path}");
            assert_eq!(world.get(&other, &path).await.status, 404, "{path}");
        }
        let history = world.get(&class.teacher, "/history").await;
        let award = history.body.split("/awards/").nth(1).unwrap().split('"').next().unwrap().to_owned();
        assert_eq!(world.get(&class.teacher, &format!("/awards/{award}")).await.status, 200);
        let revoke = format!("/awards/{award}/revoke");
        assert_eq!(world.get(&other, &format!("/awards/{award}")).await.status, 404);
        assert_eq!(world.post(&other, &revoke, &[("reason", "mistake")]).await.status, 404);
        let stolen = Tab { base: class.teacher.base.clone(), ..other.clone() };
        assert_eq!(world.get(&stolen, "").await.status, 401, "a seat opens with its own cookie only");
        let page = world.post(&class.teacher, &revoke, &[]).await;
        assert_eq!(page.status, 422, "a reason is needed");
        let page = world.post(&class.teacher, &revoke, &[("reason", "mistake")]).await;
        assert_eq!(page.status, 303);
        let again = world.post(&class.teacher, &revoke, &[("reason", "mistake")]).await;
        assert_eq!(again.status, 303, "repeating is harmless");
        assert!(world.follow(&class.teacher, &page.location).await.body.contains("Not sent"));
        world.stop().await;
    }

    async fn the_second_event_of_an_order_can_be_revoked_by_staff_of_its_course(database: Database) {
        let world = CourseWorld::start(&database).await;
        let class = class(&world).await;
        let (tab, other) = (&class.teacher, world.launch("two", Standing::Staff, "Otto Other", None).await);
        let assistant = world.launch("one", Standing::LimitedStaff, "Tim Assistant", None).await;
        placed(&world, tab, &[&class.ada]).await;
        let (organisation, course) = (world.organisation, tab.course);
        let filter = HistoryFilter::default();
        let read = world.store.read(async |tx| {
            tx.course_history(organisation, course, &filter, HistorySort::NewestFirst, 1, 0).await
        });
        let line = read.await.unwrap().remove(0);
        let detail = serde_json::json!({ "order": line.order, "course": course, "kept": "E1", "extra": "E/2" });
        let raised = world.store.write(Durability::Full, async move |tx| {
            tx.raise_problem(organisation, "issued-twice", "E/2", &detail, NOON).await
        });
        raised.await.unwrap();

        let award = format!("/awards/{}", line.id);
        let home = world.get(tab, "").await;
        assert!(home.body.contains("twice") && home.body.contains(&award), "{}", home.body);
        assert!(!world.get(&other, "").await.body.contains("twice"), "told in its own course only");
        let ask = format!("{award}/extra/E%2F2");
        let page = world.get(tab, &award).await;
        for said in ["Issued twice", "E1", "E/2", ask.as_str()] {
            assert!(page.body.contains(said), "{said}: {}", page.body);
        }
        let page = world.get(tab, &ask).await;
        assert!(page.status == 200 && page.body.contains("Ada &#60;b&#62;"), "{}", page.body);
        assert!(page.body.contains("Revoke the second event"), "{}", page.body);

        let seen = world.get(&assistant, &award).await;
        assert!(seen.body.contains("Issued twice") && !seen.body.contains(&ask), "limited staff see it only");
        for (stranger, status) in [(&assistant, 403), (&class.ada, 403), (&other, 404)] {
            assert_eq!(world.get(stranger, &ask).await.status, status);
            assert_eq!(world.post(stranger, &ask, &[]).await.status, status);
        }
        let wrong = world.post(tab, &format!("{award}/extra/E1"), &[]).await;
        assert_eq!(below(tab, &wrong), award, "the event that is kept is not revoked here");
        assert!(!world.get(tab, &award).await.body.contains("on its way"));
        let first = world.post(tab, &ask, &[]).await;
        assert_eq!(below(tab, &first), award);
        let page = world.follow(tab, &first.location).await;
        assert!(page.body.contains("on its way") && page.body.contains("is being revoked"), "{}", page.body);
        assert!(!page.body.contains(&ask), "it is asked for once");
        assert_eq!(world.post(tab, &ask, &[]).await.status, 303, "repeating is harmless");
        assert!(!world.get(tab, "").await.body.contains("twice"), "nothing is left to do");
        world.stop_with_left(&["revoke-extra"]).await;
    }

    async fn forms_from_elsewhere_are_refused(database: Database) {
        let world = CourseWorld::start(&database).await;
        let class = class(&world).await;
        let tab = &class.teacher;
        let fields = [("badge", "B-safety"), ("do", "next")];
        assert_eq!(world.post_plain(tab, "/issue", &fields, None).await.status, 403, "without a secret");
        let wrong = [("csrf", "guess"), ("badge", "B-safety"), ("do", "next")];
        assert_eq!(world.post_plain(tab, "/issue", &wrong, None).await.status, 403);
        let right = [("csrf", tab.csrf.as_str()), ("badge", "B-safety"), ("do", "next")];
        assert_eq!(world.post_plain(tab, "/issue", &right, Some("cross-site")).await.status, 403);
        assert_eq!(world.post_plain(tab, "/issue", &right, Some("same-origin")).await.status, 303);
        let back = [("language", "fr"), ("back", "https://evil.example/")];
        assert_eq!(below(tab, &world.post(tab, "/preferences", &back).await), "");
        assert!(world.get(tab, "").await.body.contains("lang=\"fr\""));
        world.stop().await;
    }

    async fn the_history_is_filtered_by_how_and_plotted_with_its_numbers(database: Database) {
        let world = CourseWorld::start(&database).await;
        let class = class(&world).await;
        let tab = &class.teacher;
        let mut people = Vec::new();
        for n in 0..5 {
            people.push(world.launch("one", Standing::Learner, &format!("Learner {n}"), None).await);
        }
        let people: Vec<&Tab> = people.iter().collect();
        placed(&world, tab, &people[..4]).await;
        let page = world.get(tab, "/history").await;
        assert!(!page.body.contains("class=\"plot\""), "four are no plot: {}", page.body);
        placed(&world, tab, &people[4..]).await;
        let by_rule = "UPDATE award SET cause = 'rule:' || cause WHERE name = 'Learner 0'";
        execute(&database.url, by_rule.to_owned()).await;
        let page = world.get(tab, "/history").await;
        assert!(page.body.contains("class=\"plot\"") && page.body.contains("Awards per day"), "{}", page.body);
        assert!(page.body.contains("<td class=\"num\">5</td>"), "the same numbers as a table: {}", page.body);
        for (how, shown, hidden) in [("rule", "Learner 0", "Learner 1"), ("hand", "Learner 1", "Learner 0")] {
            let page = world.get(tab, &format!("/history?how={how}")).await;
            assert!(page.body.contains(shown) && !page.body.contains(hidden), "{how}: {}", page.body);
            assert!(page.body.contains(&format!("/history.csv?how={how}&")), "{how}: {}", page.body);
            let table = world.get(tab, &format!("/history.csv?how={how}")).await;
            assert!(table.body.contains(shown) && !table.body.contains(hidden), "{how}: {}", table.body);
        }
        let page = world.get(tab, "/history?how=application").await;
        assert!(page.body.contains("No award fits these filters."), "{}", page.body);
        world.stop().await;
    }

    async fn limited_staff_see_no_addresses_and_learners_only_their_own(database: Database) {
        let world = CourseWorld::start(&database).await;
        let class = class(&world).await;
        let assistant = world.launch("one", Standing::LimitedStaff, "Tim Assistant", None).await;
        let order = placed(&world, &class.teacher, &[&class.ada, &class.bob]).await;
        for path in ["", "/history", order.as_str()] {
            let page = world.get(&assistant, path).await;
            assert_eq!(page.status, 200, "{path}");
            assert!(!page.body.contains("ada@marlowe.example"), "{path}");
            assert!(!page.body.contains(".csv"), "{path} offers a table: {}", page.body);
        }
        for path in ["/history.csv", &format!("{order}.csv")] {
            assert_eq!(world.get(&class.teacher, path).await.status, 200, "{path}");
            for stranger in [&assistant, &class.ada] {
                assert_eq!(world.get(stranger, path).await.status, 403, "{path}");
            }
        }
        let page = world.get(&assistant, "/history?person=marlowe.example").await;
        assert!(!page.body.contains("Lab Safety</td>") && !page.body.contains("/awards/"), "an address is not found");
        assert_eq!(world.get(&assistant, "/issue").await.status, 403);
        assert_eq!(world.post(&assistant, "/issue", &[("badge", "B-safety")]).await.status, 403);
        assert_eq!(world.get(&class.ada, "/history").await.status, 403);
        assert_eq!(world.get(&class.ada, &order).await.status, 403);
        let page = world.get(&class.ada, "").await;
        let mine = world.follow(&class.ada, &page.location).await;
        assert!(mine.body.contains("Lab Safety") && mine.body.contains("data-role=\"learner\""), "{}", mine.body);
        let cleo = world.launch("one", Standing::Learner, "Cleo", BOB).await;
        assert!(!world.get(&cleo, "/my").await.body.contains("Lab Safety"));
        for path in ["/help", "/privacy", "/preferences"] {
            assert_eq!(world.get(&cleo, path).await.status, 200, "{path}");
        }
        world.stop().await;
    }
}
