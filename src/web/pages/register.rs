//! Pages of dynamic registration: an LMS opens them for its administrator, in a frame without cookies or in a window.

use askama::Template;

use super::{Frame, Page, framed};

/// `/lti/register/{invitation}`: who asks, and what the tool will ask for. Posts `ticket` and what the LMS sent along.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "register/confirm.html")]
pub struct ConfirmPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The organisation that the LMS will belong to.
    pub organisation: String,
    /// The LMS's issuer.
    pub issuer: String,
    /// The LMS's product and version.
    pub product: String,
    /// Canvas: the name of the account.
    pub account: String,
    /// A site that may show the tool, beside the LMS's own: empty or an origin.
    pub shown_in: String,
    /// Whether launches begin at once.
    pub enables: bool,
    /// The token of the invitation.
    pub ticket: String,
    /// Where the LMS describes itself.
    pub configuration: String,
    /// The LMS's own token; may be empty.
    pub token: String,
}

/// The same address afterwards: registered, or still being asked for.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "register/done.html")]
pub struct RegisteredPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The LMS was asked and has not answered yet.
    pub is_waiting: bool,
    /// The installation's operator must enable the registration.
    pub is_pending: bool,
    /// The address of this page.
    pub again: String,
    /// The registration's id, for the operator.
    pub registration: String,
    /// The LMS's name for itself, or its issuer.
    pub name: String,
}

impl Page for ConfirmPage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("register-title")
    }
}

impl Page for RegisteredPage {
    framed!();

    fn heading(&self) -> String {
        let key = if self.is_waiting {
            "register-waiting"
        } else {
            "register-done"
        };
        self.frame.text.say(key)
    }

    fn is_live(&self) -> bool {
        self.is_waiting
    }
}

/// Why a registration came to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegisterFault {
    /// No invitation has this address.
    Unknown,
    /// The invitation has expired.
    Expired,
    /// The invitation was used before.
    Used,
    /// The address was opened by hand, not by an LMS.
    ByHand,
    /// Tried too often.
    TooOften,
    /// The LMS's address may not be called from here.
    NotAllowed {
        /// Its host.
        host: String,
    },
    /// The LMS does not answer.
    Away {
        /// Its host.
        host: String,
    },
    /// The LMS's description lacks something, or has something wrong.
    Unusable {
        /// What.
        what: String,
    },
    /// The description speaks for an LMS at another host.
    Foreign {
        /// For whom it speaks.
        issuer: String,
        /// Where it lies.
        host: String,
    },
    /// The description changed after it was confirmed.
    Changed,
    /// The LMS refused.
    Refused {
        /// In its own words; may be empty.
        said: String,
    },
    /// The registration is there already, and stays as it is.
    Known,
}

impl RegisterFault {
    /// Every kind, once.
    pub fn all(text: &str) -> Vec<Self> {
        let text = || text.to_owned();
        vec![
            Self::Unknown,
            Self::Expired,
            Self::Used,
            Self::ByHand,
            Self::TooOften,
            Self::NotAllowed { host: text() },
            Self::Away { host: text() },
            Self::Unusable { what: text() },
            Self::Foreign {
                issuer: text(),
                host: text(),
            },
            Self::Changed,
            Self::Refused { said: text() },
            Self::Known,
        ]
    }

    /// A short stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "register-unknown",
            Self::Expired => "register-expired",
            Self::Used => "register-used",
            Self::ByHand => "register-by-hand",
            Self::TooOften => "register-too-often",
            Self::NotAllowed { .. } => "register-not-allowed",
            Self::Away { .. } => "register-away",
            Self::Unusable { .. } => "register-unusable",
            Self::Foreign { .. } => "register-foreign",
            Self::Changed => "register-changed",
            Self::Refused { .. } => "register-refused",
            Self::Known => "register-known",
        }
    }

    /// The kind with this code, without what it was about.
    pub fn of_code(code: &str) -> Option<Self> {
        Self::all("").into_iter().find(|kind| kind.code() == code)
    }

    /// The status code of the answer.
    pub const fn status(&self) -> u16 {
        match self {
            Self::Unknown => 404,
            Self::Expired | Self::Used => 410,
            Self::ByHand | Self::Unusable { .. } => 400,
            Self::TooOften => 429,
            Self::NotAllowed { .. } | Self::Foreign { .. } => 403,
            Self::Changed | Self::Known => 409,
            Self::Away { .. } | Self::Refused { .. } => 502,
        }
    }

    /// The messages: heading, and what to do.
    pub(super) const fn keys(&self) -> (&'static str, &'static str) {
        match self {
            Self::Unknown => ("err-register-unknown", "err-register-unknown-do"),
            Self::Expired => ("err-register-expired", "err-register-expired-do"),
            Self::Used => ("err-register-used", "err-register-used-do"),
            Self::ByHand => ("err-register-by-hand", "err-register-by-hand-do"),
            Self::TooOften => ("err-register-often", "err-register-often-do"),
            Self::NotAllowed { .. } => ("err-register-not-allowed", "err-register-not-allowed-do"),
            Self::Away { .. } => ("err-register-away", "err-register-away-do"),
            Self::Unusable { .. } => ("err-register-unusable", "err-register-unusable-do"),
            Self::Foreign { .. } => ("err-register-foreign", "err-register-foreign-do"),
            Self::Changed => ("err-register-changed", "err-register-changed-do"),
            Self::Refused { .. } => ("err-register-refused", "err-register-refused-do"),
            Self::Known => ("err-register-known", "err-register-known-do"),
        }
    }

    /// What the message names: the host, what is wrong, or the issuer.
    pub(super) fn names(&self) -> (&str, &str) {
        match self {
            Self::NotAllowed { host } | Self::Away { host } => (host, ""),
            Self::Unusable { what } => (what, ""),
            Self::Foreign { issuer, host } => (host, issuer),
            _ => ("", ""),
        }
    }

    /// What the LMS said.
    pub(super) fn quoted(&self) -> Option<&str> {
        match self {
            Self::Refused { said } if !said.is_empty() => Some(said),
            _ => None,
        }
    }
}
