//! The services that a launch offers.

use serde_json::{Map, Value};

use super::{address, claim, object, texts};

/// The roster of the context (names and role provisioning services 2.0).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamesAndRoles {
    pub url: String,
    pub versions: Vec<String>,
}

impl NamesAndRoles {
    /// Nothing if the service is not offered in version 2.0.
    pub(in crate::lti) fn read(claims: &Map<String, Value>) -> Option<Self> {
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

/// News that the platform pushes (platform notification service 1.0).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notices {
    pub url: String,
    /// The kinds that it offers; empty: it does not say.
    pub kinds: Vec<String>,
}

impl Notices {
    /// Nothing if no address is offered, or only versions other than 1.0.
    pub(in crate::lti) fn read(claims: &Map<String, Value>) -> Option<Self> {
        let service = object(claims, claim::NOTICES)?;
        let versions = texts(service, "service_versions");
        if !versions.is_empty() && !versions.iter().any(|version| version == "1.0") {
            return None;
        }
        Some(Self {
            url: address(service, "platform_notification_service_url")?,
            kinds: texts(service, "notice_types_supported"),
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
    pub(in crate::lti) fn read(claims: &Map<String, Value>) -> Option<Self> {
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
        let notices = |service: Value| Notices::read(&map(&json!({claim::NOTICES: service})));
        let url = "https://lms.example/n";
        assert!(notices(json!({"service_versions": ["1.0"], "platform_notification_service_url": url})).is_some());
        assert!(notices(json!({"platform_notification_service_url": url})).is_some());
        assert!(notices(json!({"service_versions": ["2.0"], "platform_notification_service_url": url})).is_none());
        assert!(notices(json!({"service_versions": ["1.0"]})).is_none());
    }
}
