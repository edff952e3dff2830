//! Why a launch is refused: one variant per reason, each with a stable code for the log and the page.

/// A refused launch. What is said to the person is decided by [`LaunchError::code`], never by this text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LaunchError {
    #[error("the answer carries no state")]
    StateMissing,
    #[error("the state is not one of ours")]
    StateUnknown,
    #[error("the login took too long")]
    StateExpired,
    #[error("the browser did not send back the cookie of this login")]
    BindingMissing,
    #[error("the browser sent the cookie of another login")]
    BindingMismatch,
    #[error("the platform answered with the error {error}")]
    PlatformError { error: String },
    #[error("the answer carries no id_token")]
    TokenMissing,
    #[error("the id_token is too large")]
    TokenTooLarge,
    #[error("the id_token is no signed JSON web token")]
    NotAToken,
    #[error("the token is no LTI message")]
    NotAnLtiMessage,
    #[error("the token is signed with an algorithm that is not accepted")]
    AlgorithmNotAccepted,
    #[error("the token's header has extensions that must be understood and are not")]
    CriticalHeader,
    #[error("the token's header has no kid")]
    KeyIdMissing,
    #[error("the platform's key set has no usable key with the token's kid")]
    KeyUnknown,
    #[error("the platform's key set cannot be read")]
    KeySetUnavailable,
    #[error("the signature does not hold")]
    SignatureInvalid,
    #[error("the token comes from another issuer")]
    IssuerMismatch,
    #[error("the token is meant for another client")]
    AudienceMismatch,
    #[error("the token names several audiences and no authorized party")]
    AuthorizedPartyMissing,
    #[error("the token's authorized party is another client")]
    AuthorizedPartyMismatch,
    #[error("the token names further audiences")]
    AudienceNotAlone,
    #[error("the token lacks {claim}")]
    TimeMissing { claim: &'static str },
    #[error("the token has expired")]
    Expired,
    #[error("the token was issued in the future")]
    IssuedInFuture,
    #[error("the token was issued too long ago")]
    IssuedTooLongAgo,
    #[error("the token is valid for too long")]
    LifetimeTooLong,
    #[error("the token is not valid yet")]
    NotYetValid,
    #[error("the token has no nonce")]
    NonceMissing,
    #[error("the token's nonce is not that of this login")]
    NonceMismatch,
    #[error("this launch was used before")]
    Replayed,
    #[error("the LTI version is missing or not 1.3.0")]
    VersionNotSupported,
    #[error("the message type is missing")]
    MessageTypeMissing,
    #[error("a deep linking response is no launch")]
    ResponseIsNoLaunch,
    #[error("the deployment id is missing or no identifier")]
    DeploymentMissing,
    #[error("the submission to review is not named")]
    SubmissionMissing,
    #[error("the deep linking settings are missing or name no return address")]
    DeepLinkingSettingsMissing,
    #[error("the deep linking answer may not go to the address that is named")]
    DeepLinkingReturnForeign,
    #[error("the resource link has no usable id")]
    ResourceLinkMissing,
    #[error("the token does not say who launches")]
    SubjectMissing,
    #[error("the token's sub is empty or no identifier")]
    SubjectInvalid,
    #[error("the roles are missing")]
    RolesMissing,
    #[error("there are too many roles")]
    TooManyRoles,
    #[error("the context has no usable id")]
    ContextInvalid,
    #[error("the target link is missing")]
    TargetLinkMissing,
    #[error("the target link is no address of this tool")]
    TargetLinkForeign,
    #[error("the target link is not the one of the login")]
    TargetLinkDiffers,
    #[error("the registration is disabled")]
    RegistrationDisabled,
}

/// How the answer should look from far away. The numbers are those HTTP would use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorClass {
    /// 400: the message is not what LTI asks for.
    Malformed,
    /// 401: the message does not prove what it must prove.
    Refused,
    /// 403: proven, but not allowed.
    Forbidden,
    /// 413
    TooLarge,
    /// 502: the platform did not give what is needed to check.
    Unavailable,
}

impl LaunchError {
    /// A short name that does not change: for logs, pages and tests.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::StateMissing => "state_missing",
            Self::StateUnknown => "state_unknown",
            Self::StateExpired => "state_expired",
            Self::BindingMissing => "binding_missing",
            Self::BindingMismatch => "binding_mismatch",
            Self::PlatformError { .. } => "platform_error",
            Self::TokenMissing => "token_missing",
            Self::TokenTooLarge => "token_too_large",
            Self::NotAToken => "not_a_token",
            Self::NotAnLtiMessage => "not_an_lti_message",
            Self::AlgorithmNotAccepted => "algorithm_not_accepted",
            Self::CriticalHeader => "critical_header",
            Self::KeyIdMissing => "kid_missing",
            Self::KeyUnknown => "kid_unknown",
            Self::KeySetUnavailable => "key_set_unavailable",
            Self::SignatureInvalid => "signature_invalid",
            Self::IssuerMismatch => "iss_mismatch",
            Self::AudienceMismatch => "aud_mismatch",
            Self::AuthorizedPartyMissing => "azp_missing",
            Self::AuthorizedPartyMismatch => "azp_mismatch",
            Self::AudienceNotAlone => "aud_not_alone",
            Self::TimeMissing { .. } => "time_missing",
            Self::Expired => "expired",
            Self::IssuedInFuture => "issued_in_future",
            Self::IssuedTooLongAgo => "issued_too_long_ago",
            Self::LifetimeTooLong => "lifetime_too_long",
            Self::NotYetValid => "not_yet_valid",
            Self::NonceMissing => "nonce_missing",
            Self::NonceMismatch => "nonce_mismatch",
            Self::Replayed => "replayed",
            Self::VersionNotSupported => "version_not_supported",
            Self::MessageTypeMissing => "message_type_missing",
            Self::ResponseIsNoLaunch => "response_is_no_launch",
            Self::DeploymentMissing => "deployment_missing",
            Self::DeepLinkingSettingsMissing => "deep_linking_settings_missing",
            Self::DeepLinkingReturnForeign => "deep_linking_return_foreign",
            Self::ResourceLinkMissing => "resource_link_missing",
            Self::SubmissionMissing => "submission_missing",
            Self::SubjectMissing => "sub_missing",
            Self::SubjectInvalid => "sub_invalid",
            Self::RolesMissing => "roles_missing",
            Self::TooManyRoles => "too_many_roles",
            Self::ContextInvalid => "context_invalid",
            Self::TargetLinkMissing => "target_link_missing",
            Self::TargetLinkForeign => "target_link_foreign",
            Self::TargetLinkDiffers => "target_link_differs",
            Self::RegistrationDisabled => "registration_disabled",
        }
    }

    /// What kind of refusal it is.
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::PlatformError { .. }
            | Self::TokenMissing
            | Self::NotAToken
            | Self::NotAnLtiMessage
            | Self::VersionNotSupported
            | Self::MessageTypeMissing
            | Self::ResponseIsNoLaunch
            | Self::DeploymentMissing
            | Self::DeepLinkingSettingsMissing
            | Self::DeepLinkingReturnForeign
            | Self::ResourceLinkMissing
            | Self::SubmissionMissing
            | Self::SubjectMissing
            | Self::SubjectInvalid
            | Self::RolesMissing
            | Self::TooManyRoles
            | Self::ContextInvalid
            | Self::TargetLinkMissing
            | Self::TargetLinkForeign
            | Self::TargetLinkDiffers => ErrorClass::Malformed,
            Self::StateMissing
            | Self::StateUnknown
            | Self::StateExpired
            | Self::BindingMissing
            | Self::BindingMismatch
            | Self::AlgorithmNotAccepted
            | Self::CriticalHeader
            | Self::KeyIdMissing
            | Self::KeyUnknown
            | Self::SignatureInvalid
            | Self::IssuerMismatch
            | Self::AudienceMismatch
            | Self::AuthorizedPartyMissing
            | Self::AuthorizedPartyMismatch
            | Self::AudienceNotAlone
            | Self::TimeMissing { .. }
            | Self::Expired
            | Self::IssuedInFuture
            | Self::IssuedTooLongAgo
            | Self::LifetimeTooLong
            | Self::NotYetValid
            | Self::NonceMissing
            | Self::NonceMismatch
            | Self::Replayed => ErrorClass::Refused,
            Self::RegistrationDisabled => ErrorClass::Forbidden,
            Self::TokenTooLarge => ErrorClass::TooLarge,
            Self::KeySetUnavailable => ErrorClass::Unavailable,
        }
    }
}
