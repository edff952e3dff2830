use std::fs;
use std::time::Duration;

use secrecy::ExposeSecret as _;

use super::*;

fn with_environment(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let variables = variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
    Config::load(File::None, variables, &Flags::new())
}

fn refusal(variables: &[(&str, &str)]) -> String {
    with_environment(variables).unwrap_err().to_string()
}

#[test]
fn the_defaults_are_those_of_the_manual() {
    let config = with_environment(&[]).unwrap();
    assert!(config.server.public_url.is_none());
    assert!(config.server.require_public_url().is_err());
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.server.metrics_listen.unwrap().to_string(), "127.0.0.1:9464");
    assert!(matches!(&config.server.database, Database::Sqlite(path) if path.ends_with("data/badgebridge.db")));
    assert_eq!(config.server.log, "info");
    assert_eq!(config.server.log_format, LogFormat::Text);
    let seconds = |list: &[Duration]| list.iter().map(Duration::as_secs).collect::<Vec<_>>();
    assert_eq!(seconds(&config.settle.looks), [0, 60, 300, 900]);
    assert_eq!(seconds(&config.settle.second_looks), [3600, 86400]);
    let order = [config.settle.send_window, config.settle.abort, config.settle.lease];
    assert_eq!(seconds(&order), [30, 60, 90]);
    assert_eq!(config.launch.login_life, Duration::from_mins(10));
    assert_eq!(config.session.idle, Duration::from_hours(2));
    assert_eq!(config.session.absolute, Duration::from_hours(12));
    assert_eq!(config.factory.calls_per_second, 10);
    assert_eq!(config.factory.batch, 50);
    assert_eq!(config.factory.read_share_percent, 10);
    assert_eq!(config.roster.page_limit, 100);
    assert!(config.sso.is_none());
    assert_eq!(config.keys.announce, Duration::from_hours(24));
    assert_eq!(config.keys.stay, Duration::from_hours(48));
    assert_eq!(config.retention.attempts, Duration::from_hours(180 * 24));
}

#[test]
fn every_key_of_the_defaults_has_a_variable_that_reaches_it() {
    // Each variable, set to something that no key accepts, is refused under its own name.
    let keys = load::merge(File::None, [], &Flags::new()).unwrap();
    let free_text = [
        "server.data_dir",
        "server.secret_key",
        "server.log",
        "server.tls_cert",
        "server.tls_key",
    ];
    for key in keys.0.keys() {
        let variable = format!("BADGEBRIDGE_{}", key.replace('.', "_").to_uppercase());
        let result = with_environment(&[(&variable, "\u{1}")]);
        if let Err(error) = result {
            assert!(error.to_string().contains(&variable), "{error}");
        } else {
            assert!(
                free_text.contains(&key.as_str()) || key == "outbound.extra_ca",
                "{key} is never read"
            );
        }
    }
}

#[test]
fn every_default_carries_a_comment() {
    let mut commented = false;
    for line in DEFAULTS.lines() {
        commented = line.starts_with('#') || (commented && !line.is_empty() && !line.starts_with('['));
        assert!(
            commented || line.is_empty() || line.starts_with('['),
            "no comment above: {line}"
        );
    }
}

#[test]
fn flags_win_over_the_environment_and_the_environment_over_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("badgebridge.toml");
    fs::write(
        &path,
        "[server]\nlog = \"from_file\"\ndata_dir = \"file\"\nlisten = \"127.0.0.1:1\"\n\
         [settle]\nlooks_ms = [5, 6]\n",
    )
    .unwrap();
    let environment = [
        ("BADGEBRIDGE_DATA_DIR", "environment"),
        ("BADGEBRIDGE_LISTEN", "127.0.0.1:2"),
    ];
    let environment = environment.map(|(k, v)| (k.to_owned(), v.to_owned()));
    let flags = Flags::new().with("server.listen", "127.0.0.1:3");
    let config = Config::load(File::Required(path), environment, &flags).unwrap();
    assert_eq!(config.server.log, "from_file");
    assert_eq!(config.server.data_dir, std::path::Path::new("environment"));
    assert_eq!(config.server.listen.port(), 3);
    assert_eq!(
        config.settle.looks,
        [Duration::from_millis(5), Duration::from_millis(6)]
    );
}

#[test]
fn a_named_file_must_be_there_and_a_default_one_need_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("badgebridge.toml");
    assert!(Config::load(File::IfPresent(path.clone()), [], &Flags::new()).is_ok());
    let error = Config::load(File::Required(path), [], &Flags::new()).unwrap_err();
    assert!(matches!(error, ConfigError::File { .. }), "{error}");
}

#[test]
fn unknown_keys_are_refused_by_name() {
    assert_eq!(
        refusal(&[("BADGEBRIDGE_PUBLIC_UL", "x")]),
        "BADGEBRIDGE_PUBLIC_UL: there is no such setting"
    );
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.toml");
    for (text, message) in [
        (
            "listen = \"127.0.0.1:1\"",
            "listen: there is no such setting; did you mean server.listen?",
        ),
        ("[settle]\nlook_ms = 1", "settle.look_ms: there is no such setting"),
        ("[mail]\nfrom = \"a\"", "mail.from: there is no such setting"),
    ] {
        fs::write(&path, text).unwrap();
        let error = Config::load(File::Required(path.clone()), [], &Flags::new()).unwrap_err();
        assert_eq!(error.to_string(), message);
    }
    let error = Config::from_flags(&Flags::new().with("server.lissten", 1)).unwrap_err();
    assert!(error.to_string().starts_with("server.lissten"), "{error}");
    assert!(with_environment(&[("BADGEBRIDGE_TEST_POSTGRES", "x"), ("PATH", "y")]).is_ok());
}

#[test]
fn values_that_cannot_be_used_are_refused_by_name() {
    for (variable, value) in [
        ("BADGEBRIDGE_LISTEN", "8080"),
        ("BADGEBRIDGE_PUBLIC_URL", "http://badges.example"),
        ("BADGEBRIDGE_DATABASE_URL", "mysql://somewhere"),
        ("BADGEBRIDGE_ALLOWED_NETWORKS", "10.0.0.0/99"),
        ("BADGEBRIDGE_METRICS_LISTEN", "on"),
        ("BADGEBRIDGE_LOG_FORMAT", "xml"),
        ("BADGEBRIDGE_OUTBOUND_PROXY", "socks5://proxy.example"),
        ("BADGEBRIDGE_SETTLE_LOOKS_MS", "0,5,4"),
        ("BADGEBRIDGE_SETTLE_LOOKS_MS", "0,x"),
        ("BADGEBRIDGE_FACTORY_BATCH", "51"),
        ("BADGEBRIDGE_JOBS_POLL_MS", "0"),
        ("BADGEBRIDGE_JOBS_POLL_MS", "-1"),
        ("BADGEBRIDGE_SSO_ISSUER", "login.example.edu"),
        ("BADGEBRIDGE_SSO_ISSUER", "https://login.example.edu/?tenant=1"),
        ("BADGEBRIDGE_SSO_ALLOWED_ADDRESSES", "olga"),
        ("BADGEBRIDGE_SSO_ALLOWED_NETWORKS", "10.0.0.0/8"),
        ("BADGEBRIDGE_NOTICES_BURST", "0"),
    ] {
        let message = refusal(&[(variable, value)]);
        assert!(message.starts_with(&format!("{variable}: ")), "{message}");
    }
}

#[test]
fn contradictions_are_refused_with_both_names() {
    let postgres = (
        "BADGEBRIDGE_DATABASE_URL",
        "postgres://badge:pass-word@db.example/badges",
    );
    for (variables, first, second) in [
        (vec![postgres], "BADGEBRIDGE_DATABASE_URL", "server.secret_key"),
        (
            vec![("BADGEBRIDGE_TLS_CERT", "a")],
            "BADGEBRIDGE_TLS_CERT",
            "server.tls_key",
        ),
        (
            vec![
                ("BADGEBRIDGE_TLS_CERT", "a"),
                ("BADGEBRIDGE_TLS_KEY", "b"),
                ("BADGEBRIDGE_PUBLIC_URL", "http://localhost:1"),
            ],
            "BADGEBRIDGE_PUBLIC_URL",
            "BADGEBRIDGE_TLS_CERT",
        ),
        (
            vec![
                ("BADGEBRIDGE_LISTEN", "127.0.0.1:1"),
                ("BADGEBRIDGE_SERVER_LISTEN", "127.0.0.1:2"),
            ],
            "BADGEBRIDGE_LISTEN",
            "BADGEBRIDGE_SERVER_LISTEN",
        ),
        (
            vec![("BADGEBRIDGE_SETTLE_ABORT_MS", "95000")],
            "BADGEBRIDGE_SETTLE_ABORT_MS",
            "settle.lease_ms",
        ),
        (
            vec![("BADGEBRIDGE_SETTLE_ABORT_MS", "10000")],
            "settle.send_window_ms",
            "BADGEBRIDGE_SETTLE_ABORT_MS",
        ),
        (
            vec![("BADGEBRIDGE_SESSION_IDLE_MS", "99999999")],
            "BADGEBRIDGE_SESSION_IDLE_MS",
            "session.absolute_ms",
        ),
        (
            vec![("BADGEBRIDGE_SSO_ISSUER", "https://login.example.edu")],
            "BADGEBRIDGE_SSO_ISSUER",
            "sso.client_id",
        ),
        (
            vec![("BADGEBRIDGE_SSO_CLIENT_SECRET", "pass-word")],
            "sso.client_id",
            "sso.issuer",
        ),
        (
            vec![
                ("BADGEBRIDGE_SSO_ISSUER", "https://login.example.edu"),
                ("BADGEBRIDGE_SSO_CLIENT_ID", "badges"),
            ],
            "sso.allowed_groups",
            "sso.allowed_addresses",
        ),
        (
            vec![("BADGEBRIDGE_LISTEN", "127.0.0.1:9464")],
            "server.metrics_listen",
            "BADGEBRIDGE_LISTEN",
        ),
    ] {
        let message = refusal(&variables);
        assert!(message.contains(first) && message.contains(second), "{message}");
        assert!(!message.contains("pass-word"), "{message}");
    }
}

#[test]
fn secrets_may_lie_in_files_and_are_never_printed() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key");
    fs::write(&key, "c2VjcmV0\n").unwrap();
    let key = key.to_str().unwrap();
    let config = with_environment(&[
        ("BADGEBRIDGE_SECRET_KEY_FILE", key),
        (
            "BADGEBRIDGE_DATABASE_URL",
            "postgres://badge:pass-word@db.example/badges",
        ),
        ("BADGEBRIDGE_OUTBOUND_PROXY", "http://me:pass-word@proxy.example:3128"),
    ])
    .unwrap();
    assert_eq!(config.server.secret_key.as_ref().unwrap().expose_secret(), "c2VjcmV0");
    let printed = format!("{config:?}");
    assert!(!printed.contains("pass-word") && !printed.contains("c2Vj"), "{printed}");

    let both = [("BADGEBRIDGE_SECRET_KEY_FILE", key), ("BADGEBRIDGE_SECRET_KEY", "c2Vj")];
    let message = refusal(&both);
    assert!(
        message.contains("BADGEBRIDGE_SECRET_KEY_FILE") && !message.contains("c2Vj"),
        "{message}"
    );
    let message = refusal(&[("BADGEBRIDGE_SECRET_KEY_FILE", "no-such-file")]);
    assert!(message.starts_with("BADGEBRIDGE_SECRET_KEY_FILE"), "{message}");
    let message = refusal(&[("BADGEBRIDGE_LISTEN_FILE", key)]);
    assert!(message.contains("no such setting"), "{message}");
}

#[test]
fn single_sign_on_is_read_with_its_secret_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    fs::write(&secret, "pass-word\n").unwrap();
    let config = with_environment(&[
        ("BADGEBRIDGE_SSO_ISSUER", "https://login.example.edu/realms/campus"),
        ("BADGEBRIDGE_SSO_CLIENT_ID", "badges"),
        ("BADGEBRIDGE_SSO_CLIENT_SECRET_FILE", secret.to_str().unwrap()),
        (
            "BADGEBRIDGE_SSO_ALLOWED_ADDRESSES",
            "Olga@Example.edu, otto@example.edu",
        ),
    ])
    .unwrap();
    let sso = config.sso.as_ref().unwrap();
    assert_eq!(sso.client_secret.as_ref().unwrap().expose_secret(), "pass-word");
    assert_eq!(sso.addresses, ["olga@example.edu", "otto@example.edu"]);
    assert_eq!(
        (sso.label.as_str(), sso.groups_claim.as_str()),
        ("login.example.edu", "groups")
    );
    assert_eq!(
        (sso.scopes.as_slice(), sso.wait),
        (&["email".to_owned(), "profile".to_owned()][..], Duration::from_secs(2))
    );
    assert!(!format!("{config:?}").contains("pass-word"));
}

#[test]
fn empty_variables_count_as_not_set_and_loopback_may_take_a_free_port() {
    let config = with_environment(&[
        ("BADGEBRIDGE_TLS_CERT", ""),
        ("BADGEBRIDGE_LISTEN", "127.0.0.1:0"),
        ("BADGEBRIDGE_PUBLIC_URL", "http://127.0.0.1:0"),
        ("BADGEBRIDGE_METRICS_LISTEN", "off"),
        ("BADGEBRIDGE_ALLOWED_NETWORKS", "127.0.0.0/8, ::1"),
    ])
    .unwrap();
    assert_eq!(config.server.require_public_url().unwrap().port(), 0);
    assert!(config.server.metrics_listen.is_none() && config.server.tls.is_none());
    assert_eq!(config.outbound.allowed_networks.len(), 2);
}
