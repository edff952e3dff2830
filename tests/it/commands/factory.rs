//! `factory`: enrolment, import and client secrets against the simulated Factory, over real mutual TLS.

use std::time::Duration;

use badgebridge::clock::{Clock, SystemClock};
use badgebridge::sandbox::factory::{Aim, CLIENT, Factory, Fault, Kind, OTHER_CLIENT, Options, Plan};

use super::World;

fn enroll<'a>(world: &World, name: &'a str, url: &'a str, key: &'a str) -> Vec<String> {
    let file = world.file("api-key", key);
    [
        "factory",
        "enroll",
        "--name",
        name,
        "--url",
        url,
        "--api-key-file",
        &file,
    ]
    .map(str::to_owned)
    .to_vec()
}

fn refusal(world: &World, arguments: &[String]) -> (String, String) {
    let ran = world.run(&super::plain(arguments));
    assert_eq!(ran.status, 1, "{}{}", ran.stdout, ran.stderr);
    (ran.stdout, ran.stderr)
}

#[tokio::test]
async fn an_api_key_becomes_an_organisation_that_the_factory_knows() {
    let world = World::start();
    let url = world.factory.url();
    let told = world.done(&super::plain(&enroll(
        &world,
        "Marlowe",
        &url,
        &world.factory.mint_api_key(CLIENT),
    )));
    assert_eq!(told.matches("ok  ").count(), 8, "{told}");
    assert!(told.contains("is connected"), "{told}");
    let all = world.json(&["factory", "list"]);
    assert_eq!(all[0]["client_id"], CLIENT);
    assert_eq!(all[0]["kind"], "certificate");
    assert!(all[0]["days_left"].as_i64().unwrap() > 300, "{all}");
    assert!(world.done(&["factory", "ping"]).contains("knows us"));

    // renewal, from standard input; a pasted key may be broken into lines
    let key = world.factory.mint_api_key(CLIENT);
    let (first, rest) = key.split_at(60);
    let arguments = ["factory", "enroll", "--name", "Marlowe", "--url", &url];
    let ran = world.run_with_input(&arguments, &format!("\n{first}\n  {rest}\n"));
    assert_eq!(ran.status, 0, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("new certificate"), "{}", ran.stdout);
    assert_eq!(world.count("organisation").await, 1);
    assert_eq!(world.count("factory_identity").await, 2);
    assert_eq!(world.count("factory_identity WHERE state = 'active'").await, 1);
    assert!(
        world
            .done(&["factory", "ping", "--organisation", "Marlowe"])
            .contains("knows us")
    );
}

#[tokio::test]
async fn every_step_that_fails_says_so_in_its_own_words_and_stores_nothing() {
    let world = World::start();
    let url = world.factory.url();
    let key = world.factory.mint_api_key(CLIENT);
    let cut = key[..key.len() - 21].to_owned();
    for (key, words) in [
        (String::new(), "no API key was given"),
        ("this is no key!".to_owned(), "this is no API key"),
        (cut, "cut off"),
        (format!("{key}{key}"), "API key"),
    ] {
        let (trail, told) = refusal(&world, &enroll(&world, "Marlowe", &url, &key));
        assert!(
            trail.contains("FAILED") && told.contains(words),
            "{words}: {trail}{told}"
        );
    }
    for (url, words) in [
        ("https://localhost:1", "cannot be reached"),
        ("http://factory.example", "https only"),
        ("https://factory.example/v1", "must end after the host"),
        ("factory", "--url"),
    ] {
        let (_, told) = refusal(&world, &enroll(&world, "Marlowe", url, &key));
        assert!(told.contains(words), "{url}: {told}");
    }
    assert_eq!(world.count("organisation").await, 0);

    world.done(&super::plain(&enroll(&world, "Marlowe", &url, &key)));
    let (trail, told) = refusal(&world, &enroll(&world, "Marlowe", &url, &key));
    assert!(
        trail.contains("FAILED  the Factory signed") && told.contains("used before"),
        "{trail}{told}"
    );
    assert_eq!(world.count("factory_identity").await, 1);
}

#[tokio::test]
async fn an_old_api_key_is_told_from_a_wrong_one() {
    let world = World::start();
    let now = SystemClock.now();
    let clock = badgebridge::clock::ManualClock::at(now.minus(Duration::from_mins(20)));
    let options = Options {
        clock: std::sync::Arc::new(clock),
        ..Options::default()
    };
    let late = Factory::start(options).unwrap();
    let key = late.mint_api_key(CLIENT);
    let (trail, told) = refusal(&world, &enroll(&world, "Marlowe", &world.factory.url(), &key));
    assert!(trail.contains("FAILED  the API key is younger"), "{trail}");
    assert!(told.contains("20 minutes ago"), "{told}");
    assert_eq!(world.count("organisation").await, 0);
}

#[tokio::test]
async fn a_certificate_is_kept_although_the_first_ping_fails() {
    let world = World::start();
    world.factory.misbehave(Plan::Next {
        fault: Fault::CertificateInvalid,
        times: 1,
        aim: Aim::Only(Kind::Ping),
    });
    let key = world.factory.mint_api_key(CLIENT);
    let (trail, told) = refusal(&world, &enroll(&world, "Marlowe", &world.factory.url(), &key));
    assert!(trail.contains("FAILED  the Factory answers"), "{trail}");
    assert!(told.contains("is stored, because the API key is spent"), "{told}");
    assert!(world.done(&["factory", "ping"]).contains("knows us"));
}

#[tokio::test]
async fn one_client_of_the_factory_is_one_organisation() {
    let world = World::start();
    let url = world.factory.url();
    world.done(&super::plain(&enroll(
        &world,
        "Marlowe",
        &url,
        &world.factory.mint_api_key(CLIENT),
    )));
    let other = world.factory.mint_api_key(OTHER_CLIENT);
    let (_, told) = refusal(&world, &enroll(&world, "Marlowe", &url, &other));
    assert!(told.contains("choose another name"), "{told}");
    let (_, told) = refusal(
        &world,
        &enroll(&world, "Twin", &url, &world.factory.mint_api_key(CLIENT)),
    );
    assert!(told.contains("already; use --name \"Marlowe\""), "{told}");
    // the refused key was not spent
    world.done(&super::plain(&enroll(&world, "Fernhill", &url, &other)));
    assert_eq!(world.count("organisation").await, 2);
}

#[tokio::test]
async fn an_existing_certificate_is_taken_over_only_if_it_fits_and_works() {
    let world = World::start();
    let url = world.factory.url();
    let now = SystemClock.now();
    let day = Duration::from_hours(24);
    let (certificate, key) = world
        .factory
        .identity_valid(CLIENT, now.minus(day), now.plus(day * 20))
        .unwrap();
    let (expired, _) = world
        .factory
        .identity_valid(CLIENT, now.minus(day * 3), now.minus(day))
        .unwrap();
    let (foreign, foreign_key) = world.factory.foreign_identity(CLIENT).unwrap();
    let import = |certificate: &str, key: &str, client: &str| {
        let certificate = world.file("certificate.pem", certificate);
        let key = world.file("key.pem", key);
        let arguments = [
            "factory",
            "import",
            "--name",
            "Marlowe",
            "--url",
            &url,
            "--client-id",
            client,
            "--certificate",
            &certificate,
            "--key",
            &key,
        ];
        world.run(&arguments)
    };
    let other_key = rcgen::KeyPair::generate().unwrap().serialize_pem();
    for (certificate, key, client, words) in [
        (&*certificate, &*other_key, CLIENT, "does not belong to the private key"),
        (&expired, &key, CLIENT, "expired"),
        (&certificate, &key, OTHER_CLIENT, "is for the client id"),
        (&foreign, &foreign_key, CLIENT, "does not accept"),
        ("no certificate", &key, CLIENT, "no certificate"),
    ] {
        let ran = import(certificate, key, client);
        assert_eq!(ran.status, 1, "{words}: {}", ran.stdout);
        assert!(ran.stderr.contains(words), "{words}: {}", ran.stderr);
    }
    assert_eq!(world.count("organisation").await, 0);

    let ran = import(&certificate, &key, CLIENT);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(world.done(&["factory", "ping"]).contains("knows us"));
    let doctor = world.run(&["doctor"]);
    assert_eq!(doctor.status, 0, "{}", doctor.stdout);
    assert!(
        doctor.stdout.contains("19 days left") && doctor.stdout.contains("LOOK"),
        "{}",
        doctor.stdout
    );

    let (ending, key) = world
        .factory
        .identity_valid(CLIENT, now.minus(day), now.plus(day * 7))
        .unwrap();
    assert_eq!(import(&ending, &key, CLIENT).status, 0);
    let doctor = world.run(&["doctor"]);
    assert_eq!(doctor.status, 1, "{}", doctor.stdout);
    assert!(
        doctor.stdout.contains("FAIL") && doctor.stdout.contains("in 6 days"),
        "{}",
        doctor.stdout
    );
}

#[tokio::test]
async fn a_client_secret_is_stored_sealed_and_only_if_it_works() {
    let world = World::start();
    let url = world.factory.url();
    let secret = world.factory.client_secret(CLIENT).unwrap();
    let token = |secret: &str| {
        let file = world.file("secret", secret);
        world.run(&[
            "factory",
            "token",
            "--name",
            "Marlowe",
            "--url",
            &url,
            "--client-id",
            CLIENT,
            "--client-secret-file",
            &file,
        ])
    };
    let wrong = token("wrong_secret");
    assert_eq!(wrong.status, 1);
    assert!(wrong.stderr.contains("nothing was stored"), "{}", wrong.stderr);
    assert_eq!(token("\n").status, 1);
    assert_eq!(world.count("organisation").await, 0);
    assert_eq!(token(&format!("{secret}\n")).status, 0);
    assert!(world.done(&["factory", "ping"]).contains("knows us"));
    let sealed: Vec<u8> = sqlx::query_scalar("SELECT secret FROM factory_identity")
        .fetch_one(&mut world.sql().await)
        .await
        .unwrap();
    assert!(!sealed.windows(secret.len()).any(|part| part == secret.as_bytes()));

    world.factory.stop();
    let ran = world.run(&["factory", "ping"]);
    assert_eq!(ran.status, 1);
    assert!(
        ran.stdout.contains("FAIL") && ran.stderr.contains("1 of 1"),
        "{}{}",
        ran.stdout,
        ran.stderr
    );
}

#[tokio::test]
async fn an_organisation_is_disconnected_after_its_name_was_typed() {
    let world = World::with_organisations();
    let end = ["factory", "disconnect", "--organisation", "Marlowe"];
    let wrong = world.run_with_input(&end, "Fernhill\n");
    assert_eq!(wrong.status, 1, "{}", wrong.stderr);
    assert!(wrong.stderr.contains("nothing was changed"), "{}", wrong.stderr);
    assert!(
        world
            .done(&["factory", "ping", "--organisation", "Marlowe"])
            .contains("knows us")
    );
    let ended = world.run_with_input(&end, "Marlowe\n");
    assert_eq!(ended.status, 0, "{}", ended.stderr);
    assert!(ended.stderr.contains("deleted here for good") && ended.stdout.contains("0 awards wait"));
    let secrets = "SELECT length(secret) FROM factory_identity WHERE state = 'retired'";
    let left: Vec<i64> = sqlx::query_scalar(secrets)
        .fetch_all(&mut world.sql().await)
        .await
        .unwrap();
    assert_eq!(left, [0]);
    let again = world.run_with_input(&end, "Marlowe\n");
    assert!(
        again.status == 1 && again.stderr.contains("is not connected"),
        "{}",
        again.stderr
    );
    // Fernhill is not concerned, and Marlowe stays the client that it was
    assert!(
        world
            .done(&["factory", "ping", "--organisation", "Fernhill"])
            .contains("knows us")
    );
    let url = world.factory.url();
    let token = |client: &str, secret: &str| {
        let file = world.file("secret", secret);
        let flags = ["--url", &url, "--client-id", client, "--client-secret-file", &file];
        world.run(&[&["factory", "token", "--name", "Marlowe"], &flags[..]].concat())
    };
    let secret = world.factory.client_secret(CLIENT).unwrap();
    let other = token("C9Other", &secret);
    assert!(other.status == 1 && other.stderr.contains(CLIENT), "{}", other.stderr);
    assert_eq!(token(CLIENT, &secret).status, 0);
    assert!(
        world
            .done(&["factory", "ping", "--organisation", "Marlowe"])
            .contains("knows us")
    );
}
