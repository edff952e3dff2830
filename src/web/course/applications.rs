//! Reviewing applications in the course: what waits, the answers and files, and decisions, which are stored and then told
//! to the Factory. Who decides second decides nothing.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Bytes, Data, Path};
use serde_json::json;

use super::apply::word;
use super::fields::Fields;
use super::issue::message;
use super::surroundings::Surroundings;
use super::{answer, audit, badge, day, refresh};
use crate::clock::Timestamp;
use crate::crypto::random;
use crate::model::application::{Application, Call, Decision};
use crate::model::catalog::CatalogBadge;
use crate::model::form::Method;
use crate::model::request::Content;
use crate::model::{ApplicationId, CourseId, MemberId, OrderId, Standing};
use crate::store::job::NewJob;
use crate::store::{Durability, StoreError};
use crate::web::clean::Clean;
use crate::web::deps::Deps;
use crate::web::error::{Refusal, WebError};
use crate::web::pages::applications::{ApplicationPage, ApplicationsPage, Decided, Earlier, Entered, File, Row};
use crate::web::pages::{Flash, Mistake, Mistakes, Section};
use crate::web::visit::Visit;

/// The most applications of a list.
const MOST: i64 = 200;
/// The shortest and the longest message of a rejection, in characters.
const MESSAGE: std::ops::RangeInclusive<usize> = 10..=2_000;

/// `GET /c/{seat}/applications`
#[tracing::instrument(name = "web.course.applications", skip_all)]
pub(super) async fn list(deps: Data<Deps>, visit: Visit, query: Fields) -> Result<HttpResponse, WebError> {
    let course = visit.sees_course()?;
    let page = list_page(&deps, &visit, course, &query, Mistakes::none()).await?;
    answer::page(&page)
}

/// `POST /c/{seat}/applications`: decides those that are ticked.
#[tracing::instrument(name = "web.course.applications.decide", skip_all)]
pub(super) async fn decide_several(deps: Data<Deps>, visit: Visit, body: Bytes) -> Result<HttpResponse, WebError> {
    let (course, reviewer) = visit.issues()?;
    let fields = Fields::of_form(&body, &visit)?;
    let mut mistakes = Mistakes::none();
    let chosen: Vec<ApplicationId> = fields.all("application").filter_map(|id| id.parse().ok()).collect();
    if chosen.is_empty() {
        mistakes.note("tick-0", Mistake::NothingTicked);
    }
    let Some(wish) = wish(&fields, &mut mistakes).filter(|_| mistakes.is_empty()) else {
        return answer::page(&list_page(&deps, &visit, course, &fields, mistakes).await?);
    };
    let mut decided = 0;
    for id in chosen.into_iter().take(usize::try_from(MOST).unwrap_or(usize::MAX)) {
        if decide(&deps, &visit, course, reviewer, id, &wish).await? {
            decided += 1;
        }
    }
    deps.worker.wake();
    Ok(answer::see_other_with(
        &visit.url("/applications"),
        &Flash::Decided { n: decided },
    ))
}

/// `GET /c/{seat}/applications/{application}`
#[tracing::instrument(name = "web.course.application", skip_all)]
pub(super) async fn show(
    deps: Data<Deps>,
    visit: Visit,
    path: Path<(String, String)>,
    query: Fields,
) -> Result<HttpResponse, WebError> {
    let course = visit.sees_course()?;
    let one = find(&deps, &visit, course, &path.1).await?;
    let page = one_page(&deps, &visit, course, one, &query, Mistakes::none()).await?;
    answer::page(&page)
}

/// `POST /c/{seat}/applications/{application}`: decides it, and opens the next.
#[tracing::instrument(name = "web.course.application.decide", skip_all)]
pub(super) async fn decide_one(
    deps: Data<Deps>,
    visit: Visit,
    path: Path<(String, String)>,
    body: Bytes,
) -> Result<HttpResponse, WebError> {
    let (course, reviewer) = visit.issues()?;
    let fields = Fields::of_form(&body, &visit)?;
    let one = find(&deps, &visit, course, &path.1).await?;
    let here = visit.url(&format!("/applications/{}", one.id));
    if !one.can_be_decided() {
        // somebody was faster, or the Factory decides: the page says who and when
        return Ok(answer::see_other(&here));
    }
    let mut mistakes = Mistakes::none();
    let Some(wish) = wish(&fields, &mut mistakes).filter(|_| mistakes.is_empty()) else {
        return answer::page(&one_page(&deps, &visit, course, one, &fields, mistakes).await?);
    };
    let id = one.id;
    if !decide(&deps, &visit, course, reviewer, id, &wish).await? {
        return Ok(answer::see_other(&here));
    }
    deps.worker.wake();
    let organisation = visit.organisation();
    let waiting = deps
        .store
        .read_one(async |tx| tx.pending_applications(organisation, course, MOST).await)
        .await?;
    let next = waiting.iter().find(|other| other.id != id && other.can_be_decided());
    let there = next.map_or_else(
        || "/applications".to_owned(),
        |next| format!("/applications/{}", next.id),
    );
    Ok(answer::see_other_with(&visit.url(&there), &Flash::Decided { n: 1 }))
}

/// `GET /c/{seat}/applications/{application}/files/{file}`: to be downloaded, never shown inside our pages.
#[tracing::instrument(name = "web.course.application.file", skip_all)]
pub(super) async fn file(
    deps: Data<Deps>,
    visit: Visit,
    path: Path<(String, String, String)>,
) -> Result<HttpResponse, WebError> {
    let course = visit.sees_course()?;
    let one = find(&deps, &visit, course, &path.1).await?;
    let facts = one
        .answers
        .iter()
        .filter_map(|answer| answer.file.as_ref())
        .find(|file| file.id().to_string() == path.2)
        .ok_or(Refusal::NotFound)?;
    let (organisation, application, id) = (visit.organisation(), one.id, facts.id);
    let bytes = deps
        .store
        .read_one(async |tx| tx.file_bytes(organisation, application, id).await)
        .await?;
    if bytes.is_empty() {
        // decided long ago: the Factory has it
        return Err(Refusal::NotFound.into());
    }
    let name: String = url::form_urlencoded::byte_serialize(facts.name.as_bytes()).collect();
    let disposition = format!("attachment; filename*=UTF-8''{}", name.replace('+', "%20"));
    Ok(HttpResponse::Ok()
        // whatever it says it is, no browser opens it here
        .insert_header((header::CONTENT_TYPE, "application/octet-stream"))
        .insert_header((header::CONTENT_DISPOSITION, disposition))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"))
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .body(bytes))
}

/// What is to be decided.
struct Wish {
    decision: Decision,
    message: String,
}

fn wish(fields: &Fields, mistakes: &mut Mistakes) -> Option<Wish> {
    let message = fields.one("message").replace("\r\n", "\n");
    let length = message.chars().count();
    let Ok(decision) = fields.one("decision").parse::<Decision>() else {
        mistakes.note("approve", Mistake::NotChosen);
        return None;
    };
    if length > *MESSAGE.end() {
        mistakes.note("message", Mistake::TooLong { limit: *MESSAGE.end() });
    } else if decision == Decision::Reject && length < *MESSAGE.start() {
        mistakes.note("message", Mistake::MessageNeeded);
    }
    Some(Wish { decision, message })
}

/// Stores a decision with the job that tells it; `false` if it is decided already.
async fn decide(
    deps: &Deps,
    visit: &Visit,
    course: CourseId,
    reviewer: MemberId,
    id: ApplicationId,
    wish: &Wish,
) -> Result<bool, WebError> {
    let organisation = visit.organisation();
    let read = deps.store.read(async |tx| {
        let Some(one) = tx.application_in_course(organisation, course, id).await? else {
            return Ok(None);
        };
        let known = tx.catalog_badge(organisation, &one.badge_id).await?;
        let member = match one.member {
            Some(member) => Some(member),
            None => tx.member_with_address(organisation, course, &one.address).await?,
        };
        Ok::<_, StoreError>(Some((one, known, member)))
    });
    let Some((before, known, member)) = read.await? else {
        return Ok(false);
    };
    if !before.can_be_decided() {
        return Ok(false);
    }
    let now = deps.clock.now();
    let is_approved = wish.decision == Decision::Approve;
    let content = if is_approved {
        approval(visit, known.as_ref(), &before.badge_name, &wish.message, now)
    } else {
        rejection(visit, &before.badge_name, &wish.message)
    };
    let after = Application {
        course: Some(course),
        member,
        decision: Some(wish.decision),
        decided_at: Some(now),
        reviewer: Some(reviewer),
        reviewer_name: Some(visit.seat.member_name.clone()),
        message: Some(wish.message.clone()).filter(|text| !text.is_empty()),
        content: Some(content),
        order: is_approved.then(|| OrderId::new(random::id_at(now))),
        call: Call::Ready,
        sendings: 0,
        look: 0,
        reason: None,
        ..before
    };
    let entry = audit::entry(
        visit,
        "application.decide",
        &id,
        json!({ "decision": wish.decision.word() }),
    );
    let stored: Result<bool, StoreError> = deps
        .store
        .write(Durability::Full, async move |tx| {
            let now = tx.now().await?;
            if !tx.save_application(&after, now).await? {
                return Ok(false);
            }
            tx.enqueue(&NewJob::application(organisation, id, now), now).await?;
            tx.add_audit(&entry, now).await?;
            Ok(true)
        })
        .await;
    Ok(stored?)
}

/// What an approval sends: the badge's own message, ours where it has none, the reviewer's words before it.
fn approval(visit: &Visit, known: Option<&CatalogBadge>, badge_name: &str, words: &str, now: Timestamp) -> Content {
    let own = known.map(|badge| badge.message.clone()).unwrap_or_default();
    let texts = message::own_texts(&own, visit);
    let subject = || visit.text.msg("app-mail-subject").with("badge", badge_name).to_string();
    let plain = || visit.text.msg("app-mail-body").with("badge", badge_name).to_string();
    let body = texts.body.unwrap_or_else(plain);
    Content {
        expires: known
            .and_then(|badge| message::own_end(badge.validity, day::of(now)))
            .map(Timestamp::seconds),
        email_subject: Some(texts.subject.unwrap_or_else(subject)),
        email_body: Some(if words.is_empty() {
            body
        } else {
            format!("{words}\n\n{body}")
        }),
        email_link_text: texts.link_text,
        email_footer: texts.footer,
        ..Content::default()
    }
}

fn rejection(visit: &Visit, badge_name: &str, words: &str) -> Content {
    Content {
        email_subject: Some(
            visit
                .text
                .msg("app-mail-rejected")
                .with("badge", badge_name)
                .to_string(),
        ),
        email_body: Some(words.to_owned()),
        ..Content::default()
    }
}

async fn find(deps: &Deps, visit: &Visit, course: CourseId, id: &str) -> Result<Application, WebError> {
    let (organisation, id) = (visit.organisation(), id.parse().map_err(|_| Refusal::NotFound)?);
    let found = deps
        .store
        .read_one(async |tx| tx.application_in_course(organisation, course, id).await)
        .await?;
    found.ok_or_else(|| Refusal::NotFound.into())
}

async fn list_page(
    deps: &Deps,
    visit: &Visit,
    course: CourseId,
    fields: &Fields,
    mistakes: Mistakes,
) -> Result<ApplicationsPage, WebError> {
    let organisation = visit.organisation();
    let around = Surroundings::with_flash(deps, visit, Some(Section::Applications), fields.flash()).await?;
    let read = deps.store.read(async |tx| {
        let pending = tx.pending_applications(organisation, course, MOST).await?;
        let mut others = tx.applications_under_way(organisation, course, MOST).await?;
        others.extend(tx.other_applications(organisation, course, MOST).await?);
        let reading = tx.application_reading(organisation).await?;
        Ok::<_, StoreError>((pending, others, reading))
    });
    let (pending, others, reading) = read.await?;
    refresh::applications(deps, organisation, reading.read_at).await;
    let ticked: Vec<&str> = fields.all("application").collect();
    let row = |one: &Application| Row {
        ticked: ticked.contains(&one.id.to_string().as_str()),
        ..row(visit, one)
    };
    let (waiting, elsewhere): (Vec<&Application>, Vec<&Application>) =
        pending.iter().partition(|one| one.can_be_decided());
    Ok(ApplicationsPage {
        waiting: waiting.into_iter().map(row).collect(),
        elsewhere: elsewhere.into_iter().map(row).collect(),
        others: others.iter().map(row).collect(),
        read: reading.read_at,
        is_away: reading.failing_since.is_some(),
        factory: around.factory,
        frame: around.frame,
        entered: entered(fields),
        mistakes,
    })
}

async fn one_page(
    deps: &Deps,
    visit: &Visit,
    course: CourseId,
    one: Application,
    fields: &Fields,
    mistakes: Mistakes,
) -> Result<ApplicationPage, WebError> {
    let organisation = visit.organisation();
    let around = Surroundings::with_flash(deps, visit, Some(Section::Applications), fields.flash()).await?;
    let read = deps.store.read(async |tx| {
        let known = tx.catalog_badge(organisation, &one.badge_id).await?;
        let form = tx.catalog_form(organisation, &one.form_id).await?;
        let waiting = tx.pending_applications(organisation, course, MOST).await?;
        let earlier = match one.member {
            Some(member) => tx.own_applications(organisation, member, &one.form_id).await?,
            None => Vec::new(),
        };
        Ok::<_, StoreError>((known, form, waiting, earlier))
    });
    let (known, form, waiting, earlier) = read.await?;
    let waiting: Vec<Application> = waiting
        .into_iter()
        .filter(|other| other.id != one.id && other.can_be_decided())
        .collect();
    let sees_addresses = visit.seat.standing == Standing::Staff;
    let skip = waiting
        .iter()
        .find(|other| other.created_at >= one.created_at)
        .or(waiting.first())
        .map_or_else(
            || "/applications".to_owned(),
            |next| format!("/applications/{}", next.id),
        );
    Ok(ApplicationPage {
        action: visit.url(&format!("/applications/{}", one.id)),
        name: shown_name(visit, &one),
        email: sees_addresses.then(|| one.address.to_string()),
        person: one.member.map(|member| visit.url(&format!("/people/{member}"))),
        badge: badge::named(visit, known.as_ref(), &one.badge_id, &one.badge_name),
        criteria: form.as_ref().and_then(|form| Clean::of(form.criteria.as_deref()?)),
        at: one.created_at,
        from_factory: one.form_key.starts_with("factory:"),
        word: Some(word(&one)),
        answers: one
            .answers
            .iter()
            .filter(|answer| !answer.hidden && answer.file.is_none())
            .map(|answer| (answer.label.clone(), answer.shown.clone()))
            .collect(),
        files: files(visit, &one),
        is_evidence: one.attach_evidence.unwrap_or_default(),
        earlier: earlier
            .iter()
            .filter(|other| other.id != one.id && other.created_at < one.created_at && other.course == Some(course))
            .map(|other| Earlier {
                at: other.created_at,
                word: word(other),
                message: other.message.clone(),
            })
            .collect(),
        decided: one.decided_at.map(|at| Decided {
            who: one.reviewer_name.clone().unwrap_or_default(),
            at,
            message: one.message.clone(),
            elsewhere: one.elsewhere,
        }),
        reason: one.reason.clone(),
        is_open: one.can_be_decided(),
        method: method_key(one.method),
        award: one.award.map(|award| visit.url(&format!("/awards/{award}"))),
        queue: waiting
            .iter()
            .map(|other| (other.id.to_string(), shown_name(visit, other)))
            .collect(),
        skip: visit.url(&skip),
        factory: around.factory,
        frame: around.frame,
        entered: entered(fields),
        mistakes,
    })
}

fn files(visit: &Visit, one: &Application) -> Vec<File> {
    let files = one.answers.iter().filter_map(|answer| answer.file.as_ref());
    files
        .map(|file| File {
            href: visit.url(&format!("/applications/{}/files/{}", one.id, file.id())),
            name: file.name.clone(),
            ending: file
                .name
                .rsplit_once('.')
                .map_or("", |(_, ending)| ending)
                .to_uppercase(),
            size: file.size,
        })
        .collect()
}

fn entered(fields: &Fields) -> Entered {
    Entered {
        decision: fields.one("decision").to_owned(),
        message: fields.one("message").to_owned(),
    }
}

fn row(visit: &Visit, one: &Application) -> Row {
    Row {
        id: one.id.to_string(),
        name: shown_name(visit, one),
        badge: one.badge_name.clone(),
        at: one.created_at,
        word: word(one),
        method: method_key(one.method),
        was_refused: one.can_be_decided() && one.reason.is_some(),
        ticked: false,
    }
}

/// A name that is an address is not for those who do not see addresses.
fn shown_name(visit: &Visit, one: &Application) -> String {
    let is_address = one.name == one.address.as_str();
    if is_address && visit.seat.standing != Standing::Staff {
        return visit.text.say("app-somebody");
    }
    one.name.clone()
}

/// The message that says who decides where staff do not; empty where they do.
const fn method_key(method: Method) -> &'static str {
    match method {
        Method::Review => "",
        Method::Instant => "app-by-instant",
        Method::Secret => "app-by-secret",
        Method::Peer => "app-by-peer",
        Method::Other => "app-by-other",
    }
}
