//! `factory`: an organisation's identity at the Factory: made by enrolment, taken over, listed, tried.

mod disconnect;
mod enroll;
mod existing;
mod keep;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::bail;
use clap::{Args, Subcommand};
use serde::Serialize;

use super::organisation::named;
use super::{Shell, output};
use crate::app::Host;
use crate::app::trouble;
use crate::app::words::days_left;
use crate::clock::Timestamp;
use crate::model::{FactoryIdentity, IdentityKind, Organisation};
use crate::store::StoreError;
use crate::store::problem::Problem;

/// How long one call may take.
const DEADLINE: Duration = Duration::from_secs(30);

#[derive(Debug, Subcommand)]
pub(super) enum Factory {
    /// Make an organisation, or renew its certificate, with an API key from the Factory
    Enroll(enroll::Enroll),
    /// Take over a client certificate and key that exist
    Import(existing::Import),
    /// Use a client secret (OAuth2) instead of a certificate
    Token(existing::Token),
    /// End an organisation's connection (asks for its name again); what waits goes out after the next one
    Disconnect(disconnect::Disconnect),
    /// All organisations with their identity, its end and its last problem
    List,
    /// Ask the Factory whether it knows us
    Ping(Ping),
}

/// Who, and where.
#[derive(Debug, Args)]
struct At {
    /// The organisation's name; it is made if there is none
    #[arg(long)]
    name: String,
    /// The Factory's address: <https://openbadgefactory.com>, <https://factory.cancred.ca> …
    #[arg(long)]
    url: String,
}

#[derive(Debug, Args)]
pub(super) struct Ping {
    /// Only this organisation
    #[arg(long)]
    organisation: Option<String>,
}

pub(super) async fn run(shell: &Shell, command: Factory) -> anyhow::Result<()> {
    match command {
        Factory::Enroll(enroll) => enroll::run(shell, enroll).await,
        Factory::Import(import) => existing::import(shell, import).await,
        Factory::Token(token) => existing::token(shell, token).await,
        Factory::Disconnect(what) => disconnect::run(shell, &what).await,
        Factory::List => list(shell).await,
        Factory::Ping(ping) => self::ping(shell, ping).await,
    }
}

#[derive(Serialize)]
struct Listed {
    organisation: String,
    url: Option<String>,
    client_id: Option<String>,
    kind: &'static str,
    certificate_ends: Option<String>,
    days_left: Option<i64>,
    last_problem: Option<String>,
}

async fn list(shell: &Shell) -> anyhow::Result<()> {
    let store = shell.store().await?;
    let now = store.now().await?;
    let found: Vec<(Organisation, Option<FactoryIdentity>, Option<Problem>)> = store
        .read(async |tx| {
            let mut found = Vec::new();
            for organisation in tx.organisations().await? {
                let identity = tx.active_identity(organisation.id).await?;
                let problem = tx.problems(organisation.id).await?.pop();
                found.push((organisation, identity, problem));
            }
            Ok::<_, StoreError>(found)
        })
        .await?;
    let rows: Vec<Listed> = found
        .into_iter()
        .map(|(organisation, identity, problem)| listed(organisation.name, identity.as_ref(), problem.as_ref(), now))
        .collect();
    let head = [
        "ORGANISATION",
        "FACTORY",
        "CLIENT ID",
        "KIND",
        "ENDS",
        "DAYS LEFT",
        "LAST PROBLEM",
    ];
    output::list(shell.json, &head, &rows, |row| {
        vec![
            row.organisation.clone(),
            output::or_dash(row.url.as_deref()),
            output::or_dash(row.client_id.as_deref()),
            row.kind.to_owned(),
            output::or_dash(row.certificate_ends.as_deref()),
            row.days_left.map_or_else(|| "-".to_owned(), |days| days.to_string()),
            output::or_dash(row.last_problem.as_deref()),
        ]
    })
}

fn listed(name: String, identity: Option<&FactoryIdentity>, problem: Option<&Problem>, now: Timestamp) -> Listed {
    let (kind, end) = match identity.map(|identity| &identity.kind) {
        Some(IdentityKind::Certificate { not_after, .. }) => ("certificate", Some(*not_after)),
        Some(IdentityKind::Token) => ("token", None),
        None => ("none", None),
    };
    Listed {
        organisation: name,
        url: identity.map(|identity| identity.url.clone()),
        client_id: identity.map(|identity| identity.factory_client_id.clone()),
        kind,
        certificate_ends: end.map(output::day),
        days_left: end.map(|end| days_left(now, end)),
        last_problem: problem.map(trouble::sentence),
    }
}

#[derive(Serialize)]
struct Pinged {
    organisation: String,
    answers: bool,
    reason: Option<String>,
}

async fn ping(shell: &Shell, ping: Ping) -> anyhow::Result<()> {
    let parts = shell.parts().await?;
    let organisations = match &ping.organisation {
        Some(name) => vec![named(&parts.store, name).await?],
        None => parts.store.read_one(async |tx| tx.organisations().await).await?,
    };
    if organisations.is_empty() {
        bail!("there is no organisation yet: `factory enroll`, `factory import` or `factory token` makes one");
    }
    let mut rows = Vec::new();
    for organisation in organisations {
        // a new identity that waits is put in use if the Factory answers to it
        let reason = match parts.try_out(organisation.id).await? {
            Ok(()) => None,
            Err(failure) if failure.said.is_empty() => Some("it was never connected".to_owned()),
            Err(failure) => Some(failure.said),
        };
        rows.push(Pinged {
            organisation: organisation.name,
            answers: reason.is_none(),
            reason,
        });
    }
    output::list(shell.json, &["ORGANISATION", "FACTORY"], &rows, |row| {
        let words = row
            .reason
            .as_ref()
            .map_or_else(|| "knows us".to_owned(), |reason| format!("FAIL: {reason}"));
        vec![row.organisation.clone(), words]
    })?;
    match rows.iter().filter(|row| !row.answers).count() {
        0 => Ok(()),
        failed => bail!("{failed} of {} organisations cannot use the Factory", rows.len()),
    }
}
