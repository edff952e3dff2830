//! Operators' single sign-on with an OpenID Connect provider.

use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use super::keys::Keys;
use super::load::ConfigError;
use super::outbound::{Network, network};

/// The provider, what we are there, and whom it may let in.
#[derive(Clone, Debug)]
pub struct SingleSignOn {
    /// The provider's issuer, letter by letter as it names itself.
    pub issuer: String,
    /// What we are called there.
    pub client_id: String,
    /// The secret that goes with it; none: a public client, which PKCE alone protects.
    pub client_secret: Option<SecretString>,
    /// What the button says; none: the issuer's host.
    pub label: String,
    /// Whoever is in one of these groups may sign in.
    pub groups: Vec<String>,
    /// The claim of the `id_token` that names somebody's groups.
    pub groups_claim: String,
    /// Whoever has one of these addresses may, too, if the provider says that it is theirs; in lower case.
    pub addresses: Vec<String>,
    /// What is asked for beside `openid`.
    pub scopes: Vec<String>,
    /// Private networks that one of the provider's hosts may be in.
    pub allowed_networks: Vec<(String, Network)>,
    /// A sign-in that was begun can be finished for so long.
    pub life: Duration,
    /// The longest that a visitor waits for the provider.
    pub wait: Duration,
}

impl SingleSignOn {
    /// `None`: single sign-on is off.
    pub(super) fn read(keys: &Keys) -> Result<Option<Self>, ConfigError> {
        let issuer = keys.optional_text("sso.issuer")?;
        let client_id = plain(keys, "sso.client_id")?;
        let client_secret = plain(keys, "sso.client_secret")?;
        let label = plain(keys, "sso.label")?;
        let groups_claim = plain(keys, "sso.groups_claim")?;
        let groups_claim = groups_claim.ok_or_else(|| keys.invalid("sso.groups_claim", "a value is needed"))?;
        let entry = |text: &str| (!text.contains(char::is_control)).then(|| text.to_owned());
        let groups = keys.list("sso.allowed_groups", "the name of a group", entry)?;
        let addresses = keys.list("sso.allowed_addresses", "an e-mail address", |text| {
            let is_one = text.split_once('@').is_some_and(|(name, host)| {
                !name.is_empty() && host.contains('.') && !text.contains(|c: char| c.is_control() || c.is_whitespace())
            });
            is_one.then(|| text.to_lowercase())
        })?;
        let scopes = keys.list("sso.scopes", "a scope", |text| {
            text.bytes()
                .all(|byte| byte.is_ascii_graphic())
                .then(|| text.to_owned())
        })?;
        let allowed_networks = keys.list(
            "sso.allowed_networks",
            "an entry like login.example.edu=10.1.0.0/16",
            |text| {
                let (host, within) = text.split_once('=')?;
                let network = network(within.trim())?;
                (!host.trim().is_empty()).then(|| (host.trim().to_owned(), network))
            },
        )?;
        let (life, wait) = (keys.millis("sso.life_ms")?, keys.millis("sso.wait_ms")?);
        let Some(issuer) = issuer else {
            if client_id.is_some() || client_secret.is_some() {
                return Err(keys.contradiction("sso.client_id", "sso.issuer", "single sign-on needs both"));
            }
            return Ok(None);
        };
        let url = Url::parse(&issuer).ok().filter(|url| {
            let is_plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
            matches!(url.scheme(), "https" | "http") && url.host_str().is_some() && is_plain
        });
        let Some(url) = url else {
            return Err(keys.invalid("sso.issuer", "an address like https://login.example.edu is needed"));
        };
        let Some(client_id) = client_id else {
            return Err(keys.contradiction("sso.issuer", "sso.client_id", "single sign-on needs both"));
        };
        if groups.is_empty() && addresses.is_empty() {
            return Err(keys.contradiction(
                "sso.allowed_groups",
                "sso.allowed_addresses",
                "nobody could sign in: name a group or an address",
            ));
        }
        Ok(Some(Self {
            label: label.unwrap_or_else(|| url.host_str().unwrap_or_default().to_owned()),
            issuer,
            client_id,
            client_secret: client_secret.map(SecretString::from),
            groups,
            groups_claim,
            addresses,
            scopes,
            allowed_networks,
            life,
            wait,
        }))
    }
}

/// A text without control characters.
fn plain(keys: &Keys, key: &str) -> Result<Option<String>, ConfigError> {
    let text = keys.optional_text(key)?;
    if text.as_ref().is_some_and(|text| text.contains(char::is_control)) {
        return Err(keys.invalid(key, "one line of plain text is needed"));
    }
    Ok(text)
}
