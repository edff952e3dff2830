//! From proven claims to a launch: what LTI asks of a message, and that its login was spent exactly once.

use openidconnect::Nonce;
use serde_json::Value;

use super::claims::{
    self, Context, Custom, Grades, LegacyIds, NamesAndRoles, Person, Platform, Presentation, ResourceLink, SourcedIds,
    claim,
};
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
    /// A link in a course was clicked.
    ResourceLink(Box<LaunchClaims>),
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

/// What a resource link launch says. Proven, but its login is not spent yet: see [`LaunchClaims::claim`].
#[derive(Clone, PartialEq)]
pub struct LaunchClaims {
    pub deployment: DeploymentId,
    /// Nothing only where the registration allows launches without a name.
    pub subject: Option<Subject>,
    pub person: Person,
    pub roles: Roles,
    /// Nothing if the launch comes from no course.
    pub context: Option<Context>,
    pub resource_link: ResourceLink,
    pub target_link: TargetLink,
    /// The login named another target: worth a line in the log.
    pub target_link_differs: bool,
    pub platform: Platform,
    pub presentation: Presentation,
    pub custom: Custom,
    pub sourced_ids: SourcedIds,
    pub legacy_ids: LegacyIds,
    pub names_and_roles: Option<NamesAndRoles>,
    pub grades: Option<Grades>,
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
            .field("resource_link", &self.resource_link.id)
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
        let presentation = Presentation::read(claims);
        let person = Person::read(claims);
        if message_type != MessageType::ResourceLink {
            return Ok(Received::NotAvailable(NotAvailable {
                message_type,
                locale: presentation.locale.clone().or(person.locale),
                presentation,
            }));
        }
        let subject = self.subject(terms)?;
        let roles = self.roles()?;
        let resource_link = ResourceLink::read(claims).ok_or(LaunchError::ResourceLinkMissing)?;
        let context = Context::read(claims).map_err(|()| LaunchError::ContextInvalid)?;
        let target = claims
            .get(claim::TARGET_LINK_URI)
            .and_then(Value::as_str)
            .filter(|target| !target.is_empty())
            .ok_or(LaunchError::TargetLinkMissing)?;
        let target_link = origin.target_link(target)?;
        let target_link_differs = login_target.is_some_and(|login| login != target);
        if target_link_differs && terms.is_strict {
            return Err(LaunchError::TargetLinkDiffers);
        }
        Ok(Received::ResourceLink(Box::new(LaunchClaims {
            deployment,
            subject,
            person,
            roles,
            context,
            resource_link,
            target_link,
            target_link_differs,
            platform: Platform::read(claims),
            presentation,
            custom: claims::custom(claims),
            sourced_ids: SourcedIds::read(claims),
            legacy_ids: LegacyIds::read(claims),
            names_and_roles: NamesAndRoles::read(claims),
            grades: Grades::read(claims),
            nonce: Secret(self.nonce.clone()),
        })))
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
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::registration::{Issuer, LtiClientId};
    use super::super::roles::Standing;
    use super::super::testing::{check, launch_claims};
    use super::*;

    const PREFIX: &str = "https://purl.imsglobal.org/spec/lti/claim/";
    const CONTEXT_ROLE: &str = "http://purl.imsglobal.org/vocab/lis/v2/membership#";

    fn terms() -> Terms {
        Terms {
            issuer: Issuer::parse("https://lms.example").unwrap(),
            client_id: LtiClientId::parse("client-1").unwrap(),
            is_strict: false,
            allows_anonymous: false,
        }
    }

    fn received(claims: &Value, terms: &Terms, login_target: Option<&str>) -> Result<Received, LaunchError> {
        let origin = ToolOrigin::parse("https://tool.example").unwrap();
        SignedClaims {
            claims: claims.as_object().unwrap().clone(),
            nonce: Nonce::new("nonce-1".into()),
        }
        .read(terms, &origin, login_target)
    }

    fn read(change: impl FnOnce(&mut Value)) -> Result<LaunchClaims, LaunchError> {
        let mut claims = launch_claims();
        change(&mut claims);
        match received(&claims, &terms(), None)? {
            Received::ResourceLink(launch) => Ok(*launch),
            Received::NotAvailable(other) => panic!("not available: {other:?}"),
        }
    }

    fn refusal(change: impl FnOnce(&mut Value)) -> Option<LaunchError> {
        read(change).err()
    }

    fn set(name: &str, value: Value) -> impl FnOnce(&mut Value) + '_ {
        move |claims| claims[format!("{PREFIX}{name}")] = value
    }

    fn remove(names: &'static [&'static str]) -> impl FnOnce(&mut Value) {
        move |claims| {
            for name in names {
                claims.as_object_mut().unwrap().remove(&format!("{PREFIX}{name}"));
                claims.as_object_mut().unwrap().remove(*name);
            }
        }
    }

    #[test]
    fn a_full_launch_is_read() {
        let launch = read(|_| {}).unwrap();
        assert_eq!(launch.subject.as_ref().unwrap().as_str(), "u-1");
        assert_eq!(launch.roles.standing, Standing::Staff);
        assert_eq!(launch.context.as_ref().unwrap().title.as_deref(), Some("Biology"));
        assert_eq!(launch.target_link.path(), "/lti/launch");
        assert!(!format!("{launch:?}").contains("Tara"));
    }

    #[test]
    fn what_every_message_needs_is_demanded() {
        use LaunchError as E;
        assert_eq!(refusal(set("version", json!("11.3"))), Some(E::VersionNotSupported));
        assert_eq!(refusal(remove(&["version"])), Some(E::VersionNotSupported));
        assert_eq!(
            refusal(remove(&["message_type", "version", "roles"])),
            Some(E::VersionNotSupported)
        );
        assert_eq!(refusal(remove(&["message_type"])), Some(E::MessageTypeMissing));
        assert_eq!(refusal(remove(&["roles"])), Some(E::RolesMissing));
        assert_eq!(refusal(set("roles", json!(null))), Some(E::RolesMissing));
        assert_eq!(refusal(remove(&["deployment_id"])), Some(E::DeploymentMissing));
        assert_eq!(refusal(set("deployment_id", json!(""))), Some(E::DeploymentMissing));
        assert_eq!(refusal(remove(&["resource_link"])), Some(E::ResourceLinkMissing));
        assert_eq!(
            refusal(set("resource_link", json!({"title": "x"}))),
            Some(E::ResourceLinkMissing)
        );
        assert_eq!(
            refusal(set("resource_link", json!({"id": ""}))),
            Some(E::ResourceLinkMissing)
        );
        assert_eq!(refusal(remove(&["target_link_uri"])), Some(E::TargetLinkMissing));
        assert_eq!(refusal(remove(&["sub"])), Some(E::SubjectMissing));
        assert_eq!(refusal(|c| c["sub"] = json!("")), Some(E::SubjectInvalid));
        assert_eq!(refusal(|c| c["sub"] = json!("x".repeat(256))), Some(E::SubjectInvalid));
    }

    #[test]
    fn an_anonymous_launch_needs_the_permission() {
        let mut claims = launch_claims();
        claims.as_object_mut().unwrap().remove("sub");
        let anonymous = Terms {
            allows_anonymous: true,
            ..terms()
        };
        let Ok(Received::ResourceLink(launch)) = received(&claims, &anonymous, None) else {
            panic!("refused");
        };
        assert_eq!(launch.subject, None);
        claims["sub"] = json!("");
        assert_eq!(
            received(&claims, &anonymous, None).err(),
            Some(LaunchError::SubjectInvalid)
        );
    }

    #[test]
    fn roles_may_be_short_unknown_or_empty_but_not_without_end() {
        let standing = |roles: Value| read(set("roles", roles)).unwrap().roles.standing;
        assert_eq!(
            standing(json!([format!("{CONTEXT_ROLE}Instructor"), "Learner"])),
            Standing::Staff
        );
        assert_eq!(standing(json!(["Instructor"])), Standing::Staff);
        assert_eq!(standing(json!(["http://example.org/roles#Wizard"])), Standing::None);
        assert_eq!(standing(json!([])), Standing::None);
        assert_eq!(standing(json!([""])), Standing::None);
        assert_eq!(standing(json!([null, 5, "Learner"])), Standing::Learner);
        assert_eq!(
            refusal(set("roles", json!(vec!["Learner"; 10_000]))),
            Some(LaunchError::TooManyRoles)
        );
        assert!(read(set("roles", json!(vec!["Learner"; MAX_ROLES]))).is_ok());
    }

    #[test]
    fn personal_data_may_be_missing() {
        let bare = read(remove(&["name", "given_name", "family_name", "email", "context"])).unwrap();
        assert_eq!(bare.person, Person::default());
        assert_eq!(bare.context, None);
        let named = read(remove(&["email"])).unwrap();
        assert_eq!(named.person.display_name().as_deref(), Some("Tara Teacher"));
        let only_email = read(remove(&["name", "given_name", "family_name"])).unwrap();
        assert_eq!(only_email.person.display_name(), None);
        assert!(only_email.person.email.is_some());
    }

    #[test]
    fn optional_claims_may_be_null_or_of_another_shape() {
        for odd in [
            json!(null),
            json!("x"),
            json!(7),
            json!([]),
            json!({}),
            json!({"errors": {"errors": {}}}),
        ] {
            let launch = read(|claims| {
                for name in [
                    "context",
                    "tool_platform",
                    "launch_presentation",
                    "lis",
                    "custom",
                    "lti1p1",
                    "ext",
                ] {
                    claims[format!("{PREFIX}{name}")] = odd.clone();
                }
                for name in ["name", "email", "locale", "azp"] {
                    claims[name] = odd.clone();
                }
                claims["https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"] = odd.clone();
                claims["https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"] = odd.clone();
            });
            assert!(launch.is_ok(), "{odd}");
        }
    }

    #[test]
    fn the_target_link_is_ours_and_the_signed_one_counts() {
        for foreign in ["https://other.example/", "//evil", "javascript:alert(1)"] {
            assert_eq!(
                refusal(set("target_link_uri", json!(foreign))),
                Some(LaunchError::TargetLinkForeign),
                "{foreign}"
            );
        }
        let login = Some("https://tool.example/other");
        let Ok(Received::ResourceLink(launch)) = received(&launch_claims(), &terms(), login) else {
            panic!("refused");
        };
        assert!(launch.target_link_differs);
        assert_eq!(launch.target_link.path(), "/lti/launch");
        let strict = Terms {
            is_strict: true,
            ..terms()
        };
        assert_eq!(
            received(&launch_claims(), &strict, login).err(),
            Some(LaunchError::TargetLinkDiffers)
        );
        assert!(received(&launch_claims(), &strict, Some("https://tool.example/lti/launch")).is_ok());
    }

    #[test]
    fn other_messages_are_told_apart() {
        let get = |name: &str| {
            let mut claims = launch_claims();
            claims[format!("{PREFIX}message_type")] = json!(name);
            claims[format!("{PREFIX}launch_presentation")] =
                json!({"locale": "fr", "return_url": "https://lms.example/"});
            received(&claims, &terms(), None)
        };
        for (name, expected) in [
            ("LtiDeepLinkingRequest", MessageType::DeepLinking),
            ("LtiSubmissionReviewRequest", MessageType::SubmissionReview),
            ("DataPrivacyLaunchRequest", MessageType::DataPrivacy),
            ("LtiUnheardRequest", MessageType::Other("LtiUnheardRequest".to_owned())),
        ] {
            let Ok(Received::NotAvailable(other)) = get(name) else {
                panic!("{name}");
            };
            assert_eq!(other.message_type, expected);
            assert_eq!(other.locale.as_deref(), Some("fr"));
            assert!(other.presentation.return_url.is_some());
        }
        assert_eq!(
            get("LtiDeepLinkingResponse").err(),
            Some(LaunchError::ResponseIsNoLaunch)
        );
        assert_eq!(get("").err(), Some(LaunchError::MessageTypeMissing));
    }

    #[test]
    fn a_launch_needs_the_proof_of_its_own_login() {
        let claims = read(|_| {}).unwrap();
        let nonce = |text: &str| Nonce::new(text.to_owned());
        assert_eq!(Spent::by_rows(nonce("nonce-1"), 0).err(), Some(LaunchError::Replayed));
        assert_eq!(Spent::by_rows(nonce("nonce-1"), 2).err(), Some(LaunchError::Replayed));
        let other = Spent::by_rows(nonce("nonce-2"), 1).unwrap();
        assert_eq!(claims.clone().claim(&other).err(), Some(LaunchError::NonceMismatch));
        let spent = Spent::by_rows(nonce("nonce-1"), 1).unwrap();
        assert_eq!(claims.claim(&spent).unwrap().deployment.as_str(), "dep-1");
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".{0,12}".prop_map(Value::from),
            Just(json!("1.3.0")),
            Just(json!("$User.id")),
            Just(json!("https://tool.example/x")),
        ];
        leaf.prop_recursive(3, 12, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::vec(("(id|type|scope|title|url|return_url|.{0,5})", inner), 0..4)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    #[test]
    fn any_claims_are_read_or_refused_and_ids_stay_as_they_were() {
        let names = proptest::sample::select(vec![
            "sub",
            "name",
            "email",
            "locale",
            "roles",
            "context",
            "resource_link",
            "tool_platform",
            "launch_presentation",
            "lis",
            "custom",
            "lti1p1",
            "target_link_uri",
            "deployment_id",
            "version",
            "message_type",
        ]);
        let changes = proptest::collection::vec((names, any_json()), 0..4);
        check("claims", &changes, |changes| {
            let mut claims = launch_claims();
            for (name, value) in changes {
                let full = format!("{PREFIX}{name}");
                let name = if claims.get(&full).is_some() || name.contains('_') {
                    full
                } else {
                    name.to_owned()
                };
                claims[name] = value;
            }
            if let Ok(Received::ResourceLink(launch)) = received(&claims, &terms(), None) {
                let given = &claims["sub"];
                let sub = launch.subject.unwrap();
                prop_assert_eq!(
                    given.as_str().map_or_else(|| given.to_string(), str::to_owned),
                    sub.as_str()
                );
                prop_assert!(launch.target_link.as_str().starts_with("https://tool.example/"));
                prop_assert!(launch.custom.values().all(|value| !value.is_null()));
            }
            Ok(())
        });
    }
}
