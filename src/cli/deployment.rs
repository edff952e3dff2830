//! `deployment`: which installations of a registration belong to which organisation.

use anyhow::{Context, bail};
use clap::Subcommand;
use serde::Serialize;
use serde_json::json;

use super::organisation::named;
use super::{Shell, change, output};
use crate::model::{Deployment as Row, DeploymentRowId, Organisation, Registration};
use crate::store::installation::Claim;
use crate::store::{Durability, Tx};

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
    /// Remember that a pending deployment is not ours: its people are told whom to ask
    Refuse {
        /// Its id, from `deployment list`
        id: DeploymentRowId,
    },
    /// Take a refusal back: the deployment waits again
    Reopen {
        /// Its id, from `deployment list`
        id: DeploymentRowId,
    },
}

#[derive(Serialize)]
struct Listed {
    id: String,
    registration: String,
    deployment_id: String,
    platform: Option<String>,
    organisation: Option<String>,
    refused: bool,
    first_seen: String,
}

pub(super) async fn run(shell: &Shell, command: Deployment) -> anyhow::Result<()> {
    match command {
        Deployment::List => list(shell).await,
        Deployment::Claim { id, organisation } => claim(shell, id, &organisation).await,
        Deployment::Refuse { id } => refuse(shell, id).await,
        Deployment::Reopen { id } => reopen(shell, id).await,
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
            match (&row.organisation, row.refused) {
                (Some(name), _) => name.clone(),
                (None, true) => "refused".to_owned(),
                (None, false) => "pending".to_owned(),
            },
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
        refused: row.refused_at.is_some(),
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

async fn refuse(shell: &Shell, id: DeploymentRowId) -> anyhow::Result<()> {
    let parts = shell.parts().await?;
    parts
        .store
        .write(Durability::Full, async move |tx| {
            let row = known(tx, id).await?;
            let now = tx.now().await?;
            if !tx.refuse_deployment(id, now).await? {
                if row.organisation.is_some() {
                    bail!("deployment {id} belongs to an organisation, and stays there");
                }
                bail!("deployment {id} is refused already");
            }
            note(tx, &row, "deployment.refuse").await
        })
        .await?;
    let sentence = format!("deployment {id} is refused; its people are told whom to ask");
    output::one(shell.json, &json!({ "id": id, "refused": true }), &sentence)
}

async fn reopen(shell: &Shell, id: DeploymentRowId) -> anyhow::Result<()> {
    let parts = shell.parts().await?;
    parts
        .store
        .write(Durability::Full, async move |tx| {
            let row = known(tx, id).await?;
            if !tx.reopen_deployment(id).await? {
                bail!("deployment {id} was not refused");
            }
            note(tx, &row, "deployment.reopen").await
        })
        .await?;
    let sentence = format!("deployment {id} waits again; `deployment claim` gives it to an organisation");
    output::one(shell.json, &json!({ "id": id, "refused": false }), &sentence)
}

async fn known(tx: &mut Tx<'_>, id: DeploymentRowId) -> anyhow::Result<Row> {
    let found = tx.deployments().await?.into_iter().find(|row| row.id == id);
    found.with_context(|| format!("there is no deployment {id}; `deployment list` shows all"))
}

/// Notes a decision in the log of the registration's organisation, if it has one.
async fn note(tx: &mut Tx<'_>, row: &Row, action: &'static str) -> anyhow::Result<()> {
    let registrations = tx.registrations().await?;
    let owner = registrations.iter().find(|known| known.id == row.registration);
    let owner = owner.and_then(|known| known.organisation);
    let detail = json!({ "deployment_id": row.deployment_id });
    Ok(change::record(tx, owner, action, row.id, detail).await?)
}
