//! Issuing by hand in four steps: badge, people, message, check. A draft on the server keeps what was entered at each
//! step; nothing is placed before the last one.

pub(super) mod badge;
pub(super) mod check;
mod choosing;
mod lines;
pub(super) mod message;
pub(super) mod people;
mod roster;
mod selection;

use crate::model::catalog::CatalogBadge;
use crate::model::draft::{DRAFT_LIFE, Draft};
use crate::model::{CourseId, DraftId};
use crate::store::Author;
use crate::store::{Durability, StoreError};
use crate::web::deps::Deps;
use crate::web::error::{Refusal, WebError};
use crate::web::pages::parts::Step;
use crate::web::visit::Visit;

/// The name of a draft in an address.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Named {
    draft: String,
}

/// A draft of this visitor, with the badges that can be chosen.
#[derive(Clone, Debug)]
struct Open {
    draft: Draft,
    author: Author,
    course: CourseId,
    badges: Vec<CatalogBadge>,
}

impl Open {
    /// The draft that the address names; somebody else's, an old one or one of another course is not found.
    async fn read(deps: &Deps, visit: &Visit, named: &Named) -> Result<Self, WebError> {
        Self::find(deps, visit, named)
            .await?
            .ok_or_else(|| Refusal::NotFound.into())
    }

    /// The same; `None` if there is none (any more).
    async fn find(deps: &Deps, visit: &Visit, named: &Named) -> Result<Option<Self>, WebError> {
        let author = author(visit)?;
        let id: DraftId = named.draft.parse().map_err(|_| Refusal::NotFound)?;
        let oldest = deps.clock.now().minus(DRAFT_LIFE);
        let found = deps
            .store
            .read(async |tx| {
                let draft = tx.draft(author, id).await?.filter(|draft| draft.updated_at > oldest);
                Ok::<_, StoreError>((draft, tx.badges_for(author.organisation, Some(author.course)).await?))
            })
            .await?;
        let (Some(draft), badges) = found else {
            return Ok(None);
        };
        Ok(Some(Self {
            draft,
            author,
            course: author.course,
            badges,
        }))
    }

    /// The chosen badge, if it can still be issued.
    fn badge(&self) -> Option<&CatalogBadge> {
        let id = self.draft.badge.as_deref()?;
        offered(&self.badges).find(|badge| badge.id == id)
    }

    /// Whether there is more than one badge to choose.
    fn has_choice(&self) -> bool {
        offered(&self.badges).count() > 1
    }

    /// The furthest step that can be opened.
    fn reached(&self) -> Step {
        match (&self.draft.badge, self.draft.people.is_empty(), self.draft.text.passed) {
            (None, ..) => Step::Badge,
            (Some(_), true, _) => Step::People,
            (Some(_), false, false) => Step::Message,
            (Some(_), false, true) => Step::Check,
        }
    }

    /// The address of a step of this draft.
    fn step(&self, visit: &Visit, step: Step) -> String {
        visit.url(&format!("/issue/{}/{}", self.draft.id, step.code()))
    }

    /// Stores the draft as it is now.
    async fn save(&mut self, deps: &Deps) -> Result<(), WebError> {
        self.draft.updated_at = deps.clock.now();
        let draft = self.draft.clone();
        let is_there = deps
            .store
            .write_one(Durability::Launch, async move |tx| tx.change_draft(&draft).await)
            .await?;
        if is_there {
            Ok(())
        } else {
            Err(Refusal::NotFound.into())
        }
    }
}

/// The visitor as an author of drafts; refuses who may not issue.
fn author(visit: &Visit) -> Result<Author, WebError> {
    let (course, member) = visit.issues()?;
    Ok(Author {
        organisation: visit.organisation(),
        course,
        member,
    })
}

/// The badges that can be issued: published, and not gone.
fn offered(badges: &[CatalogBadge]) -> impl Iterator<Item = &CatalogBadge> {
    badges.iter().filter(|badge| badge.can_be_issued())
}
