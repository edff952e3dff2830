//! Brightspace's interface. A course has the id of its launches; a person 6 is 30006 here. Activities are topics and
//! grades of the same id.

use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{API_CLIENT, API_SECRET, Apis, Call, Reply, learners, page, written};
use crate::clock::Timestamp;
use crate::sandbox::lms::campus::{Person, Role};
use crate::sandbox::lms::progress::Progress;
use crate::sandbox::lms::state::{Shared, State};
use crate::sandbox::lms::token;

/// Tokens for a code or for what refreshes, which is good once: each answer brings another, and what was used before ends
/// everything.
fn agreed(apis: &mut Apis, given: &impl Fn(&str) -> String, now: Timestamp) -> Reply {
    let refused = |code: &str| Reply::refused(400, json!({"error": code}));
    if given("client_id") != API_CLIENT || given("client_secret") != API_SECRET {
        return refused("invalid_client");
    }
    let is_good = match given("grant_type").as_str() {
        "authorization_code" => apis.codes.remove(&given("code")) == Some(given("redirect_uri")),
        _ => apis.refresh.take() == Some(given("refresh_token")),
    };
    if !is_good {
        apis.spent += 1;
        apis.tokens.clear();
        return refused("invalid_grant");
    }
    let access = apis.token(now);
    let refresh = format!("refresh-{}", apis.serial);
    apis.refresh = Some(refresh.clone());
    Reply::ok(json!({"access_token": access, "token_type": "Bearer", "refresh_token": refresh, "expires_in": 3600}))
}

/// A token for whoever proves to be the tool, by its published keys (RFC 7523), or by a service account's consent.
pub(super) async fn token(shared: &Shared, form: &[(String, String)]) -> Reply {
    if form
        .iter()
        .any(|(name, value)| name == "grant_type" && value != "client_credentials")
    {
        let given = |name: &str| {
            let named = form.iter().find(|(known, _)| known == name);
            named.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        return agreed(&mut shared.lock().apis, &given, shared.clock.now());
    }
    let given = |name: &str| {
        form.iter()
            .find(|(known, _)| known == name)
            .map_or("", |(_, value)| value.as_str())
    };
    let refused = |code: &str| Reply::refused(400, json!({"error": code}));
    if given("grant_type") != "client_credentials" || given("scope").is_empty() {
        return refused("unsupported_grant_type");
    }
    let now = shared.clock.now();
    let Ok(claims) = token::proven(shared, given("client_assertion")).await else {
        return refused("invalid_client");
    };
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    let expires = claims.get("exp").and_then(Value::as_i64).unwrap_or(0);
    let is_fit = text("iss") == API_CLIENT
        && text("sub") == API_CLIENT
        && text("aud") == format!("{}/core/connect/token", shared.base)
        && !text("jti").is_empty()
        && expires > now.seconds();
    if !is_fit {
        return refused("invalid_client");
    }
    let access = shared.lock().apis.token(now);
    Reply::ok(json!({"access_token": access, "token_type": "Bearer", "expires_in": 3600}))
}

pub(super) fn answer(state: &State, progress: &Progress, call: &Call<'_>) -> Reply {
    let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
    let not_found = || Reply::refused(404, json!({"Errors": [{"Message": "Resource Not Found"}]}));
    if path.as_slice() == ["versions"] {
        return Reply::ok(json!([
            {"ProductCode": "lp", "LatestVersion": "1.47", "SupportedVersions": ["1.46", "1.47"]},
            {"ProductCode": "le", "LatestVersion": "1.79", "SupportedVersions": ["1.78", "1.79"]},
            {"ProductCode": "ep", "LatestVersion": "2.5", "SupportedVersions": ["2.5"]},
        ]));
    }
    let (Some(product), Some(version)) = (path.first(), path.get(1)) else {
        return not_found();
    };
    let known = [("lp", "1.47"), ("le", "1.79")];
    if !known.contains(&(*product, *version)) {
        return not_found();
    }
    let course = path
        .get(if *product == "lp" { 3 } else { 2 })
        .copied()
        .unwrap_or_default();
    if state.campus.course(course).is_none_or(|known| known.id != course) {
        return not_found();
    }
    let rest = path.get(3..).unwrap_or_default();
    match (*product, rest) {
        ("lp", [_]) => {
            let end = state.apis.ends.get(course).map(|(at, _)| written(*at));
            Reply::ok(json!({"Identifier": course, "Name": "A course", "EndDate": end}))
        }
        ("le", ["grades", "courseCompletion"]) => completions(state, progress, course, call),
        ("le", ["grades", "final", "values"]) => paged(state, call, finals(state, progress, course)),
        ("le", ["grades", "values"]) => paged(state, call, grades(state, progress, course, call)),
        ("le", ["content", "completions"]) => Reply::ok(content(state, progress, course, call)),
        ("le", ["content", "topics", topic, "completions"]) => {
            paged(state, call, topics(state, progress, course, topic))
        }
        ("le", ["classlist", "paged"]) => paged(state, call, people(state, course)),
        _ => not_found(),
    }
}

/// Records of completion: by bookmark.
fn completions(state: &State, progress: &Progress, course: &str, call: &Call<'_>) -> Reply {
    let rows: Vec<Value> = progress
        .completions(course)
        .into_iter()
        .map(|(person, at)| {
            json!({"OrgUnitId": number(course), "CompletionId": 90 + number(&person), "UserId": user(&person),
                "CompletedDate": written(at), "ExpiryDate": null})
        })
        .collect();
    let from = call.one("bookmark").and_then(|text| text.parse().ok()).unwrap_or(0);
    let (rows, next) = page(&state.apis, rows, from, 20);
    Reply::ok(json!({
        "PagingInfo": {"Bookmark": next.map(|next| next.to_string()), "HasMoreItems": next.is_some()},
        "Items": rows,
    }))
}

fn finals(state: &State, progress: &Progress, course: &str) -> Vec<Value> {
    let of = |person: &Person| {
        let adjusted = state.apis.overrides.get(&(course.to_owned(), person.id.clone()));
        let grade = progress.grade(course, &person.id);
        let value = match (adjusted, grade) {
            (Some(adjusted), grade) => Some(value(
                "FinalAdjusted",
                *adjusted,
                100.0,
                true,
                grade.map(|grade| grade.at),
            )),
            (None, Some(grade)) => Some(value(
                "FinalCalculated",
                grade.percent,
                100.0,
                grade.released,
                Some(grade.at),
            )),
            (None, None) => None,
        };
        json!({"User": {"Identifier": user(&person.id).to_string(), "DisplayName": person.name(),
            "EmailAddress": person.email, "OrgDefinedId": null}, "GradeValue": value})
    };
    learners_only(state, course).into_iter().map(of).collect()
}

/// Grades of activities, and final ones as well; those that changed since a moment.
fn grades(state: &State, progress: &Progress, course: &str, call: &Call<'_>) -> Vec<Value> {
    let since = call
        .one("modifiedSince")
        .and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok())
        .map(|at| Timestamp::from_seconds(at.unix_timestamp()));
    let is_new = |at: Timestamp| since.is_none_or(|since| at >= since);
    let mut rows = Vec::new();
    let mut add = |mut row: Value, object: &str, person: &Person| {
        if let Some(row) = row.as_object_mut() {
            row.insert("UserId".to_owned(), json!(user(&person.id).to_string()));
            row.insert("OrgUnitId".to_owned(), json!(course));
            row.insert("GradeObjectIdentifier".to_owned(), json!(object));
        }
        rows.push(row);
    };
    for person in learners_only(state, course) {
        for activity in progress.activities(course) {
            let score = progress.standing(course, &activity.id, &person.id).score;
            if let Some((points, at)) = score.filter(|(_, at)| is_new(*at)) {
                let full = activity.maximum.unwrap_or(0.0);
                add(value("Numeric", points, full, true, Some(at)), &activity.id, person);
            }
        }
        if let Some(grade) = progress.grade(course, &person.id).filter(|grade| is_new(grade.at)) {
            let row = value("FinalCalculated", grade.percent, 100.0, grade.released, Some(grade.at));
            add(row, "1", person);
        }
    }
    rows
}

fn content(state: &State, progress: &Progress, course: &str, call: &Call<'_>) -> Value {
    let wanted: Vec<&str> = call.one("userIdsCSV").unwrap_or_default().split(',').collect();
    if wanted.len() > 100 {
        return json!({"Errors": [{"Message": "too many users"}]});
    }
    let activities = progress.activities(course);
    let of = |person: &Person| {
        let done = activities.iter().filter(|activity| {
            progress
                .standing(course, &activity.id, &person.id)
                .completed_at
                .is_some()
        });
        json!({"UserId": user(&person.id), "OrgUnitId": number(course), "RequiredItems": activities.len(),
            "CompletedItems": done.count()})
    };
    let people = learners_only(state, course);
    let people = people
        .into_iter()
        .filter(|person| wanted.contains(&user(&person.id).to_string().as_str()));
    Value::Array(people.map(of).collect())
}

fn topics(state: &State, progress: &Progress, course: &str, topic: &str) -> Vec<Value> {
    let of = |person: &Person| {
        let at = progress.standing(course, topic, &person.id).completed_at?;
        Some(
            json!({"UserId": user(&person.id), "TopicId": number(topic), "CompletionType": 1,
            "CompletionDate": written(at)}),
        )
    };
    learners_only(state, course).into_iter().filter_map(of).collect()
}

fn people(state: &State, course: &str) -> Vec<Value> {
    let people = state.campus.roster(course, 0, usize::MAX).into_iter();
    people
        .map(|(person, _)| {
            json!({"Identifier": user(&person.id).to_string(), "DisplayName": person.name(), "Email": person.email,
                "OrgDefinedId": null, "Username": person.username})
        })
        .collect()
}

/// A page with the address of the next one in it.
fn paged(state: &State, call: &Call<'_>, rows: Vec<Value>) -> Reply {
    let asked = call.one("pageSize").and_then(|text| text.parse().ok()).unwrap_or(20);
    let from = call.one("bookmark").and_then(|text| text.parse().ok()).unwrap_or(0);
    let (rows, next) = page(&state.apis, rows, from, asked);
    let next = next.map(|next| call.with("bookmark", &next.to_string()));
    Reply::ok(json!({"Objects": rows, "Next": next}))
}

fn value(kind: &str, points: f64, full: f64, released: bool, at: Option<Timestamp>) -> Value {
    json!({"GradeObjectIdentifier": "1", "GradeObjectName": "Grade", "GradeObjectTypeName": kind,
        "DisplayedGrade": format!("{points} / {full}"), "PointsNumerator": points, "PointsDenominator": full,
        "WeightedNumerator": points, "WeightedDenominator": full, "LastModified": at.map(written),
        "ReleasedDate": at.filter(|_| released).map(written)})
}

fn learners_only<'a>(state: &'a State, course: &str) -> Vec<&'a Person> {
    let people = learners(state, course).into_iter();
    people
        .filter(|(_, role)| *role == Role::Learner)
        .map(|(person, _)| person)
        .collect()
}

fn number(id: &str) -> u64 {
    id.parse().unwrap_or(0)
}

fn user(id: &str) -> u64 {
    number(id) + 30_000
}
