//! `/operator/keys`: the tool's signing keys.

use askama::Template;

use super::{Frame, Page, framed};
use crate::clock::Timestamp;
use crate::web::text::Text;

/// The signing keys, the newest first. Posts `do` (`rotate`).
#[derive(Clone, Debug, Default, Template)]
#[template(path = "operator/keys.html")]
pub struct KeysPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// Hours for which a new key is published before it signs.
    pub announce_h: u64,
    /// Hours for which an old one stays published.
    pub stay_h: u64,
    /// The keys that are published.
    pub rows: Vec<OwnKeyRow>,
}

/// One key.
#[derive(Clone, Debug)]
pub struct OwnKeyRow {
    /// Its id in the key set.
    pub kid: String,
    /// When it was made.
    pub made: Timestamp,
    /// How it stands.
    pub state: KeyState,
}

/// How a key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// It is published, and will sign.
    Waits {
        /// From then on.
        until: Timestamp,
    },
    /// It signs.
    Signs {
        /// Since then.
        since: Timestamp,
    },
    /// It does not sign any more, and is published.
    Stays {
        /// Until then.
        until: Timestamp,
    },
}

impl KeyState {
    /// Whether the key is published no longer.
    pub fn is_over(self, now: Timestamp) -> bool {
        matches!(self, Self::Stays { until } if until <= now)
    }

    /// The colour's class.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Waits { .. } => "hold",
            Self::Signs { .. } => "done",
            Self::Stays { .. } => "off",
        }
    }

    /// The words for it.
    pub fn say(self, text: &Text) -> String {
        let (key, moment) = match self {
            Self::Waits { until } => ("keys-waits", until),
            Self::Signs { since } => ("keys-signs", since),
            Self::Stays { until } => ("keys-stays", until),
        };
        text.msg(key).with("when", text.date_time(moment)).to_string()
    }
}

impl KeysPage {
    /// When the next key begins to sign, if one waits.
    pub fn waiting(&self) -> Option<Timestamp> {
        self.rows.iter().find_map(|row| match row.state {
            KeyState::Waits { until } => Some(until),
            _ => None,
        })
    }
}

impl Page for KeysPage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("keys-title")
    }
}
