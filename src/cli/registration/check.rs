//! `registration check`: what arrived last for a registration, beside what is stored.

use std::time::Duration;

use anyhow::bail;
use clap::Args;
use serde::Serialize;
use serde_json::json;

use super::super::{Shell, change, output};
use super::{Row, Which};
use crate::clock::Timestamp;
use crate::crypto::{digest, random};
use crate::model::encounter::{Difference, Encounter};
use crate::store::{Durability, StoreError};

#[derive(Debug, Args)]
pub(in crate::cli) struct Check {
    #[command(flatten)]
    which: Which,
    /// Print an address that shows this and every value to its administrator, for so many hours
    #[arg(long, value_name = "HOURS", value_parser = clap::value_parser!(u64).range(1..=720))]
    page: Option<u64>,
}

#[derive(Serialize)]
struct Compared {
    step: &'static str,
    at: i64,
    #[serde(skip)]
    age: String,
    /// Why it was refused.
    refused: Option<String>,
    lines: Vec<Line>,
    brought: Vec<String>,
}

#[derive(Serialize)]
struct Line {
    what: &'static str,
    stored: String,
    received: Option<String>,
    outcome: &'static str,
}

pub(super) async fn run(shell: &Shell, check: Check) -> anyhow::Result<()> {
    let store = shell.store().await?;
    let (registrations, deployments) = store
        .read(async |tx| Ok::<_, StoreError>((tx.registrations().await?, tx.deployments().await?)))
        .await?;
    let row = check.which.pick(registrations)?;
    if let Some(hours) = check.page {
        return page(shell, &row, hours).await;
    }
    let id = row.id;
    let encounters = store.read_one(async move |tx| tx.encounters(id).await).await?;
    let known: Vec<&str> = deployments
        .iter()
        .filter(|deployment| deployment.registration == row.id)
        .map(|deployment| deployment.deployment_id.as_str())
        .collect();
    let now = Shell::clock().now();
    let compared: Vec<Compared> = encounters
        .iter()
        .map(|encounter| compare(&row, &known, encounter, now))
        .collect();
    if shell.json {
        return output::one(
            true,
            &json!({ "id": row.id, "enabled": row.enabled, "last": compared }),
            "",
        );
    }
    println!("registration {} ({})", row.id, row.name);
    if compared.is_empty() {
        println!("no login and no launch has arrived yet: open the tool in the LMS, then look again");
    }
    for one in &compared {
        let outcome = one
            .refused
            .as_ref()
            .map_or_else(|| "good".to_owned(), |why| format!("refused: {why}"));
        println!("\nlast {}, {} ago: {outcome}", one.step, one.age);
        output::list(false, &["WHAT", "STORED", "RECEIVED", ""], &one.lines, |line| {
            vec![
                line.what.to_owned(),
                line.stored.clone(),
                output::or_dash(line.received.as_deref()),
                line.outcome.to_owned(),
            ]
        })?;
        if one.step == "launch" && one.refused.is_none() {
            for word in ["name", "email", "context", "roster", "columns"] {
                let is_there = one.brought.iter().any(|brought| brought == word);
                println!("{word}: {}", if is_there { "yes" } else { "no" });
            }
        }
    }
    Ok(())
}

fn compare(row: &Row, deployments: &[&str], encounter: &Encounter, now: Timestamp) -> Compared {
    let arrived = &encounter.arrived;
    let line = |what, stored: &str, received: &Option<String>| Line {
        what,
        stored: stored.to_owned(),
        received: received.clone(),
        outcome: Difference::between(stored, received.as_deref()).word(),
    };
    let deployment = arrived.deployment.as_deref().unwrap_or_default();
    let is_known = deployments.contains(&deployment);
    let shown = if is_known {
        deployment.to_owned()
    } else {
        deployments.join(" ")
    };
    Compared {
        step: encounter.step.word(),
        at: encounter.at.millis(),
        age: output::age(now, encounter.at),
        refused: encounter.reason.clone(),
        lines: vec![
            line("issuer", &row.issuer, &arrived.issuer),
            line("client id", &row.lti_client_id, &arrived.client_id),
            line("deployment", &shown, &arrived.deployment),
        ],
        brought: arrived.brought.clone(),
    }
}

/// Makes the address of the page for the LMS's administrator.
async fn page(shell: &Shell, row: &Row, hours: u64) -> anyhow::Result<()> {
    let Some(public) = shell.config()?.server.public_url else {
        bail!("the public address is not set (BADGEBRIDGE_PUBLIC_URL)");
    };
    let parts = shell.parts().await?;
    let (now, token) = (parts.clock.now(), random::token());
    let hash = digest::sha256(token.as_bytes());
    let (id, organisation, expires_at) = (row.id, row.organisation, now.plus(Duration::from_secs(hours * 3600)));
    parts
        .store
        .write(Durability::Full, async move |tx| {
            tx.add_setup_link(hash, id, expires_at, now).await?;
            let detail = json!({ "expires_at": expires_at.millis() });
            change::record(tx, organisation, "registration.page", id, detail).await?;
            Ok::<_, StoreError>(())
        })
        .await?;
    let url = public.join(&format!("/lti/setup/{token}"));
    let value = json!({ "id": row.id, "url": url, "expires_at": expires_at.millis() });
    let sentence =
        format!("for {hours} h this address shows the values of registration {id} and what arrived last:\n  {url}");
    output::one(shell.json, &value, &sentence)
}
