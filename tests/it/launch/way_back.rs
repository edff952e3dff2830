//! The way back to the LMS on the page of a refused launch: only what a proven message said is a link.

use std::time::Duration;

use badgebridge::sandbox::lms::{LaunchSpec, Signer};
use scraper::{Html, Selector};
use serde_json::json;

use super::{COURSE, TEACHER, assert_refused, assert_refused_after, begin, launch_bent};
use crate::support::browser::Answer;
use crate::support::database::{on_both_databases, with_sqlite};
use crate::support::world::{World, claim};

const BACK: &str = "https://lms.example/course/view.php?id=2&from=badges";

/// Where the page leads, out of the frame; nothing if it leads nowhere.
fn way(answer: &Answer) -> Option<String> {
    let page = Html::parse_document(&answer.body);
    let links = Selector::parse("a[target=_top]").unwrap();
    let mut ways = page.select(&links).filter_map(|link| link.value().attr("href"));
    let way = ways.next().map(str::to_owned);
    assert_eq!(ways.next(), None, "one way: {}", answer.body);
    way
}

/// Whether the page leads back to the course, out of the frame.
fn leads_back(answer: &Answer) -> bool {
    way(answer).as_deref() == Some(BACK)
}

/// The LMS itself: what belongs to the registration, whatever a message says.
fn platform(world: &World) -> String {
    let issuer = url::Url::parse(&world.registration.issuer).unwrap();
    issuer.origin().ascii_serialization()
}

#[tokio::test]
async fn a_proven_launch_that_is_refused_leads_back_where_it_says() {
    with_sqlite(async |database| {
        let world = World::unconnected(&database).await;
        let told = |back: &'static str| {
            move |claims: &mut serde_json::Value| claims[claim("launch_presentation")] = json!({ "return_url": back })
        };
        // a message that the tool does not serve
        let answer = launch_bent(&world, TEACHER, |token| {
            told(BACK)(&mut token.claims);
            token.claims[claim("message_type")] = json!("LtiStartProctoring");
        })
        .await;
        assert!(answer.status == 400 && leads_back(&answer), "{}", answer.body);
        // a claim that cannot be read
        let answer = launch_bent(&world, TEACHER, |token| {
            told(BACK)(&mut token.claims);
            token.claims[claim("version")] = json!("1.1");
        })
        .await;
        assert_refused(&world, &answer, 400, "version_not_supported").await;
        assert!(leads_back(&answer), "{}", answer.body);
        // an address that is none
        for wrong in ["javascript:alert(1)", "data:text/html,x", "/course/2", "https://"] {
            let answer = launch_bent(&world, TEACHER, |token| {
                told(wrong)(&mut token.claims);
                token.claims[claim("version")] = json!("1.1");
            })
            .await;
            assert_eq!(way(&answer), Some(platform(&world)), "{wrong}: {}", answer.body);
        }
        // what nobody proved does not say where to go; the login's registration does
        let answer = launch_bent(&world, TEACHER, |token| {
            told(BACK)(&mut token.claims);
            token.signer = Signer::Other;
        })
        .await;
        assert_refused(&world, &answer, 401, "signature_invalid").await;
        assert_eq!(way(&answer), Some(platform(&world)), "{}", answer.body);
        assert!(!answer.body.contains("lms.example"), "{}", answer.body);
        assert!(world.lms.course(COURSE).is_some());
        world.finish().await;
    })
    .await;
}

on_both_databases! {
    async fn a_launch_that_comes_again_or_too_late_leads_back_where_its_token_says(database: Database) {
        let world = World::unconnected(&database).await;
        let browser = world.browser();
        let begun = begin(&world, &browser).await;
        let mut claims = world.lms.claims(&LaunchSpec::new(TEACHER, COURSE, &begun.nonce));
        claims[claim("launch_presentation")] = json!({ "return_url": BACK });
        let signed = |claims: &serde_json::Value, signer: &Signer| world.lms.sign(&world.lms.header(), claims, signer);
        let token = signed(&claims, &Signer::Own);
        world.answer(&browser, &begun.state, &token).await.seat();
        let again = world.answer(&browser, &begun.state, &token).await;
        assert_refused_after(&world, 1, &again, 401, "state_unknown").await;
        assert!(leads_back(&again), "{}", again.body);
        // in a browser that another login began
        let other = world.browser();
        let begun = begin(&world, &other).await;
        let answer = world.answer(&other, &begun.state, &token).await;
        assert_refused_after(&world, 1, &answer, 401, "nonce_mismatch").await;
        assert!(leads_back(&answer), "{}", answer.body);
        // signed by somebody else, for somebody else, or not at all: an address that merely arrived
        let mut foreign = claims.clone();
        foreign["aud"] = json!("another-client");
        for token in [signed(&claims, &Signer::Other), signed(&foreign, &Signer::Own), "a.b.c".to_owned()] {
            let answer = world.answer(&world.browser(), "never-given", &token).await;
            assert_refused_after(&world, 1, &answer, 401, "state_unknown").await;
            assert_eq!(way(&answer), None, "{}", answer.body);
        }
        // it names no way: then to the LMS that signed it
        claims.as_object_mut().unwrap().remove(&claim("launch_presentation"));
        let answer = world.answer(&world.browser(), "never-given", &signed(&claims, &Signer::Own)).await;
        assert_eq!(way(&answer), Some(platform(&world)), "{}", answer.body);
        // an hour later the login is gone and the token is too old; keys are still known
        claims[claim("launch_presentation")] = json!({ "return_url": BACK });
        world.advance(Duration::from_hours(2)).await;
        let late = world.answer(&other, &begun.state, &signed(&claims, &Signer::Own)).await;
        assert_refused_after(&world, 1, &late, 401, "state_unknown").await;
        assert!(leads_back(&late), "{}", late.body);
        world.finish().await;
    }
}
