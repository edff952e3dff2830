//! Moodle's web services (REST protocol): participants, completion of a course and its activities, grades.
//!
//! A token of a service made for this, in the body and never in an address. Errors come with status 200. Most answers are
//! about one person: who asks paces itself.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::site::{append, readable};
use super::{AskError, Site, lenient};

/// The functions that the service must contain, each with what it is for.
pub const FUNCTIONS: &[(&str, &str)] = &[
    ("core_webservice_get_site_info", "the test of the connection"),
    ("core_course_get_courses_by_field", "the end of a course"),
    ("core_enrol_get_enrolled_users", "ids and addresses of people"),
    ("core_completion_get_course_completion_status", "who completed a course"),
    (
        "core_completion_get_activities_completion_status",
        "who completed an activity",
    ),
    ("gradereport_user_get_grade_items", "course totals and scores"),
];

/// Participants asked for in one call.
const PEOPLE_AT_ONCE: usize = 500;

/// Asks one Moodle.
#[derive(Clone, Copy, Debug)]
pub struct Moodle<'a> {
    /// The way to it.
    pub site: &'a Site,
    /// The web service's token.
    pub token: &'a str,
}

/// Who asks, and what the service contains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteInfo {
    /// The name of the account that the token belongs to.
    pub account: Option<String>,
    /// The functions of the service.
    pub functions: Vec<String>,
}

/// A participant of a course.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Person {
    /// Moodle's id, which launches name as well.
    #[serde(deserialize_with = "lenient::id")]
    pub id: String,
    /// The address.
    #[serde(default, deserialize_with = "lenient::maybe_text")]
    pub email: Option<String>,
    /// The student information system's id.
    #[serde(default, deserialize_with = "lenient::maybe_id")]
    pub idnumber: Option<String>,
    /// The name.
    #[serde(default, deserialize_with = "lenient::maybe_text")]
    pub fullname: Option<String>,
}

/// How somebody stands in a course or an activity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Completion {
    /// Completed.
    pub complete: bool,
    /// Passed or failed, where the activity tells.
    pub passed: Option<bool>,
    /// When, seconds since 1970.
    pub at: Option<i64>,
}

/// One grade of somebody.
#[derive(Clone, Debug, PartialEq)]
pub struct Grade {
    /// The learner's id.
    pub user: String,
    /// The activity (course module id); `None`: the course's total.
    pub activity: Option<String>,
    /// Points given; `None`: none.
    pub given: Option<f64>,
    /// Of how many.
    pub full: f64,
    /// Learners may not see it.
    pub hidden: bool,
    /// A teacher put it in place of the computed one.
    pub overridden: bool,
    /// When it was given, seconds since 1970.
    pub at: Option<i64>,
}

#[derive(Deserialize)]
struct Exception {
    #[serde(default)]
    exception: Option<Value>,
    #[serde(default, deserialize_with = "lenient::maybe_text")]
    errorcode: Option<String>,
}

#[derive(Deserialize)]
struct RawInfo {
    #[serde(default, deserialize_with = "lenient::maybe_text")]
    fullname: Option<String>,
    #[serde(default)]
    functions: Vec<RawFunction>,
}

#[derive(Deserialize)]
struct RawFunction {
    name: String,
}

#[derive(Deserialize)]
struct RawCourses {
    courses: Vec<RawCourse>,
}

#[derive(Deserialize)]
struct RawCourse {
    #[serde(default, deserialize_with = "lenient::maybe_seconds")]
    enddate: Option<i64>,
}

#[derive(Deserialize)]
struct RawStatus {
    completionstatus: RawCourseStatus,
}

#[derive(Deserialize)]
struct RawCourseStatus {
    #[serde(default, deserialize_with = "lenient::flag")]
    completed: bool,
    #[serde(default)]
    completions: Vec<RawCriterion>,
}

#[derive(Deserialize)]
struct RawCriterion {
    #[serde(default, deserialize_with = "lenient::maybe_seconds")]
    timecompleted: Option<i64>,
}

#[derive(Deserialize)]
struct RawActivities {
    statuses: Vec<RawActivity>,
}

#[derive(Deserialize)]
struct RawActivity {
    #[serde(deserialize_with = "lenient::id")]
    cmid: String,
    #[serde(default)]
    state: u8,
    #[serde(default, deserialize_with = "lenient::maybe_seconds")]
    timecompleted: Option<i64>,
}

#[derive(Deserialize)]
struct RawReport {
    usergrades: Vec<Value>,
}

#[derive(Deserialize)]
struct RawUserGrades {
    #[serde(deserialize_with = "lenient::id")]
    userid: String,
    gradeitems: Vec<RawGrade>,
}

#[derive(Deserialize)]
struct RawGrade {
    #[serde(default)]
    itemtype: String,
    #[serde(default, deserialize_with = "lenient::maybe_id")]
    cmid: Option<String>,
    #[serde(default, deserialize_with = "lenient::maybe_number")]
    graderaw: Option<f64>,
    #[serde(default, deserialize_with = "lenient::maybe_number")]
    grademax: Option<f64>,
    #[serde(default, deserialize_with = "lenient::flag")]
    gradeishidden: bool,
    #[serde(default, deserialize_with = "lenient::flag")]
    gradehiddenbydate: bool,
    #[serde(default, deserialize_with = "lenient::flag")]
    gradeneedsupdate: bool,
    #[serde(default, deserialize_with = "lenient::flag")]
    gradeisoverridden: bool,
    #[serde(default, deserialize_with = "lenient::maybe_seconds")]
    gradedategraded: Option<i64>,
}

impl Moodle<'_> {
    /// Who asks.
    pub async fn info(&self) -> Result<SiteInfo, AskError> {
        let info: RawInfo = self
            .call("core_webservice_get_site_info", &[], "the service")
            .await?
            .ok_or(AskError::Unreadable("the service"))?;
        Ok(SiteInfo {
            account: info.fullname,
            functions: info.functions.into_iter().map(|function| function.name).collect(),
        })
    }

    /// When a course ends, seconds since 1970; `None`: it has no end.
    pub async fn end_of(&self, course: &str) -> Result<Option<i64>, AskError> {
        let found: Option<RawCourses> = self
            .call(
                "core_course_get_courses_by_field",
                &[("field", "id"), ("value", course)],
                "the course",
            )
            .await?;
        let course = found.and_then(|found| found.courses.into_iter().next());
        let course = course.ok_or(AskError::NotFound("course"))?;
        Ok(course.enddate)
    }

    /// The active participants of a course.
    pub async fn people(&self, course: &str) -> Result<Vec<Person>, AskError> {
        const ABOUT: &str = "participants";
        let mut all: Vec<Person> = Vec::new();
        let (limit, mut asked) = (PEOPLE_AT_ONCE.to_string(), 0);
        loop {
            let from = usize::to_string(&asked);
            let form = [
                ("courseid", course),
                ("options[0][name]", "onlyactive"),
                ("options[0][value]", "1"),
                ("options[1][name]", "limitfrom"),
                ("options[1][value]", from.as_str()),
                ("options[2][name]", "limitnumber"),
                ("options[2][value]", limit.as_str()),
                ("options[3][name]", "userfields"),
                ("options[3][value]", "email,idnumber,fullname"),
            ];
            let page: Vec<Value> = self
                .call("core_enrol_get_enrolled_users", &form, ABOUT)
                .await?
                .unwrap_or_default();
            asked += page.len();
            let is_last = page.len() < PEOPLE_AT_ONCE;
            append(&mut all, readable(page, ABOUT)?, ABOUT)?;
            if is_last {
                return Ok(all);
            }
        }
    }

    /// Whether somebody completed a course; `None`: the course tells nothing (no criteria, or not their course).
    pub async fn course_completion(&self, course: &str, user: &str) -> Result<Option<Completion>, AskError> {
        let form = [("courseid", course), ("userid", user)];
        let status: Option<RawStatus> = self
            .call(
                "core_completion_get_course_completion_status",
                &form,
                "completion of the course",
            )
            .await?;
        Ok(status.map(|status| Completion {
            complete: status.completionstatus.completed,
            passed: None,
            at: status
                .completionstatus
                .completions
                .iter()
                .filter_map(|criterion| criterion.timecompleted)
                .max(),
        }))
    }

    /// How somebody stands in the activities of a course, by course module id.
    pub async fn activities(&self, course: &str, user: &str) -> Result<Vec<(String, Completion)>, AskError> {
        let form = [("courseid", course), ("userid", user)];
        let found: Option<RawActivities> = self
            .call(
                "core_completion_get_activities_completion_status",
                &form,
                "completion of activities",
            )
            .await?;
        let statuses = found.map(|found| found.statuses).unwrap_or_default();
        Ok(statuses
            .into_iter()
            .map(|status| {
                // 0 incomplete, 1 complete, 2 complete and passed, 3 complete and failed
                let completion = Completion {
                    complete: matches!(status.state, 1..=3),
                    passed: match status.state {
                        2 => Some(true),
                        3 => Some(false),
                        _ => None,
                    },
                    at: status.timecompleted,
                };
                (status.cmid, completion)
            })
            .collect())
    }

    /// Grades of a course, of one person or of everybody. What Moodle has yet to compute is left out.
    pub async fn grades(&self, course: &str, user: Option<&str>) -> Result<Vec<Grade>, AskError> {
        let form = [("courseid", course), ("userid", user.unwrap_or("0"))];
        let report: Option<RawReport> = self.call("gradereport_user_get_grade_items", &form, "grades").await?;
        let people = report.map(|report| report.usergrades).unwrap_or_default();
        let mut grades = Vec::new();
        for person in readable::<RawUserGrades>(people, "grades")? {
            for item in person.gradeitems {
                let activity = match item.itemtype.as_str() {
                    "course" => None,
                    "mod" if item.cmid.is_some() => item.cmid,
                    _ => continue,
                };
                let Some(full) = item.grademax.filter(|_| !item.gradeneedsupdate) else {
                    continue;
                };
                grades.push(Grade {
                    user: person.userid.clone(),
                    activity,
                    given: item.graderaw,
                    full,
                    hidden: item.gradeishidden || item.gradehiddenbydate,
                    overridden: item.gradeisoverridden,
                    at: item.gradedategraded,
                });
            }
        }
        Ok(grades)
    }

    /// One call; `None`: Moodle says that there is nothing to tell.
    async fn call<T: DeserializeOwned>(
        &self,
        function: &'static str,
        arguments: &[(&str, &str)],
        about: &'static str,
    ) -> Result<Option<T>, AskError> {
        let mut form = vec![
            ("wstoken", self.token),
            ("wsfunction", function),
            ("moodlewsrestformat", "json"),
        ];
        form.extend_from_slice(arguments);
        let answer = self
            .site
            .post(&self.site.address("/webservice/rest/server.php"), &form)
            .await?;
        match answer.status {
            200..=299 => {}
            401 => return Err(AskError::NotAuthorised("401".to_owned())),
            403 => return Err(AskError::NotPermitted(about)),
            404 => return Err(AskError::NotFound("web service")),
            status @ 500..=599 => return Err(AskError::Away(format!("it answered {status}"))),
            status => return Err(AskError::Answered { status, about }),
        }
        let value: Value = answer.read(about)?;
        if let Ok(Exception {
            exception: Some(_),
            errorcode,
        }) = serde_json::from_value::<Exception>(value.clone())
        {
            return refused(errorcode.as_deref().unwrap_or_default(), about).map(|()| None);
        }
        serde_json::from_value(value)
            .map(Some)
            .map_err(|_| AskError::Unreadable(about))
    }
}

/// What an error code means; `Ok`: nothing to tell.
fn refused(code: &str, about: &'static str) -> Result<(), AskError> {
    match code {
        // no criteria, completion switched off, or not a participant (any more)
        "nocriteriaset" | "usernotenroled" | "completionnotenabled" | "notenroled" => Ok(()),
        "invalidtoken" => Err(AskError::NotAuthorised(code.to_owned())),
        "sitemaintenance" => Err(AskError::Away("it is being maintained".to_owned())),
        // the function is not in the service, or the account lacks a capability
        "accessexception" | "nopermissions" | "cannotviewreport" => Err(AskError::NotPermitted(about)),
        "invalidrecord" | "invalidcourseid" => Err(AskError::NotFound("course")),
        _ => Err(AskError::Answered { status: 200, about }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_say_whether_there_is_nothing_to_tell_or_something_to_do() {
        let said = |code| refused(code, "x");
        assert_eq!(said("nocriteriaset"), Ok(()));
        assert_eq!(said("usernotenroled"), Ok(()));
        assert!(said("invalidtoken").unwrap_err().needs_somebody());
        assert_eq!(said("accessexception"), Err(AskError::NotPermitted("x")));
        assert!(!said("sitemaintenance").unwrap_err().needs_somebody());
        assert!(!said("dmlreadexception").unwrap_err().needs_somebody());
    }
}
