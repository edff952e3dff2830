//! The login and the platform's answer (rows 52 to 54, 56 to 60, 75).

use badgebridge::sandbox::lms::{LaunchSpec, LoginMethod};
use serde_json::json;

use super::people::in_a_world;
use super::{COURSE, TEACHER, assert_refused, assert_refused_after, begin, launch_bent, seat_after, with_each};
use crate::support::browser::{Answer, Browser};
use crate::support::database::{Database, with_sqlite};
use crate::support::world::{Credential, Setup, World, claim, without};

/// The parameters of a good login.
fn parameters(world: &World) -> Vec<(String, String)> {
    world.lms.begin(TEACHER, COURSE).unwrap().parameters
}

/// The login with parameters changed (`Some`) or left out.
async fn login(world: &World, browser: &Browser, changes: &[(&str, Option<&str>)]) -> Answer {
    let mut fields = parameters(world);
    for (name, value) in changes {
        fields.retain(|(known, _)| known != name);
        if let Some(value) = value {
            fields.push(((*name).to_owned(), (*value).to_owned()));
        }
    }
    browser.post_from_elsewhere("/lti/login", &fields).await
}

async fn assert_login_refused(world: &World, changes: &[(&str, Option<&str>)], status: u16, reason: &str) {
    let browser = world.browser();
    let answer = login(world, &browser, changes).await;
    assert_refused(world, &answer, status, reason).await;
    assert!(browser.cookies().is_empty(), "not even a login's cookie");
}

in_a_world! {
    async fn a_login_by_get_or_post_leads_to_the_platform_with_every_parameter(world) {
        for method in [LoginMethod::Get, LoginMethod::Post] {
            world.lms.set_login_method(method);
            let asked = world.lms.begin(TEACHER, COURSE).unwrap();
            let browser = world.browser();
            let answer = match method {
                LoginMethod::Get => browser.get(&asked.as_get()).await,
                LoginMethod::Post => browser.post_from_elsewhere(&asked.url, &asked.parameters).await,
            };
            assert_eq!(answer.status, 303);
            assert!(answer.location().starts_with(&world.lms.auth_url()), "{}", answer.location());
            let launch = format!("{}/lti/launch", world.url);
            let client = world.lms.client_id();
            for (name, value) in [
                ("scope", "openid"),
                ("response_type", "id_token"),
                ("response_mode", "form_post"),
                ("prompt", "none"),
                ("client_id", client.as_str()),
                ("redirect_uri", launch.as_str()),
                ("login_hint", asked.parameter("login_hint").unwrap()),
                ("lti_message_hint", asked.parameter("lti_message_hint").unwrap()),
            ] {
                assert_eq!(answer.parameter(name).as_deref(), Some(value), "{name}");
            }
            for name in ["state", "nonce"] {
                assert!(answer.parameter(name).unwrap().len() >= 32, "{name}");
            }
            assert_eq!(answer.cookies_set().len(), 1, "one cookie for this login");
            let post = world.lms.answer(answer.location()).unwrap();
            browser.post_from_elsewhere(&post.url, &post.fields).await.seat();
        }
    }

    async fn each_login_has_a_cookie_a_state_and_a_nonce_of_its_own(world) {
        let browser = world.browser();
        let (one, other) = (begin(&world, &browser).await, begin(&world, &browser).await);
        assert_ne!((one.state, one.nonce), (other.state, other.nonce));
        assert_eq!(browser.cookies().len(), 2);
    }

    async fn a_login_without_issuer_or_hint_is_refused(world) {
        assert_login_refused(&world, &[("iss", None)], 400, "login_unreadable").await;
        assert_login_refused(&world, &[("iss", Some(""))], 400, "login_unreadable").await;
        assert_login_refused(&world, &[("login_hint", None)], 400, "login_unreadable").await;
        assert_login_refused(&world, &[("login_hint", Some(""))], 400, "login_unreadable").await;
        let answer = world.browser().get("/lti/login").await;
        assert_refused(&world, &answer, 400, "login_unreadable").await;
    }

    async fn a_login_of_an_unknown_platform_is_not_redirected(world) {
        assert_login_refused(&world, &[("iss", Some("https://elsewhere.example"))], 400, "unknown_platform").await;
        assert_login_refused(&world, &[("client_id", Some("unknown"))], 400, "unknown_platform").await;
        let slash = format!("{}/", world.lms.issuer());
        assert_login_refused(&world, &[("iss", Some(&slash))], 400, "unknown_platform").await;
    }

    async fn hints_come_back_byte_for_byte(world) {
        let hint = "a+b & c=d % \"e\" {f} %20 é ;#?/\\";
        for name in ["login_hint", "lti_message_hint"] {
            let answer = login(&world, &world.browser(), &[(name, Some(hint))]).await;
            assert_eq!(answer.parameter(name).as_deref(), Some(hint));
        }
    }

    async fn a_message_hint_that_did_not_come_is_not_sent(world) {
        let answer = login(&world, &world.browser(), &[("lti_message_hint", None)]).await;
        assert_eq!(answer.status, 303);
        assert_eq!(answer.parameter("lti_message_hint"), None);
    }

    async fn a_login_may_leave_the_target_out(world) {
        let answer = login(&world, &world.browser(), &[("target_link_uri", None)]).await;
        assert_eq!(answer.status, 303);
    }

    async fn a_login_target_elsewhere_is_refused_and_never_followed(world) {
        for target in [
            "https://evil.example/lti/launch",
            "//evil.example/",
            "javascript:alert(1)",
            "data:text/html,x",
            "http://127.0.0.1.evil.example/",
            "no address",
        ] {
            assert_login_refused(&world, &[("target_link_uri", Some(target))], 400, "target_link_foreign").await;
        }
    }

    async fn a_signed_target_elsewhere_is_refused_and_never_followed(world) {
        for target in ["https://evil.example/", "//evil.example/", "javascript:alert(1)"] {
            let answer = launch_bent(&world, TEACHER, |token| {
                token.claims[claim("target_link_uri")] = json!(target);
            })
            .await;
            assert_refused(&world, &answer, 400, "target_link_foreign").await;
        }
        let answer = launch_bent(&world, TEACHER, |token| {
            without(&mut token.claims, &claim("target_link_uri"));
        })
        .await;
        assert_refused(&world, &answer, 400, "target_link_missing").await;
    }

    async fn the_signed_target_counts_and_a_strict_registration_wants_the_same(world) {
        let other = format!("{}/lti/launch?page=my", world.url);
        let change = |claims: &mut serde_json::Value| claims[claim("target_link_uri")] = json!(other);
        seat_after(&world, TEACHER, change).await;
        world.change_registration(|registration| registration.strict = true).await;
        let answer = launch_bent(&world, TEACHER, |token| change(&mut token.claims)).await;
        assert_refused_after(&world, 1, &answer, 400, "target_link_differs").await;
    }

    async fn an_error_of_the_platform_is_shown_escaped(world) {
        let browser = world.browser();
        let begun = begin(&world, &browser).await;
        let fields = [
            ("error", "login_required<script>alert(1)</script>"),
            ("error_description", "<img src=x onerror=alert(1)>"),
            ("state", &begun.state),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let answer = browser.post_from_elsewhere("/lti/launch", &fields).await;
        assert_refused(&world, &answer, 400, "platform_error").await;
        assert!(answer.body.contains("login_required"), "{}", answer.body);
        assert!(!answer.body.contains("<script>alert") && !answer.body.contains("<img src=x"), "{}", answer.body);
        let spec = LaunchSpec::new(TEACHER, COURSE, &begun.nonce);
        world.answer(&browser, &begun.state, &world.lms.id_token(&spec)).await.seat();
    }

    async fn the_launch_address_takes_posts_only(world) {
        let browser = world.browser();
        for method in [reqwest::Method::GET, reqwest::Method::PUT, reqwest::Method::DELETE] {
            let answer = browser.send(browser.request(method, "/lti/launch")).await;
            assert_refused(&world, &answer, 405, "method").await;
        }
    }

    async fn answers_of_a_launch_may_be_read_in_any_frame_and_are_kept_nowhere(world) {
        let answer = world.browser().get("/lti/launch").await;
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("frame-ancestors *"), "{policy}");
        assert!(policy.contains("default-src 'none'"), "{policy}");
        assert_eq!(answer.header("x-frame-options"), None);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    }
}

#[tokio::test]
async fn too_many_open_logins_are_refused() {
    with_sqlite(async |database: Database| {
        let setup = Setup {
            credential: Credential::Nothing,
            settings: vec![("launch.max_open_logins", "3".to_owned())],
            ..Setup::default()
        };
        let world = World::start_with(&database, setup).await;
        for _ in 0..3 {
            begin(&world, &world.browser()).await;
        }
        assert_login_refused(&world, &[], 429, "too_many_logins").await;
        world.finish().await;
    })
    .await;
}
