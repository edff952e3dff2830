//! Problems that stand, as `doctor` tells them: what happened, why, and what to do.

use badgebridge::clock::{Clock, SystemClock};
use uuid::Uuid;

use super::World;

#[tokio::test]
async fn doctor_tells_every_kind_of_problem_with_what_to_do() {
    let world = World::with_organisations();
    let id = "01900000-0000-7000-8000-000000000001";
    let job = |kind: &str| format!("{kind}:{id}");
    let rows = [
        (
            "queue-stopped",
            "factory".to_owned(),
            "nothing is sent to the Factory",
            "factory enroll",
        ),
        (
            "order-refused",
            id.to_owned(),
            "the Factory refused order",
            "order retry",
        ),
        (
            "order-parked",
            id.to_owned(),
            "sent twice and not found",
            "order give-up",
        ),
        (
            "issued-twice",
            "E7".to_owned(),
            "event E7 is the extra one",
            "order revoke-extra E7",
        ),
        (
            "issued-late",
            "E8".to_owned(),
            "event E8 appeared",
            "order revoke-extra E8",
        ),
        (
            "connection-failing",
            id.to_owned(),
            "cannot be asked",
            "connection test",
        ),
        (
            "revoke-failed",
            id.to_owned(),
            "does not take back award",
            "revoke the badge at the Factory",
        ),
        ("rule-stopped", id.to_owned(), "stopped before it awarded", "rule show"),
        (
            "job-failed",
            job("make-awards"),
            "not all awards of request",
            "order resume",
        ),
        (
            "job-failed",
            job("evaluate"),
            "applying the rules to a person",
            "begins anew",
        ),
        ("job-failed", job("roster"), "reading a course's people", "begins anew"),
        ("job-failed", job("catalog"), "reading the badges", "begins anew"),
        ("job-failed", job("release"), "waited for an address", "begins anew"),
        ("job-failed", job("revoke-extra"), "revoking an event", "begins anew"),
        ("job-failed", job("grades"), "telling the LMS a score", "begins anew"),
    ];
    let mut sql = world.sql().await;
    let owner: Uuid = sqlx::query_scalar("SELECT id FROM organisation WHERE name = 'Marlowe'")
        .fetch_one(&mut sql)
        .await
        .unwrap();
    let insert = "INSERT INTO problem (organisation_id, kind, subject, detail, raised_at) VALUES ($1, $2, $3, $4, $5)";
    for (kind, subject, ..) in &rows {
        sqlx::query(insert)
            .bind(owner)
            .bind(kind)
            .bind(subject)
            .bind(r#"{"reason": "so it said"}"#)
            .bind(SystemClock.now().millis())
            .execute(&mut sql)
            .await
            .unwrap();
    }
    let ran = world.run(&["doctor"]);
    assert_eq!(ran.status, 1, "what stops everything fails: {}", ran.stdout);
    let lines: Vec<&str> = ran.stdout.lines().filter(|line| line.contains("so it said")).collect();
    assert_eq!(lines.len(), rows.len(), "{}", ran.stdout);
    for (kind, subject, what, to_do) in rows {
        let told = lines
            .iter()
            .any(|line| line.contains("Marlowe") && line.contains(what) && line.contains(to_do));
        assert!(told, "{kind} {subject}: {}", ran.stdout);
    }
    assert!(
        !ran.stdout.contains("see the server's log"),
        "each kind has its advice: {}",
        ran.stdout
    );
}

#[tokio::test]
async fn open_edx_gets_no_administrators_of_the_lms() {
    let world = World::with_organisations();
    let plus = super::registration(&[("--lms", "openedx")]);
    world.done(&super::plain(&plus));
    let which = ["--issuer", "https://lms.example/", "--client-id", "c-1"];
    let edit = [&["registration", "edit"][..], &which, &["--lms-administrators", "on"]].concat();
    let refused = world.refused(&edit);
    assert!(
        refused.contains("Open edX") && refused.contains("--lms-administrators"),
        "{refused}"
    );
    assert_eq!(world.json(&["registration", "list"])[0]["lms_administrators"], false);
    // elsewhere it is a switch
    let moodle = super::registration(&[("--client-id", "c-2")]);
    world.done(&super::plain(&moodle));
    let which = ["--issuer", "https://lms.example/", "--client-id", "c-2"];
    world.done(&[&["registration", "edit"][..], &which, &["--lms-administrators", "on"]].concat());
}
