//! No token, address, name or secret in the log (P6): the real server, logging as much as it can, while people launch,
//! a roster is read, badges are issued, refused and revoked, and launches are refused.

use std::time::{Duration, Instant};

use badgebridge::sandbox::factory::{BADGE_SAFETY, CLIENT, OTHER_CLIENT};
use badgebridge::sandbox::lms::{LaunchSpec, Lms, Options, Registration, Signer, Tool};

use super::World;
use super::serving::Served;
use crate::support::browser::{Answer, Browser};
use crate::support::world::{claim, lms_key};

const COURSE: &str = "BIO-2010";
const LTI_CLIENT: &str = "client-in-the-log";
/// What the Factory refuses, naming the address in its answer.
const REFUSED: &str = "refused.one@campus.example";
/// What everybody in the course is called, as the demo LMS seeds it.
const NAMES: [&str; 5] = ["Mei-Ling", "Chen", "Nomail", "Nadia", "כהן"];

/// A server, an LMS that knows it, and what must not be in its log.
struct Scene {
    world: World,
    lms: Lms,
    served: Served,
    secrets: Vec<String>,
}

impl Scene {
    fn start() -> Self {
        let world = World::start();
        let url = world.factory.url();
        let api_key = world.factory.mint_api_key(CLIENT);
        let ran = world.run_with_input(&["factory", "enroll", "--name", "Marlowe", "--url", &url], &api_key);
        assert_eq!(ran.status, 0, "{}{}", ran.stdout, ran.stderr);
        let client_secret = world.factory.client_secret(OTHER_CLIENT).unwrap();
        let file = world.file("secret", &client_secret);
        let token = [
            "factory",
            "token",
            "--name",
            "Fernhill",
            "--url",
            &url,
            "--client-id",
            OTHER_CLIENT,
        ];
        world.done(&[&token[..], &["--client-secret-file", &file]].concat());
        let lms = Lms::start(Options {
            key: Some(lms_key()),
            ..Options::new(
                Tool::at("http://127.0.0.1:9"),
                std::sync::Arc::new(badgebridge::clock::SystemClock),
            )
        })
        .unwrap();
        let (auth, keys) = (lms.auth_url(), lms.jwks_url());
        let tokens = lms.token_url();
        world.done(&super::plain(&super::registration(&[
            ("--lms", "generic"),
            ("--issuer", lms.issuer()),
            ("--client-id", LTI_CLIENT),
            ("--authorization-endpoint", &auth),
            ("--token-endpoint", &tokens),
            ("--jwks-uri", &keys),
            ("--deployment-id", &lms.deployment_id()),
        ])));
        let served = Served::start(&world, &["--log", "info,badgebridge=trace"], &[]);
        lms.register(Registration {
            client_id: LTI_CLIENT.to_owned(),
            deployment_ids: vec![lms.deployment_id()],
            tool: Tool::at(&served.url),
        });
        let key_file = std::fs::read_to_string(world.folder.path().join("data").join("secret.key")).unwrap();
        let secrets = vec![api_key.trim().to_owned(), client_secret, key_file.trim().to_owned()];
        Self {
            world,
            lms,
            served,
            secrets,
        }
    }

    /// A launch, with claims or signature bent.
    async fn launch(&mut self, browser: &Browser, person: &str, signer: &Signer) -> Answer {
        let spec = |nonce: &str| LaunchSpec::new(person, COURSE, nonce).client(LTI_CLIENT);
        let login = self.lms.begin_with(spec("")).unwrap();
        let begun = browser.post_from_elsewhere(&login.url, &login.parameters).await;
        let (state, nonce) = (begun.parameter("state").unwrap(), begun.parameter("nonce").unwrap());
        let mut claims = self.lms.claims(&spec(&nonce));
        let back = "https://lms.campus.example/back?session=hush-return";
        claims[claim("launch_presentation")] = serde_json::json!({ "return_url": back });
        let token = self.lms.sign(&self.lms.header(), &claims, signer);
        let fields = [("state", &state), ("id_token", &token)].map(|(name, value)| (name.to_owned(), value.clone()));
        let answer = browser.post_from_elsewhere("/lti/launch", &fields).await;
        self.secrets.extend(token.split('.').map(str::to_owned));
        self.secrets.extend([token, state, nonce]);
        self.secrets.extend(browser.cookies().into_values());
        if answer.status == 303 {
            // the same again: refused, with the way back that its token says
            let again = browser.post_from_elsewhere("/lti/launch", &fields).await;
            assert_eq!(again.status, 401, "{}", again.body);
            assert!(again.body.contains("hush-return"), "{}", again.body);
        }
        answer
    }
}

/// Asks for a page until it says what it should.
async fn until(browser: &Browser, path: &str, is_so: impl Fn(&str) -> bool) -> String {
    let begun = Instant::now();
    loop {
        let page = browser.get(path).await;
        if is_so(&page.body) {
            return page.body;
        }
        assert!(begun.elapsed() < Duration::from_mins(1), "{path}: {}", page.body);
    }
}

fn value<'a>(body: &'a str, before: &str) -> &'a str {
    let rest = body.split(before).nth(1).unwrap_or_else(|| panic!("{before}: {body}"));
    rest.split('"').next().unwrap()
}

#[tokio::test]
async fn no_secret_address_or_name_is_logged() {
    let mut scene = Scene::start();
    scene.world.factory.set_manner(|manner| {
        manner.refused_addresses.insert(REFUSED.to_owned());
    });
    let browser = Browser::at(&scene.served.url);
    let answer = scene.launch(&browser, "teacher1", &Signer::Own).await;
    let base = answer.location().to_owned();
    for (person, signer, status) in [
        ("ada", Signer::Own, 303),
        ("nomail", Signer::Own, 303),
        ("mei", Signer::Other, 401),
    ] {
        let answer = scene.launch(&Browser::at(&scene.served.url), person, &signer).await;
        assert_eq!(answer.status, status, "{person}: {}", answer.body);
    }

    // the catalog is read, then the roster
    let page = until(&browser, &format!("{base}/issue"), |body| body.contains(BADGE_SAFETY)).await;
    let csrf = value(&page, "name=\"csrf\" value=\"").to_owned();
    scene.secrets.push(csrf.clone());
    let post = async |path: &str, fields: &[(&str, &str)]| {
        let all = [&[("csrf", csrf.as_str())][..], fields].concat();
        browser.post(path, &all).await
    };
    let begun = post(&format!("{base}/issue"), &[("badge", BADGE_SAFETY), ("do", "next")]).await;
    let people = begun.location().split('?').next().unwrap().to_owned();
    until(&browser, &people, |body| body.contains("Mei-Ling")).await;
    let pasted = format!("Refused One <{REFUSED}>\nMei-Ling Chen <mei@campus.example>");
    assert_eq!(post(&people, &[("paste", &pasted), ("do", "add")]).await.status, 303);
    assert_eq!(post(&people, &[("do", "next")]).await.status, 303);

    // an order: one is issued, one refused
    let message = people.replace("/people", "/message");
    let fields = [
        ("subject", "Your badge"),
        ("body", "Well done."),
        ("valid", "own"),
        ("do", "next"),
    ];
    let next = post(&message, &fields).await;
    let check = browser.get(next.location()).await;
    let key = value(&check.body, "name=\"key\" value=\"").to_owned();
    let order = post(&message.replace("/message", "/check"), &[("key", &key)]).await;
    let order = order.location().split('?').next().unwrap().to_owned();
    let done = until(&browser, &order, |body| body.contains("1 sent, 0 on hold, 1 failed")).await;
    scene.secrets.push(key);

    // a revocation, and a form that is refused
    let event = value(&done, "/events/").to_owned();
    let table = browser.get(&format!("{base}/events/{event}")).await;
    let award = value(&table.body, "/awards/").to_owned();
    let revoke = format!("{base}/awards/{award}/revoke");
    let fields = [("reason", "mistake"), ("note", "hush-note")];
    assert_eq!(post(&revoke, &fields).await.status, 303);
    until(&browser, &format!("{base}/awards/{award}"), |body| {
        body.contains("Revoked on")
    })
    .await;
    assert_eq!(browser.post(&revoke, &[("csrf", "guess")]).await.status, 403);
    let reads = scene.lms.counters();

    let log = scene.served.end();
    for told in [
        "/lti/launch",
        "a request was refused",
        "signature_invalid",
        "state_unknown",
    ] {
        assert!(log.contains(told), "{told}: {log}");
    }
    assert!(!log.contains('@'), "an address is in the log, {reads:?}: {log}");
    for hidden in NAMES
        .into_iter()
        .chain(["hush", "campus.example", "Bearer", "PRIVATE KEY"])
    {
        assert!(!log.contains(hidden), "{hidden} is in the log: {log}");
    }
    for secret in &scene.secrets {
        assert!(
            !secret.is_empty() && !log.contains(secret.as_str()),
            "a secret is in the log: {secret}"
        );
    }
}
