//! `factory disconnect`: ends an organisation's connection, after its name was typed once more.

use std::io::BufRead;

use anyhow::{Context, ensure};
use clap::Args;
use serde_json::json;

use crate::awards::disconnect::{By, disconnect, waiting, withdraw_queued};
use crate::cli::organisation::named;
use crate::cli::{Shell, output};

#[derive(Debug, Args)]
pub(in crate::cli) struct Disconnect {
    /// The organisation's name
    #[arg(long)]
    organisation: String,
    /// Take awards back that were not sent yet; else they wait for the next connection
    #[arg(long)]
    withdraw_queued: bool,
}

pub(super) async fn run(shell: &Shell, what: &Disconnect) -> anyhow::Result<()> {
    let parts = shell.parts().await?;
    let organisation = named(&parts.store, &what.organisation).await?;
    let (id, name) = (organisation.id, organisation.name);
    let queued = waiting(&parts.store, id).await?;
    let identity = parts.store.read_one(async |tx| tx.active_identity(id).await).await?;
    ensure!(
        identity.is_some() || (what.withdraw_queued && queued.queued > 0),
        "\"{name}\" is not connected; `factory enroll`, `factory import` or `factory token` connects it"
    );
    let becomes = if what.withdraw_queued {
        "are taken back: nobody gets these badges"
    } else {
        "wait for the next connection"
    };
    eprintln!(
        "This ends the connection of \"{name}\" to the Factory: no badge is sent, revoked or looked for, and the private key \
         or client secret is deleted here for good. Badges that were awarded stay valid. {} awards were not sent yet; they \
         {becomes}. {} orders may have been carried out; they are asked for after the next connection. Type the \
         organisation's name to go on:",
        queued.queued, queued.unsure
    );
    let mut typed = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut typed)
        .context("the name cannot be read from standard input")?;
    ensure!(
        typed.trim() == name,
        "that is not the organisation's name: nothing was changed"
    );
    let by = By {
        actor: "command line".to_owned(),
    };
    disconnect(&parts.store, id, &by).await?;
    let withdrawn = if what.withdraw_queued {
        withdraw_queued(&parts.store, id, &by).await?
    } else {
        0
    };
    let sentence = if what.withdraw_queued {
        format!("\"{name}\" is disconnected; {withdrawn} awards were taken back")
    } else {
        format!(
            "\"{name}\" is disconnected; {} awards wait for the next connection",
            queued.queued
        )
    };
    output::one(
        shell.json,
        &json!({ "organisation": name, "withdrawn": withdrawn }),
        &sentence,
    )
}
