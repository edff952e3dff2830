//! Step 4: everything once more, and the button that places the request.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Path};

use super::message::{self, Message};
use super::{Named, Open, choosing, selection};
use crate::awards::issue::{self, PlaceError};
use crate::crypto::random;
use crate::model::RequestId;
use crate::model::catalog::CatalogBadge;
use crate::model::request::{NewRequest, Person};
use crate::store::Durability;
use crate::web::course::fields::Fields;
use crate::web::course::surroundings::Surroundings;
use crate::web::course::{answer, badge};
use crate::web::deps::Deps;
use crate::web::error::{Refusal, WebError};
use crate::web::pages::issue_check::IssueCheckPage;
use crate::web::pages::parts::Step;
use crate::web::pages::{Mistake, Mistakes, Section};
use crate::web::visit::Visit;

/// How many names are shown of everybody, and of those on hold or again.
const NAMES: usize = 100;
const FEW_NAMES: usize = 10;

/// `GET /c/{seat}/issue/{draft}/check`
#[tracing::instrument(name = "web.course.issue.check", skip_all)]
pub(in crate::web::course) async fn show(
    deps: Data<Deps>,
    visit: Visit,
    path: Path<Named>,
) -> Result<HttpResponse, WebError> {
    let open = Open::read(&deps, &visit, &path).await?;
    match Ready::of(&deps, &visit, &open).await? {
        Ready::Not(step) => Ok(answer::see_other(&open.step(&visit, step))),
        Ready::Refused(mistakes) => refused(&deps, &visit, &open, mistakes).await,
        Ready::Yes { badge, message, people } => {
            page(&deps, &visit, &open, &badge, Some(&message), &people, Mistakes::none()).await
        }
    }
}

/// `POST /c/{seat}/issue/{draft}/check`: places the request. The form's key makes it one request however often it is sent.
#[tracing::instrument(name = "web.course.issue.place", skip_all)]
pub(in crate::web::course) async fn place(
    deps: Data<Deps>,
    visit: Visit,
    path: Path<Named>,
    body: Bytes,
) -> Result<HttpResponse, WebError> {
    super::author(&visit)?;
    let fields = Fields::of_form(&body, &visit)?;
    let key = fields.one("key");
    if let Some(placed) = placed(&deps, &visit, key).await? {
        return resume(&deps, &visit, placed).await;
    }
    let Some(open) = Open::find(&deps, &visit, &path).await? else {
        // the first press of a double click placed it and dropped the draft just now
        let placed = placed(&deps, &visit, key).await?;
        return resume(&deps, &visit, placed.ok_or(Refusal::NotFound)?).await;
    };
    match Ready::of(&deps, &visit, &open).await? {
        Ready::Not(step) => Ok(answer::see_other(&open.step(&visit, step))),
        Ready::Refused(mistakes) => refused(&deps, &visit, &open, mistakes).await,
        Ready::Yes { badge, message, people } => {
            let id = store(&deps, &open, &badge, *message, people).await?;
            Ok(answer::see_other(&visit.url(&format!("/orders/{id}"))))
        }
    }
}

/// What was placed before is gone on with, where it ended half way, and shown.
async fn resume(deps: &Deps, visit: &Visit, placed: RequestId) -> Result<HttpResponse, WebError> {
    if issue::resume(&deps.store, visit.organisation(), placed).await? {
        deps.worker.wake();
    }
    Ok(answer::see_other(&visit.url(&format!("/orders/{placed}"))))
}

/// Whether a draft can be placed as it is now.
enum Ready {
    /// A step before must be done first.
    Not(Step),
    /// It could, but for something that changed meanwhile.
    Refused(Mistakes),
    /// It can.
    Yes {
        badge: Box<CatalogBadge>,
        message: Box<Message>,
        people: Vec<Person>,
    },
}

impl Ready {
    async fn of(deps: &Deps, visit: &Visit, open: &Open) -> Result<Self, WebError> {
        if open.draft.badge.is_none() {
            return Ok(Self::Not(Step::Badge));
        }
        if open.draft.people.is_empty() {
            return Ok(Self::Not(Step::People));
        }
        let Some(badge) = open.badge() else {
            return Ok(Self::Refused(Mistakes::one("row-badge", Mistake::BadgeGone)));
        };
        let message = message::message(deps, visit, &open.draft.text, badge);
        let (Some(message), true) = (message, open.draft.text.passed) else {
            return Ok(Self::Not(Step::Message));
        };
        let people = choosing::as_of_now(deps, open.author, &badge.id, &open.draft.people).await?;
        if people.is_empty() {
            return Ok(Self::Refused(Mistakes::one("row-people", Mistake::Nobody)));
        }
        Ok(Self::Yes {
            badge: Box::new(badge.clone()),
            message: Box::new(message),
            people,
        })
    }
}

/// The request that this key placed in this course.
async fn placed(deps: &Deps, visit: &Visit, key: &str) -> Result<Option<RequestId>, WebError> {
    let (organisation, course) = (visit.organisation(), visit.course()?);
    Ok(deps
        .store
        .read_one(async |tx| tx.request_of_key(organisation, course, key).await)
        .await?)
}

async fn store(
    deps: &Deps,
    open: &Open,
    badge: &CatalogBadge,
    message: Message,
    people: Vec<Person>,
) -> Result<RequestId, WebError> {
    let now = deps.clock.now();
    let (author, draft) = (open.author, open.draft.id);
    let new = NewRequest {
        id: RequestId::new(random::id_at(now)),
        organisation: author.organisation,
        course: Some(author.course),
        author: Some(author.member),
        form_key: open.draft.form_key.clone(),
        badge_id: badge.id.clone(),
        badge_name: badge.name.clone(),
        name: open.draft.text.name.clone().unwrap_or_else(|| badge.name.clone()),
        content: message.content,
        people,
        created_at: now,
    };
    let placed = issue::place(&deps.store, new).await.map_err(|error| match error {
        PlaceError::Store(error) => error.into(),
        PlaceError::Nobody | PlaceError::TooMany(_) | PlaceError::Unnamed(_) => WebError::internal(error),
    })?;
    deps.worker.wake();
    // Dropped after the request is safe: pressed again in between, the draft still carries the same key.
    deps.store
        .write_one(Durability::Launch, async move |tx| tx.drop_draft(author, draft).await)
        .await?;
    Ok(placed.id)
}

/// The page of a draft whose badge is gone, or whose people all have it.
async fn refused(deps: &Deps, visit: &Visit, open: &Open, mistakes: Mistakes) -> Result<HttpResponse, WebError> {
    let id = open.draft.badge.as_deref();
    let known = open.badges.iter().find(|badge| Some(badge.id.as_str()) == id);
    let known = known.ok_or(Refusal::NotFound)?;
    let message = message::message(deps, visit, &open.draft.text, known);
    page(deps, visit, open, known, message.as_ref(), &open.draft.people, mistakes).await
}

async fn page(
    deps: &Deps,
    visit: &Visit,
    open: &Open,
    known: &CatalogBadge,
    message: Option<&Message>,
    people: &[Person],
    mistakes: Mistakes,
) -> Result<HttpResponse, WebError> {
    let around = Surroundings::read(deps, visit, Some(Section::Issue)).await?;
    let named =
        |people: &[&Person], most: usize| people.iter().take(most).map(|person| selection::name(person)).collect();
    let all: Vec<&Person> = people.iter().collect();
    let held: Vec<&Person> = people.iter().filter(|person| person.address.is_none()).collect();
    let again: Vec<&Person> = people.iter().filter(|person| person.generation > 0).collect();
    let instead: Vec<&Person> = people.iter().filter(|person| person.instead.is_some()).collect();
    let text = &open.draft.text;
    answer::page(&IssueCheckPage {
        frame: around.frame,
        draft: open.draft.id.to_string(),
        key: open.draft.form_key.clone(),
        badge: badge::view(visit, known),
        can_change_badge: open.has_choice() || !known.can_be_issued(),
        names: named(&all, NAMES),
        people: all.len(),
        held: named(&held, FEW_NAMES),
        held_total: held.len(),
        again: named(&again, FEW_NAMES),
        again_total: again.len(),
        instead: named(&instead, FEW_NAMES),
        instead_total: instead.len(),
        award_date: message.map_or_else(|| deps.clock.now(), |message| message.award_date),
        valid_until: message.and_then(|message| message.valid_until),
        subject: message.map(|message| message.subject.clone()).unwrap_or_default(),
        body: message.map(|message| message.body.clone()).unwrap_or_default(),
        criteria_add: text.criteria_add.clone(),
        order_name: text.name.clone(),
        factory: around.factory,
        mistakes,
    })
}
