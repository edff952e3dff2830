//! An organisation at the Factory ("client"; API page, "Client").

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::super::id::ClientId;
use super::super::lenient;
use super::Picture;

/// An organisation as the Factory shows it: what public clients read. Unknown keys are ignored, all but the id may be
/// missing.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(from = "Raw")]
pub struct Organisation {
    /// Its id.
    pub id: ClientId,
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: String,
    /// Its public address for mail.
    pub email: Option<String>,
    /// Its web address.
    pub url: Option<String>,
    /// Its picture.
    pub picture: Option<Picture>,
    /// Where answers to issuing mails go.
    pub reply_to: Option<String>,
    /// Its country.
    pub country: Option<String>,
    /// Its kind.
    pub kind: Option<String>,
    /// The plan it pays for, such as `pro`.
    pub tier: Option<String>,
    /// Until when it has paid, in Unix seconds.
    pub paid_until: Option<i64>,
    /// Badges it may issue a year; `None` without a limit.
    pub issuing_limit: Option<i64>,
    /// How many sub-organisations it has.
    pub aliases: i64,
    /// Whether the Factory vouches for it.
    pub is_verified: bool,
    /// Whether it is closed for now.
    pub is_suspended: bool,
    /// When it was made, in Unix seconds.
    pub created_at: Option<i64>,
    /// When it was last changed, in Unix seconds.
    pub changed_at: Option<i64>,
}

/// What an organisation may change of itself. Address, description and mail are required by the API; without a
/// picture the old one stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrganisationProfile {
    /// Its web address.
    pub url: String,
    /// Its description.
    pub description: String,
    /// Its public address for mail.
    pub email: String,
    /// Its picture: a PNG.
    pub picture: Option<Vec<u8>>,
}

impl OrganisationProfile {
    /// The body of the call.
    pub fn to_json(&self) -> Value {
        let mut body = Map::new();
        body.insert("url".to_owned(), self.url.as_str().into());
        body.insert("description".to_owned(), self.description.as_str().into());
        body.insert("email".to_owned(), self.email.as_str().into());
        if let Some(png) = &self.picture {
            body.insert("image".to_owned(), STANDARD.encode(png).into());
        }
        body.into()
    }
}

#[derive(Deserialize)]
struct Raw {
    id: ClientId,
    #[serde(default, deserialize_with = "lenient::text")]
    name: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    description: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    email: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    url: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    image: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    reply_to: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    country: Option<String>,
    #[serde(default, rename = "type", deserialize_with = "lenient::text")]
    kind: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    tier: Option<String>,
    #[serde(default, deserialize_with = "lenient::int")]
    paid_until: Option<i64>,
    #[serde(default, deserialize_with = "lenient::int")]
    issuing_limit: Option<i64>,
    #[serde(default, deserialize_with = "lenient::int")]
    aliases: Option<i64>,
    #[serde(default, deserialize_with = "lenient::flag")]
    verified: bool,
    #[serde(default, deserialize_with = "lenient::flag")]
    suspended: bool,
    #[serde(default, deserialize_with = "lenient::int")]
    ctime: Option<i64>,
    #[serde(default, deserialize_with = "lenient::int")]
    mtime: Option<i64>,
}

impl From<Raw> for Organisation {
    fn from(raw: Raw) -> Self {
        Self {
            id: raw.id,
            name: raw.name.unwrap_or_default(),
            description: raw.description.unwrap_or_default(),
            email: raw.email,
            url: raw.url,
            picture: raw.image.as_deref().and_then(Picture::parse),
            reply_to: raw.reply_to,
            country: raw.country,
            kind: raw.kind,
            tier: raw.tier,
            paid_until: raw.paid_until,
            issuing_limit: raw.issuing_limit.filter(|limit| *limit > 0),
            aliases: raw.aliases.unwrap_or_default(),
            is_verified: raw.verified,
            is_suspended: raw.suspended,
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
    fn an_organisation_is_read_and_an_id_is_enough() {
        let read: Organisation = serde_json::from_value(json!({
            "id": "C8Xk2Demo", "name": "Example College", "description": "D", "email": "o@example.org",
            "url": "https://example.org", "image": "", "type": "education", "tier": "pro", "issuing_limit": "500",
            "aliases": 2, "verified": 1, "suspended": 0, "ctime": 1, "mtime": "2", "client_config": {}, "partner": null,
        }))
        .unwrap();
        assert_eq!(
            (read.name.as_str(), read.tier.as_deref()),
            ("Example College", Some("pro"))
        );
        assert_eq!(
            (read.issuing_limit, read.aliases, read.is_verified),
            (Some(500), 2, true)
        );
        assert!(read.picture.is_none() && !read.is_suspended);
        let least: Organisation = serde_json::from_value(json!({"id": "C1", "issuing_limit": 0})).unwrap();
        assert_eq!((least.name.as_str(), least.issuing_limit), ("", None));
    }

    #[test]
    fn a_profile_is_sent_with_its_picture_only_if_there_is_one() {
        let mut profile = OrganisationProfile {
            url: "https://example.org".into(),
            description: "D".into(),
            email: "o@example.org".into(),
            picture: None,
        };
        let without = json!({"url": "https://example.org", "description": "D", "email": "o@example.org"});
        assert_eq!(profile.to_json(), without);
        profile.picture = Some(b"\x89PNG".to_vec());
        assert_eq!(profile.to_json()["image"], "iVBORw==");
    }
}
