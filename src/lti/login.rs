//! The first three steps in the browser: the platform's login request, our authentication request, its answer.
//!
//! Rules: OpenID Connect for LTI (1EdTech security framework 1.0, section 5.1.1).

use openidconnect::{AuthUrl, ClientId, CsrfToken, Nonce, RedirectUrl};
use url::{Url, form_urlencoded};

use super::address::{parse_http, same_origin, with_query};
use super::error::LaunchError;
use super::registration::{DeploymentId, Issuer, LtiClientId};

/// The longest parameter that is accepted, in bytes. Canvas' message hints are signed tokens of some kilobytes.
pub const MAX_PARAMETER_BYTES: usize = 8 * 1024;

/// A third-party initiated login, as the platform sent it through the browser. Nothing in it is proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginRequest {
    pub issuer: Issuer,
    /// Opaque; goes back byte for byte.
    pub login_hint: String,
    /// Opaque; goes back byte for byte if it came, and does not appear if it did not.
    pub lti_message_hint: Option<String>,
    /// Where the launch is to lead. Some platforms leave it out.
    pub target_link_uri: Option<String>,
    pub client_id: Option<LtiClientId>,
    pub deployment_id: Option<DeploymentId>,
    /// The frame that keeps values for the tool, where the platform offers it.
    pub storage_target: Option<String>,
}

/// Why a login request cannot be used. The name is that of the parameter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoginError {
    #[error("the login request lacks {name}")]
    Missing { name: &'static str },
    #[error("the login request's {name} is too long or no identifier")]
    Invalid { name: &'static str },
    #[error("the login request has two different values of {name}")]
    Contradiction { name: &'static str },
}

impl LoginError {
    /// A short name that does not change: for logs, pages and tests.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "login_parameter_missing",
            Self::Invalid { .. } => "login_parameter_invalid",
            Self::Contradiction { .. } => "login_parameter_contradicts",
        }
    }

    /// The parameter that is meant.
    pub const fn parameter(&self) -> &'static str {
        match self {
            Self::Missing { name } | Self::Invalid { name } | Self::Contradiction { name } => name,
        }
    }
}

impl LoginRequest {
    /// Reads the request from the query and the form body (empty for GET), both URL-encoded as received. A platform may
    /// spread the parameters over both. Unknown parameters are ignored.
    pub fn parse(query: &str, body: &str) -> Result<Self, LoginError> {
        Self::from_pairs(pairs(query).chain(pairs(body)))
    }

    /// The same from decoded names and values.
    pub fn from_pairs(
        pairs: impl IntoIterator<Item = (impl AsRef<str>, impl Into<String>)>,
    ) -> Result<Self, LoginError> {
        let mut found = Parameters::default();
        for (name, value) in pairs {
            found.take(name.as_ref(), value.into())?;
        }
        let Parameters {
            iss,
            login_hint,
            lti_message_hint,
            target_link_uri,
            client_id,
            lti_deployment_id,
            deployment_id,
            lti_storage_target,
        } = found;
        let iss = present(iss).ok_or(LoginError::Missing { name: "iss" })?;
        let login_hint = present(login_hint).ok_or(LoginError::Missing { name: "login_hint" })?;
        // Canvas says deployment_id, the specification lti_deployment_id
        let deployment_id = present(lti_deployment_id).or_else(|| present(deployment_id));
        Ok(Self {
            issuer: Issuer::parse(iss).map_err(|_| LoginError::Invalid { name: "iss" })?,
            login_hint,
            lti_message_hint,
            target_link_uri: present(target_link_uri),
            client_id: present(client_id)
                .map(LtiClientId::parse)
                .transpose()
                .map_err(|_| LoginError::Invalid { name: "client_id" })?,
            deployment_id: deployment_id
                .map(DeploymentId::parse)
                .transpose()
                .map_err(|_| LoginError::Invalid {
                    name: "lti_deployment_id",
                })?,
            storage_target: present(lti_storage_target),
        })
    }
}

fn pairs(encoded: &str) -> impl Iterator<Item = (String, String)> + '_ {
    form_urlencoded::parse(encoded.as_bytes()).into_owned()
}

fn present(value: Option<String>) -> Option<String> {
    value.filter(|value| !value.is_empty())
}

#[derive(Default)]
struct Parameters {
    iss: Option<String>,
    login_hint: Option<String>,
    lti_message_hint: Option<String>,
    target_link_uri: Option<String>,
    client_id: Option<String>,
    lti_deployment_id: Option<String>,
    deployment_id: Option<String>,
    lti_storage_target: Option<String>,
}

impl Parameters {
    fn take(&mut self, name: &str, value: String) -> Result<(), LoginError> {
        let (name, slot) = match name {
            "iss" => ("iss", &mut self.iss),
            "login_hint" => ("login_hint", &mut self.login_hint),
            "lti_message_hint" => ("lti_message_hint", &mut self.lti_message_hint),
            "target_link_uri" => ("target_link_uri", &mut self.target_link_uri),
            "client_id" => ("client_id", &mut self.client_id),
            "lti_deployment_id" => ("lti_deployment_id", &mut self.lti_deployment_id),
            "deployment_id" => ("deployment_id", &mut self.deployment_id),
            "lti_storage_target" => ("lti_storage_target", &mut self.lti_storage_target),
            _ => return Ok(()),
        };
        if value.len() > MAX_PARAMETER_BYTES {
            return Err(LoginError::Invalid { name });
        }
        match slot {
            Some(known) if *known != value => Err(LoginError::Contradiction { name }),
            _ => {
                *slot = Some(value);
                Ok(())
            }
        }
    }
}

/// What the browser is sent to the platform with.
#[derive(Clone, Debug)]
pub struct AuthenticationRequest {
    pub authorization_endpoint: AuthUrl,
    pub client_id: ClientId,
    /// One of the registered ones, byte for byte: platforms compare whole strings.
    pub redirect_uri: RedirectUrl,
    /// Kept in the login record; comes back with the answer.
    pub state: CsrfToken,
    /// Kept in the login record; comes back inside the token.
    pub nonce: Nonce,
    /// As received.
    pub login_hint: String,
    /// As received, if received.
    pub lti_message_hint: Option<String>,
}

impl AuthenticationRequest {
    /// The address to send the browser to, by a 302 or 303: a 307 would post the login form to the platform.
    pub fn address(&self) -> String {
        let mut parameters = vec![
            // Moodle takes exactly these values only
            ("scope", "openid"),
            ("response_type", "id_token"),
            ("response_mode", "form_post"),
            ("prompt", "none"),
            ("client_id", self.client_id.as_str()),
            ("redirect_uri", self.redirect_uri.as_str()),
            ("state", self.state.secret()),
            ("nonce", self.nonce.secret()),
            ("login_hint", &self.login_hint),
        ];
        if let Some(hint) = &self.lti_message_hint {
            parameters.push(("lti_message_hint", hint));
        }
        let given = self.authorization_endpoint.as_str();
        // the text as the administrator gave it, unless it could break a header
        let base = if given.bytes().all(|byte| byte.is_ascii_graphic()) {
            given
        } else {
            self.authorization_endpoint.url().as_str()
        };
        with_query(base, &parameters)
    }
}

/// What the platform posts to the redirect address.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthenticationResponse {
    pub state: String,
    pub id_token: String,
}

/// Without the token and the state.
impl std::fmt::Debug for AuthenticationResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "an id_token of {} bytes", self.id_token.len())
    }
}

impl AuthenticationResponse {
    /// Reads the posted form. An error that the platform posts instead comes back as
    /// [`LaunchError::PlatformError`], shortened to what an error code can be (RFC 6749 section 4.1.2.1).
    pub fn parse(body: &str) -> Result<Self, LaunchError> {
        Self::from_pairs(pairs(body))
    }

    /// The same from decoded names and values. The first of each name counts.
    pub fn from_pairs(
        pairs: impl IntoIterator<Item = (impl AsRef<str>, impl Into<String>)>,
    ) -> Result<Self, LaunchError> {
        let (mut state, mut id_token, mut error) = (None, None, None);
        for (name, value) in pairs {
            match name.as_ref() {
                "state" => state = state.or_else(|| present(Some(value.into()))),
                "id_token" => id_token = id_token.or_else(|| present(Some(value.into()))),
                "error" => error = error.or_else(|| present(Some(value.into()))),
                _ => {}
            }
        }
        if let Some(error) = error {
            let error = error.chars().filter(char::is_ascii_graphic).take(64).collect();
            return Err(LaunchError::PlatformError { error });
        }
        let state = state.ok_or(LaunchError::StateMissing)?;
        let id_token = id_token.ok_or(LaunchError::TokenMissing)?;
        Ok(Self { state, id_token })
    }
}

/// The scheme, host and port that platforms see the tool under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolOrigin(Url);

/// An address that is not an http(s) one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an http or https address")]
pub struct InvalidOrigin;

impl ToolOrigin {
    /// Takes the tool's public address; its path does not matter.
    pub fn parse(public_url: &str) -> Result<Self, InvalidOrigin> {
        parse_http(public_url).map(Self).ok_or(InvalidOrigin)
    }

    /// The target link in `raw`, if it is one of ours: same scheme, host and port, written out in full.
    pub fn target_link(&self, raw: &str) -> Result<TargetLink, LaunchError> {
        match parse_http(raw) {
            Some(url) if same_origin(&url, &self.0) => Ok(TargetLink(url)),
            _ => Err(LaunchError::TargetLinkForeign),
        }
    }
}

/// An address of this tool that a launch may lead to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetLink(Url);

impl TargetLink {
    /// The whole address.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The path, with its leading slash.
    pub fn path(&self) -> &str {
        self.0.path()
    }

    /// The first value of `name` in the query.
    pub fn parameter(&self, name: &str) -> Option<String> {
        self.0
            .query_pairs()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.into_owned())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing::{cases, check};
    use super::*;

    fn request(endpoint: &str, login_hint: &str, lti_message_hint: Option<&str>) -> AuthenticationRequest {
        AuthenticationRequest {
            authorization_endpoint: AuthUrl::new(endpoint.to_owned()).unwrap(),
            client_id: ClientId::new("client/1".to_owned()),
            redirect_uri: RedirectUrl::new("https://tool.example/lti/launch".to_owned()).unwrap(),
            state: CsrfToken::new("the-state".to_owned()),
            nonce: Nonce::new("the-nonce".to_owned()),
            login_hint: login_hint.to_owned(),
            lti_message_hint: lti_message_hint.map(str::to_owned),
        }
    }

    fn query_of(address: &str) -> Vec<(String, String)> {
        Url::parse(address).unwrap().query_pairs().into_owned().collect()
    }

    #[test]
    fn the_parameters_may_come_in_query_and_body() {
        let login = LoginRequest::parse(
            "lti_storage_target=_parent&unknown=1",
            "iss=http%3A%2F%2Flms.example&login_hint=2&target_link_uri=https%3A%2F%2Ftool.example%2F&client_id=demo&lti_deployment_id=1",
        )
        .unwrap();
        assert_eq!(login.issuer.as_str(), "http://lms.example");
        assert_eq!(login.storage_target.as_deref(), Some("_parent"));
        assert_eq!(login.client_id.unwrap().as_str(), "demo");
        assert_eq!(login.deployment_id.unwrap().as_str(), "1");
        assert_eq!(login.lti_message_hint, None);
    }

    #[test]
    fn both_names_of_the_deployment_are_read() {
        let login = LoginRequest::parse("iss=i&login_hint=h&deployment_id=d", "").unwrap();
        assert_eq!(login.deployment_id.unwrap().as_str(), "d");
        let login = LoginRequest::parse("iss=i&login_hint=h&deployment_id=d&lti_deployment_id=e", "").unwrap();
        assert_eq!(login.deployment_id.unwrap().as_str(), "e");
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(
            LoginRequest::parse("login_hint=h", ""),
            Err(LoginError::Missing { name: "iss" })
        );
        assert_eq!(
            LoginRequest::parse("iss=&login_hint=h", ""),
            Err(LoginError::Missing { name: "iss" })
        );
        assert_eq!(
            LoginRequest::parse("iss=i", ""),
            Err(LoginError::Missing { name: "login_hint" })
        );
        let long = format!("iss=i&login_hint={}", "x".repeat(MAX_PARAMETER_BYTES + 1));
        assert_eq!(
            LoginRequest::parse(&long, ""),
            Err(LoginError::Invalid { name: "login_hint" })
        );
    }

    #[test]
    fn one_parameter_with_two_values_is_refused() {
        assert_eq!(
            LoginRequest::parse("iss=i&login_hint=h", "iss=j"),
            Err(LoginError::Contradiction { name: "iss" })
        );
        assert!(LoginRequest::parse("iss=i&login_hint=h", "iss=i").is_ok());
    }

    #[test]
    fn the_authentication_request_has_every_parameter() {
        let address = request("https://lms.example/auth", "hint", Some("message")).address();
        let expected = [
            ("scope", "openid"),
            ("response_type", "id_token"),
            ("response_mode", "form_post"),
            ("prompt", "none"),
            ("client_id", "client/1"),
            ("redirect_uri", "https://tool.example/lti/launch"),
            ("state", "the-state"),
            ("nonce", "the-nonce"),
            ("login_hint", "hint"),
            ("lti_message_hint", "message"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(query_of(&address), expected);
    }

    #[test]
    fn hints_are_echoed_unchanged() {
        let hint = "a+b &=%20\"{}% ü/\u{1F600}";
        let moodle = r#"{"cmid":3,"launchid":"ltilaunch1_29642527"}"#;
        let query = query_of(&request("https://lms.example/auth", hint, Some(moodle)).address());
        assert!(query.contains(&("login_hint".to_owned(), hint.to_owned())));
        assert!(query.contains(&("lti_message_hint".to_owned(), moodle.to_owned())));
    }

    #[test]
    fn a_message_hint_that_did_not_come_is_left_out_and_an_empty_one_stays() {
        assert!(
            !request("https://lms.example/auth", "h", None)
                .address()
                .contains("lti_message_hint")
        );
        let empty = request("https://lms.example/auth", "h", Some("")).address();
        assert!(empty.ends_with("&lti_message_hint="));
    }

    #[test]
    fn an_endpoint_with_a_query_is_extended() {
        let address = request("http://host/?lti-platform&auth", "h", None).address();
        assert!(
            address.starts_with("http://host/?lti-platform&auth&scope=openid&"),
            "{address}"
        );
    }

    #[test]
    fn an_endpoint_cannot_break_the_header() {
        let address = request("https://lms.example/au th\r\nX: y?ä", "h", None).address();
        assert!(address.bytes().all(|byte| byte.is_ascii_graphic()), "{address}");
    }

    #[test]
    fn only_own_addresses_are_target_links() {
        let origin = ToolOrigin::parse("https://tool.example/").unwrap();
        let link = origin.target_link("https://TOOL.example:443/c/home?x=1&y=2").unwrap();
        assert_eq!((link.path(), link.parameter("y").as_deref()), ("/c/home", Some("2")));
        for foreign in [
            "https://other.example/c/home",
            "http://tool.example/c/home",
            "https://tool.example:8443/c/home",
            "https://tool.example.evil.example/",
            "https://tool.example@evil.example/",
            "//evil",
            "//tool.example/c/home",
            "/c/home",
            "javascript:alert(1)",
            "tool.example/c/home",
            "",
        ] {
            assert_eq!(
                origin.target_link(foreign),
                Err(LaunchError::TargetLinkForeign),
                "{foreign}"
            );
        }
        assert!(ToolOrigin::parse("tool.example").is_err());
        assert!(
            ToolOrigin::parse("http://127.0.0.1:8080")
                .unwrap()
                .target_link("http://127.0.0.1:8080/lti/launch")
                .is_ok()
        );
    }

    #[test]
    fn the_answer_is_a_token_or_an_error() {
        let answer = AuthenticationResponse::parse("state=s&id_token=a.b.c&lti_storage_target=_parent").unwrap();
        assert_eq!((answer.state.as_str(), answer.id_token.as_str()), ("s", "a.b.c"));
        assert_eq!(
            AuthenticationResponse::parse("id_token=a.b.c"),
            Err(LaunchError::StateMissing)
        );
        assert_eq!(AuthenticationResponse::parse("state=s"), Err(LaunchError::TokenMissing));
        assert_eq!(
            AuthenticationResponse::parse("error=login_required&error_description=%3Cb%3E&state=s"),
            Err(LaunchError::PlatformError {
                error: "login_required".to_owned()
            })
        );
    }

    #[test]
    fn any_login_text_is_read_or_refused() {
        check("login text", &(".*", ".*"), |(query, body)| {
            let _ = LoginRequest::parse(&query, &body);
            let _ = AuthenticationResponse::parse(&body);
            Ok(())
        });
    }

    #[test]
    fn any_hint_survives_the_way_through_the_browser() {
        let values = ("\\PC{1,60}", ".{1,60}", proptest::option::of(".{0,60}"), any::<bool>());
        check("login round trip", &values, |(iss, hint, message, in_body)| {
            let mut parts = vec![("iss", iss.as_str()), ("login_hint", hint.as_str())];
            if let Some(message) = &message {
                parts.push(("lti_message_hint", message));
            }
            let encoded = super::super::address::encode_pairs(&parts);
            let (query, body) = if in_body {
                ("", encoded.as_str())
            } else {
                (encoded.as_str(), "")
            };
            let login = LoginRequest::parse(query, body).unwrap();
            prop_assert_eq!(login.issuer.as_str(), &iss);
            prop_assert_eq!(&login.login_hint, &hint);
            prop_assert_eq!(&login.lti_message_hint, &message);
            let address = request(
                "https://lms.example/auth?x",
                &login.login_hint,
                login.lti_message_hint.as_deref(),
            )
            .address();
            let echoed = query_of(&address);
            prop_assert!(echoed.contains(&("login_hint".to_owned(), hint)));
            prop_assert_eq!(
                echoed
                    .iter()
                    .find(|(name, _)| name == "lti_message_hint")
                    .map(|(_, value)| value),
                message.as_ref()
            );
            Ok(())
        });
        assert_eq!(cases().cases, 10_000);
    }
}
