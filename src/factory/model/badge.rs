//! A badge of the Factory, and the filters of its list (API page, "Badges").

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::super::id::{BadgeId, ClientId};
use super::super::lenient;
use super::super::query::Query;
use super::{MessageParts, Picture};

/// A badge as the Factory shows it. Unknown keys are ignored, known ones may all be missing but the id.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(from = "Raw")]
pub struct Badge {
    /// The badge's id.
    pub id: BadgeId,
    /// Who owns it; for a shared badge perhaps not the organisation that asked.
    pub client_id: Option<ClientId>,
    /// Sub-organisations that may issue it.
    pub client_alias: Vec<String>,
    /// Name in the primary language; empty if the Factory sent none.
    pub name: String,
    /// Description in the primary language; empty if the Factory sent none.
    pub description: String,
    /// The picture; `None` if there is none or it cannot be read.
    pub picture: Option<Picture>,
    /// A smaller picture.
    pub small_picture: Option<Picture>,
    /// Style of the criteria page.
    pub css: Option<String>,
    /// Body of the criteria page: HTML from outside.
    pub criteria_html: Option<String>,
    /// The message that issuing sends when the order brings no part of its own.
    pub message: MessageParts,
    /// How long an issued badge is valid unless the order says otherwise.
    pub validity: ValidityDefault,
    /// Tags: part of the badge.
    pub tags: Vec<String>,
    /// Categories: the organisation's own grouping, not the same as tags.
    pub categories: Vec<String>,
    /// Whether it is a draft, which cannot be issued.
    pub is_draft: bool,
    /// Whether it was deleted.
    pub is_deleted: bool,
    /// Private data of the organisation.
    pub metadata: Map<String, Value>,
    /// What it is meant for.
    pub intent: Option<String>,
    /// Primary language, such as `en`.
    pub language: Option<String>,
    /// The other languages.
    pub translations: BTreeMap<String, Translation>,
    /// Alignment to frameworks, as sent.
    pub alignment: Vec<Value>,
    /// What counts as evidence.
    pub evidence_definition: Option<String>,
    /// Evidence page: HTML from outside.
    pub evidence_html: Option<String>,
    /// The badge that this one was copied from.
    pub copy_of: Option<String>,
    /// When it was made, in Unix seconds.
    pub created_at: Option<i64>,
    /// When it was last changed, in Unix seconds.
    pub changed_at: Option<i64>,
}

/// How long an issued badge is valid by default. API v1 calls `expires` a Unix time, but both of the vendor's own
/// plugins read it as a number of months: below 1,000 it is months here, from there on a time (relied on by public
/// clients). An order should always carry its own expiry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ValidityDefault {
    /// Without end.
    #[default]
    None,
    /// This many months from the day of issue.
    Months(u16),
    /// Until this moment, in Unix seconds.
    Until(i64),
}

impl ValidityDefault {
    /// Reads `expires`; absent, null, zero and negative mean no end.
    pub fn of_expires(raw: Option<i64>) -> Self {
        match raw {
            Some(months @ 1..1000) => u16::try_from(months).map_or(Self::None, Self::Months),
            Some(moment @ 1000..) => Self::Until(moment),
            _ => Self::None,
        }
    }
}

/// A badge's texts in one more language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Translation {
    /// Name.
    #[serde(deserialize_with = "lenient::text")]
    pub name: Option<String>,
    /// Description.
    #[serde(deserialize_with = "lenient::text")]
    pub description: Option<String>,
    /// Criteria.
    #[serde(deserialize_with = "lenient::text")]
    pub criteria: Option<String>,
    /// Tags.
    #[serde(deserialize_with = "lenient::texts")]
    pub tags: Vec<String>,
}

/// Which badges a list should hold; the default is all. (API page, "Badges"; `external` relied on by public clients.)
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BadgeFilter {
    /// Drafts only, published ones only, or both.
    pub draft: Option<bool>,
    /// In one of these categories.
    pub categories: Vec<String>,
    /// One of these badges.
    pub ids: Vec<BadgeId>,
    /// Name or description contains this.
    pub query: Option<String>,
    /// Metadata keys that must have exactly these values, all of them.
    pub metadata: Vec<(String, String)>,
    /// With badges shared from elsewhere, or without.
    pub external: Option<bool>,
}

impl BadgeFilter {
    /// Only badges that can be issued.
    pub fn published() -> Self {
        Self {
            draft: Some(false),
            ..Self::default()
        }
    }

    pub(in super::super) fn query(&self) -> Query {
        let mut query = Query::default();
        query.push_flag("draft", self.draft);
        query.push_joined("category", self.categories.iter().map(String::as_str));
        query.push_joined("id", self.ids.iter().map(BadgeId::as_str));
        query.push_some("query", self.query.as_deref());
        for (key, value) in &self.metadata {
            query.push(&format!("meta:{key}"), value);
        }
        query.push_flag("external", self.external);
        query
    }
}

#[derive(Deserialize)]
struct Raw {
    id: BadgeId,
    #[serde(default, deserialize_with = "lenient::text")]
    client_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::texts")]
    client_alias: Vec<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    name: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    description: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    image: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    image_small: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    css: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    criteria_html: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    email_subject: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    email_body: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    email_link_text: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    email_footer: Option<String>,
    #[serde(default, deserialize_with = "lenient::int")]
    expires: Option<i64>,
    #[serde(default, deserialize_with = "lenient::texts")]
    tags: Vec<String>,
    #[serde(default, deserialize_with = "lenient::texts")]
    category: Vec<String>,
    #[serde(default, deserialize_with = "lenient::flag")]
    draft: bool,
    #[serde(default, deserialize_with = "lenient::flag")]
    deleted: bool,
    #[serde(default, deserialize_with = "lenient::object")]
    metadata: Map<String, Value>,
    #[serde(default, deserialize_with = "lenient::text")]
    intent: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    language: Option<String>,
    #[serde(default, deserialize_with = "lenient::object")]
    alt_language: Map<String, Value>,
    #[serde(default, deserialize_with = "lenient::values")]
    alignment: Vec<Value>,
    #[serde(default, deserialize_with = "lenient::text")]
    evidence_definition: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    evidence_html: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    copy_of: Option<String>,
    #[serde(default, deserialize_with = "lenient::int")]
    ctime: Option<i64>,
    #[serde(default, deserialize_with = "lenient::int")]
    mtime: Option<i64>,
}

impl From<Raw> for Badge {
    fn from(raw: Raw) -> Self {
        let translation = |(language, texts)| Some((language, serde_json::from_value(texts).ok()?));
        Self {
            id: raw.id,
            client_id: raw.client_id.and_then(|id| ClientId::parse(id).ok()),
            client_alias: raw.client_alias,
            name: raw.name.unwrap_or_default(),
            description: raw.description.unwrap_or_default(),
            picture: raw.image.as_deref().and_then(Picture::parse),
            small_picture: raw.image_small.as_deref().and_then(Picture::parse),
            css: raw.css,
            criteria_html: raw.criteria_html,
            message: MessageParts {
                subject: raw.email_subject,
                body: raw.email_body,
                link_text: raw.email_link_text,
                footer: raw.email_footer,
            },
            validity: ValidityDefault::of_expires(raw.expires),
            tags: raw.tags,
            categories: raw.category,
            is_draft: raw.draft,
            is_deleted: raw.deleted,
            metadata: raw.metadata,
            intent: raw.intent,
            language: raw.language,
            translations: raw.alt_language.into_iter().filter_map(translation).collect(),
            alignment: raw.alignment,
            evidence_definition: raw.evidence_definition,
            evidence_html: raw.evidence_html,
            copy_of: raw.copy_of,
            created_at: raw.ctime,
            changed_at: raw.mtime,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn badge(mut keys: Value) -> Badge {
        keys["id"] = json!("B4tqDemo01");
        serde_json::from_value(keys).unwrap()
    }

    #[test]
    fn a_full_badge_is_read() {
        let read = badge(json!({
            "client_id": "C8Xk2Demo", "name": "Lab Safety", "description": "Works safely.",
            "image": "data:image/png;base64,iVBORw0KGgo=", "category": ["Safety"], "tags": ["lab"], "draft": 0,
            "expires": 12, "email_subject": "Well done", "email_body": "", "email_link_text": null,
            "alt_language": {"fr": {"name": "Sécurité", "tags": "labo"}}, "metadata": {"course": "BIO101"},
            "ctime": "1760000000", "mtime": 1_765_000_000, "something_new": {"a": [1]},
        }));
        assert_eq!(
            (read.name.as_str(), read.categories, read.tags),
            ("Lab Safety", vec!["Safety".into()], vec!["lab".into()])
        );
        assert_eq!(read.validity, ValidityDefault::Months(12));
        assert!(matches!(read.picture, Some(Picture::Inline { .. })));
        assert_eq!(
            (read.message.subject.as_deref(), read.message.body),
            (Some("Well done"), None)
        );
        assert_eq!(read.translations["fr"].name.as_deref(), Some("Sécurité"));
        assert_eq!(read.translations["fr"].tags, ["labo"]);
        assert_eq!(
            (read.created_at, read.changed_at),
            (Some(1_760_000_000), Some(1_765_000_000))
        );
        assert_eq!(read.metadata["course"], "BIO101");
    }

    #[test]
    fn an_id_is_enough_and_none_is_too_little() {
        let read = badge(json!({}));
        assert!(!read.is_draft && read.picture.is_none() && read.name.is_empty());
        assert!(serde_json::from_value::<Badge>(json!({"name": "x"})).is_err());
    }

    #[test]
    fn expires_is_months_when_small_and_a_moment_when_large() {
        for (raw, read) in [
            (json!(null), ValidityDefault::None),
            (json!(0), ValidityDefault::None),
            (json!(-1), ValidityDefault::None),
            (json!("36"), ValidityDefault::Months(36)),
            (json!(999), ValidityDefault::Months(999)),
            (json!(1000), ValidityDefault::Until(1000)),
            (json!(1_798_761_600), ValidityDefault::Until(1_798_761_600)),
        ] {
            assert_eq!(badge(json!({"expires": raw})).validity, read, "{raw}");
        }
    }

    #[test]
    fn a_draft_is_one_in_every_spelling() {
        for raw in [json!(1), json!(true), json!("1")] {
            assert!(badge(json!({"draft": raw})).is_draft);
        }
        for raw in [json!(0), json!(false), json!("0"), json!(null)] {
            assert!(!badge(json!({"draft": raw})).is_draft);
        }
    }

    #[test]
    fn empty_objects_and_nulls_are_tolerated() {
        let nothing = json!({"metadata": [], "alt_language": [], "tags": null, "category": null, "client_alias": null,
            "alignment": null, "image": null, "image_small": null, "evidence_definition": null, "client_id": null});
        assert_eq!(badge(nothing), badge(json!({})));
        assert_eq!(badge(json!({"client_alias": ["A1"]})).client_alias, ["A1"]);
        let strange = badge(json!({"alt_language": {"fr": null, "de": {"name": 7}}}));
        assert_eq!(strange.translations.keys().collect::<Vec<_>>(), ["de"]);
    }

    #[test]
    fn every_filter_stands_in_the_query() {
        let filter = BadgeFilter {
            draft: Some(false),
            categories: vec!["Onboarding".into(), "Health & Safety".into()],
            ids: vec![BadgeId::parse("B1").unwrap(), BadgeId::parse("B2").unwrap()],
            query: Some("wet lab".into()),
            metadata: vec![("course".into(), "BIO101".into()), ("term".into(), "1".into())],
            external: Some(true),
        };
        assert_eq!(
            filter.query().behind("/v1/badge/C"),
            "/v1/badge/C?draft=0&category=Onboarding|Health%20%26%20Safety&id=B1|B2&query=wet%20lab\
             &meta:course=BIO101&meta:term=1&external=1"
        );
        assert_eq!(BadgeFilter::default().query().behind("/v1/badge/C"), "/v1/badge/C");
        assert_eq!(
            BadgeFilter::published().query().behind("/v1/badge/C"),
            "/v1/badge/C?draft=0"
        );
    }
}
