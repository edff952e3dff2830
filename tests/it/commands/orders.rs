//! `order`: what a person decides about orders that were refused or parked, and what is nobody's to decide.

use badgebridge::clock::{Clock, SystemClock};
use badgebridge::crypto::random;
use uuid::Uuid;

use super::World;

/// An order with one award, in these states.
async fn order(world: &World, state: &str, award_state: &str) -> Uuid {
    let now = SystemClock.now();
    let (id, award) = (random::id_at(now), random::id_at(now));
    let mut sql = world.sql().await;
    let owner: Uuid = sqlx::query_scalar("SELECT id FROM organisation WHERE name = 'Marlowe'")
        .fetch_one(&mut sql)
        .await
        .unwrap();
    let next_at = matches!(state, "ready" | "unsure").then_some(now.millis());
    let event = (state == "issued").then_some("E1");
    let insert =
        "INSERT INTO orders (id, organisation_id, badge_id, content, state, next_at, event_id, reason, created_at,
        updated_at) VALUES ($1, $2, 'B1', '{}', $3, $4, $5, 'the badge is a draft', $6, $6)";
    sqlx::query(insert)
        .bind(id)
        .bind(owner)
        .bind(state)
        .bind(next_at)
        .bind(event)
        .bind(now.millis())
        .execute(&mut sql)
        .await
        .unwrap();
    let insert =
        "INSERT INTO award (id, organisation_id, badge_id, badge_name, cause, recipient, address, award_key, name,
        state, order_id, event_id, created_at, updated_at)
        VALUES ($1, $2, 'B1', 'Lab safety', 'hand:B1', $3, $3, x'00', 'Ann', $4, $5, $6, $7, $7)";
    sqlx::query(insert)
        .bind(award)
        .bind(owner)
        .bind(format!("{award}@people.example"))
        .bind(award_state)
        .bind(id)
        .bind(event)
        .bind(now.millis())
        .execute(&mut sql)
        .await
        .unwrap();
    sqlx::query("INSERT INTO order_award (order_id, award_id, position) VALUES ($1, $2, 0)")
        .bind(id)
        .bind(award)
        .execute(&mut sql)
        .await
        .unwrap();
    id
}

async fn states(world: &World, id: Uuid) -> (String, String) {
    let sql = "SELECT o.state, a.state FROM orders o JOIN award a ON a.order_id = o.id WHERE o.id = $1";
    sqlx::query_as(sql)
        .bind(id)
        .fetch_one(&mut world.sql().await)
        .await
        .unwrap()
}

fn pair(order: &str, award: &str) -> (String, String) {
    (order.to_owned(), award.to_owned())
}

#[tokio::test]
async fn refused_and_parked_orders_are_a_persons_to_decide() {
    let world = World::with_organisations();
    let refused = order(&world, "refused", "refused").await;
    let parked = order(&world, "parked", "sending").await;
    let given_up = order(&world, "refused", "refused").await;
    let list = world.json(&["order", "list"]);
    assert_eq!(list.as_array().unwrap().len(), 3);
    assert_eq!(list[0]["reason"], "the badge is a draft");
    assert_eq!(list[0]["badge"], "Lab safety");
    assert_eq!(
        world
            .json(&["order", "list", "--organisation", "Fernhill"])
            .as_array()
            .unwrap()
            .len(),
        0
    );
    let doctor = world.run(&["doctor"]);
    assert!(
        doctor.stdout.contains("1 parked") && doctor.stdout.contains("2 refused"),
        "{}",
        doctor.stdout
    );

    world.done(&["order", "retry", &refused.to_string()]);
    assert_eq!(states(&world, refused).await, pair("ready", "queued"));
    let told = world.done(&["order", "retry", &parked.to_string()]);
    assert!(told.contains("looked for"), "{told}");
    assert_eq!(states(&world, parked).await, pair("unsure", "sending"));
    world.done(&["order", "give-up", &given_up.to_string()]);
    assert_eq!(states(&world, given_up).await, pair("withdrawn", "withdrawn"));

    let shown = world.json(&["order", "show", &refused.to_string()]);
    assert_eq!(
        (&shown["state"], &shown["attempts"][0]["by"]),
        (&"ready".into(), &"person".into())
    );
    let text = world.done(&["order", "show", &refused.to_string()]);
    assert!(text.contains("a person asked to try again"), "{text}");
    assert_eq!(world.count("audit WHERE action LIKE 'order.%'").await, 3);
}

#[tokio::test]
async fn other_orders_are_refused_with_the_reason_and_stay() {
    let world = World::with_organisations();
    for (state, award, words) in [
        ("ready", "queued", "waits or is being sent"),
        ("unsure", "sending", "is being asked"),
        ("issued", "issued", "it was issued"),
        ("withdrawn", "withdrawn", "it is closed"),
    ] {
        let id = order(&world, state, award).await;
        for act in ["retry", "give-up"] {
            let told = world.refused(&["order", act, &id.to_string()]);
            assert!(told.contains(words) && told.contains("refused or parked"), "{told}");
        }
        assert_eq!(states(&world, id).await, pair(state, award));
    }
    let nothing = "01890000-0000-7000-8000-000000000000";
    assert!(world.refused(&["order", "show", nothing]).contains("there is no order"));
    assert_eq!(world.run(&["order", "show", "twelve"]).status, 2);
}

#[tokio::test]
async fn an_extra_event_is_revoked_once_a_problem_names_it() {
    let world = World::with_organisations();
    let issued = order(&world, "issued", "issued").await;
    let told = world.refused(&["order", "revoke-extra", "E1"]);
    assert!(told.contains("no open problem names event E1"), "{told}");
    let insert = "INSERT INTO problem (organisation_id, kind, subject, detail, raised_at)
        SELECT organisation_id, 'issued-twice', 'E2', $2, $3 FROM orders WHERE id = $1";
    sqlx::query(insert)
        .bind(issued)
        .bind(format!(r#"{{"order":"{issued}","kept":"E1","extra":"E2"}}"#))
        .bind(SystemClock.now().millis())
        .execute(&mut world.sql().await)
        .await
        .unwrap();
    let doctor = world.run(&["doctor"]);
    assert!(doctor.stdout.contains("`order revoke-extra E2`"), "{}", doctor.stdout);
    for _ in 0..2 {
        world.done(&["order", "revoke-extra", "E2"]);
    }
    assert!(
        world
            .refused(&["order", "revoke-extra", "E1"])
            .contains("no open problem")
    );
    assert_eq!(world.count("job WHERE kind = 'revoke-extra'").await, 1);
    assert_eq!(world.count("audit WHERE action = 'order.revoke-extra'").await, 1);
    assert_eq!(states(&world, issued).await, pair("issued", "issued"));
}

#[tokio::test]
async fn a_request_left_half_made_is_named_with_its_reason_and_gone_on_with() {
    let world = World::with_organisations();
    let now = SystemClock.now();
    let request = random::id_at(now);
    let key = format!("make-awards:{request}");
    let mut sql = world.sql().await;
    for insert in [
        "INSERT INTO request (id, organisation_id, form_key, badge_id, badge_name, name, content, people, people_count,
            made, created_at) SELECT $1, id, 'k', 'B1', 'Lab safety', 'x', '{}', '[]', 3, 1, $2 FROM organisation
            WHERE name = 'Marlowe'",
        "INSERT INTO job (id, organisation_id, kind, dedup_key, payload, failed_at, created_at)
            SELECT $1, id, 'make-awards', $3, '{}', $2, $2 FROM organisation WHERE name = 'Marlowe'",
        "INSERT INTO problem (organisation_id, kind, subject, detail, raised_at)
            SELECT id, 'job-failed', $3, '{\"reason\":\"no room left\"}', $2 FROM organisation WHERE name = 'Marlowe'",
    ] {
        sqlx::query(insert)
            .bind(request)
            .bind(now.millis())
            .bind(&key)
            .execute(&mut sql)
            .await
            .unwrap();
    }
    let doctor = world.run(&["doctor"]).stdout;
    for said in [
        request.to_string(),
        "no room left".to_owned(),
        format!("`order resume {request}`"),
    ] {
        assert!(doctor.contains(&said), "{said}: {doctor}");
    }
    world.done(&["order", "resume", &request.to_string()]);
    assert_eq!(
        world
            .count("job WHERE kind = 'make-awards' AND failed_at IS NULL")
            .await,
        1
    );
    assert_eq!(world.count("audit WHERE action = 'order.resume'").await, 1);
    let other = random::id_at(now).to_string();
    assert!(
        world
            .refused(&["order", "resume", &other])
            .contains("there is no request")
    );
}
