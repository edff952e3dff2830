//! Where the launch comes from: the course, the link, the platform, the frame.

use serde_json::{Map, Value};

use super::{address, claim, identifier, name, object, text, texts};
use crate::lti::registration::{ContextId, ResourceLinkId};

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
    pub(in crate::lti) fn read(claims: &Map<String, Value>) -> Result<Option<Self>, ()> {
        let Some(context) = object(claims, claim::CONTEXT) else {
            return Ok(None);
        };
        let Some(id) = identifier(context, "id").filter(|id| !id.is_empty()) else {
            return Ok(None);
        };
        Ok(Some(Self {
            id: ContextId::parse(id).map_err(|_| ())?,
            label: name(context, "label"),
            title: name(context, "title"),
            types: texts(context, "type").into_iter().map(ContextType::read).collect(),
        }))
    }
}

/// The contexts that the course was copied from, newest first, as Brightspace tells them in a claim of its own without
/// being asked: a list with commas, empty for a course that was not copied. A list in another form is read, too.
pub(in crate::lti) fn history(claims: &Map<String, Value>) -> Vec<String> {
    let Some(told) = object(claims, claim::BRIGHTSPACE) else {
        return Vec::new();
    };
    texts(told, "Context.id.history")
        .iter()
        .flat_map(|text| text.split(','))
        .map(str::trim)
        .filter(|id| !id.is_empty() && !id.starts_with('$'))
        .map(str::to_owned)
        .collect()
}

/// The place inside the context that was clicked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceLink {
    pub id: ResourceLinkId,
    pub title: Option<String>,
    pub description: Option<String>,
}

impl ResourceLink {
    pub(in crate::lti) fn read(claims: &Map<String, Value>) -> Option<Self> {
        let link = object(claims, claim::RESOURCE_LINK)?;
        Some(Self {
            id: ResourceLinkId::parse(identifier(link, "id")?).ok()?,
            title: name(link, "title"),
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
    pub(in crate::lti) fn read(claims: &Map<String, Value>) -> Self {
        object(claims, claim::TOOL_PLATFORM).map_or_else(Self::default, |platform| Self {
            guid: text(platform, "guid"),
            name: name(platform, "name"),
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
    pub(in crate::lti) fn read(claims: &Map<String, Value>) -> Self {
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(value: &Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
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
    fn the_history_in_brightspaces_own_claim_is_read_in_any_form() {
        let read = |told: Value| history(&map(&json!({claim::BRIGHTSPACE: told})));
        let text = |history: &str| read(json!({"Context.id.history": history, "tenant_id": "0a1b"}));
        assert_eq!(text("6612, 6609"), ["6612", "6609"]);
        assert_eq!(text(""), Vec::<String>::new(), "not copied");
        assert_eq!(text("$Context.id.history"), Vec::<String>::new());
        assert_eq!(text(",,6612,"), ["6612"]);
        assert_eq!(
            read(json!({"Context.id.history": ["6612", 6609, null, "a,b"]})),
            ["6612", "6609", "a", "b"]
        );
        assert_eq!(read(json!({"Context.id.history": 6612})), ["6612"]);
        for nothing in [
            json!({}),
            json!(null),
            json!("6612"),
            json!({"Context.id.history": {"id": "6612"}}),
        ] {
            assert_eq!(read(nothing.clone()), Vec::<String>::new(), "{nothing}");
        }
        assert_eq!(history(&map(&json!({}))), Vec::<String>::new());
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
