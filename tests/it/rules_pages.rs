//! The pages about rules: making one with its dry run, switching, awarding to those who met it before, a stopped rule,
//! why somebody got a badge or not; and who may do what.

use badgebridge::awards::rules;
use badgebridge::clock::Timestamp;
use badgebridge::crypto::random;
use badgebridge::model::fact::{Fact, FactClass, FactValue};
use badgebridge::model::rule::{Rule, RuleState};
use badgebridge::model::signal::{Item, Source};
use badgebridge::model::{SignalId, Standing};
use badgebridge::store::award_views::{HistoryFilter, HistorySort};
use badgebridge::store::{Durability, StoreError};

use crate::course_pages::{begun, key_of, message};
use crate::support::awards_world::execute;
use crate::support::course_world::{CourseWorld, NOON, Tab};
use crate::support::database::on_both_databases;

pub(super) async fn completed(world: &CourseWorld, tab: &Tab, at: Timestamp) {
    let (organisation, course, member) = (world.organisation, tab.course, tab.member);
    let fact = Fact {
        item: Item::Course,
        class: FactClass::Completion,
        value: FactValue::Holds(true),
        occurred_at: at,
        utc_offset_minutes: None,
        received_at: at,
        clock_suspect: false,
        source: Source::Webhook,
        signal: SignalId::new(random::id_at(NOON)),
    };
    let put: Result<bool, StoreError> = world
        .store
        .write(Durability::Full, async move |tx| {
            tx.put_fact(organisation, course, member, &fact, NOON).await
        })
        .await;
    put.unwrap();
}

pub(super) async fn only_rule(world: &CourseWorld, tab: &Tab) -> Rule {
    let (organisation, course) = (world.organisation, tab.course);
    let mut known = world
        .store
        .read(async |tx| tx.rules_of_course(organisation, course).await)
        .await
        .unwrap();
    assert_eq!(known.len(), 1);
    known.remove(0)
}

/// What kind of cause each award of the course has, sorted.
async fn awards_of(world: &CourseWorld, tab: &Tab) -> Vec<String> {
    let (organisation, course) = (world.organisation, tab.course);
    let all = HistoryFilter::default();
    let lines = world
        .store
        .read(async |tx| {
            tx.course_history(organisation, course, &all, HistorySort::default(), 50, 0)
                .await
        })
        .await
        .unwrap();
    let mut kinds: Vec<String> = lines
        .iter()
        .map(|line| line.cause.split(':').next().unwrap().to_owned())
        .collect();
    kinds.sort();
    kinds
}

/// Name, kind of cause and state of each award of the course, sorted.
async fn standings(world: &CourseWorld, tab: &Tab) -> Vec<(String, &'static str, &'static str)> {
    let (organisation, course) = (world.organisation, tab.course);
    let all = HistoryFilter::default();
    let read = world.store.read(async |tx| {
        tx.course_history(organisation, course, &all, HistorySort::default(), 50, 0)
            .await
    });
    let kind = |cause: &str| if cause.starts_with("rule:") { "rule" } else { "hand" };
    let lines = read.await.unwrap();
    let mut found: Vec<_> = lines
        .iter()
        .map(|line| (line.name.clone(), kind(&line.cause), line.state.word()))
        .collect();
    found.sort();
    found
}

pub(super) fn fields<'a>(pressed: &'a str, kind: &'a str, least: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("badge", "B-safety"),
        ("mode", "all"),
        ("kind", kind),
        ("least", least),
        ("item", ""),
        ("wait", "0"),
        ("released", "1"),
        ("attempt", "latest"),
        ("back", "yes"),
        ("version", "0"),
        ("do", pressed),
    ]
}

on_both_databases! {
    async fn a_teacher_makes_tries_and_switches_a_rule(database: Database) {
        let world = CourseWorld::start(&database).await;
        let teacher = world.launch("one", Standing::Staff, "Tess Teacher", Some("tess@marlowe.example")).await;
        let ada = world.launch("one", Standing::Learner, "Ada Park", Some("ada@marlowe.example")).await;
        let bob = world.launch("one", Standing::Learner, "Bob Stone", Some("bob@marlowe.example")).await;
        completed(&world, &ada, Timestamp::from_millis(NOON.millis() - 60_000)).await;
        assert_eq!(world.get(&teacher, "/rules/new").await.status, 200);
        let more = world.post(&teacher, "/rules/new", &fields("add", "course-completed", "")).await;
        assert!(more.status == 200 && more.body.contains("condition-2"), "a second condition, nothing stored");
        for (kind, least) in [("", ""), ("final-grade", "many"), ("final-grade", "0"), ("score", "80")] {
            let refused = world.post(&teacher, "/rules/new", &fields("save", kind, least)).await;
            assert_eq!(refused.status, 422, "{kind} {least}");
        }
        let tried = world.post(&teacher, "/rules/new", &fields("try", "course-completed", "")).await;
        assert!(tried.status == 200 && tried.body.contains("1 would get it") && tried.body.contains("Ada Park"));
        let saved = world.post(&teacher, "/rules/new", &fields("save", "course-completed", "")).await;
        let rule = only_rule(&world, &teacher).await;
        let place = format!("/rules/{}", rule.id);
        assert!(saved.location.ends_with(&format!("{place}/backfill")), "{}", saved.location);
        assert_eq!((rule.state, rule.terms.when.to_string().as_str()), (RuleState::On, "course-completed"));
        let list = world.get(&teacher, &format!("{place}/backfill")).await;
        assert!(list.body.contains("Ada Park") && !list.body.contains("Bob Stone"));
        let nobody = world.post(&teacher, &format!("{place}/backfill"), &[("do", "award")]).await;
        assert_eq!(nobody.status, 422);
        let (ada_id, bob_id) = (ada.member.to_string(), bob.member.to_string());
        let ticked = [("member", ada_id.as_str()), ("member", bob_id.as_str()), ("do", "award")];
        assert_eq!(world.post(&teacher, &format!("{place}/backfill"), &ticked).await.status, 303);
        // The Factory is not there: what is due for it waits.
        drop(world.worker.drain().await);
        let why = world.get(&teacher, &format!("/people/{ada_id}")).await;
        assert!(why.status == 200 && why.body.contains("signed webhook"), "{}", why.body);
        let not = world.get(&teacher, &format!("/people/{bob_id}")).await;
        assert!(not.body.contains("Not done yet: the course is completed."), "{}", not.body);
        assert_eq!(world.post(&teacher, &format!("/people/{bob_id}"), &[("do", "check")]).await.status, 303);
        assert!(world.get(&teacher, "/rules").await.body.contains("Lab Safety"));
        let edited = world.get(&teacher, &place).await;
        assert!(edited.body.contains("1 have it"), "{}", edited.body);
        let stale = world.post(&teacher, &place, &fields("save", "course-completed", "")).await;
        assert!(stale.status == 200 && stale.body.contains("Somebody changed this rule"), "version 0 was never shown");
        assert_eq!(world.post(&teacher, &format!("{place}/pause"), &[("do", "pause")]).await.status, 303);
        assert_eq!(only_rule(&world, &teacher).await.state, RuleState::Paused);
    }

    async fn rules_belong_to_their_course_and_to_staff(database: Database) {
        let world = CourseWorld::start(&database).await;
        let teacher = world.launch("one", Standing::Staff, "Tess Teacher", None).await;
        let other = world.launch("two", Standing::Staff, "Theo Teacher", None).await;
        let helper = world.launch("one", Standing::LimitedStaff, "Hana Helper", None).await;
        let ada = world.launch("one", Standing::Learner, "Ada Park", Some("ada@marlowe.example")).await;
        assert_eq!(world.post(&teacher, "/rules/new", &fields("save", "course-completed", "")).await.status, 303);
        let place = format!("/rules/{}", only_rule(&world, &teacher).await.id);
        assert_eq!(world.get(&other, &place).await.status, 404);
        assert_eq!(world.post(&other, &format!("{place}/pause"), &[("do", "pause")]).await.status, 404);
        assert_eq!(world.get(&other, &format!("/people/{}", ada.member)).await.status, 404);
        assert_eq!(world.get(&helper, "/rules").await.status, 200);
        let page = world.get(&helper, &format!("/people/{}", ada.member)).await;
        assert!(page.status == 200 && !page.body.contains("ada@marlowe.example"), "no addresses for limited staff");
        for (tab, path) in [(&helper, "/rules/new"), (&ada, "/rules"), (&ada, "/rules/new")] {
            assert_eq!(world.get(tab, path).await.status, 403, "{path}");
        }
        assert_eq!(world.post(&helper, "/rules/new", &fields("save", "course-completed", "")).await.status, 403);
    }

    async fn a_stopped_rule_is_shown_and_released(database: Database) {
        let world = CourseWorld::start(&database).await;
        let teacher = world.launch("one", Standing::Staff, "Tess Teacher", None).await;
        let mut save = fields("save", "course-completed", "");
        save.push(("breaker", "1"));
        assert_eq!(world.post(&teacher, "/rules/new", &save).await.status, 303);
        let mut people = Vec::new();
        for name in ["Ada Park", "Bob Stone", "Chen Wei"] {
            let email = format!("{}@marlowe.example", name.to_lowercase().replace(' ', "."));
            let tab = world.launch("one", Standing::Learner, name, Some(&email)).await;
            completed(&world, &tab, world.store.now().await.unwrap()).await;
            people.push(tab.member.to_string());
        }
        for _ in 0..3 {
            drop(world.worker.drain().await);
            world.store.move_clock(std::time::Duration::from_secs(3));
        }
        let rule = only_rule(&world, &teacher).await;
        assert_eq!(rule.state, RuleState::Stopped);
        let home = world.get(&teacher, "").await;
        assert!(home.body.contains("would have gone to 3 people at once"), "{}", home.body);
        let place = format!("/rules/{}/release", rule.id);
        assert!(world.get(&teacher, &place).await.body.contains("Chen Wei"));
        let ticked: Vec<(&str, &str)> = people.iter().map(|id| ("member", id.as_str())).chain([("do", "award")]).collect();
        assert_eq!(world.post(&teacher, &place, &ticked).await.status, 303);
        assert_eq!(only_rule(&world, &teacher).await.state, RuleState::On);
        let tried = rules::dry_run(&world.store, &rule, NOON).await.unwrap();
        assert_eq!(tried.len(), 3);
    }

    async fn the_page_of_a_person_tells_nothing_of_another_course(database: Database) {
        let world = CourseWorld::start(&database).await;
        let teacher = world.launch("one", Standing::Staff, "Tess Teacher", None).await;
        let other = world.launch("two", Standing::Staff, "Theo Teacher", None).await;
        let email = Some("ada@marlowe.example");
        let ada = world.launch("one", Standing::Learner, "Ada Park", email).await;
        let there = world.launch("two", Standing::Learner, "Ada Park", email).await;
        assert_eq!(ada.member, there.member, "the same person in both courses");
        for tab in [&teacher, &other] {
            assert_eq!(world.post(tab, "/rules/new", &fields("save", "course-completed", "")).await.status, 303);
        }
        completed(&world, &there, world.store.now().await.unwrap()).await;
        drop(world.worker.drain().await);
        world.store.move_clock(std::time::Duration::from_secs(3));
        drop(world.worker.drain().await);
        let path = format!("/people/{}", ada.member);
        let (here, elsewhere) = (world.get(&teacher, &path).await, world.get(&other, &path).await);
        assert!(elsewhere.body.contains("/awards/"), "{}", elsewhere.body);
        assert!(here.status == 200 && !here.body.contains("/awards/"), "{}", here.body);
        let rule = only_rule(&world, &other).await.id.to_string();
        assert!(!here.body.contains(&rule));
    }

    async fn who_has_a_badge_from_a_rule_gets_it_by_hand_only_when_asked_for(database: Database) {
        let world = CourseWorld::start(&database).await;
        let teacher = world.launch("one", Standing::Staff, "Tess Teacher", Some("tess@marlowe.example")).await;
        let ada = world.launch("one", Standing::Learner, "Ada Park", Some("ada@marlowe.example")).await;
        let bob = world.launch("one", Standing::Learner, "Bob Stone", Some("bob@marlowe.example")).await;
        assert_eq!(world.post(&teacher, "/rules/new", &fields("save", "course-completed", "")).await.status, 303);
        let (ada_id, bob_id) = (ada.member.to_string(), bob.member.to_string());
        // chosen before the rule gave it: left out when the request is placed
        let early = begun(&world, &teacher).await;
        let ticks = [("person", ada_id.as_str()), ("person", bob_id.as_str()), ("do", "next")];
        world.post(&teacher, &format!("{early}/people"), &ticks).await;
        world.post(&teacher, &format!("{early}/message"), &message("")).await;
        completed(&world, &ada, world.store.now().await.unwrap()).await;
        drop(world.worker.drain().await);
        world.store.move_clock(std::time::Duration::from_secs(3));
        drop(world.worker.drain().await);
        assert_eq!(awards_of(&world, &teacher).await, ["rule"]);
        let check = world.get(&teacher, &format!("{early}/check")).await;
        assert!(check.body.contains("Bob Stone") && !check.body.contains("Ada Park"), "{}", check.body);
        // on its way: marked, not among those without, neither ticked nor taken from a list, nor issued again
        let people = format!("{}/people", begun(&world, &teacher).await);
        let page = world.get(&teacher, &people).await;
        assert!(page.body.contains("On its way"), "{}", page.body);
        for show in ["without", "all"] {
            let page = world.get(&teacher, &format!("{people}?show={show}&sort=-state")).await;
            assert_eq!(page.body.contains("Ada Park"), show == "all", "{show}");
        }
        world.post(&teacher, &people, &[("do", "all")]).await;
        world.post(&teacher, &people, &[("person", &ada_id), ("shown", &ada_id), ("do", "search")]).await;
        world.post(&teacher, &people, &[("again", &ada_id)]).await;
        let page = world.post(&teacher, &people, &[("paste", "ada@marlowe.example"), ("do", "add")]).await;
        let page = world.follow(&teacher, &page.location).await;
        assert!(page.body.contains("as it already") || page.body.contains("as it since"), "{}", page.body);
        let page = world.get(&teacher, &format!("{people}?show=selected")).await;
        assert!(page.body.contains("Bob Stone") && !page.body.contains("Ada Park"), "{}", page.body);
        // it arrived: issued again because a person saw it and asked
        let arrived = "UPDATE award SET state = 'issued', event_id = 'E1', issued_at = 1 WHERE cause LIKE 'rule:%'";
        execute(&database.url, arrived.to_owned()).await;
        world.post(&teacher, &people, &[("again", &ada_id)]).await;
        world.post(&teacher, &people, &[("do", "next")]).await;
        let draft = people.strip_suffix("/people").unwrap();
        world.post(&teacher, &format!("{draft}/message"), &message("")).await;
        let check = world.get(&teacher, &format!("{draft}/check")).await;
        assert!(check.body.contains("Ada Park"), "{}", check.body);
        let key = key_of(&check);
        assert_eq!(world.post(&teacher, &format!("{draft}/check"), &[("key", &key)]).await.status, 303);
        drop(world.worker.drain().await);
        assert_eq!(awards_of(&world, &teacher).await, ["hand", "hand", "rule"]);
    }

    async fn what_a_rule_holds_is_issued_by_hand_instead_once_a_teacher_says_so(database: Database) {
        let world = CourseWorld::start(&database).await;
        let teacher = world.launch("one", Standing::Staff, "Tess Teacher", None).await;
        let mut save = fields("save", "course-completed", "");
        save.retain(|(name, _)| *name != "wait");
        save.push(("wait", "24"));
        assert_eq!(world.post(&teacher, "/rules/new", &save).await.status, 303);
        let mut ids = Vec::new();
        for name in ["Ada Park", "Bob Stone", "Chen Wei"] {
            let email = format!("{}@marlowe.example", name.to_lowercase().replace(' ', "."));
            let tab = world.launch("one", Standing::Learner, name, Some(&email)).await;
            completed(&world, &tab, world.store.now().await.unwrap()).await;
            ids.push(tab.member.to_string());
        }
        drop(world.worker.drain().await);
        let held = |name: &str| (name.to_owned(), "rule", "held");
        assert_eq!(standings(&world, &teacher).await, [held("Ada Park"), held("Bob Stone"), held("Chen Wei")]);

        // it is shown, and a tick alone takes nobody along
        let people = format!("{}/people", begun(&world, &teacher).await);
        let page = world.get(&teacher, &people).await;
        assert_eq!(page.body.matches("Held by a rule").count(), 3, "{}", page.body);
        assert!(!page.body.contains("On its way"));
        assert_eq!(world.post(&teacher, &people, &[("person", &ids[0]), ("do", "next")]).await.status, 422);
        for id in &ids {
            world.post(&teacher, &people, &[("again", id)]).await;
        }
        let page = world.get(&teacher, &people).await;
        assert_eq!(page.body.matches("Gets it by hand").count(), 3, "{}", page.body);
        world.post(&teacher, &people, &[("do", "next")]).await;
        let draft = people.strip_suffix("/people").unwrap();
        world.post(&teacher, &format!("{draft}/message"), &message("")).await;

        // what the rule gave while the draft waited is not given by hand as well
        let issue = |name: &str| {
            let email = format!("{}@marlowe.example", name.to_lowercase().replace(' ', "."));
            let set = "state = 'issued', hold = NULL, next_at = NULL, event_id = 'E1', issued_at = 1";
            format!("UPDATE award SET {set}, address = '{email}' WHERE name = '{name}' AND cause LIKE 'rule:%'")
        };
        execute(&database.url, issue("Chen Wei")).await;
        let check = world.get(&teacher, &format!("{draft}/check")).await;
        assert!(check.body.contains("Instead of a rule") && check.body.contains("Ada Park"), "{}", check.body);
        assert!(!check.body.contains("Chen Wei"), "{}", check.body);
        let place = format!("{draft}/check");
        assert_eq!(world.post(&teacher, &place, &[("key", &key_of(&check))]).await.status, 303);
        // nor what it released after the request was placed
        execute(&database.url, issue("Bob Stone")).await;
        drop(world.worker.drain().await);
        let after = [
            ("Ada Park".to_owned(), "hand", "queued"),
            ("Ada Park".to_owned(), "rule", "withdrawn"),
            ("Bob Stone".to_owned(), "rule", "issued"),
            ("Chen Wei".to_owned(), "rule", "issued"),
        ];
        assert_eq!(standings(&world, &teacher).await, after);
        let why = world.get(&teacher, &format!("/people/{}", ids[0])).await;
        assert_eq!(why.status, 200, "{}", why.body);
        // the rule does not come back with it, neither at the end of its waiting time nor for news
        world.store.move_clock(std::time::Duration::from_hours(25));
        let ada = world.launch("one", Standing::Learner, "Ada Park", Some("ada.park@marlowe.example")).await;
        completed(&world, &ada, world.store.now().await.unwrap()).await;
        drop(world.worker.drain().await);
        assert_eq!(standings(&world, &teacher).await, after);
    }

    async fn what_a_rule_of_another_course_holds_is_not_taken_back_from_here(database: Database) {
        let world = CourseWorld::start(&database).await;
        let teacher = world.launch("one", Standing::Staff, "Tess Teacher", None).await;
        let other = world.launch("two", Standing::Staff, "Theo Teacher", None).await;
        let mut save = fields("save", "course-completed", "");
        save.retain(|(name, _)| *name != "wait");
        save.push(("wait", "24"));
        assert_eq!(world.post(&teacher, "/rules/new", &save).await.status, 303);
        let ada = world.launch("one", Standing::Learner, "Ada Park", Some("ada@marlowe.example")).await;
        world.launch("two", Standing::Learner, "Ada Park", Some("ada@marlowe.example")).await;
        completed(&world, &ada, world.store.now().await.unwrap()).await;
        drop(world.worker.drain().await);
        let people = format!("{}/people", begun(&world, &other).await);
        let page = world.get(&other, &people).await;
        assert!(page.body.contains("On its way") && !page.body.contains("Held by a rule"), "{}", page.body);
        world.post(&other, &people, &[("again", &ada.member.to_string())]).await;
        assert_eq!(world.post(&other, &people, &[("do", "next")]).await.status, 422, "nobody is chosen");
        assert_eq!(standings(&world, &teacher).await, [("Ada Park".to_owned(), "rule", "held")]);
    }
}
