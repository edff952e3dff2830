//! `/admin/lms/{registration}/api`: the connection to an LMS's own interface, which is asked for completions and grades.

use askama::Template;

use crate::clock::Timestamp;
use crate::model::connection::{ConnectionKind, Tried};
use crate::web::pages::{Frame, Mistakes, Page, framed};

/// The page. Posts `do` (`add`, `authorise`, `test`, `check`, `on`, `off`, `remove`), `kind`, `url`, `client_id`, `secret`,
/// `token_url`, `course`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "admin/api.html")]
pub struct ApiPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The registration's id.
    pub registration: String,
    /// The registration's name.
    pub name: String,
    /// The connection, if there is one.
    pub connection: Option<ApiState>,
    /// The address at which a service account agrees, made just now.
    pub consent: Option<String>,
    /// What the LMS's administrator needs: message and value.
    pub values: Vec<(&'static str, String)>,
    /// What the interface is asked: scope or function, and the message that says what for.
    pub needs: Vec<(&'static str, &'static str)>,
    /// The kinds that fit, in order.
    pub kinds: Vec<ConnectionKind>,
    /// The chosen kind; `None`: nothing fits.
    pub kind: Option<ConnectionKind>,
    /// Courses to test in: id and title.
    pub courses: Vec<(String, String)>,
    /// Courses that are asked.
    pub asked: Vec<AskedCourse>,
    /// What was entered.
    pub url: String,
    /// What was entered.
    pub client_id: String,
    /// What was entered.
    pub token_url: String,
    /// What was wrong.
    pub mistakes: Mistakes,
}

/// A connection as it stands.
#[derive(Clone, Debug)]
pub struct ApiState {
    /// Whose interface it is.
    pub kind: ConnectionKind,
    /// The LMS's address.
    pub url: String,
    /// Whether it asks.
    pub enabled: bool,
    /// Whether it waits for the account's consent.
    pub waits: bool,
    /// Whether a consent can be asked for.
    pub asks_consent: bool,
    /// As whom it asks; may be empty.
    pub account: String,
    /// When the present token ends.
    pub token_ends: Option<Timestamp>,
    /// The LMS asked not to be asked before.
    pub throttled: Option<Timestamp>,
    /// When it worked last.
    pub ok: Option<Timestamp>,
    /// The last error, and when.
    pub error: Option<(String, Timestamp)>,
    /// The last test: when it began, whether it is under way, and what it told.
    pub trial: Option<(Timestamp, bool, Vec<Tried>)>,
}

/// A course that is asked.
#[derive(Clone, Debug, Default)]
pub struct AskedCourse {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// When it was asked last.
    pub at: Option<Timestamp>,
    /// When it is asked next.
    pub next: Option<Timestamp>,
    /// Why it was not answered last.
    pub error: Option<String>,
}

impl ApiState {
    /// The interface's name, as its makers write it.
    pub const fn kind_name(&self) -> &'static str {
        kind_name(self.kind)
    }

    /// The colour's class and the word.
    pub const fn tag(&self) -> (&'static str, &'static str) {
        match (self.enabled, self.waits, &self.error) {
            (false, ..) => ("off", "api-off"),
            (true, true, _) => ("wait", "api-waits"),
            (true, false, Some(_)) => ("fail", "api-failing"),
            (true, false, None) => ("done", "api-open"),
        }
    }
}

/// The name of an interface, as its makers write it.
const fn kind_name(kind: ConnectionKind) -> &'static str {
    match kind {
        ConnectionKind::Canvas => "Canvas",
        ConnectionKind::Brightspace => "Brightspace",
        ConnectionKind::Moodle => "Moodle",
    }
}

/// The message that says what a scope or function is for.
pub(crate) fn need_key(what: &str) -> &'static str {
    match what {
        "url:GET|/api/v1/courses/:course_id/bulk_user_progress"
        | "grades:coursecompletion:read"
        | "core_completion_get_course_completion_status" => "api-n-completed",
        "url:GET|/api/v1/courses/:course_id/enrollments" => "api-n-finals",
        "grades:gradevalues:read" | "gradereport_user_get_grade_items" => "api-n-grades",
        "url:GET|/api/v1/courses/:course_id/users" | "enrollment:orgunit:read" | "core_enrol_get_enrolled_users" => {
            "api-n-people"
        }
        "url:GET|/api/v1/courses/:course_id/modules" => "api-n-modules",
        "url:GET|/api/v1/courses/:course_id/assignments/:id" => "api-n-full",
        "url:GET|/api/v1/courses/:course_id/assignments/:assignment_id/submissions" => "api-n-scores",
        "content:completions:read" => "api-n-content",
        "grades:gradeobjects:read" => "api-n-which",
        "core_webservice_get_site_info" => "api-n-test",
        "core_completion_get_activities_completion_status" => "api-n-activities",
        "url:GET|/api/v1/courses/:id" | "orgunits:course:read" | "core_course_get_courses_by_field" => "api-n-end",
        _ => "api-n-other",
    }
}

/// The message for what was tried.
pub(crate) fn tried_key(what: &str) -> &'static str {
    match what {
        "token" => "api-t-token",
        "course" => "api-t-course",
        "course completion" => "api-t-completion",
        "final grades" => "api-t-finals",
        "grades" => "api-t-grades",
        "people" => "api-t-people",
        "modules" => "api-t-modules",
        "required content" => "api-t-content",
        "function" => "api-t-function",
        "end of the course" => "api-t-end",
        _ => "api-t-connection",
    }
}

impl ApiPage {
    fn is_wrong(&self, field: &str) -> bool {
        self.mistakes.of(field).is_some()
    }

    /// The kinds to choose from: word, name, and whether it is chosen.
    fn choices(&self) -> Vec<(&'static str, &'static str, bool)> {
        let choice = |kind: &ConnectionKind| (kind.word(), kind_name(*kind), self.kind == Some(*kind));
        self.kinds.iter().map(choice).collect()
    }

    fn wants_client(&self) -> bool {
        self.kind != Some(ConnectionKind::Moodle)
    }

    /// The messages for the kind: what to set up, what the secret is, and the hint beneath it.
    fn words(&self) -> (&'static str, &'static str, &'static str) {
        match self.kind {
            Some(ConnectionKind::Brightspace) => ("api-how-brightspace", "api-secret", "api-secret-maybe"),
            Some(ConnectionKind::Moodle) => ("api-how-moodle", "api-token", "fac-sealed"),
            _ => ("api-how-canvas", "api-secret", "fac-sealed"),
        }
    }
}

impl Page for ApiPage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.msg("api-title").with("name", &self.name).to_string()
    }

    fn is_refused(&self) -> bool {
        !self.mistakes.is_empty()
    }
}
