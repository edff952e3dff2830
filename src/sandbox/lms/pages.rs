//! The pages of the demo LMS. They work without script; one line of script only spares a click.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use super::campus::{Campus, Course, Person, Role};
use super::deep_link::PlacedItem;
use super::launch::Dialect;
use super::progress::Activity;
use super::push::{Channel, Pushed};
use super::registering::RegisteredTool;
use super::state::{LoginMethod, Registration, Shared};
use super::storage::StorageMode;

pub(super) const STYLE: &str = include_str!("lms.css");
pub(super) const STORAGE: &str = include_str!("storage.js");
pub(super) const REGISTER: &str = include_str!("register.js");
pub(super) const SUBMIT: &str = "document.forms[0].submit();\n";

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; frame-src http: https:; \
                      base-uri 'none'; frame-ancestors 'self'";

/// The page as an answer; frames of other sites may not show it.
pub(super) fn respond(status: StatusCode, page: &impl Template) -> HttpResponse {
    match page.render() {
        Ok(text) => HttpResponse::build(status)
            .content_type("text/html; charset=utf-8")
            .insert_header(("Content-Security-Policy", POLICY))
            .insert_header(("Cache-Control", "no-store"))
            .insert_header(("Referrer-Policy", "no-referrer"))
            .body(text),
        Err(error) => HttpResponse::InternalServerError().body(error.to_string()),
    }
}

#[derive(Template)]
#[template(path = "sandbox/lms/sign_in.html")]
pub(super) struct SignIn {
    pub(super) groups: Vec<Group>,
}

/// People of one kind on the sign-in page.
pub(super) struct Group {
    pub(super) title: &'static str,
    pub(super) people: Vec<Face>,
}

pub(super) struct Face {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) note: String,
}

#[derive(Template)]
#[template(path = "sandbox/lms/courses.html")]
pub(super) struct Courses {
    pub(super) name: String,
    pub(super) courses: Vec<Entry>,
}

/// A course and what the person is in it.
pub(super) struct Entry {
    pub(super) course: Course,
    pub(super) role: &'static str,
    pub(super) people: usize,
}

#[derive(Template)]
#[template(path = "sandbox/lms/course.html")]
pub(super) struct CoursePage {
    pub(super) name: String,
    pub(super) entry: Entry,
    /// What the tool placed.
    pub(super) items: Vec<PlacedItem>,
    /// The client ids of tools that registered themselves.
    pub(super) further: Vec<String>,
    /// Whether the person may place more.
    pub(super) teaches: bool,
    /// Whether they learn here.
    pub(super) learns: bool,
    pub(super) storage: StorageMode,
    /// The LMS under a name of another origin.
    pub(super) elsewhere: String,
}

/// What a learner has done, with buttons to do more.
#[derive(Template)]
#[template(path = "sandbox/lms/my_progress.html")]
pub(super) struct MyProgress {
    pub(super) name: String,
    pub(super) course: Course,
    pub(super) activities: Vec<Doing>,
    pub(super) is_complete: bool,
    pub(super) percent: Option<f64>,
    pub(super) told: Option<String>,
}

/// An activity and how its learner stands.
pub(super) struct Doing {
    pub(super) activity: Activity,
    pub(super) is_done: bool,
    pub(super) points: Option<f64>,
}

/// Everybody's grades, for who teaches.
#[derive(Template)]
#[template(path = "sandbox/lms/gradebook.html")]
pub(super) struct Gradebook {
    pub(super) name: String,
    pub(super) course: Course,
    pub(super) activities: Vec<Activity>,
    pub(super) learners: Vec<LearnerRow>,
    pub(super) told: Option<String>,
}

pub(super) struct LearnerRow {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) is_complete: bool,
    pub(super) percent: Option<f64>,
}

/// What was sent, newest first.
#[derive(Template)]
#[template(path = "sandbox/lms/pushed.html")]
pub(super) struct PushedPage {
    pub(super) channel: Channel,
    pub(super) sent: Vec<Pushed>,
}

#[derive(Template)]
#[template(path = "sandbox/lms/add.html")]
pub(super) struct Add {
    pub(super) name: String,
    pub(super) course: Course,
    pub(super) picking: &'static str,
}

#[derive(Template)]
#[template(path = "sandbox/lms/added.html")]
pub(super) struct Added {
    pub(super) course: String,
    pub(super) count: usize,
}

/// A tool registers itself, or is to be switched on.
#[derive(Template)]
#[template(path = "sandbox/lms/register.html")]
pub(super) struct Register {
    /// The tool's page with what the LMS adds; empty: the form.
    pub(super) address: String,
    pub(super) is_window: bool,
    pub(super) tools: Vec<RegisteredTool>,
}

/// A frame that keeps values for the tool. It may be framed by any page.
#[derive(Template)]
#[template(path = "sandbox/lms/storage_frame.html")]
pub(super) struct StorageFrame {
    pub(super) mode: &'static str,
    pub(super) part: &'static str,
    pub(super) frame: &'static str,
}

#[derive(Template)]
#[template(path = "sandbox/lms/auto_post.html")]
pub(super) struct AutoPost {
    pub(super) title: &'static str,
    pub(super) action: String,
    pub(super) fields: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "sandbox/lms/return.html")]
pub(super) struct Return {
    pub(super) course: String,
}

#[derive(Template)]
#[template(path = "sandbox/lms/problem.html")]
pub(super) struct Problem<'a> {
    pub(super) reason: &'a str,
}

#[derive(Template)]
#[template(path = "sandbox/lms/settings.html")]
pub(super) struct Settings {
    is_saved: bool,
    dialect: Dialect,
    is_get: bool,
    storage: StorageMode,
    channel: Channel,
    base: String,
    registrations: Vec<Registration>,
}

impl Settings {
    pub(super) fn of(shared: &Shared, is_saved: bool) -> Self {
        let state = shared.lock();
        Self {
            is_saved,
            dialect: state.dialect,
            is_get: state.login_method == LoginMethod::Get,
            storage: state.storage,
            channel: state.post.channel,
            base: shared.base.clone(),
            registrations: state.registrations.clone(),
        }
    }
}

/// The people to sign in as. A learner among hundreds is not offered: only the first thirty are.
pub(super) fn groups(campus: &Campus) -> Vec<Group> {
    const LEARNERS_SHOWN: usize = 30;
    let mut groups = ["Teachers", "Teaching assistants", "Administrators", "Learners"].map(|title| Group {
        title,
        people: Vec::new(),
    });
    let [teachers, assistants, administrators, learners] = &mut groups;
    for person in campus.people() {
        let roles: Vec<Role> = campus
            .courses()
            .filter_map(|course| campus.role(&course.id, &person.id))
            .collect();
        let group = if person.is_administrator {
            &mut *administrators
        } else if roles.contains(&Role::Teacher) {
            &mut *teachers
        } else if roles.contains(&Role::TeachingAssistant) {
            &mut *assistants
        } else {
            &mut *learners
        };
        if group.people.len() < LEARNERS_SHOWN {
            let note = note(campus, person, &roles);
            group.people.push(Face {
                id: person.id.clone(),
                name: person.name(),
                note,
            });
        }
    }
    groups.into_iter().filter(|group| !group.people.is_empty()).collect()
}

/// What a newcomer should know about a person before choosing them.
fn note(campus: &Campus, person: &Person, roles: &[Role]) -> String {
    let is_staff = |role: Option<Role>| matches!(role, Some(Role::Teacher | Role::TeachingAssistant));
    let staffed = campus
        .courses()
        .filter(|course| is_staff(campus.role(&course.id, &person.id)));
    let titles: Vec<&str> = staffed.map(|course| course.title.as_str()).collect();
    let mut notes = Vec::new();
    if !titles.is_empty() {
        notes.push(titles.join(", "));
    }
    if roles.contains(&Role::TestStudent) {
        notes.push("a teacher's make-believe learner".to_owned());
    }
    if person.email.is_none() {
        notes.push("no e-mail address".to_owned());
    }
    if person.locale == "fr" {
        notes.push("reads French".to_owned());
    }
    notes.join(" · ")
}

/// The courses that a person may enter: an administrator all of them.
pub(super) fn own_courses(campus: &Campus, person: &Person) -> Vec<Entry> {
    let entry = |course: &Course| {
        let role = match campus.role(&course.id, &person.id) {
            Some(Role::Teacher) => "teacher",
            Some(Role::TeachingAssistant) => "teaching assistant",
            Some(Role::Learner) => "learner",
            Some(Role::TestStudent) => "test student",
            None if person.is_administrator => "administrator",
            None => return None,
        };
        Some(Entry {
            course: course.clone(),
            role,
            people: campus.size(&course.id),
        })
    };
    campus.courses().filter_map(entry).collect()
}
