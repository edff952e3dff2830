//! The first three steps in the browser: the platform's login request (here), our authentication request, its answer
//! (1EdTech security framework 1.0, section 5.1.1).

mod authentication;
mod target_link;

use url::form_urlencoded;

pub use authentication::{AuthenticationRequest, AuthenticationResponse};
pub use target_link::{InvalidOrigin, TargetLink, ToolOrigin};

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lti::testing::check;

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
    fn any_login_text_is_read_or_refused() {
        check("login text", &(".*", ".*"), |(query, body)| {
            let _ = LoginRequest::parse(&query, &body);
            Ok(())
        });
    }
}
