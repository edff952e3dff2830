//! The first tokens of a connection, from a consent that came back.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::tokens::{OpenConnections, asker};
use crate::jobs::{Handler, Job, Verdict, work};
use crate::lms::AskError;
use crate::model::connection::{Connection, access_place, code_place, refresh_place};
use crate::model::{ConnectionId, OrganisationId, Registration};
use crate::store::{Durability, StoreError};

/// Turns consents that came back into tokens: the page that they came back to waits for nobody.
#[derive(Clone, Debug)]
pub struct Consent {
    /// Opens connections.
    pub connections: OpenConnections,
}

impl Handler for Consent {
    fn kind(&self) -> &'static str {
        work::CONSENT
    }

    fn run<'a>(&'a self, job: &'a Job) -> BoxFuture<'a, Verdict> {
        async move {
            let connection = job.payload.get("connection").and_then(serde_json::Value::as_str);
            let (Some(organisation), Some(Ok(id))) = (job.organisation, connection.map(str::parse)) else {
                return Verdict::GiveUp {
                    reason: "the job cannot be read".to_owned(),
                };
            };
            match self.redeem(organisation, id).await {
                Ok(()) => Verdict::Done,
                Err(error) => error.into(),
            }
        }
        .boxed()
    }
}

impl Consent {
    async fn redeem(&self, organisation: OrganisationId, id: ConnectionId) -> Result<(), StoreError> {
        let store = &self.connections.store;
        let found = store
            .read(async |tx| {
                let connection = tx.connection(organisation, id).await?;
                Ok::<_, StoreError>((connection, tx.registrations().await?))
            })
            .await?;
        let (Some(connection), registrations) = found else {
            return Ok(());
        };
        let registration = registrations.into_iter().find(|row| row.id == connection.registration);
        let Some(registration) = registration else {
            return Ok(());
        };
        match self.connections.redeem(&connection, &registration).await {
            Ok(()) => Ok(()),
            Err(RedeemError::Store(error)) => Err(error),
            // a code is good once: asking for consent again is the way on
            Err(RedeemError::Lms(error)) => {
                tracing::warn!(connection.id = %id, %error, "a consent brought no token");
                let (why, now) = (error.to_string(), store.now().await?);
                store
                    .write(Durability::Full, async move |tx| {
                        tx.forget_consent(organisation, id).await?;
                        tx.connection_failed(organisation, id, &why, now).await
                    })
                    .await
            }
        }
    }
}

impl OpenConnections {
    /// Redeems the code of a consent; the tokens are kept, and the connection is open.
    async fn redeem(&self, connection: &Connection, registration: &Registration) -> Result<(), RedeemError> {
        let Some((code, redirect_uri)) = &connection.code else {
            return Ok(());
        };
        let place = connection.id.to_string();
        let code = self.opened(code_place(&place), Some(code))?;
        let site = self.bare_site(connection, registration)?;
        let secret = self.secret(connection)?;
        let tokens = asker(connection)?.redeem(&site, &secret, &code, redirect_uri).await?;
        let (organisation, id, now) = (connection.organisation, connection.id, self.store.now().await?);
        let access = self.sealed(access_place(&place), &tokens.access);
        let refresh = tokens.refresh.as_ref();
        let refresh = refresh.map(|refresh| self.sealed(refresh_place(&place), refresh));
        let account = tokens.account.clone();
        let (until, registration) = (now.plus(tokens.lasts), connection.registration);
        self.store
            .write(Durability::Full, async move |tx| {
                tx.connect(
                    organisation,
                    id,
                    refresh.as_deref(),
                    (&access, until),
                    account.as_deref(),
                    now,
                )
                .await?;
                tx.ask_again(organisation, registration).await?;
                tx.clear_problem(organisation, super::PROBLEM, &id.to_string(), now)
                    .await
            })
            .await?;
        tracing::info!(connection.id = %id, "a connection was authorised");
        Ok(())
    }
}

enum RedeemError {
    Lms(AskError),
    Store(StoreError),
}

impl From<AskError> for RedeemError {
    fn from(error: AskError) -> Self {
        Self::Lms(error)
    }
}

impl From<StoreError> for RedeemError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
