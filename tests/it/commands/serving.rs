//! `serve` and `worker` as processes of their own: TLS, flags, and what they refuse to start with.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Stdio};

use super::World;
use crate::support::browser::Browser;

/// A server that runs until this is dropped.
pub(super) struct Served {
    child: Child,
    /// The address that it printed.
    pub(super) url: String,
    log: PathBuf,
}

impl Served {
    /// Starts `serve` with these arguments and variables beside the world's own; it listens on a free port.
    pub(super) fn start(world: &World, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let log = world.folder.path().join("log");
        let mut child = world
            .command(&[&["serve"][..], arguments].concat())
            .env("BADGEBRIDGE_PUBLIC_URL", "http://127.0.0.1:0")
            .env("BADGEBRIDGE_LISTEN", "127.0.0.1:0")
            .env("BADGEBRIDGE_METRICS_LISTEN", "off")
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let told = std::fs::read_to_string(&log).unwrap();
        let url = line.trim_end().strip_prefix("Badgebridge serves ");
        let url = url
            .unwrap_or_else(|| panic!("it did not start: {line}{told}"))
            .to_owned();
        Self { child, url, log }
    }

    /// Ends it; what it logged.
    pub(super) fn end(mut self) -> String {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        std::fs::read_to_string(&self.log).unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn a_server_with_a_certificate_answers_over_tls() {
    let world = World::start();
    let own = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let other = rcgen::KeyPair::generate().unwrap();
    let certificate = world.file("tls.pem", &own.cert.pem());
    let key = world.file("tls.key", &own.signing_key.serialize_pem());
    let wrong_key = world.file("other.key", &other.serialize_pem());
    let variables = |key: &str| {
        [
            ("BADGEBRIDGE_PUBLIC_URL", "https://127.0.0.1:0".to_owned()),
            ("BADGEBRIDGE_TLS_CERT", certificate.clone()),
            ("BADGEBRIDGE_TLS_KEY", key.to_owned()),
        ]
    };
    for (key, said) in [
        (wrong_key.as_str(), "do not fit each other"),
        (certificate.as_str(), "holds no private key"),
        ("missing", "BADGEBRIDGE_TLS_KEY"),
    ] {
        let mut command = world.command(&["serve", "--listen", "127.0.0.1:0", "--metrics-listen", "off"]);
        let ran = super::Ran::of(&command.envs(variables(key)).output().unwrap());
        assert_eq!(ran.status, 1, "{}{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.contains(said), "{said}: {}", ran.stderr);
    }
    let given = variables(&key);
    let given = given.each_ref().map(|(name, value)| (*name, value.as_str()));
    let served = Served::start(&world, &[], &given);
    assert!(served.url.starts_with("https://127.0.0.1:"), "{}", served.url);
    let root = reqwest::Certificate::from_pem(own.cert.pem().as_bytes()).unwrap();
    let client = reqwest::Client::builder().no_proxy();
    let client = client.tls_certs_only([root]).build().unwrap();
    let ready = client.get(format!("{}/readyz", served.url)).send().await.unwrap();
    assert_eq!(ready.status(), 200);
    let stranger = reqwest::Client::builder().no_proxy().build().unwrap();
    assert!(stranger.get(format!("{}/readyz", served.url)).send().await.is_err());
    let plain = served.url.replace("https://", "http://");
    let plain = client.get(format!("{plain}/readyz")).send().await;
    assert!(
        plain.is_err_and(|error| !error.is_connect()),
        "it is TLS and nothing else"
    );
}

#[tokio::test]
async fn flags_of_serve_win_over_the_environment() {
    let world = World::start();
    let folder = world.folder.path().join("elsewhere");
    let flags = [
        "--data-dir",
        folder.to_str().unwrap(),
        "--log",
        "debug",
        "--log-format",
        "json",
    ];
    let served = Served::start(&world, &flags, &[("BADGEBRIDGE_LOG_FORMAT", "text")]);
    assert_eq!(Browser::at(&served.url).get("/readyz").await.status, 200);
    assert!(folder.join("badgebridge.db").exists() && !world.database().exists());
    let log = served.end();
    let line = log.lines().next().expect("a line");
    assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "{line}");

    let said = world.refused(&["serve", "--listen", "8080"]);
    assert!(said.contains("--listen: "), "{said}");
    let said = world.refused(&["serve", "--public-url", "http://badges.example"]);
    assert!(said.contains("--public-url: "), "{said}");
}

#[tokio::test]
async fn workers_apart_from_the_server_are_refused_on_sqlite() {
    let world = World::start();
    for (arguments, reason) in [
        (
            &["worker"][..],
            "a SQLite file has one server process, which works itself",
        ),
        (
            &["serve", "--no-workers"],
            "on SQLite no other process could send what this one queues",
        ),
    ] {
        let said = world.refused(arguments);
        assert!(said.contains("PostgreSQL") && said.contains(reason), "{said}");
    }
    assert!(!world.database().exists(), "nothing was made");
}
