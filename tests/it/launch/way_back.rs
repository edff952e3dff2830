//! The way back to the LMS on the page of a refused launch: only what a proven message said is a link.

use serde_json::json;

use super::{COURSE, TEACHER, assert_refused, launch_bent};
use crate::support::browser::Answer;
use crate::support::database::with_sqlite;
use crate::support::world::{World, claim};

const BACK: &str = "https://lms.example/course/view.php?id=2&from=badges";

/// Whether the page leads back there, out of the frame.
fn leads_back(answer: &Answer) -> bool {
    let escaped = BACK.replace('&', "&#38;");
    let link = |address: &str| format!("href=\"{address}\" target=\"_top\"");
    answer.body.contains(&link(&escaped)) || answer.body.contains(&link(&BACK.replace('&', "&amp;")))
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
            assert!(!answer.body.contains("target=\"_top\""), "{wrong}: {}", answer.body);
        }
        // what nobody proved leads nowhere
        let answer = launch_bent(&world, TEACHER, |token| {
            told(BACK)(&mut token.claims);
            token.signer = badgebridge::sandbox::lms::Signer::Other;
        })
        .await;
        assert_refused(&world, &answer, 401, "signature_invalid").await;
        assert!(
            !leads_back(&answer) && !answer.body.contains("lms.example"),
            "{}",
            answer.body
        );
        assert!(world.lms.course(COURSE).is_some());
        world.finish().await;
    })
    .await;
}
