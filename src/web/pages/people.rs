//! The people of a course.

use askama::Template;

use super::{Frame, Page, Pager, framed};

/// `/c/{seat}/people`: everybody who learns in the course. Asks with `q` and `page`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "course/people.html")]
pub struct PeoplePage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The people of this page.
    pub rows: Vec<PersonRow>,
    /// Where the page stands.
    pub pager: Pager,
    /// Whether the visitor may search.
    pub searches: bool,
    /// What was searched for.
    pub search: String,
}

/// A person in the list.
#[derive(Clone, Debug, Default)]
pub struct PersonRow {
    /// The member's id.
    pub member: String,
    /// The name, or the address, or words for nobody in particular.
    pub name: String,
    /// The address, for who may see it.
    pub email: Option<String>,
    /// Whether they have joined the course.
    pub is_active: bool,
}

impl PeoplePage {
    /// The address of a page of this search.
    pub fn page_address(&self, page: usize) -> String {
        let search: String = url::form_urlencoded::byte_serialize(self.search.as_bytes()).collect();
        format!("{}/people?q={search}&page={page}", self.frame.base)
    }
}

impl Page for PeoplePage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("people-list-title")
    }
}
