//! The ways in to the administration, and why single sign-on came to nothing.

use askama::Template;

use super::{Frame, Page, framed};

/// `/operator/sign-in`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "operator/sign_in.html")]
pub struct SignInPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// What the button for single sign-on says; absent: there is none.
    pub provider: Option<String>,
}

/// Why a single sign-on came to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SsoFault {
    /// The state is unknown, used, too old, or of another browser.
    State,
    /// The provider, or the person there, said no.
    Declined,
    /// The provider did not answer, or nothing that can be used.
    Silent,
    /// What the provider gave does not hold; for the log.
    Token(&'static str),
    /// The person is in none of the groups, and has none of the addresses.
    NotAllowed,
    /// The person has one of the addresses, and the provider does not say that it is theirs.
    AddressNotVerified,
}

impl SsoFault {
    /// One of each kind.
    pub const ALL: [Self; 6] = [
        Self::State,
        Self::Declined,
        Self::Silent,
        Self::Token("nonce"),
        Self::NotAllowed,
        Self::AddressNotVerified,
    ];

    /// A short stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::State => "sso-state",
            Self::Declined => "sso-declined",
            Self::Silent => "sso-silent",
            Self::Token(_) => "sso-token",
            Self::NotAllowed => "sso-not-allowed",
            Self::AddressNotVerified => "sso-address",
        }
    }

    /// What does not hold, for the log.
    pub const fn detail(&self) -> &'static str {
        match self {
            Self::Token(detail) => detail,
            _ => "",
        }
    }

    /// The status code of the answer.
    pub const fn status(&self) -> u16 {
        match self {
            Self::State | Self::Declined | Self::Token(_) => 401,
            Self::NotAllowed | Self::AddressNotVerified => 403,
            Self::Silent => 502,
        }
    }

    pub(super) const fn keys(&self) -> (&'static str, &'static str) {
        match self {
            Self::State => ("err-sso", "err-sso-state"),
            Self::Declined => ("err-sso", "err-sso-declined"),
            Self::Silent => ("err-sso", "err-sso-silent"),
            Self::Token(_) => ("err-sso", "err-sso-token"),
            Self::NotAllowed => ("err-sso-allowed", "err-sso-allowed-do"),
            Self::AddressNotVerified => ("err-sso-allowed", "err-sso-address-do"),
        }
    }
}

impl Page for SignInPage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("sign-in-title")
    }
}
