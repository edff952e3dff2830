//! Reading claims: what platforms really send is turned into plain types.
//!
//! Unknown claims are ignored. An optional claim may be missing, `null`, empty, of another type, or carry extra keys;
//! numbers arrive as strings and the other way round. A `custom` or `lis` value that still starts with `$` is a
//! variable that the platform did not fill in, and counts as absent.

mod custom;
mod person;
mod place;
mod services;

use serde_json::{Map, Value};

use super::address::parse_http;

pub use custom::{Custom, LegacyIds, SourcedIds};
pub use person::Person;
pub use place::{Context, ContextType, DocumentTarget, Platform, Presentation, ResourceLink};
pub use services::{Grades, NamesAndRoles, Notices};

pub(super) use custom::custom;
pub(super) use place::history;

/// Names of claims (LTI 1.3 section 5.3 and the service specifications).
pub(super) mod claim {
    pub(crate) const MESSAGE_TYPE: &str = "https://purl.imsglobal.org/spec/lti/claim/message_type";
    pub(crate) const VERSION: &str = "https://purl.imsglobal.org/spec/lti/claim/version";
    pub(crate) const DEPLOYMENT_ID: &str = "https://purl.imsglobal.org/spec/lti/claim/deployment_id";
    pub(crate) const TARGET_LINK_URI: &str = "https://purl.imsglobal.org/spec/lti/claim/target_link_uri";
    pub(crate) const RESOURCE_LINK: &str = "https://purl.imsglobal.org/spec/lti/claim/resource_link";
    pub(crate) const ROLES: &str = "https://purl.imsglobal.org/spec/lti/claim/roles";
    pub(crate) const CONTEXT: &str = "https://purl.imsglobal.org/spec/lti/claim/context";
    pub(crate) const TOOL_PLATFORM: &str = "https://purl.imsglobal.org/spec/lti/claim/tool_platform";
    pub(crate) const PRESENTATION: &str = "https://purl.imsglobal.org/spec/lti/claim/launch_presentation";
    pub(crate) const FOR_USER: &str = "https://purl.imsglobal.org/spec/lti/claim/for_user";
    pub(crate) const LIS: &str = "https://purl.imsglobal.org/spec/lti/claim/lis";
    pub(crate) const CUSTOM: &str = "https://purl.imsglobal.org/spec/lti/claim/custom";
    pub(crate) const LTI1P1: &str = "https://purl.imsglobal.org/spec/lti/claim/lti1p1";
    pub(crate) const LEGACY_USER_ID: &str = "https://purl.imsglobal.org/spec/lti/claim/lti11_legacy_user_id";
    pub(crate) const NAMES_AND_ROLES: &str = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice";
    pub(crate) const DEEP_LINKING_SETTINGS: &str = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings";
    pub(crate) const DEEP_LINKING_DATA: &str = "https://purl.imsglobal.org/spec/lti-dl/claim/data";
    pub(crate) const CONTENT_ITEMS: &str = "https://purl.imsglobal.org/spec/lti-dl/claim/content_items";
    pub(crate) const NOTICES: &str = "https://purl.imsglobal.org/spec/lti/claim/platformnotificationservice";
    pub(crate) const NOTICE: &str = "https://purl.imsglobal.org/spec/lti/claim/notice";
    pub(crate) const ORIGIN_CONTEXTS: &str = "https://purl.imsglobal.org/spec/lti/claim/origin_contexts";
    /// Brightspace's own claim.
    pub(crate) const BRIGHTSPACE: &str = "http://www.brightspace.com";
    pub(crate) const GRADES: &str = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint";
}

/// The longest text that is kept, in characters; longer ones are cut.
const MAX_TEXT: usize = 4_096;
/// The longest name of a person, title of a course or the like, in characters: an index of PostgreSQL holds 2,704 bytes.
const MAX_NAME: usize = 255;
/// The longest list of texts that is kept, roles excepted.
const MAX_LIST: usize = 100;

/// Whether the payload looks like an LTI message at all.
pub(super) fn is_lti_message(claims: &Map<String, Value>) -> bool {
    [claim::MESSAGE_TYPE, claim::VERSION, claim::ROLES, claim::DEPLOYMENT_ID]
        .iter()
        .any(|name| claims.contains_key(*name))
}

/// The text at `name`: trimmed, without control characters, cut to a limit. Numbers are written out. Empty is absent.
pub(super) fn text(object: &Map<String, Value>, name: &str) -> Option<String> {
    written(object.get(name)?)
}

/// The same for the name of a person or a thing: shorter.
pub(super) fn name(object: &Map<String, Value>, name: &str) -> Option<String> {
    text(object, name).map(|text| short(&text))
}

/// Cut to the length of a name.
pub(super) fn short(name: &str) -> String {
    name.chars().take(MAX_NAME).collect()
}

fn written(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text
            .trim()
            .chars()
            // NUL cannot be stored everywhere, and none of the others belongs into a name
            .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
            .take(MAX_TEXT)
            .collect(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    Some(text).filter(|text| !text.is_empty())
}

/// The text of an identifier at `name`: as it is, a number written out.
pub(super) fn identifier(object: &Map<String, Value>, name: &str) -> Option<String> {
    match object.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

pub(super) fn expanded(object: &Map<String, Value>, name: &str) -> Option<String> {
    text(object, name).filter(|text| !text.starts_with('$'))
}

pub(super) fn object<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a Map<String, Value>> {
    claims.get(name).and_then(Value::as_object)
}

pub(super) fn texts(object: &Map<String, Value>, name: &str) -> Vec<String> {
    match object.get(name) {
        Some(Value::Array(values)) => values.iter().filter_map(written).take(MAX_LIST).collect(),
        Some(one) => written(one).into_iter().collect(),
        None => Vec::new(),
    }
}

pub(super) fn address(object: &Map<String, Value>, name: &str) -> Option<String> {
    let given = object.get(name)?.as_str()?.trim();
    parse_http(given).map(|_| given.to_owned())
}

/// Unix seconds at `name`: a number, perhaps with a fraction, perhaps as a string.
pub(super) fn seconds(claims: &Map<String, Value>, name: &str) -> Option<i64> {
    let parse = |text: &str| {
        let text = text.trim();
        text.parse().ok().or_else(|| {
            let value: f64 = text.parse().ok()?;
            // printed in full, so that no cast can go wrong
            format!("{:.0}", value.trunc()).parse().ok()
        })
    };
    match claims.get(name)? {
        Value::Number(number) => number.as_i64().or_else(|| parse(&number.to_string())),
        Value::String(text) => parse(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(value: &Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn texts_are_trimmed_and_empty_ones_absent() {
        let claims = map(&json!({"a": " x ", "b": "", "c": null, "d": 7, "e": true, "f": "a\u{0}b\u{7}c", "g": "  "}));
        assert_eq!(text(&claims, "a").as_deref(), Some("x"));
        assert_eq!(text(&claims, "d").as_deref(), Some("7"));
        assert_eq!(text(&claims, "f").as_deref(), Some("abc"));
        for absent in ["b", "c", "e", "g", "h"] {
            assert_eq!(text(&claims, absent), None, "{absent}");
        }
        let long = map(&json!({"a": "é".repeat(MAX_TEXT + 5)}));
        assert_eq!(text(&long, "a").unwrap().chars().count(), MAX_TEXT);
        assert_eq!(name(&long, "a").unwrap().chars().count(), MAX_NAME);
    }
}
