//! Canvas' REST API: course, progress by module requirements, enrolments with grades, modules of a learner, people.
//!
//! A developer key of the API kind, authorised by a service account (`oauth`). Ids are Canvas' local ones. Lists are paged
//! by `Link`; throttled calls wait (`Site`).

use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::form_urlencoded::byte_serialize;

use super::site::{Pages, append, encoded_pairs};
use super::{Answer, AskError, Site, lenient};

/// What the developer key and the consent must allow, each with what it is for.
pub const SCOPES: &[(&str, &str)] = &[
    ("url:GET|/api/v1/courses/:id", "end and state of a course"),
    (
        "url:GET|/api/v1/courses/:course_id/bulk_user_progress",
        "who completed a course",
    ),
    ("url:GET|/api/v1/courses/:course_id/enrollments", "final grades"),
    (
        "url:GET|/api/v1/courses/:course_id/users",
        "addresses and ids of people whom nothing else makes known",
    ),
    ("url:GET|/api/v1/courses/:course_id/modules", "modules of a learner"),
    (
        "url:GET|/api/v1/courses/:course_id/assignments/:id",
        "the full score of an assignment",
    ),
    (
        "url:GET|/api/v1/courses/:course_id/assignments/:assignment_id/submissions",
        "scores of an assignment",
    ),
];

/// People asked for in one call by their ids.
const PEOPLE_AT_ONCE: usize = 50;

/// Where the consent is asked for, below the LMS's address.
pub const AUTHORIZE_PATH: &str = "/login/oauth2/auth";
/// Where tokens come from, below the LMS's address.
pub const TOKEN_PATH: &str = "/login/oauth2/token";

/// Asks one Canvas.
#[derive(Clone, Copy, Debug)]
pub struct Canvas<'a>(pub &'a Site);

/// A course.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Course {
    /// Canvas' own id.
    #[serde(deserialize_with = "lenient::id")]
    pub id: String,
    /// `available`, `completed`, `unpublished`, …
    #[serde(default, deserialize_with = "lenient::maybe_text")]
    pub workflow_state: Option<String>,
    /// When it ends, RFC 3339.
    #[serde(default, deserialize_with = "lenient::maybe_text")]
    pub end_at: Option<String>,
    /// Whether it is over, as Canvas sees it.
    #[serde(default, deserialize_with = "lenient::flag")]
    pub concluded: bool,
}

impl Course {
    /// Whether it is over.
    pub fn is_over(&self) -> bool {
        self.concluded || self.workflow_state.as_deref() == Some("completed")
    }
}

/// How far somebody is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The learner's id.
    pub user: String,
    /// Requirements of the course.
    pub required: u64,
    /// Those that are fulfilled.
    pub fulfilled: u64,
    /// When the last one was, RFC 3339; absent: not completed.
    pub completed_at: Option<String>,
}

/// One enrolment with its grades. Who has several enrolments appears several times.
#[derive(Clone, Debug, Deserialize, PartialEq)]
pub struct Enrolment {
    /// The learner's id.
    #[serde(rename = "user_id", deserialize_with = "lenient::id")]
    pub user: String,
    /// `StudentEnrollment`, `StudentViewEnrollment`, …
    #[serde(rename = "type", default, deserialize_with = "lenient::maybe_text")]
    pub kind: Option<String>,
    /// `active`, `completed`, `invited`, `inactive`, …
    #[serde(default, deserialize_with = "lenient::maybe_text")]
    pub enrollment_state: Option<String>,
    /// The student information system's id.
    #[serde(default, deserialize_with = "lenient::maybe_id")]
    pub sis_user_id: Option<String>,
    /// The grades, if the service account may see them.
    #[serde(default)]
    pub grades: Option<Grades>,
}

/// Grades of an enrolment in percent. `current_score` and the unposted ones are not read at all: the first ignores work
/// that is not graded yet, the others have grades in them that learners may not see.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq)]
pub struct Grades {
    /// The posted final score.
    #[serde(default, deserialize_with = "lenient::maybe_number")]
    pub final_score: Option<f64>,
    /// What a teacher put in its place.
    #[serde(default, deserialize_with = "lenient::maybe_number")]
    pub override_score: Option<f64>,
}

/// How one learner stands in one module.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Module {
    /// The module's id.
    #[serde(deserialize_with = "lenient::id")]
    pub id: String,
    /// `locked`, `unlocked`, `started` or `completed`.
    #[serde(default, deserialize_with = "lenient::maybe_text")]
    pub state: Option<String>,
    /// When it was completed, RFC 3339.
    #[serde(default, deserialize_with = "lenient::maybe_text")]
    pub completed_at: Option<String>,
}

/// A person of a course.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Person {
    /// Canvas' own id.
    #[serde(deserialize_with = "lenient::id")]
    pub id: String,
    /// The name.
    #[serde(default, deserialize_with = "lenient::maybe_text")]
    pub name: Option<String>,
    /// The address.
    #[serde(default, deserialize_with = "lenient::maybe_text")]
    pub email: Option<String>,
    /// The student information system's id.
    #[serde(default, deserialize_with = "lenient::maybe_id")]
    pub sis_user_id: Option<String>,
}

/// One learner's work for one assignment.
#[derive(Clone, Debug, Deserialize, PartialEq)]
pub struct Submission {
    /// The learner's id.
    #[serde(rename = "user_id", deserialize_with = "lenient::id")]
    pub user: String,
    /// The points.
    #[serde(default, deserialize_with = "lenient::maybe_number")]
    pub score: Option<f64>,
    /// When learners were allowed to see them, RFC 3339; absent: not yet.
    #[serde(default, deserialize_with = "lenient::maybe_text")]
    pub posted_at: Option<String>,
    /// When they were given, RFC 3339.
    #[serde(default, deserialize_with = "lenient::maybe_text")]
    pub graded_at: Option<String>,
    /// The learner need not do it: no score.
    #[serde(default, deserialize_with = "lenient::flag")]
    pub excused: bool,
}

#[derive(Deserialize)]
struct BulkRow {
    #[serde(deserialize_with = "lenient::id")]
    id: String,
    #[serde(default)]
    progress: Option<BulkProgress>,
}

#[derive(Deserialize)]
struct BulkProgress {
    #[serde(default)]
    requirement_count: Option<u64>,
    #[serde(default)]
    requirement_completed_count: Option<u64>,
    #[serde(default, deserialize_with = "lenient::maybe_text")]
    completed_at: Option<String>,
}

#[derive(Deserialize)]
struct Assignment {
    #[serde(default, deserialize_with = "lenient::maybe_number")]
    points_possible: Option<f64>,
}

/// A course by its Canvas id, or by its LTI context id.
#[derive(Clone, Copy, Debug)]
pub enum Named<'a> {
    /// Canvas' own id.
    Id(&'a str),
    /// The id that launches name.
    Context(&'a str),
}

impl Canvas<'_> {
    /// A course; `None`: there is none.
    pub async fn course(&self, named: Named<'_>) -> Result<Option<Course>, AskError> {
        const ABOUT: &str = "the course";
        let name = match named {
            Named::Id(id) => encoded(id),
            Named::Context(id) => format!("lti_context_id:{}", encoded(id)),
        };
        let address = self.0.address(&format!("/api/v1/courses/{name}?include[]=concluded"));
        let answer = self.0.get(&address, ABOUT).await?;
        if answer.status == 404 {
            return Ok(None);
        }
        answer.read(ABOUT).map(Some)
    }

    /// How far everybody is. Who has no requirements to fulfil (the course has no modules, or none of theirs) is left out.
    pub async fn progress(&self, course: &str) -> Result<Vec<Progress>, AskError> {
        let rows: Vec<BulkRow> = self.list(course, "bulk_user_progress?per_page=100", "progress").await?;
        let progress = rows.into_iter().filter_map(|row| {
            let progress = row.progress?;
            Some(Progress {
                user: row.id,
                required: progress.requirement_count?,
                fulfilled: progress.requirement_completed_count.unwrap_or(0),
                completed_at: progress.completed_at,
            })
        });
        Ok(progress.collect())
    }

    /// The enrolments of learners, present and concluded ones.
    pub async fn enrolments(&self, course: &str) -> Result<Vec<Enrolment>, AskError> {
        let tail = "enrollments?type[]=StudentEnrollment&state[]=active&state[]=completed&per_page=100";
        self.list(course, tail, "enrolments").await
    }

    /// The modules of a course as one learner sees them.
    pub async fn modules(&self, course: &str, user: &str) -> Result<Vec<Module>, AskError> {
        let tail = format!("modules?student_id={}&per_page=100", encoded(user));
        self.list(course, &tail, "modules").await
    }

    /// People of a course by their ids, with addresses as far as the service account sees them.
    pub async fn people(&self, course: &str, ids: &[String]) -> Result<Vec<Person>, AskError> {
        let mut people = Vec::new();
        for ids in ids.chunks(PEOPLE_AT_ONCE) {
            let what = [
                ("enrollment_type[]", "student"),
                ("include[]", "email"),
                ("per_page", "100"),
            ];
            let ids = ids.iter().map(|id| ("user_ids[]", id.as_str()));
            let tail = format!("users?{}", encoded_pairs(what.into_iter().chain(ids)));
            append(
                &mut people,
                self.list::<Person>(course, &tail, "people").await?,
                "people",
            )?;
        }
        Ok(people)
    }

    /// The full score of an assignment and everybody's work for it; `None`: there is no such assignment.
    pub async fn submissions(
        &self,
        course: &str,
        assignment: &str,
    ) -> Result<Option<(f64, Vec<Submission>)>, AskError> {
        const ABOUT: &str = "the assignment";
        let path = format!(
            "/api/v1/courses/{}/assignments/{}",
            encoded(course),
            encoded(assignment)
        );
        let answer = self.0.get(&self.0.address(&path), ABOUT).await?;
        if answer.status == 404 {
            return Ok(None);
        }
        let Some(full) = answer.read::<Assignment>(ABOUT)?.points_possible else {
            return Ok(None);
        };
        let tail = format!("assignments/{}/submissions?per_page=100", encoded(assignment));
        Ok(Some((full, self.list(course, &tail, "submissions").await?)))
    }

    /// A whole list of a course.
    async fn list<T: DeserializeOwned>(
        &self,
        course: &str,
        tail: &str,
        about: &'static str,
    ) -> Result<Vec<T>, AskError> {
        let first = self.0.address(&format!("/api/v1/courses/{}/{tail}", encoded(course)));
        let mut pages = Pages::from(self.0, first, about);
        let mut all = Vec::new();
        while let Some(answer) = pages.page(|answer| Ok(next(answer))).await? {
            if answer.status == 404 {
                return Err(AskError::NotFound("course"));
            }
            append(&mut all, answer.rows(about)?, about)?;
        }
        Ok(all)
    }
}

/// The address behind `rel="next"`. Canvas' own are opaque.
fn next(answer: &Answer) -> Option<String> {
    let links = answer.header("link").flat_map(|value| value.split(','));
    links
        .filter_map(|link| link.split_once('<')?.1.split_once('>'))
        .find(|(_, rest)| {
            let rest = rest.to_ascii_lowercase();
            rest.contains("rel=\"next\"") || rest.contains("rel=next")
        })
        .map(|(target, _)| target.to_owned())
}

fn encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_as_canvas_writes_them() {
        let rows: Vec<BulkRow> = serde_json::from_str(
            r#"[{"id":482,"display_name":"A","progress":{"requirement_count":8,"requirement_completed_count":8,
                "next_requirement_url":null,"completed_at":"2026-03-02T09:12:01Z"}},
               {"id":483,"progress":{"error":{"message":"no progress available because this course is not module based"}}}]"#,
        )
        .unwrap();
        assert_eq!(rows[0].progress.as_ref().unwrap().requirement_count, Some(8));
        assert_eq!(rows[1].progress.as_ref().unwrap().requirement_count, None);
        let enrolment: Enrolment = serde_json::from_str(
            r#"{"id":5501,"user_id":482,"type":"StudentEnrollment","enrollment_state":"active","sis_user_id":"S-1001",
                "grades":{"current_score":92.0,"final_score":88.5,"override_score":null,"unposted_final_score":90.1}}"#,
        )
        .unwrap();
        let grades = enrolment.grades.unwrap();
        assert_eq!((grades.final_score, grades.override_score), (Some(88.5), None));
    }
}
