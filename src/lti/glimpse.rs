//! A look at a token that proves nothing: for saying what arrived, beside what was expected. No one is let in by it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::claims::{claim, identifier, object};
use super::token::MAX_TOKEN_BYTES;

/// What a token says about its sender and itself; nothing about a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Glimpse {
    pub issuer: Option<String>,
    /// The audience; several with a space between.
    pub audience: Option<String>,
    pub deployment: Option<String>,
    pub target: Option<String>,
    /// Which of `name`, `email`, `context`, `roster`, `columns` the token has.
    pub brought: Vec<&'static str>,
}

impl Glimpse {
    /// Reads the token's second part, unproven; empty if it cannot be read.
    pub fn at(token: &str) -> Self {
        Self::read(token).unwrap_or_default()
    }

    fn read(token: &str) -> Option<Self> {
        let payload = token.split('.').nth(1).filter(|_| token.len() <= MAX_TOKEN_BYTES)?;
        let claims: Map<String, Value> = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
        let audience = match claims.get("aud") {
            Some(Value::Array(many)) => {
                let many: Vec<&str> = many.iter().filter_map(Value::as_str).take(5).collect();
                Some(many.join(" "))
            }
            _ => identifier(&claims, "aud"),
        };
        let has = |name: &str| {
            claims
                .get(name)
                .and_then(Value::as_str)
                .is_some_and(|text| !text.is_empty())
        };
        let brought = [
            ("name", has("name") || has("given_name") || has("family_name")),
            ("email", has("email")),
            ("context", object(&claims, claim::CONTEXT).is_some()),
            ("roster", object(&claims, claim::NAMES_AND_ROLES).is_some()),
            ("columns", object(&claims, claim::GRADES).is_some()),
        ];
        Some(Self {
            issuer: identifier(&claims, "iss"),
            audience,
            deployment: identifier(&claims, claim::DEPLOYMENT_ID),
            target: identifier(&claims, claim::TARGET_LINK_URI),
            brought: brought
                .into_iter()
                .filter(|(_, is)| *is)
                .map(|(name, _)| name)
                .collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::lti::testing;

    #[test]
    fn a_glimpse_tells_the_sender_and_nobodys_name() {
        let token = testing::token(&json!({
            "iss": "https://lms.example/", "aud": ["a", "b"], "name": "Ann", "email": "",
            claim::DEPLOYMENT_ID: 7, claim::CONTEXT: {"id": "2"},
        }));
        let seen = Glimpse::at(&token);
        assert_eq!(seen.issuer.as_deref(), Some("https://lms.example/"));
        assert_eq!(
            (seen.audience.as_deref(), seen.deployment.as_deref()),
            (Some("a b"), Some("7"))
        );
        assert_eq!(seen.brought, ["name", "context"]);
        assert!(!format!("{seen:?}").contains("Ann"));
        for junk in ["", "a.b.c", "....", "a.e30", "a.W10.c"] {
            assert_eq!(Glimpse::at(junk).issuer, None, "{junk}");
        }
    }
}
