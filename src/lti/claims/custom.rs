//! What administrators add: custom parameters and identifiers of other systems.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{claim, expanded, object, text};

/// Identifiers of the student information system.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourcedIds {
    pub person: Option<String>,
    pub course_offering: Option<String>,
    pub course_section: Option<String>,
}

impl SourcedIds {
    pub(in crate::lti) fn read(claims: &Map<String, Value>) -> Self {
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
    pub(in crate::lti) fn read(claims: &Map<String, Value>) -> Self {
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

pub(in crate::lti) fn custom(claims: &Map<String, Value>) -> Custom {
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(value: &Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
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
}
