//! `deployment`: which installations of a registration belong to which organisation.

use anyhow::bail;
use clap::Subcommand;
use serde::Serialize;
use serde_json::json;

use super::organisation::named;
use super::{Shell, change, output};
use crate::model::{Deployment as Row, DeploymentRowId, Organisation, Registration};
use crate::store::Durability;
use crate::store::installation::Claim;

#[derive(Debug, Subcommand)]
pub(super) enum Deployment {
    /// All deployments, pending ones too
    List,
    /// Give a pending deployment to an organisation
    Claim {
        /// Its id, from `deployment list`
        id: DeploymentRowId,
        /// The organisation's name
        #[arg(long)]
        organisation: String,
    },
}

#[derive(Serialize)]
struct Listed {
    id: String,
    registration: String,
    deployment_id: String,
    platform: Option<String>,
    organisation: Option<String>,
    first_seen: String,
}

pub(super) async fn run(shell: &Shell, command: Deployment) -> anyhow::Result<()> {
    match command {
        Deployment::List => list(shell).await,
        Deployment::Claim { id, organisation } => claim(shell, id, &organisation).await,
    }
}

async fn list(shell: &Shell) -> anyhow::Result<()> {
    let store = shell.store().await?;
    let (deployments, registrations, organisations) = store
        .read(async |tx| {
            Ok::<_, crate::store::StoreError>((
                tx.deployments().await?,
                tx.registrations().await?,
                tx.organisations().await?,
            ))
        })
        .await?;
    let rows: Vec<Listed> = deployments
        .iter()
        .map(|row| listed(row, &registrations, &organisations))
        .collect();
    let head = [
        "ID",
        "REGISTRATION",
        "DEPLOYMENT",
        "LMS SAYS",
        "ORGANISATION",
        "FIRST SEEN",
    ];
    output::list(shell.json, &head, &rows, |row| {
        vec![
            row.id.clone(),
            row.registration.clone(),
            row.deployment_id.clone(),
            output::or_dash(row.platform.as_deref()),
            row.organisation.clone().unwrap_or_else(|| "pending".to_owned()),
            row.first_seen.clone(),
        ]
    })
}

fn listed(row: &Row, registrations: &[Registration], organisations: &[Organisation]) -> Listed {
    let registration = registrations.iter().find(|known| known.id == row.registration);
    let organisation = organisations.iter().find(|known| Some(known.id) == row.organisation);
    Listed {
        id: row.id.to_string(),
        registration: registration.map_or_else(|| row.registration.to_string(), |known| known.name.clone()),
        deployment_id: row.deployment_id.clone(),
        platform: row.platform_name.clone().or_else(|| row.platform_guid.clone()),
        organisation: organisation.map(|known| known.name.clone()),
        first_seen: output::day(row.first_seen),
    }
}

async fn claim(shell: &Shell, id: DeploymentRowId, organisation: &str) -> anyhow::Result<()> {
    let parts = shell.parts().await?;
    let owner = named(&parts.store, organisation).await?;
    let name = owner.name.clone();
    parts
        .store
        .write(Durability::Full, async move |tx| {
            let deployment = match tx.claim_for(id, owner.id).await? {
                Claim::Done(deployment) => deployment,
                Claim::Unknown => bail!("there is no deployment {id}; `deployment list` shows all"),
                Claim::Foreign => {
                    bail!("this deployment's registration belongs to another organisation; only that one can claim it")
                }
                Claim::Own => bail!("the deployment belongs to \"{}\" already", owner.name),
                Claim::Taken => bail!("the deployment belongs to another organisation, and stays there"),
            };
            let detail = json!({ "deployment_id": deployment });
            change::record(tx, Some(owner.id), "deployment.claim", id, detail).await?;
            Ok(())
        })
        .await?;
    let sentence = format!("deployment {id} belongs to \"{name}\"; people can launch again at once");
    output::one(shell.json, &json!({ "id": id, "organisation": name }), &sentence)
}
