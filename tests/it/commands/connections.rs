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

fn plain_of(arguments: &[&str]) -> Vec<String> {
    arguments.iter().map(|text| (*text).to_owned()).collect()
}
