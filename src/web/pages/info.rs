//! Pages beside the work: help, privacy, language and appearance.

use askama::Template;

use super::{Frame, Page, Theme, framed};

/// `{base}/help`
#[derive(Clone, Debug, Default, Template)]
#[template(path = "info/help.html")]
pub struct HelpPage {
    /// What surrounds the page.
    pub frame: Frame,
}

impl Page for HelpPage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("help")
    }
}

/// `{base}/privacy`: which data is kept.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "info/privacy.html")]
pub struct PrivacyPage {
    /// What surrounds the page.
    pub frame: Frame,
}

impl Page for PrivacyPage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("privacy-title")
    }
}

/// `{base}/preferences`. Posts `csrf`, `back`, and `language` or `theme` or both: the footer's switch posts `language`
/// alone.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "info/preferences.html")]
pub struct PreferencesPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// Where to go back to: a path of ours.
    pub back: String,
}

impl Page for PreferencesPage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("preferences-title")
    }
}

/// The appearances and their messages, in the order in which they are offered.
pub(crate) const THEMES: [(Theme, &str); 3] = [
    (Theme::Light, "theme-light"),
    (Theme::Dark, "theme-dark"),
    (Theme::Auto, "theme-auto"),
];
