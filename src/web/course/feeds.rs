//! Feeds and what they brought: for administrators of the LMS all feeds of their registration, with a test and what
//! waits for a person's word; for staff what concerns their course, to read.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Path};

use super::fields::Fields;
use super::surroundings::Surroundings;
use super::{answer, feed_page, who};
use crate::jobs::mapping::{MapError, Target, discard, map};
use crate::model::feed::Feed;
use crate::model::matching::{Found, FoundCourse};
use crate::model::signal::{CourseRef, PersonRef};
use crate::model::{Address, CourseId, FeedId, MemberId, OrganisationId, RegistrationId, SignalId};
use crate::store::StoreError;
use crate::store::given::{ParkedScope, ParkedSignal};
use crate::web::deps::Deps;
use crate::web::error::{Refusal, WebError};
use crate::web::pages::feeds::{FeedsPage, UnmatchedPage, WaitingRow};
use crate::web::pages::{Flash, Mistake, Mistakes, Section};
use crate::web::visit::Visit;

/// Signals that wait on one page.
const MOST_WAITING: i64 = 100;

/// A feed in an address.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Named {
    feed: String,
}

/// `GET /c/{seat}/feeds`
#[tracing::instrument(name = "web.course.feeds", skip_all)]
pub(super) async fn list(deps: Data<Deps>, visit: Visit) -> Result<HttpResponse, WebError> {
    let administers = visit.administers().is_ok();
    if !administers {
        visit.sees_course()?;
    }
    let around = Surroundings::read(&deps, &visit, Some(Section::Feeds)).await?;
    let (organisation, scope) = (visit.organisation(), scope(&visit)?);
    let feeds = feeds_of(&deps, &visit).await?;
    let (feeds, waiting) = deps
        .store
        .read(async |tx| {
            let mut lines = Vec::new();
            for feed in &feeds {
                let count = tx.feed_count(organisation, feed.id).await?;
                lines.push(feed_page::line(feed, count));
            }
            let waiting = tx.parked_signals(organisation, scope, MOST_WAITING).await?;
            Ok::<_, StoreError>((lines, waiting.len()))
        })
        .await?;
    answer::page(&FeedsPage {
        frame: around.frame,
        administers,
        feeds,
        waiting,
    })
}

/// `GET /c/{seat}/feeds/{feed}`
#[tracing::instrument(name = "web.course.feed", skip_all)]
pub(super) async fn show(deps: Data<Deps>, visit: Visit, path: Path<Named>) -> Result<HttpResponse, WebError> {
    let feed = find(&deps, &visit, &path).await?;
    let frame = Surroundings::read(&deps, &visit, Some(Section::Feeds)).await?.frame;
    feed_page::show(&deps, frame, &feed).await
}

/// `POST /c/{seat}/feeds/{feed}`: reads a body as if the sender had sent it; nothing is stored.
#[tracing::instrument(name = "web.course.feed.test", skip_all)]
pub(super) async fn test(
    deps: Data<Deps>,
    visit: Visit,
    path: Path<Named>,
    body: Bytes,
) -> Result<HttpResponse, WebError> {
    let feed = find(&deps, &visit, &path).await?;
    let fields = Fields::of_form(&body, &visit)?;
    let frame = Surroundings::read(&deps, &visit, Some(Section::Feeds)).await?.frame;
    feed_page::test(&deps, frame, &feed, fields.one("body")).await
}

/// `GET /c/{seat}/unmatched`
#[tracing::instrument(name = "web.course.unmatched", skip_all)]
pub(super) async fn unmatched(deps: Data<Deps>, visit: Visit, query: Fields) -> Result<HttpResponse, WebError> {
    waiting_page(&deps, &visit, query.flash(), None).await
}

/// `POST /c/{seat}/unmatched`: says which course or person a signal means, or that it means nothing here.
#[tracing::instrument(name = "web.course.unmatched.map", skip_all)]
pub(super) async fn say(deps: Data<Deps>, visit: Visit, body: Bytes) -> Result<HttpResponse, WebError> {
    visit.administers()?;
    let fields = Fields::of_form(&body, &visit)?;
    let id: SignalId = fields.one("signal").parse().map_err(|_| Refusal::NotFound)?;
    let organisation = visit.organisation();
    let known = deps
        .store
        .read(async |tx| tx.parked_signal(organisation, id).await)
        .await?;
    let parked = known
        .filter(|one| one.stored.registration == Some(visit.seat.registration))
        .ok_or(Refusal::NotFound)?;
    let named = fields.one("means").to_owned();
    let actor = visit.seat.member.map_or_else(String::new, |member| member.to_string());
    if fields.one("do") == "discard" {
        discard(&deps.store, organisation, id, actor).await?;
        return Ok(answer::see_other_with(
            &visit.url("/unmatched"),
            &Flash::SignalDiscarded,
        ));
    }
    let target = meant(&deps, organisation, visit.seat.registration, &parked, &named).await?;
    let Some(target) = target else {
        return waiting_page(&deps, &visit, None, Some((id, named))).await;
    };
    match map(&deps.store, organisation, id, target, actor).await {
        Ok(_) | Err(MapError::NotParked) => {}
        Err(MapError::Store(error)) => return Err(error.into()),
        Err(_) => return waiting_page(&deps, &visit, None, Some((id, named))).await,
    }
    deps.worker.wake();
    Ok(answer::see_other_with(&visit.url("/unmatched"), &Flash::SignalsMatched))
}

/// What this visitor may see of what waits.
fn scope(visit: &Visit) -> Result<ParkedScope, WebError> {
    if let Ok(registration) = visit.administers() {
        return Ok(ParkedScope {
            registration: Some(registration),
            course: None,
        });
    }
    Ok(ParkedScope {
        registration: None,
        course: Some(visit.sees_course()?),
    })
}

/// The feeds that may bring news of the visitor's registration.
async fn feeds_of(deps: &Deps, visit: &Visit) -> Result<Vec<Feed>, WebError> {
    let all = deps.store.read_one(async |tx| tx.feeds_everywhere().await).await?;
    let administers = visit.administers().is_ok();
    let own = |feed: &Feed| {
        let is_of_registration = feed.registration == Some(visit.seat.registration);
        let is_of_all = feed.registration.is_none() && !administers;
        let is_of_course = feed.course.is_none() || feed.course == visit.seat.course || administers;
        feed.organisation == visit.organisation() && (is_of_registration || is_of_all) && is_of_course
    };
    Ok(all.into_iter().filter(own).collect())
}

async fn find(deps: &Deps, visit: &Visit, named: &Named) -> Result<Feed, WebError> {
    // who does not administer the LMS does not even learn whether there is one
    let registration = visit.administers().map_err(|_| Refusal::NotFound)?;
    let id: FeedId = named.feed.parse().map_err(|_| Refusal::NotFound)?;
    let organisation = visit.organisation();
    let feed = deps.store.read_one(async |tx| tx.feed(organisation, id).await).await?;
    feed.filter(|feed| feed.registration == Some(registration))
        .ok_or_else(|| Refusal::NotFound.into())
}

async fn waiting_page(
    deps: &Deps,
    visit: &Visit,
    flash: Option<Flash>,
    wrong: Option<(SignalId, String)>,
) -> Result<HttpResponse, WebError> {
    let (organisation, scope) = (visit.organisation(), scope(visit)?);
    let around = Surroundings::with_flash(deps, visit, Some(Section::Feeds), flash).await?;
    let feeds = feeds_of(deps, visit).await?;
    let waiting = deps
        .store
        .read(async |tx| tx.parked_signals(organisation, scope, MOST_WAITING).await)
        .await?;
    let mut mistakes = Mistakes::none();
    let sees_addresses = visit.administers().is_ok() || who::sees_addresses(visit);
    let mut rows = Vec::new();
    for parked in waiting {
        let given = wrong.as_ref().filter(|(id, _)| *id == parked.stored.id);
        if given.is_some() {
            mistakes = Mistakes::one("means", Mistake::NotFoundHere);
        }
        rows.push(row(
            sees_addresses,
            &feeds,
            &parked,
            given.map(|(_, text)| text.clone()),
        ));
    }
    answer::page(&UnmatchedPage {
        frame: around.frame,
        maps: visit.administers().is_ok(),
        rows,
        mistakes,
    })
}

/// A signal that waits, as a page shows it.
pub(in crate::web) fn row(
    sees_addresses: bool,
    feeds: &[Feed],
    parked: &ParkedSignal,
    value: Option<String>,
) -> WaitingRow {
    let signal = &parked.stored.signal;
    let feed = feeds.iter().find(|feed| Some(feed.id) == parked.stored.feed);
    WaitingRow {
        id: parked.stored.id.to_string(),
        feed: feed.map_or_else(String::new, |feed| feed.name.clone()),
        at: signal.received_at,
        kind: signal.kind,
        item: signal.item.to_string(),
        person: person_as_named(&signal.person, sees_addresses),
        course: course_as_named(&signal.course),
        why: parked.why,
        wrong: value.is_some(),
        value: value.unwrap_or_default(),
    }
}

/// How the sender named a person.
fn person_as_named(named: &PersonRef, sees_addresses: bool) -> String {
    let email = named.email.as_ref().filter(|_| sees_addresses).map(ToString::to_string);
    let ids = [&named.sub, &named.lms_id, &named.sis_id, &named.legacy_id];
    let id = ids.into_iter().flatten().next().cloned();
    let parts: Vec<String> = [named.name.clone(), email, id].into_iter().flatten().collect();
    parts.join(" · ")
}

/// How the sender named a course.
fn course_as_named(named: &CourseRef) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for id in [&named.alias, &named.context_id, &named.lms_id, &named.sis_id]
        .into_iter()
        .flatten()
    {
        if !parts.contains(&id.as_str()) {
            parts.push(id);
        }
    }
    parts.join(" · ")
}

/// What a person's word for a parked signal means: the course with this id, of whichever kind, or the person of its
/// course with this address or id.
pub(in crate::web) async fn meant(
    deps: &Deps,
    organisation: OrganisationId,
    registration: RegistrationId,
    parked: &ParkedSignal,
    text: &str,
) -> Result<Option<Target>, WebError> {
    match parked.course {
        None => Ok(course_called(deps, organisation, registration, text)
            .await?
            .map(Target::Course)),
        Some(id) => {
            let place = FoundCourse { id, registration };
            Ok(member_called(deps, organisation, place, text)
                .await?
                .map(Target::Member))
        }
    }
}

async fn course_called(
    deps: &Deps,
    organisation: OrganisationId,
    registration: RegistrationId,
    text: &str,
) -> Result<Option<CourseId>, WebError> {
    let named = CourseRef {
        alias: Some(text.to_owned()).filter(|text| !text.is_empty()),
        ..CourseRef::default()
    };
    let found = deps
        .store
        .read(async |tx| tx.find_course(organisation, Some(registration), &named).await)
        .await?;
    Ok(match found {
        Found::One(course) => Some(course.id),
        Found::None | Found::Several => None,
    })
}

async fn member_called(
    deps: &Deps,
    organisation: OrganisationId,
    place: FoundCourse,
    text: &str,
) -> Result<Option<MemberId>, WebError> {
    let email = Address::parse(text).ok();
    let person = match email {
        Some(email) => PersonRef {
            email: Some(email),
            ..PersonRef::default()
        },
        None => PersonRef {
            sub: Some(text.to_owned()),
            lms_id: Some(text.to_owned()),
            sis_id: Some(text.to_owned()),
            ..PersonRef::default()
        },
    };
    let found = deps
        .store
        .read(async |tx| {
            tx.find_member(organisation, Some(place.registration), place, &person)
                .await
        })
        .await?;
    Ok(match found {
        Found::One(member) => Some(member),
        Found::None | Found::Several => None,
    })
}
