//! `badge` and `organisation show`: what the Factory has, and deleting all of it.

use badgebridge::sandbox::factory::{
    BADGE_DRAFT, BADGE_SAFETY, BADGE_SHARED, CLIENT, EARNABLE_PEER, EARNABLE_REVIEW, EARNABLE_SECRET, EarnableChange,
};
use serde_json::Value;

use super::World;

fn ids(rows: &Value) -> Vec<&str> {
    let ids = rows.as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap());
    let mut ids: Vec<&str> = ids.collect();
    ids.sort_unstable();
    ids
}

#[tokio::test]
async fn badges_forms_and_the_organisation_are_listed_as_the_factory_has_them() {
    let world = World::with_organisations();
    let badges = |more: &[&str]| world.json(&[&["badge", "list", "--organisation", "Marlowe"][..], more].concat());
    assert_eq!(ids(&badges(&[])).len(), 7);
    assert_eq!(ids(&badges(&["--drafts"])), [BADGE_DRAFT]);
    assert_eq!(ids(&badges(&["--published"])).len(), 6);
    let narrow = [
        "--category",
        "Safety",
        "--query",
        "wet lab",
        "--meta",
        "level=introductory",
    ];
    assert_eq!(ids(&badges(&narrow)), [BADGE_SAFETY]);
    assert_eq!(ids(&badges(&["--id", BADGE_SHARED, "--shared"])), [BADGE_SHARED]);
    assert!(
        world
            .done(&["badge", "list", "--organisation", "Marlowe"])
            .contains("Lab Safety")
    );
    assert!(
        world
            .refused(&["badge", "list", "--organisation", "Marlowe", "--meta", "level"])
            .contains("KEY=VALUE")
    );

    let forms = |more: &[&str]| world.json(&[&["badge", "forms", "--organisation", "Marlowe"][..], more].concat());
    assert_eq!(ids(&forms(&[])).len(), 4);
    let decided = ["--method", "review", "--method", "peer", "--visible"];
    assert_eq!(ids(&forms(&decided)), [EARNABLE_REVIEW, EARNABLE_PEER]);
    assert_eq!(ids(&forms(&["--badge", BADGE_SAFETY])), [EARNABLE_REVIEW]);
    assert!(ids(&forms(&["--client-alias", "K1"])).is_empty());
    let hidden = EarnableChange {
        visible: Some(false),
        ..EarnableChange::default()
    };
    world.factory.change_earnable(EARNABLE_SECRET, hidden);
    assert_eq!(ids(&forms(&["--hidden"])), [EARNABLE_SECRET]);
    let wrong = ["badge", "forms", "--organisation", "Marlowe", "--method", "jury"];
    assert!(world.refused(&wrong).contains("review, instant, secret or peer"));

    let shown = world.json(&["organisation", "show", "Marlowe"]);
    assert_eq!(
        (&shown["factory_client_id"], &shown["tier"]),
        (&CLIENT.into(), &"pro".into())
    );
    assert!(
        world
            .done(&["organisation", "show", "Marlowe"])
            .contains("Marlowe Polytechnic")
    );
    let missing = ["badge", "assertions", "--organisation", "Marlowe", "E0"];
    assert!(world.refused(&missing).contains("does not know this"));
}

#[tokio::test]
async fn all_badges_are_deleted_only_by_who_types_the_organisations_name() {
    let world = World::with_organisations();
    let arguments = ["badge", "delete-all", "--organisation", "Marlowe"];
    for wrong in ["", "\n", "yes\n", "marlowe\n", "Fernhill\n"] {
        let ran = world.run_with_input(&arguments, wrong);
        assert_eq!(ran.status, 1, "{wrong:?}: {}", ran.stdout);
        assert!(ran.stderr.contains("all 7 badges of \"Marlowe\""), "{}", ran.stderr);
        assert!(ran.stderr.contains("nothing was deleted"), "{}", ran.stderr);
    }
    assert!(world.factory.other_writes().iter().all(|call| call.method != "DELETE"));
    let ran = world.run_with_input(&arguments, "Marlowe\n");
    assert_eq!(
        (ran.status, ran.stdout.as_str()),
        (0, "deleted the 7 badges of Marlowe\n"),
        "{}",
        ran.stderr
    );
    let deletions: Vec<_> = world
        .factory
        .other_writes()
        .into_iter()
        .filter(|call| call.method == "DELETE")
        .collect();
    assert_eq!(deletions.len(), 1);
    assert_eq!(deletions[0].path, format!("/v1/badge/{CLIENT}"));
    assert_eq!(world.count("audit WHERE action = 'badge.delete-all'").await, 1);
    assert_eq!(
        world.json(&["badge", "list", "--organisation", "Marlowe"]),
        serde_json::json!([])
    );
    let again = world.run_with_input(&arguments, "");
    assert_eq!((again.status, again.stdout.as_str()), (0, "Marlowe has no badges\n"));
    let others = world.json(&["badge", "list", "--organisation", "Fernhill"]);
    assert_eq!(ids(&others).len(), 2);
}
