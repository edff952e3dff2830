use serde_json::{Value, json};

use super::*;
use crate::lti::fetch::Response;

const AT: &str = "https://moodle.campus.example/mod/lti/openid-configuration.php";

fn said() -> Value {
    json!({
        "issuer": "https://moodle.campus.example",
        "authorization_endpoint": "https://moodle.campus.example/mod/lti/auth.php",
        "token_endpoint": "https://moodle.campus.example/mod/lti/token.php",
        "jwks_uri": "https://moodle.campus.example/mod/lti/certs.php",
        "registration_endpoint": "https://moodle.campus.example/mod/lti/openid-registration.php",
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "scopes_supported": [
            "https://purl.imsglobal.org/spec/lti-ags/scope/score",
            "https://purl.imsglobal.org/spec/lti-bo/scope/basicoutcome",
        ],
        "https://purl.imsglobal.org/spec/lti-platform-configuration": {
            "product_family_code": "moodle",
            "version": "4.5",
            "messages_supported": [
                {"type": "LtiResourceLinkRequest"},
                {"type": "LtiDeepLinkingRequest", "placements": ["ContentArea"]},
            ],
            "variables": ["Context.id.history", "User.id"],
        },
    })
}

fn read_at(said: &Value, address: &str) -> Result<PlatformConfiguration, UnusableConfiguration> {
    PlatformConfiguration::parse(said.to_string().as_bytes(), address, |url| {
        url.host_str() == Some("localhost")
    })
}

fn tool() -> ToolAddresses {
    ToolAddresses {
        origin: "https://badges.example".into(),
        domain: "badges.example".into(),
        login: "https://badges.example/lti/login/h".into(),
        launch: "https://badges.example/lti/launch".into(),
        jwks: "https://badges.example/.well-known/jwks.json".into(),
        icon: "https://badges.example/static/icon.svg".into(),
    }
}

#[test]
fn a_platform_is_read_and_asked_for_what_it_offers_only() {
    let platform = read_at(&said(), AT).unwrap();
    assert_eq!(
        (platform.product, platform.version.as_deref()),
        (Product::Moodle, Some("4.5"))
    );
    let asked = description(&tool(), &platform);
    assert_eq!(asked["scope"], "https://purl.imsglobal.org/spec/lti-ags/scope/score");
    let configuration = &asked["https://purl.imsglobal.org/spec/lti-tool-configuration"];
    assert_eq!(configuration["messages"][1]["placements"], json!(["ContentArea"]));
    assert_eq!(configuration["messages"][0].get("placements"), None);
    assert_eq!(
        configuration["custom_parameters"],
        json!({"context_history": "$Context.id.history"})
    );
    assert_eq!(
        configuration.get("https://canvas.instructure.com/lti/privacy_level"),
        None
    );
}

#[test]
fn a_platform_that_says_little_is_asked_for_the_usual() {
    let mut little = said();
    let object = little.as_object_mut().unwrap();
    for name in [
        "scopes_supported",
        "id_token_signing_alg_values_supported",
        "token_endpoint_auth_methods_supported",
    ] {
        object.remove(name);
    }
    object["https://purl.imsglobal.org/spec/lti-platform-configuration"] = json!({});
    let platform = read_at(&little, AT).unwrap();
    let asked = description(&tool(), &platform);
    assert_eq!(asked["scope"].as_str().unwrap().split(' ').count(), 5);
    let configuration = &asked["https://purl.imsglobal.org/spec/lti-tool-configuration"];
    assert_eq!(configuration["messages"].as_array().unwrap().len(), 2);
}

#[test]
fn canvas_gets_its_placements_parameters_and_privacy_level() {
    let mut canvas = said();
    canvas["issuer"] = json!("https://canvas.instructure.com");
    canvas["authorization_server"] = json!("canvas.instructure.com");
    canvas["https://purl.imsglobal.org/spec/lti-platform-configuration"] = json!({
        "product_family_code": "canvas",
        "messages_supported": [
            {"type": "LtiResourceLinkRequest", "placements": ["course_navigation", "account_navigation"]},
            {"type": "LtiDeepLinkingRequest", "placements": ["link_selection"]},
        ],
    });
    let platform = read_at(
        &canvas,
        "https://sso.canvaslms.com/api/lti/security/openid-configuration",
    )
    .unwrap();
    assert_eq!(platform.token_audience, None, "a bare host is no audience");
    let asked = description(&tool(), &platform);
    let configuration = &asked["https://purl.imsglobal.org/spec/lti-tool-configuration"];
    assert_eq!(
        configuration["https://canvas.instructure.com/lti/privacy_level"],
        "public"
    );
    assert_eq!(configuration["messages"][0]["placements"], json!(["course_navigation"]));
    assert_eq!(configuration["messages"][1]["placements"], json!(["link_selection"]));
    assert_eq!(configuration["custom_parameters"]["lms_user_id"], "$Canvas.user.id");
}

#[test]
fn nobody_speaks_for_the_issuer_of_another_host() {
    let refused = |issuer: &str, at: &str| {
        let mut other = said();
        other["issuer"] = json!(issuer);
        matches!(read_at(&other, at), Err(UnusableConfiguration::IssuerForeign { .. }))
    };
    for (issuer, at) in [
        (
            "https://moodle.campus.example",
            "https://evil.example/openid-configuration",
        ),
        (
            "https://moodle.campus.example",
            "https://moodle.campus.example.evil.example/",
        ),
        ("https://moodle.campus.example", "https://moodle.campus.example:8443/"),
        ("https://canvas.instructure.com", "https://evilinstructure.com/"),
        (
            "https://canvas.instructure.com",
            "https://instructure.com.evil.example/",
        ),
        ("https://canvas.instructure.com", "http://x.instructure.com/"),
        ("https://canvas.instructure.com/", "https://sso.canvaslms.com/"),
        ("https://moodle.campus.example?x", AT),
        ("urn:moodle", AT),
    ] {
        assert!(refused(issuer, at), "{issuer} at {at}");
    }
    for (issuer, at) in [
        ("https://moodle.campus.example/lms", AT),
        ("https://moodle.campus.example/", AT),
        ("https://canvas.instructure.com", "https://school.instructure.com/x"),
        ("https://blackboard.com", "https://developer.blackboard.com/x"),
    ] {
        assert!(!refused(issuer, at), "{issuer} at {at}");
    }
}

#[test]
fn every_address_is_https_or_allowed_and_there() {
    for name in [
        "authorization_endpoint",
        "token_endpoint",
        "jwks_uri",
        "registration_endpoint",
    ] {
        for wrong in [
            "http://moodle.campus.example/x",
            "javascript:alert(1)",
            "https://a:b@moodle.campus.example/",
            "//moodle.campus.example/x",
            "https://moodle.campus.example/x#y",
        ] {
            let mut bent = said();
            bent[name] = json!(wrong);
            assert_eq!(
                read_at(&bent, AT),
                Err(UnusableConfiguration::NotSecure(name)),
                "{wrong}"
            );
        }
        let mut bent = said();
        bent[name] = json!("http://localhost:3000/x");
        assert!(read_at(&bent, AT).is_ok());
        bent.as_object_mut().unwrap().remove(name);
        assert_eq!(read_at(&bent, AT), Err(UnusableConfiguration::Missing(name)));
    }
    for (name, error) in [
        (
            "id_token_signing_alg_values_supported",
            UnusableConfiguration::Algorithm,
        ),
        (
            "token_endpoint_auth_methods_supported",
            UnusableConfiguration::Authentication,
        ),
    ] {
        let mut bent = said();
        bent[name] = json!(["HS256"]);
        assert_eq!(read_at(&bent, AT), Err(error));
    }
    for body in ["", "[]", "null", "<html>", "{}"] {
        assert!(
            PlatformConfiguration::parse(body.as_bytes(), AT, |_| true).is_err(),
            "{body}"
        );
    }
}

#[test]
fn an_answer_gives_a_client_id_or_the_platforms_words() {
    let read = |status: u16, body: &str| {
        Registered::read(&Response {
            status,
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
        })
    };
    let moodle =
        r#"{"client_id": "Xyz", "https://purl.imsglobal.org/spec/lti-tool-configuration": {"deployment_id": 7}}"#;
    let registered = read(200, moodle).unwrap();
    assert_eq!(
        (registered.client_id.as_str(), registered.deployment.unwrap().as_str()),
        ("Xyz", "7")
    );
    let canvas = read(201, r#"{"client_id": 10000000000001}"#).unwrap();
    assert_eq!((canvas.client_id.as_str(), canvas.deployment), ("10000000000001", None));
    for body in [
        "",
        "{}",
        r#"{"client_id": ""}"#,
        r#"{"client_id": "a\u0000b"}"#,
        r#"{"client_id": ["x"]}"#,
    ] {
        assert_eq!(read(200, body), Err(UnusableReply::Unreadable), "{body}");
    }
    let refused = |status, said: Option<&str>| {
        let said = said.map(str::to_owned);
        Err(UnusableReply::Refused { status, said })
    };
    assert_eq!(
        read(401, r#"{"error": "token_already_used"}"#),
        refused(401, Some("token_already_used"))
    );
    assert_eq!(read(302, "<html>"), refused(302, None));
}

#[test]
fn the_file_for_canvas_has_placements_and_parameters() {
    let file = canvas_configuration(&tool());
    let placements = file["extensions"][0]["settings"]["placements"].as_array().unwrap();
    let names: Vec<&str> = placements
        .iter()
        .filter_map(|place| place["placement"].as_str())
        .collect();
    assert_eq!(
        names,
        [
            "course_navigation",
            "link_selection",
            "assignment_selection",
            "editor_button"
        ]
    );
    assert_eq!(placements[0]["default"], "disabled");
    assert_eq!(file["custom_fields"]["context_history"], "$Context.id.history");
    assert_eq!(file["extensions"][0]["privacy_level"], "public");
}
