//! Signals of the whole organisation whose person or course is unknown.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data};

use crate::jobs::mapping::{MapError, map};
use crate::model::SignalId;
use crate::store::StoreError;
use crate::store::given::ParkedScope;
use crate::web::course::fields::Fields;
use crate::web::course::{answer, feeds};
use crate::web::deps::Deps;
use crate::web::error::{Refusal, WebError};
use crate::web::operator::session::Admin;
use crate::web::pages::feeds::UnmatchedPage;
use crate::web::pages::{Flash, Mistake, Mistakes, Room};

/// Signals on one page.
const MOST: i64 = 100;

/// `GET /admin/unmatched`
#[tracing::instrument(name = "web.admin.unmatched", skip_all)]
pub(super) async fn list(deps: Data<Deps>, admin: Admin, query: Fields) -> Result<HttpResponse, WebError> {
    page(&deps, &admin, query.flash(), None).await
}

/// `POST /admin/unmatched`: says which course or person a signal means.
#[tracing::instrument(name = "web.admin.unmatched.map", skip_all)]
pub(super) async fn say(deps: Data<Deps>, admin: Admin, body: Bytes) -> Result<HttpResponse, WebError> {
    let fields = admin.form(&body)?;
    let id: SignalId = fields.one("signal").parse().map_err(|_| Refusal::NotFound)?;
    let organisation = admin.organisation;
    let parked = deps
        .store
        .read(async |tx| tx.parked_signal(organisation, id).await)
        .await?;
    let parked = parked.ok_or(Refusal::NotFound)?;
    let registration = parked.stored.registration.ok_or(Refusal::NotFound)?;
    let named = fields.one("means").to_owned();
    let target = feeds::meant(&deps, organisation, registration, &parked, &named).await?;
    let Some(target) = target else {
        return page(&deps, &admin, None, Some((id, named))).await;
    };
    let actor = admin.who.session.actor();
    match map(&deps.store, organisation, id, target, actor).await {
        Ok(_) | Err(MapError::NotParked) => {}
        Err(MapError::Store(error)) => return Err(error.into()),
        Err(_) => return page(&deps, &admin, None, Some((id, named))).await,
    }
    deps.worker.wake();
    Ok(answer::see_other_with("/admin/unmatched", &Flash::SignalsMatched))
}

async fn page(
    deps: &Deps,
    admin: &Admin,
    flash: Option<Flash>,
    wrong: Option<(SignalId, String)>,
) -> Result<HttpResponse, WebError> {
    let organisation = admin.organisation;
    let scope = ParkedScope {
        registration: None,
        course: None,
    };
    let (waiting, mut own) = deps
        .store
        .read(async |tx| {
            Ok::<_, StoreError>((
                tx.parked_signals(organisation, scope, MOST).await?,
                tx.feeds_everywhere().await?,
            ))
        })
        .await?;
    own.retain(|feed| feed.organisation == organisation);
    let given = |id| {
        wrong
            .as_ref()
            .filter(|(named, _)| *named == id)
            .map(|(_, text)| text.clone())
    };
    let rows = waiting
        .iter()
        .map(|parked| feeds::row(true, &own, parked, given(parked.stored.id)));
    let rows: Vec<_> = rows.collect();
    let mut frame = admin.frame(Some(Room::Queue));
    frame.flash = flash;
    let is_wrong = rows.iter().any(|row| row.wrong);
    answer::page(&UnmatchedPage {
        frame,
        maps: true,
        rows,
        mistakes: if is_wrong {
            Mistakes::one("means", Mistake::NotFoundHere)
        } else {
            Mistakes::none()
        },
    })
}
