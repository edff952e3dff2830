//! Where learners get on and teachers give grades: the page of a course's progress, and the page of what was sent.

use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse};

use super::campus::{Course, Person, Role};
use super::pages::{self, Doing, Gradebook, LearnerRow, MyProgress, PushedPage};
use super::progress::Grade;
use super::push::{self, News};
use super::server::{Pairs, pairs, person_of, refused, see_other, value};
use super::state::Shared;

type State = Data<Shared>;

/// Learners on a teacher's page at most.
const LEARNERS_SHOWN: usize = 200;

/// `GET /course/{course}/progress`: a learner's own, or everybody's for who teaches.
pub(super) async fn page(shared: State, request: HttpRequest, course: Path<String>) -> HttpResponse {
    let Some((person, course, role)) = visitor(&shared, &request, &course) else {
        return see_other("/");
    };
    let told = value(&pairs(request.query_string().as_bytes()), "told").to_owned();
    let told = told_page(&shared, &told);
    match role {
        Role::Learner => pages::respond(StatusCode::OK, &own(&shared, &person, course, told)),
        Role::Teacher => pages::respond(StatusCode::OK, &all(&shared, &person, &course, told)),
        Role::TeachingAssistant | Role::TestStudent => refused(
            StatusCode::FORBIDDEN,
            "only learners get on here, and only who teaches gives grades",
        ),
    }
}

/// `POST /course/{course}/progress`: one step of a learner, or one grade of a teacher.
pub(super) async fn act(shared: State, request: HttpRequest, course: Path<String>, body: Bytes) -> HttpResponse {
    let Some((person, course, role)) = visitor(&shared, &request, &course) else {
        return see_other("/");
    };
    let form = pairs(&body);
    let done = match role {
        Role::Learner => step(&shared, &person, &course, &form),
        Role::Teacher => grade(&shared, &course, &form),
        Role::TeachingAssistant | Role::TestStudent => Err("this is not yours to do"),
    };
    let (who, news) = match done {
        Ok(done) => done,
        Err(reason) => return refused(StatusCode::BAD_REQUEST, reason),
    };
    let number = push::tell(&shared, &course.id, &who, &news).await;
    let told = number.map_or_else(|| "nothing".to_owned(), |number| number.to_string());
    see_other(&format!("/course/{}/progress?told={told}", course.id))
}

/// `GET /pushed`: what was sent.
pub(super) async fn pushed(shared: State) -> HttpResponse {
    let state = shared.lock();
    let page = PushedPage {
        channel: state.post.channel,
        sent: state.post.sent.iter().rev().cloned().collect(),
    };
    drop(state);
    pages::respond(StatusCode::OK, &page)
}

/// `POST /pushed/{number}/again`: the same message once more, as senders do that heard no answer.
pub(super) async fn again(shared: State, number: Path<u64>) -> HttpResponse {
    if push::send(&shared, *number).await {
        see_other("/pushed")
    } else {
        refused(StatusCode::NOT_FOUND, "that message is forgotten")
    }
}

fn visitor(shared: &Shared, request: &HttpRequest, course: &str) -> Option<(Person, Course, Role)> {
    let person = person_of(shared, request)?;
    let state = shared.lock();
    let course = state.campus.course(course)?.clone();
    let role = state.campus.role(&course.id, &person.id)?;
    Some((person, course, role))
}

/// What a learner did.
fn step(shared: &Shared, person: &Person, course: &Course, form: &Pairs) -> Result<(String, News), &'static str> {
    let (progress, now) = (&shared.progress, shared.clock.now());
    let news = match (value(form, "do"), value(form, "activity")) {
        ("complete", "") => {
            if !progress.complete(&course.id, &person.id, now) {
                return Err("you have completed this course already");
            }
            News::Completed
        }
        ("reopen", "") => {
            if !progress.reopen(&course.id, &person.id) {
                return Err("you have not completed this course yet");
            }
            News::Reopened
        }
        ("complete", activity) => {
            if !progress.activities(&course.id).iter().any(|known| known.id == activity) {
                return Err("there is no such activity in this course");
            }
            if !progress.complete_activity(&course.id, activity, &person.id, now) {
                return Err("you have completed this activity already");
            }
            News::ActivityCompleted(activity.to_owned())
        }
        _ => return Err("that is no choice of the form"),
    };
    Ok((person.id.clone(), news))
}

/// What a teacher gave.
fn grade(shared: &Shared, course: &Course, form: &Pairs) -> Result<(String, News), &'static str> {
    let (progress, at) = (&shared.progress, shared.clock.now());
    let person = value(form, "person");
    if shared.lock().campus.role(&course.id, person) != Some(Role::Learner) {
        return Err("nobody of that name learns in this course");
    }
    let given = value(form, "points").replace(',', ".").parse::<f64>();
    let given = given
        .ok()
        .filter(|given| given.is_finite() && (0.0..=1000.0).contains(given));
    let given = given.ok_or("enter a number from 0 to 1000")?;
    let activity = value(form, "activity");
    let news = if activity.is_empty() {
        let grade = Grade {
            percent: given,
            released: true,
            at,
        };
        progress.set_grade(&course.id, person, Some(grade));
        News::Grade(given)
    } else {
        let activities = progress.activities(&course.id);
        let known = activities.into_iter().find(|known| known.id == activity);
        let known = known.ok_or("there is no such activity in this course")?;
        let maximum = known.maximum.ok_or("this activity has no points")?;
        progress.set_score(&course.id, activity, person, Some((given, at)));
        News::Score(known.id, given, maximum)
    };
    Ok((person.to_owned(), news))
}

/// What a page says of the message that was just sent.
fn told_page(shared: &Shared, told: &str) -> Option<String> {
    if told.is_empty() {
        return None;
    }
    let state = shared.lock();
    let number = told.parse::<u64>().ok();
    let message = number.and_then(|number| state.post.sent.iter().find(|message| message.number == number));
    Some(match message.map(|message| &message.answer) {
        None => "Saved. Nobody was told.".to_owned(),
        Some(Ok((status, _))) => format!("Saved, and Badgebridge was told: it answered {status}."),
        Some(Err(why)) => format!("Saved, but Badgebridge did not answer: {why}"),
    })
}

fn own(shared: &Shared, person: &Person, course: Course, told: Option<String>) -> MyProgress {
    let progress = &shared.progress;
    let activities = progress.activities(&course.id);
    let activities = activities.into_iter().map(|activity| {
        let standing = progress.standing(&course.id, &activity.id, &person.id);
        Doing {
            is_done: standing.completed_at.is_some(),
            points: standing.score.map(|(points, _)| points),
            activity,
        }
    });
    MyProgress {
        name: person.name(),
        activities: activities.collect(),
        is_complete: progress.completion(&course.id, &person.id).is_some(),
        percent: progress.grade(&course.id, &person.id).map(|grade| grade.percent),
        course,
        told,
    }
}

fn all(shared: &Shared, person: &Person, course: &Course, told: Option<String>) -> Gradebook {
    let progress = &shared.progress;
    let state = shared.lock();
    let roster = state.campus.roster(&course.id, 0, usize::MAX).into_iter();
    let learners = roster.filter(|(_, role)| *role == Role::Learner).take(LEARNERS_SHOWN);
    let learners = learners.map(|(learner, _)| LearnerRow {
        id: learner.id.clone(),
        name: learner.name(),
        is_complete: progress.completion(&course.id, &learner.id).is_some(),
        percent: progress.grade(&course.id, &learner.id).map(|grade| grade.percent),
    });
    Gradebook {
        name: person.name(),
        learners: learners.collect(),
        activities: progress.activities(&course.id),
        course: course.clone(),
        told,
    }
}
