//! What administration pages ask of the Factory, of LMSs and of `doctor`.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::json;

use super::build::Parts;
use super::connections::{NewConnection, needs};
use super::doctor;
use crate::catalog::looking::{Looking, Wanted};
use crate::clock::Timestamp;
use crate::config::PublicUrl;
use crate::crypto::{digest, random};
use crate::model::connecting::ConnectFailure;
use crate::model::connection::{Connection, ConnectionKind};
use crate::model::{CourseId, Finding, OrganisationId, Registration};
use crate::store::audit::AuditEntry;
use crate::store::{Durability, StoreError};
use crate::web::backstage::{NewApi, NotRotated, Trouble, Way};

/// The parts of the program, for pages.
#[derive(Debug)]
pub(super) struct Backstage {
    parts: Parts,
}

impl Backstage {
    /// Over these parts.
    pub(super) fn new(parts: Parts) -> Self {
        Self { parts }
    }
}

impl crate::web::backstage::Backstage for Backstage {
    fn health(&self) -> BoxFuture<'_, Result<Vec<Finding>, StoreError>> {
        async { doctor::examine_open(&self.parts.config, &self.parts.store).await }.boxed()
    }

    fn rotate_signing(&self, actor: String) -> BoxFuture<'_, Result<(), NotRotated>> {
        async move { self.parts.rotate_signing(&actor).await.map(drop) }.boxed()
    }

    fn connect(
        &self,
        organisation: OrganisationId,
        url: String,
        way: Way,
    ) -> BoxFuture<'_, Result<Result<(), ConnectFailure>, StoreError>> {
        async move { self.parts.connect(organisation, &url, way).await }.boxed()
    }

    fn look(&self, organisation: OrganisationId, wanted: Wanted) -> BoxFuture<'_, Result<(), StoreError>> {
        let looking = Looking {
            store: self.parts.store.clone(),
            keepers: self.parts.keepers(),
            clock: Arc::clone(&self.parts.clock),
            side: self.parts.config.catalog.picture_px,
        };
        async move { looking.look(organisation, &wanted).await }.boxed()
    }

    fn api_needs(&self, kind: ConnectionKind) -> &'static [(&'static str, &'static str)] {
        needs(kind)
    }

    fn add_api(&self, new: NewApi, actor: String) -> BoxFuture<'_, Result<Option<Connection>, Trouble>> {
        let new = NewConnection {
            organisation: new.organisation,
            registration: new.registration,
            kind: new.kind,
            base_url: new.url,
            token_url: new.token_url,
            client_id: new.client_id,
            secret: new.secret,
        };
        async move { Ok(self.parts.make_connection(new, actor).await?) }.boxed()
    }

    fn ask_consent<'a>(
        &'a self,
        connection: &'a Connection,
        public: &'a PublicUrl,
    ) -> BoxFuture<'a, Result<String, Trouble>> {
        async move { Ok(self.parts.ask_consent(connection, public).await?) }.boxed()
    }

    fn try_api(
        &self,
        connection: Connection,
        registration: Registration,
        course: Option<CourseId>,
    ) -> BoxFuture<'_, Result<Result<(), Timestamp>, Trouble>> {
        async move {
            let tried = self.parts.try_when_due(&connection, &registration, course).await?;
            Ok(tried.map(|_| ()))
        }
        .boxed()
    }
}

impl Parts {
    /// The token of a new one-time link that signs an operator in. Only its digest is stored.
    pub async fn operator_link(&self) -> Result<String, StoreError> {
        let (token, now) = (random::token(), self.clock.now());
        let (hash, until) = (
            digest::sha256(token.as_bytes()),
            now.plus(self.config.operator.link_life),
        );
        let entry = AuditEntry {
            organisation: None,
            actor: "command line".to_owned(),
            action: "admin.link",
            subject: "operator".to_owned(),
            detail: json!({}),
        };
        self.store
            .write(Durability::Full, async move |tx| {
                tx.add_sign_in_link(hash, None, until, now).await?;
                tx.add_audit(&entry, now).await
            })
            .await?;
        Ok(token)
    }
}
