//! `connection`: made, listed, switched, asked and removed from the command line, and what is refused.

use serde_json::Value;

use super::signals::Campus;
use super::{World, plain};

/// A file that holds a secret.
fn secret(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    file
}

fn add<'a>(registration: &'a str, kind: &'a str, rest: &[&'a str]) -> Vec<&'a str> {
    let mut all = vec![
        "connection",
        "add",
        "--organisation",
        "Marlowe",
        "--registration",
        registration,
    ];
    all.extend(["--kind", kind, "--url", "https://campus.example"]);
    all.extend(rest);
    all
}

fn state(world: &World) -> Value {
    world.json(&["connection", "list"])[0]["state"].clone()
}

#[tokio::test]
async fn a_connection_is_made_switched_asked_and_removed() {
    let campus = Campus::open().await;
    let world = &campus.world;
    let token = secret("0123456789abcdef\n");
    let file = token.path().display().to_string();
    let made = world.json(&add(&campus.registration, "moodle", &["--secret-file", &file]));
    let id = made["id"].as_str().unwrap().to_owned();
    assert!(made["needs"].as_array().unwrap().len() > 3, "{made}");
    assert_eq!((&made["authorise"], &made["key_set"]), (&Value::Null, &Value::Null));
    let list = world.done(&["connection", "list"]);
    assert!(list.contains(&id) && !list.contains("0123456789abcdef"), "{list}");
    let open = state(world);
    world.done(&["connection", "disable", &id]);
    assert_ne!(state(world), open);
    world.done(&["connection", "enable", &id]);
    assert_eq!(state(world), open);
    assert!(
        world
            .refused(&["connection", "check", &id, "--context", "99"])
            .contains("no course")
    );
    world.done(&["connection", "check", &id, "--context", "2"]);
    assert_eq!(world.count("job WHERE kind = 'pull'").await, 1);
    let early = world.refused(&["connection", "check", &id, "--context", "2"]);
    assert!(
        early.contains("it can be asked again from ") && early.contains("(UTC)"),
        "{early}"
    );
    // the LMS is not there; what the test told is noted, and the next one comes a minute later
    let tested = world.refused(&["connection", "test", &id]);
    assert!(tested.contains("do not work"), "{tested}");
    let early = world.refused(&["connection", "test", &id]);
    assert!(early.contains("it can be tested again from "), "{early}");
    world.done(&["connection", "remove", &id]);
    assert_eq!(world.count("connection").await, 0);
    let noted = world.count("audit WHERE action LIKE 'connection.%'").await;
    assert!(noted >= 3, "{noted}");
    assert!(world.refused(&["connection", "remove", &id]).contains("no connection"));
}

#[tokio::test]
async fn a_connection_that_cannot_be_is_refused_with_what_to_do() {
    let campus = Campus::open().await;
    let world = &campus.world;
    let (empty, two) = (secret(""), secret("two words"));
    for file in [&empty, &two] {
        let file = file.path().display().to_string();
        let refused = world.refused(&add(&campus.registration, "moodle", &["--secret-file", &file]));
        assert!(refused.contains("the secret is one word"), "{refused}");
    }
    let token = secret("0123456789abcdef");
    let file = token.path().display().to_string();
    let canvas = add(
        &campus.registration,
        "canvas",
        &["--client-id", "1", "--secret-file", &file],
    );
    assert!(world.refused(&canvas).contains("registered as moodle"));
    let mut asked = plain_of(&add(&campus.registration, "moodle", &["--secret-file", &file]));
    asked[9] = "https://campus.example/?a=b".to_owned();
    assert!(world.refused(&plain(&asked)).contains("without a part after ?"));
    assert_eq!(
        world
            .run(&add(&campus.registration, "canvas", &["--secret-file", &file]))
            .status,
        2,
        "no client"
    );
    assert_eq!(world.run(&add(&campus.registration, "pigeon", &[])).status, 2);
    assert_eq!(world.count("connection").await, 0);
}

#[tokio::test]
async fn brightspace_is_asked_by_our_keys_or_by_a_consent() {
    let campus = Campus::open().await;
    let world = &campus.world;
    let mut sql = world.sql().await;
    let family = sqlx::query("UPDATE registration SET lms = 'brightspace'").execute(&mut sql);
    family.await.unwrap();
    drop(sql);
    let ours = world.json(&add(&campus.registration, "brightspace", &["--client-id", "1"]));
    assert!(
        ours["key_set"].as_str().unwrap().ends_with("/.well-known/jwks.json"),
        "{ours}"
    );
    assert_eq!(
        (&ours["authorise"], &ours["redirect_uri"]),
        (&Value::Null, &Value::Null)
    );
    world.done(&["connection", "remove", ours["id"].as_str().unwrap()]);
    let token = secret("0123456789abcdef");
    let file = token.path().display().to_string();
    let consent = ["--client-id", "1", "--secret-file", &file];
    let elsewhere = [&consent[..], &["--token-url", "https://auth.example/tokens"]].concat();
    let refused = world.refused(&add(&campus.registration, "brightspace", &elsewhere));
    assert!(refused.contains("must end in /core/connect/token"), "{refused}");
    let made = world.json(&add(&campus.registration, "brightspace", &consent));
    let address = made["authorise"].as_str().unwrap();
    assert!(
        address.starts_with("https://auth.brightspace.com/oauth2/auth?"),
        "{address}"
    );
    assert!(made["redirect_uri"].is_string() && made["key_set"].is_null(), "{made}");
    assert_eq!(state(world), "waits for consent");
}

fn plain_of(arguments: &[&str]) -> Vec<String> {
    arguments.iter().map(|text| (*text).to_owned()).collect()
}
