//! `export` and `erase`: what is stored about one person.

use anyhow::bail;
use clap::Args;
use serde_json::json;

use super::{Shell, output};
use crate::awards::{erase as erasing, personal};
use crate::model::{MemberId, OrganisationId};
use crate::store::Store;

#[derive(Debug, Args)]
pub(super) struct Member {
    /// The person's id: the administration's page of the person names it
    #[arg(long, value_name = "ID")]
    member: MemberId,
}

pub(super) async fn export(shell: &Shell, of: &Member) -> anyhow::Result<()> {
    let store = shell.store().await?;
    let organisation = organisation_of(&store, of.member).await?;
    let Some(all) = personal::export(&store, organisation, of.member).await? else {
        bail!("there is nobody with the id {}", of.member);
    };
    println!("{}", serde_json::to_string_pretty(&all)?);
    Ok(())
}

pub(super) async fn erase(shell: &Shell, of: &Member) -> anyhow::Result<()> {
    let parts = shell.parts().await?;
    let organisation = organisation_of(&parts.store, of.member).await?;
    erasing::ask(&parts.store, organisation, of.member, "command line".to_owned()).await?;
    let is_done = parts.erasing().advance(organisation, of.member).await? == erasing::Next::Done;
    let value = json!({ "id": of.member, "state": if is_done { "erased" } else { "waits" } });
    let sentence = if is_done {
        format!("{} is erased", of.member)
    } else {
        format!(
            "{} is erased as soon as it is known what became of a badge that is on its way: the server sees to it",
            of.member
        )
    };
    output::one(shell.json, &value, &sentence)
}

/// Whose the person is.
async fn organisation_of(store: &Store, member: MemberId) -> anyhow::Result<OrganisationId> {
    for organisation in store.read_one(async |tx| tx.organisations().await).await? {
        let id = organisation.id;
        if store.read(async |tx| tx.profile(id, member).await).await?.is_some() {
            return Ok(id);
        }
    }
    bail!("there is nobody with the id {member}; the administration's page of a person names it")
}
