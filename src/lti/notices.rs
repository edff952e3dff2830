//! Notices of a platform (LTI Platform Notification Service 1.0): asking for them, and reading what arrives.
//!
//! Pure. A notice is proven as a launch is (signature, issuer, audience, times), but it names nobody and belongs to no
//! login: that it counts once is shown by its key. Where platforms or versions of the specification differ, either way is
//! read.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::claims::{self, claim};
use super::error::LaunchError;
use super::fetch::{Body, Method, Request};
use super::keys::KeySet;
use super::registration::{ContextId, DeploymentId, Terms};
use super::token::UnverifiedToken;

/// The scope that asks for notices.
pub const SCOPE: &str = "https://purl.imsglobal.org/spec/lti/scope/noticehandlers";
/// A course was copied.
pub const CONTEXT_COPY: &str = "LtiContextCopyNotice";
/// The platform tries out whether it is heard.
pub const HELLO_WORLD: &str = "LtiHelloWorldNotice";
/// What this tool wants to hear of.
pub const WANTED: [&str; 2] = [CONTEXT_COPY, HELLO_WORLD];
/// The most notices of one call.
pub const MAX_NOTICES: usize = 50;

/// The most courses that one is said to be copied from.
const MAX_ORIGINS: usize = 20;
/// The longest key of a notice, in characters.
const MAX_KEY: usize = 255;
const TIME_LIMIT: Duration = Duration::from_secs(10);
const SIZE_LIMIT: usize = 256 * 1024;

/// The call that has notices of `kind` sent to `handler` (section 4.2).
pub fn subscribe(service: &str, kind: &str, handler: &str) -> Request {
    Request {
        method: Method::Put,
        url: service.to_owned(),
        headers: vec![("Accept", "application/json".to_owned())],
        body: Some(Body {
            content_type: "application/json".to_owned(),
            bytes: json!({"notice_type": kind, "handler": handler})
                .to_string()
                .into_bytes(),
        }),
        time_limit: TIME_LIMIT,
        size_limit: SIZE_LIMIT,
    }
}

/// The signed notices of a call's body, unproven: `{"notices": [{"jwt": …}]}`.
pub fn envelopes(body: &[u8]) -> Result<Vec<String>, LaunchError> {
    let body: Map<String, Value> = serde_json::from_slice(body).map_err(|_| LaunchError::NotAToken)?;
    let Some(Value::Array(all)) = body.get("notices") else {
        return Err(LaunchError::TokenMissing);
    };
    if all.len() > MAX_NOTICES {
        return Err(LaunchError::TokenTooLarge);
    }
    let token = |entry: &Value| {
        let token = entry.as_str().or_else(|| entry.get("jwt")?.as_str());
        token.map(str::to_owned).ok_or(LaunchError::NotAToken)
    };
    all.iter().map(token).collect()
}

/// What a notice is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// The platform tries out whether it is heard.
    Hello,
    /// A course was copied.
    Copied {
        context: ContextId,
        title: Option<String>,
        label: Option<String>,
        /// Where it was copied from.
        origins: Vec<ContextId>,
    },
    /// A kind that was not asked for.
    Other,
}

/// A notice that was proven. It may have come before: see `key`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The same for the same notice: its id, else the token's.
    pub key: String,
    pub deployment: DeploymentId,
    pub news: News,
}

impl UnverifiedToken {
    /// Proves a notice: signed by a key of `keys`, from the registration's issuer, for its client, at this time (`now` in
    /// Unix seconds). A launch's token is none.
    pub fn verify_notice(self, terms: &Terms, keys: &KeySet, now: i64) -> Result<Notice, LaunchError> {
        let claims = self.proven(terms, keys, now)?;
        let notice = claims::object(&claims, claim::NOTICE).ok_or(LaunchError::NotAnLtiMessage)?;
        match claims.get(claim::VERSION) {
            None | Some(Value::Null) => {}
            Some(version) if version == "1.3.0" => {}
            Some(_) => return Err(LaunchError::VersionNotSupported),
        }
        let deployment = claims::identifier(&claims, claim::DEPLOYMENT_ID)
            .and_then(|id| DeploymentId::parse(id).ok())
            .ok_or(LaunchError::DeploymentMissing)?;
        let own = |name: &str| claims::identifier(&claims, name).filter(|key| is_key(key));
        let key = claims::identifier(notice, "id")
            .filter(|key| is_key(key))
            .or_else(|| own("jti"))
            .or_else(|| own("nonce"))
            .ok_or(LaunchError::NonceMissing)?;
        let news = match claims::text(notice, "type").as_deref() {
            Some(CONTEXT_COPY) => copied(&claims)?,
            Some(HELLO_WORLD) => News::Hello,
            _ => News::Other,
        };
        Ok(Notice { key, deployment, news })
    }
}

fn is_key(text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= MAX_KEY && !text.contains(char::is_control)
}

fn copied(claims: &Map<String, Value>) -> Result<News, LaunchError> {
    let context = claims::object(claims, claim::CONTEXT).ok_or(LaunchError::ContextInvalid)?;
    let id = |object: &Map<String, Value>| ContextId::parse(claims::identifier(object, "id")?).ok();
    let own = id(context).ok_or(LaunchError::ContextInvalid)?;
    let origins = match claims.get(claim::ORIGIN_CONTEXTS) {
        Some(Value::Array(all)) => all.clone(),
        Some(Value::Null) | None => Vec::new(),
        Some(one) => vec![one.clone()],
    };
    // the ids alone, or each in an object as in `context`
    let origin = |value: &Value| match value {
        Value::Object(object) => id(object),
        Value::String(text) => ContextId::parse(text.clone()).ok(),
        Value::Number(number) => ContextId::parse(number.to_string()).ok(),
        _ => None,
    };
    Ok(News::Copied {
        title: claims::name(context, "title"),
        label: claims::name(context, "label"),
        origins: origins
            .iter()
            .filter_map(origin)
            .filter(|origin| *origin != own)
            .take(MAX_ORIGINS)
            .collect(),
        context: own,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn envelopes_hold_tokens_and_not_too_many() {
        let read = |body: Value| envelopes(body.to_string().as_bytes());
        assert_eq!(read(json!({"notices": [{"jwt": "a"}, "b"]})).unwrap(), ["a", "b"]);
        assert_eq!(read(json!({"notices": []})).unwrap(), Vec::<String>::new());
        for (body, error) in [
            (json!({}), LaunchError::TokenMissing),
            (json!({"notices": {"jwt": "a"}}), LaunchError::TokenMissing),
            (json!({"notices": [7]}), LaunchError::NotAToken),
            (
                json!({"notices": vec!["a"; MAX_NOTICES + 1]}),
                LaunchError::TokenTooLarge,
            ),
            (json!([]), LaunchError::NotAToken),
        ] {
            assert_eq!(read(body.clone()).unwrap_err(), error, "{body}");
        }
    }

    #[test]
    fn origins_are_read_in_either_form() {
        let read = |origins: Value| {
            let claims = json!({claim::CONTEXT: {"id": 7, "title": "Copy"}, claim::ORIGIN_CONTEXTS: origins});
            match copied(claims.as_object().unwrap()) {
                Ok(News::Copied { origins, .. }) => origins.iter().map(|id| id.as_str().to_owned()).collect(),
                other => panic!("{other:?}"),
            }
        };
        let both: Vec<String> = read(json!(["2", {"id": "3"}, {"id": 4}, 5, "7", null, ""]));
        assert_eq!(both, ["2", "3", "4", "5"]);
        assert_eq!(read(json!("2")), ["2"]);
        assert_eq!(read(json!(null)), Vec::<String>::new());
        assert_eq!(read(json!(vec!["x"; 1])), ["x"]);
        let many: Vec<String> = (10..60).map(|id| id.to_string()).collect();
        assert_eq!(read(json!(many)).len(), MAX_ORIGINS);
    }

    #[test]
    fn a_subscription_names_kind_and_handler() {
        let request = subscribe(
            "https://lms.example/n?x=1",
            CONTEXT_COPY,
            "https://badges.example/lti/notices",
        );
        assert_eq!(
            (request.method, request.url.as_str()),
            (Method::Put, "https://lms.example/n?x=1")
        );
        let body: Value = serde_json::from_slice(&request.body.unwrap().bytes).unwrap();
        assert_eq!(
            body,
            json!({"notice_type": CONTEXT_COPY, "handler": "https://badges.example/lti/notices"})
        );
    }
}
