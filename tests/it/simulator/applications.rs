//! Earnable badges and applications.

use badgebridge::sandbox::factory::{
    BADGE_SAFETY, BADGE_WELCOME, CLIENT, EARNABLE_REVIEW, EARNABLE_SECRET, EARNABLE_SECRET_CODE,
};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use super::World;

fn form(fields: &[(&str, &str)]) -> String {
    let part = |(name, value): &(&str, &str)| {
        format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    fields.iter().map(part).collect::<String>() + "--edge--\r\n"
}

async fn apply(world: &World, earnable: &str, fields: &[(&str, &str)]) -> Response {
    let request = world.http.post(format!(
        "{}/v1/earnablebadge/{CLIENT}/{earnable}/apply",
        world.factory.url()
    ));
    request
        .header("content-type", "multipart/form-data; boundary=edge")
        .body(form(fields))
        .send()
        .await
        .unwrap()
}

#[tokio::test]
async fn an_application_is_received_and_decided() {
    let world = World::start();
    let base = format!("/v1/earnablebadge/{CLIENT}");
    for query in ["approval_method=review", "appoval_method=review"] {
        let found = world.lines(&format!("{base}/?{query}&visible=1")).await;
        assert_eq!(found.len(), 1);
        assert_eq!(found[0]["id"], EARNABLE_REVIEW);
    }
    let plain: Value = world
        .get(&format!("{base}/{EARNABLE_REVIEW}"))
        .await
        .json()
        .await
        .unwrap();
    assert!(plain.get("form_html").is_none());
    let with: Value = world
        .get(&format!("{base}/{EARNABLE_REVIEW}?form_html=1"))
        .await
        .json()
        .await
        .unwrap();
    assert!(with["form_html"].as_str().unwrap().contains("name=\"why\""));

    let who = [
        ("applicant", "Ada Example"),
        ("email", "ada@learners.example"),
        ("why", "I did it"),
    ];
    assert_eq!(apply(&world, EARNABLE_REVIEW, &who).await.status(), 201);
    assert_eq!(apply(&world, EARNABLE_REVIEW, &who).await.status(), 201);
    assert_eq!(
        apply(&world, EARNABLE_REVIEW, &[("applicant", "A"), ("email", "nonsense")])
            .await
            .status(),
        400
    );
    let list = format!("{base}/{EARNABLE_REVIEW}/application");
    let pending = world.lines(&format!("{list}?status=pending")).await;
    assert_eq!(pending.len(), 2);
    let address = |one: &Value| format!("{list}/{}", one["id"].as_str().unwrap());
    let one: Value = world.get(&address(&pending[0])).await.json().await.unwrap();
    assert_eq!(one["form_data"], json!({"why": "I did it"}));
    let approve = json!({"result": "approve", "reviewer": "Teacher", "log_entry": {"order": "o-2"}});
    assert_eq!(
        world
            .send(Method::PUT, &address(&pending[0]), Some(approve.clone()))
            .await
            .status(),
        204
    );
    assert_eq!(
        world
            .send(Method::PUT, &address(&pending[0]), Some(approve))
            .await
            .status(),
        400,
        "decided"
    );
    let reject = json!({"result": "reject", "reviewer": "T", "email_subject": "No", "email_body": "Not yet"});
    assert_eq!(
        world
            .send(Method::PUT, &address(&pending[1]), Some(reject))
            .await
            .status(),
        204
    );
    assert_eq!(world.factory.issued(BADGE_SAFETY), ["ada@learners.example"]);
    assert_eq!(
        world.factory.events()[0].application_id.as_deref(),
        pending[0]["id"].as_str()
    );
    assert_eq!(world.factory.mailbox().last().unwrap().subject, "No");
    assert_eq!(world.lines(&format!("{list}?status=rejected")).await.len(), 1);

    let code = |code| {
        [
            ("applicant", "Bo"),
            ("email", "bo@learners.example"),
            ("secret_token", code),
        ]
    };
    assert_eq!(apply(&world, EARNABLE_SECRET, &code("wrong")).await.status(), 403);
    assert_eq!(
        apply(&world, EARNABLE_SECRET, &code(EARNABLE_SECRET_CODE))
            .await
            .status(),
        201
    );
    assert_eq!(
        world.factory.issued(BADGE_WELCOME),
        ["bo@learners.example"],
        "a claim code issues at once"
    );
}
