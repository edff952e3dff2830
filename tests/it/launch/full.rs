//! A disk without room: a launch is refused as a whole, the page says so, and the login is not spent.

use badgebridge::sandbox::lms::LaunchSpec;

use super::{COURSE, assert_refused_after};
use crate::support::database::with_sqlite;
use crate::support::world::{Credential, Setup, World};

#[tokio::test]
async fn on_a_full_disk_logins_and_launches_are_refused_and_leave_nothing() {
    with_sqlite(async |database| {
        let setup = Setup {
            credential: Credential::Nothing,
            spare_pages: Some(24),
            ..Setup::default()
        };
        let world = World::start_with(&database, setup).await;
        let people = world.lms.seed_people(COURSE, 400);
        let (first, others) = people.split_at(160);
        let mut logins = Vec::new();
        for person in first {
            let browser = world.browser();
            let begun = world.begin(&browser, LaunchSpec::new(person, COURSE, "")).await;
            logins.push((browser, world.lms.answer(&begun.address).unwrap()));
        }
        let mut made = 0;
        let mut refused = None;
        for (browser, post) in &logins {
            let answer = browser.post_from_elsewhere(&post.url, &post.fields).await;
            if answer.status != 303 {
                refused = Some((browser, post, answer));
                break;
            }
            made += 1;
        }
        let (browser, post, answer) = refused.expect("the disk is full at last");
        assert_refused_after(&world, made, &answer, 503, "busy").await;
        // a login that was spent would be unknown now
        let again = browser.post_from_elsewhere(&post.url, &post.fields).await;
        assert_refused_after(&world, made, &again, 503, "busy").await;
        // logins take less room than launches: they are refused later, in the same way
        let mut login = None;
        for person in others {
            let begin = world.lms.begin_with(LaunchSpec::new(person, COURSE, "")).unwrap();
            let answer = world.browser().post_from_elsewhere(&begin.url, &begin.parameters).await;
            if answer.status != 303 {
                login = Some(answer);
                break;
            }
        }
        let login = login.expect("no login fits in at last");
        assert_refused_after(&world, made, &login, 503, "busy").await;
        world.abandon().await;
    })
    .await;
}
