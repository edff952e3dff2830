//! The second and third step in the browser: our authentication request and the platform's answer
//! (1EdTech security framework 1.0, sections 5.1.1.2 to 5.1.1.5).

use openidconnect::{AuthUrl, ClientId, CsrfToken, Nonce, RedirectUrl};

use super::{pairs, present};
use crate::lti::address::with_query;
use crate::lti::error::LaunchError;

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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use url::Url;

    use super::*;
    use crate::lti::login::LoginRequest;
    use crate::lti::testing::check;

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
    fn any_answer_is_read_or_refused() {
        check("answer text", &".*", |body| {
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
            let encoded = crate::lti::address::encode_pairs(&parts);
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
    }
}
