//! Step 1: which badge.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Path};

use super::{Named, Open, author, choosing, offered};
use crate::crypto::random;
use crate::model::catalog::CatalogBadge;
use crate::model::draft::{DRAFT_LIFE, Draft, DraftText};
use crate::model::request::Person;
use crate::model::{AwardId, DraftId};
use crate::store::Author;
use crate::store::award_views::BadgeCount;
use crate::store::{Durability, StoreError};
use crate::web::course::fields::Fields;
use crate::web::course::surroundings::Surroundings;
use crate::web::course::{answer, award, badge, refresh};
use crate::web::deps::Deps;
use crate::web::error::WebError;
use crate::web::pages::issue_badge::{BadgeCard, IssueBadgePage};
use crate::web::pages::parts::Step;
use crate::web::pages::{Mistake, Mistakes, Section};
use crate::web::visit::Visit;

/// `GET /c/{seat}/issue`: the badges to choose from. With `?badge=`, or where there is only one, that one is marked.
#[tracing::instrument(name = "web.course.issue", skip_all)]
pub(in crate::web::course) async fn begin(
    deps: Data<Deps>,
    visit: Visit,
    query: Fields,
) -> Result<HttpResponse, WebError> {
    let author = author(&visit)?;
    let badges = deps
        .store
        .read(async |tx| tx.badges_for(author.organisation, Some(author.course)).await)
        .await?;
    let mut choice = Choice::of(&query);
    if let (None, Some(badge), 1) = (&choice.chosen, offered(&badges).next(), offered(&badges).count()) {
        choice.chosen = Some(badge.id.clone());
    }
    page(&deps, &visit, None, &badges, choice).await
}

/// `POST /c/{seat}/issue`: begins a draft with the chosen badge, and opens the next step. `again` names the award whose
/// person is to get it once more.
#[tracing::instrument(name = "web.course.issue.begin", skip_all)]
pub(in crate::web::course) async fn choose_first(
    deps: Data<Deps>,
    visit: Visit,
    body: Bytes,
) -> Result<HttpResponse, WebError> {
    let author = author(&visit)?;
    let fields = Fields::of_form(&body, &visit)?;
    let mut choice = Choice::of(&fields);
    if fields.one("do") == "search" {
        return Ok(answer::see_other(&visit.url(&format!("/issue?{}", choice.query()))));
    }
    let badges = deps
        .store
        .read(async |tx| tx.badges_for(author.organisation, Some(author.course)).await)
        .await?;
    let Some(badge) = choice.badge(&badges) else {
        return page(&deps, &visit, None, &badges, choice).await;
    };
    let people = again(&deps, &visit, author, badge, fields.one("again")).await?;
    let draft = start(&deps, author, badge, people).await?;
    Ok(answer::see_other(&visit.url(&format!("/issue/{draft}/people"))))
}

/// `GET /c/{seat}/issue/{draft}/badge`
#[tracing::instrument(name = "web.course.issue.badge", skip_all)]
pub(in crate::web::course) async fn show(
    deps: Data<Deps>,
    visit: Visit,
    path: Path<Named>,
    query: Fields,
) -> Result<HttpResponse, WebError> {
    let open = Open::read(&deps, &visit, &path).await?;
    let mut choice = Choice::of(&query);
    choice.chosen = choice.chosen.or_else(|| open.draft.badge.clone());
    page(&deps, &visit, Some(&open), &open.badges, choice).await
}

/// `POST /c/{seat}/issue/{draft}/badge`: another badge; the people stay, but for those who have that one.
#[tracing::instrument(name = "web.course.issue.badge.choose", skip_all)]
pub(in crate::web::course) async fn choose(
    deps: Data<Deps>,
    visit: Visit,
    path: Path<Named>,
    body: Bytes,
) -> Result<HttpResponse, WebError> {
    let fields = Fields::of_form(&body, &visit)?;
    let mut open = Open::read(&deps, &visit, &path).await?;
    let mut choice = Choice::of(&fields);
    if fields.one("do") == "search" {
        let here = open.step(&visit, Step::Badge);
        return Ok(answer::see_other(&format!("{here}?{}", choice.query())));
    }
    let Some(badge) = choice.badge(&open.badges).map(|badge| badge.id.clone()) else {
        return page(&deps, &visit, Some(&open), &open.badges, choice).await;
    };
    if open.draft.badge.as_ref() != Some(&badge) {
        open.draft.people = choosing::anew(&deps, open.author, &badge, &open.draft.people).await?;
        open.draft.badge = Some(badge);
        open.draft.text = DraftText::default();
        open.save(&deps).await?;
    }
    Ok(answer::see_other(&open.step(&visit, Step::People)))
}

struct Choice {
    search: String,
    chosen: Option<String>,
    mistakes: Mistakes,
}

impl Choice {
    fn of(fields: &Fields) -> Self {
        let chosen = ["badge", "chosen", "kept"]
            .into_iter()
            .find_map(|name| fields.maybe(name).filter(|id| !id.is_empty()));
        Self {
            search: fields.one("q").chars().take(200).collect(),
            chosen: chosen.map(str::to_owned),
            mistakes: Mistakes::none(),
        }
    }

    fn badge<'a>(&mut self, badges: &'a [CatalogBadge]) -> Option<&'a CatalogBadge> {
        let found = offered(badges).find(|badge| Some(&badge.id) == self.chosen.as_ref());
        let mistake = if self.chosen.is_none() {
            Mistake::NoBadge
        } else {
            Mistake::BadgeGone
        };
        if found.is_none() {
            self.mistakes = Mistakes::one("badge-0", mistake);
        }
        found
    }

    fn query(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("q", &self.search);
        if let Some(chosen) = &self.chosen {
            query.append_pair("chosen", chosen);
        }
        query.finish()
    }
}

async fn page(
    deps: &Deps,
    visit: &Visit,
    open: Option<&Open>,
    badges: &[CatalogBadge],
    choice: Choice,
) -> Result<HttpResponse, WebError> {
    let around = Surroundings::read(deps, visit, Some(Section::Issue)).await?;
    refresh::catalog(deps, visit.organisation(), &around.catalog).await;
    let (organisation, course) = (visit.organisation(), visit.course()?);
    let counts = deps
        .store
        .read_one(async |tx| tx.badge_counts(organisation, course).await)
        .await?;
    let search = choice.search.to_lowercase();
    let found = offered(badges).filter(|badge| badge.name.to_lowercase().contains(&search));
    answer::page(&IssueBadgePage {
        frame: around.frame,
        draft: open.map(|open| open.draft.id.to_string()).unwrap_or_default(),
        reached: open.map(Open::reached).unwrap_or_default(),
        badges: found.map(|badge| card(visit, badge, &counts)).collect(),
        total: offered(badges).count(),
        badges_unread: around.catalog.read_at.is_none(),
        search: choice.search,
        chosen: choice.chosen,
        mistakes: choice.mistakes,
    })
}

fn card(visit: &Visit, known: &CatalogBadge, counts: &[BadgeCount]) -> BadgeCard {
    let issued = counts
        .iter()
        .find(|count| count.badge_id == known.id)
        .map_or(0, |count| count.issued);
    BadgeCard {
        badge: badge::view(visit, known),
        line: badge::line(known),
        earned: usize::try_from(issued).unwrap_or(usize::MAX),
    }
}

/// Begins a draft, or goes on with an untouched one for the same badge: pressing again leaves nothing behind.
async fn start(deps: &Deps, author: Author, badge: &CatalogBadge, people: Vec<Person>) -> Result<DraftId, WebError> {
    let now = deps.clock.now();
    let draft = Draft {
        id: DraftId::new(random::id_at(now)),
        organisation: author.organisation,
        course: author.course,
        author: author.member,
        badge: Some(badge.id.clone()),
        people,
        text: DraftText::default(),
        form_key: random::token(),
        updated_at: now,
    };
    let since = now.minus(DRAFT_LIFE);
    let id = deps.store.write(Durability::Launch, async move |tx| {
        let same = |known: &Draft| {
            known.badge == draft.badge && known.people == draft.people && known.text == DraftText::default()
        };
        if let Some(known) = tx.drafts(author, since).await?.into_iter().find(same) {
            return Ok::<_, StoreError>(known.id);
        }
        tx.add_draft(&draft).await?;
        Ok(draft.id)
    });
    Ok(id.await?)
}

/// The person of an award of this course, to get the badge once more.
async fn again(
    deps: &Deps,
    visit: &Visit,
    author: Author,
    badge: &CatalogBadge,
    award: &str,
) -> Result<Vec<Person>, WebError> {
    let Ok(id) = award.parse::<AwardId>() else {
        return Ok(Vec::new());
    };
    let line = award::story(deps, visit, author.course, id).await?.line;
    if line.badge_id != badge.id {
        return Ok(Vec::new());
    }
    let person = Person {
        member: line.member.map(crate::model::MemberId::uuid),
        address: line.address.and_then(|text| crate::model::Address::parse(&text).ok()),
        name: line.name,
        generation: 0,
        instead: None,
    };
    let chosen = deps
        .store
        .read(async |tx| choosing::choose(tx, author, &badge.id, person, true).await)
        .await?;
    Ok(chosen.person.into_iter().collect())
}
