//! The order to issue a badge, with every parameter that API v1 takes (API page, "Issuing"; `show_report`,
//! `send_email` and the form `Name <address>` are relied on by public clients).

use serde_json::{Map, Value};

/// What one issuing call carries.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Issue {
    /// Whom to issue to; at least one. One call makes one event for all of them.
    pub recipients: Vec<Recipient>,
    /// The date of issue, in Unix seconds; the Factory's present if absent.
    pub issued_on: Option<i64>,
    /// Until when the badge is valid, in Unix seconds. The badge's own default is ambiguous, so say it if one is
    /// wanted.
    pub expires: Option<i64>,
    /// The message. Each part may be left out only if the badge has it.
    pub message: MessageParts,
    /// What to replace in the badge for these recipients.
    pub badge_override: BadgeOverride,
    /// Stored with the event and given back by searches: the place of a marker that finds the event again.
    pub log_entry: Option<Map<String, Value>>,
    /// Which integration issues: a key of the search.
    pub api_consumer_id: Option<String>,
    /// Whether the Factory counts it in its reports.
    pub show_report: Option<bool>,
    /// Whether the recipients get a message; yes if absent.
    pub send_email: Option<bool>,
}

impl Issue {
    /// The body of the call.
    pub fn to_json(&self) -> Value {
        let mut body = Map::new();
        let recipients: Vec<Value> = self
            .recipients
            .iter()
            .map(|recipient| recipient.to_text().into())
            .collect();
        body.insert("recipient".to_owned(), recipients.into());
        let mut put = |key: &str, value: Option<Value>| {
            if let Some(value) = value {
                body.insert(key.to_owned(), value);
            }
        };
        let text = |text: &Option<String>| text.clone().map(Value::from);
        let flag = |on: Option<bool>| on.map(|on| Value::from(u8::from(on)));
        put("issued_on", self.issued_on.map(Value::from));
        put("expires", self.expires.map(Value::from));
        put("email_subject", text(&self.message.subject));
        put("email_body", text(&self.message.body));
        put("email_link_text", text(&self.message.link_text));
        put("email_footer", text(&self.message.footer));
        put("badge_override", self.badge_override.to_json());
        put("log_entry", self.log_entry.clone().map(Value::from));
        put("api_consumer_id", text(&self.api_consumer_id));
        put("show_report", flag(self.show_report));
        put("send_email", flag(self.send_email));
        body.into()
    }
}

/// The four parts of the message to the recipients; each is decided on its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageParts {
    /// Subject.
    pub subject: Option<String>,
    /// Text above the button.
    pub body: Option<String>,
    /// Text on the button.
    pub link_text: Option<String>,
    /// Text below the button.
    pub footer: Option<String>,
}

/// What an order replaces in the badge.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BadgeOverride {
    /// Name in place of the badge's.
    pub name: Option<String>,
    /// Description in place of the badge's.
    pub description: Option<String>,
    /// Criteria in place of the badge's.
    pub criteria: Option<String>,
    /// Tags in place of the badge's.
    pub tags: Option<Vec<String>>,
    /// Appended to the criteria.
    pub criteria_add: Option<String>,
}

impl BadgeOverride {
    /// The object, or nothing when nothing is replaced.
    fn to_json(&self) -> Option<Value> {
        let texts = [
            ("name", &self.name),
            ("description", &self.description),
            ("criteria", &self.criteria),
            ("criteria_add", &self.criteria_add),
        ];
        let mut object = Map::new();
        for (key, text) in texts {
            if let Some(text) = text {
                object.insert(key.to_owned(), text.as_str().into());
            }
        }
        if let Some(tags) = &self.tags {
            object.insert("tags".to_owned(), tags.clone().into());
        }
        (!object.is_empty()).then(|| object.into())
    }
}

/// Whom to issue to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Recipient {
    address: String,
    name: Option<String>,
}

/// The text is no address that the Factory can take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an address has the form name@host, without spaces or angle brackets")]
pub struct InvalidRecipient;

impl Recipient {
    /// A recipient by `address`, `name@host` of at most 254 bytes. `name` is left out where the Factory could
    /// misread it: blank, with angle brackets or with control characters (API page, "Issuing").
    pub fn new(address: &str, name: Option<&str>) -> Result<Self, InvalidRecipient> {
        let address = address.trim();
        let (local, host) = address.rsplit_once('@').ok_or(InvalidRecipient)?;
        let is_odd = |character: char| character.is_whitespace() || character.is_control() || "<>".contains(character);
        if local.is_empty() || host.is_empty() || address.len() > 254 || address.contains(is_odd) {
            return Err(InvalidRecipient);
        }
        let name = name
            .map(str::trim)
            .filter(|name| !name.is_empty() && !name.contains(['<', '>']));
        let name = name.filter(|name| !name.contains(char::is_control));
        Ok(Self {
            address: address.to_owned(),
            name: name.map(str::to_owned),
        })
    }

    /// The address.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// `address`, or `Name <address>`.
    pub fn to_text(&self) -> String {
        match &self.name {
            Some(name) => format!("{name} <{}>", self.address),
            None => self.address.clone(),
        }
    }

    /// The address in a text of either form.
    pub fn address_in(text: &str) -> &str {
        let text = text.trim();
        let inner = text.strip_suffix('>').and_then(|start| start.rsplit_once('<'));
        inner.map_or(text, |(_, address)| address.trim())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_parameter_stands_in_the_body() {
        let marker = json!({"installation": "i", "order": "o", "awards": ["a"]});
        let order = Issue {
            recipients: vec![
                Recipient::new("ada@example.org", Some("Ada Example")).unwrap(),
                Recipient::new("bo@example.org", None).unwrap(),
            ],
            issued_on: Some(1_767_225_600),
            expires: Some(1_798_761_600),
            message: MessageParts {
                subject: Some("You earned a badge".into()),
                body: Some("Well done.".into()),
                link_text: Some("Get your badge".into()),
                footer: Some("Example College".into()),
            },
            badge_override: BadgeOverride {
                name: Some("N".into()),
                description: Some("D".into()),
                criteria: Some("C".into()),
                tags: Some(vec!["t".into()]),
                criteria_add: Some("Final score 92 %.".into()),
            },
            log_entry: marker.as_object().cloned(),
            api_consumer_id: Some("badgebridge".into()),
            show_report: Some(true),
            send_email: Some(false),
        };
        assert_eq!(
            order.to_json(),
            json!({
                "recipient": ["Ada Example <ada@example.org>", "bo@example.org"],
                "issued_on": 1_767_225_600, "expires": 1_798_761_600,
                "email_subject": "You earned a badge", "email_body": "Well done.",
                "email_link_text": "Get your badge", "email_footer": "Example College",
                "badge_override": {"name": "N", "description": "D", "criteria": "C", "tags": ["t"],
                    "criteria_add": "Final score 92 %."},
                "log_entry": marker, "api_consumer_id": "badgebridge", "show_report": 1, "send_email": 0,
            })
        );
    }

    #[test]
    fn what_is_not_wanted_is_not_sent() {
        let recipients = vec![Recipient::new("ada@example.org", None).unwrap()];
        let order = Issue {
            recipients,
            ..Issue::default()
        };
        assert_eq!(order.to_json(), json!({"recipient": ["ada@example.org"]}));
    }

    #[test]
    fn a_name_that_could_be_misread_is_left_out() {
        for name in ["", "  ", "a<b", "a>b", "Ada\r\nBcc: x", "a\u{0}b"] {
            assert_eq!(
                Recipient::new("a@x.example", Some(name)).unwrap().to_text(),
                "a@x.example",
                "{name:?}"
            );
        }
        assert_eq!(
            Recipient::new(" a@x.example ", Some(" Ada L ")).unwrap().to_text(),
            "Ada L <a@x.example>"
        );
    }

    #[test]
    fn what_is_no_address_is_no_recipient() {
        for bad in ["", "a", "@x", "a@", "a b@x", "<a@x>", "a@x\n", "a@x, b@y"] {
            let refused = Recipient::new(bad, None).is_err();
            assert_eq!(refused, bad != "a@x\n", "{bad:?}");
        }
        assert!(Recipient::new(&format!("{}@x", "a".repeat(254)), None).is_err());
    }

    #[test]
    fn the_address_is_found_in_both_forms() {
        for text in [
            "ada@example.org",
            " Ada <ada@example.org> ",
            "<ada@example.org>",
            "A \"<b>\" < ada@example.org >",
        ] {
            assert_eq!(Recipient::address_in(text), "ada@example.org", "{text}");
        }
    }
}
