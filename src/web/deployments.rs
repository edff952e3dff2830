//! Deployments that nobody owns: who may decide about them, what they are shown, and what they decide (P5).

use serde_json::{Value, json};

use super::course::fields::Fields;
use super::deps::Deps;
use super::error::{Refusal, WebError};
use super::operator::session::record;
use super::pages::Flash;
use super::pages::admin::lms::WaitingDeployment;
use crate::lti::registration::Issuer;
use crate::model::{Deployment, DeploymentRowId, OrganisationId, Registration, RegistrationId};
use crate::store::audit::AuditEntry;
use crate::store::installation::Claim;
use crate::store::{Durability, StoreError};

/// Somebody who decides for an organisation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Decider {
    /// The organisation that gets what they claim.
    pub(super) organisation: OrganisationId,
    /// By which right.
    pub(super) right: Right,
}

/// By which right somebody decides about deployments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Right {
    /// Operators decide about those of shared registrations, too.
    Operator,
    /// Administrators decide about those of their organisation's registrations.
    Administrator,
    /// Administrators of an LMS decide about those of its registration.
    OfLms(RegistrationId),
}

/// What somebody may decide about, in the order in which it was first seen.
#[derive(Clone, Debug, Default)]
pub(super) struct Undecided {
    /// What waits.
    pub(super) waiting: Vec<WaitingDeployment>,
    /// What was refused and can be taken back.
    pub(super) refused: Vec<WaitingDeployment>,
}

impl Decider {
    fn may_decide(self, deployment: &Deployment, row: &Registration, all: &[Deployment]) -> bool {
        if matches!(self.right, Right::OfLms(own) if own != row.id) {
            return false;
        }
        match (row.organisation, self.right) {
            (Some(owner), _) => owner == self.organisation,
            (None, Right::Operator) => true,
            (None, Right::Administrator) => false,
            (None, Right::OfLms(_)) => self.has_same_installation(deployment, row, all),
        }
    }

    /// Under an issuer that a vendor's customers share, the installation's id in the signed token is the vendor's word for
    /// one customer: a further deployment of an installation that the organisation uses already is that customer's.
    fn has_same_installation(self, deployment: &Deployment, row: &Registration, all: &[Deployment]) -> bool {
        let is_vendor_wide = Issuer::parse(row.issuer.clone()).is_ok_and(|issuer| issuer.is_vendor_wide());
        let is_own =
            |known: &&Deployment| known.registration == row.id && known.organisation == Some(self.organisation);
        let guid = deployment.platform_guid.as_deref();
        let mut own = all.iter().filter(is_own);
        is_vendor_wide && guid.is_some() && own.any(|known| known.platform_guid.as_deref() == guid)
    }
}

/// What `decider` may decide about.
pub(super) async fn undecided(deps: &Deps, decider: Decider) -> Result<Undecided, StoreError> {
    let (registrations, deployments) = deps
        .store
        .read(async |tx| Ok::<_, StoreError>((tx.registrations().await?, tx.deployments().await?)))
        .await?;
    let mut found = Undecided::default();
    for deployment in deployments.iter().filter(|row| row.organisation.is_none()) {
        let Some(row) = registrations.iter().find(|row| row.id == deployment.registration) else {
            continue;
        };
        if decider.may_decide(deployment, row, &deployments) {
            let list = match deployment.refused_at {
                None => &mut found.waiting,
                Some(_) => &mut found.refused,
            };
            list.push(shown(deployment, row));
        }
    }
    Ok(found)
}

/// Takes a form of the page: `deployment`, and `do`, which is `claim` (or absent), `refuse` or `reopen`. `entry` makes what
/// the audit log keeps.
pub(super) async fn decide(
    deps: &Deps,
    decider: Decider,
    fields: &Fields,
    entry: impl FnOnce(&'static str, DeploymentRowId, Value) -> AuditEntry,
) -> Result<Flash, WebError> {
    let wanted = fields.one("deployment");
    let id: DeploymentRowId = wanted.parse().map_err(|_| Refusal::NotFound)?;
    // what this visitor does not see is not theirs to decide about
    let shown = undecided(deps, decider).await?;
    let found = shown.waiting.iter().chain(&shown.refused).find(|row| row.id == wanted);
    let found = found.ok_or(Refusal::NotFound)?;
    let (action, flash) = match fields.one("do") {
        "" | "claim" => ("deployment.claim", Flash::Claimed),
        "refuse" => ("deployment.refuse", Flash::DeploymentRefused),
        "reopen" => ("deployment.reopen", Flash::DeploymentReopened),
        _ => return Err(Refusal::Unreadable { too_large: false }.into()),
    };
    let entry = entry(action, id, json!({ "deployment_id": found.deployment }));
    let (owner, does) = (decider.organisation, flash.clone());
    let done: Result<bool, StoreError> = deps
        .store
        .write(Durability::Full, async move |tx| {
            let done = match does {
                Flash::Claimed => matches!(tx.claim_for(id, owner).await?, Claim::Done(_)),
                Flash::DeploymentRefused => {
                    let now = tx.now().await?;
                    tx.refuse_deployment(id, now).await?
                }
                _ => tx.reopen_deployment(id).await?,
            };
            if done {
                record(tx, &entry).await?;
            }
            Ok(done)
        })
        .await;
    if !done? {
        return Err(Refusal::NotFound.into());
    }
    deps.directory.load(&deps.store).await?;
    Ok(flash)
}

fn shown(deployment: &Deployment, row: &Registration) -> WaitingDeployment {
    WaitingDeployment {
        id: deployment.id.to_string(),
        lms: row.name.clone(),
        issuer: row.issuer.clone(),
        deployment: deployment.deployment_id.clone(),
        says: deployment.platform_name.clone().unwrap_or_default(),
        seen: deployment.refused_at.unwrap_or(deployment.first_seen),
    }
}
