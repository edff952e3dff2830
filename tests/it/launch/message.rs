//! Messages: version, type and what each needs (rows 3, 4, 6, 8 to 12, 63).

use serde_json::json;

use super::token::refused;
use super::{TEACHER, assert_refused, launch_bent};
use crate::support::database::{Database, with_sqlite};
use crate::support::world::{World, claim, without};

refused!(another_lti_version_is_refused: 400 "version_not_supported",
    |token| token.claims[claim("version")] = json!("11.3"),
    |token| token.claims[claim("version")] = json!("1.3"),
    |token| token.claims[claim("version")] = json!(1.3),
    |token| token.claims[claim("version")] = json!(null),
);

refused!(a_message_without_version_is_refused: 400 "version_not_supported",
    |token| without(&mut token.claims, &claim("version")));

refused!(a_message_without_type_version_and_roles_is_refused: 400 "version_not_supported", |token| {
    for name in ["message_type", "version", "roles"] {
        without(&mut token.claims, &claim(name));
    }
});

refused!(a_message_without_type_is_refused: 400 "message_type_missing",
    |token| without(&mut token.claims, &claim("message_type")),
    |token| token.claims[claim("message_type")] = json!(""),
);

refused!(a_message_without_roles_is_refused: 400 "roles_missing",
    |token| without(&mut token.claims, &claim("roles")),
    |token| token.claims[claim("roles")] = json!("Instructor"),
);

refused!(a_message_without_deployment_is_refused: 400 "deployment_missing",
    |token| without(&mut token.claims, &claim("deployment_id")),
    |token| token.claims[claim("deployment_id")] = json!(""),
    |token| token.claims[claim("deployment_id")] = json!("d".repeat(256)),
);

refused!(a_message_without_resource_link_is_refused: 400 "resource_link_missing",
    |token| without(&mut token.claims, &claim("resource_link")),
    |token| token.claims[claim("resource_link")] = json!({"title": "no id"}),
    |token| token.claims[claim("resource_link")] = json!({"id": ""}),
);

refused!(a_message_without_person_is_refused: 400 "sub_missing",
    |token| without(&mut token.claims, "sub"),
    |token| token.claims["sub"] = json!(null),
);

refused!(a_person_without_id_is_refused: 400 "sub_invalid",
    |token| token.claims["sub"] = json!(""),
    |token| token.claims["sub"] = json!("s".repeat(256)),
    |token| token.claims["sub"] = json!("a\u{0}b"),
);

#[tokio::test]
async fn an_empty_sub_is_refused_even_where_anonymous_launches_are_allowed() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        world
            .change_registration(|registration| registration.anonymous = true)
            .await;
        let answer = launch_bent(&world, TEACHER, |token| token.claims["sub"] = json!("")).await;
        assert_refused(&world, &answer, 400, "sub_invalid").await;
        let answer = launch_bent(&world, TEACHER, |token| without(&mut token.claims, "sub")).await;
        let seat = world.seat(answer.seat()).await;
        assert_eq!(seat.member, None, "nobody is remembered");
        world.finish().await;
    })
    .await;
}

refused!(messages_that_the_tool_does_not_serve_are_named_and_refused: 400 "not_available",
    |token| token.claims[claim("message_type")] = json!("LtiEulaRequest"),
    |token| token.claims[claim("message_type")] = json!("LtiFutureRequest"),
    |token| token.claims[claim("message_type")] = json!("<script>alert(1)</script>"),
);

refused!(a_review_without_person_or_column_is_refused: 400 "submission_missing",
    |token| token.claims[claim("message_type")] = json!("LtiSubmissionReviewRequest"),
    |token| {
        token.claims[claim("message_type")] = json!("LtiSubmissionReviewRequest");
        token.claims[claim("for_user")] = json!({"user_id": "4"});
        without(&mut token.claims, badgebridge::sandbox::lms::AGS_CLAIM);
    },
    |token| {
        token.claims[claim("message_type")] = json!("LtiSubmissionReviewRequest");
        token.claims[claim("for_user")] = json!({"user_id": ""});
        let column = "https://lms.example/lineitems/1";
        token.claims[badgebridge::sandbox::lms::AGS_CLAIM] = json!({"scope": [], "lineitem": column});
    },
);

refused!(a_whole_review_is_not_served: 400 "not_available", |token| {
    token.claims[claim("message_type")] = json!("LtiSubmissionReviewRequest");
    token.claims[claim("for_user")] = json!({"user_id": "4"});
    let column = "https://lms.example/lineitems/1";
    token.claims[badgebridge::sandbox::lms::AGS_CLAIM] = json!({"scope": [], "lineitem": column});
});

refused!(a_deep_linking_response_is_no_launch: 400 "response_is_no_launch",
    |token| token.claims[claim("message_type")] = json!("LtiDeepLinkingResponse"));

#[tokio::test]
async fn the_page_about_an_unserved_message_names_it() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        let answer = launch_bent(&world, TEACHER, |token| {
            token.claims[claim("message_type")] = json!("LtiDataPrivacyLaunchRequest");
        })
        .await;
        assert!(answer.body.contains("DataPrivacyLaunchRequest"), "{}", answer.body);
        assert_refused(&world, &answer, 400, "not_available").await;
        world.finish().await;
    })
    .await;
}
