//! Tokens: signature, parties and times (rows 1, 5, 7, 32 to 46 and 69 of the checklist).

use badgebridge::sandbox::lms::{ELLIPTIC_KID, ENCRYPTION_KID, JwksMode, Signer};
use serde_json::json;

use super::{LEARNER, TEACHER, assert_refused, launch_bent, seat_after};
use crate::support::database::{Database, with_sqlite};
use crate::support::world::{World, claim, without};

/// One refusal after the other in one world: nothing may come of any.
macro_rules! refused {
    ($(#[$row:meta])* $name:ident: $status:literal $reason:literal, $($change:expr),+ $(,)?) => {
        $(#[$row])*
        #[tokio::test]
        async fn $name() {
            with_sqlite(async |database: Database| {
                let world = World::unconnected(&database).await;
                $(
                    let answer = launch_bent(&world, TEACHER, $change).await;
                    assert_refused(&world, &answer, $status, $reason).await;
                )+
                world.finish().await;
            })
            .await;
        }
    };
}
pub(super) use refused;

refused!(a_token_without_key_id_is_refused: 401 "kid_missing", |token| {
    token.header.as_object_mut().unwrap().remove("kid");
});

#[tokio::test]
async fn what_is_no_token_is_refused() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        for text in ["", "a.b", "only text", "e30.e30.", "{\"iss\": \"x\"}"] {
            let browser = world.browser();
            let begun = super::begin(&world, &browser).await;
            let answer = world.answer(&browser, &begun.state, text).await;
            let reason = match text {
                "" => "token_missing",
                "e30.e30." => "algorithm_not_accepted",
                _ => "not_a_token",
            };
            let status = if reason == "algorithm_not_accepted" { 401 } else { 400 };
            assert_refused(&world, &answer, status, reason).await;
        }
        world.finish().await;
    })
    .await;
}

refused!(a_token_that_is_no_lti_message_is_refused: 400 "not_an_lti_message",
    |token| token.claims = json!({"iss": "https://shop.example", "sub": "7", "exp": 1, "iat": 1}),
    |token| token.claims = json!("a word"),
    |token| token.claims = json!([]),
);

refused!(a_token_of_1970_is_refused: 401 "expired", |token| {
    token.claims["exp"] = json!(22_222);
    token.claims["iat"] = json!(11_111);
});

refused!(an_unsigned_token_is_refused: 401 "algorithm_not_accepted",
    |token| {
        token.header["alg"] = json!("none");
        token.signer = Signer::Nothing;
    },
    |token| {
        token.header["alg"] = json!("None");
        token.signer = Signer::Nothing;
    },
);

refused!(a_token_without_signature_is_refused: 401 "signature_invalid", |token| token.signer = Signer::Nothing);

refused!(a_token_signed_with_the_text_of_the_public_key_is_refused: 401 "algorithm_not_accepted", |token| {
    token.header["alg"] = json!("HS256");
    token.signer = Signer::PublicKeyText;
});

refused!(a_symmetric_signature_under_an_rsa_header_is_refused: 401 "signature_invalid", |token| {
    token.signer = Signer::PublicKeyText;
});

#[tokio::test]
async fn keys_of_another_kind_or_purpose_verify_nothing() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        world.lms.jwks_mode(JwksMode::WithJunkKeys);
        for (kid, signer) in [(ELLIPTIC_KID, Signer::Elliptic), (ENCRYPTION_KID, Signer::Own)] {
            let answer = launch_bent(&world, TEACHER, |token| {
                token.header["kid"] = json!(kid);
                token.signer = signer;
            })
            .await;
            assert_refused(&world, &answer, 401, "kid_unknown").await;
        }
        let answer = launch_bent(&world, TEACHER, |token| {
            token.header["alg"] = json!("ES256");
            token.header["kid"] = json!(ELLIPTIC_KID);
            token.signer = Signer::Elliptic;
        })
        .await;
        assert_refused(&world, &answer, 401, "algorithm_not_accepted").await;
        // the junk beside it does not hide the right key
        seat_after(&world, TEACHER, |_| {}).await;
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn one_changed_bit_of_the_signature_is_enough() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        let browser = world.browser();
        let begun = super::begin(&world, &browser).await;
        let spec = badgebridge::sandbox::lms::LaunchSpec::new(TEACHER, super::COURSE, &begun.nonce);
        let token = world.lms.id_token(&spec);
        let at = token.rfind('.').unwrap() + 20;
        let other = if &token[at..=at] == "A" { "B" } else { "A" };
        let changed = format!("{}{other}{}", &token[..at], &token[at + 1..]);
        let answer = world.answer(&browser, &begun.state, &changed).await;
        assert_refused(&world, &answer, 401, "signature_invalid").await;
        // a refused token spends nothing: the right one still launches
        world.answer(&browser, &begun.state, &token).await.seat();
        world.finish().await;
    })
    .await;
}

refused!(a_key_that_the_platform_never_published_verifies_nothing: 401 "signature_invalid",
    |token| token.signer = Signer::Other);

refused!(keys_named_inside_the_token_are_not_fetched: 401 "kid_unknown", |token| {
    token.header["kid"] = json!("mine");
    token.header["jku"] = json!("http://127.0.0.1:1/keys");
    token.header["jwk"] = json!({"kty": "RSA", "n": "AQAB", "e": "AQAB"});
    token.signer = Signer::Other;
});

refused!(an_issuer_with_one_more_slash_is_another: 401 "iss_mismatch", |token| {
    token.claims["iss"] = json!(format!("{}/", token.claims["iss"].as_str().unwrap()));
});

refused!(a_token_for_another_client_is_refused: 401 "aud_mismatch",
    |token| token.claims["aud"] = json!("another"),
    |token| token.claims["aud"] = json!(["another"]),
    |token| token.claims["aud"] = json!([]),
    |token| token.claims["aud"] = json!(null),
    |token| token.claims["aud"] = json!(["demo-badgebridge-2", "DEMO-BADGEBRIDGE"]),
);

#[tokio::test]
async fn an_audience_of_one_in_a_list_is_ours() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        let client = world.lms.client_id();
        seat_after(&world, TEACHER, |claims| {
            claims["aud"] = json!([client]);
            without(claims, "azp");
        })
        .await;
        seat_after(&world, TEACHER, |claims| {
            claims["aud"] = json!(client);
            without(claims, "azp");
        })
        .await;
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_second_audience_needs_our_client_as_the_authorized_party() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        let client = world.lms.client_id();
        let both = json!([client, "https://other.example"]);
        let answer = launch_bent(&world, TEACHER, |token| {
            token.claims["aud"] = both.clone();
            without(&mut token.claims, "azp");
        })
        .await;
        assert_refused(&world, &answer, 401, "azp_missing").await;
        let answer = launch_bent(&world, TEACHER, |token| {
            token.claims["aud"] = both.clone();
            token.claims["azp"] = json!("https://other.example");
        })
        .await;
        assert_refused(&world, &answer, 401, "azp_mismatch").await;
        world
            .change_registration(|registration| registration.strict = true)
            .await;
        let answer = launch_bent(&world, TEACHER, |token| token.claims["aud"] = both.clone()).await;
        assert_refused(&world, &answer, 401, "aud_not_alone").await;
        world
            .change_registration(|registration| registration.strict = false)
            .await;
        seat_after(&world, TEACHER, |claims| claims["aud"] = both.clone()).await;
        world.finish().await;
    })
    .await;
}

refused!(an_authorized_party_that_is_not_us_is_refused: 401 "azp_mismatch", |token| {
    token.claims["aud"] = token.claims["azp"].clone();
    token.claims["azp"] = json!("another");
});

#[tokio::test]
async fn clocks_may_differ_by_half_a_minute() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        let now = world.now().seconds();
        seat_after(&world, TEACHER, |claims| {
            claims["exp"] = json!(now - 30);
            claims["iat"] = json!(now - 90);
        })
        .await;
        seat_after(&world, LEARNER, |claims| {
            claims["iat"] = json!(now + 30);
            claims["nbf"] = json!(now + 30);
        })
        .await;
        world.finish().await;
    })
    .await;
}

refused!(a_token_that_expired_two_minutes_ago_is_refused: 401 "expired", |token| {
    token.claims["exp"] = json!(token.claims["iat"].as_i64().unwrap() - 120);
});

refused!(a_token_from_the_future_is_refused: 401 "issued_in_future", |token| {
    token.claims["iat"] = json!(token.claims["iat"].as_i64().unwrap() + 600);
});

refused!(a_token_that_holds_for_more_than_a_day_is_refused: 401 "lifetime_too_long", |token| {
    token.claims["exp"] = json!(token.claims["iat"].as_i64().unwrap() + 86_401);
});

refused!(a_token_of_two_hours_ago_is_refused: 401 "issued_too_long_ago", |token| {
    token.claims["iat"] = json!(token.claims["iat"].as_i64().unwrap() - 7_200);
});

refused!(a_token_without_times_is_refused: 401 "time_missing",
    |token| without(&mut token.claims, "exp"),
    |token| without(&mut token.claims, "iat"),
    |token| token.claims["exp"] = json!("soon"),
);

refused!(a_token_that_is_not_valid_yet_is_refused: 401 "not_yet_valid", |token| {
    token.claims["nbf"] = json!(token.claims["iat"].as_i64().unwrap() + 10_000_000);
});

refused!(a_token_without_nonce_is_refused: 401 "nonce_missing",
    |token| without(&mut token.claims, "nonce"),
    |token| token.claims["nonce"] = json!(""),
    |token| token.claims["nonce"] = json!(7),
);

refused!(the_nonce_of_another_login_is_refused: 401 "nonce_mismatch",
    |token| token.claims["nonce"] = json!("not-the-nonce-of-this-login"));

refused!(a_token_of_300_kilobytes_is_refused: 413 "too_large",
    |token| token.claims["padding"] = json!("x".repeat(300 * 1024)));

refused!(ten_thousand_roles_are_too_many: 400 "too_many_roles", |token| {
    token.claims[claim("roles")] = json!(vec!["a"; 10_000]);
});
