//! From proven claims to a launch: what LTI asks of a message, and that its login was spent exactly once.

use openidconnect::Nonce;
use serde_json::Value;

use super::claims::{
    self, Context, Custom, Grades, LegacyIds, NamesAndRoles, Notices, Person, Platform, Presentation, ResourceLink,
    SourcedIds, claim,
};
use super::deep_link::Settings;
use super::error::LaunchError;
use super::login::{TargetLink, ToolOrigin};
use super::registration::{DeploymentId, Subject, Terms};
use super::roles::{MAX_ROLES, Roles};
use super::token::{SignedClaims, same};

/// What a platform may want of the tool (LTI 1.3 section 5.3.1 and the extensions).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MessageType {
    ResourceLink,
    DeepLinking,
    SubmissionReview,
    DataPrivacy,
    Eula,
    ContextLaunch,
    /// Any other, as it came, shortened.
    Other(String),
}

impl MessageType {
    fn read(name: &str) -> Self {
        match name {
            "LtiResourceLinkRequest" => Self::ResourceLink,
            "LtiDeepLinkingRequest" => Self::DeepLinking,
            "LtiSubmissionReviewRequest" => Self::SubmissionReview,
            // Sakai says it without the prefix
            "LtiDataPrivacyLaunchRequest" | "DataPrivacyLaunchRequest" => Self::DataPrivacy,
            "LtiEulaRequest" => Self::Eula,
            "LtiContextLaunchRequest" => Self::ContextLaunch,
            other => Self::Other(other.chars().filter(char::is_ascii_graphic).take(64).collect()),
        }
    }
}

/// A message that was proven and understood.
#[derive(Clone, Debug, PartialEq)]
pub enum Received {
    /// A link in a course was clicked, or something is to be placed there.
    Launch(Box<LaunchClaims>),
    /// Well-formed, but nothing that this tool does: say so, start no session.
    NotAvailable(NotAvailable),
}

/// A message of a type that this tool does not serve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAvailable {
    pub message_type: MessageType,
    pub presentation: Presentation,
    pub locale: Option<String>,
}

/// What a launch is for.
#[derive(Clone, Debug, PartialEq)]
pub enum Purpose {
    /// A link in a course was clicked.
    ResourceLink {
        link: ResourceLink,
        target: TargetLink,
        /// The login named another target: worth a line in the log.
        target_differs: bool,
    },
    /// Something is to be placed in the course (LTI Deep Linking 2.0).
    DeepLinking(Settings),
}

/// What a launch says. Proven, but its login is not spent yet: see [`LaunchClaims::claim`].
#[derive(Clone, PartialEq)]
pub struct LaunchClaims {
    pub deployment: DeploymentId,
    /// Nothing only where the registration allows launches without a name.
    pub subject: Option<Subject>,
    pub person: Person,
    pub roles: Roles,
    /// Nothing if the launch comes from no course.
    pub context: Option<Context>,
    /// Contexts that the course was copied from, where the platform says so by itself.
    pub history: Vec<String>,
    pub purpose: Purpose,
    pub platform: Platform,
    pub presentation: Presentation,
    pub custom: Custom,
    pub sourced_ids: SourcedIds,
    pub legacy_ids: LegacyIds,
    pub names_and_roles: Option<NamesAndRoles>,
    pub grades: Option<Grades>,
    pub notices: Option<Notices>,
    nonce: Secret,
}

#[derive(Clone)]
struct Secret(Nonce);

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        same(self.0.secret(), other.0.secret())
    }
}

/// Without names, addresses and custom values.
impl std::fmt::Debug for LaunchClaims {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LaunchClaims")
            .field("deployment", &self.deployment)
            .field("roles", &self.roles)
            .field("context", &self.context.as_ref().map(|context| &context.id))
            .field("resource_link", &self.link().map(|link| &link.id))
            .finish_non_exhaustive()
    }
}

impl SignedClaims {
    /// Reads the message. `origin` is the tool's own; `login_target` is what the login named, to be compared.
    pub fn read(
        &self,
        terms: &Terms,
        origin: &ToolOrigin,
        login_target: Option<&str>,
    ) -> Result<Received, LaunchError> {
        let claims = &self.claims;
        if claims.get(claim::VERSION).and_then(Value::as_str) != Some("1.3.0") {
            return Err(LaunchError::VersionNotSupported);
        }
        let message_type = match self.message_type() {
            None | Some("") => return Err(LaunchError::MessageTypeMissing),
            // the tool itself sends these
            Some("LtiDeepLinkingResponse" | "LtiStartAssessment") => return Err(LaunchError::ResponseIsNoLaunch),
            Some(name) => MessageType::read(name),
        };
        let deployment = claims::identifier(claims, claim::DEPLOYMENT_ID)
            .and_then(|id| DeploymentId::parse(id).ok())
            .ok_or(LaunchError::DeploymentMissing)?;
        if message_type == MessageType::SubmissionReview && !self.names_a_submission() {
            return Err(LaunchError::SubmissionMissing);
        }
        let presentation = Presentation::read(claims);
        let person = Person::read(claims);
        if !matches!(message_type, MessageType::ResourceLink | MessageType::DeepLinking) {
            return Ok(Received::NotAvailable(NotAvailable {
                message_type,
                locale: presentation.locale.clone().or(person.locale),
                presentation,
            }));
        }
        let subject = self.subject(terms)?;
        let roles = self.roles()?;
        let purpose = if message_type == MessageType::DeepLinking {
            self.deep_linking(origin)?
        } else {
            self.resource_link(terms, origin, login_target)?
        };
        let context = Context::read(claims).map_err(|()| LaunchError::ContextInvalid)?;
        Ok(Received::Launch(Box::new(LaunchClaims {
            deployment,
            subject,
            person,
            roles,
            context,
            purpose,
            platform: Platform::read(claims),
            presentation,
            history: claims::history(claims),
            custom: claims::custom(claims),
            sourced_ids: SourcedIds::read(claims),
            legacy_ids: LegacyIds::read(claims),
            names_and_roles: NamesAndRoles::read(claims),
            grades: Grades::read(claims),
            notices: Notices::read(claims),
            nonce: Secret(self.nonce.clone()),
        })))
    }

    fn resource_link(
        &self,
        terms: &Terms,
        origin: &ToolOrigin,
        login_target: Option<&str>,
    ) -> Result<Purpose, LaunchError> {
        let link = ResourceLink::read(&self.claims).ok_or(LaunchError::ResourceLinkMissing)?;
        let named = self.target_link_uri().ok_or(LaunchError::TargetLinkMissing)?;
        let target = origin.target_link(named)?;
        let target_differs = login_target.is_some_and(|login| login != named);
        if target_differs && terms.is_strict {
            return Err(LaunchError::TargetLinkDiffers);
        }
        Ok(Purpose::ResourceLink {
            link,
            target,
            target_differs,
        })
    }

    /// Whose submission of which column is to be reviewed (LTI Submission Review 1.0, sections 4.1 and 4.2).
    fn names_a_submission(&self) -> bool {
        let person = claims::object(&self.claims, claim::FOR_USER);
        let person = person.and_then(|person| claims::identifier(person, "user_id"));
        person.is_some_and(|id| !id.is_empty())
            && Grades::read(&self.claims).is_some_and(|grades| grades.lineitem.is_some())
    }

    /// A target is optional here, but never somebody else's.
    fn deep_linking(&self, origin: &ToolOrigin) -> Result<Purpose, LaunchError> {
        let settings = Settings::read(&self.claims).ok_or(LaunchError::DeepLinkingSettingsMissing)?;
        if let Some(named) = self.target_link_uri() {
            origin.target_link(named)?;
        }
        Ok(Purpose::DeepLinking(settings))
    }

    fn target_link_uri(&self) -> Option<&str> {
        let named = self.claims.get(claim::TARGET_LINK_URI).and_then(Value::as_str);
        named.filter(|target| !target.is_empty())
    }

    fn subject(&self, terms: &Terms) -> Result<Option<Subject>, LaunchError> {
        match self.claims.get("sub") {
            None | Some(Value::Null) if terms.allows_anonymous => Ok(None),
            None | Some(Value::Null) => Err(LaunchError::SubjectMissing),
            Some(_) => claims::identifier(&self.claims, "sub")
                .and_then(|sub| Subject::parse(sub).ok())
                .map(Some)
                .ok_or(LaunchError::SubjectInvalid),
        }
    }

    fn roles(&self) -> Result<Roles, LaunchError> {
        let names = self
            .claims
            .get(claim::ROLES)
            .and_then(Value::as_array)
            .ok_or(LaunchError::RolesMissing)?;
        if names.len() > MAX_ROLES {
            return Err(LaunchError::TooManyRoles);
        }
        Ok(Roles::parse(names.iter().filter_map(Value::as_str)))
    }
}

/// The proof that one login record was spent, exactly now and never before. Made by the transaction that spends it.
#[derive(Debug)]
pub struct Spent {
    nonce: Nonce,
}

impl Spent {
    /// `rows` is how many rows the update changed that marks the record of `nonce` as used where it was not: one, or
    /// somebody was there before.
    pub fn by_rows(nonce: Nonce, rows: u64) -> Result<Self, LaunchError> {
        if rows == 1 {
            Ok(Self { nonce })
        } else {
            Err(LaunchError::Replayed)
        }
    }
}

impl LaunchClaims {
    /// The launch, against the proof that its own login was spent: of another login it proves nothing.
    pub fn claim(self, spent: &Spent) -> Result<Launch, LaunchError> {
        if same(self.nonce.0.secret(), spent.nonce.secret()) {
            Ok(Launch(self))
        } else {
            Err(LaunchError::NonceMismatch)
        }
    }

    /// The link that was clicked; nothing where something is to be placed.
    pub const fn link(&self) -> Option<&ResourceLink> {
        match &self.purpose {
            Purpose::ResourceLink { link, .. } => Some(link),
            Purpose::DeepLinking(_) => None,
        }
    }

    /// Where the link leads; nothing where something is to be placed.
    pub const fn target(&self) -> Option<&TargetLink> {
        match &self.purpose {
            Purpose::ResourceLink { target, .. } => Some(target),
            Purpose::DeepLinking(_) => None,
        }
    }

    /// The language to speak: what the platform shows, else what the person prefers.
    pub fn locale(&self) -> Option<&str> {
        self.presentation.locale.as_deref().or(self.person.locale.as_deref())
    }
}

/// A launch: proven, understood, and used here for the first and only time.
#[derive(Clone, Debug, PartialEq)]
pub struct Launch(LaunchClaims);

impl std::ops::Deref for Launch {
    type Target = LaunchClaims;

    fn deref(&self) -> &LaunchClaims {
        &self.0
    }
}

#[cfg(test)]
mod tests;
