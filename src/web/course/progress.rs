//! How far a learner is with one badge: what a placed progress card shows.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};

use super::surroundings::Surroundings;
use super::{answer, badge, event, who};
use crate::store::StoreError;
use crate::web::deps::Deps;
use crate::web::error::{Refusal, WebError};
use crate::web::pages::place::ProgressPage;
use crate::web::visit::Visit;

/// `GET /c/{seat}/progress/{badge}`: for everybody; who has no name here has no badge either.
#[tracing::instrument(name = "web.course.progress", skip_all)]
pub(super) async fn progress(
    deps: Data<Deps>,
    visit: Visit,
    path: Path<(String, String)>,
) -> Result<HttpResponse, WebError> {
    let (_, id) = path.into_inner();
    let (organisation, member) = (visit.organisation(), visit.seat.member);
    let (known, lines, sources) = deps
        .store
        .read(async |tx| {
            let known = tx.catalog_badge(organisation, &id).await?;
            let (lines, sources) = match member {
                Some(member) => (
                    tx.member_awards(organisation, member).await?,
                    tx.own_awards(organisation, member).await?,
                ),
                None => (Vec::new(), Vec::new()),
            };
            Ok::<_, StoreError>((known, lines, sources))
        })
        .await?;
    let known = known.filter(|badge| !badge.draft).ok_or(Refusal::NotFound)?;
    let award = lines.iter().filter(|line| line.badge_id == known.id).find_map(|line| {
        let word = who::word(line);
        word.learner(&visit.text)?;
        let sent = line.issued_at.unwrap_or(line.created_at);
        let source = sources.iter().find(|source| source.id == line.id);
        Some((
            word,
            source.map_or(sent, |source| event::award_date(&source.content, sent)),
        ))
    });
    answer::page(&ProgressPage {
        frame: Surroundings::read(&deps, &visit, None).await?.frame,
        badge: badge::view(&visit, &known),
        line: badge::line(&known),
        award,
    })
}
