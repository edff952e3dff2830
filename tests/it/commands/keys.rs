//! `keys`: the tool's own keys.

use super::World;

#[tokio::test]
async fn the_signing_key_is_rotated_once_and_doctor_tells_of_it() {
    let world = World::with_organisations();
    let before = world.done(&["doctor"]);
    assert!(
        before.contains("signing key") && before.contains("signs for"),
        "{before}"
    );
    let made = world.json(&["keys", "rotate-signing"]);
    assert_eq!(
        (&made["is_new"], made["kid"].as_str().unwrap().len()),
        (&true.into(), 43)
    );
    let again = world.json(&["keys", "rotate-signing"]);
    assert_eq!((&again["is_new"], &again["kid"]), (&false.into(), &made["kid"]));
    let told = world.done(&["keys", "rotate-signing"]);
    assert!(told.contains("there is already, nothing was changed"), "{told}");
    assert_eq!(world.count("signing_key").await, 2);
    let after = world.done(&["doctor"]);
    let waits = format!("{} is published and signs from", made["kid"].as_str().unwrap());
    assert!(after.contains(&waits), "{after}");
    let private = "SELECT COUNT(*) FROM signing_key WHERE CAST(private_key AS TEXT) LIKE '%PRIVATE%'";
    let clear: i64 = sqlx::query_scalar(private)
        .fetch_one(&mut world.sql().await)
        .await
        .unwrap();
    assert_eq!(clear, 0);
}
