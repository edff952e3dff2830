//! Pages for things that go wrong: what happened, what it means, one action, a reference. They work without session,
//! style sheet or script, and never show a source, a token or another person's data.

use askama::Template;

use super::register::RegisterFault;
use super::sso::SsoFault;
use super::storage::Probe;
use super::{Frame, Page, framed};
use crate::clock::Timestamp;
use crate::web::text::Text;

/// A page that says what went wrong.
#[derive(Clone, Debug, Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    /// What surrounds the page; without navigation.
    pub frame: Frame,
    /// What happened.
    pub kind: ErrorKind,
    /// The reference under which the log has the chain.
    pub reference: String,
    /// When it happened.
    pub at: Timestamp,
    /// The way back to the course in the LMS: a web address that the LMS signed.
    pub back: Option<String>,
    /// The LMS itself, for where the way to the course is not known.
    pub platform: Option<String>,
    /// What the platform's storage is asked for first, where there is one: the page shows itself if that fails.
    pub probe: Option<Probe>,
}

/// What can go wrong. The code in [`ErrorKind::code`] is shown beside the reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The browser keeps no cookie for us inside the LMS's page.
    CookiesBlocked,
    /// The launch was used before, or is too old.
    Replayed,
    /// The launch was refused for a reason of its own.
    Launch(LaunchFault),
    /// The session ended while a form was open.
    SessionEnded,
    /// No session, or another person's, on a page that needs one.
    NoSession,
    /// The form's token is not ours: it came from elsewhere, or lay too long.
    Form,
    /// The deployment is known by nobody yet.
    UnknownDeployment,
    /// Somebody said that the deployment is not theirs.
    RefusedDeployment {
        /// The organisation to ask; absent: an operator.
        organisation: Option<String>,
    },
    /// No registration fits.
    UnknownLms,
    /// The registration was switched off.
    LmsOff,
    /// The LMS asked for a kind of message that we do not have.
    MessageType {
        /// The type as it came.
        kind: String,
    },
    /// The role may not do this.
    NotAllowed,
    /// There is no such page, or not for this course.
    NotFound {
        /// The seat's home, if there is a seat.
        home: Option<String>,
    },
    /// The page exists, but not for this method (a launch address opened by hand).
    Method,
    /// What was sent is too large.
    TooLarge,
    /// Something that was sent cannot be read.
    BadRequest,
    /// Too many tries.
    TooMany {
        /// Minutes after which there is room at the latest.
        minutes: u64,
    },
    /// The LMS's keys cannot be read at the moment.
    KeysUnreachable,
    /// The LMS ended the sign-in with an error.
    Platform {
        /// Its code.
        code: String,
        /// Its description; may be empty.
        description: String,
    },
    /// A dynamic registration came to nothing.
    Register(RegisterFault),
    /// The administration needs a session.
    SignIn,
    /// A sign-in link does not work any more.
    SignInLink,
    /// A single sign-on came to nothing.
    SingleSignOn(SsoFault),
    /// Only an operator may do this.
    OperatorsOnly,
    /// An operator has to choose an organisation.
    NoOrganisation,
    /// Our fault.
    Ours,
    /// The database does not take anything at the moment, or the disk is full: nothing was acknowledged.
    Busy,
}

/// Why a launch was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaunchFault {
    /// Not a launch message, or a claim is missing or malformed.
    Malformed,
    /// No `id_token`, or one that cannot be read.
    Unreadable,
    /// The signature does not hold, its key is unknown, or the algorithm is not allowed.
    Signature,
    /// Issuer, audience or authorised party are not those of the registration.
    Party,
    /// The times are wrong: too old, too far ahead, valid for too long.
    Times,
    /// The nonce is missing or not that of this sign-in.
    Nonce,
    /// The state is missing, unknown, too old, or of another browser.
    State,
    /// The LTI version is not 1.3.
    Version,
    /// The target address is not ours, or differs from the signed one.
    Target,
    /// Parameters of the login request are missing.
    Login,
}

impl LaunchFault {
    /// Every reason.
    pub const ALL: [Self; 10] = [
        Self::Malformed,
        Self::Unreadable,
        Self::Signature,
        Self::Party,
        Self::Times,
        Self::Nonce,
        Self::State,
        Self::Version,
        Self::Target,
        Self::Login,
    ];

    /// A short stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "launch-malformed",
            Self::Unreadable => "launch-unreadable",
            Self::Signature => "launch-signature",
            Self::Party => "launch-party",
            Self::Times => "launch-times",
            Self::Nonce => "launch-nonce",
            Self::State => "launch-state",
            Self::Version => "launch-version",
            Self::Target => "launch-target",
            Self::Login => "login-parameters",
        }
    }

    /// The status code of the answer.
    pub const fn status(self) -> u16 {
        match self {
            Self::Malformed | Self::Unreadable | Self::Version | Self::Target | Self::Login => 400,
            Self::Signature | Self::Party | Self::Times | Self::Nonce | Self::State => 401,
        }
    }

    const fn key(self) -> &'static str {
        match self {
            Self::Malformed => "err-launch-malformed",
            Self::Unreadable => "err-launch-unreadable",
            Self::Signature => "err-launch-signature",
            Self::Party => "err-launch-party",
            Self::Times => "err-launch-times",
            Self::Nonce => "err-launch-nonce",
            Self::State => "err-launch-state",
            Self::Version => "err-launch-version",
            Self::Target => "err-launch-target",
            Self::Login => "err-launch-login",
        }
    }
}

impl ErrorKind {
    /// The status code of the answer.
    pub const fn status(&self) -> u16 {
        match self {
            Self::CookiesBlocked => 200,
            Self::Replayed | Self::SessionEnded | Self::NoSession | Self::SignIn | Self::Platform { .. } => 401,
            Self::NoOrganisation => 409,
            Self::SignInLink => 410,
            Self::Launch(fault) => fault.status(),
            Self::Register(fault) => fault.status(),
            Self::SingleSignOn(fault) => fault.status(),
            Self::UnknownLms | Self::MessageType { .. } | Self::BadRequest => 400,
            Self::Form
            | Self::UnknownDeployment
            | Self::RefusedDeployment { .. }
            | Self::LmsOff
            | Self::NotAllowed
            | Self::OperatorsOnly => 403,
            Self::NotFound { .. } => 404,
            Self::Method => 405,
            Self::TooLarge => 413,
            Self::TooMany { .. } => 429,
            Self::Ours => 500,
            Self::KeysUnreachable => 502,
            Self::Busy => 503,
        }
    }

    /// A short stable code, for the page's last line and the log.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::CookiesBlocked => "cookies-blocked",
            Self::Replayed => "launch-replayed",
            Self::Launch(fault) => fault.code(),
            Self::Register(fault) => fault.code(),
            Self::SingleSignOn(fault) => fault.code(),
            Self::SessionEnded => "session-ended",
            Self::NoSession => "session-missing",
            Self::Form => "form-refused",
            Self::UnknownDeployment => "deployment-unknown",
            Self::RefusedDeployment { .. } => "deployment-refused",
            Self::UnknownLms => "lms-unknown",
            Self::LmsOff => "lms-off",
            Self::MessageType { .. } => "message-type",
            Self::NotAllowed => "not-allowed",
            Self::NotFound { .. } => "not-found",
            Self::Method => "method",
            Self::TooLarge => "too-large",
            Self::BadRequest => "bad-request",
            Self::TooMany { .. } => "too-many",
            Self::KeysUnreachable => "keys-unreachable",
            Self::Platform { .. } => "platform-error",
            Self::SignIn => "sign-in",
            Self::SignInLink => "sign-in-link",
            Self::OperatorsOnly => "operators-only",
            Self::NoOrganisation => "no-organisation",
            Self::Ours => "our-fault",
            Self::Busy => "busy",
        }
    }

    /// The base of the messages: `{stem}` is the heading, `{stem}-do` what it means and what to do.
    const fn stem(&self) -> (&'static str, &'static str) {
        match self {
            Self::CookiesBlocked => ("err-cookies", "err-cookies-do"),
            Self::Replayed => ("err-replayed", "err-replayed-do"),
            Self::Launch(fault) => ("err-launch", fault.key()),
            Self::Register(fault) => fault.keys(),
            Self::SingleSignOn(fault) => fault.keys(),
            Self::SessionEnded => ("err-ended", "err-ended-do"),
            Self::NoSession => ("err-session", "err-session-do"),
            Self::Form => ("err-form", "err-form-do"),
            Self::UnknownDeployment => ("err-deployment", "err-deployment-do"),
            Self::RefusedDeployment { organisation: Some(_) } => ("err-refused", "err-refused-do"),
            Self::RefusedDeployment { organisation: None } => ("err-refused", "err-refused-do-operator"),
            Self::UnknownLms => ("err-lms", "err-lms-do"),
            Self::LmsOff => ("err-lms-off", "err-lms-off-do"),
            Self::MessageType { .. } => ("err-type", "err-type-do"),
            Self::NotAllowed => ("err-allowed", "err-allowed-do"),
            Self::NotFound { .. } => ("err-not-found", "err-not-found-do"),
            Self::Method => ("err-method", "err-method-do"),
            Self::TooLarge => ("err-large", "err-large-do"),
            Self::BadRequest => ("err-request", "err-request-do"),
            Self::TooMany { .. } => ("err-many", "err-many-do"),
            Self::KeysUnreachable => ("err-keys", "err-keys-do"),
            Self::Platform { .. } => ("err-platform", "err-platform-do"),
            Self::SignIn => ("err-sign-in", "err-sign-in-do"),
            Self::SignInLink => ("err-link", "err-link-do"),
            Self::OperatorsOnly => ("err-operators", "err-operators-do"),
            Self::NoOrganisation => ("err-choose", "err-choose-do"),
            Self::Ours => ("err-ours", "err-ours-do"),
            Self::Busy => ("err-busy", "err-busy-do"),
        }
    }

    fn says(&self, text: &Text) -> String {
        let (_, key) = self.stem();
        let message = text.msg(key);
        match self {
            Self::MessageType { kind } => message.with("type", kind),
            Self::NotAllowed => message.with("role", text.say("who-instructor")),
            Self::TooMany { minutes } => message.with("n", minutes),
            Self::RefusedDeployment { organisation } => {
                message.with("org", organisation.as_deref().unwrap_or_default())
            }
            Self::Register(fault) => {
                let (name, issuer) = fault.names();
                message.with("name", name).with("issuer", issuer)
            }
            _ => message,
        }
        .to_string()
    }

    /// Whether nothing was stored, sent or lost, and the page may say so.
    const fn lost_nothing(&self) -> bool {
        matches!(
            self,
            Self::CookiesBlocked
                | Self::Replayed
                | Self::Launch(_)
                | Self::MessageType { .. }
                | Self::KeysUnreachable
                | Self::Platform { .. }
                | Self::UnknownDeployment
                | Self::RefusedDeployment { .. }
        )
    }
}

impl Page for ErrorPage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say(self.kind.stem().0)
    }
}

impl ErrorPage {
    /// The status code of the answer.
    pub const fn status(&self) -> u16 {
        self.kind.status()
    }

    fn home(&self) -> Option<&str> {
        match &self.kind {
            ErrorKind::NotFound { home } => home.as_deref(),
            ErrorKind::NoOrganisation => Some("/operator/organisations"),
            ErrorKind::OperatorsOnly => Some("/admin"),
            ErrorKind::SignIn | ErrorKind::SignInLink | ErrorKind::SingleSignOn(_) => Some("/operator/sign-in"),
            _ => None,
        }
    }

    /// What the LMS said: its code and description.
    fn quoted(&self) -> Option<(&str, &str)> {
        match &self.kind {
            ErrorKind::Platform { code, description } => Some((code, description)),
            ErrorKind::Register(fault) => Some((fault.quoted()?, "")),
            _ => None,
        }
    }

    /// What the way on is called.
    fn home_says(&self) -> String {
        self.frame.text.say(match &self.kind {
            ErrorKind::NoOrganisation => "nav-organisations",
            ErrorKind::SignIn | ErrorKind::SignInLink | ErrorKind::SingleSignOn(_) => "sign-in-ways",
            _ => "nav-home",
        })
    }

    fn is_cookies(&self) -> bool {
        self.kind == ErrorKind::CookiesBlocked
    }
}
