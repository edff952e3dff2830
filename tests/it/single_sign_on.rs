//! Operators' single sign-on with an OpenID Connect provider: whom it lets in, and everything that it does not believe.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use sqlx::Connection as _;

use crate::support::browser::{Answer, Browser};
use crate::support::database::{Database, on_both_databases, with_sqlite};
use crate::support::office::Desk;
use crate::support::provider::{Mood, Provider, Seal};
use crate::support::world::{Credential, Setup, World};

const COOKIE: &str = "__Host-bb-operator";
const BEGIN: &str = "/operator/sso";

async fn world(database: &Database) -> (World, Provider) {
    let provider = Provider::start();
    let setup = Setup {
        credential: Credential::Nothing,
        settings: provider.settings(),
        ..Setup::default()
    };
    let world = World::start_with(database, setup).await;
    provider.set_now(world.now().seconds());
    (world, provider)
}

/// A browser that comes back from the provider: what it would open next.
async fn asked(world: &World, provider: &Provider) -> (Arc<Browser>, String) {
    let browser = world.browser();
    let sent = browser.get(BEGIN).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    let back = provider.approve(sent.location());
    assert!(
        back.starts_with(&format!("{}/operator/sso/callback?", world.url)),
        "{back}"
    );
    (browser, back)
}

/// What a whole sign-in leads to.
async fn signed_in(world: &World, provider: &Provider) -> (Arc<Browser>, Answer) {
    let (browser, back) = asked(world, provider).await;
    let answer = browser.get(&back).await;
    (browser, answer)
}

fn assert_refused(answer: &Answer, status: u16, reason: &str, what: &str) {
    let told = (answer.status, answer.reason());
    assert_eq!(told, (status, reason.to_owned()), "{what}: {}", answer.body);
    assert_eq!(answer.cookies_set(), Vec::<&str>::new(), "{what}");
}

/// The audit log's deeds of the installation: who, what, details.
async fn deeds(url: &str) -> Vec<(String, String, String)> {
    const DEEDS: &str = "SELECT actor, action, detail FROM audit WHERE action <> 'admin.link' ORDER BY action, actor";
    if url.starts_with("sqlite") {
        let mut sql = sqlx::SqliteConnection::connect(url).await.unwrap();
        sqlx::query_as(DEEDS).fetch_all(&mut sql).await.unwrap()
    } else {
        let mut sql = sqlx::PgConnection::connect(url).await.unwrap();
        sqlx::query_as(DEEDS).fetch_all(&mut sql).await.unwrap()
    }
}

on_both_databases! {
    async fn an_operator_signs_in_with_the_provider_and_is_told_apart(database: Database) {
        let (world, provider) = world(&database).await;
        let page = world.browser().get("/operator/sign-in").await;
        assert!(page.body.contains("Sign in with Campus Login") && page.body.contains("href=\"/operator/sso\""), "{}", page.body);
        let (browser, back) = asked(&world, &provider).await;
        let binding: Vec<String> = browser.cookies().into_keys().collect();
        assert!(binding.len() == 1 && binding[0].starts_with("__Host-bb-sso-"), "{binding:?}");
        let entered = browser.get(&back).await;
        assert_eq!((entered.status, entered.location()), (303, "/operator"), "{}", entered.body);
        assert_eq!(browser.cookies().into_keys().collect::<Vec<_>>(), [COOKIE], "the other one is gone");
        for page in ["/operator", "/operator/health", "/operator/keys"] {
            assert_eq!(browser.get(page).await.status, 200, "{page}");
        }
        // what came back counts once, here and in another browser
        assert_refused(&browser.get(&back).await, 401, "sso-state", "again");
        assert_refused(&world.browser().get(&back).await, 401, "sso-state", "elsewhere");
        let desk = Desk { browser };
        let id = world.organisation.to_string();
        let fields = [("do", "rename"), ("organisation", id.as_str()), ("name", "Marlowe University")];
        assert_eq!(desk.post("/operator/organisations", &fields).await.status, 303);
        assert_eq!(desk.send("/operator", "/operator/sign-out", &[]).await.status, 303);
        assert_refused(&desk.get("/operator").await, 401, "not_signed_in", "signed out");
        let deeds = deeds(&database.url).await;
        let actions: Vec<&str> = deeds.iter().map(|(_, action, _)| action.as_str()).collect();
        assert_eq!(actions, ["organisation.rename", "sign-in", "sign-out"]);
        let who = deeds[0].0.strip_prefix("operator ").unwrap();
        assert!(who.len() == 12 && deeds.iter().all(|(actor, ..)| *actor == deeds[0].0), "{deeds:?}");
        assert!(deeds[1].2.contains("u-olga"), "{deeds:?}");
        // somebody else is somebody else
        provider.say(json!({"sub": "u-otto", "groups": "night shift"}));
        assert_eq!(signed_in(&world, &provider).await.1.status, 303);
        let all = self::deeds(&database.url).await;
        assert_eq!((all.len(), all.iter().filter(|(actor, ..)| *actor == deeds[0].0).count()), (4, 3), "{all:?}");
        world.finish().await;
    }

    async fn a_sign_in_is_bound_to_its_browser_and_ends(database: Database) {
        let (world, provider) = world(&database).await;
        let (browser, back) = asked(&world, &provider).await;
        let other = world.browser();
        assert_refused(&other.get(&back).await, 401, "sso-state", "another browser");
        // not even one that is in the middle of its own
        let (other, _) = asked(&world, &provider).await;
        assert_refused(&other.get(&back).await, 401, "sso-state", "another sign-in's browser");
        for name in browser.cookies().into_keys() {
            other.plant(&name, "guess");
        }
        assert_refused(&other.get(&back).await, 401, "sso-state", "a guess");
        for wrong in ["?code=x", "?state=&code=x", "?state=guess&code=x", ""] {
            let path = format!("/operator/sso/callback{wrong}");
            assert_refused(&browser.get(&path).await, 401, "sso-state", wrong);
        }
        assert_eq!(provider.asked().1, 0, "no code was redeemed");
        // nothing of that spent it
        assert_eq!(browser.get(&back).await.status, 303);
        let (browser, back) = asked(&world, &provider).await;
        world.advance(Duration::from_mins(11)).await;
        assert_refused(&browser.get(&back).await, 401, "sso-state", "too late");
        world.finish().await;
    }
}

#[tokio::test]
async fn a_token_that_does_not_hold_lets_nobody_in() {
    with_sqlite(async |database: Database| {
        let (world, provider) = world(&database).await;
        let now = world.now().seconds();
        let olga = json!({"sub": "u-olga", "groups": ["badge-operators"]});
        let with = |name: &str, value: Value| {
            let mut claims = olga.clone();
            claims[name] = value;
            claims
        };
        for (claims, what) in [
            (with("nonce", json!("another")), "another sign-in's nonce"),
            (with("nonce", Value::Null), "no nonce"),
            (with("aud", json!("another-client")), "another client's token"),
            (with("aud", json!(["badges", "another-client"])), "one for others, too"),
            (with("aud", Value::Null), "for nobody"),
            (with("azp", json!("another-client")), "another party's"),
            (with("iss", json!("https://login.elsewhere.example")), "another issuer"),
            (
                with("iss", json!(format!("{}/", provider.url))),
                "an issuer that differs by a slash",
            ),
            (with("iss", Value::Null), "no issuer"),
            (with("exp", json!(now)), "expired"),
            (with("exp", Value::Null), "without end"),
            (with("iat", json!(now - 601)), "too old"),
            (with("iat", json!(now + 61)), "from the future"),
            (with("sub", Value::Null), "nobody's"),
        ] {
            provider.say(claims);
            assert_refused(&signed_in(&world, &provider).await.1, 401, "sso-token", what);
        }
        provider.say(olga.clone());
        for seal in [Seal::Foreign, Seal::Unknown, Seal::Nothing, Seal::Secret] {
            provider.seal_with(seal);
            let (browser, answer) = signed_in(&world, &provider).await;
            assert_refused(&answer, 401, "sso-token", &format!("{seal:?}"));
            assert_refused(
                &browser.get("/operator").await,
                401,
                "not_signed_in",
                &format!("{seal:?}"),
            );
        }
        provider.seal_with(Seal::Own);
        assert_eq!(signed_in(&world, &provider).await.1.status, 303);
        // a code that the provider did not give, or gave to another sign-in
        let (browser, back) = asked(&world, &provider).await;
        let (_, other) = asked(&world, &provider).await;
        let foreign = other.split("code=").nth(1).unwrap().split('&').next().unwrap();
        let own = back.split("code=").nth(1).unwrap().split('&').next().unwrap();
        let swapped = back.replacen(own, foreign, 1);
        assert_refused(&browser.get(&swapped).await, 401, "sso-token", "another sign-in's code");
        assert_refused(&browser.get(&back).await, 401, "sso-state", "and that one is spent");
        let (browser, back) = asked(&world, &provider).await;
        let mixed = back.replace("%2Frealm", "%2Fother");
        assert_ne!(mixed, back);
        assert_refused(
            &browser.get(&mixed).await,
            401,
            "sso-token",
            "another provider's answer",
        );
        let (browser, back) = asked(&world, &provider).await;
        let declined = back.replace("code=", "error=access_denied&x=");
        let answer = browser.get(&declined).await;
        assert_refused(&answer, 401, "sso-declined", "the person said no");
        assert!(answer.body.contains("href=\"/operator/sign-in\""), "{}", answer.body);
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn groups_and_verified_addresses_decide_who_may() {
    with_sqlite(async |database: Database| {
        let (world, provider) = world(&database).await;
        for (claims, status, reason) in [
            (json!({"sub": "a", "groups": ["night shift"]}), 303, ""),
            (json!({"sub": "a", "groups": "night shift"}), 303, ""),
            (
                json!({"sub": "a", "email": "olga@campus.EXAMPLE", "email_verified": true}),
                303,
                "",
            ),
            (
                json!({"sub": "a", "groups": ["night", "shift", "BADGE-OPERATORS"]}),
                403,
                "sso-not-allowed",
            ),
            (
                json!({"sub": "a", "groups": {"badge-operators": true}}),
                403,
                "sso-not-allowed",
            ),
            (
                json!({"sub": "a", "roles": ["badge-operators"]}),
                403,
                "sso-not-allowed",
            ),
            (json!({"sub": "a"}), 403, "sso-not-allowed"),
            (
                json!({"sub": "a", "email": "otto@campus.example", "email_verified": true}),
                403,
                "sso-not-allowed",
            ),
            (
                json!({"sub": "a", "email": "olga@campus.example", "email_verified": false}),
                403,
                "sso-address",
            ),
            (json!({"sub": "a", "email": "olga@campus.example"}), 403, "sso-address"),
        ] {
            let what = claims.to_string();
            provider.say(claims);
            let (browser, answer) = signed_in(&world, &provider).await;
            if status == 303 {
                assert_eq!(answer.status, 303, "{what}: {}", answer.body);
                assert_eq!(browser.get("/operator").await.status, 200);
            } else {
                assert_refused(&answer, status, reason, &what);
                assert_eq!(browser.get("/operator").await.status, 401, "{what}");
            }
        }
        let refused = deeds(&database.url).await;
        assert_eq!(
            refused
                .iter()
                .filter(|(_, action, _)| action == "sign-in.refused")
                .count(),
            7
        );
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_provider_that_is_silent_or_sends_us_elsewhere_is_not_waited_for() {
    with_sqlite(async |database: Database| {
        let (world, provider) = world(&database).await;
        for mood in [Mood::SilentAboutItself, Mood::RedirectsAboutItself, Mood::Broken] {
            provider.be(mood);
            let answer = world.browser().get(BEGIN).await;
            assert_refused(&answer, 502, "sso-silent", &format!("{mood:?}"));
        }
        provider.be(Mood::OtherIssuer);
        assert_refused(&world.browser().get(BEGIN).await, 401, "sso-token", "another name");
        provider.be(Mood::Well);
        assert_eq!(signed_in(&world, &provider).await.1.status, 303);
        let (itself, _) = provider.asked();
        assert_eq!(signed_in(&world, &provider).await.1.status, 303);
        assert_eq!(provider.asked().0, itself, "what it says of itself is remembered");
        for mood in [Mood::SilentAboutTokens, Mood::RedirectsAboutTokens] {
            provider.be(mood);
            let (_, answer) = signed_in(&world, &provider).await;
            assert!(
                [401, 502].contains(&answer.status) && answer.cookies_set().is_empty(),
                "{mood:?}: {}",
                answer.body
            );
        }
        // what is remembered does for a day
        provider.be(Mood::Broken);
        world.advance(Duration::from_hours(2)).await;
        provider.set_now(world.now().seconds());
        assert_eq!(signed_in(&world, &provider).await.1.status, 303);
        world.advance(Duration::from_hours(24)).await;
        assert_refused(&world.browser().get(BEGIN).await, 502, "sso-silent", "a day later");
        // a new key is found, and a made-up one does not have it asked each time
        provider.be(Mood::Well);
        provider.set_now(world.now().seconds());
        assert_eq!(signed_in(&world, &provider).await.1.status, 303);
        provider.rotate();
        world.advance(Duration::from_secs(31)).await;
        provider.set_now(world.now().seconds());
        assert_eq!(signed_in(&world, &provider).await.1.status, 303);
        let (itself, _) = provider.asked();
        provider.seal_with(Seal::Unknown);
        for _ in 0..3 {
            assert_refused(&signed_in(&world, &provider).await.1, 401, "sso-token", "a made-up key");
        }
        assert_eq!(provider.asked().0, itself);
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn no_other_site_begins_a_sign_in_and_no_planted_session_is_taken_over() {
    with_sqlite(async |database: Database| {
        let (world, provider) = world(&database).await;
        for site in ["cross-site", "same-site"] {
            let browser = world.browser();
            let request = browser.request(reqwest::Method::GET, BEGIN);
            let answer = browser.send(request.header("Sec-Fetch-Site", site)).await;
            assert_refused(&answer, 403, "foreign_form", site);
        }
        let attacker = Desk::operator(&world).await;
        let planted = attacker.browser.cookies()[COOKIE].clone();
        let (browser, back) = asked(&world, &provider).await;
        browser.plant(COOKIE, &planted);
        assert_eq!(browser.get(&back).await.status, 303);
        assert_ne!(browser.cookies()[COOKIE], planted);
        assert_refused(
            &attacker.get("/operator").await,
            401,
            "not_signed_in",
            "the planted one",
        );
        // it opens no course
        let tab = world.launch("teacher1", "BIO-2010").await;
        assert_eq!(browser.get(&tab.url).await.status, 401);
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn without_a_provider_there_is_no_single_sign_on() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        let page = world.browser().get("/operator/sign-in").await;
        assert!(
            page.status == 200 && !page.body.contains("/operator/sso"),
            "{}",
            page.body
        );
        for path in [BEGIN, "/operator/sso/callback?state=x&code=y"] {
            assert_refused(&world.browser().get(path).await, 404, "not_found", path);
        }
        world.finish().await;
    })
    .await;
}
