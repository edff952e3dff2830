//! Applications for badges: filled forms, and what is decided about them. The object is read tolerantly: apart from its
//! id, its status and that the form's data is in it, nothing about it is certain.

use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::super::id::{ApplicationId, BadgeId, EarnableId, EventId};
use super::super::lenient;
use super::super::multipart::Part;
use super::MessageParts;

/// An application as the Factory shows it.
#[derive(Clone, PartialEq, Deserialize)]
#[serde(from = "Raw")]
pub struct Application {
    /// Its id.
    pub id: ApplicationId,
    /// The form that was filled.
    pub earnable_id: Option<EarnableId>,
    /// The badge that was applied for.
    pub badge_id: Option<BadgeId>,
    /// Who applied.
    pub applicant: String,
    /// The applicant's address.
    pub email: String,
    /// Whether it is decided, and how.
    pub status: ApplicationStatus,
    /// Who decided.
    pub reviewer: Option<String>,
    /// What was entered, by field. Lists may lack it.
    pub form_data: Map<String, Value>,
    /// The event that approving made, if the Factory names it.
    pub event_id: Option<EventId>,
    /// When it arrived, in Unix seconds.
    pub created_at: Option<i64>,
    /// When it was last changed, in Unix seconds.
    pub changed_at: Option<i64>,
}

/// No names, no addresses, no answers.
impl fmt::Debug for Application {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Application")
            .field("id", &self.id)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// Whether an application is decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApplicationStatus {
    /// Not yet.
    Pending,
    /// The badge was issued.
    Approved,
    /// It was not.
    Rejected,
    /// A state that this client does not know, as sent.
    Other(String),
}

impl ApplicationStatus {
    /// The status as the API writes it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Other(other) => other,
        }
    }

    /// Reads the API's word.
    pub fn parse(raw: &str) -> Self {
        match raw {
            "pending" => Self::Pending,
            "approved" => Self::Approved,
            "rejected" => Self::Rejected,
            other => Self::Other(other.to_owned()),
        }
    }
}

/// A filled form on its way (relied on by public clients; not on the API page).
#[derive(Clone)]
pub struct FilledForm {
    /// Who applies: one line of at most 255 characters.
    pub applicant: String,
    /// The applicant's address.
    pub email: String,
    /// Whether the form becomes evidence, where the applicant may say.
    pub attach_evidence: Option<bool>,
    /// The claim code, where the form asks for one.
    pub secret_token: Option<SecretString>,
    /// The form's own fields and files, under the names of its HTML.
    pub fields: Vec<Part>,
}

/// Nothing of what a person entered.
impl fmt::Debug for FilledForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FilledForm")
            .field("fields", &self.fields.len())
            .finish_non_exhaustive()
    }
}

impl FilledForm {
    /// The body's parts. A field of the form that bears one of the names the API keeps for itself is left out: the
    /// applicant is who the caller says.
    pub(in super::super) fn parts(&self) -> Vec<Part> {
        const KEPT: [&str; 4] = ["applicant", "email", "attach_evidence", "secret_token"];
        let one_line: String = self.applicant.split_whitespace().collect::<Vec<_>>().join(" ");
        let applicant: String = one_line.chars().take(255).collect();
        let mut parts = vec![
            Part::text("applicant", applicant),
            Part::text("email", self.email.trim()),
        ];
        if let Some(attach) = self.attach_evidence {
            parts.push(Part::text("attach_evidence", if attach { "1" } else { "0" }));
        }
        if let Some(secret) = &self.secret_token {
            parts.push(Part::text("secret_token", secret.expose_secret()));
        }
        let own = self.fields.iter().filter(|part| !KEPT.contains(&part.name.as_str()));
        parts.extend(own.cloned());
        parts
    }
}

/// Approving an application: it issues the badge, with the parameters of issuing (API page, "Earnable badges").
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Approval {
    /// Who decides.
    pub reviewer: String,
    /// The date of issue, in Unix seconds; the Factory's present if absent.
    pub issued_on: Option<i64>,
    /// Until when the badge is valid, in Unix seconds.
    pub expires: Option<i64>,
    /// The message. Each part may be left out only if the badge has it.
    pub message: MessageParts,
    /// Stored with the event.
    pub log_entry: Option<Map<String, Value>>,
    /// Which integration decides.
    pub api_consumer_id: Option<String>,
}

impl Approval {
    /// The body of the call.
    pub fn to_json(&self) -> Value {
        let mut body = Map::new();
        body.insert("result".to_owned(), "approve".into());
        body.insert("reviewer".to_owned(), self.reviewer.as_str().into());
        let mut put = |key: &str, value: Option<Value>| {
            if let Some(value) = value {
                body.insert(key.to_owned(), value);
            }
        };
        let text = |text: &Option<String>| text.clone().map(Value::from);
        put("issued_on", self.issued_on.map(Value::from));
        put("expires", self.expires.map(Value::from));
        put("email_subject", text(&self.message.subject));
        put("email_body", text(&self.message.body));
        put("email_link_text", text(&self.message.link_text));
        put("email_footer", text(&self.message.footer));
        put("log_entry", self.log_entry.clone().map(Value::from));
        put("api_consumer_id", text(&self.api_consumer_id));
        body.into()
    }
}

/// Not approving an application.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rejection {
    /// Who decides.
    pub reviewer: String,
    /// Subject and text of a message to the applicant; none is sent without (API page, "Earnable badges").
    pub message: Option<(String, String)>,
}

impl Rejection {
    /// The body of the call.
    pub fn to_json(&self) -> Value {
        let mut body = Map::new();
        body.insert("result".to_owned(), "reject".into());
        body.insert("reviewer".to_owned(), self.reviewer.as_str().into());
        if let Some((subject, text)) = &self.message {
            body.insert("email_subject".to_owned(), subject.as_str().into());
            body.insert("email_body".to_owned(), text.as_str().into());
        }
        body.into()
    }
}

#[derive(Deserialize)]
struct Raw {
    id: ApplicationId,
    #[serde(default, deserialize_with = "lenient::text")]
    earnable_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    badge_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    applicant: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    email: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    status: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    reviewer: Option<String>,
    #[serde(default, deserialize_with = "lenient::object")]
    form_data: Map<String, Value>,
    #[serde(default, deserialize_with = "lenient::text")]
    event_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::int")]
    ctime: Option<i64>,
    #[serde(default, deserialize_with = "lenient::int")]
    mtime: Option<i64>,
}

impl From<Raw> for Application {
    fn from(raw: Raw) -> Self {
        Self {
            id: raw.id,
            earnable_id: raw.earnable_id.and_then(|id| EarnableId::parse(id).ok()),
            badge_id: raw.badge_id.and_then(|id| BadgeId::parse(id).ok()),
            applicant: raw.applicant.unwrap_or_default(),
            email: raw.email.unwrap_or_default(),
            status: ApplicationStatus::parse(&raw.status.unwrap_or_default()),
            reviewer: raw.reviewer,
            form_data: raw.form_data,
            event_id: raw.event_id.and_then(|id| EventId::parse(id).ok()),
            created_at: raw.ctime,
            changed_at: raw.mtime,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::super::multipart::PartContent;
    use super::*;

    #[test]
    fn an_application_is_read_and_an_id_is_enough() {
        let read: Application = serde_json::from_value(json!({
            "id": "P2qqDemo31", "earnable_id": "A7lmDemo05", "badge_id": "B4tqDemo01", "applicant": "Ada Example",
            "email": "ada@example.org", "status": "pending", "reviewer": null, "ctime": 1_767_000_000,
            "mtime": "1767000001", "form_data": {"why": "Completed the bench work."},
        }))
        .unwrap();
        assert_eq!(
            (read.status.clone(), read.created_at),
            (ApplicationStatus::Pending, Some(1_767_000_000))
        );
        assert_eq!(read.form_data["why"], "Completed the bench work.");
        let shown = format!("{read:?}");
        assert!(!shown.contains("ada@") && !shown.contains("bench"), "{shown}");
        let least: Application =
            serde_json::from_value(json!({"id": "P1", "form_data": [], "status": "returned"})).unwrap();
        assert_eq!(least.status, ApplicationStatus::Other("returned".into()));
        assert!(least.form_data.is_empty() && least.event_id.is_none());
    }

    #[test]
    fn every_parameter_of_an_approval_stands_in_the_body() {
        let approval = Approval {
            reviewer: "Rae Reviewer".into(),
            issued_on: Some(1),
            expires: Some(2),
            message: MessageParts {
                subject: Some("S".into()),
                body: Some("B".into()),
                link_text: Some("L".into()),
                footer: Some("F".into()),
            },
            log_entry: json!({"order": "o"}).as_object().cloned(),
            api_consumer_id: Some("badgebridge".into()),
        };
        assert_eq!(
            approval.to_json(),
            json!({"result": "approve", "reviewer": "Rae Reviewer", "issued_on": 1, "expires": 2, "email_subject": "S",
                "email_body": "B", "email_link_text": "L", "email_footer": "F", "log_entry": {"order": "o"},
                "api_consumer_id": "badgebridge"})
        );
        let rejection = Rejection {
            reviewer: "R".into(),
            message: Some(("No".into(), "Not yet".into())),
        };
        assert_eq!(
            rejection.to_json(),
            json!({"result": "reject", "reviewer": "R", "email_subject": "No", "email_body": "Not yet"})
        );
        assert_eq!(
            Rejection::default().to_json(),
            json!({"result": "reject", "reviewer": ""})
        );
    }

    #[test]
    fn a_form_cannot_say_who_applies() {
        let form = FilledForm {
            applicant: format!(" Ada\r\nExample {}", "x".repeat(300)),
            email: "ada@example.org ".into(),
            attach_evidence: Some(false),
            secret_token: Some("open".into()),
            fields: vec![
                Part::text("why", "So"),
                Part::text("email", "eve@example.org"),
                Part::text("applicant", "Eve"),
            ],
        };
        let parts = form.parts();
        let names: Vec<&str> = parts.iter().map(|part| part.name.as_str()).collect();
        assert_eq!(names, ["applicant", "email", "attach_evidence", "secret_token", "why"]);
        let PartContent::Text(applicant) = &parts[0].content else {
            panic!()
        };
        assert!(applicant.starts_with("Ada Example xxx") && applicant.chars().count() == 255);
        assert!(parts[1] == Part::text("email", "ada@example.org"));
        assert!(parts[2] == Part::text("attach_evidence", "0"));
        assert!(!format!("{form:?}").contains("ada@"));
    }
}
