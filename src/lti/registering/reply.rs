//! The platform's answer to a registration (LTI Dynamic Registration 1.0, section 3.6.1).

use serde_json::Value;

use crate::lti::claims::{identifier, object, text};
use crate::lti::fetch::Response;
use crate::lti::registration::{DeploymentId, LtiClientId};

const TOOL: &str = "https://purl.imsglobal.org/spec/lti-tool-configuration";
/// The longest text of a refusal that is shown, in characters.
const MAX_SAID: usize = 300;

/// What the platform gave the tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    pub client_id: LtiClientId,
    /// Moodle names it at once; Canvas does not.
    pub deployment: Option<DeploymentId>,
}

/// Why an answer is no registration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnusableReply {
    /// The platform refused; what it said, if it said something.
    #[error("the platform refused with status {status}")]
    Refused { status: u16, said: Option<String> },
    #[error("the answer names no usable client_id")]
    Unreadable,
}

impl Registered {
    /// Reads the answer: any 2xx is a success (the specification has 200, some platforms say 201).
    pub fn read(response: &Response) -> Result<Self, UnusableReply> {
        let value: Option<Value> = serde_json::from_slice(&response.body).ok();
        let said = value.as_ref().and_then(Value::as_object);
        if !(200..300).contains(&response.status) {
            let words = |name: &str| said.and_then(|said| text(said, name));
            let said = words("error_description")
                .or_else(|| words("message"))
                .or_else(|| words("error"))
                .map(|said| said.chars().take(MAX_SAID).collect());
            let status = response.status;
            return Err(UnusableReply::Refused { status, said });
        }
        let said = said.ok_or(UnusableReply::Unreadable)?;
        let client_id = identifier(said, "client_id").ok_or(UnusableReply::Unreadable)?;
        let deployment = object(said, TOOL)
            .and_then(|tool| identifier(tool, "deployment_id"))
            .and_then(|id| DeploymentId::parse(id).ok());
        Ok(Self {
            client_id: LtiClientId::parse(client_id).map_err(|_| UnusableReply::Unreadable)?,
            deployment,
        })
    }
}
