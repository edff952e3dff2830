//! What a badge is made of when it is written (API page, "Badges").

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::MessageParts;

/// A badge to be created, or what takes an existing one's place. What is `None` is not sent: a new badge has the
/// Factory's default then, an existing one keeps what it has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BadgeContent {
    /// Name; required.
    pub name: String,
    /// Description; required.
    pub description: String,
    /// Whether it cannot be issued yet; required.
    pub is_draft: bool,
    /// The picture: a PNG.
    pub picture: Option<Vec<u8>>,
    /// Style of the criteria page.
    pub css: Option<String>,
    /// Body of the criteria page: HTML.
    pub criteria_html: Option<String>,
    /// The message that issuing sends by default.
    pub message: MessageParts,
    /// How long it holds. The API page says a Unix time, the vendor's plugins read months back: see
    /// [`ValidityDefault`](super::ValidityDefault).
    pub expires: Option<i64>,
    /// Tags: part of the badge.
    pub tags: Option<Vec<String>>,
    /// Categories: the organisation's own grouping.
    pub categories: Option<Vec<String>>,
    /// Private data of the organisation.
    pub metadata: Option<Map<String, Value>>,
}

impl BadgeContent {
    /// The body of the call.
    pub fn to_json(&self) -> Value {
        let mut body = Map::new();
        body.insert("name".to_owned(), self.name.as_str().into());
        body.insert("description".to_owned(), self.description.as_str().into());
        body.insert("draft".to_owned(), u8::from(self.is_draft).into());
        let mut put = |key: &str, value: Option<Value>| {
            if let Some(value) = value {
                body.insert(key.to_owned(), value);
            }
        };
        let text = |text: &Option<String>| text.clone().map(Value::from);
        put("image", self.picture.as_ref().map(|png| STANDARD.encode(png).into()));
        put("css", text(&self.css));
        put("criteria_html", text(&self.criteria_html));
        put("email_subject", text(&self.message.subject));
        put("email_body", text(&self.message.body));
        put("email_link_text", text(&self.message.link_text));
        put("email_footer", text(&self.message.footer));
        put("expires", self.expires.map(Value::from));
        put("tags", self.tags.clone().map(Value::from));
        put("category", self.categories.clone().map(Value::from));
        put("metadata", self.metadata.clone().map(Value::from));
        body.into()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_part_of_a_badge_stands_in_the_body() {
        let content = BadgeContent {
            name: "Lab Safety".into(),
            description: "Works safely.".into(),
            is_draft: true,
            picture: Some(b"\x89PNG".to_vec()),
            css: Some("p{}".into()),
            criteria_html: Some("<p>Do it</p>".into()),
            message: MessageParts {
                subject: Some("S".into()),
                body: Some("B".into()),
                link_text: Some("L".into()),
                footer: Some("F".into()),
            },
            expires: Some(12),
            tags: Some(vec!["lab".into()]),
            categories: Some(vec!["Safety".into()]),
            metadata: json!({"course": "BIO101"}).as_object().cloned(),
        };
        assert_eq!(
            content.to_json(),
            json!({"name": "Lab Safety", "description": "Works safely.", "draft": 1, "image": "iVBORw==", "css": "p{}",
                "criteria_html": "<p>Do it</p>", "email_subject": "S", "email_body": "B", "email_link_text": "L",
                "email_footer": "F", "expires": 12, "tags": ["lab"], "category": ["Safety"],
                "metadata": {"course": "BIO101"}})
        );
        let least = BadgeContent {
            name: "N".into(),
            ..BadgeContent::default()
        };
        assert_eq!(least.to_json(), json!({"name": "N", "description": "", "draft": 0}));
    }
}
