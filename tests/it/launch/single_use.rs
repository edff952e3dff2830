//! A launch counts once and in the browser where its login began (rows 47 to 51), on both databases.

use std::sync::Arc;
use std::time::Duration;

use badgebridge::sandbox::lms::LaunchSpec;

use super::{COURSE, LEARNER, TEACHER, assert_refused, assert_refused_after, begin};
use crate::support::database::on_both_databases;
use crate::support::world::{World, claim};

on_both_databases! {
    async fn a_replayed_launch_is_refused_with_a_way_back(database: Database) {
        let world = World::unconnected(&database).await;
        let browser = world.browser();
        let begun = begin(&world, &browser).await;
        let binding = browser.cookies();
        let token = world.lms.id_token(&LaunchSpec::new(TEACHER, COURSE, &begun.nonce));
        world.answer(&browser, &begun.state, &token).await.seat();
        // a reload has lost the login's cookie, an attacker who copied everything has not
        for with_cookie in [false, true] {
            if with_cookie {
                for (name, value) in &binding {
                    browser.plant(name, value);
                }
            }
            let again = world.answer(&browser, &begun.state, &token).await;
            assert_refused_after(&world, 1, &again, 401, "state_unknown").await;
            assert_eq!(again.heading(), "This page was opened twice or waited too long");
        }
        world.finish().await;
    }

    async fn two_posts_of_one_launch_at_once_make_one_seat(database: Database) {
        let world = World::unconnected(&database).await;
        let browser = world.browser();
        for _ in 0..10 {
            let before = world.seats().await;
            let begun = begin(&world, &browser).await;
            let token = world.lms.id_token(&LaunchSpec::new(TEACHER, COURSE, &begun.nonce));
            let (one, other) = tokio::join!(
                world.answer(&browser, &begun.state, &token),
                world.answer(&browser, &begun.state, &token)
            );
            let mut statuses = [one.status, other.status];
            statuses.sort_unstable();
            assert_eq!(statuses, [303, 401]);
            assert_eq!(world.seats().await, before + 1);
        }
        world.finish().await;
    }

    async fn a_launch_needs_a_state_that_we_gave_and_that_is_young(database: Database) {
        let world = World::unconnected(&database).await;
        let browser = world.browser();
        let begun = begin(&world, &browser).await;
        let token = world.lms.id_token(&LaunchSpec::new(TEACHER, COURSE, &begun.nonce));
        let without_state = [("id_token".to_owned(), token.clone())];
        let answer = browser.post_from_elsewhere("/lti/launch", &without_state).await;
        assert_refused(&world, &answer, 401, "state_missing").await;
        for state in ["", "unknown", &"x".repeat(5000)] {
            let answer = world.answer(&browser, state, &token).await;
            let reason = if state.is_empty() { "state_missing" } else { "state_unknown" };
            assert_refused(&world, &answer, 401, reason).await;
        }
        world.advance(Duration::from_secs(601)).await;
        let token = world.lms.id_token(&LaunchSpec::new(TEACHER, COURSE, &begun.nonce));
        let answer = world.answer(&browser, &begun.state, &token).await;
        assert_refused(&world, &answer, 401, "state_unknown").await;
        world.finish().await;
    }

    async fn a_launch_without_its_cookie_makes_no_session_and_spends_nothing(database: Database) {
        let world = World::unconnected(&database).await;
        let (browser, other) = (world.browser(), world.browser());
        let begun = begin(&world, &browser).await;
        let token = world.lms.id_token(&LaunchSpec::new(TEACHER, COURSE, &begun.nonce));
        let answer = world.answer(&other, &begun.state, &token).await;
        assert_refused(&world, &answer, 200, "cookie_missing").await;
        assert!(other.cookies().is_empty());
        world.answer(&browser, &begun.state, &token).await.seat();
        world.finish().await;
    }

    async fn the_cookie_of_another_login_does_not_count(database: Database) {
        let world = World::unconnected(&database).await;
        let (browser, attacker) = (world.browser(), world.browser());
        let begun = begin(&world, &browser).await;
        begin(&world, &attacker).await;
        let name = browser.cookies().keys().next().unwrap().clone();
        let value = attacker.cookies().values().next().unwrap().clone();
        attacker.plant(&name, &value);
        let token = world.lms.id_token(&LaunchSpec::new(TEACHER, COURSE, &begun.nonce));
        let answer = world.answer(&attacker, &begun.state, &token).await;
        assert_refused(&world, &answer, 401, "binding_mismatch").await;
        world.finish().await;
    }

    async fn two_tabs_may_finish_in_reverse_order(database: Database) {
        let world = World::unconnected(&database).await;
        let browser = world.browser();
        let first = world.begin(&browser, LaunchSpec::new(TEACHER, COURSE, "")).await;
        let second = world.begin(&browser, LaunchSpec::new(TEACHER, COURSE, "")).await;
        let mut seats = Vec::new();
        for begun in [second, first] {
            let token = world.lms.id_token(&LaunchSpec::new(TEACHER, COURSE, &begun.nonce));
            seats.push(world.seat(world.answer(&browser, &begun.state, &token).await.seat()).await);
        }
        assert_ne!(seats[0].id, seats[1].id);
        assert_eq!(seats[0].session, seats[1].session, "one browser, one person: one session");
        world.finish().await;
    }

    async fn another_person_in_the_same_browser_ends_the_session(database: Database) {
        let world = World::unconnected(&database).await;
        let browser = world.browser();
        let teacher = world.launch_in(&browser, LaunchSpec::new(TEACHER, COURSE, "")).await;
        let learner = world.launch_in(&browser, LaunchSpec::new(LEARNER, COURSE, "")).await;
        assert_ne!(teacher.seat.session, learner.seat.session);
        let answer = browser.get(&teacher.url).await;
        assert_eq!(answer.status, 401, "the teacher's page in the learner's session");
        world.finish().await;
    }

    async fn a_session_cookie_that_we_did_not_make_is_not_taken(database: Database) {
        let world = World::unconnected(&database).await;
        let browser = world.browser();
        let (registration, organisation) = (world.registration.id.uuid(), world.organisation.uuid());
        let name = format!("__Host-bb-seat-{}-{}", registration.simple(), organisation.simple());
        browser.plant(&name, "chosen-by-somebody-else");
        let tab = world.launch_in(&browser, LaunchSpec::new(TEACHER, COURSE, "")).await;
        assert_ne!(browser.cookies()[&name], "chosen-by-somebody-else");
        assert_eq!(world.seats().await, 1);
        drop(tab);
        world.finish().await;
    }

    async fn a_refused_token_leaves_the_login_to_the_right_one(database: Database) {
        let world = World::unconnected(&database).await;
        let browser: Arc<_> = world.browser();
        let begun = begin(&world, &browser).await;
        let spec = LaunchSpec::new(TEACHER, COURSE, &begun.nonce);
        let mut claims = world.lms.claims(&spec);
        claims[claim("version")] = serde_json::json!("1.1");
        let bad = world.lms.sign(&world.lms.header(), &claims, &badgebridge::sandbox::lms::Signer::Own);
        let answer = world.answer(&browser, &begun.state, &bad).await;
        assert_refused(&world, &answer, 400, "version_not_supported").await;
        world.answer(&browser, &begun.state, &world.lms.id_token(&spec)).await.seat();
        world.finish().await;
    }
}

on_both_databases! {
    async fn a_form_counts_in_its_own_session_and_from_its_own_page(database: Database) {
        let world = World::unconnected(&database).await;
        let (tab, stranger) = (world.launch(TEACHER, COURSE).await, world.launch(LEARNER, COURSE).await);
        let kept = tab.post("/preferences", &[("language", "fr"), ("theme", "dark")]).await;
        assert!(matches!(kept.status, 200 | 303), "{}: {}", kept.status, kept.body);
        assert_eq!(world.seat(tab.seat.id).await.language.as_deref(), Some("fr"));
        let path = format!("{}/preferences", tab.url);
        let own_secret = [("csrf", tab.seat.csrf.as_str()), ("language", "en")];
        for (answer, status) in [
            (tab.browser.post(&path, &[("csrf", &stranger.seat.csrf), ("language", "en")]).await, 403),
            (tab.browser.post(&path, &[("language", "en")]).await, 403),
            (stranger.browser.post(&path, &own_secret).await, 401),
        ] {
            assert_eq!(answer.status, status, "{}", answer.body);
        }
        let from_elsewhere = own_secret.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let answer = tab.browser.post_from_elsewhere(&path, &from_elsewhere).await;
        assert_eq!((answer.status, answer.reason().as_str()), (403, "foreign_form"));
        assert_eq!(world.seat(tab.seat.id).await.language.as_deref(), Some("fr"), "nothing was changed");
        world.finish().await;
    }
}
