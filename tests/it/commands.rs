//! The commands, run as people run them: the real program, a data directory of its own, settings by environment.

mod badges;
mod connections;
mod factory;
mod keys;
mod logs;
mod orders;
mod serving;
mod signals;
mod troubles;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use badgebridge::sandbox::factory::{CLIENT, Factory, OTHER_CLIENT, Options};
use serde_json::Value;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, SqliteConnection};
use tempfile::TempDir;

use crate::support::database::{Database, with_postgres};

/// An installation with its simulated Factory.
struct World {
    folder: TempDir,
    factory: Factory,
    /// PostgreSQL; else the file in the data directory.
    database: Option<String>,
}

impl World {
    fn start() -> Self {
        Self::start_on(None)
    }

    fn start_on(database: Option<String>) -> Self {
        let folder = TempDir::new().unwrap();
        let factory = Factory::start(Options::default()).unwrap();
        std::fs::write(folder.path().join("ca.pem"), factory.ca_pem()).unwrap();
        Self {
            folder,
            factory,
            database,
        }
    }

    /// With the organisations "Marlowe" and "Fernhill", by client secret.
    fn with_organisations() -> Self {
        Self::start().and_organisations()
    }

    fn and_organisations(self) -> Self {
        let world = self;
        for (name, client) in [("Marlowe", CLIENT), ("Fernhill", OTHER_CLIENT)] {
            let secret = world.file("secret", &world.factory.client_secret(client).unwrap());
            let url = world.factory.url();
            world.done(&[
                "factory",
                "token",
                "--name",
                name,
                "--url",
                &url,
                "--client-id",
                client,
                "--client-secret-file",
                &secret,
            ]);
        }
        world
    }

    fn file(&self, name: &str, content: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn database(&self) -> PathBuf {
        self.folder.path().join("data").join("badgebridge.db")
    }

    async fn sql(&self) -> SqliteConnection {
        SqliteConnectOptions::new()
            .filename(self.database())
            .connect()
            .await
            .unwrap()
    }

    async fn count(&self, table: &str) -> i64 {
        let sql = format!("SELECT COUNT(*) FROM {table}");
        sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
            .fetch_one(&mut self.sql().await)
            .await
            .unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_badgebridge"));
        command
            .args(arguments)
            .env_clear()
            .env("BADGEBRIDGE_PUBLIC_URL", "https://badges.example")
            .env("BADGEBRIDGE_DATA_DIR", self.folder.path().join("data"))
            .env("BADGEBRIDGE_EXTRA_CA", self.folder.path().join("ca.pem"))
            .env("BADGEBRIDGE_ALLOWED_NETWORKS", "127.0.0.0/8,::1")
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        if let Some(url) = &self.database {
            command
                .env("BADGEBRIDGE_DATABASE_URL", url)
                .env("BADGEBRIDGE_SECRET_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
        }
        command
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(&self.command(arguments).output().unwrap())
    }

    fn run_with_input(&self, arguments: &[&str], input: &str) -> Ran {
        let mut command = self.command(arguments);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        Ran::of(&child.wait_with_output().unwrap())
    }

    /// Runs what must succeed; gives its standard output.
    fn done(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.status, 0, "{arguments:?}: {}{}", ran.stdout, ran.stderr);
        ran.stdout
    }

    /// Runs what must be refused; gives the reason.
    fn refused(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.status, 1, "{arguments:?}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.starts_with("badgebridge: "), "{}", ran.stderr);
        ran.stderr
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let ran = self.run(&[arguments, &["--json"]].concat());
        serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", ran.stdout, ran.stderr))
    }
}

struct Ran {
    status: i32,
    stdout: String,
    stderr: String,
}

impl Ran {
    fn of(output: &Output) -> Self {
        Self {
            status: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout.clone()).unwrap(),
            stderr: String::from_utf8(output.stderr.clone()).unwrap(),
        }
    }
}

/// The arguments of `registration add`, with some replaced or, by an empty value, left out.
fn registration(changes: &[(&str, &str)]) -> Vec<String> {
    let mut given = vec![
        ("--organisation", "Marlowe"),
        ("--lms", "moodle"),
        ("--name", "Campus Moodle"),
        ("--issuer", "https://lms.example/"),
        ("--client-id", "c-1"),
        ("--authorization-endpoint", "https://lms.example/mod/lti/auth.php"),
        ("--token-endpoint", "https://lms.example/mod/lti/token.php"),
        ("--jwks-uri", "https://lms.example/mod/lti/certs.php"),
    ];
    for (flag, value) in changes {
        given.retain(|(known, _)| known != flag);
        if !value.is_empty() {
            given.push((flag, value));
        }
    }
    let mut arguments = vec!["registration".to_owned(), "add".to_owned()];
    for (flag, value) in given {
        arguments.push(flag.to_owned());
        if value != "-" {
            arguments.push(value.to_owned());
        }
    }
    arguments
}

fn plain(arguments: &[String]) -> Vec<&str> {
    arguments.iter().map(String::as_str).collect()
}

#[tokio::test]
async fn a_registration_is_added_listed_changed_and_switched() {
    let world = World::with_organisations();
    let add = registration(&[("--deployment-id", "7")]);
    let told = world.done(&plain(&add));
    assert!(told.contains("https://badges.example/lti/login/"), "{told}");
    assert!(told.contains("https://badges.example/lti/launch"), "{told}");
    assert!(told.contains("https://badges.example/.well-known/jwks.json"), "{told}");

    let all = world.json(&["registration", "list"]);
    let row = &all[0];
    assert_eq!(row["issuer"], "https://lms.example/", "kept to the letter");
    assert_eq!(row["organisation"], "Marlowe");
    assert_eq!(
        (&row["deployments"], &row["pending_deployments"]),
        (&1.into(), &0.into())
    );
    let id = row["id"].as_str().unwrap();

    let before = settings_version(&world).await;
    let by_name = ["--issuer", "https://lms.example/", "--client-id", "c-1"];
    let edit = [
        &["registration", "edit"][..],
        &by_name[..],
        &["--strict", "on", "--frame-origin", "https://portal.example/"],
    ];
    world.done(&edit.concat());
    assert!(settings_version(&world).await > before, "running servers are told");
    let row = world.json(&["registration", "list"])[0].clone();
    assert_eq!(row["strict"], true);
    assert_eq!(row["frame_origins"], serde_json::json!(["https://portal.example"]));
    let again = world.refused(&["registration", "edit", id, "--strict", "on"]);
    assert!(again.contains("nothing to change"), "{again}");

    world.done(&["registration", "disable", id]);
    assert_eq!(world.json(&["registration", "list"])[0]["enabled"], false);
    assert!(world.refused(&["registration", "disable", id]).contains("already"));
    world.done(&["registration", "enable", id]);
    // two identities, the registration, its edit, off and on
    assert_eq!(world.count("audit").await, 6);
}

#[tokio::test]
async fn an_invitation_is_made_once_and_its_token_is_not_kept() {
    let world = World::with_organisations();
    let made = world.json(&["registration", "link", "--organisation", "Marlowe", "--hours", "2"]);
    let url = made["url"].as_str().unwrap();
    let token = url.strip_prefix("https://badges.example/lti/register/").unwrap();
    assert_eq!(token.len(), 43);
    assert_eq!(made["enables"], false);
    let told = world.done(&["registration", "link", "--organisation", "Fernhill", "--enable"]);
    assert!(
        told.contains("https://badges.example/lti/register/") && told.contains("24 h"),
        "{told}"
    );
    assert_eq!(world.count("invitation").await, 2);
    let bytes = std::fs::read(world.database()).unwrap();
    let is_kept = bytes.windows(token.len()).any(|part| part == token.as_bytes());
    assert!(!is_kept, "the token is in the database");
    assert!(
        world
            .refused(&["registration", "link", "--organisation", "Nobody"])
            .contains("there are")
    );
    let told = [
        "registration",
        "link",
        "--organisation",
        "Marlowe",
        "--allow-network",
        "far",
    ];
    assert!(world.refused(&told).contains("--allow-network"));
    assert_eq!(
        world
            .run(&["registration", "link", "--organisation", "Marlowe", "--hours", "0"])
            .status,
        2
    );
    assert_eq!(world.count("invitation").await, 2);
}

#[tokio::test]
async fn what_arrived_last_is_compared_with_what_is_stored() {
    let world = World::with_organisations();
    world.done(&plain(&registration(&[("--deployment-id", "7")])));
    let which = [
        "registration",
        "check",
        "--issuer",
        "https://lms.example/",
        "--client-id",
        "c-1",
    ];
    assert!(world.done(&which).contains("no login and no launch has arrived yet"));
    let facts = r#"{"issuer":"https://lms.example","client_id":"c-1","deployment":"8","target":null,"brought":[]}"#;
    let sql = "INSERT INTO encounter SELECT id, 'login', 1, 'unknown_platform', $1 FROM registration";
    sqlx::query(sql)
        .bind(facts)
        .execute(&mut world.sql().await)
        .await
        .unwrap();
    let told = world.done(&which);
    for words in ["refused: unknown_platform", "differs: a slash at the end", "same"] {
        assert!(told.contains(words), "{words}: {told}");
    }
    let lines = world.json(&which)["last"][0]["lines"].clone();
    assert_eq!((&lines[2]["stored"], &lines[2]["received"]), (&"7".into(), &"8".into()));
    let page = world.json(&[&which[..], &["--page", "2"]].concat());
    assert!(
        page["url"]
            .as_str()
            .unwrap()
            .starts_with("https://badges.example/lti/setup/"),
        "{page}"
    );
    assert!(
        world
            .refused(&["registration", "check", "01890000-0000-7000-8000-000000000000"])
            .contains("no such")
    );
}

async fn settings_version(world: &World) -> i64 {
    let sql = "SELECT settings_version FROM installation";
    sqlx::query_scalar(sql).fetch_one(&mut world.sql().await).await.unwrap()
}

#[tokio::test]
async fn a_wrong_registration_is_refused_by_its_argument_and_not_stored() {
    let world = World::with_organisations();
    for (flag, value, words) in [
        ("--issuer", "lms.example", "--issuer"),
        ("--issuer", "https://lms.example/?a", "--issuer"),
        ("--jwks-uri", "http://lms.example/certs", "--jwks-uri"),
        (
            "--authorization-endpoint",
            "javascript:alert(1)",
            "--authorization-endpoint",
        ),
        ("--token-endpoint", "https://a:b@lms.example/", "--token-endpoint"),
        ("--token-audience", "a b", "--token-audience"),
        ("--organisation", "Nobody", "there are: Fernhill, Marlowe"),
        ("--name", " ", "--name"),
        ("--allow-network", "lms.example=far", "--allow-network"),
    ] {
        let told = world.refused(&plain(&registration(&[(flag, value)])));
        assert!(told.contains(words), "{flag} {value}: {told}");
    }
    for changes in [
        &[("--lms", "webct")][..],
        &[("--organisation", "")],
        &[("--shared", "-")],
        &[("--jwks-uri", "")],
    ] {
        let ran = world.run(&plain(&registration(changes)));
        assert_eq!(ran.status, 2, "{changes:?}: {}", ran.stderr);
    }
    assert_eq!(world.count("registration").await, 0);
    world.done(&plain(&registration(&[])));
    assert!(world.refused(&plain(&registration(&[]))).contains("already"));
    // the same issuer with another client id is another registration
    world.done(&plain(&registration(&[("--client-id", "c-2")])));
    assert_eq!(world.count("registration").await, 2);
    assert!(
        world
            .refused(&[
                "registration",
                "disable",
                "--issuer",
                "https://lms.example",
                "--client-id",
                "c-1"
            ])
            .contains("no such")
    );
    assert_eq!(world.run(&["registration", "disable"]).status, 2);
}

#[tokio::test]
async fn a_pending_deployment_is_claimed_once() {
    let world = World::with_organisations();
    world.done(&plain(&registration(&[
        ("--organisation", ""),
        ("--shared", "-"),
        ("--deployment-id", "d-1"),
    ])));
    let row = world.json(&["deployment", "list"])[0].clone();
    assert_eq!(
        (&row["deployment_id"], &row["organisation"]),
        (&"d-1".into(), &Value::Null)
    );
    let id = row["id"].as_str().unwrap();
    let doctor = world.run(&["doctor"]);
    assert!(doctor.stdout.contains("waiting to be claimed"), "{}", doctor.stdout);

    let nobody = "01890000-0000-7000-8000-000000000000";
    assert!(
        world
            .refused(&["deployment", "claim", nobody, "--organisation", "Marlowe"])
            .contains("no deployment")
    );
    world.done(&["deployment", "claim", id, "--organisation", "Marlowe"]);
    assert_eq!(world.json(&["deployment", "list"])[0]["organisation"], "Marlowe");
    assert!(
        world
            .refused(&["deployment", "claim", id, "--organisation", "Marlowe"])
            .contains("already")
    );
    assert!(
        world
            .refused(&["deployment", "claim", id, "--organisation", "Fernhill"])
            .contains("another organisation")
    );
    assert_eq!(world.json(&["deployment", "list"])[0]["organisation"], "Marlowe");
}

#[tokio::test]
async fn an_organisation_is_renamed_and_its_policy_changed() {
    let world = World::with_organisations();
    world.done(&["organisation", "rename", "Marlowe", "Marlowe Polytechnic"]);
    assert!(
        world
            .refused(&["organisation", "rename", "Fernhill", "Marlowe Polytechnic"])
            .contains("already")
    );
    world.done(&[
        "organisation",
        "edit",
        "Fernhill",
        "--pasted-addresses",
        "any",
        "--domain",
        "Fernhill.Example",
        "--domain",
        "b.example",
    ]);
    assert!(
        world
            .refused(&["organisation", "edit", "Fernhill", "--domain", "fernhill"])
            .contains("--domain")
    );
    assert!(
        world
            .refused(&["organisation", "edit", "Fernhill"])
            .contains("nothing to change")
    );
    assert_eq!(
        world
            .run(&["organisation", "edit", "Fernhill", "--pasted-addresses", "some"])
            .status,
        2
    );
    let all = world.json(&["organisation", "list"]);
    assert_eq!(all[0]["name"], "Fernhill");
    assert_eq!(all[0]["pasted_addresses"], "any");
    assert_eq!(all[0]["domains"], serde_json::json!(["b.example", "fernhill.example"]));
    assert_eq!(all[1]["name"], "Marlowe Polytechnic");
}

#[tokio::test]
async fn every_listing_and_doctor_print_one_json_document() {
    let world = World::with_organisations();
    world.done(&plain(&registration(&[])));
    for listing in [
        &["factory", "list"][..],
        &["factory", "ping"],
        &["organisation", "list"],
        &["registration", "list"],
        &["deployment", "list"],
        &["order", "list"],
    ] {
        assert!(world.json(listing).is_array(), "{listing:?}");
    }
    let report = world.json(&["doctor", "--ping"]);
    assert!(report["verdict"].is_string(), "{report}");
    let pings = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["what"] == "ping");
    assert_eq!(pings.filter(|row| row["state"] == "OK").count(), 2, "{report}");
}

#[tokio::test]
async fn the_commands_work_on_postgres() {
    with_postgres(async |database: Database| {
        let world = World::start_on(Some(database.url.clone())).and_organisations();
        world.done(&plain(&registration(&[
            ("--organisation", ""),
            ("--shared", "-"),
            ("--deployment-id", "d-1"),
        ])));
        let row = world.json(&["registration", "list"])[0].clone();
        assert_eq!(
            (&row["issuer"], &row["pending_deployments"]),
            (&"https://lms.example/".into(), &1.into())
        );
        let id = row["id"].as_str().unwrap();
        world.done(&["registration", "edit", id, "--strict", "on"]);
        world.done(&["registration", "disable", id]);
        world.done(&["registration", "enable", id]);
        let deployment = world.json(&["deployment", "list"])[0]["id"]
            .as_str()
            .unwrap()
            .to_owned();
        world.done(&["deployment", "claim", &deployment, "--organisation", "Marlowe"]);
        world.done(&["organisation", "rename", "Marlowe", "Marlowe Polytechnic"]);
        world.done(&[
            "organisation",
            "edit",
            "Fernhill",
            "--pasted-addresses",
            "any",
            "--domain",
            "b.example",
        ]);
        assert_eq!(world.json(&["organisation", "list"])[1]["name"], "Marlowe Polytechnic");
        assert_eq!(world.json(&["order", "list"]), serde_json::json!([]));
        let nothing = "01890000-0000-7000-8000-000000000000";
        assert!(world.refused(&["order", "show", nothing]).contains("there is no order"));
        let report = world.json(&["doctor", "--ping"]);
        assert_eq!(world.run(&["doctor"]).status, 0, "{report}");
        assert!(!world.database().exists(), "no file beside PostgreSQL");
    })
    .await;
}

#[tokio::test]
async fn doctor_fails_only_where_something_fails() {
    let world = World::start();
    let ran = world.run(&["doctor"]);
    assert_eq!(ran.status, 1);
    assert!(ran.stdout.contains("there is no database"), "{}", ran.stdout);
    assert!(!world.database().exists(), "doctor makes nothing");

    let world = World::with_organisations();
    let ran = world.run(&["doctor"]);
    assert_eq!(ran.status, 0, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.starts_with("Nothing fails;"), "{}", ran.stdout);
    let without = Ran::of(
        &world
            .command(&["doctor"])
            .env_remove("BADGEBRIDGE_PUBLIC_URL")
            .output()
            .unwrap(),
    );
    assert_eq!(without.status, 1);
    assert!(without.stdout.contains("BADGEBRIDGE_PUBLIC_URL"), "{}", without.stdout);
}

#[tokio::test]
async fn another_secret_key_and_a_newer_schema_are_refused_with_the_reason() {
    let world = World::with_organisations();
    let other = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU=";
    for command in [&["organisation", "rename", "Marlowe", "X"][..], &["serve"], &["doctor"]] {
        let ran = Ran::of(
            &world
                .command(command)
                .env("BADGEBRIDGE_SECRET_KEY", other)
                .output()
                .unwrap(),
        );
        let told = format!("{}{}", ran.stdout, ran.stderr);
        assert_eq!(ran.status, 1, "{told}");
        assert!(told.contains("secret key is not the one"), "{told}");
    }
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
        VALUES (9000, 'later', TRUE, x'00', 0)";
    sqlx::query(newer).execute(&mut world.sql().await).await.unwrap();
    for command in [&["organisation", "list"][..], &["serve"], &["doctor"]] {
        let ran = world.run(command);
        let told = format!("{}{}", ran.stdout, ran.stderr);
        assert_eq!(ran.status, 1, "{told}");
        assert!(told.contains("9000") && told.contains("newer program"), "{told}");
    }
}

#[tokio::test]
async fn doctor_says_that_a_migration_is_due_and_leaves_it_to_the_server() {
    let world = World::with_organisations();
    let all = world.count("_sqlx_migrations").await;
    let older = "DELETE FROM _sqlx_migrations WHERE version = (SELECT MAX(version) FROM _sqlx_migrations)";
    sqlx::query(older).execute(&mut world.sql().await).await.unwrap();
    let ran = world.run(&["doctor"]);
    assert_eq!(ran.status, 0, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("a migration is due"), "{}", ran.stdout);
    assert_eq!(world.count("_sqlx_migrations").await, all - 1);
}

#[tokio::test]
async fn doctor_compares_every_migration_and_not_the_newest_alone() {
    for (sql, status, told) in [
        ("DELETE FROM _sqlx_migrations WHERE version = 3", 0, "lacks 3 of"),
        (
            "UPDATE _sqlx_migrations SET checksum = x'00' WHERE version = 4",
            1,
            "does not know so: 4",
        ),
        (
            "UPDATE _sqlx_migrations SET version = 0 WHERE version = 5",
            1,
            "does not know so: 0",
        ),
    ] {
        let world = World::with_organisations();
        sqlx::query(sql).execute(&mut world.sql().await).await.unwrap();
        let ran = world.run(&["doctor"]);
        assert_eq!(ran.status, status, "{}{}", ran.stdout, ran.stderr);
        assert!(ran.stdout.contains(told), "{sql}: {}", ran.stdout);
    }
}

#[tokio::test]
async fn a_deployment_is_refused_and_the_refusal_taken_back() {
    let world = World::with_organisations();
    world.done(&plain(&registration(&[
        ("--organisation", ""),
        ("--shared", "-"),
        ("--deployment-id", "d-1"),
    ])));
    let listed = || world.json(&["deployment", "list"])[0].clone();
    let id = listed()["id"].as_str().unwrap().to_owned();
    assert_eq!(listed()["refused"], false);
    assert!(
        world
            .refused(&["deployment", "reopen", &id])
            .contains("was not refused")
    );
    world.done(&["deployment", "refuse", &id]);
    assert_eq!(listed()["refused"], true);
    assert!(world.done(&["deployment", "list"]).contains("refused"));
    assert!(!world.run(&["doctor"]).stdout.contains("waiting to be claimed"));
    assert!(
        world
            .refused(&["deployment", "refuse", &id])
            .contains("refused already")
    );
    let nobody = "01890000-0000-7000-8000-000000000000";
    for word in ["refuse", "reopen"] {
        assert!(world.refused(&["deployment", word, nobody]).contains("no deployment"));
    }
    world.done(&["deployment", "reopen", &id]);
    assert!(world.run(&["doctor"]).stdout.contains("waiting to be claimed"));
    world.done(&["deployment", "refuse", &id]);
    // who claims it takes the refusal back
    world.done(&["deployment", "claim", &id, "--organisation", "Marlowe"]);
    assert_eq!(
        (&listed()["refused"], &listed()["organisation"]),
        (&false.into(), &"Marlowe".into())
    );
    assert!(
        world
            .refused(&["deployment", "refuse", &id])
            .contains("belongs to an organisation")
    );
}

#[tokio::test]
async fn sign_in_links_are_printed_once_and_only_their_digest_is_stored() {
    let world = World::with_organisations();
    let name = "Marlowe";
    let links = [
        world.done(&["admin", "link"]),
        world.done(&["admin", "link", "--organisation", name, "--name", "Claire Bouchard"]),
        world.done(&["admin", "link", "--organisation", name, "--name", "Claire Bouchard"]),
    ];
    for told in &links {
        let token = told.split("/operator/welcome/").nth(1).unwrap().trim();
        assert_eq!(token.len(), 43, "{told}");
        let stored = "SELECT COUNT(*) FROM sign_in_link WHERE CAST(token_hash AS TEXT) LIKE $1";
        let found: i64 = sqlx::query_scalar(stored)
            .bind(token)
            .fetch_one(&mut world.sql().await)
            .await
            .unwrap();
        assert_eq!(found, 0);
    }
    assert_eq!(
        (world.count("sign_in_link").await, world.count("administrator").await),
        (3, 1)
    );
    let refused = world.run(&["admin", "link", "--organisation", "Nobody"]);
    assert_eq!(refused.status, 1);
    assert!(refused.stderr.contains(name), "{}", refused.stderr);
    assert_eq!(world.run(&["admin", "link", "--name", "Claire"]).status, 2);
    for command in ["export", "erase"] {
        let nobody = world.run(&[command, "--member", "01900000-0000-7000-8000-000000000000"]);
        assert_eq!(nobody.status, 1);
        assert!(
            nobody.stderr.contains("there is nobody with the id"),
            "{}",
            nobody.stderr
        );
        assert_eq!(world.run(&[command]).status, 2);
    }
}

#[tokio::test]
async fn help_names_what_there_is_and_a_wrong_word_is_usage() {
    let world = World::start();
    let help = world.done(&["--help"]);
    for word in [
        "serve",
        "sandbox",
        "factory",
        "registration",
        "rule",
        "feed",
        "connection",
        "badge",
        "order",
        "export",
        "erase",
        "admin",
        "keys",
        "doctor",
    ] {
        assert!(help.contains(word), "{help}");
    }
    for absent in ["backup", "restore", "rotate-master"] {
        assert!(!help.contains(absent), "{help}");
    }
    let help = world.done(&["serve", "--help"]);
    for flag in [
        "--public-url",
        "--listen",
        "--data-dir",
        "--database-url",
        "--tls-cert",
        "--tls-key",
        "--metrics-listen",
        "--log",
        "--log-format",
        "--no-workers",
    ] {
        assert!(help.contains(flag), "{help}");
    }
    assert_eq!(world.run(&["registration", "explode"]).status, 2);
    let ran = world.run(&["--config", "missing.toml", "organisation", "list"]);
    assert_eq!(ran.status, 1);
    assert!(ran.stderr.contains("missing.toml"), "{}", ran.stderr);
}
