//! Canvas' interface. Its ids are others than those of launches: a course 2 is 902 here, a person 6 is 1006. Each activity
//! is a module with one requirement.

use serde_json::{Value, json};

use super::{API_CLIENT, API_SECRET, Apis, Call, Reply, learners, page, written};
use crate::clock::Timestamp;
use crate::sandbox::lms::campus::Role;
use crate::sandbox::lms::progress::Progress;
use crate::sandbox::lms::state::State;

/// Tokens for a code, or for what refreshes.
pub(super) fn token(apis: &mut Apis, form: &[(String, String)], now: Timestamp) -> Reply {
    let given = |name: &str| {
        form.iter()
            .find(|(known, _)| known == name)
            .map_or("", |(_, value)| value.as_str())
    };
    if given("client_id") != API_CLIENT || given("client_secret") != API_SECRET {
        return Reply::refused(401, json!({"error": "invalid_client"}));
    }
    let user = json!({"id": 1, "name": "Badge Service", "global_id": "10000000000001"});
    match given("grant_type") {
        "authorization_code" => {
            // a code is good once, and for the address that it was sent to
            if apis.codes.remove(given("code")).as_deref() != Some(given("redirect_uri")) {
                return Reply::refused(400, json!({"error": "invalid_grant"}));
            }
            let refresh = format!("refresh-{}", apis.serial);
            apis.refresh = Some(refresh.clone());
            let access = apis.token(now);
            Reply::ok(json!({"access_token": access, "token_type": "Bearer", "user": user,
                "refresh_token": refresh, "expires_in": 3600}))
        }
        "refresh_token" if apis.refresh.as_deref() == Some(given("refresh_token")) => {
            let access = apis.token(now);
            Reply::ok(json!({"access_token": access, "token_type": "Bearer", "user": user, "expires_in": 3600}))
        }
        "refresh_token" => Reply::refused(400, json!({"error": "invalid_grant"})),
        _ => Reply::refused(400, json!({"error": "unsupported_grant_type"})),
    }
}

pub(super) fn answer(state: &State, progress: &Progress, call: &Call<'_>) -> Reply {
    let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
    let not_found = || {
        Reply::refused(
            404,
            json!({"errors": [{"message": "The specified resource does not exist."}]}),
        )
    };
    let Some(course) = path.get(1).and_then(|named| course(state, named)) else {
        return not_found();
    };
    match path.as_slice() {
        ["courses", _] => Reply::ok(course_json(state, &course)),
        ["courses", _, "bulk_user_progress"] => list(state, call, progress_rows(state, progress, &course)),
        ["courses", _, "enrollments"] => list(state, call, enrolments(state, progress, &course, call)),
        ["courses", _, "users"] => list(state, call, users(state, &course, call)),
        ["courses", _, "modules"] => list(state, call, modules(progress, &course, call)),
        ["courses", _, "assignments", id] => {
            let activities = progress.activities(&course);
            match activities.iter().find(|activity| activity.id == *id) {
                Some(activity) => Reply::ok(json!({"id": number(id), "points_possible": activity.maximum})),
                None => not_found(),
            }
        }
        ["courses", _, "assignments", id, "submissions"] => {
            list(state, call, submissions(state, progress, &course, id))
        }
        _ => not_found(),
    }
}

/// The course's id in launches, of any of its names here.
fn course(state: &State, named: &str) -> Option<String> {
    let id = match named.strip_prefix("lti_context_id:") {
        Some(context) => context.to_owned(),
        None => (named.parse::<u64>().ok()?.checked_sub(900)?).to_string(),
    };
    state.campus.course(&id).map(|course| course.id.clone())
}

fn course_json(state: &State, course: &str) -> Value {
    let end = state.apis.ends.get(course);
    let title = state.campus.course(course).map(|course| course.title.clone());
    json!({
        "id": number(course) + 900, "name": title,
        "workflow_state": if end.is_some_and(|(_, over)| *over) { "completed" } else { "available" },
        "end_at": end.map(|(at, _)| written(*at)),
        "concluded": end.is_some_and(|(_, over)| *over),
    })
}

fn progress_rows(state: &State, progress: &Progress, course: &str) -> Vec<Value> {
    let activities = progress.activities(course);
    let mut rows = Vec::new();
    for (person, role) in learners(state, course) {
        if role == Role::TestStudent {
            continue;
        }
        if activities.is_empty() {
            let message = "no progress available because this course is not module based (has modules and module completion requirements)";
            rows.push(json!({"id": user(&person.id), "display_name": person.name(),
                "progress": {"error": {"message": message}}}));
            continue;
        }
        let fulfilled = activities
            .iter()
            .filter(|activity| {
                progress
                    .standing(course, &activity.id, &person.id)
                    .completed_at
                    .is_some()
            })
            .count();
        let completed = progress.completion(course, &person.id);
        rows.push(
            json!({"id": user(&person.id), "display_name": person.name(), "progress": {
                "requirement_count": activities.len(),
                "requirement_completed_count": if completed.is_some() { activities.len() } else { fulfilled },
                "next_requirement_url": null,
                "completed_at": completed.map(written),
            }}),
        );
    }
    rows
}

fn enrolments(state: &State, progress: &Progress, course: &str, call: &Call<'_>) -> Vec<Value> {
    let types = call.all("type[]");
    let mut rows = Vec::new();
    for (person, role) in learners(state, course) {
        let kind = match role {
            Role::TestStudent => "StudentViewEnrollment",
            _ => "StudentEnrollment",
        };
        if !types.is_empty() && !types.contains(&kind) {
            continue;
        }
        let grade = progress.grade(course, &person.id);
        let posted = grade.filter(|grade| grade.released).map(|grade| grade.percent);
        let key = (course.to_owned(), person.id.clone());
        rows.push(json!({
            "id": 5000 + number(&person.id), "user_id": user(&person.id), "type": kind,
            "enrollment_state": "active", "sis_user_id": null,
            "grades": {
                // one quiz was full, whatever else is missing
                "current_score": 100.0, "unposted_current_score": 100.0,
                "final_score": posted.unwrap_or(0.0),
                "unposted_final_score": grade.map(|grade| grade.percent),
                "override_score": state.apis.overrides.get(&key),
            },
            "user": {"id": user(&person.id), "name": person.name()},
        }));
    }
    rows
}

fn users(state: &State, course: &str, call: &Call<'_>) -> Vec<Value> {
    let wanted = call.all("user_ids[]");
    let with_email = call.all("include[]").contains(&"email");
    learners(state, course)
        .into_iter()
        .filter(|(person, role)| {
            let id = user(&person.id).to_string();
            *role == Role::Learner && (wanted.is_empty() || wanted.contains(&id.as_str()))
        })
        .map(|(person, _)| {
            let mut row = json!({"id": user(&person.id), "name": person.name(), "sis_user_id": null});
            if let (true, Some(row)) = (with_email, row.as_object_mut()) {
                row.insert("email".to_owned(), json!(person.email));
            }
            row
        })
        .collect()
}

fn modules(progress: &Progress, course: &str, call: &Call<'_>) -> Vec<Value> {
    let student = call.one("student_id").and_then(|id| id.parse::<u64>().ok());
    let student = student.and_then(|id| id.checked_sub(1000)).map(|id| id.to_string());
    let activities = progress.activities(course);
    activities
        .iter()
        .map(|activity| {
            let mut row = json!({"id": number(&activity.id), "name": activity.title, "items_count": 1});
            if let (Some(student), Some(row)) = (&student, row.as_object_mut()) {
                let at = progress.standing(course, &activity.id, student).completed_at;
                row.insert(
                    "state".to_owned(),
                    json!(if at.is_some() { "completed" } else { "unlocked" }),
                );
                row.insert("completed_at".to_owned(), json!(at.map(written)));
            }
            row
        })
        .collect()
}

fn submissions(state: &State, progress: &Progress, course: &str, activity: &str) -> Vec<Value> {
    learners(state, course)
        .into_iter()
        .filter(|(_, role)| *role == Role::Learner)
        .map(|(person, _)| {
            let score = progress.standing(course, activity, &person.id).score;
            json!({
                "user_id": user(&person.id), "assignment_id": number(activity), "excused": false,
                "workflow_state": if score.is_some() { "graded" } else { "unsubmitted" },
                "score": score.map(|(points, _)| points),
                "graded_at": score.map(|(_, at)| written(at)), "posted_at": score.map(|(_, at)| written(at)),
            })
        })
        .collect()
}

/// A page with the address of the next one in `Link`.
fn list(state: &State, call: &Call<'_>, rows: Vec<Value>) -> Reply {
    let number = |name: &str| call.one(name).and_then(|text| text.parse::<usize>().ok());
    let asked = number("per_page").unwrap_or(10).min(100);
    // where a page begins is Canvas' own business
    let from = call
        .one("page")
        .and_then(|page| page.strip_prefix("bookmark:")?.parse::<usize>().ok())
        .unwrap_or(0);
    let (rows, next) = page(&state.apis, rows, from, asked);
    let mut reply = Reply::ok(Value::Array(rows));
    let mut links = vec![format!(
        "<{}>; rel=\"current\"",
        call.with("page", &format!("bookmark:{from}"))
    )];
    if let Some(next) = next {
        links.push(format!(
            "<{}>; rel=\"next\"",
            call.with("page", &format!("bookmark:{next}"))
        ));
    }
    reply.headers.push(("Link", links.join(",")));
    reply
}

fn number(id: &str) -> u64 {
    id.parse().unwrap_or(0)
}

fn user(id: &str) -> u64 {
    number(id) + 1000
}
