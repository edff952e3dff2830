//! A session's end: after two hours without use, after twelve hours in any case. Nothing is changed by what comes
//! afterwards, drafts are kept, the page leads to the LMS, and a new launch goes on (P1).

use std::time::Duration;

use badgebridge::sandbox::lms::LaunchSpec;

use crate::support::browser::Answer;
use crate::support::database::on_both_databases;
use crate::support::world::{Tab, World};

const BADGE: &str = badgebridge::sandbox::factory::BADGE_SAFETY;
const COURSE: &str = "BIO-2010";
const MINUTE: Duration = Duration::from_mins(1);

/// A draft at its second step, with a pasted address; its path below the seat.
async fn draft(tab: &Tab) -> String {
    let begun = tab.post("/issue", &[("badge", BADGE), ("do", "next")]).await;
    let people = begun.location().split('?').next().unwrap().strip_prefix(&tab.url);
    let people = people.unwrap().to_owned();
    let kept = tab
        .post(&people, &[("paste", "guest@campus.example"), ("do", "add")])
        .await;
    assert_eq!(kept.status, 303, "{}", kept.body);
    people
}

/// The session has ended: the status, the reason, the way to the LMS.
fn assert_ended(world: &World, answer: &Answer, heading: &str) {
    assert_eq!((answer.status, answer.reason().as_str()), (401, "session_ended"));
    assert_eq!(answer.heading(), heading);
    let lms = url::Url::parse(&world.registration.issuer).unwrap();
    let link = format!("href=\"{}\" target=\"_top\"", lms.origin().ascii_serialization());
    assert!(answer.body.contains(&link), "{}", answer.body);
}

on_both_databases! {
    async fn a_session_ends_after_two_hours_without_use_and_drafts_are_kept(database: Database) {
        let world = World::start(&database).await;
        let browser = world.browser();
        let tab = world.launch_in(&browser, LaunchSpec::new("teacher1", COURSE, "")).await;
        let people = draft(&tab).await;
        world.advance(Duration::from_mins(119)).await;
        assert_eq!(tab.get(&people).await.status, 200, "used in time: two more hours");
        world.advance(Duration::from_mins(119)).await;
        assert_eq!(tab.get(&people).await.status, 200);
        world.advance(Duration::from_hours(2) + MINUTE).await;
        let seen = tab.get(&people).await;
        assert_ended(&world, &seen, "Open this page from your course");
        assert!(!seen.body.contains("guest@campus.example"), "{}", seen.body);
        let next = people.replace("/people", "/message");
        let late = tab.post(&people, &[("paste", "late@campus.example"), ("do", "add")]).await;
        assert_ended(&world, &late, "You were away for a while");
        let late = tab.post(&next, &[("subject", "Late"), ("body", "Late"), ("valid", "own"), ("do", "next")]).await;
        assert_ended(&world, &late, "You were away for a while");

        let again = world.launch_in(&browser, LaunchSpec::new("teacher1", COURSE, "")).await;
        assert_ne!(again.seat.session, tab.seat.session);
        let page = again.get(&people).await;
        assert_eq!(page.status, 200, "{}", page.body);
        assert!(page.body.contains("guest@campus.example") && !page.body.contains("late@campus"), "{}", page.body);
        assert_eq!(tab.get(&people).await.status, 401, "the old seat stays closed");
        world.finish().await;
    }

    async fn a_session_ends_after_twelve_hours_however_often_it_is_used(database: Database) {
        let world = World::start(&database).await;
        let browser = world.browser();
        let tab = world.launch_in(&browser, LaunchSpec::new("teacher1", COURSE, "")).await;
        for _ in 0..7 {
            world.advance(Duration::from_mins(100)).await;
            assert_eq!(tab.get("").await.status, 200);
        }
        // 11 h 40 min; a launch in the same browser adds a seat and no time
        let second = world.launch_in(&browser, LaunchSpec::new("teacher1", COURSE, "")).await;
        assert_eq!(second.seat.session, tab.seat.session);
        world.advance(Duration::from_mins(21)).await;
        for tab in [&tab, &second] {
            assert_ended(&world, &tab.get("").await, "Open this page from your course");
        }
        let again = world.launch_in(&browser, LaunchSpec::new("teacher1", COURSE, "")).await;
        assert_ne!(again.seat.session, tab.seat.session);
        assert_eq!(again.get("").await.status, 200);
        world.finish().await;
    }
}
