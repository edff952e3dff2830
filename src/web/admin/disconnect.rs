//! Ending the connection to the Factory: what stops and what waits is said first, and the organisation's name is typed.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data};

use crate::awards::disconnect::{self, By};
use crate::store::StoreError;
use crate::store::order::StepError;
use crate::web::course::answer;
use crate::web::deps::Deps;
use crate::web::error::{Refusal, WebError};
use crate::web::operator::session::Admin;
use crate::web::pages::admin::disconnect::{DisconnectPage, Queued};
use crate::web::pages::{Flash, Mistake, Mistakes, Room};

/// `GET /admin/factory/disconnect`
#[tracing::instrument(name = "web.admin.factory.disconnecting", skip_all)]
pub(super) async fn show(deps: Data<Deps>, admin: Admin) -> Result<HttpResponse, WebError> {
    answer::page(&page(&deps, &admin).await?)
}

/// `POST /admin/factory/disconnect`: `name`, and where awards are queued `queued` (`keep` or `withdraw`).
#[tracing::instrument(name = "web.admin.factory.disconnect", skip_all)]
pub(super) async fn act(deps: Data<Deps>, admin: Admin, body: Bytes) -> Result<HttpResponse, WebError> {
    let fields = admin.form(&body)?;
    let mut page = page(&deps, &admin).await?;
    let choice = Queued::parse(fields.one("queued"));
    if fields.one("name") != admin.name {
        let name = admin.name.clone();
        page.mistakes.note("name", Mistake::NotTheName { name });
    }
    let choice = match choice {
        Some(choice) => choice,
        // what is queued by now was not when the page was shown: it waits, which loses nothing
        None if page.queued == 0 || fields.maybe("asked").is_none() => Queued::Keep,
        None => {
            page.mistakes.note("queued-keep", Mistake::NotChosen);
            Queued::Keep
        }
    };
    if !page.mistakes.is_empty() {
        fields.one("name").clone_into(&mut page.entered);
        page.choice = Queued::parse(fields.one("queued"));
        return answer::page(&page);
    }
    if page.is_running {
        return answer::page(&page);
    }
    let by = By {
        actor: admin.who.session.actor(),
    };
    let ended = disconnect::disconnect(&deps.store, admin.organisation, &by).await?;
    let flash = if choice == Queued::Withdraw {
        let done = disconnect::withdraw_queued(&deps.store, admin.organisation, &by).await;
        let n = done.map_err(|error| match error {
            StepError::Store(error) => WebError::from(error),
            other => WebError::internal(other),
        })?;
        Flash::QueueWithdrawn { n }
    } else if ended {
        Flash::Disconnected
    } else {
        return Err(Refusal::NotFound.into());
    };
    Ok(answer::see_other_with("/admin/factory", &flash))
}

async fn page(deps: &Deps, admin: &Admin) -> Result<DisconnectPage, WebError> {
    let organisation = admin.organisation;
    let (identity, attempt) = deps
        .store
        .read(async |tx| {
            Ok::<_, StoreError>((
                tx.active_identity(organisation).await?,
                tx.connecting(organisation).await?,
            ))
        })
        .await?;
    let waiting = disconnect::waiting(&deps.store, organisation).await?;
    if identity.is_none() && waiting.queued == 0 {
        return Err(Refusal::NotFound.into());
    }
    let now = deps.clock.now();
    Ok(DisconnectPage {
        frame: admin.frame(Some(Room::Setup)),
        name: admin.name.clone(),
        connected: identity.map(|identity| (identity.factory_client_id, identity.url)),
        is_running: attempt.is_some_and(|attempt| super::factory::ended(attempt, now).ended_at.is_none()),
        queued: waiting.queued,
        unsure: waiting.unsure,
        choice: None,
        entered: String::new(),
        mistakes: Mistakes::none(),
    })
}
