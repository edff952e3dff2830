//! `/admin/factory/disconnect`: what stops when the connection to the Factory ends, and what becomes of what waits.

use askama::Template;

use super::factory::host_of;
use crate::web::pages::{Frame, Mistakes, Page, framed};

/// The page. Posts `name`, `queued` and `asked`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "admin/disconnect.html")]
pub struct DisconnectPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The organisation's name, which is to be typed.
    pub name: String,
    /// The client id and the Factory's address in use; absent: it is disconnected, and awards wait.
    pub connected: Option<(String, String)>,
    /// Whether a try to connect is under way: nothing can be ended then.
    pub is_running: bool,
    /// Awards that were not sent yet.
    pub queued: usize,
    /// Orders that the Factory may have carried out.
    pub unsure: usize,
    /// What was chosen for what is queued.
    pub choice: Option<Queued>,
    /// What was entered as the name.
    pub entered: String,
    /// What was wrong.
    pub mistakes: Mistakes,
}

/// What becomes of awards that were not sent yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Queued {
    /// They wait for the next connection.
    Keep,
    /// They are taken back.
    Withdraw,
}

impl Queued {
    /// The choice with this code.
    pub fn parse(code: &str) -> Option<Self> {
        match code {
            "keep" => Some(Self::Keep),
            "withdraw" => Some(Self::Withdraw),
            _ => None,
        }
    }
}

impl DisconnectPage {
    fn keeps(&self) -> bool {
        self.choice == Some(Queued::Keep)
    }

    fn withdraws(&self) -> bool {
        self.choice == Some(Queued::Withdraw)
    }

    /// The client id, and the Factory's host.
    fn who(&self) -> Option<(&str, &str)> {
        let (client, url) = self.connected.as_ref()?;
        Some((client, host_of(url)))
    }
}

impl Page for DisconnectPage {
    framed!();

    fn heading(&self) -> String {
        let key = if self.connected.is_some() {
            "disconnect-title"
        } else {
            "disconnect-withdraw-title"
        };
        self.frame.text.msg(key).with("name", &self.name).to_string()
    }

    fn is_refused(&self) -> bool {
        !self.mistakes.is_empty()
    }
}
