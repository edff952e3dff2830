//! Everything that a visitor can be refused, in one place: the only module that knows which HTTP status a refusal has.
//!
//! A handler returns a [`WebError`]; the guard around every page turns it into a page in the visitor's language, with a
//! reference that the log has, too. A 5xx page never prints its cause.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use super::directory::NotFound;
use super::pages::register::RegisterFault;
use super::pages::sso::SsoFault;
use super::pages::storage::Probe;
use crate::lti::launch::NotAvailable;
use crate::lti::{ErrorClass, LaunchError};
use crate::store::StoreError;

/// Why a request was not answered as asked. Nothing was changed, unless the variant says otherwise.
#[derive(Clone, Debug)]
pub enum Refusal {
    /// A launch did not hold.
    Launch(LaunchError),
    /// A message did not hold after its token did: the way back in it is the platform's own.
    ProvenLaunch {
        /// Why.
        error: LaunchError,
        /// The way back to the LMS, as the verified token names it.
        return_url: Option<String>,
    },
    /// A login lacks a parameter, or it cannot be read.
    LoginUnreadable {
        /// Which one.
        parameter: &'static str,
    },
    /// No registration fits the login.
    UnknownPlatform(NotFound),
    /// The registration is switched off.
    RegistrationDisabled,
    /// Too many logins of one registration wait for their launch.
    TooManyLogins,
    /// More notices of one registration than are looked at.
    TooManyNotices,
    /// The browser did not bring the login's cookie back. The token held; nothing was spent.
    CookieMissing {
        /// The way back to the LMS, as the verified token names it.
        return_url: Option<String>,
        /// How the platform's storage can be asked for the proof of this browser, where it has one.
        probe: Option<Box<Probe>>,
    },
    /// The deployment waits for an administrator. The token held; nothing was spent.
    DeploymentPending {
        /// The way back to the LMS, as the verified token names it.
        return_url: Option<String>,
    },
    /// Somebody said that the deployment is not theirs. The token held; nothing was spent.
    DeploymentRefused {
        /// The registration's organisation; absent: several share it, and an operator is to be asked.
        organisation: Option<String>,
        /// The way back to the LMS, as the verified token names it.
        return_url: Option<String>,
    },
    /// A message of a type that this tool does not serve.
    NotAvailable(Box<NotAvailable>),
    /// No session, or it has ended.
    SessionEnded,
    /// The seat belongs to another session, or to nobody.
    ForeignSeat,
    /// The visitor's standing does not allow it.
    NotAllowed,
    /// There is nothing here, or it belongs to another course.
    NotFound,
    /// The form is not one of this session, or came from another site.
    ForeignForm,
    /// The body is larger than is read, or cannot be read.
    Unreadable {
        /// 400 or 413.
        too_large: bool,
    },
    /// The method is not served here.
    Method,
    /// A dynamic registration came to nothing.
    Register(RegisterFault),
    /// The administration was opened without a session.
    NotSignedIn,
    /// A sign-in link that is unknown, spent, expired or taken back: nobody learns which.
    LinkSpent,
    /// A single sign-on came to nothing.
    SingleSignOn(SsoFault),
    /// An administrator asked for what only operators may do.
    OperatorsOnly,
    /// An operator has not chosen an organisation.
    NoOrganisation,
}

/// What a handler returns instead of a page.
#[derive(Debug)]
pub enum WebError {
    /// Refused: the visitor is told why and what to do.
    Refused(Refusal),
    /// The database has no room or too much to do: nothing was stored, try again.
    Busy(StoreError),
    /// Our fault.
    Internal(String),
}

impl WebError {
    /// Our fault, with what went wrong for the log.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        Self::Internal(cause.to_string())
    }

    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Refused(refusal) => refusal.status(),
            Self::Busy(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// What the guard makes a page from.
    pub(super) fn on_its_way(&self) -> Refused {
        let (refusal, cause) = match self {
            Self::Refused(refusal) => (Some(refusal.clone()), None),
            Self::Busy(error) => (None, Some(chain(error))),
            Self::Internal(cause) => (None, Some(cause.clone())),
        };
        Refused {
            refusal,
            code: self.code(),
            cause,
        }
    }

    /// A short stable name for logs, tests and `data-reason`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::Busy(_) => "busy",
            Self::Internal(_) => "internal",
        }
    }
}

impl Refusal {
    fn status(&self) -> StatusCode {
        match self {
            Self::Launch(error) | Self::ProvenLaunch { error, .. } => match error.class() {
                ErrorClass::Malformed => StatusCode::BAD_REQUEST,
                ErrorClass::Refused => StatusCode::UNAUTHORIZED,
                ErrorClass::Forbidden => StatusCode::FORBIDDEN,
                ErrorClass::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
                ErrorClass::Unavailable => StatusCode::BAD_GATEWAY,
            },
            Self::LoginUnreadable { .. }
            | Self::UnknownPlatform(_)
            | Self::NotAvailable(_)
            | Self::Unreadable { too_large: false } => StatusCode::BAD_REQUEST,
            Self::RegistrationDisabled
            | Self::DeploymentPending { .. }
            | Self::DeploymentRefused { .. }
            | Self::NotAllowed
            | Self::OperatorsOnly
            | Self::ForeignForm => StatusCode::FORBIDDEN,
            Self::SingleSignOn(fault) => {
                StatusCode::from_u16(fault.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
            }
            Self::TooManyLogins | Self::TooManyNotices => StatusCode::TOO_MANY_REQUESTS,
            Self::CookieMissing { .. } => StatusCode::OK,
            Self::SessionEnded | Self::ForeignSeat | Self::NotSignedIn => StatusCode::UNAUTHORIZED,
            Self::LinkSpent => StatusCode::GONE,
            Self::NoOrganisation => StatusCode::CONFLICT,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Unreadable { too_large: true } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Register(fault) => StatusCode::from_u16(fault.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Launch(error) | Self::ProvenLaunch { error, .. } => error.code(),
            Self::LoginUnreadable { .. } => "login_unreadable",
            Self::UnknownPlatform(NotFound::Unknown) => "unknown_platform",
            Self::UnknownPlatform(NotFound::Ambiguous) => "ambiguous_platform",
            Self::RegistrationDisabled => "registration_disabled",
            Self::TooManyLogins => "too_many_logins",
            Self::TooManyNotices => "too_many_notices",
            Self::CookieMissing { .. } => "cookie_missing",
            Self::DeploymentPending { .. } => "deployment_pending",
            Self::DeploymentRefused { .. } => "deployment_refused",
            Self::NotAvailable(_) => "not_available",
            Self::SessionEnded => "session_ended",
            Self::ForeignSeat => "foreign_seat",
            Self::NotAllowed => "not_allowed",
            Self::NotFound => "not_found",
            Self::ForeignForm => "foreign_form",
            Self::Unreadable { too_large: true } => "too_large",
            Self::Unreadable { too_large: false } => "unreadable",
            Self::Method => "method",
            Self::Register(fault) => fault.code(),
            Self::NotSignedIn => "not_signed_in",
            Self::LinkSpent => "link_spent",
            Self::SingleSignOn(fault) => fault.code(),
            Self::OperatorsOnly => "operators_only",
            Self::NoOrganisation => "no_organisation",
        }
    }
}

impl std::fmt::Display for WebError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl std::error::Error for WebError {}

impl From<Refusal> for WebError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<LaunchError> for WebError {
    fn from(error: LaunchError) -> Self {
        Self::Refused(Refusal::Launch(error))
    }
}

impl From<StoreError> for WebError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy
            | StoreError::TooLong
            | StoreError::NotCommitted(_)
            | StoreError::Full(_)
            | StoreError::Conflict(_)
            | StoreError::Stopped => Self::Busy(error),
            other => Self::Internal(chain(&other)),
        }
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

/// A refusal on its way out: the guard makes the page from it.
#[derive(Clone, Debug)]
pub(super) struct Refused {
    pub(super) refusal: Option<Refusal>,
    pub(super) code: &'static str,
    pub(super) cause: Option<String>,
}

impl actix_web::ResponseError for WebError {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    fn error_response(&self) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status());
        if let Self::Busy(_) = self {
            answer.insert_header((actix_web::http::header::RETRY_AFTER, "2"));
        }
        if let Self::Refused(Refusal::TooManyNotices) = self {
            answer.insert_header((actix_web::http::header::RETRY_AFTER, "1"));
        }
        let mut answer = answer.finish();
        answer.extensions_mut().insert(self.on_its_way());
        answer
    }
}
