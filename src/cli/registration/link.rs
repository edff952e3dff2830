//! `registration link`: a one-time address that an LMS registers itself by (LTI Dynamic Registration 1.0).

use std::time::Duration;

use clap::Args;
use serde_json::json;

use super::super::organisation::named;
use super::super::{Shell, address, change, output};
use crate::crypto::{digest, random};
use crate::store::installation::NewInvitation;
use crate::store::{Durability, StoreError};

#[derive(Debug, Args)]
pub(in crate::cli) struct Link {
    /// The organisation that the LMS will belong to
    #[arg(long)]
    organisation: String,
    /// For how many hours the address works
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u64).range(1..=720))]
    hours: u64,
    /// Let the LMS launch at once; else `registration enable` is needed first
    #[arg(long)]
    enable: bool,
    /// A private network that calls to a host of the LMS may reach; repeat it
    #[arg(long = "allow-network", value_name = "HOST=NETWORK")]
    allow_networks: Vec<String>,
}

pub(super) async fn run(shell: &Shell, link: Link) -> anyhow::Result<()> {
    let public = shell.config()?.server.require_public_url()?.clone();
    let allowed_networks = link
        .allow_networks
        .iter()
        .map(|text| address::allowed_network(text))
        .collect::<Result<Vec<_>, _>>()?;
    let parts = shell.parts().await?;
    let owner = named(&parts.store, &link.organisation).await?;
    let (now, token) = (parts.clock.now(), random::token());
    let new = NewInvitation {
        id: random::id_at(now),
        token_hash: digest::sha256(token.as_bytes()),
        organisation: owner.id,
        allowed_networks,
        enables: link.enable,
        expires_at: now.plus(Duration::from_secs(link.hours * 3600)),
    };
    let (id, expires_at) = (new.id, new.expires_at);
    parts
        .store
        .write(Durability::Full, async move |tx| {
            tx.add_invitation(&new, now).await?;
            let detail = json!({ "expires_at": new.expires_at.millis(), "enables": new.enables });
            change::record(tx, Some(new.organisation), "registration.link", new.id, detail).await?;
            Ok::<_, StoreError>(())
        })
        .await?;
    let url = public.join(&format!("/lti/register/{token}"));
    let value = json!({
        "id": id, "organisation": owner.name, "url": url, "expires_at": expires_at.millis(), "enables": link.enable,
    });
    let after = if link.enable {
        ""
    } else {
        "\nAfterwards `registration list` shows the LMS as pending; `registration enable` lets it launch."
    };
    let sentence = format!(
        "give this address to the administrator of the LMS of \"{}\". It works once, for {} h, and cannot be shown again:\n\
         \x20 {url}{after}",
        owner.name, link.hours
    );
    output::one(shell.json, &value, &sentence)
}
