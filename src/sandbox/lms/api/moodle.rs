//! Moodle's web services. Ids are those of launches. Refusals come with status 200.

use serde_json::{Value, json};

use super::{API_TOKEN, Reply};
use crate::clock::Timestamp;
use crate::sandbox::lms::campus::{Person, Role};
use crate::sandbox::lms::progress::Progress;
use crate::sandbox::lms::state::State;

const FUNCTIONS: [&str; 6] = [
    "core_webservice_get_site_info",
    "core_course_get_courses_by_field",
    "core_enrol_get_enrolled_users",
    "core_completion_get_course_completion_status",
    "core_completion_get_activities_completion_status",
    "gradereport_user_get_grade_items",
];

pub(super) fn answer(state: &State, progress: &Progress, form: &[(String, String)], now: Timestamp) -> Reply {
    let given = |name: &str| {
        form.iter()
            .find(|(known, _)| known == name)
            .map_or("", |(_, value)| value.as_str())
    };
    if given("wstoken") != API_TOKEN {
        return refused("core\\exception\\moodle_exception", "invalidtoken");
    }
    if given("moodlewsrestformat") != "json" {
        return refused("moodle_exception", "xmlnotsupported");
    }
    let course = match given("wsfunction") {
        "core_webservice_get_site_info" => {
            let functions: Vec<Value> = FUNCTIONS
                .iter()
                .map(|name| json!({"name": name, "version": "2026"}))
                .collect();
            return Reply::ok(
                json!({"sitename": "Demo", "username": "badges", "fullname": "Badge Service",
                "userid": 99, "functions": functions}),
            );
        }
        "core_course_get_courses_by_field" => given("value"),
        _ => given("courseid"),
    };
    let Some(course) = state.campus.course(course).filter(|known| known.id == course) else {
        return refused("dml_missing_record_exception", "invalidrecord");
    };
    let of_user = |user: &str| state.campus.person(user).filter(|person| person.id == user);
    match given("wsfunction") {
        "core_course_get_courses_by_field" => {
            let end = state.apis.ends.get(&course.id).map_or(0, |(at, _)| at.seconds());
            Reply::ok(
                json!({"courses": [{"id": number(&course.id), "fullname": course.title, "enddate": end}],
                "warnings": []}),
            )
        }
        "core_enrol_get_enrolled_users" => Reply::ok(participants(state, &course.id, form)),
        "core_completion_get_course_completion_status" => match of_user(given("userid")) {
            Some(person) if state.campus.role(&course.id, &person.id) == Some(Role::Learner) => {
                Reply::ok(course_status(progress, &course.id, person))
            }
            _ => refused("moodle_exception", "usernotenroled"),
        },
        "core_completion_get_activities_completion_status" => match of_user(given("userid")) {
            Some(person) => Reply::ok(activities(progress, &course.id, person)),
            None => refused("moodle_exception", "notenroled"),
        },
        "gradereport_user_get_grade_items" => {
            let wanted = given("userid");
            let people = state.campus.roster(&course.id, 0, usize::MAX).into_iter();
            let people = people
                .filter(|(person, role)| *role == Role::Learner && (wanted == "0" || person.id == wanted))
                .map(|(person, _)| report(state, progress, &course.id, person, now));
            Reply::ok(json!({"usergrades": people.collect::<Vec<_>>(), "warnings": []}))
        }
        _ => refused("webservice_access_exception", "accessexception"),
    }
}

fn refused(exception: &str, code: &str) -> Reply {
    Reply::ok(json!({"exception": exception, "errorcode": code, "message": "Refused"}))
}

/// Options come as `options[0][name]` and `options[0][value]`.
fn option(form: &[(String, String)], wanted: &str) -> Option<usize> {
    let named = form.iter().find(|(_, value)| value == wanted)?;
    let key = named.0.replace("[name]", "[value]");
    let value = form.iter().find(|(name, _)| *name == key)?;
    value.1.parse().ok()
}

fn participants(state: &State, course: &str, form: &[(String, String)]) -> Value {
    let from = option(form, "limitfrom").unwrap_or(0);
    let limit = option(form, "limitnumber").unwrap_or(usize::MAX);
    let people = state.campus.roster(course, from, limit).into_iter();
    people
        .map(|(person, _)| {
            json!({"id": number(&person.id), "fullname": person.name(), "email": person.email, "idnumber": ""})
        })
        .collect()
}

fn course_status(progress: &Progress, course: &str, person: &Person) -> Value {
    let at = progress.completion(course, &person.id);
    json!({"completionstatus": {
        "completed": at.is_some(), "aggregation": 1,
        "completions": [{"type": 4, "title": "Activity completion", "status": if at.is_some() { "Yes" } else { "No" },
            "complete": at.is_some(), "timecompleted": at.map(Timestamp::seconds), "details": {}}],
    }, "warnings": []})
}

fn activities(progress: &Progress, course: &str, person: &Person) -> Value {
    let statuses: Vec<Value> = progress
        .activities(course)
        .iter()
        .map(|activity| {
            let standing = progress.standing(course, &activity.id, &person.id);
            json!({"cmid": number(&activity.id), "modname": "quiz", "instance": 1, "tracking": 2,
                "state": i32::from(standing.completed_at.is_some()),
                "timecompleted": standing.completed_at.map_or(0, Timestamp::seconds)})
        })
        .collect();
    json!({"statuses": statuses, "warnings": []})
}

fn report(state: &State, progress: &Progress, course: &str, person: &Person, now: Timestamp) -> Value {
    let grade = progress.grade(course, &person.id);
    let own = state.apis.overrides.get(&(course.to_owned(), person.id.clone()));
    let total = own.copied().or(grade.map(|grade| grade.percent));
    let mut items: Vec<Value> = progress
        .activities(course)
        .iter()
        .map(|activity| {
            let score = progress.standing(course, &activity.id, &person.id).score;
            json!({"id": 500 + number(&activity.id), "itemname": activity.title, "itemtype": "mod",
                "itemmodule": "quiz", "cmid": number(&activity.id), "graderaw": score.map(|(points, _)| points),
                "gradedategraded": score.map(|(_, at)| at.seconds()), "gradeishidden": false,
                "gradehiddenbydate": false, "gradeneedsupdate": false, "gradeisoverridden": false,
                "grademin": 0, "grademax": activity.maximum, "gradeformatted": "-"})
        })
        .collect();
    items.push(
        json!({"id": 500, "itemname": null, "itemtype": "course", "itemmodule": null, "graderaw": total,
        "gradedategraded": grade.map(|grade| grade.at.seconds().min(now.seconds())),
        "gradeishidden": own.is_none() && grade.is_some_and(|grade| !grade.released), "gradehiddenbydate": false,
        "gradeneedsupdate": false, "gradeisoverridden": own.is_some(), "grademin": 0, "grademax": 100,
        "gradeformatted": total.map_or("-".to_owned(), |total| format!("{total:.2}"))}),
    );
    json!({"courseid": number(course), "userid": number(&person.id), "userfullname": person.name(),
        "gradeitems": items})
}

fn number(id: &str) -> u64 {
    id.parse().unwrap_or(0)
}
