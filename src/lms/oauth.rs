//! OAuth 2.0 tokens of an LMS (RFC 6749): authorization code and refresh for Canvas, client credentials with a signed
//! assertion (RFC 7523) for Brightspace. Plain calls over the checked client: nothing else reaches an LMS.

use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use url::Url;

use super::{AskError, Site, lenient};

/// How long a token lasts if the LMS does not say.
const UNSAID: Duration = Duration::from_mins(5);
const ABOUT: &str = "a token";

/// What the LMS gave.
#[derive(Debug)]
pub struct Tokens {
    /// Opens its interface.
    pub access: SecretString,
    /// Brings the next access token; kept where the LMS does not send another.
    pub refresh: Option<SecretString>,
    /// How long the access token lasts.
    pub lasts: Duration,
    /// Who gave the consent, as Canvas names them.
    pub account: Option<String>,
}

#[derive(Deserialize)]
struct Given {
    access_token: String,
    #[serde(default)]
    token_type: Option<String>,
    #[serde(default, deserialize_with = "lenient::maybe_text")]
    refresh_token: Option<String>,
    #[serde(default, deserialize_with = "lenient::maybe_seconds")]
    expires_in: Option<i64>,
    #[serde(default)]
    user: Option<Account>,
}

#[derive(Deserialize)]
struct Account {
    #[serde(default, deserialize_with = "lenient::maybe_text")]
    name: Option<String>,
}

#[derive(Deserialize)]
struct Denied {
    #[serde(default, deserialize_with = "lenient::maybe_text")]
    error: Option<String>,
}

/// Who asks: the client that the LMS's administrator made.
#[derive(Clone, Copy, Debug)]
pub struct Asker<'a> {
    /// The token endpoint.
    pub token_url: &'a str,
    /// The client's id.
    pub client_id: &'a str,
}

/// The address that an administrator opens to give their consent (RFC 6749 section 4.1.1).
pub fn consent_address(
    authorize_url: &str,
    client_id: &str,
    redirect_uri: &str,
    state: &str,
    scopes: &[&str],
) -> Result<String, AskError> {
    let mut url = Url::parse(authorize_url)
        .map_err(|_| AskError::Refused("the LMS's address must begin with https://".to_owned()))?;
    url.query_pairs_mut()
        .append_pair("client_id", client_id)
        .append_pair("response_type", "code")
        .append_pair("redirect_uri", redirect_uri)
        .append_pair("state", state)
        .append_pair("scope", &scopes.join(" "));
    Ok(url.into())
}

impl Asker<'_> {
    /// Tokens for the code that came back (section 4.1.3).
    pub async fn redeem(
        &self,
        site: &Site,
        secret: &SecretString,
        code: &SecretString,
        redirect_uri: &str,
    ) -> Result<Tokens, AskError> {
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", self.client_id),
            ("client_secret", secret.expose_secret()),
            ("redirect_uri", redirect_uri),
            ("code", code.expose_secret()),
        ];
        self.ask(site, &form).await
    }

    /// The next access token (section 6).
    pub async fn refresh(
        &self,
        site: &Site,
        secret: &SecretString,
        refresh: &SecretString,
    ) -> Result<Tokens, AskError> {
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", self.client_id),
            ("client_secret", secret.expose_secret()),
            ("refresh_token", refresh.expose_secret()),
        ];
        self.ask(site, &form).await
    }

    /// A token for the client itself, proven by a signed assertion (RFC 7523 section 2.2).
    pub async fn by_assertion(&self, site: &Site, assertion: &str, scopes: &[&str]) -> Result<Tokens, AskError> {
        let scope = scopes.join(" ");
        let form = [
            ("grant_type", "client_credentials"),
            (
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ),
            ("client_assertion", assertion),
            ("scope", scope.as_str()),
        ];
        self.ask(site, &form).await
    }

    async fn ask(&self, site: &Site, form: &[(&str, &str)]) -> Result<Tokens, AskError> {
        let answer = site.post(self.token_url, form).await?;
        match answer.status {
            200..=299 => {}
            status @ 400..=499 => {
                let denied: Option<Denied> = answer.read(ABOUT).ok();
                let code = denied.and_then(|denied| denied.error).filter(|code| is_code(code));
                return Err(AskError::NotAuthorised(code.unwrap_or_else(|| status.to_string())));
            }
            status => return Err(AskError::Away(format!("it answered {status}"))),
        }
        let given: Given = answer.read(ABOUT)?;
        let is_bearer = given.token_type.is_none_or(|kind| kind.eq_ignore_ascii_case("bearer"));
        let is_usable =
            !given.access_token.is_empty() && given.access_token.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_bearer || !is_usable {
            return Err(AskError::Unreadable(ABOUT));
        }
        let lasts = given.expires_in.and_then(|seconds| u64::try_from(seconds).ok());
        Ok(Tokens {
            access: SecretString::from(given.access_token),
            refresh: given.refresh_token.map(SecretString::from),
            lasts: lasts.map_or(UNSAID, Duration::from_secs),
            account: given.user.and_then(|user| user.name),
        })
    }
}

/// An error code as the specification writes them (section 5.2): it is shown and logged.
fn is_code(text: &str) -> bool {
    text.len() <= 60
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-. ".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_consent_carries_everything() {
        let address = consent_address(
            "https://canvas.example/login/oauth2/auth",
            "10000000000007",
            "https://badges.example/connections/callback",
            "s t",
            &["url:GET|/api/v1/courses/:id", "b"],
        );
        assert_eq!(
            address.unwrap(),
            "https://canvas.example/login/oauth2/auth?client_id=10000000000007&response_type=code&redirect_uri=https%3A%2F%2Fbadges.example%2Fconnections%2Fcallback&state=s+t&scope=url%3AGET%7C%2Fapi%2Fv1%2Fcourses%2F%3Aid+b"
        );
        assert!(consent_address("canvas", "", "", "", &[]).is_err());
        assert!(is_code("invalid_grant") && !is_code("<b>"));
    }
}
