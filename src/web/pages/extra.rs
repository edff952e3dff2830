//! An event that the Factory made beside the one that was asked for: told on the award's page, revoked on its own.

use askama::Template;

use super::{Badge, Frame, Page, framed};

/// An event that should not be there.
#[derive(Clone, Debug, Default)]
pub struct Extra {
    /// The Factory's id of it.
    pub event: String,
    /// The event that stays; `None` where the order had been given up and none should be there.
    pub kept: Option<String>,
    /// How it stands with its revocation.
    pub step: ExtraStep,
}

/// How it stands with revoking an extra event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExtraStep {
    /// Nobody asked for it.
    #[default]
    Open,
    /// It is on its way.
    Asked,
    /// It was tried and given up; it can be asked for again.
    Failed,
}

impl Extra {
    /// The message for a second event, or for a late one.
    fn pick(&self, second: &'static str, late: &'static str) -> &'static str {
        if self.kept.is_some() { second } else { late }
    }

    /// The message that names the trouble.
    pub fn title(&self) -> &'static str {
        self.pick("extra-title", "extra-late-title")
    }

    /// The message that explains it.
    pub fn text(&self) -> &'static str {
        self.pick("extra-text", "extra-late-text")
    }

    /// The message that names the event.
    pub fn label(&self) -> &'static str {
        self.pick("extra-event", "extra-late-event")
    }

    /// The message of the button that revokes it.
    pub fn button(&self) -> &'static str {
        self.pick("extra-revoke", "extra-late-revoke")
    }

    /// The message that says what revoking does.
    pub fn warning(&self) -> &'static str {
        self.pick("extra-warn", "extra-late-warn")
    }

    /// The message of the way back.
    pub fn keep(&self) -> &'static str {
        self.pick("extra-keep", "extra-late-keep")
    }

    /// The message that says how far the revocation is.
    pub const fn progress(&self) -> Option<&'static str> {
        match self.step {
            ExtraStep::Open => None,
            ExtraStep::Asked => Some("extra-asked"),
            ExtraStep::Failed => Some("extra-failed"),
        }
    }

    /// Whether it can be asked for.
    pub fn can_be_revoked(&self) -> bool {
        self.step != ExtraStep::Asked
    }
}

/// `/c/{seat}/awards/{award}/extra/{event}`. Posts `csrf`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "course/extra.html")]
pub struct ExtraPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The page's own address, which the form posts to.
    pub action: String,
    /// Where *Keep* leads.
    pub keep: String,
    /// The badge.
    pub badge: Badge,
    /// The event.
    pub extra: Extra,
    /// Everybody of this course in the order, by name.
    pub people: Vec<String>,
}

impl Page for ExtraPage {
    framed!();

    fn heading(&self) -> String {
        let key = self.extra.pick("extra-ask", "extra-late-ask");
        self.frame.text.msg(key).with("badge", &self.badge.name).to_string()
    }
}
