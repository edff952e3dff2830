//! People of an organisation's courses: found, shown, erased.

use askama::Template;

use crate::clock::Timestamp;
use crate::web::pages::{Frame, Page, framed};

/// `/admin/members`
#[derive(Clone, Debug, Default, Template)]
#[template(path = "admin/members.html")]
pub struct MembersPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// What is searched for.
    pub search: String,
    /// Who was found.
    pub rows: Vec<MemberRow>,
}

/// Somebody who was found.
#[derive(Clone, Debug)]
pub struct MemberRow {
    /// Their id.
    pub id: String,
    /// Their name; may be empty.
    pub name: String,
    /// Their address.
    pub address: Option<String>,
    /// Their number at the LMS.
    pub sub: String,
    /// The LMS.
    pub lms: String,
}

/// `/admin/members/{member}`
#[derive(Clone, Debug, Default, Template)]
#[template(path = "admin/member.html")]
pub struct MemberPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// Their id.
    pub id: String,
    /// Their name; may be empty.
    pub name: String,
    /// Their address.
    pub address: Option<String>,
    /// Their number at the LMS.
    pub sub: String,
    /// The LMS.
    pub lms: String,
    /// Their courses, by title.
    pub courses: Vec<String>,
    /// What else there is: the message that names it, and how many.
    pub counts: Vec<(&'static str, i64)>,
    /// When erasing them was asked for.
    pub asked: Option<Timestamp>,
    /// When it was done.
    pub erased: Option<Timestamp>,
}

/// `/admin/members/{member}/erase`. Posts `csrf`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "admin/member_erase.html")]
pub struct ErasePage {
    /// What surrounds the page.
    pub frame: Frame,
    /// Their id.
    pub id: String,
    /// Their name, or their number at the LMS.
    pub name: String,
}

impl Page for MembersPage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("members-title")
    }
}

impl Page for MemberPage {
    framed!();

    fn heading(&self) -> String {
        let name = if self.name.is_empty() { &self.sub } else { &self.name };
        self.frame.text.msg("member-title").with("name", name).to_string()
    }
}

impl Page for ErasePage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.msg("erase-title").with("name", &self.name).to_string()
    }
}
