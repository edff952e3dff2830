//! Courses of an organisation, and which badges each may use.

use askama::Template;

use crate::web::pages::{Frame, Page, framed};

/// `/admin/courses`
#[derive(Clone, Debug, Default, Template)]
#[template(path = "admin/courses.html")]
pub struct CoursesPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// What is searched for.
    pub search: String,
    /// The courses by title.
    pub rows: Vec<CourseRow>,
    /// The query of the page before.
    pub previous: Option<String>,
    /// The query of the next page.
    pub next: Option<String>,
}

/// A course in the list.
#[derive(Clone, Debug)]
pub struct CourseRow {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its code.
    pub label: String,
    /// The name of its LMS.
    pub lms: String,
    /// How many badges it may use; absent: every published one.
    pub badges: Option<usize>,
    /// How many of its rules are on.
    pub rules: usize,
}

/// `/admin/courses/{course}`. Posts `which` (`all`, `some`) and `badge`s.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "admin/course.html")]
pub struct CourseChoicePage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The course's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Whether only ticked badges may be used.
    pub is_limited: bool,
    /// The published badges: id, name, whether ticked.
    pub badges: Vec<(String, String, bool)>,
}

impl Page for CoursesPage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("courses-title")
    }
}

impl Page for CourseChoicePage {
    framed!();

    fn heading(&self) -> String {
        self.frame
            .text
            .msg("course-choice")
            .with("name", &self.title)
            .to_string()
    }
}
