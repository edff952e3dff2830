//! `/c/{seat}/lms`: the registration that an administrator of the LMS came through.

use askama::Template;

use super::setup::Check;
use super::{Frame, Mistakes, Page, framed};

/// The page. Posts `name` and `anonymous`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "course/lms.html")]
pub struct OwnLmsPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The registration's name.
    pub title: String,
    /// The name of its family.
    pub family: &'static str,
    /// The organisation that it belongs to, or that claimed the visitor's deployment.
    pub organisation: String,
    /// Whether this visitor may change it: not where several organisations share it.
    pub may_change: bool,
    /// Whether launches that say nothing of the person are accepted.
    pub anonymous: bool,
    /// The values to copy.
    pub values: Vec<(&'static str, String)>,
    /// The issuer as stored.
    pub issuer: String,
    /// The client id as stored.
    pub client_id: String,
    /// The organisation's own deployments.
    pub deployments: Vec<String>,
    /// How many deployments wait for a decision.
    pub waiting: usize,
    /// What arrived last; absent where it may be another organisation's.
    pub check: Option<Check>,
    /// What was entered as the name.
    pub name: String,
    /// What was wrong.
    pub mistakes: Mistakes,
}

impl Page for OwnLmsPage {
    framed!();

    fn heading(&self) -> String {
        self.title.clone()
    }

    fn is_refused(&self) -> bool {
        !self.mistakes.is_empty()
    }
}
