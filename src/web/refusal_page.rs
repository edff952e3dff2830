//! The page of a refusal: what happened, what to do, a reference that the log has, too.

use actix_web::http::Method;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest};
use askama::Template;

use super::deps::Deps;
use super::error::{Refusal, Refused};
use super::guard::Nonce;
use super::pages::error::{ErrorKind, ErrorPage, LaunchFault};
use super::pages::{Frame, Theme};
use super::text::Text;
use super::visit::browser_locale;
use super::way_back::WayBack;
use crate::clock::Timestamp;
use crate::crypto::random;
use crate::lti::LaunchError;
use crate::lti::launch::MessageType;

/// Renders the page, and writes the line that its reference leads to.
pub(super) fn render(request: &HttpRequest, status: StatusCode, refused: &Refused) -> String {
    let letters: String = random::token()
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(8)
        .collect();
    let code = refused.code;
    let reference = format!("{} {code}", letters.to_uppercase());
    if let Some(cause) = &refused.cause {
        tracing::error!(reference, reason = code, cause, "a request failed");
    } else {
        tracing::info!(
            reference,
            reason = code,
            status = status.as_u16(),
            "a request was refused"
        );
    }
    let frame = frame(request);
    let kind = refused.refusal.as_ref().map_or_else(
        || {
            if status == StatusCode::SERVICE_UNAVAILABLE {
                ErrorKind::Busy
            } else {
                ErrorKind::Ours
            }
        },
        |refusal| kind(refusal, request, &frame),
    );
    let back = match &refused.refusal {
        Some(
            Refusal::CookieMissing { return_url, .. }
            | Refusal::DeploymentPending { return_url }
            | Refusal::DeploymentRefused { return_url, .. }
            | Refusal::ProvenLaunch { return_url, .. },
        ) => return_url.clone(),
        Some(Refusal::NotAvailable(message)) => message.presentation.return_url.clone(),
        _ => None,
    };
    let way = WayBack::of(request);
    let probe = match &refused.refusal {
        Some(Refusal::CookieMissing { probe, .. }) => probe.as_deref().cloned(),
        _ => None,
    };
    let at = frame.text.now;
    let page = ErrorPage {
        frame,
        kind,
        reference,
        at,
        back: back.or(way.course),
        platform: way.platform,
        probe,
    };
    page.render()
        .unwrap_or_else(|_| "Something broke on our side.".to_owned())
}

/// The frame of the visit, if the request got that far; else one in the browser's language.
fn frame(request: &HttpRequest) -> Frame {
    if let Some(known) = request.extensions().get::<Frame>() {
        return Frame {
            section: None,
            ..known.clone()
        };
    }
    let now = request
        .app_data::<Data<Deps>>()
        .map_or(Timestamp::default(), |deps| deps.clock.now());
    Frame {
        text: Text::new(browser_locale(request), now),
        theme: Theme::Light,
        nonce: Nonce::of(request),
        ..Frame::default()
    }
}

fn kind(refusal: &Refusal, request: &HttpRequest, frame: &Frame) -> ErrorKind {
    let home = (!frame.base.is_empty()).then(|| frame.base.clone());
    match refusal {
        Refusal::Launch(error) | Refusal::ProvenLaunch { error, .. } => of_launch(error),
        Refusal::LoginUnreadable { .. } => ErrorKind::Launch(LaunchFault::Login),
        Refusal::UnknownPlatform(_) => ErrorKind::UnknownLms,
        Refusal::RegistrationDisabled => ErrorKind::LmsOff,
        Refusal::TooManyLogins => ErrorKind::TooMany {
            minutes: login_minutes(request),
        },
        Refusal::TooManyNotices => ErrorKind::TooMany { minutes: 1 },
        Refusal::CookieMissing { .. } => ErrorKind::CookiesBlocked,
        Refusal::DeploymentPending { .. } => ErrorKind::UnknownDeployment,
        Refusal::DeploymentRefused { organisation, .. } => ErrorKind::RefusedDeployment {
            organisation: organisation.clone(),
        },
        Refusal::NotAvailable(message) => ErrorKind::MessageType {
            kind: name_of(&message.message_type),
        },
        Refusal::SessionEnded if *request.method() == Method::POST => ErrorKind::SessionEnded,
        Refusal::SessionEnded | Refusal::ForeignSeat => ErrorKind::NoSession,
        Refusal::NotAllowed => ErrorKind::NotAllowed,
        Refusal::NotFound => ErrorKind::NotFound { home },
        Refusal::ForeignForm => ErrorKind::Form,
        Refusal::Unreadable { too_large: true } => ErrorKind::TooLarge,
        Refusal::Unreadable { too_large: false } => ErrorKind::BadRequest,
        Refusal::Method => ErrorKind::Method,
        Refusal::Register(fault) => ErrorKind::Register(fault.clone()),
        Refusal::NotSignedIn => ErrorKind::SignIn,
        Refusal::LinkSpent => ErrorKind::SignInLink,
        Refusal::SingleSignOn(fault) => ErrorKind::SingleSignOn(fault.clone()),
        Refusal::OperatorsOnly => ErrorKind::OperatorsOnly,
        Refusal::NoOrganisation => ErrorKind::NoOrganisation,
    }
}

/// How long open logins are kept, in minutes: so long it may take until there is room for another.
fn login_minutes(request: &HttpRequest) -> u64 {
    let deps = request.app_data::<Data<Deps>>();
    deps.map_or(10, |deps| deps.config.launch.login_life.as_secs().div_ceil(60))
}

fn of_launch(error: &LaunchError) -> ErrorKind {
    use LaunchError as E;
    let fault = match error {
        E::StateUnknown | E::StateExpired | E::Replayed => return ErrorKind::Replayed,
        E::RegistrationDisabled => return ErrorKind::LmsOff,
        E::KeySetUnavailable => return ErrorKind::KeysUnreachable,
        E::TokenTooLarge => return ErrorKind::TooLarge,
        E::ResponseIsNoLaunch => {
            return ErrorKind::MessageType {
                kind: "LtiDeepLinkingResponse".to_owned(),
            };
        }
        E::PlatformError { error } => {
            return ErrorKind::Platform {
                code: error.clone(),
                description: String::new(),
            };
        }
        E::StateMissing | E::BindingMissing | E::BindingMismatch => LaunchFault::State,
        E::TokenMissing | E::NotAToken => LaunchFault::Unreadable,
        E::AlgorithmNotAccepted | E::CriticalHeader | E::KeyIdMissing | E::KeyUnknown | E::SignatureInvalid => {
            LaunchFault::Signature
        }
        E::IssuerMismatch
        | E::AudienceMismatch
        | E::AuthorizedPartyMissing
        | E::AuthorizedPartyMismatch
        | E::AudienceNotAlone => LaunchFault::Party,
        E::TimeMissing { .. }
        | E::Expired
        | E::IssuedInFuture
        | E::IssuedTooLongAgo
        | E::LifetimeTooLong
        | E::NotYetValid => LaunchFault::Times,
        E::NonceMissing | E::NonceMismatch => LaunchFault::Nonce,
        E::VersionNotSupported => LaunchFault::Version,
        E::TargetLinkMissing | E::TargetLinkForeign | E::TargetLinkDiffers | E::DeepLinkingReturnForeign => {
            LaunchFault::Target
        }
        E::NotAnLtiMessage
        | E::MessageTypeMissing
        | E::DeploymentMissing
        | E::DeepLinkingSettingsMissing
        | E::ResourceLinkMissing
        | E::SubmissionMissing
        | E::SubjectMissing
        | E::SubjectInvalid
        | E::RolesMissing
        | E::TooManyRoles
        | E::ContextInvalid => LaunchFault::Malformed,
    };
    ErrorKind::Launch(fault)
}

fn name_of(message: &MessageType) -> String {
    match message {
        MessageType::ResourceLink => "LtiResourceLinkRequest",
        MessageType::DeepLinking => "LtiDeepLinkingRequest",
        MessageType::SubmissionReview => "LtiSubmissionReviewRequest",
        MessageType::DataPrivacy => "DataPrivacyLaunchRequest",
        MessageType::Eula => "LtiEulaRequest",
        MessageType::ContextLaunch => "LtiContextLaunchRequest",
        MessageType::Other(name) => name,
    }
    .to_owned()
}
