//! Reading claims: what platforms really send is turned into plain types.
//!
//! Unknown claims are ignored. An optional claim may be missing, `null`, empty, of another type, or carry extra keys;
//! numbers arrive as strings and the other way round. A `custom` or `lis` value that still starts with `$` is a
//! variable that the platform did not fill in, and counts as absent.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::address::parse_http;
use super::registration::{ContextId, ResourceLinkId};

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
    pub(crate) const LIS: &str = "https://purl.imsglobal.org/spec/lti/claim/lis";
    pub(crate) const CUSTOM: &str = "https://purl.imsglobal.org/spec/lti/claim/custom";
    pub(crate) const LTI1P1: &str = "https://purl.imsglobal.org/spec/lti/claim/lti1p1";
    pub(crate) const LEGACY_USER_ID: &str = "https://purl.imsglobal.org/spec/lti/claim/lti11_legacy_user_id";
    pub(crate) const NAMES_AND_ROLES: &str = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice";
    pub(crate) const GRADES: &str = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint";
}

/// The longest text that is kept, in characters; longer ones are cut.
const MAX_TEXT: usize = 4_096;
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

fn expanded(object: &Map<String, Value>, name: &str) -> Option<String> {
    text(object, name).filter(|text| !text.starts_with('$'))
}

fn object<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a Map<String, Value>> {
    claims.get(name).and_then(Value::as_object)
}

fn texts(object: &Map<String, Value>, name: &str) -> Vec<String> {
    match object.get(name) {
        Some(Value::Array(values)) => values.iter().filter_map(written).take(MAX_LIST).collect(),
        Some(one) => written(one).into_iter().collect(),
        None => Vec::new(),
    }
}

fn address(object: &Map<String, Value>, name: &str) -> Option<String> {
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

/// What the platform says about the person. Any of it may be missing; `sub` is not here, because it is an identifier.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Person {
    pub name: Option<String>,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    /// Not verified, and never an identity. Present only if it can be an address at all.
    pub email: Option<String>,
    pub locale: Option<String>,
}

/// Only which fields are there.
impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Person")
            .field("has_name", &self.display_name().is_some())
            .field("has_email", &self.email.is_some())
            .finish_non_exhaustive()
    }
}

impl Person {
    pub(super) fn read(claims: &Map<String, Value>) -> Self {
        Self {
            name: text(claims, "name"),
            given_name: text(claims, "given_name"),
            family_name: text(claims, "family_name"),
            email: text(claims, "email").filter(|email| could_be_email(email)),
            locale: text(claims, "locale"),
        }
    }

    /// The whole name, or what can be made of its parts.
    pub fn display_name(&self) -> Option<String> {
        self.name
            .clone()
            .or_else(|| match (&self.given_name, &self.family_name) {
                (Some(given), Some(family)) => Some(format!("{given} {family}")),
                (given, family) => given.clone().or_else(|| family.clone()),
            })
    }
}

fn could_be_email(text: &str) -> bool {
    text.len() <= 320
        && !text.contains(char::is_whitespace)
        && text
            .rsplit_once('@')
            .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty())
}

/// The course, or another place the launch comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    pub id: ContextId,
    pub label: Option<String>,
    pub title: Option<String>,
    pub types: Vec<ContextType>,
}

/// What kind of place a context is (LTI 1.3 appendix A.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContextType {
    CourseTemplate,
    CourseOffering,
    CourseSection,
    Group,
    /// Any other word, as it came.
    Other(String),
}

impl ContextType {
    fn read(name: String) -> Self {
        let short = name
            .strip_prefix("http://purl.imsglobal.org/vocab/lis/v2/course#")
            .or_else(|| name.strip_prefix("urn:lti:context-type:ims/lis/"))
            .unwrap_or(&name);
        match short {
            "CourseTemplate" => Self::CourseTemplate,
            "CourseOffering" => Self::CourseOffering,
            "CourseSection" => Self::CourseSection,
            "Group" => Self::Group,
            _ => Self::Other(name),
        }
    }
}

impl Context {
    /// Nothing if there is no context or one without id; an error if its id can be none.
    pub(super) fn read(claims: &Map<String, Value>) -> Result<Option<Self>, ()> {
        let Some(context) = object(claims, claim::CONTEXT) else {
            return Ok(None);
        };
        let Some(id) = identifier(context, "id").filter(|id| !id.is_empty()) else {
            return Ok(None);
        };
        Ok(Some(Self {
            id: ContextId::parse(id).map_err(|_| ())?,
            label: text(context, "label"),
            title: text(context, "title"),
            types: texts(context, "type").into_iter().map(ContextType::read).collect(),
        }))
    }
}

/// The place inside the context that was clicked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceLink {
    pub id: ResourceLinkId,
    pub title: Option<String>,
    pub description: Option<String>,
}

impl ResourceLink {
    pub(super) fn read(claims: &Map<String, Value>) -> Option<Self> {
        let link = object(claims, claim::RESOURCE_LINK)?;
        Some(Self {
            id: ResourceLinkId::parse(identifier(link, "id")?).ok()?,
            title: text(link, "title"),
            description: text(link, "description"),
        })
    }
}

/// The platform about itself; any of it may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Platform {
    /// Stable for one installation.
    pub guid: Option<String>,
    pub name: Option<String>,
    /// `product_family_code`: `moodle`, `canvas`, `desire2learn`, …
    pub family: Option<String>,
    pub version: Option<String>,
    pub url: Option<String>,
}

impl Platform {
    pub(super) fn read(claims: &Map<String, Value>) -> Self {
        object(claims, claim::TOOL_PLATFORM).map_or_else(Self::default, |platform| Self {
            guid: text(platform, "guid"),
            name: text(platform, "name"),
            family: text(platform, "product_family_code"),
            version: text(platform, "version"),
            url: address(platform, "url"),
        })
    }
}

/// Where the platform shows the tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentTarget {
    Frame,
    Iframe,
    Window,
}

/// How the platform shows the tool, and the way back.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Presentation {
    pub target: Option<DocumentTarget>,
    /// An http(s) address. It may hold a session key of the platform: never to be logged.
    pub return_url: Option<String>,
    pub locale: Option<String>,
}

/// Without the return address.
impl std::fmt::Debug for Presentation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Presentation")
            .field("target", &self.target)
            .field("has_return_url", &self.return_url.is_some())
            .field("locale", &self.locale)
            .finish()
    }
}

impl Presentation {
    pub(super) fn read(claims: &Map<String, Value>) -> Self {
        object(claims, claim::PRESENTATION).map_or_else(Self::default, |presentation| Self {
            target: match presentation.get("document_target").and_then(Value::as_str) {
                Some("frame") => Some(DocumentTarget::Frame),
                Some("iframe") => Some(DocumentTarget::Iframe),
                Some("window") => Some(DocumentTarget::Window),
                _ => None,
            },
            return_url: address(presentation, "return_url"),
            locale: text(presentation, "locale"),
        })
    }
}

/// Identifiers of the student information system.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourcedIds {
    pub person: Option<String>,
    pub course_offering: Option<String>,
    pub course_section: Option<String>,
}

impl SourcedIds {
    pub(super) fn read(claims: &Map<String, Value>) -> Self {
        object(claims, claim::LIS).map_or_else(Self::default, |lis| Self {
            person: expanded(lis, "person_sourcedid"),
            course_offering: expanded(lis, "course_offering_sourcedid"),
            course_section: expanded(lis, "course_section_sourcedid"),
        })
    }
}

/// What LTI 1.1 called the same things. Proves nothing by itself: linking old records needs the signature in
/// `lti1p1`, which is not read here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LegacyIds {
    pub user: Option<String>,
    pub context: Option<String>,
    pub resource_link: Option<String>,
}

impl LegacyIds {
    pub(super) fn read(claims: &Map<String, Value>) -> Self {
        let migrated = object(claims, claim::LTI1P1);
        let in_migrated = |name| migrated.and_then(|claim| text(claim, name));
        Self {
            user: in_migrated("user_id").or_else(|| text(claims, claim::LEGACY_USER_ID)),
            context: in_migrated("context_id"),
            resource_link: in_migrated("resource_link_id"),
        }
    }
}

/// Custom parameters by name, as any JSON; `null` and variables that were not filled in are left out.
pub type Custom = BTreeMap<String, Value>;

pub(super) fn custom(claims: &Map<String, Value>) -> Custom {
    object(claims, claim::CUSTOM)
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((without_nul(name), cleaned(value)?)))
        .collect()
}

fn cleaned(value: &Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::String(text) if text.starts_with('$') => None,
        Value::String(text) => Some(Value::String(without_nul(text))),
        Value::Array(values) => Some(values.iter().filter_map(cleaned).collect()),
        Value::Object(fields) => Some(Value::Object(
            fields
                .iter()
                .filter_map(|(name, value)| Some((without_nul(name), cleaned(value)?)))
                .collect(),
        )),
        other => Some(other.clone()),
    }
}

fn without_nul(text: &str) -> String {
    text.replace('\0', "")
}

/// The roster of the context (names and role provisioning services 2.0).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamesAndRoles {
    pub url: String,
    pub versions: Vec<String>,
}

impl NamesAndRoles {
    /// Nothing if the service is not offered in version 2.0.
    pub(super) fn read(claims: &Map<String, Value>) -> Option<Self> {
        let service = object(claims, claim::NAMES_AND_ROLES)?;
        let versions = texts(service, "service_versions");
        // a platform that names no version has but this one: 1.0 was never offered by this claim alone
        if !versions.is_empty() && !versions.iter().any(|version| version == "2.0") {
            return None;
        }
        Some(Self {
            url: address(service, "context_memberships_url")?,
            versions,
        })
    }
}

/// The grade book, as far as the tool may see it (assignment and grade services 2.0).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grades {
    pub scopes: Vec<String>,
    /// Where columns are listed and made.
    pub lineitems: Option<String>,
    /// The one column of this link, if there is exactly one.
    pub lineitem: Option<String>,
}

impl Grades {
    /// Nothing if no address is offered.
    pub(super) fn read(claims: &Map<String, Value>) -> Option<Self> {
        let service = object(claims, claim::GRADES)?;
        let grades = Self {
            scopes: texts(service, "scope"),
            lineitems: address(service, "lineitems"),
            lineitem: address(service, "lineitem"),
        };
        (grades.lineitems.is_some() || grades.lineitem.is_some()).then_some(grades)
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
    }

    #[test]
    fn a_name_is_made_of_what_there_is() {
        let name = |claims: Value| Person::read(&map(&claims)).display_name();
        assert_eq!(name(json!({"name": "A B", "given_name": "X"})).as_deref(), Some("A B"));
        assert_eq!(
            name(json!({"name": "", "given_name": "A", "family_name": "B"})).as_deref(),
            Some("A B")
        );
        assert_eq!(name(json!({"family_name": "B"})).as_deref(), Some("B"));
        assert_eq!(name(json!({"email": "a@b.example"})), None);
    }

    #[test]
    fn an_email_that_can_be_none_is_absent() {
        for (given, kept) in [
            (json!(" a@b.example "), Some("a@b.example")),
            (json!("a b@c.example"), None),
            (json!("@b"), None),
            (json!("a@"), None),
            (json!("none"), None),
            (json!(["a@b.example"]), None),
        ] {
            assert_eq!(
                Person::read(&map(&json!({"email": given}))).email.as_deref(),
                kept,
                "{given}"
            );
        }
    }

    #[test]
    fn people_are_not_in_debug_output() {
        let shown = format!(
            "{:?}",
            Person::read(&map(&json!({"name": "Ann Example", "email": "ann@b.example"})))
        );
        assert!(!shown.contains("Ann") && !shown.contains("ann@"), "{shown}");
    }

    #[test]
    fn custom_values_may_be_any_json() {
        let claims = map(&json!({claim::CUSTOM: {
            "number": 42, "flag": true, "none": null, "variable": "$Person.sourcedId", "list": [1, null, "$X", "y"],
            "text": "a=b&c", "Upper Key": "v\u{0}",
        }}));
        let read = custom(&claims);
        assert_eq!(
            read.keys().collect::<Vec<_>>(),
            ["Upper Key", "flag", "list", "number", "text"]
        );
        assert_eq!(read["list"], json!([1, "y"]));
        assert_eq!(read["Upper Key"], json!("v"));
        assert!(custom(&map(&json!({claim::CUSTOM: null}))).is_empty());
        assert!(custom(&map(&json!({claim::CUSTOM: "x"}))).is_empty());
    }

    #[test]
    fn variables_and_empty_ids_of_the_information_system_are_absent() {
        let claims = map(&json!({claim::LIS: {
            "person_sourcedid": "", "course_offering_sourcedid": "$CourseSection.sourcedId", "course_section_sourcedid": "S1",
        }}));
        let ids = SourcedIds::read(&claims);
        assert_eq!(
            (ids.person, ids.course_offering, ids.course_section),
            (None, None, Some("S1".to_owned()))
        );
    }

    #[test]
    fn context_types_are_known_in_every_form() {
        for name in [
            "http://purl.imsglobal.org/vocab/lis/v2/course#CourseSection",
            "urn:lti:context-type:ims/lis/CourseSection",
            "CourseSection",
        ] {
            assert_eq!(ContextType::read(name.to_owned()), ContextType::CourseSection);
        }
        assert_eq!(
            ContextType::read("Account".to_owned()),
            ContextType::Other("Account".to_owned())
        );
        let read = |context: Value| Context::read(&map(&json!({claim::CONTEXT: context})));
        assert_eq!(
            read(json!({"id": 2, "type": "Group"})).unwrap().unwrap().types,
            [ContextType::Group]
        );
        assert_eq!(read(json!({"id": 2})).unwrap().unwrap().id.as_str(), "2");
        assert_eq!(read(json!({})), Ok(None));
        assert_eq!(read(json!({"id": ""})), Ok(None));
        assert_eq!(read(json!(null)), Ok(None));
        assert_eq!(read(json!({"id": "x".repeat(256)})), Err(()));
    }

    #[test]
    fn services_are_taken_only_with_an_address_and_the_right_version() {
        let roster = |versions: Value, url: Value| {
            let service = json!({"service_versions": versions, "context_memberships_url": url});
            NamesAndRoles::read(&map(&json!({claim::NAMES_AND_ROLES: service})))
        };
        assert!(roster(json!(["1.0", "2.0"]), json!("https://lms.example/m")).is_some());
        assert!(roster(json!("2.0"), json!("https://lms.example/m?a=b")).is_some());
        assert!(roster(json!(null), json!("https://lms.example/m")).is_some());
        assert!(roster(json!(["1.0"]), json!("https://lms.example/m")).is_none());
        assert!(roster(json!(["2.0"]), json!("file:///etc/passwd")).is_none());
        assert!(roster(json!(["2.0"]), json!(null)).is_none());
        let grades = |service: Value| Grades::read(&map(&json!({claim::GRADES: service})));
        assert!(grades(json!({"scope": ["s"], "lineitems": null, "lineitem": "https://lms.example/1"})).is_some());
        assert!(grades(json!({"scope": ["s"]})).is_none());
        assert!(grades(json!(null)).is_none());
    }

    #[test]
    fn a_return_address_is_http_or_absent() {
        let back = |url: &str| {
            Presentation::read(&map(
                &json!({claim::PRESENTATION: {"return_url": url, "document_target": "iframe"}}),
            ))
            .return_url
        };
        assert_eq!(
            back("https://lms.example/r?x=1").as_deref(),
            Some("https://lms.example/r?x=1")
        );
        assert_eq!(back("javascript:alert(1)"), None);
        assert_eq!(back("//evil"), None);
    }
}
