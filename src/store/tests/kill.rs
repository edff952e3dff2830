//! `kill -9` under load: what was acknowledged is there, and no unit is there by half.
//!
//! The test starts its own binary again as the victim. `kill -9` shows the order of COMMIT and answer, not the fsync.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use super::{rows, with_table};
use crate::store::{Durability, Options, Store};
use crate::support::database::{Database, on_both_databases, with_sqlite};

const URL: &str = "BADGEBRIDGE_KILL_TEST_URL";
const FIRST: &str = "BADGEBRIDGE_KILL_TEST_FIRST";
const EARLY: &str = "BADGEBRIDGE_KILL_TEST_EARLY";
const WRITERS: i64 = 16;
/// The second row of a unit, beside the first.
const PARTNER: i64 = 1_000_000_000;

/// Not a test of its own: the victim, when it is started with an address.
#[tokio::test]
async fn victim() {
    let Ok(url) = std::env::var(URL) else { return };
    let first: i64 = std::env::var(FIRST).unwrap().parse().unwrap();
    let mut options = Options::new(url);
    options.answers_early = std::env::var_os(EARLY).is_some();
    let store = Store::open(&options).await.unwrap();
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let store = store.clone();
        writers.spawn(async move {
            for n in (first + writer..).step_by(usize::try_from(WRITERS).unwrap()) {
                let unit = store.write(Durability::Full, async move |tx| {
                    tx.put(n).await?;
                    tx.put(n + PARTNER).await
                });
                unit.await.unwrap();
                let mut out = std::io::stdout().lock();
                writeln!(out, "acknowledged {n}").unwrap();
                out.flush().unwrap();
            }
        });
    }
    writers.join_all().await;
}

/// Lets the victim work until `enough` units are acknowledged, kills it, and gives the acknowledged numbers.
fn kill_under_load(url: &str, first: i64, early: bool, enough: usize) -> BTreeSet<i64> {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args([
            "--exact",
            "store::tests::kill::victim",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(URL, url)
        .env(FIRST, first.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    if early {
        command.env(EARLY, "1");
    }
    let mut victim = command.spawn().unwrap();
    let mut acknowledged = BTreeSet::new();
    for line in BufReader::new(victim.stdout.take().unwrap()).lines() {
        // The last line may be cut; then its number was not told.
        let Ok(line) = line else { break };
        let Some((_, n)) = line.split_once("acknowledged ") else {
            continue;
        };
        acknowledged.insert(n.parse().unwrap());
        if acknowledged.len() == enough {
            victim.kill().unwrap();
        }
    }
    victim.wait().unwrap();
    assert!(acknowledged.len() >= enough, "the victim ended by itself");
    acknowledged
}

/// The acknowledged numbers that are lost, and the units of which one row is there without the other.
async fn damage(database: &Database, acknowledged: &BTreeSet<i64>) -> (usize, usize) {
    let store = database.store().await;
    let stored: BTreeSet<i64> = rows(&store).await.into_iter().collect();
    store.close().await;
    let lost = acknowledged.iter().filter(|n| !stored.contains(n)).count();
    let halves = stored
        .iter()
        .filter(|&&n| {
            let partner = if n < PARTNER { n + PARTNER } else { n - PARTNER };
            !stored.contains(&partner)
        })
        .count();
    (lost, halves)
}

on_both_databases! {
    async fn what_was_acknowledged_survives_kill_9(database: Database) {
        let store = database.store().await;
        with_table(&store).await;
        store.close().await;
        for (round, enough) in [(0, 40), (1, 333), (2, 1000)] {
            let acknowledged = kill_under_load(&database.url, round * 1_000_000, false, enough);
            assert_eq!(damage(&database, &acknowledged).await, (0, 0), "lost and half units in round {round}");
        }
    }
}

#[tokio::test]
async fn a_writer_that_answers_early_loses_rows_to_kill_9() {
    with_sqlite(async |database| {
        let store = database.store().await;
        with_table(&store).await;
        store.close().await;
        for round in 0..20 {
            let enough = 50 + usize::try_from(round).unwrap() * 7;
            let acknowledged = kill_under_load(&database.url, round * 1_000_000, true, enough);
            if damage(&database, &acknowledged).await.0 > 0 {
                return;
            }
        }
        panic!("twenty kills did not tell the mutant from the real writer");
    })
    .await;
}
