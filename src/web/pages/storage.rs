//! Pages for launches where cookies fail: the platform's storage keeps a value for us, and a window of our own opens.

use askama::Template;

use super::{Frame, Page, framed};

/// `/lti/login` where the platform offers storage: a script leaves the value there and goes on. Works as a link
/// without script: then only a cookie can prove the browser.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "launch/storage.html")]
pub struct StoragePage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The frame that keeps values, as the platform named it.
    pub target: String,
    /// The only origin that the value is told to, and from which answers count.
    pub origin: String,
    /// Under which name the value is kept.
    pub key: String,
    /// The secret that binds the login to this browser.
    pub value: String,
    /// The platform's authorization endpoint with our request.
    pub next: String,
}

/// What a page asks the platform's storage for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// The frame that keeps values, as the platform named it.
    pub target: String,
    /// The only origin from which an answer counts.
    pub origin: String,
    /// Under which name the value is kept.
    pub key: String,
    /// The one-time id of the launch that waits for it.
    pub pending: String,
}

/// `/lti/window`: the browser is proven, and a window of our own can keep a cookie.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "launch/window.html")]
pub struct WindowPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The one-time id that the window begins with.
    pub ticket: String,
}

impl Page for StoragePage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("storage-title")
    }
}

impl Page for WindowPage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("window-title")
    }
}
