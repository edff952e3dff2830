//! Connecting the simulated Factory and the demo LMS as an administrator would: enrolment with an API key, one
//! registration with its deployment, feeds for what the LMS pushes, a connection for the rest. One piece for the sandbox,
//! the measurements and the tests.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use zeroize::Zeroizing;

use super::build::Parts;
use super::connect::Host;
use super::connections::NewConnection;
use super::feeds::NewFeed;
use crate::clock::Timestamp;
use crate::crypto::random;
use crate::factory::{SystemKeys, enrol};
use crate::model::connection::ConnectionKind;
use crate::model::feed::{self, FeedKind};
use crate::model::{DeploymentRowId, Lms as Family, OrganisationId, Registration, RegistrationId};
use crate::sandbox::factory::{self, Factory};
use crate::sandbox::lms::{API_TOKEN, Channel, Lms, Outlet};
use crate::store::installation::DeploymentSeen;
use crate::store::{Durability, StoreError};

/// What the feeds of the demo LMS are called.
const DEMO_FEED: &str = "Demo LMS";
/// How long one call of the enrolment may take.
const CALL: Duration = Duration::from_secs(10);

/// The demo LMS as an administrator would register it.
pub fn demo_registration(
    lms: &Lms,
    handle: &str,
    organisation: Option<OrganisationId>,
    now: Timestamp,
) -> Registration {
    Registration {
        id: RegistrationId::new(random::id_at(now)),
        handle: handle.to_owned(),
        organisation,
        lms: Family::Generic,
        name: "Demo LMS".to_owned(),
        issuer: lms.issuer().to_owned(),
        lti_client_id: lms.client_id(),
        authorization_endpoint: lms.auth_url(),
        token_endpoint: lms.token_url(),
        jwks_uri: lms.jwks_url(),
        token_audience: None,
        strict: false,
        anonymous: false,
        trust_email: false,
        lms_administrators: true,
        enabled: true,
        frame_origins: Vec::new(),
        allowed_networks: Vec::new(),
    }
}

impl Parts {
    /// Enrols an organisation at the simulated Factory with an API key, and keeps the certificate.
    pub async fn enrol_in_demo(&self, organisation: OrganisationId, factory: &Factory) -> anyhow::Result<()> {
        let host = Host::new(self.client.clone(), &factory.url());
        let api_key = factory.mint_api_key(factory::CLIENT);
        let now = self.clock.now().seconds();
        let enrolled = enrol(&host, Arc::new(SystemKeys), &api_key, now, CALL)
            .await
            .context("the sample enrolment failed")?;
        self.keep_certificate(organisation, &factory.url(), &enrolled.identity)
            .await?;
        enrolled
            .ping
            .context("the simulated Factory does not answer to the new certificate")?;
        Ok(())
    }

    /// Connects to the demo LMS's web services, as Moodle has them, unless that was done.
    pub async fn ask_demo(&self, organisation: OrganisationId, lms: &Lms) -> anyhow::Result<()> {
        let registrations = self.store.read_one(async |tx| tx.registrations().await).await?;
        let Some(row) = registrations.into_iter().find(|row| row.issuer == lms.issuer()) else {
            return Ok(());
        };
        let registration = row.id;
        let known = self
            .store
            .read(async |tx| tx.connection_of(organisation, registration).await)
            .await?;
        if known.is_none() {
            let new = NewConnection {
                organisation,
                registration,
                kind: ConnectionKind::Moodle,
                base_url: lms.url().to_owned(),
                token_url: None,
                client_id: None,
                secret: Some(Zeroizing::new(API_TOKEN.to_owned())),
            };
            self.add_connection(new).await?;
        }
        Ok(())
    }

    /// Makes a feed of each kind for the demo LMS, unless there is one, and tells the LMS their addresses below `tool`
    /// with their secrets.
    pub async fn feed_from_demo(&self, organisation: OrganisationId, lms: &Lms, tool: &str) -> anyhow::Result<()> {
        let (registrations, feeds) = self
            .store
            .read(async |tx| Ok::<_, StoreError>((tx.registrations().await?, tx.feeds_everywhere().await?)))
            .await?;
        let (issuer, client) = (lms.issuer(), lms.client_id());
        let registration = registrations
            .into_iter()
            .find(|row| row.issuer == issuer && row.lti_client_id == client)
            .context("the demo LMS is not registered")?
            .id;
        let mut outlets = Vec::new();
        for (kind, channel) in [
            (FeedKind::Webhook, Channel::Webhook),
            (FeedKind::Canvas, Channel::Canvas),
            (FeedKind::Moodle, Channel::Moodle),
        ] {
            let known = feeds
                .iter()
                .find(|row| row.registration == Some(registration) && row.kind == kind && row.name == DEMO_FEED);
            let row = if let Some(known) = known {
                known.clone()
            } else {
                let new = NewFeed {
                    organisation,
                    kind,
                    name: DEMO_FEED.to_owned(),
                    registration: Some(registration),
                    course: None,
                    key_in_address: false,
                };
                self.add_feed(new).await?.feed
            };
            let place = row.id.to_string();
            let sealed = self.identity.keyring.open(feed::secret_place(&place), &row.secret);
            let secret = Zeroizing::new(sealed.context("the secret of a demo feed does not open")?.to_vec());
            outlets.push(Outlet {
                channel,
                url: format!("{tool}/feeds/{}/{kind}", row.id),
                secret: String::from_utf8_lossy(&secret).into_owned(),
            });
        }
        lms.set_outlets(outlets);
        Ok(())
    }

    /// Registers the demo LMS and its deployment for an organisation; nothing if it is registered already.
    pub async fn register_demo(&self, organisation: OrganisationId, lms: &Lms, handle: &str) -> Result<(), StoreError> {
        let now = self.clock.now();
        let registration = demo_registration(lms, handle, Some(organisation), now);
        let seen = DeploymentSeen {
            id: DeploymentRowId::new(random::id_at(now)),
            registration: registration.id,
            deployment_id: lms.deployment_id(),
            organisation: Some(organisation),
            platform_guid: None,
            platform_name: None,
        };
        self.store
            .write(Durability::Full, async move |tx| {
                if tx.add_registration(&registration, now).await? {
                    tx.see_deployment(&seen, now).await?;
                }
                tx.raise_settings_version().await
            })
            .await
    }
}
