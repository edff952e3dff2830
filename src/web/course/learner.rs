//! A learner's own badges: those given here to this member, and nothing of anybody else.

use actix_web::HttpResponse;
use actix_web::web::Data;

use super::fields::Fields;
use super::surroundings::Surroundings;
use super::{answer, badge, event, who};
use crate::clock::Timestamp;
use crate::model::MemberId;
use crate::store::award_views::AwardLine;
use crate::store::{OwnAward, StoreError};
use crate::web::deps::Deps;
use crate::web::error::WebError;
use crate::web::pages::learner::{MyAward, MyBadgesPage};
use crate::web::visit::Visit;

/// `GET /c/{seat}/my`: for everybody; who has no name here sees a notice and no badges.
#[tracing::instrument(name = "web.course.my", skip_all)]
pub(super) async fn my(deps: Data<Deps>, visit: Visit, query: Fields) -> Result<HttpResponse, WebError> {
    let around = Surroundings::with_flash(&deps, &visit, None, query.flash()).await?;
    let awards = match visit.seat.member {
        Some(member) => awards(&deps, &visit, member).await?,
        None => Vec::new(),
    };
    answer::page(&MyBadgesPage {
        frame: around.frame,
        name: visit.seat.member_name.clone(),
        awards,
    })
}

async fn awards(deps: &Deps, visit: &Visit, member: MemberId) -> Result<Vec<MyAward>, WebError> {
    let organisation = visit.organisation();
    let (lines, sources, badges) = deps
        .store
        .read(async |tx| {
            let lines = tx.member_awards(organisation, member).await?;
            let sources = tx.own_awards(organisation, member).await?;
            Ok::<_, StoreError>((lines, sources, tx.catalog_badges(organisation).await?))
        })
        .await?;
    let own = |line: &AwardLine| {
        let word = who::word(line);
        word.learner(&visit.text)?;
        let source = sources.iter().find(|source| source.id == line.id);
        let known = badges.iter().find(|known| known.id == line.badge_id);
        let here = |source: &&OwnAward| source.course != visit.seat.course;
        let sent = line.issued_at.unwrap_or(line.created_at);
        Some(MyAward {
            award: line.id.to_string(),
            badge: badge::named(visit, known, &line.badge_id, &line.badge_name),
            course: source
                .filter(here)
                .map(|source| source.course_title.clone())
                .unwrap_or_default(),
            at: source.map_or(sent, |source| event::award_date(&source.content, sent)),
            valid_until: source
                .and_then(|source| source.content.expires)
                .map(Timestamp::from_seconds),
            word,
            email: line.address.clone(),
        })
    };
    Ok(lines.iter().filter_map(own).collect())
}
