//! Placing content in a course (LTI Deep Linking 2.0): the platform's request, and the one answer to it.
//!
//! Pure: [`Settings`] is parsed from the claim, [`Reply`] holds only what the request allows, and a closure signs it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::address::{parse_http, same_origin};
use super::claims::{self, claim, texts};
use super::login::TargetLink;
use super::registration::{Issuer, LtiClientId};

/// The type of the only items that this tool places.
const LINK: &str = "ltiResourceLink";
/// How long an answer is valid, in seconds: it goes to the platform at once.
const REPLY_SECONDS: i64 = 300;
/// How far the issue of an answer is dated back, in seconds: some platforms allow no leeway.
const BACKDATED_SECONDS: i64 = 10;
/// The longest title, in characters: Open edX fails on longer ones (and on none at all).
const MAX_TITLE: usize = 255;

/// What the platform takes (section 4.4.1).
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Where the answer is posted. May hold a session key of the platform: never to be logged.
    pub return_url: String,
    /// The types of items that are taken, as they came.
    pub accept_types: BTreeSet<String>,
    /// Several items, or one. Unsaid is one.
    pub accept_multiple: bool,
    /// A column of the grade book with an item. Unsaid is yes.
    pub accept_line_item: bool,
    /// What the platform would call a new item.
    pub title: Option<String>,
    /// Comes back exactly, if it came.
    pub data: Option<Value>,
}

/// Without the return address and the platform's data.
impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("accept_types", &self.accept_types)
            .field("accept_multiple", &self.accept_multiple)
            .field("accept_line_item", &self.accept_line_item)
            .finish_non_exhaustive()
    }
}

impl Settings {
    /// Nothing if the claim is missing, or names no address to answer to.
    pub(super) fn read(claims: &Map<String, Value>) -> Option<Self> {
        let settings = claims::object(claims, claim::DEEP_LINKING_SETTINGS)?;
        let flag = |name: &str| match settings.get(name) {
            Some(Value::Bool(flag)) => Some(*flag),
            Some(Value::String(text)) if text.eq_ignore_ascii_case("true") => Some(true),
            Some(Value::String(text)) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        };
        Some(Self {
            return_url: claims::address(settings, "deep_link_return_url")?,
            accept_types: texts(settings, "accept_types").into_iter().collect(),
            accept_multiple: flag("accept_multiple").unwrap_or(false),
            accept_line_item: flag("accept_lineitem").unwrap_or(true),
            title: claims::text(settings, "title"),
            data: settings.get("data").filter(|data| !data.is_null()).cloned(),
        })
    }

    /// Whether links to the tool may be placed here.
    pub fn takes_links(&self) -> bool {
        self.accept_types.contains(LINK)
    }

    /// The origin that the answer goes to.
    pub fn return_origin(&self) -> Option<String> {
        Some(parse_http(&self.return_url)?.origin().ascii_serialization())
    }

    /// Whether the answer may go there: over https, or to an origin that the registration itself names.
    pub fn may_return<'a>(&self, origins: impl IntoIterator<Item = &'a str>) -> bool {
        let Some(url) = parse_http(&self.return_url) else {
            return false;
        };
        let is_named = |origin: &str| parse_http(origin).is_some_and(|origin| same_origin(&origin, &url));
        url.scheme() == "https" || origins.into_iter().any(is_named)
    }
}

/// A link to the tool, to be placed.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Where the tool opens: one of its own addresses.
    pub url: TargetLink,
    /// What the link is called.
    pub title: String,
    /// A sentence beside it; may be empty.
    pub text: String,
    /// Comes back in every launch of the link.
    pub custom: Vec<(String, String)>,
    /// The column of the grade book that comes with it.
    pub line_item: Option<LineItem>,
}

/// A column that comes with an item.
#[derive(Clone, Debug, PartialEq)]
pub struct LineItem {
    /// What the column is called.
    pub label: String,
    /// The full score: a whole number, because Open edX takes no other.
    pub maximum: u32,
    /// Our name for what is graded.
    pub resource_id: String,
}

/// Why an answer cannot be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplyError {
    #[error("the platform takes no links here")]
    TypeNotAccepted,
    #[error("the platform takes one item only")]
    TooMany,
    #[error("the platform takes no column of the grade book with an item")]
    LineItemNotAccepted,
    #[error("an item has no title")]
    TitleMissing,
}

/// Whom an answer is for, from the launch that asked.
#[derive(Clone, Debug)]
pub struct Parties<'a> {
    pub client_id: &'a LtiClientId,
    pub issuer: &'a Issuer,
    /// As received.
    pub deployment_id: &'a str,
}

/// An answer that the request allows. No items: the person changed their mind.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    items: Vec<Value>,
    data: Option<Value>,
}

impl Reply {
    /// Checks the items against the request, all before anything is signed.
    pub fn new(settings: &Settings, items: &[Item]) -> Result<Self, ReplyError> {
        if !items.is_empty() && !settings.takes_links() {
            return Err(ReplyError::TypeNotAccepted);
        }
        if items.len() > 1 && !settings.accept_multiple {
            return Err(ReplyError::TooMany);
        }
        for item in items {
            if item.line_item.is_some() && !settings.accept_line_item {
                return Err(ReplyError::LineItemNotAccepted);
            }
            if item.title.trim().is_empty() {
                return Err(ReplyError::TitleMissing);
            }
        }
        Ok(Self {
            items: items.iter().map(Item::to_json).collect(),
            data: settings.data.clone(),
        })
    }

    /// The signed answer for the form field `JWT`. `once` is fresh each time (it is `nonce` and `jti`: Canvas takes a nonce
    /// one time), `now` in Unix seconds.
    pub fn sign<E>(
        &self,
        parties: &Parties<'_>,
        once: &str,
        now: i64,
        sign: impl FnOnce(&Value) -> Result<String, E>,
    ) -> Result<String, E> {
        let mut claims = json!({
            "iss": parties.client_id,
            // Blackboard wants it; elsewhere it does no harm
            "sub": parties.client_id,
            "azp": parties.client_id,
            // one text, not a list: the form that every platform reads
            "aud": parties.issuer,
            "iat": now.saturating_sub(BACKDATED_SECONDS),
            "exp": now.saturating_add(REPLY_SECONDS),
            "nonce": once,
            "jti": once,
            claim::DEPLOYMENT_ID: parties.deployment_id,
            claim::MESSAGE_TYPE: "LtiDeepLinkingResponse",
            claim::VERSION: "1.3.0",
            claim::CONTENT_ITEMS: self.items,
        });
        if let (Some(data), Some(claims)) = (&self.data, claims.as_object_mut()) {
            claims.insert(claim::DEEP_LINKING_DATA.to_owned(), data.clone());
        }
        sign(&claims)
    }
}

impl Item {
    fn to_json(&self) -> Value {
        let custom: Map<String, Value> = self
            .custom
            .iter()
            .map(|(name, value)| (name.clone(), json!(value)))
            .collect();
        let mut item = json!({
            "type": LINK,
            "url": self.url.as_str(),
            "title": cut(&self.title),
            "custom": custom,
        });
        if let Some(fields) = item.as_object_mut() {
            if !self.text.is_empty() {
                fields.insert("text".to_owned(), json!(self.text));
            }
            if let Some(column) = &self.line_item {
                let column = json!({
                    "label": cut(&column.label),
                    "scoreMaximum": column.maximum,
                    "resourceId": column.resource_id,
                });
                fields.insert("lineItem".to_owned(), column);
            }
        }
        item
    }
}

fn cut(title: &str) -> String {
    title.trim().chars().take(MAX_TITLE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lti::login::ToolOrigin;
    use crate::lti::testing::check;

    fn settings(change: impl FnOnce(&mut Value)) -> Option<Settings> {
        let mut claim = json!({
            "deep_link_return_url": "https://lms.example/return?x=1",
            "accept_types": ["link", "ltiResourceLink"],
            "accept_presentation_document_targets": ["iframe"],
        });
        change(&mut claim);
        Settings::read(json!({claim::DEEP_LINKING_SETTINGS: claim}).as_object().unwrap())
    }

    fn item(title: &str) -> Item {
        let origin = ToolOrigin::parse("https://tool.example").unwrap();
        Item {
            url: origin.target_link("https://tool.example/lti/launch?content=1").unwrap(),
            title: title.to_owned(),
            text: String::new(),
            custom: vec![("badgebridge_content".to_owned(), "1".to_owned())],
            line_item: None,
        }
    }

    fn graded() -> Item {
        let column = LineItem {
            label: "Lab Safety".to_owned(),
            maximum: 100,
            resource_id: "1".to_owned(),
        };
        Item {
            line_item: Some(column),
            ..item("Lab Safety")
        }
    }

    fn claims_of(reply: &Reply) -> Value {
        let (client_id, issuer) = (
            LtiClientId::parse("client-1").unwrap(),
            Issuer::parse("https://lms.example").unwrap(),
        );
        let parties = Parties {
            client_id: &client_id,
            issuer: &issuer,
            deployment_id: "d 1",
        };
        let text = reply.sign(&parties, "once-1", 1000, |claims| Ok::<_, ()>(claims.to_string()));
        serde_json::from_str(&text.unwrap()).unwrap()
    }

    #[test]
    fn unsaid_is_one_item_and_a_column() {
        let unsaid = settings(|_| {}).unwrap();
        assert_eq!((unsaid.accept_multiple, unsaid.accept_line_item), (false, true));
        assert!(unsaid.takes_links());
        let said = settings(|claim| {
            claim["accept_multiple"] = json!("true");
            claim["accept_lineitem"] = json!(false);
            claim["accept_types"] = json!("html");
        })
        .unwrap();
        assert_eq!((said.accept_multiple, said.accept_line_item), (true, false));
        assert!(!said.takes_links());
    }

    #[test]
    fn a_request_without_a_usable_return_address_is_none() {
        assert!(settings(|claim| claim["deep_link_return_url"] = json!(null)).is_none());
        for bad in ["javascript:alert(1)", "//evil.example", "data:text/html,x", ""] {
            assert!(
                settings(|claim| claim["deep_link_return_url"] = json!(bad)).is_none(),
                "{bad}"
            );
        }
        assert!(Settings::read(&Map::new()).is_none());
    }

    #[test]
    fn an_answer_goes_over_https_or_to_the_registrations_own_origins() {
        let to = |url: &str| settings(|claim| claim["deep_link_return_url"] = json!(url)).unwrap();
        let own = ["http://localhost:8081/", "https://lms.example"];
        assert!(to("https://elsewhere.example/x").may_return(own));
        assert!(to("http://localhost:8081/return").may_return(own));
        assert!(!to("http://localhost:8082/return").may_return(own));
        assert!(!to("http://lms.example/return").may_return(own));
    }

    #[test]
    fn what_the_request_does_not_allow_is_not_signed() {
        let one = settings(|_| {}).unwrap();
        assert!(Reply::new(&one, &[item("a")]).is_ok());
        assert_eq!(
            Reply::new(&one, &[item("a"), item("b")]).err(),
            Some(ReplyError::TooMany)
        );
        assert_eq!(Reply::new(&one, &[item(" ")]).err(), Some(ReplyError::TitleMissing));
        let plain = settings(|claim| claim["accept_lineitem"] = json!(false)).unwrap();
        assert_eq!(
            Reply::new(&plain, &[graded()]).err(),
            Some(ReplyError::LineItemNotAccepted)
        );
        let html = settings(|claim| claim["accept_types"] = json!(["html"])).unwrap();
        assert_eq!(Reply::new(&html, &[item("a")]).err(), Some(ReplyError::TypeNotAccepted));
        assert!(Reply::new(&html, &[]).is_ok(), "changing one's mind is always allowed");
    }

    #[test]
    fn the_answer_says_what_every_platform_asks_for() {
        let many = settings(|claim| {
            claim["accept_multiple"] = json!(true);
            claim["data"] = json!("a=b&c \"d\"");
        })
        .unwrap();
        let claims = claims_of(&Reply::new(&many, &[item("One"), graded()]).unwrap());
        assert_eq!(
            (&claims["iss"], &claims["sub"]),
            (&json!("client-1"), &json!("client-1"))
        );
        assert_eq!(claims["aud"], "https://lms.example");
        assert_eq!((&claims["iat"], &claims["exp"]), (&json!(990), &json!(1300)));
        assert_eq!((&claims["nonce"], &claims["jti"]), (&json!("once-1"), &json!("once-1")));
        assert_eq!(claims[claim::DEPLOYMENT_ID], "d 1");
        assert_eq!(claims[claim::MESSAGE_TYPE], "LtiDeepLinkingResponse");
        assert_eq!(claims[claim::VERSION], "1.3.0");
        assert_eq!(claims[claim::DEEP_LINKING_DATA], "a=b&c \"d\"");
        let items = claims[claim::CONTENT_ITEMS].as_array().unwrap();
        assert_eq!(items[0]["url"], "https://tool.example/lti/launch?content=1");
        assert_eq!(items[0]["custom"], json!({"badgebridge_content": "1"}));
        assert_eq!(items[0].get("lineItem"), None);
        let column = json!({"label": "Lab Safety", "scoreMaximum": 100, "resourceId": "1"});
        assert_eq!(items[1]["lineItem"], column);
    }

    #[test]
    fn an_answer_without_items_is_an_empty_list_and_data_comes_back_only_if_it_came() {
        let claims = claims_of(&Reply::new(&settings(|_| {}).unwrap(), &[]).unwrap());
        assert_eq!(claims[claim::CONTENT_ITEMS], json!([]));
        assert_eq!(claims.get(claim::DEEP_LINKING_DATA), None);
    }

    #[test]
    fn titles_are_cut_to_what_platforms_keep() {
        let claims = claims_of(&Reply::new(&settings(|_| {}).unwrap(), &[item(&"é".repeat(300))]).unwrap());
        let title = claims[claim::CONTENT_ITEMS][0]["title"].as_str().unwrap();
        assert_eq!(title.chars().count(), 255);
    }

    #[test]
    fn any_settings_are_read_or_refused() {
        check("deep linking settings", &(".*", ".*", ".*"), |(url, types, data)| {
            let _ = settings(|claim| {
                claim["deep_link_return_url"] = json!(url);
                claim["accept_types"] = json!(types);
                claim["data"] = json!(data);
            });
            Ok(())
        });
    }
}
