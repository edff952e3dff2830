//! What a platform says about itself (LTI Dynamic Registration 1.0, section 2.1), checked before anything is asked of it.

use serde_json::{Map, Value};
use url::Url;

use crate::lti::address::parse_http;
use crate::lti::claims::{object, text, texts};
use crate::lti::registration::Issuer;

const PLATFORM: &str = "https://purl.imsglobal.org/spec/lti-platform-configuration";
/// The most values that are read from one list: Canvas names some hundred variables.
const MAX_LIST: usize = 1000;

/// Platforms that describe themselves at another host than their issuer's: the issuer, and the ends of the hosts.
const KNOWN_PAIRS: [(&str, &[&str]); 4] = [
    ("https://canvas.instructure.com", &["canvaslms.com", "instructure.com"]),
    (
        "https://canvas.beta.instructure.com",
        &["canvaslms.com", "instructure.com"],
    ),
    (
        "https://canvas.test.instructure.com",
        &["canvaslms.com", "instructure.com"],
    ),
    ("https://blackboard.com", &["blackboard.com"]),
];

/// The families of platforms that name themselves (`product_family_code`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Product {
    Canvas,
    Moodle,
    Brightspace,
    Blackboard,
    Sakai,
    Other,
}

impl Product {
    fn named(code: &str) -> Self {
        match code.to_ascii_lowercase().as_str() {
            "canvas" => Self::Canvas,
            "moodle" => Self::Moodle,
            "desire2learn" => Self::Brightspace,
            "blackboardlearn" => Self::Blackboard,
            "sakai" => Self::Sakai,
            _ => Self::Other,
        }
    }
}

/// A platform's description, as far as it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlatformConfiguration {
    /// As every token will carry it.
    pub issuer: Issuer,
    pub authorization_endpoint: String,
    pub token_endpoint: String,
    pub jwks_uri: String,
    pub registration_endpoint: String,
    /// The audience of token requests, where the platform names one that is an address.
    pub token_audience: Option<String>,
    /// Empty where the platform does not say.
    pub scopes: Vec<String>,
    pub product: Product,
    /// `product_family_code` as it came.
    pub family: String,
    pub version: Option<String>,
    /// The types of messages, each with its placements.
    pub messages: Vec<(String, Vec<String>)>,
    /// The variables that the platform fills in, without their `$`. Empty where it does not say.
    pub variables: Vec<String>,
    /// Canvas: the name of the account.
    pub account: Option<String>,
}

/// Why a description cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnusableConfiguration {
    #[error("the answer is no platform configuration")]
    NotAConfiguration,
    #[error("{0} is missing")]
    Missing(&'static str),
    #[error("{0} is no https address")]
    NotSecure(&'static str),
    /// It speaks for somebody else.
    #[error("the configuration at {host} speaks for the issuer {issuer}")]
    IssuerForeign { issuer: String, host: String },
    #[error("the platform does not sign with RS256")]
    Algorithm,
    #[error("the platform does not take private_key_jwt")]
    Authentication,
}

impl PlatformConfiguration {
    /// Reads the description found at `address`. `may_be_http` says of an http address whether the network that it leads to
    /// was allowed; https ones are not asked about.
    pub fn parse(
        body: &[u8],
        address: &str,
        may_be_http: impl Fn(&Url) -> bool,
    ) -> Result<Self, UnusableConfiguration> {
        use UnusableConfiguration as E;
        let value: Value = serde_json::from_slice(body).map_err(|_| E::NotAConfiguration)?;
        let said = value.as_object().ok_or(E::NotAConfiguration)?;
        let issuer = said.get("issuer").and_then(Value::as_str).ok_or(E::Missing("issuer"))?;
        let issuer = Issuer::parse(issuer).map_err(|_| E::Missing("issuer"))?;
        check_issuer(&issuer, address)?;
        let endpoint = |name: &'static str| -> Result<String, E> {
            let given = said.get(name).and_then(Value::as_str).ok_or(E::Missing(name))?;
            let url = parse_http(given).ok_or(E::NotSecure(name))?;
            if url.fragment().is_some() || (url.scheme() != "https" && !may_be_http(&url)) {
                return Err(E::NotSecure(name));
            }
            Ok(given.to_owned())
        };
        let lacks = |name: &str, wanted: &str| {
            let offered = texts(said, name);
            !offered.is_empty() && !offered.iter().any(|one| one == wanted)
        };
        if lacks("id_token_signing_alg_values_supported", "RS256") {
            return Err(E::Algorithm);
        }
        if lacks("token_endpoint_auth_methods_supported", "private_key_jwt") {
            return Err(E::Authentication);
        }
        let platform = object(said, PLATFORM).ok_or(E::Missing("lti-platform-configuration"))?;
        let family = text(platform, "product_family_code").unwrap_or_default();
        Ok(Self {
            authorization_endpoint: endpoint("authorization_endpoint")?,
            token_endpoint: endpoint("token_endpoint")?,
            jwks_uri: endpoint("jwks_uri")?,
            registration_endpoint: endpoint("registration_endpoint")?,
            token_audience: text(said, "authorization_server").filter(|audience| parse_http(audience).is_some()),
            scopes: texts(said, "scopes_supported"),
            product: Product::named(&family),
            family,
            version: text(platform, "version"),
            messages: messages(platform),
            variables: list(platform, "variables"),
            account: text(platform, "https://canvas.instructure.com/lti/account_name"),
            issuer,
        })
    }

    /// Whether the platform sends this type of message.
    pub fn sends(&self, message: &str) -> bool {
        self.messages.iter().any(|(kind, _)| kind == message)
    }
}

/// The issuer's host must be the one that the description lies at (section 3.5.1): else whoever has an address of their
/// own could speak for another's platform. A few known platforms describe themselves elsewhere.
fn check_issuer(issuer: &Issuer, address: &str) -> Result<(), UnusableConfiguration> {
    use UnusableConfiguration as E;
    let found_at = parse_http(address).ok_or(E::NotAConfiguration)?;
    let host = found_at.host_str().unwrap_or_default().to_owned();
    let claimed = parse_http(issuer.as_str());
    let same_host = claimed
        .as_ref()
        .is_some_and(|claimed| claimed.host() == found_at.host() && claimed.port() == found_at.port());
    let is_known = KNOWN_PAIRS
        .iter()
        .filter(|(known, _)| *known == issuer.as_str())
        .flat_map(|(_, ends)| ends.iter())
        .any(|end| host == *end || host.strip_suffix(end).is_some_and(|rest| rest.ends_with('.')));
    let is_plain = claimed.is_some_and(|claimed| claimed.query().is_none() && claimed.fragment().is_none());
    if is_plain && (same_host || (is_known && found_at.scheme() == "https")) {
        Ok(())
    } else {
        Err(E::IssuerForeign {
            issuer: issuer.as_str().to_owned(),
            host,
        })
    }
}

fn messages(platform: &Map<String, Value>) -> Vec<(String, Vec<String>)> {
    let listed = platform.get("messages_supported").and_then(Value::as_array);
    let read = |message: &Value| match message {
        // some platforms list bare names
        Value::String(kind) => Some((kind.clone(), Vec::new())),
        Value::Object(message) => Some((text(message, "type")?, texts(message, "placements"))),
        _ => None,
    };
    listed.into_iter().flatten().take(100).filter_map(read).collect()
}

fn list(platform: &Map<String, Value>, name: &str) -> Vec<String> {
    let listed = platform.get(name).and_then(Value::as_array);
    let words = listed.into_iter().flatten().take(MAX_LIST).filter_map(Value::as_str);
    words.map(|word| word.trim_start_matches('$').to_owned()).collect()
}
