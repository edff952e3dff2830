//! What is well, what somebody should look at, what fails: for the command and for the page. Reads only, and calls nobody
//! unless asked to.

mod organisation;

use std::sync::Arc;
use std::time::Duration;

use super::{Identity, words};
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, Database};
use crate::crypto::seal::Keyring;
use crate::model::{Deployment, Finding, Registration};
use crate::store::{Store, StoreError};

/// A signing key that has signed for so long should get a successor.
const KEY_IS_OLD: Duration = Duration::from_hours(365 * 24);

/// Looks at everything that the settings name; `ping` also asks each Factory whether it knows us.
pub(crate) async fn examine(config: &Config, ping: bool) -> Result<Vec<Finding>, StoreError> {
    let mut findings = vec![public_url(config)];
    if let Some(store) = database(config, &mut findings).await {
        installation(config, &store, ping, &mut findings).await?;
    }
    Ok(findings)
}

/// The same with a database that is open and up to date, as a running server's.
pub(crate) async fn examine_open(config: &Config, store: &Store) -> Result<Vec<Finding>, StoreError> {
    let mut findings = vec![public_url(config)];
    installation(config, store, false, &mut findings).await?;
    Ok(findings)
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
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    match super::open_store_unchanged(config, &clock).await {
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
    ping: bool,
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
    findings.push(signing_key(store).await?);
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
        if ping {
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
    let ours = SystemClock.now();
    let apart = ours.since(theirs).max(theirs.since(ours)).as_secs();
    if apart > 5 {
        let found = format!("this machine and the database are {apart} s apart");
        return Ok(Finding::fail("clock", found, "let both keep time by NTP"));
    }
    Ok(Finding::ok("clock", format!("{} UTC", words::day(ours))))
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
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let known = match Identity::establish(config, store, &clock).await {
        Ok(_) => super::keyring(config, store).await,
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

/// How old the key is that signs, and whether the next one waits.
async fn signing_key(store: &Store) -> Result<Finding, StoreError> {
    const WHAT: &str = "signing key";
    let (now, keys) = store
        .read(async |tx| Ok::<_, StoreError>((tx.now().await?, tx.signing_keys().await?)))
        .await?;
    let Some(signing) = keys.iter().rev().find(|key| key.signs_from <= now) else {
        return Ok(Finding::look(WHAT, "there is none yet", "start the server"));
    };
    let mut told = format!("{} signs for {}", signing.kid, words::age(now, signing.signs_from));
    if let Some(next) = keys.iter().find(|key| key.signs_from > now) {
        told = format!(
            "{told}; {} is published and signs from {}",
            next.kid,
            words::day(next.signs_from)
        );
    } else if now.since(signing.signs_from) > KEY_IS_OLD {
        return Ok(Finding::look(WHAT, told, "`keys rotate-signing`"));
    }
    Ok(Finding::ok(WHAT, told))
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
    let waiting = deployments.iter().filter(|row| row.waits() && enabled(row)).count();
    (waiting > 0).then(|| {
        let to_do = "`deployment list`, then `deployment claim ID --organisation N` or `deployment refuse ID`";
        Finding::look(
            "deployments",
            format!("{waiting} waiting to be claimed; their launches are refused"),
            to_do,
        )
    })
}
