//! The people of a course, each with the way to why they have a badge or not.

use actix_web::HttpResponse;
use actix_web::web::Data;

use super::fields::Fields;
use super::surroundings::Surroundings;
use super::{answer, refresh, who};
use crate::model::EnrolmentStatus;
use crate::store::{RosterQuery, RosterSort, StoreError};
use crate::web::deps::Deps;
use crate::web::error::WebError;
use crate::web::pages::people::{PeoplePage, PersonRow};
use crate::web::pages::{Pager, Section};
use crate::web::visit::Visit;

/// People on one page.
const SIZE: usize = 50;

/// `GET /c/{seat}/people`
#[tracing::instrument(name = "web.course.people", skip_all)]
pub(super) async fn list(deps: Data<Deps>, visit: Visit, query: Fields) -> Result<HttpResponse, WebError> {
    let course = visit.sees_course()?;
    let around = Surroundings::read(&deps, &visit, Some(Section::People)).await?;
    refresh::roster(&deps, around.course()?).await;
    // a search finds addresses, too: not for who may not see one
    let searches = who::sees_addresses(&visit);
    let search = if searches {
        query.one("q").to_owned()
    } else {
        String::new()
    };
    let wanted = RosterQuery {
        organisation: visit.organisation(),
        course,
        badge: String::new(),
        cause: String::new(),
        search: search.clone(),
        without_badge: false,
        without_email: false,
        active_only: false,
        sort: RosterSort::Name,
    };
    let (pager, rows) = deps
        .store
        .read(async |tx| {
            let total = usize::try_from(tx.roster_count(&wanted).await?).unwrap_or(0);
            let pager = Pager::of(total, SIZE, query.number("page", 1));
            let number = |size: usize| i64::try_from(size).unwrap_or(i64::MAX);
            let offset = number(pager.page.saturating_sub(1).saturating_mul(SIZE));
            Ok::<_, StoreError>((pager, tx.roster_rows(&wanted, offset, number(SIZE)).await?))
        })
        .await?;
    let rows = rows.into_iter().map(|row| {
        let email = row.email.as_ref().map(ToString::to_string);
        PersonRow {
            member: row.member.to_string(),
            name: who::name_or_address(&visit, &row.name, email.as_deref()),
            email: email.filter(|_| searches),
            is_active: row.status == EnrolmentStatus::Active,
        }
    });
    answer::page(&PeoplePage {
        frame: around.frame,
        rows: rows.collect(),
        pager,
        searches,
        search,
    })
}
