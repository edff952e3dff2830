//! One organisation: its identity, its queue, its problems, what is cached for it.

use std::sync::Arc;
use std::time::Duration;

use crate::app::adapters::{Connections, secret_place};
use crate::app::trouble;
use crate::app::words::{self, days_left};
use crate::clock::{SystemClock, Timestamp};
use crate::config::Config;
use crate::crypto::seal::Keyring;
use crate::model::catalog::CatalogState;
use crate::model::{FactoryIdentity, Finding, IdentityKind, Organisation};
use crate::outbound::Client;
use crate::store::check::Waiting;
use crate::store::problem::Problem;
use crate::store::queue::Queue;
use crate::store::{Store, StoreError};

/// A certificate with fewer days is renewed now.
const FAIL_DAYS: i64 = 8;
/// A certificate with fewer days is renewed soon.
const LOOK_DAYS: i64 = 30;
/// A catalog older than this is not being read.
const STALE_CATALOG: Duration = Duration::from_hours(24);
/// An order that waits longer needs somebody.
const LONG_WAIT: Duration = Duration::from_hours(1);

struct Facts {
    now: Timestamp,
    identity: Option<FactoryIdentity>,
    queue: Queue,
    waiting: Vec<Waiting>,
    problems: Vec<Problem>,
    catalog: CatalogState,
    rosters: Option<(i64, Timestamp)>,
    given_up: Vec<(String, i64)>,
}

/// What is stored about an organisation, judged.
pub(super) async fn check(
    store: &Store,
    organisation: &Organisation,
    keyring: Option<&Keyring>,
) -> Result<Vec<Finding>, StoreError> {
    let id = organisation.id;
    let facts = store
        .read(async |tx| {
            Ok::<_, StoreError>(Facts {
                now: tx.now().await?,
                identity: tx.active_identity(id).await?,
                queue: tx.queue(id).await?,
                waiting: tx.waiting_orders(id).await?,
                problems: tx.problems(id).await?,
                catalog: tx.catalog_state(id).await?,
                rosters: tx.failing_rosters(id).await?,
                given_up: tx.given_up_jobs(id).await?,
            })
        })
        .await?;
    let mut findings = vec![identity(&facts, keyring), queue(&facts), orders(&facts)];
    findings.extend(facts.problems.iter().map(problem));
    findings.push(catalog(&facts));
    findings.extend(rosters(&facts));
    findings.extend(facts.given_up.iter().map(|(kind, count)| {
        Finding::look(
            "work",
            format!("{count} of the kind {kind} given up after the last try"),
            "see the server's log",
        )
    }));
    Ok(findings)
}

/// Whether the Factory knows the organisation.
pub(super) async fn ping(config: &Config, store: &Store, organisation: &Organisation) -> Finding {
    const TO_DO: &str = "see the reason; a refused certificate is replaced by `factory enroll`";
    match answer(config, store, organisation).await {
        Ok(()) => Finding::ok("ping", "the Factory knows us"),
        Err(error) => Finding::fail("ping", error.to_string(), TO_DO),
    }
}

async fn answer(config: &Config, store: &Store, organisation: &Organisation) -> anyhow::Result<()> {
    let keyring = Arc::new(crate::app::keyring(config, store).await?);
    let connections = Connections::new(
        store.clone(),
        keyring,
        Client::new(&config.outbound)?,
        Arc::new(SystemClock),
    );
    Ok(connections.of(organisation.id).await?.ping().await?)
}

fn identity(facts: &Facts, keyring: Option<&Keyring>) -> Finding {
    const WHAT: &str = "identity";
    const ENROL: &str = "make an API key in the Factory, then `factory enroll`";
    let Some(identity) = &facts.identity else {
        return Finding::fail(WHAT, "there is none", ENROL);
    };
    if let Some(keyring) = keyring
        && let Err(error) = keyring.open(secret_place(&identity.id.to_string()), &identity.sealed_secret)
    {
        return Finding::fail(WHAT, format!("its secret cannot be opened: {error}"), ENROL);
    }
    let who = format!("{} at {}", identity.factory_client_id, identity.url);
    let IdentityKind::Certificate { not_after, .. } = &identity.kind else {
        return Finding::ok(WHAT, format!("{who}, client secret"));
    };
    let (days, end) = (days_left(facts.now, *not_after), words::day(*not_after));
    match days {
        ..0 => Finding::fail(WHAT, format!("{who}, the certificate ended on {end}"), ENROL),
        0..FAIL_DAYS => Finding::fail(
            WHAT,
            format!("{who}, the certificate ends on {end}, in {days} days"),
            ENROL,
        ),
        FAIL_DAYS..LOOK_DAYS => Finding::look(WHAT, format!("{who}, certificate until {end}, {days} days left"), ENROL),
        _ => Finding::ok(WHAT, format!("{who}, certificate until {end}, {days} days left")),
    }
}

fn queue(facts: &Facts) -> Finding {
    const WHAT: &str = "sending";
    let ago = |since: Option<Timestamp>| since.map_or_else(|| "some time".to_owned(), |at| words::age(facts.now, at));
    if let Some(reason) = &facts.queue.stopped_reason {
        let found = format!("stopped for {}: {reason}", ago(facts.queue.stopped_at));
        let to_do = "put right what the reason says; sending goes on by itself when a ping succeeds";
        return Finding::fail(WHAT, found, to_do);
    }
    if facts.queue.away_since.is_some() {
        let found = format!("the Factory cannot be reached for {}", ago(facts.queue.away_since));
        return Finding::look(
            WHAT,
            found,
            "nothing is lost, sending goes on by itself; see whether the network allows it",
        );
    }
    match facts.queue.last_ok_at {
        Some(at) => Finding::ok(WHAT, format!("the Factory answered {} ago", words::age(facts.now, at))),
        None => Finding::ok(WHAT, "nothing was sent yet"),
    }
}

fn orders(facts: &Facts) -> Finding {
    let (waiting, stuck): (Vec<&Waiting>, Vec<&Waiting>) = facts
        .waiting
        .iter()
        .partition(|row| matches!(row.state.as_str(), "ready" | "sending" | "unsure"));
    let say = |rows: &[&Waiting]| {
        let words = rows.iter().map(|row| {
            format!(
                "{} {} (oldest {})",
                row.count,
                row.state,
                words::age(facts.now, row.oldest)
            )
        });
        words.collect::<Vec<_>>().join(", ")
    };
    if !stuck.is_empty() {
        return Finding::look(
            "orders",
            say(&facts.waiting.iter().collect::<Vec<_>>()),
            "the refused and parked ones need a person",
        );
    }
    match waiting.iter().map(|row| facts.now.since(row.oldest)).max() {
        None => Finding::ok("orders", "none is waiting"),
        Some(age) if age > LONG_WAIT => Finding::look("orders", say(&waiting), "see that the server runs"),
        Some(_) => Finding::ok("orders", say(&waiting)),
    }
}

fn problem(problem: &Problem) -> Finding {
    let (found, to_do) = (trouble::sentence(problem), trouble::advice(problem));
    if trouble::is_grave(problem) {
        Finding::fail("problem", found, to_do)
    } else {
        Finding::look("problem", found, to_do)
    }
}

fn catalog(facts: &Facts) -> Finding {
    const WHAT: &str = "badges";
    const TO_DO: &str = "see the reason; `factory ping` shows whether the Factory answers";
    let read = facts.catalog.read_at.map(|at| words::age(facts.now, at));
    let read = read.map_or_else(|| "never read".to_owned(), |age| format!("read {age} ago"));
    if let Some(since) = facts.catalog.failing_since {
        let why = facts.catalog.error.as_deref().unwrap_or("no reason was stored");
        let found = format!("{read}, reading fails for {}: {why}", words::age(facts.now, since));
        return Finding::look(WHAT, found, TO_DO);
    }
    match facts.catalog.read_at {
        None => Finding::look(WHAT, read, "the running server reads them by itself; see that it runs"),
        Some(at) if facts.now.since(at) > STALE_CATALOG => Finding::look(WHAT, read, "see that the server runs"),
        Some(_) => Finding::ok(WHAT, read),
    }
}

fn rosters(facts: &Facts) -> Option<Finding> {
    let (count, since) = facts.rosters?;
    let found = format!("{count} cannot be read, the first for {}", words::age(facts.now, since));
    Some(Finding::look(
        "rosters",
        found,
        "the course's page names the LMS's answer; the LMS must allow this tool names and roles",
    ))
}
