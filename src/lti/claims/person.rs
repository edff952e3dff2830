//! The person, as the platform describes them.

use serde_json::{Map, Value};

use super::{name, short, text};

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
    pub(in crate::lti) fn read(claims: &Map<String, Value>) -> Self {
        Self {
            name: name(claims, "name"),
            given_name: name(claims, "given_name"),
            family_name: name(claims, "family_name"),
            email: text(claims, "email").filter(|email| could_be_email(email)),
            locale: text(claims, "locale"),
        }
    }

    /// The whole name, or what can be made of its parts.
    pub fn display_name(&self) -> Option<String> {
        self.name
            .clone()
            .or_else(|| match (&self.given_name, &self.family_name) {
                (Some(given), Some(family)) => Some(short(&format!("{given} {family}"))),
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(value: &Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
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
}
