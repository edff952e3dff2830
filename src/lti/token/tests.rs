use super::*;
use crate::lti::registration::{Issuer, LtiClientId};
use crate::lti::testing::{NOW, check, key_set, key_set_as, launch_claims, other_key, platform_key, token, token_with};
use serde_json::json;

fn terms() -> Terms {
    Terms {
        issuer: Issuer::parse("https://lms.example").unwrap(),
        client_id: LtiClientId::parse("client-1").unwrap(),
        is_strict: false,
        allows_anonymous: false,
    }
}

fn verify_with(raw: &str, terms: &Terms) -> Result<SignedClaims, LaunchError> {
    UnverifiedToken::parse(raw)?.verify(terms, &key_set(platform_key()), &Nonce::new("nonce-1".into()), NOW)
}

fn verify(change: impl FnOnce(&mut Value)) -> Result<SignedClaims, LaunchError> {
    let mut claims = launch_claims();
    change(&mut claims);
    verify_with(&token(&claims), &terms())
}

fn refusal(change: impl FnOnce(&mut Value)) -> Option<LaunchError> {
    verify(change).err()
}

fn header_refusal(header: &Value) -> Option<LaunchError> {
    verify_with(&token_with(platform_key(), header, &launch_claims()), &terms()).err()
}

#[test]
fn a_good_token_gives_its_claims() {
    assert_eq!(verify(|_| {}).unwrap().message_type(), Some("LtiResourceLinkRequest"));
}

#[test]
fn a_token_without_kid_or_with_an_unknown_one_is_refused() {
    assert_eq!(
        header_refusal(&json!({"alg": "RS256"})),
        Some(LaunchError::KeyIdMissing)
    );
    assert_eq!(
        header_refusal(&json!({"alg": "RS256", "kid": ""})),
        Some(LaunchError::KeyIdMissing)
    );
    assert_eq!(
        header_refusal(&json!({"alg": "RS256", "kid": 5})),
        Some(LaunchError::KeyIdMissing)
    );
    assert_eq!(
        header_refusal(&json!({"alg": "RS256", "kid": "other"})),
        Some(LaunchError::KeyUnknown)
    );
}

#[test]
fn only_rs256_is_accepted() {
    let kid = platform_key().kid();
    for alg in [
        json!("none"),
        json!("None"),
        json!("HS256"),
        json!("RS512"),
        json!("rs256"),
        json!(null),
        json!(1),
    ] {
        assert_eq!(
            header_refusal(&json!({"alg": alg, "kid": kid})),
            Some(LaunchError::AlgorithmNotAccepted),
            "{alg}"
        );
    }
    assert_eq!(
        header_refusal(&json!({"kid": kid})),
        Some(LaunchError::AlgorithmNotAccepted)
    );
    let header = URL_SAFE_NO_PAD.encode(json!({"alg": "none", "kid": kid}).to_string());
    let payload = URL_SAFE_NO_PAD.encode(launch_claims().to_string());
    assert_eq!(
        verify_with(&format!("{header}.{payload}."), &terms()).err(),
        Some(LaunchError::AlgorithmNotAccepted)
    );
}

#[test]
fn a_token_keyed_with_the_text_of_the_public_key_is_refused() {
    let kid = platform_key().kid();
    let signed = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(json!({"alg": "HS256", "kid": kid}).to_string()),
        URL_SAFE_NO_PAD.encode(launch_claims().to_string())
    );
    let secret = key_set_as(platform_key(), kid);
    let mac = aws_lc_rs::hmac::sign(
        &aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret.as_bytes()),
        signed.as_bytes(),
    );
    let forged = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac));
    assert_eq!(
        verify_with(&forged, &terms()).err(),
        Some(LaunchError::AlgorithmNotAccepted)
    );
    // the same under an RS256 header
    let honest = URL_SAFE_NO_PAD.encode(json!({"alg": "RS256", "kid": kid}).to_string());
    let payload = URL_SAFE_NO_PAD.encode(launch_claims().to_string());
    let forged = format!("{honest}.{payload}.{}", URL_SAFE_NO_PAD.encode(mac));
    assert_eq!(
        verify_with(&forged, &terms()).err(),
        Some(LaunchError::SignatureInvalid)
    );
}

#[test]
fn keys_in_the_header_are_ignored_and_critical_extensions_refused() {
    let kid = platform_key().kid();
    let others = json!({
        "alg": "RS256", "kid": kid, "typ": 7, "jku": "https://evil.example/jwks", "x5u": 1, "jwk": {"kty": "?"},
    });
    assert_eq!(header_refusal(&others), None);
    let critical = json!({"alg": "RS256", "kid": kid, "crit": ["b64"], "b64": false});
    assert_eq!(header_refusal(&critical), Some(LaunchError::CriticalHeader));
}

#[test]
fn a_changed_bit_is_noticed() {
    let good = token(&launch_claims());
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let mut bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
    bytes[100] ^= 1;
    let bad = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(bytes));
    assert_eq!(verify_with(&bad, &terms()).err(), Some(LaunchError::SignatureInvalid));
    let mut claims = launch_claims();
    claims["sub"] = json!("u-2");
    let (signed, _) = token(&claims)
        .rsplit_once('.')
        .map(|(s, k)| (s.to_owned(), k.to_owned()))
        .unwrap();
    let bad = format!("{signed}.{signature}");
    assert_eq!(verify_with(&bad, &terms()).err(), Some(LaunchError::SignatureInvalid));
}

#[test]
fn a_key_of_another_platform_with_the_same_id_does_not_help() {
    let header = json!({"alg": "RS256", "kid": platform_key().kid()});
    let forged = token_with(other_key(), &header, &launch_claims());
    assert_eq!(
        verify_with(&forged, &terms()).err(),
        Some(LaunchError::SignatureInvalid)
    );
}

#[test]
fn what_is_no_token_or_no_lti_message_is_malformed() {
    for raw in ["", "a", "a.b", "a.b.c", "a.b.c.d", "..", "é.é.é"] {
        assert_eq!(UnverifiedToken::parse(raw).err(), Some(LaunchError::NotAToken), "{raw}");
    }
    let foreign = verify_with(&token(&json!({"name": "badltilaunch"})), &terms());
    assert_eq!(foreign.err(), Some(LaunchError::NotAnLtiMessage));
    assert_eq!(
        verify_with(&token(&json!([1])), &terms()).err(),
        Some(LaunchError::NotAnLtiMessage)
    );
    let large = "x".repeat(MAX_TOKEN_BYTES + 1);
    assert_eq!(UnverifiedToken::parse(&large).err(), Some(LaunchError::TokenTooLarge));
}

#[test]
fn the_issuer_is_compared_byte_for_byte() {
    for iss in [
        json!("https://lms.example/"),
        json!("https://LMS.example"),
        json!(null),
        json!(["https://lms.example"]),
    ] {
        assert_eq!(
            refusal(|c| c["iss"] = iss.clone()),
            Some(LaunchError::IssuerMismatch),
            "{iss}"
        );
    }
}

#[test]
fn the_audience_is_ours_and_the_authorized_party_too() {
    use LaunchError as E;
    let cases = [
        (json!("other"), json!(null), Some(E::AudienceMismatch)),
        (json!(null), json!(null), Some(E::AudienceMismatch)),
        (json!([]), json!(null), Some(E::AudienceMismatch)),
        (json!(["other"]), json!("client-1"), Some(E::AudienceMismatch)),
        (json!(["client-1"]), json!(null), None),
        (json!("client-1"), json!("client-1"), None),
        (json!("client-1"), json!("other"), Some(E::AuthorizedPartyMismatch)),
        (json!("client-1"), json!(""), Some(E::AuthorizedPartyMismatch)),
        (json!(["client-1", "other"]), json!("client-1"), None),
        (
            json!(["client-1", "other"]),
            json!(null),
            Some(E::AuthorizedPartyMissing),
        ),
        (
            json!(["client-1", "other"]),
            json!("other"),
            Some(E::AuthorizedPartyMismatch),
        ),
        (json!(["client-1", 5]), json!(null), Some(E::AuthorizedPartyMissing)),
    ];
    for (aud, azp, expected) in cases {
        let change = |c: &mut Value| {
            c["aud"] = aud.clone();
            c["azp"] = azp.clone();
        };
        assert_eq!(refusal(change), expected, "{aud} {azp}");
    }
    let mut claims = launch_claims();
    claims["aud"] = json!(["client-1", "other"]);
    claims["azp"] = json!("client-1");
    let strict = Terms {
        is_strict: true,
        ..terms()
    };
    assert_eq!(verify_with(&token(&claims), &strict).err(), Some(E::AudienceNotAlone));
    claims["aud"] = json!(["client-1"]);
    assert!(verify_with(&token(&claims), &strict).is_ok());
}

#[test]
fn times_hold_within_the_leeway() {
    use LaunchError as E;
    let cases = [
        (json!(NOW - 30), json!(NOW + 30), None),
        (json!(NOW - 59), json!(NOW + 60), None),
        (json!(NOW - 60), json!(NOW - 100), Some(E::Expired)),
        (json!(22222), json!(11111), Some(E::Expired)),
        (json!(NOW + 700), json!(NOW + 600), Some(E::IssuedInFuture)),
        (json!(NOW + 60), json!(NOW - 3601), Some(E::IssuedTooLongAgo)),
        (json!(NOW + 60), json!(NOW - 3600), None),
        (json!(NOW + 86_401), json!(NOW), Some(E::LifetimeTooLong)),
        (json!(NOW + 86_400), json!(NOW), None),
        (json!((NOW + 60).to_string()), json!(NOW.to_string()), None),
        (json!(1_800_000_060.5), json!(1_800_000_000.9), None),
        (json!(null), json!(NOW), Some(E::TimeMissing { claim: "exp" })),
        (json!(NOW + 60), json!("soon"), Some(E::TimeMissing { claim: "iat" })),
        (json!(1e300), json!(NOW), Some(E::TimeMissing { claim: "exp" })),
        (json!(i64::MAX), json!(NOW), Some(E::LifetimeTooLong)),
        (json!(NOW + 60), json!(i64::MIN), Some(E::IssuedTooLongAgo)),
    ];
    for (exp, iat, expected) in cases {
        let change = |c: &mut Value| {
            c["exp"] = exp.clone();
            c["iat"] = iat.clone();
        };
        assert_eq!(refusal(change), expected, "exp {exp} iat {iat}");
    }
}

#[test]
fn a_token_for_later_is_refused() {
    assert_eq!(
        refusal(|c| c["nbf"] = json!(NOW + 1_000_000)),
        Some(LaunchError::NotYetValid)
    );
    assert_eq!(refusal(|c| c["nbf"] = json!("later")), Some(LaunchError::NotYetValid));
    assert_eq!(refusal(|c| c["nbf"] = json!(NOW + 30)), None);
    assert_eq!(refusal(|c| c["nbf"] = json!(null)), None);
}

#[test]
fn the_nonce_is_that_of_the_login() {
    assert_eq!(refusal(|c| c["nonce"] = json!(null)), Some(LaunchError::NonceMissing));
    assert_eq!(refusal(|c| c["nonce"] = json!("")), Some(LaunchError::NonceMissing));
    assert_eq!(
        refusal(|c| c["nonce"] = json!("nonce-2")),
        Some(LaunchError::NonceMismatch)
    );
}

#[test]
fn any_text_is_parsed_or_refused() {
    check("token text", &"\\PC{0,200}", |raw| {
        let _ = UnverifiedToken::parse(&raw);
        Ok(())
    });
    check(
        "token parts",
        &(".{0,40}", "[A-Za-z0-9_-]{0,80}", "[A-Za-z0-9_.-]{0,40}"),
        |(header, payload, rest)| {
            let header = URL_SAFE_NO_PAD.encode(header);
            let _ = UnverifiedToken::parse(&format!("{header}.{payload}.{rest}"));
            Ok(())
        },
    );
}

#[test]
fn a_parsed_token_keeps_its_key_id_and_verifies_only_unchanged() {
    let good = token(&launch_claims());
    let keys = key_set(platform_key());
    check("changed token", &(0..good.len(), "[A-Za-z0-9_.-]"), |(at, put)| {
        let mut changed = good.clone();
        changed.replace_range(at..=at, &put);
        let verified = UnverifiedToken::parse(&changed)
            .and_then(|token| token.verify(&terms(), &keys, &Nonce::new("nonce-1".into()), NOW));
        proptest::prop_assert_eq!(verified.is_ok(), changed == good);
        Ok(())
    });
}
