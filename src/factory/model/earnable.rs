//! An earnable badge: a public application form attached to a badge. The object and its values are relied on by public
//! clients; the list's filters are of the API page ("Earnable badges").

use serde::Deserialize;

use super::super::id::{BadgeId, EarnableId};
use super::super::lenient;
use super::super::query::Query;

/// An application form as the Factory shows it. Unknown keys are ignored, all but the id may be missing.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "Raw")]
pub struct Earnable {
    /// The form's id.
    pub id: EarnableId,
    /// The badge that is applied for.
    pub badge_id: Option<BadgeId>,
    /// The sub-organisation it belongs to.
    pub client_alias: Option<String>,
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: String,
    /// Its language, such as `en`.
    pub language: Option<String>,
    /// Who decides.
    pub approval_method: ApprovalMethod,
    /// Whether the filled form becomes evidence of the badge.
    pub attach_evidence: AttachEvidence,
    /// Whether it is listed.
    pub is_visible: bool,
    /// Whether it is not published yet.
    pub is_draft: bool,
    /// Open from this moment on, in Unix seconds.
    pub not_before: Option<i64>,
    /// Open up to this moment, in Unix seconds.
    pub not_after: Option<i64>,
    /// Where applicants are sent afterwards.
    pub redirect_url: Option<String>,
    /// The Factory's own page with the form.
    pub apply_url: Option<String>,
    /// The form's fields: HTML from outside. Only where it was asked for.
    pub form_html: Option<String>,
    /// When it was made, in Unix seconds.
    pub created_at: Option<i64>,
    /// When it was last changed, in Unix seconds.
    pub changed_at: Option<i64>,
}

/// Who decides about an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApprovalMethod {
    /// A person.
    Review,
    /// Nobody: issued at once.
    Instant,
    /// Whoever knows the claim code has it at once.
    Secret,
    /// Other applicants.
    Peer,
    /// A method that this client does not know, as sent; empty if none was sent.
    Other(String),
}

impl ApprovalMethod {
    /// The method as the API writes it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Review => "review",
            Self::Instant => "instant",
            Self::Secret => "secret",
            Self::Peer => "peer",
            Self::Other(other) => other,
        }
    }

    /// Reads the API's word.
    pub fn parse(raw: &str) -> Self {
        match raw {
            "review" => Self::Review,
            "instant" => Self::Instant,
            "secret" => Self::Secret,
            "peer" => Self::Peer,
            other => Self::Other(other.to_owned()),
        }
    }
}

/// Whether a filled form becomes evidence of the badge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AttachEvidence {
    /// Always.
    Yes,
    /// Never.
    #[default]
    No,
    /// As the applicant says.
    Optional,
}

/// Which forms a list should hold; the default is all (API page, "Earnable badges").
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EarnableFilter {
    /// Of this sub-organisation.
    pub client_alias: Option<String>,
    /// For one of these badges.
    pub badge_ids: Vec<BadgeId>,
    /// Decided in one of these ways.
    pub approval_methods: Vec<ApprovalMethod>,
    /// Listed ones only, hidden ones only, or both.
    pub visible: Option<bool>,
}

impl EarnableFilter {
    /// The API page prints one filter with a letter missing, public clients send the word whole: both go out, and
    /// whichever the Factory does not know it ignores.
    pub(in super::super) fn query(&self) -> Query {
        let mut query = Query::default();
        query.push_some("client_alias", self.client_alias.as_deref());
        query.push_joined("badge_id", self.badge_ids.iter().map(BadgeId::as_str));
        for spelling in ["approval_method", "appoval_method"] {
            query.push_joined(spelling, self.approval_methods.iter().map(ApprovalMethod::as_str));
        }
        query.push_flag("visible", self.visible);
        query
    }
}

#[derive(Deserialize)]
struct Raw {
    id: EarnableId,
    #[serde(default, deserialize_with = "lenient::text")]
    badge_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    client_alias: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    name: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    description: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    language: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    approval_method: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    attach_evidence: Option<String>,
    #[serde(default, deserialize_with = "lenient::flag")]
    visible: bool,
    #[serde(default, deserialize_with = "lenient::flag")]
    draft: bool,
    #[serde(default, deserialize_with = "lenient::int")]
    not_before: Option<i64>,
    #[serde(default, deserialize_with = "lenient::int")]
    not_after: Option<i64>,
    #[serde(default, deserialize_with = "lenient::text")]
    redirect_url: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    apply_url: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    form_html: Option<String>,
    #[serde(default, deserialize_with = "lenient::int")]
    ctime: Option<i64>,
    #[serde(default, deserialize_with = "lenient::int")]
    mtime: Option<i64>,
}

impl From<Raw> for Earnable {
    fn from(raw: Raw) -> Self {
        Self {
            id: raw.id,
            badge_id: raw.badge_id.and_then(|id| BadgeId::parse(id).ok()),
            client_alias: raw.client_alias,
            name: raw.name.unwrap_or_default(),
            description: raw.description.unwrap_or_default(),
            language: raw.language,
            approval_method: ApprovalMethod::parse(&raw.approval_method.unwrap_or_default()),
            attach_evidence: match raw.attach_evidence.as_deref() {
                Some("yes" | "1" | "true") => AttachEvidence::Yes,
                Some("optional") => AttachEvidence::Optional,
                _ => AttachEvidence::No,
            },
            is_visible: raw.visible,
            is_draft: raw.draft,
            not_before: raw.not_before.filter(|moment| *moment > 0),
            not_after: raw.not_after.filter(|moment| *moment > 0),
            redirect_url: raw.redirect_url,
            apply_url: raw.apply_url,
            form_html: raw.form_html,
            created_at: raw.ctime,
            changed_at: raw.mtime,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_form_is_read_and_an_id_is_enough() {
        let read: Earnable = serde_json::from_value(json!({
            "id": "A7lmDemo05", "client_id": "C8Xk2Demo", "client_alias": null, "badge_id": "B4tqDemo01",
            "name": "Apply: Lab Safety", "description": "Upload it.", "intent": "", "language": "en",
            "approval_method": "review", "visible": 1, "draft": 0, "not_before": null, "not_after": "1800000000",
            "attach_evidence": "optional", "redirect_url": "", "apply_url": "https://factory.example/c/earnablebadge/A/apply",
            "form": "...", "options": {}, "ctime": 1_760_000_000, "mtime": 1_765_000_000,
        }))
        .unwrap();
        assert_eq!(read.badge_id.as_ref().map(BadgeId::as_str), Some("B4tqDemo01"));
        assert_eq!(
            (&read.approval_method, read.attach_evidence),
            (&ApprovalMethod::Review, AttachEvidence::Optional)
        );
        assert_eq!((read.not_before, read.not_after), (None, Some(1_800_000_000)));
        assert_eq!((read.redirect_url, read.form_html), (None, None));
        let least: Earnable = serde_json::from_value(json!({"id": "A1", "options": []})).unwrap();
        assert_eq!(least.approval_method, ApprovalMethod::Other(String::new()));
        assert!(serde_json::from_value::<Earnable>(json!({"name": "x"})).is_err());
    }

    #[test]
    fn methods_read_back_from_their_words() {
        for word in ["review", "instant", "secret", "peer", "jury"] {
            assert_eq!(ApprovalMethod::parse(word).as_str(), word);
        }
    }

    #[test]
    fn every_filter_stands_in_the_query_and_the_approval_one_in_both_spellings() {
        let filter = EarnableFilter {
            client_alias: Some("A1".into()),
            badge_ids: vec![BadgeId::parse("B1").unwrap(), BadgeId::parse("B2").unwrap()],
            approval_methods: vec![ApprovalMethod::Review, ApprovalMethod::Peer],
            visible: Some(true),
        };
        assert_eq!(
            filter.query().behind("/v1/earnablebadge/C/"),
            "/v1/earnablebadge/C/?client_alias=A1&badge_id=B1|B2&approval_method=review|peer\
             &appoval_method=review|peer&visible=1"
        );
        assert_eq!(
            EarnableFilter::default().query().behind("/v1/earnablebadge/C/"),
            "/v1/earnablebadge/C/"
        );
    }
}
