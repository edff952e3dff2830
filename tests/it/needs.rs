//! "Needs you": work that does not come to its end is told to staff of its course, and to nobody else.

use badgebridge::model::Standing;
use badgebridge::store::award_views::{HistoryFilter, HistorySort};
use badgebridge::store::{Durability, StoreError};
use serde_json::json;

use crate::course_pages::placed;
use crate::support::awards_world::execute;
use crate::support::course_world::CourseWorld;
use crate::support::database::on_both_databases;

on_both_databases! {
    async fn each_problem_of_a_course_is_told_to_its_staff(database: Database) {
        let world = CourseWorld::start(&database).await;
        let teacher = world.launch("one", Standing::Staff, "Tess Teacher", None).await;
        let other = world.launch("two", Standing::Staff, "Theo Teacher", None).await;
        let ada = world.launch("one", Standing::Learner, "Ada Park", Some("ada@marlowe.example")).await;
        let bob = world.launch("one", Standing::Learner, "Bob Stone", Some("bob@marlowe.example")).await;
        let order = placed(&world, &teacher, &[&ada]).await;
        let second = placed(&world, &teacher, &[&bob]).await;
        assert!(world.get(&teacher, "/needs").await.body.contains("Nothing needs you."));
        let (organisation, course) = (world.organisation, teacher.course);
        let all = HistoryFilter::default();
        let lines = world
            .store
            .read(async |tx| tx.course_history(organisation, course, &all, HistorySort::default(), 9, 0).await)
            .await
            .unwrap();
        let award = lines.iter().find(|line| line.name == "Ada Park").unwrap().id;
        let request = order.strip_prefix("/orders/").unwrap();
        let problems = [
            ("revoke-failed", award.to_string()),
            ("job-failed", format!("make-awards:{request}")),
            ("job-failed", format!("evaluate:{course}:{}", ada.member)),
        ];
        let raised: Result<(), StoreError> = world
            .store
            .write(Durability::Full, async move |tx| {
                let now = tx.now().await?;
                for (kind, subject) in &problems {
                    let detail = json!({ "reason": "so it said" });
                    tx.raise_problem(organisation, kind, subject, &detail, now).await?;
                }
                Ok(())
            })
            .await;
        raised.unwrap();
        let refused = second.strip_prefix("/orders/").unwrap().to_owned();
        for sql in [
            "UPDATE award SET state = 'refused' WHERE name = 'Bob Stone'",
            "UPDATE orders SET state = 'refused', next_at = NULL WHERE id IN
                (SELECT order_id FROM award WHERE name = 'Bob Stone')",
            "UPDATE award SET state = 'sending' WHERE name = 'Ada Park'",
            "UPDATE orders SET state = 'parked', next_at = NULL WHERE id IN
                (SELECT order_id FROM award WHERE name = 'Ada Park')",
        ] {
            execute(&database.url, sql.to_owned()).await;
        }
        let told = [
            "does not take Lab Safety of Ada Park back",
            "Not everybody of an order of Lab Safety was worked off",
            "The rules could not be applied to Ada Park",
            "Needs a decision",
            "Failed",
            &format!("/awards/{award}"),
            &format!("/orders/{request}"),
            &format!("/people/{}", ada.member),
        ]
        .map(str::to_owned);
        for path in ["/needs", ""] {
            let plain = plain(&world.get(&teacher, path).await.body);
            for words in &told[..if path.is_empty() { 3 } else { 8 }] {
                assert!(plain.contains(words), "{path} {words}: {plain}");
            }
            let beside = world.get(&other, path).await.body;
            assert!(!beside.contains("Ada Park") && !beside.contains(&refused), "{path}: {beside}");
        }
        assert!(world.get(&other, "/needs").await.body.contains("Nothing needs you."));
        let learner = world.get(&ada, "/my").await.body;
        assert!(!learner.contains("does not take"), "{learner}");
    }
}

/// The page without the marks around names.
fn plain(body: &str) -> String {
    body.replace("<bdi>", "")
        .replace("</bdi>", "")
        .replace(['\u{2068}', '\u{2069}'], "")
}
