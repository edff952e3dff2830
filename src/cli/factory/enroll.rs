//! `factory enroll`: an API key becomes a client certificate. The key is never an argument: other users of the machine
//! see arguments.

use std::fmt::Write as _;
use std::io::{BufRead, IsTerminal, Read};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Args;
use secrecy::ExposeSecret;
use serde_json::json;
use zeroize::Zeroizing;

use super::keep::{NewIdentity, check_owner, keep};
use super::{At, DEADLINE, Host, PathBuf, days_left};
use crate::app::Parts;
use crate::app::enrolling::client_of_key;
use crate::cli::organisation::checked_name;
use crate::cli::{Shell, address, output};
use crate::clock::Timestamp;
use crate::factory::{EnrolError, EnrolStep, Enrolled, SystemKeys, enrol};
use crate::model::IdentityKind;

#[derive(Debug, Args)]
pub(in crate::cli) struct Enroll {
    #[command(flatten)]
    at: At,
    /// The file that holds the API key; without it, it is asked for, or read from standard input
    #[arg(long, value_name = "FILE")]
    api_key_file: Option<PathBuf>,
}

pub(super) async fn run(shell: &Shell, enroll: Enroll) -> anyhow::Result<()> {
    let url = address::factory(&enroll.at.url)?;
    let name = checked_name(&enroll.at.name)?;
    let parts = shell.parts().await?;
    let pasted = api_key(enroll.api_key_file.as_deref())?;
    let host = Host::new(parts.client.clone(), &url);
    check_before(&parts, &host, &name, &pasted).await?;
    let now = parts.clock.now().seconds();
    let outcome = enrol(&host, Arc::new(SystemKeys), &pasted, now, DEADLINE).await;
    if !shell.json {
        print!("{}", trail(&outcome));
    }
    let enrolled = outcome?;
    let facts = enrolled.identity.facts();
    let end = Timestamp::from_seconds(facts.not_after);
    let client_id = enrolled.identity.client_id().as_str().to_owned();
    let new = NewIdentity {
        organisation: name.clone(),
        url: url.clone(),
        client_id: client_id.clone(),
        kind: IdentityKind::Certificate {
            certificate: enrolled.identity.certificate_pem().to_owned(),
            not_after: end,
            fingerprint: facts.fingerprint.clone(),
        },
        secret: enrolled.identity.key().pem().expose_secret().as_bytes().to_vec().into(),
    };
    let (made, proven) = keep(&parts, new).await?;
    let refused = enrolled.ping.err().map(|error| error.to_string());
    if let Some(error) = refused.or_else(|| proven.err().map(|failure| failure.said)) {
        bail!(
            "the certificate is stored, because the API key is spent, but the Factory does not answer to it yet: \
             {error}; an earlier one stays in use; try `factory ping --organisation \"{name}\"` later"
        );
    }
    let days = days_left(parts.clock.now(), end);
    let value = json!({
        "organisation": name, "made": made, "url": url, "client_id": client_id,
        "certificate_ends": output::day(end), "days_left": days,
    });
    let verb = if made { "is connected" } else { "has a new certificate" };
    let sentence = format!(
        "\"{name}\" {verb}: client {client_id} at {url}, certificate until {} ({days} days)",
        output::day(end)
    );
    output::one(shell.json, &value, &sentence)
}

/// What would be refused after signing is refused before it, while the API key is still good.
async fn check_before(parts: &Parts, host: &Host, name: &str, pasted: &str) -> anyhow::Result<()> {
    match client_of_key(host, pasted).await {
        Some(client_id) => check_owner(&parts.store, name, host.url(), &client_id).await,
        None => Ok(()),
    }
}

fn api_key(file: Option<&Path>) -> anyhow::Result<Zeroizing<String>> {
    if let Some(file) = file {
        let text = std::fs::read_to_string(file);
        return Ok(Zeroizing::new(
            text.with_context(|| format!("--api-key-file: cannot read {}", file.display()))?,
        ));
    }
    let mut text = Zeroizing::new(String::new());
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        stdin
            .lock()
            .read_to_string(&mut text)
            .context("the API key cannot be read from standard input")?;
        return Ok(text);
    }
    eprintln!("Paste the API key (in the Factory: Admin tools > API key), then press Enter on an empty line:");
    // a pasted key may be broken into lines
    for line in stdin.lock().lines() {
        let line = Zeroizing::new(line?);
        if line.trim().is_empty() && !text.is_empty() {
            break;
        }
        text.push_str(line.trim());
    }
    Ok(text)
}

/// The steps, each with what became of it.
fn trail(outcome: &Result<Enrolled, EnrolError>) -> String {
    let failed = match outcome {
        Ok(Enrolled { ping: Ok(()), .. }) => None,
        Ok(Enrolled { ping: Err(error), .. }) => Some((EnrolStep::Ping, error.to_string())),
        Err(error) => Some((error.step(), error.to_string())),
    };
    let mut text = String::new();
    for step in EnrolStep::ALL {
        match &failed {
            Some((at, reason)) if step == *at => {
                let _ = writeln!(text, "FAILED  {}: {reason}", words(step));
                break;
            }
            _ => {
                let _ = writeln!(text, "ok      {}", words(step));
            }
        }
    }
    text
}

const fn words(step: EnrolStep) -> &'static str {
    match step {
        EnrolStep::ReadKey => "the text has the form of an API key",
        EnrolStep::FetchPublicKey => "the Factory gave its public key",
        EnrolStep::OpenKey => "the API key was made by this Factory",
        EnrolStep::CheckAge => "the API key is younger than ten minutes",
        EnrolStep::MakeRequest => "a private key and a signing request were made",
        EnrolStep::Sign => "the Factory signed the certificate",
        EnrolStep::CheckCertificate => "the certificate is ours and valid",
        EnrolStep::Ping => "the Factory answers to the certificate",
    }
}
