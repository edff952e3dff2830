//! Who did what about a rule on its pages: each deed stands in the audit log, once.

use badgebridge::model::Standing;

use crate::rules_pages::{completed, fields, only_rule};
use crate::support::awards_world::count;
use crate::support::course_world::{CourseWorld, NOON};
use crate::support::database::on_both_databases;

/// How often the deed stands in the log, by a member of the course.
async fn times(url: &str, action: &str) -> i64 {
    count(
        url,
        &format!("audit WHERE action = '{action}' AND actor <> 'command line' AND actor <> ''"),
    )
    .await
}

on_both_databases! {
    async fn change_backfill_release_and_discard_stand_in_the_audit_log(database: Database) {
        let (world, url) = (CourseWorld::start(&database).await, &database.url);
        let teacher = world.launch("one", Standing::Staff, "Tess Teacher", None).await;
        let mut people = Vec::new();
        for name in ["Ada Park", "Bob Stone", "Chen Wei", "Dora Lane"] {
            let email = format!("{}@marlowe.example", name.to_lowercase().replace(' ', "."));
            people.push(world.launch("one", Standing::Learner, name, Some(&email)).await);
        }
        let ids: Vec<String> = people.iter().map(|tab| tab.member.to_string()).collect();
        completed(&world, &people[0], badgebridge::clock::Timestamp::from_millis(NOON.millis() - 60_000)).await;
        assert_eq!(world.post(&teacher, "/rules/new", &fields("save", "course-completed", "")).await.status, 303);
        assert_eq!(times(url, "rule.add").await, 1);
        let rule = only_rule(&world, &teacher).await;
        let place = format!("/rules/{}", rule.id);

        // who met it before, by a person's word: not without a tick
        let backfill = format!("{place}/backfill");
        assert_eq!(world.post(&teacher, &backfill, &[("do", "award")]).await.status, 422);
        assert_eq!(times(url, "rule.backfill").await, 0);
        assert_eq!(world.post(&teacher, &backfill, &[("member", &ids[0]), ("do", "award")]).await.status, 303);
        assert_eq!(times(url, "rule.backfill").await, 1);
        drop(world.worker.drain().await);

        // a change; a form that is out of date changes nothing and is not noted
        let version = only_rule(&world, &teacher).await.version.to_string();
        let mut change = fields("save", "course-completed", "");
        change.push(("breaker", "1"));
        assert_eq!(world.post(&teacher, &place, &change).await.status, 200, "version 0 was never shown");
        assert_eq!(times(url, "rule.change").await, 0);
        change.retain(|(name, _)| *name != "version");
        change.push(("version", &version));
        assert_eq!(world.post(&teacher, &place, &change).await.status, 303);
        assert_eq!(times(url, "rule.change").await, 1);

        // a flood stops the rule: one is awarded all the same, the others are discarded
        for tab in &people[1..] {
            completed(&world, tab, world.store.now().await.unwrap()).await;
        }
        for _ in 0..3 {
            drop(world.worker.drain().await);
            world.store.move_clock(std::time::Duration::from_secs(3));
        }
        let release = format!("{place}/release");
        assert!(world.get(&teacher, &release).await.body.contains("Chen Wei"));
        assert_eq!(world.post(&teacher, &release, &[("member", &ids[2]), ("do", "award")]).await.status, 303);
        assert_eq!(times(url, "rule.release").await, 1);
        assert_eq!(world.post(&teacher, &release, &[("do", "discard")]).await.status, 303);
        assert_eq!(times(url, "rule.discard").await, 1);
        let helper = world.launch("one", Standing::LimitedStaff, "Hana Helper", None).await;
        assert_eq!(world.post(&helper, &release, &[("do", "discard")]).await.status, 403);
        assert_eq!(times(url, "rule.discard").await, 1, "what is refused is no deed");
    }
}
