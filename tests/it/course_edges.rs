//! The edges of a course's pages: visitors whom the LMS made up or does not name, a list of many pages, people who lost a
//! badge or are to get it again, and a disk without room.

use std::time::Duration;

use badgebridge::clock::Timestamp;
use badgebridge::jobs::work;
use badgebridge::model::{Address, EnrolmentStatus, Standing};
use badgebridge::store::{Author, Durability, RosterEntry, StoreError};

use crate::course_pages::{begun, below, count_requests, key_of, message, placed};
use crate::support::awards_world::{count, execute};
use crate::support::course_world::{CourseWorld, NOON, Page, Tab};
use crate::support::database::{on_both_databases, with_sqlite};

const ADA: &str = "ada@marlowe.example";

async fn teacher(world: &CourseWorld) -> Tab {
    let address = Some("tess@marlowe.example");
    world.launch("one", Standing::Staff, "Tess Teacher", address).await
}

async fn ada(world: &CourseWorld) -> Tab {
    world.launch("one", Standing::Learner, "Ada Long", Some(ADA)).await
}

/// The drafts of a visitor.
async fn drafts(world: &CourseWorld, tab: &Tab) -> usize {
    let author = Author {
        organisation: world.organisation,
        course: tab.course,
        member: tab.member,
    };
    let read = world
        .store
        .read_one(async |tx| tx.drafts(author, Timestamp::default()).await);
    read.await.unwrap().len()
}

/// Everything that must stay as it is: drafts, requests, awards and jobs.
async fn stored(world: &CourseWorld, tab: &Tab) -> (usize, usize, u64, Vec<String>) {
    let (organisation, course) = (world.organisation, tab.course);
    let (awards, jobs) = world
        .store
        .read(async |tx| {
            let all = badgebridge::store::award_views::HistoryFilter::default();
            let awards = tx.course_history_count(organisation, course, &all).await?;
            Ok::<_, StoreError>((awards, tx.job_keys().await?))
        })
        .await
        .unwrap();
    (drafts(world, tab).await, count_requests(world, tab).await, awards, jobs)
}

/// What somebody without a course's rights tries: each is refused and stores nothing.
async fn is_kept_out(world: &CourseWorld, tab: &Tab) {
    let before = stored(world, tab).await;
    for path in ["/issue", "/issue?badge=B-safety", "/history", "/history.csv", "/needs"] {
        assert_eq!(world.get(tab, path).await.status, 403, "{path}");
    }
    let page = world
        .post(tab, "/issue", &[("badge", "B-safety"), ("do", "next")])
        .await;
    assert_eq!(page.status, 403);
    assert_eq!(stored(world, tab).await, before);
}

/// How many boxes of the people step are ticked.
fn ticked(page: &Page) -> usize {
    page.body.matches(" checked>").count()
}

/// Adds `count` learners to the tab's course, as a read of its roster would.
async fn add_learners(world: &CourseWorld, tab: &Tab, count: usize) {
    let (organisation, course) = (world.organisation, tab.course);
    let entries: Vec<RosterEntry> = (0..count)
        .map(|number| RosterEntry {
            sub: format!("learner-{number}"),
            name: format!("Learner {number:04}"),
            email: Some(Address::parse(&format!("learner{number}@marlowe.example")).unwrap()),
            standing: Standing::Learner,
            status: EnrolmentStatus::Active,
            test: false,
            also_learner: false,
            sis_id: None,
            legacy_id: None,
            lms_id: None,
        })
        .collect();
    for some in entries.chunks(50) {
        let some = some.to_vec();
        let taken: Result<(), StoreError> = world
            .store
            .write(Durability::Launch, async move |tx| {
                let course = tx.course(organisation, course).await?.unwrap();
                tx.take_roster_entries(&course, 1, 0, &some, NOON).await?;
                Ok(())
            })
            .await;
        taken.unwrap();
    }
}

on_both_databases! {
    async fn two_presses_at_once_are_one_request(database: Database) {
        let world = CourseWorld::start(&database).await;
        let teacher = world.launch("one", Standing::Staff, "Tess Teacher", None).await;
        let mut requests = 0;
        for name in ["Ada Park", "Bob Stone", "Chen Wei", "Dora Lane", "Emil Voss"] {
            let email = format!("{}@marlowe.example", name.to_lowercase().replace(' ', "."));
            let learner = world.launch("one", Standing::Learner, name, Some(&email)).await;
            let draft = begun(&world, &teacher).await;
            let id = learner.member.to_string();
            world.post(&teacher, &format!("{draft}/people"), &[("person", &id), ("do", "next")]).await;
            world.post(&teacher, &format!("{draft}/message"), &message("")).await;
            let place = format!("{draft}/check");
            let key = key_of(&world.get(&teacher, &place).await);
            let fields = [("key", key.as_str())];
            let press = || world.post(&teacher, &place, &fields);
            let (first, second, third) = tokio::join!(press(), press(), press());
            // the first to arrive drops the draft: the others find what it placed
            assert_eq!((first.status, second.status, third.status), (303, 303, 303), "{}", second.body);
            assert_eq!((&first.location, &first.location), (&second.location, &third.location));
            requests += 1;
            assert_eq!(count_requests(&world, &teacher).await, requests);
        }
        drop(world.worker.drain().await);
        assert_eq!(count(&database.url, "award").await, 5);
        world.stop().await;
    }

    async fn a_test_student_sends_and_saves_nothing(database: Database) {
        let world = CourseWorld::start(&database).await;
        let (teacher, ada) = (teacher(&world).await, ada(&world).await);
        let made_up = Some("made-up@marlowe.example");
        let test = world.launch_as("one", Standing::Learner, "Test Student", made_up, |facts| facts.test = true).await;
        let page = world.get(&test, "").await;
        let page = world.follow(&test, &page.location).await;
        assert!(page.body.contains("Nothing is sent and nothing is saved."), "{}", page.body);
        is_kept_out(&world, &test).await;
        // whatever rights the platform gave it: the mark counts
        let staff = world.launch_as("one", Standing::Staff, "Test Staff", None, |facts| facts.test = true).await;
        assert_eq!(world.get(&staff, "/issue?badge=B-safety").await.status, 403);
        assert_eq!(world.post(&staff, "/issue", &[("badge", "B-safety"), ("do", "next")]).await.status, 403);
        assert_eq!(drafts(&world, &staff).await, 0);
        // staff do not see it, and cannot choose it, by tick, by address or all at once
        let draft = begun(&world, &teacher).await;
        let people = format!("{draft}/people");
        let page = world.get(&teacher, &people).await;
        assert!(page.body.contains("Ada Long") && !page.body.contains("Test Student"), "{}", page.body);
        let id = test.member.to_string();
        let page = world.post(&teacher, &people, &[("person", &id), ("do", "next")]).await;
        assert_eq!(page.status, 422, "nobody is chosen");
        let page = world.post(&teacher, &people, &[("again", &id)]).await;
        assert_eq!(page.status, 303);
        assert_eq!(world.post(&teacher, &people, &[("do", "next")]).await.status, 422, "nor again");
        world.post(&teacher, &people, &[("do", "all")]).await;
        let order = placed_draft(&world, &teacher, &draft).await;
        let page = world.get(&teacher, &order).await;
        assert!(page.body.contains("Ada Long") && !page.body.contains("Test Student"), "{}", page.body);
        assert_eq!(world.get(&test, "/my").await.body.matches("Lab Safety").count(), 0);
        assert!(world.get(&ada, "/my").await.body.contains("Lab Safety"));
        world.stop().await;
    }

    async fn who_is_not_named_sees_a_notice_and_nothing_else(database: Database) {
        let world = CourseWorld::start(&database).await;
        let (teacher, ada) = (teacher(&world).await, ada(&world).await);
        placed(&world, &teacher, &[&ada]).await;
        let nobody = world.launch_as("one", Standing::Learner, "", None, |facts| facts.person = None).await;
        let page = world.get(&nobody, "/my").await;
        assert!(page.body.contains("Your course does not say who you are."), "{}", page.body);
        assert!(page.body.contains("You can read about the badges; to earn one,"), "{}", page.body);
        assert!(!page.body.contains("Lab Safety"), "not what others got");
        is_kept_out(&world, &nobody).await;
        // staff without a name see the course, but a request needs somebody who answers for it
        let staff = world.launch_as("one", Standing::Staff, "", None, |facts| facts.person = None).await;
        assert_eq!(world.get(&staff, "/history").await.status, 200);
        assert_eq!(world.post(&staff, "/issue", &[("badge", "B-safety"), ("do", "next")]).await.status, 403);
        // two launches without a name are two sessions: one cannot open the other's seat
        let other = world.launch_as("one", Standing::Learner, "", None, |facts| facts.person = None).await;
        assert_ne!(nobody.base, other.base);
        let stolen = Tab { base: nobody.base.clone(), ..other };
        assert_eq!(world.get(&stolen, "/my").await.status, 401);
        world.stop().await;
    }

    async fn all_without_the_badge_are_chosen_over_every_page(database: Database) {
        let world = CourseWorld::start(&database).await;
        let (teacher, ada) = (teacher(&world).await, ada(&world).await);
        placed(&world, &teacher, &[&ada]).await;
        // more than are read at a time
        add_learners(&world, &teacher, 505).await;
        let draft = begun(&world, &teacher).await;
        let people = format!("{draft}/people");
        let page = world.get(&teacher, &people).await;
        assert!(page.body.contains("505 without"), "the button counts: {}", page.body);
        assert!(page.body.matches("name=\"person\"").count() <= 25, "one page of them is shown");
        // a filter and a tick that was taken away do not narrow it
        let fields = [("q", "0007"), ("do", "all")];
        assert_eq!(world.post(&teacher, &people, &fields).await.status, 303);
        let last = world.get(&teacher, &format!("{people}?page=21")).await;
        assert!(last.body.contains("Learner 0504"), "{}", last.body);
        let boxes = last.body.matches("name=\"person\"").count();
        assert_eq!(ticked(&last), boxes);
        assert!(boxes > 0);
        let order = placed_draft(&world, &teacher, &draft).await;
        let table = world.get(&teacher, &format!("{order}.csv")).await;
        assert_eq!(table.body.matches("@marlowe.example").count(), 505, "each once");
        assert!(!table.body.contains(ADA), "not who has it");
        world.stop().await;
    }

    async fn after_a_badge_was_taken_back_it_is_issued_again_under_a_new_award(database: Database) {
        let world = CourseWorld::start(&database).await;
        let (teacher, ada) = (teacher(&world).await, ada(&world).await);
        let order = placed(&world, &teacher, &[&ada]).await;
        let first = take_back(&world, &teacher, &order).await;
        // the award's own page leads to the next one
        let page = world.get(&teacher, &first).await;
        let award = page.body.split("name=\"again\" value=\"").nth(1).expect("issue again");
        let award = award.split('"').next().unwrap();
        let page = world.post(&teacher, "/issue", &[("badge", "B-safety"), ("again", award)]).await;
        let people = below(&teacher, &page);
        let draft = people.strip_suffix("/people").unwrap();
        assert_eq!(ticked(&world.get(&teacher, &people).await), 1, "the person is chosen already");
        let order = placed_draft(&world, &teacher, draft).await;
        let history = world.get(&teacher, "/history").await;
        assert_eq!(history.body.matches("/awards/").count(), 2, "{}", history.body);
        let table = world.get(&teacher, &format!("{order}.csv")).await;
        assert_eq!(table.body.matches(ADA).count(), 1, "{}", table.body);
        // and all at once raises it as well: once withdrawn again, everybody without the badge is Ada
        let second = take_back(&world, &teacher, &order).await;
        assert_ne!(first, second);
        let draft = begun(&world, &teacher).await;
        world.post(&teacher, &format!("{draft}/people"), &[("do", "all")]).await;
        placed_draft(&world, &teacher, &draft).await;
        let history = world.get(&teacher, "/history").await;
        assert_eq!(history.body.matches("/awards/").count(), 3, "{}", history.body);
        world.stop().await;
    }

    async fn a_draft_whose_award_was_taken_back_meanwhile_asks_for_a_new_one(database: Database) {
        let world = CourseWorld::start(&database).await;
        let (teacher, ada) = (teacher(&world).await, ada(&world).await);
        // chosen while nothing was there: generation 0
        let draft = begun(&world, &teacher).await;
        let id = ada.member.to_string();
        world.post(&teacher, &format!("{draft}/people"), &[("person", &id), ("do", "next")]).await;
        // meanwhile a colleague's request gives the badge, and it is taken back
        let colleague = world.launch("one", Standing::Staff, "Carl Colleague", None).await;
        let order = placed(&world, &colleague, &[&ada]).await;
        take_back(&world, &colleague, &order).await;
        let order = placed_draft(&world, &teacher, &draft).await;
        let page = world.get(&teacher, &order).await;
        assert!(!page.body.contains("Not sent"), "the withdrawn award is not what was ordered: {}", page.body);
        let history = world.get(&teacher, "/history").await;
        assert_eq!(history.body.matches("/awards/").count(), 2, "{}", history.body);
        world.stop().await;
    }

    async fn who_got_the_badge_meanwhile_is_left_out_of_a_draft(database: Database) {
        let world = CourseWorld::start(&database).await;
        let (teacher, ada) = (teacher(&world).await, ada(&world).await);
        let draft = begun(&world, &teacher).await;
        let id = ada.member.to_string();
        world.post(&teacher, &format!("{draft}/people"), &[("person", &id), ("do", "next")]).await;
        let colleague = world.launch("one", Standing::Staff, "Carl Colleague", None).await;
        placed(&world, &colleague, &[&ada]).await;
        world.post(&teacher, &format!("{draft}/message"), &message("")).await;
        let page = world.get(&teacher, &format!("{draft}/check")).await;
        assert_eq!(page.status, 422, "nobody is left: {}", page.body);
        assert_eq!(count_requests(&world, &teacher).await, 1);
        world.stop().await;
    }
}

/// Goes on with a draft that has people: message, check, *Issue*. The order's path.
async fn placed_draft(world: &CourseWorld, tab: &Tab, draft: &str) -> String {
    let page = world.post(tab, &format!("{draft}/message"), &message("")).await;
    assert_eq!(below(tab, &page), format!("{draft}/check"));
    let key = key_of(&world.get(tab, &format!("{draft}/check")).await);
    let page = world.post(tab, &format!("{draft}/check"), &[("key", &key)]).await;
    let order = below(tab, &page);
    world.worker.drain().await.unwrap();
    order
}

/// Takes the only award of an order back before it is sent; its path.
async fn take_back(world: &CourseWorld, tab: &Tab, order: &str) -> String {
    let page = world.get(tab, order).await;
    let award = page.body.split("/awards/").nth(1).expect("an award");
    let award = award.split('"').next().unwrap();
    let path = format!("/awards/{award}");
    let page = world
        .post(tab, &format!("{path}/revoke"), &[("reason", "mistake")])
        .await;
    assert_eq!(page.status, 303, "{}", page.body);
    world.worker.drain().await.unwrap();
    let page = world.get(tab, &path).await;
    assert!(page.body.contains("Not sent"), "{}", page.body);
    path
}

on_both_databases! {
    // an index of PostgreSQL holds 2,704 bytes; signs without a pattern are not made smaller
    async fn names_as_long_as_they_are_kept_are_stored_searched_and_sorted(database: Database) {
        let world = CourseWorld::start(&database).await;
        let teacher = teacher(&world).await;
        let name: String = (0..255_u32).filter_map(|at| char::from_u32(0x2_0000 + at * 7_919 % 40_000)).collect();
        let address = format!("{}@marlowe.example", "l".repeat(64));
        let ada = world.launch("one", Standing::Learner, &name, Some(&address)).await;
        placed(&world, &teacher, &[&ada]).await;
        for path in ["/history", "/history?sort=name", "/history?q=lll"] {
            let page = world.get(&teacher, path).await;
            assert_eq!(page.status, 200, "{path}: {}", page.body);
            assert!(page.body.contains(&name), "{path}");
        }
        world.stop().await;
    }
}

/// Drafts that wait for *Issue* when the disk is full.
const READY: usize = 30;

#[tokio::test]
async fn on_a_full_disk_pages_are_read_and_nothing_is_acknowledged() {
    with_sqlite(async |database| {
        // the server's connection may not make the file larger than this
        let world = CourseWorld::start_on(&database, |options| {
            let file = database.url.strip_prefix("sqlite://").unwrap();
            let pages = std::fs::metadata(file).unwrap().len() / 4_096;
            options.sqlite_max_pages = Some(u32::try_from(pages).unwrap() + 32);
        })
        .await;
        let (teacher, ada) = (teacher(&world).await, ada(&world).await);
        placed(&world, &teacher, &[&ada]).await;
        let bob = world.launch("one", Standing::Learner, "Bob Nomail", None).await;
        let id = bob.member.to_string();
        // ready to be issued: some of them, because requests fit into what is left of a page
        let mut ready = Vec::new();
        for _ in 0..READY {
            let draft = begun(&world, &teacher).await;
            world
                .post(&teacher, &format!("{draft}/people"), &[("person", &id), ("do", "next")])
                .await;
            world.post(&teacher, &format!("{draft}/message"), &message("")).await;
            let check = format!("{draft}/check");
            ready.push((key_of(&world.get(&teacher, &check).await), check));
        }
        let (mut kept, mut refused) = (i64::try_from(READY).unwrap(), None);
        for _ in 0..300 {
            let page = world
                .post(&teacher, "/issue", &[("badge", "B-safety"), ("do", "next")])
                .await;
            if page.status != 303 {
                refused = Some(page);
                break;
            }
            kept += 1;
            // an untouched draft would be gone on with
            let people = below(&teacher, &page);
            let page = world.post(&teacher, &people, &[("person", &id), ("do", "later")]).await;
            if page.status != 303 {
                refused = Some(page);
                break;
            }
        }
        let page = refused.expect("the disk is full at last");
        assert_eq!(page.status, 503, "{}", page.body);
        assert_eq!(
            count(&database.url, "draft").await,
            kept,
            "what was refused is not there, what was taken is"
        );

        let mut pressed = 0;
        for (key, check) in &ready {
            let before = stored(&world, &teacher).await;
            let page = world.post(&teacher, check, &[("key", key)]).await;
            if page.status == 503 {
                assert_eq!(stored(&world, &teacher).await, before, "no request, no award, no job");
                assert_eq!(world.get(&teacher, check).await.status, 200, "it can be pressed again");
                break;
            }
            assert_eq!(page.status, 303, "{}", page.body);
            pressed += 1;
        }
        assert!(pressed < READY, "no press of Issue met the full disk");
        // what was taken before waits for room
        world.stop_with_left(&["make-awards"]).await;
    })
    .await;
}

#[tokio::test]
async fn a_database_that_takes_no_notes_does_not_take_reading_away() {
    with_sqlite(async |database| {
        let world = CourseWorld::start(&database).await;
        let (teacher, ada) = (teacher(&world).await, ada(&world).await);
        let order = placed(&world, &teacher, &[&ada]).await;
        // both notes of a page are due: the badges are old, and the session was last seen long ago
        world.clock.advance(Duration::from_hours(1));
        let refuse = "CREATE TRIGGER no_job BEFORE INSERT ON job BEGIN SELECT RAISE(ABORT, 'no room'); END;
            CREATE TRIGGER no_note BEFORE UPDATE ON session BEGIN SELECT RAISE(ABORT, 'no room'); END;";
        execute(&database.url, refuse.to_owned()).await;
        for path in ["", "/issue", "/history", order.as_str()] {
            let page = world.get(&teacher, path).await;
            assert_eq!(page.status, 200, "{path}: {}", page.body);
        }
        let queued = world
            .store
            .write(Durability::Launch, {
                let job = work::catalog(world.organisation, NOON);
                async move |tx| tx.enqueue_once(&job, NOON).await
            })
            .await;
        assert!(queued.is_err(), "a note would have failed");
        world.stop().await;
    })
    .await;
}
