//! Registrations and deployments in memory: a launch asks here, not the database. Read again within a second of a change
//! (the settings version tells).

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::lti::login::LoginRequest;
use crate::lti::registration::Adoption;
use crate::lti::registration::adoption;
use crate::lti::registration::{Issuer, LtiClientId, Terms};
use crate::model::{Deployment, Lms, OrganisationId, Registration, RegistrationId};
use crate::store::{Store, StoreError};

/// The directory. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    current: Arc<RwLock<Arc<Entries>>>,
}

/// What the directory knew at one moment.
#[derive(Debug, Default)]
pub struct Entries {
    version: i64,
    registrations: HashMap<RegistrationId, Arc<Known>>,
    deployments: HashMap<(RegistrationId, String), Deployment>,
}

/// A registration, and what follows from it.
#[derive(Debug)]
pub struct Known {
    /// The registration.
    pub registration: Registration,
    /// What its tokens must carry.
    pub terms: Terms,
    /// The origins that may frame its pages, for `frame-ancestors`.
    pub frame_ancestors: String,
}

/// Why a login finds no registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotFound {
    /// No registration has this issuer, or none of its client ids is this one.
    Unknown,
    /// Several registrations share the issuer, and the login does not say which is meant.
    Ambiguous,
}

impl Directory {
    /// Reads everything anew.
    pub async fn load(&self, store: &Store) -> Result<(), StoreError> {
        let (version, registrations, deployments) = store
            .read(async |tx| {
                let version = tx.installation().await?.map_or(0, |row| row.settings_version);
                Ok::<_, StoreError>((version, tx.registrations().await?, tx.deployments().await?))
            })
            .await?;
        let registrations = registrations
            .into_iter()
            .filter_map(Known::of)
            .map(|known| (known.registration.id, Arc::new(known)));
        let deployments = deployments
            .into_iter()
            .map(|row| ((row.registration, row.deployment_id.clone()), row));
        let entries = Entries {
            version,
            registrations: registrations.collect(),
            deployments: deployments.collect(),
        };
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(entries);
        Ok(())
    }

    /// Reads everything anew if the settings version has changed.
    pub async fn follow(&self, store: &Store) -> Result<(), StoreError> {
        let row = store.read(async |tx| tx.installation().await).await?;
        if row.is_some_and(|row| row.settings_version != self.entries().version) {
            self.load(store).await?;
        }
        Ok(())
    }

    /// What is known now.
    pub fn entries(&self) -> Arc<Entries> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Entries {
    /// The registration with this id.
    pub fn registration(&self, id: RegistrationId) -> Option<&Arc<Known>> {
        self.registrations.get(&id)
    }

    /// The registration that a login is for: by its handle if somebody has it, else by issuer and client id, else by issuer and deployment,
    /// else the only one of its issuer.
    pub fn of_login(&self, login: &LoginRequest, handle: Option<&str>) -> Result<&Arc<Known>, NotFound> {
        let same_issuer = |known: &&Arc<Known>| known.terms.issuer == login.issuer;
        // a handle that nobody has says nothing: Moodle's "Update" brings a new one for an earlier registration
        if let Some(named) = handle.and_then(|handle| self.of_handle(handle)) {
            return Some(named)
                .filter(same_issuer)
                .filter(|known| login.client_id.as_ref().is_none_or(|id| *id == known.terms.client_id))
                .ok_or(NotFound::Unknown);
        }
        let of_issuer: Vec<&Arc<Known>> = self.registrations.values().filter(same_issuer).collect();
        if let Some(client_id) = &login.client_id {
            return of_issuer
                .into_iter()
                .find(|known| known.terms.client_id == *client_id)
                .ok_or(NotFound::Unknown);
        }
        if let Some(deployment) = &login.deployment_id {
            let has_it = |known: &&&Arc<Known>| {
                self.deployments
                    .contains_key(&(known.registration.id, deployment.as_str().to_owned()))
            };
            let mut holders = of_issuer.iter().filter(has_it);
            if let (Some(only), None) = (holders.next(), holders.next()) {
                return Ok(only);
            }
        }
        let mut enabled = of_issuer.iter().filter(|known| known.registration.enabled);
        match (enabled.next(), enabled.next(), of_issuer.first()) {
            (Some(only), None, _) => Ok(only),
            (Some(_), Some(_), _) => Err(NotFound::Ambiguous),
            (None, _, Some(disabled)) if of_issuer.len() == 1 => Ok(disabled),
            _ => Err(NotFound::Unknown),
        }
    }

    /// The registration that a signed message is from, by what it says of itself, unproven: issuer and audiences.
    pub fn of_message(&self, issuer: &str, audiences: &str) -> Option<&Arc<Known>> {
        self.registrations.values().find(|known| {
            let client = known.terms.client_id.as_str();
            known.terms.issuer.as_str() == issuer && audiences.split(' ').any(|audience| audience == client)
        })
    }

    /// The registration whose own login address this is.
    pub fn of_handle(&self, handle: &str) -> Option<&Arc<Known>> {
        self.registrations
            .values()
            .find(|known| known.registration.handle == handle)
    }

    /// Whose deployment this is; `None`: unknown, or nobody claimed it yet.
    pub fn owner(&self, registration: RegistrationId, deployment: &str) -> Option<OrganisationId> {
        self.deployments
            .get(&(registration, deployment.to_owned()))
            .and_then(|row| row.organisation)
    }

    /// The deployments of a registration, as the LMS writes them.
    pub fn deployments(&self, registration: RegistrationId) -> Vec<&str> {
        let of_it = self.deployments.values().filter(|row| row.registration == registration);
        let mut ids: Vec<&str> = of_it.map(|row| row.deployment_id.as_str()).collect();
        ids.sort_unstable();
        ids
    }

    /// Whether this deployment is known to wait for an administrator, under the same id of its installation.
    pub fn is_pending(&self, registration: RegistrationId, deployment: &str, guid: Option<&str>) -> bool {
        self.deployments
            .get(&(registration, deployment.to_owned()))
            .is_some_and(|row| row.waits() && (guid.is_none() || row.platform_guid.as_deref() == guid))
    }

    /// Whether somebody said that this deployment is not theirs.
    pub fn is_refused(&self, registration: RegistrationId, deployment: &str) -> bool {
        self.deployments
            .get(&(registration, deployment.to_owned()))
            .is_some_and(|row| row.organisation.is_none() && row.refused_at.is_some())
    }

    /// Whether the LMS's own id of this installation is known.
    pub fn has_guid(&self, registration: RegistrationId, deployment: &str) -> bool {
        self.deployments
            .get(&(registration, deployment.to_owned()))
            .is_some_and(|row| row.platform_guid.is_some())
    }

    /// The ids by which the LMS's installations call themselves that this organisation uses through this registration.
    pub fn guids(&self, registration: RegistrationId, organisation: OrganisationId) -> Vec<&str> {
        let of_both = |row: &&Deployment| row.registration == registration && row.organisation == Some(organisation);
        let rows = self.deployments.values().filter(of_both);
        rows.filter_map(|row| row.platform_guid.as_deref()).collect()
    }

    /// The settings version that this was read at.
    pub const fn version(&self) -> i64 {
        self.version
    }

    /// Whether a deployment without an owner may be taken over at its first launch.
    pub fn adoption(&self, known: &Known, guid: Option<&str>) -> Adoption {
        let adopted = self.deployments.values().filter(|row| {
            row.registration == known.registration.id && row.organisation == known.registration.organisation
        });
        let guids = adopted.filter_map(|row| row.platform_guid.as_deref());
        adoption(
            known.registration.organisation.is_none(),
            &known.terms.issuer,
            guid,
            guids,
        )
    }

    /// Whether there is no registration.
    pub fn is_empty(&self) -> bool {
        self.registrations.is_empty()
    }
}

impl Known {
    /// The origins of the issuer and of the authorization endpoint, and those that administrators added.
    pub fn origins(&self) -> impl Iterator<Item = &str> {
        self.frame_ancestors.split(' ').filter(|origin| *origin != "'none'")
    }

    /// Whether a service's address from a launch is one of this LMS: at a host that the registration names, or, where the
    /// vendor's customers share the issuer, at any. An access token goes nowhere else.
    pub fn may_serve(&self, address: &str) -> bool {
        let Some(host) = host_of(address) else { return false };
        let row = &self.registration;
        let own = [
            &row.issuer,
            &row.authorization_endpoint,
            &row.token_endpoint,
            &row.jwks_uri,
        ];
        // not at hosts that only show our pages: who may frame us must not learn tokens
        let mut named = own.into_iter().filter_map(|text| host_of(text));
        self.terms.issuer.is_vendor_wide()
            || named.any(|known| known == host)
            || row
                .allowed_networks
                .iter()
                .any(|allowed| allowed.host.eq_ignore_ascii_case(&host))
            || (row.lms == Lms::Brightspace && host.ends_with(".brightspace.com"))
    }

    /// The origin of the authorization endpoint: whom the platform's storage is spoken to (Platform Storage 0.1).
    pub fn authorization_origin(&self) -> Option<String> {
        let url = url::Url::parse(&self.registration.authorization_endpoint).ok()?;
        Some(url.origin().ascii_serialization()).filter(|origin| origin != "null")
    }

    /// The LMS's own address, to lead people back to: the origin of its issuer. Where a vendor's customers share the issuer
    /// that is nobody's LMS; then it is the one origin that an administrator named.
    pub fn platform_origin(&self) -> Option<String> {
        let address = match self.registration.frame_origins.as_slice() {
            _ if !self.terms.issuer.is_vendor_wide() => &self.registration.issuer,
            [only] => only,
            _ => return None,
        };
        let url = url::Url::parse(address).ok()?;
        let is_web = matches!(url.scheme(), "http" | "https");
        is_web.then(|| url.origin().ascii_serialization())
    }

    fn of(registration: Registration) -> Option<Self> {
        let issuer = Issuer::parse(registration.issuer.clone()).ok()?;
        let client_id = LtiClientId::parse(registration.lti_client_id.clone()).ok()?;
        let terms = Terms {
            issuer,
            client_id,
            is_strict: registration.strict,
            allows_anonymous: registration.anonymous,
        };
        let frame_ancestors = frame_ancestors(&registration);
        Some(Self {
            registration,
            terms,
            frame_ancestors,
        })
    }
}

/// Whether an origin may stand in a header of policies: the URL standard lets hosts have a semicolon or a comma, which
/// would begin another directive or policy there (CSP 3, section 2.2.1).
pub(super) fn is_plain(origin: &str) -> bool {
    let is_plain = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '.' | '-' | '_' | ':' | '/' | '[' | ']');
    origin != "null" && origin.chars().all(is_plain)
}

fn host_of(address: &str) -> Option<String> {
    url::Url::parse(address).ok()?.host_str().map(str::to_owned)
}

/// The origins of the issuer and of the authorization endpoint, and those that administrators added.
fn frame_ancestors(registration: &Registration) -> String {
    let known = [&registration.issuer, &registration.authorization_endpoint];
    let mut origins: Vec<String> = Vec::new();
    for text in known.into_iter().chain(&registration.frame_origins) {
        let Ok(url) = url::Url::parse(text) else { continue };
        let origin = url.origin().ascii_serialization();
        if is_plain(&origin) && !origins.contains(&origin) {
            origins.push(origin);
        }
    }
    if origins.is_empty() {
        "'none'".to_owned()
    } else {
        origins.join(" ")
    }
}
