//! What waits for somebody in a course.

use askama::Template;

use super::{Frame, Page, framed};
use crate::web::text::Text;

/// `/c/{seat}/needs`: the whole list.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "course/needs.html")]
pub struct NeedsPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// Everything, oldest first.
    pub needs: Vec<Need>,
}

impl Page for NeedsPage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("needs-title")
    }
}

/// One thing that waits, and where to act.
#[derive(Clone, Debug)]
pub struct Need {
    /// What it is.
    pub what: Waiting,
    /// The address of the page that shows it.
    pub href: String,
}

/// The kinds of things that wait.
#[derive(Clone, Debug)]
pub enum Waiting {
    /// Applications that staff decide.
    Applications {
        /// How many.
        n: u64,
        /// The badge.
        badge: String,
        /// Whole days that the oldest has waited.
        days: u64,
    },
    /// A rule stopped before it awarded to many people at once.
    Stopped {
        /// How many people it would have been.
        n: usize,
        /// The badge.
        badge: String,
    },
    /// Somebody no longer meets the rule that gave the badge.
    Dropped {
        /// The person.
        name: String,
        /// The badge.
        badge: String,
    },
    /// An award without an address.
    NoEmail {
        /// The person.
        name: String,
        /// The badge.
        badge: String,
    },
    /// Awards that the Factory refused.
    Refused {
        /// How many.
        n: usize,
        /// The badge.
        badge: String,
    },
    /// Awards whose sending was lost twice.
    Parked {
        /// How many.
        n: usize,
        /// The badge.
        badge: String,
    },
    /// The Factory does not take a badge back.
    NotRevoked {
        /// The person.
        name: String,
        /// The badge.
        badge: String,
    },
    /// A request of which not all awards were made.
    HalfMade {
        /// The badge.
        badge: String,
    },
    /// Somebody to whom the rules could not be applied.
    NotLookedAt {
        /// The person.
        name: String,
    },
}

impl Waiting {
    /// The colour's class.
    pub const fn class(&self) -> &'static str {
        match self {
            Self::Applications { .. } => "wait",
            Self::NoEmail { .. } | Self::Parked { .. } | Self::Stopped { .. } | Self::Dropped { .. } => "hold",
            Self::Refused { .. } | Self::NotRevoked { .. } | Self::HalfMade { .. } | Self::NotLookedAt { .. } => "fail",
        }
    }

    /// The word in the tag.
    pub fn word(&self, text: &Text) -> String {
        text.say(match self {
            Self::Applications { .. } => "needs-word-apps",
            Self::NoEmail { .. } => "needs-word-hold",
            Self::Refused { .. } => "needs-word-refused",
            Self::Parked { .. } => "needs-word-parked",
            Self::Stopped { .. } => "needs-word-stopped",
            Self::Dropped { .. } => "needs-word-dropped",
            Self::NotRevoked { .. } => "needs-word-unrevoked",
            Self::HalfMade { .. } => "needs-word-unmade",
            Self::NotLookedAt { .. } => "needs-word-unlooked",
        })
    }

    /// The sentence.
    pub fn say(&self, text: &Text) -> String {
        match self {
            Self::Applications { n, badge, days } => {
                text.msg("needs-apps").with("n", n).with("badge", badge).with("d", days)
            }
            Self::NoEmail { name, badge } => text.msg("needs-noemail").with("name", name).with("badge", badge),
            Self::Refused { n, badge } => text.msg("needs-refused").with("n", n).with("badge", badge),
            Self::Parked { n, badge } => text.msg("needs-parked").with("n", n).with("badge", badge),
            Self::Stopped { n, badge } => text.msg("needs-breaker").with("n", n).with("badge", badge),
            Self::Dropped { name, badge } => text.msg("needs-dropped").with("name", name).with("badge", badge),
            Self::NotRevoked { name, badge } => text.msg("needs-unrevoked").with("name", name).with("badge", badge),
            Self::HalfMade { badge } => text.msg("needs-unmade").with("badge", badge),
            Self::NotLookedAt { name } => text.msg("needs-unlooked").with("name", name),
        }
        .to_string()
    }

    /// The words of the link.
    pub fn action(&self, text: &Text) -> String {
        text.say(match self {
            Self::Applications { .. } => "needs-see-apps",
            Self::NoEmail { .. } => "needs-see-hold",
            Self::Refused { .. } => "needs-see-refused",
            Self::Parked { .. } => "needs-see-parked",
            Self::Stopped { .. } => "needs-see-stopped",
            Self::Dropped { .. } => "needs-see-dropped",
            Self::NotRevoked { .. } => "needs-see-unrevoked",
            Self::HalfMade { .. } => "needs-see-unmade",
            Self::NotLookedAt { .. } => "needs-see-unlooked",
        })
    }

    /// What makes the link's name differ from the others.
    pub fn about(&self) -> String {
        match self {
            Self::NoEmail { name, badge } | Self::Dropped { name, badge } | Self::NotRevoked { name, badge } => {
                format!("{name}, {badge}")
            }
            Self::NotLookedAt { name } => name.clone(),
            Self::Applications { badge, .. }
            | Self::Refused { badge, .. }
            | Self::Parked { badge, .. }
            | Self::Stopped { badge, .. }
            | Self::HalfMade { badge } => badge.clone(),
        }
    }
}
