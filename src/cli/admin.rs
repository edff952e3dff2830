//! `admin`: one-time links by which operators and administrators sign in.

use clap::{Args, Subcommand};
use serde_json::json;

use super::organisation::named;
use super::{Shell, change, output};
use crate::app::Parts;
use crate::crypto::{digest, random};
use crate::model::{AdministratorId, OrganisationId};
use crate::store::{Durability, StoreError};

#[derive(Debug, Subcommand)]
pub(super) enum Admin {
    /// Print a one-time address that signs an operator in, or an organisation's administrator
    Link(Link),
}

#[derive(Debug, Args)]
pub(super) struct Link {
    /// Sign in an administrator of this organisation alone
    #[arg(long)]
    organisation: Option<String>,
    /// The administrator's name; somebody who is not there yet is added
    #[arg(long, requires = "organisation", default_value = "Administrator")]
    name: String,
}

pub(super) async fn run(shell: &Shell, command: Admin) -> anyhow::Result<()> {
    match command {
        Admin::Link(link) => self::link(shell, link).await,
    }
}

async fn link(shell: &Shell, link: Link) -> anyhow::Result<()> {
    let config = shell.config()?;
    let public = config.server.require_public_url()?.clone();
    let parts = shell.parts().await?;
    let life = config.operator.link_life;
    let until = parts.clock.now().plus(life);
    let (token, whose) = match &link.organisation {
        None => (parts.operator_link().await?, None),
        Some(organisation) => {
            let owner = named(&parts.store, organisation).await?;
            let name = link.name.trim();
            anyhow::ensure!(
                !name.is_empty() && name.chars().count() <= 200 && !name.contains(char::is_control),
                "--name: a name has 1 to 200 characters"
            );
            let token = administrator_link(&parts, owner.id, name.to_owned()).await?;
            (token, Some((name.to_owned(), owner.name)))
        }
    };
    let url = public.join(&format!("/operator/welcome/{token}"));
    let who = whose.as_ref().map_or_else(
        || "an operator".to_owned(),
        |(name, organisation)| format!("{name}, who administers \"{organisation}\","),
    );
    let sentence = format!(
        "this address signs {who} in. It works once, for {} min, and cannot be shown again:\n  {url}",
        life.as_secs() / 60
    );
    let (name, organisation) = whose.unzip();
    let value = json!({
        "url": url, "expires_at": until.millis(), "organisation": organisation, "name": name,
    });
    output::one(shell.json, &value, &sentence)
}

/// The token of a link for the administrator of this name, who is added if not there.
async fn administrator_link(parts: &Parts, organisation: OrganisationId, name: String) -> Result<String, StoreError> {
    let (token, now) = (random::token(), parts.clock.now());
    let (hash, until) = (
        digest::sha256(token.as_bytes()),
        now.plus(parts.config.operator.link_life),
    );
    parts
        .store
        .write(Durability::Full, async move |tx| {
            let known = tx.administrators(organisation).await?;
            let id = if let Some(known) = known.into_iter().find(|known| known.name == name) {
                known.id
            } else {
                let id = AdministratorId::new(random::id_at(now));
                tx.add_administrator(organisation, id, &name, now).await?;
                change::record(tx, Some(organisation), "admin.add", id, json!({})).await?;
                id
            };
            tx.add_sign_in_link(hash, Some(id), until, now).await?;
            change::record(tx, Some(organisation), "admin.link", id, json!({})).await?;
            Ok::<_, StoreError>(())
        })
        .await?;
    Ok(token)
}
