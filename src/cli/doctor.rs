//! `doctor`: what is well, what somebody should look at, what fails. Reads only, and calls nobody unless asked to.

mod organisation;

use std::sync::Arc;

use anyhow::bail;
use clap::Args;
use serde::Serialize;

use super::{Shell, output};
use crate::app::{self, Identity};
use crate::clock::Clock;
use crate::config::{Config, Database};
use crate::crypto::seal::Keyring;
use crate::model::{Deployment, Registration};
use crate::store::{Store, StoreError};

#[derive(Debug, Args)]
pub(super) struct Doctor {
    /// Ask each Factory, too, whether it knows us
    #[arg(long)]
    ping: bool,
}

/// How something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
enum State {
    Ok,
    Look,
    Fail,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Finding {
    state: State,
    organisation: Option<String>,
    what: &'static str,
    found: String,
    to_do: Option<String>,
}

impl Finding {
    fn ok(what: &'static str, found: impl Into<String>) -> Self {
        Self {
            state: State::Ok,
            organisation: None,
            what,
            found: found.into(),
            to_do: None,
        }
    }

    fn look(what: &'static str, found: impl Into<String>, to_do: impl Into<String>) -> Self {
        Self {
            state: State::Look,
            to_do: Some(to_do.into()),
            ..Self::ok(what, found)
        }
    }

    fn fail(what: &'static str, found: impl Into<String>, to_do: impl Into<String>) -> Self {
        Self {
            state: State::Fail,
            ..Self::look(what, found, to_do)
        }
    }
}

#[derive(Serialize)]
struct Report {
    verdict: String,
    findings: Vec<Finding>,
}

pub(super) async fn run(shell: &Shell, doctor: &Doctor) -> anyhow::Result<()> {
    let config = shell.config()?;
    let mut findings = vec![public_url(&config)];
    if let Some(store) = database(&config, &mut findings).await {
        installation(&config, &store, doctor, &mut findings).await?;
    }
    report(shell.json, findings)
}

fn report(json: bool, findings: Vec<Finding>) -> anyhow::Result<()> {
    let count = |state| findings.iter().filter(|finding| finding.state == state).count();
    let (failing, to_look_at) = (count(State::Fail), count(State::Look));
    let verdict = match (failing, to_look_at) {
        (0, 0) => "All is well.".to_owned(),
        (0, look) => format!(
            "Nothing fails; {} somebody's look.",
            things(look, "point needs", "points need")
        ),
        (fail, 0) => format!("{} and must be put right.", things(fail, "check fails", "checks fail")),
        (fail, look) => format!(
            "{} and must be put right; {} somebody's look.",
            things(fail, "check fails", "checks fail"),
            things(look, "point needs", "points need")
        ),
    };
    if json {
        println!("{}", serde_json::to_string_pretty(&Report { verdict, findings })?);
    } else {
        println!("{verdict}\n");
        output::list(false, &["", "WHAT", "FOUND"], &findings, cells)?;
    }
    if failing > 0 {
        bail!("{}", things(failing, "check fails", "checks fail"));
    }
    Ok(())
}

fn cells(finding: &Finding) -> Vec<String> {
    let state = match finding.state {
        State::Ok => "OK",
        State::Look => "LOOK",
        State::Fail => "FAIL",
    };
    let what = match &finding.organisation {
        Some(name) => format!("{name}: {}", finding.what),
        None => finding.what.to_owned(),
    };
    let found = match &finding.to_do {
        Some(to_do) => format!("{}. To do: {to_do}", finding.found),
        None => finding.found.clone(),
    };
    vec![state.to_owned(), what, found]
}

fn things(count: usize, one: &str, several: &str) -> String {
    let verb = if count == 1 { one } else { several };
    format!("{count} {verb}")
}

fn public_url(config: &Config) -> Finding {
    match config.server.require_public_url() {
        Ok(url) => Finding::ok("public address", url.to_string()),
        Err(error) => Finding::fail("public address", error.to_string(), "set BADGEBRIDGE_PUBLIC_URL"),
    }
}

/// The open database, unless it fails. A SQLite file that is not there is not made.
async fn database(config: &Config, findings: &mut Vec<Finding>) -> Option<Store> {
    if let Database::Sqlite(file) = &config.server.database
        && !file.exists()
    {
        let found = format!("there is no database at {}", file.display());
        let to_do =
            "set BADGEBRIDGE_DATA_DIR to the server's; `factory enroll` and the first start make a new database";
        findings.push(Finding::fail("database", found, to_do));
        return None;
    }
    let clock: Arc<dyn Clock> = Shell::clock();
    match app::open_store_unchanged(config, &clock).await {
        Ok(store) => is_up_to_date(&store, findings).await.then_some(store),
        Err(error) => {
            let to_do = "see that the database runs, and that its address and rights are right";
            findings.push(Finding::fail("database", format!("{error:#}"), to_do));
            None
        }
    }
}

/// Whether the schema is this program's, migration by migration; what is missing, or too new, is told, and left to the
/// server's start.
async fn is_up_to_date(store: &Store, findings: &mut Vec<Finding>) -> bool {
    let ran = store.read_one(async |tx| tx.applied_migrations().await).await;
    let Some(ran) = ran.ok().filter(|ran| !ran.is_empty()) else {
        let to_do = "the first start of the server, or `factory enroll`, makes its tables";
        findings.push(Finding::look("database", "it is empty", to_do));
        return false;
    };
    let (known, newest) = (Store::newest_schema(), ran.last().map_or(0, |step| step.version));
    let differences = store.schema_differences(&ran);
    let list = |versions: &[i64]| {
        let words: Vec<String> = versions.iter().map(ToString::to_string).collect();
        words.join(", ")
    };
    let finding = if newest > known {
        let error = StoreError::NewerSchema { found: newest, known };
        Finding::fail(
            "database",
            error.to_string(),
            "start the newer program, or restore a backup",
        )
    } else if !differences.unknown.is_empty() || !differences.changed.is_empty() {
        let other = [differences.unknown, differences.changed].concat();
        let told = format!("migrations ran that this program does not know so: {}", list(&other));
        Finding::fail(
            "database",
            told,
            "start the program that made them, or restore a backup",
        )
    } else if !differences.missing.is_empty() {
        let told = format!(
            "its schema lacks {} of this program's {known}: a migration is due",
            list(&differences.missing)
        );
        let to_do = "make a backup and start the server, which migrates; the rest is looked at after that";
        Finding::look("database", told, to_do)
    } else {
        return true;
    };
    findings.push(finding);
    false
}

async fn installation(
    config: &Config,
    store: &Store,
    doctor: &Doctor,
    findings: &mut Vec<Finding>,
) -> Result<(), StoreError> {
    let kind = if store.is_sqlite() { "SQLite" } else { "PostgreSQL" };
    let (version, size) = store
        .read(async |tx| Ok::<_, StoreError>((tx.schema_version().await?, tx.size().await?)))
        .await?;
    let version = version.unwrap_or_default();
    findings.push(Finding::ok(
        "database",
        format!("{kind}, schema {version}, {} KB", size / 1024),
    ));
    findings.push(clock(store).await?);
    let keyring = secret_key(config, store, findings).await;
    let (organisations, registrations, deployments) = store
        .read(async |tx| {
            Ok::<_, StoreError>((
                tx.organisations().await?,
                tx.registrations().await?,
                tx.deployments().await?,
            ))
        })
        .await?;
    findings.push(launches(&registrations));
    findings.extend(pending(&deployments, &registrations));
    if organisations.is_empty() {
        findings.push(Finding::look(
            "organisations",
            "there is none yet",
            "connect one: `factory enroll`",
        ));
    }
    for organisation in organisations {
        let mut own = organisation::check(store, &organisation, keyring.as_ref()).await?;
        if doctor.ping {
            own.push(organisation::ping(config, store, &organisation).await);
        }
        for finding in &mut own {
            finding.organisation = Some(organisation.name.clone());
        }
        findings.extend(own);
    }
    Ok(())
}

/// Leases are by the database's clock, tokens and certificates by this machine's: they must agree.
async fn clock(store: &Store) -> Result<Finding, StoreError> {
    let theirs = store.now().await?;
    let ours = Shell::clock().now();
    let apart = ours.since(theirs).max(theirs.since(ours)).as_secs();
    if apart > 5 {
        let found = format!("this machine and the database are {apart} s apart");
        return Ok(Finding::fail("clock", found, "let both keep time by NTP"));
    }
    Ok(Finding::ok("clock", format!("{} UTC", output::day(ours))))
}

async fn secret_key(config: &Config, store: &Store, findings: &mut Vec<Finding>) -> Option<Keyring> {
    const TO_DO: &str = "put that key back: without it no secret can be opened";
    let made = store.read_one(async |tx| tx.installation().await).await;
    if matches!(made, Ok(None)) {
        findings.push(Finding::look(
            "secret key",
            "the database is new",
            "start the server, or enrol",
        ));
        return None;
    }
    // opening the marker key and the signing key proves more than the fingerprint
    let clock: Arc<dyn Clock> = Shell::clock();
    let known = match Identity::establish(config, store, &clock).await {
        Ok(_) => app::keyring(config, store).await,
        Err(error) => Err(error),
    };
    match known {
        Ok(keyring) => {
            findings.push(Finding::ok("secret key", "the one that the database was made with"));
            Some(keyring)
        }
        Err(error) => {
            findings.push(Finding::fail("secret key", format!("{error:#}"), TO_DO));
            None
        }
    }
}

fn launches(registrations: &[Registration]) -> Finding {
    let enabled = registrations.iter().filter(|row| row.enabled).count();
    if enabled == 0 {
        let to_do = "`registration add`, or `registration enable`";
        return Finding::look("registrations", "no LMS may launch", to_do);
    }
    Finding::ok("registrations", format!("{enabled} of {} enabled", registrations.len()))
}

fn pending(deployments: &[Deployment], registrations: &[Registration]) -> Option<Finding> {
    let enabled = |row: &Deployment| {
        registrations
            .iter()
            .any(|known| known.id == row.registration && known.enabled)
    };
    let waiting = deployments
        .iter()
        .filter(|row| row.organisation.is_none() && enabled(row))
        .count();
    (waiting > 0).then(|| {
        let to_do = "`deployment list`, then `deployment claim ID --organisation N`";
        Finding::look(
            "deployments",
            format!("{waiting} waiting to be claimed; their launches are refused"),
            to_do,
        )
    })
}
