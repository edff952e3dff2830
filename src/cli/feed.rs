//! `feed`: addresses that senders push signals to. A secret is printed once and then only sealed.

mod unmatched;

use std::time::Duration;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::json;

use super::organisation::named;
use super::{Shell, change, output};
use crate::app::{MadeFeed, NewFeed, Parts};
use crate::clock::Timestamp;
use crate::config::PublicUrl;
use crate::crypto::random;
use crate::jobs::work;
use crate::model::feed::{self, Feed as Row, FeedKind};
use crate::model::{CourseId, FeedId, Lms, OrganisationId, Registration, RegistrationId, SignalId};
use crate::signals::{Delivery, canvas, moodle, webhook};
use crate::store::signal::{NewSignal, RawSignal, SignalCount};
use crate::store::{Durability, StoreError};

/// How long the earlier secret is good after a rotation, unless asked otherwise: senders retry for a day.
const OVERLAP_HOURS: u64 = 24;
/// Raw events that a replay reads at once, and stores in one transaction.
const STEP: i64 = 100;

#[derive(Debug, Subcommand)]
pub(super) enum Feed {
    /// Make a feed, and print its address and its secret (once)
    Add(Add),
    /// All feeds, with what they have seen
    List,
    /// Give a feed a new secret; the earlier one is good for a while
    Rotate {
        /// Its id, from `feed list`
        id: FeedId,
        /// How long the earlier secret is good, in hours; 0: not at all
        #[arg(long, default_value_t = OVERLAP_HOURS)]
        overlap_hours: u64,
    },
    /// Take nothing more (senders are told to stop)
    Disable {
        /// Its id, from `feed list`
        id: FeedId,
    },
    /// Take signals again
    Enable {
        /// Its id, from `feed list`
        id: FeedId,
    },
    /// Read what came in again, and match it again
    Replay {
        /// Its id, from `feed list`
        id: FeedId,
        /// From so many hours ago
        #[arg(long, default_value_t = 24)]
        hours: u64,
    },
    /// News whose course or person nobody knows, the latest first
    Unmatched {
        /// Only this organisation's
        #[arg(long)]
        organisation: Option<String>,
    },
    /// Say which course or person news means; what waits for the same names is matched, too
    Map(unmatched::Map),
    /// Drop news that waits: what it said is forgotten
    Discard {
        /// The signal's id, from `feed unmatched`
        signal: SignalId,
    },
}

#[derive(Debug, Args)]
pub(super) struct Add {
    /// Whose it is
    #[arg(long)]
    organisation: String,
    /// What it accepts: webhook, canvas or moodle
    #[arg(long)]
    kind: FeedKind,
    /// A name for people
    #[arg(long, default_value = "")]
    name: String,
    /// The registration whose people and courses the sender names; canvas needs it
    #[arg(long)]
    registration: Option<RegistrationId>,
    /// The one course it is for, by the LMS's context id; needs a registration
    #[arg(long, requires = "registration")]
    context: Option<String>,
    /// Make an address with a key in it, for senders that can set neither headers nor signatures
    #[arg(long)]
    key_in_address: bool,
}

#[derive(Serialize)]
struct Made {
    id: String,
    kind: &'static str,
    url: String,
    url_with_key: Option<String>,
    secret: Option<String>,
}

#[derive(Serialize)]
struct Listed {
    id: String,
    organisation: String,
    kind: &'static str,
    name: String,
    url: Option<String>,
    registration: Option<String>,
    enabled: bool,
    key_in_address: bool,
    rotated: String,
    accepted: i64,
    repeated: i64,
    ignored: i64,
    refused: i64,
    unreadable: i64,
    limited: i64,
    dropped: i64,
    last_accepted: Option<String>,
    last_error: Option<String>,
    signals: Vec<Counted>,
}

#[derive(Serialize)]
struct Counted {
    state: String,
    reason: Option<String>,
    count: i64,
}

pub(super) async fn run(shell: &Shell, command: Feed) -> anyhow::Result<()> {
    match command {
        Feed::Add(add) => self::add(shell, add).await,
        Feed::List => list(shell).await,
        Feed::Rotate { id, overlap_hours } => rotate(shell, id, overlap_hours).await,
        Feed::Disable { id } => switch(shell, id, false).await,
        Feed::Enable { id } => switch(shell, id, true).await,
        Feed::Replay { id, hours } => replay(shell, id, hours).await,
        Feed::Unmatched { organisation } => unmatched::list(shell, organisation.as_deref()).await,
        Feed::Map(map) => unmatched::map(shell, map).await,
        Feed::Discard { signal } => unmatched::discard(shell, signal).await,
    }
}

async fn add(shell: &Shell, add: Add) -> anyhow::Result<()> {
    let public = shell.config()?.server.require_public_url()?.clone();
    let parts = shell.parts().await?;
    let owner = named(&parts.store, &add.organisation).await?;
    let registration = match add.registration {
        Some(id) => Some(registration(&parts, id, owner.id).await?),
        None => None,
    };
    match (add.kind, &registration) {
        (FeedKind::Canvas, None) => {
            bail!(
                "--registration: a canvas feed needs one; events are taken only from that registration's Canvas account"
            )
        }
        (FeedKind::Canvas, Some(row)) if row.lms != Lms::Canvas && row.lms != Lms::Generic => {
            bail!(
                "--registration: {} is registered as {}, not as canvas",
                row.name,
                row.lms.word()
            )
        }
        _ => {}
    }
    let course = match (&add.context, &registration) {
        (Some(context), Some(row)) => Some(course(&parts, owner.id, row.id, context).await?),
        _ => None,
    };
    let made = parts
        .add_feed(NewFeed {
            organisation: owner.id,
            kind: add.kind,
            name: add.name,
            registration: registration.map(|row| row.id),
            course,
            key_in_address: add.key_in_address,
        })
        .await?;
    announce(shell, &made, &public)
}

/// The registration, if the organisation may use it.
pub(super) async fn registration(
    parts: &Parts,
    id: RegistrationId,
    owner: OrganisationId,
) -> anyhow::Result<Registration> {
    let (rows, deployments) = parts
        .store
        .read(async |tx| Ok::<_, StoreError>((tx.registrations().await?, tx.deployments().await?)))
        .await?;
    let row = rows
        .into_iter()
        .find(|row| row.id == id)
        .context("--registration: there is no such registration; `registration list` shows all")?;
    let has_deployment = deployments
        .iter()
        .any(|known| known.registration == id && known.organisation == Some(owner));
    if row.organisation != Some(owner) && !has_deployment {
        bail!("--registration: it belongs to another organisation, or has no deployment of this one");
    }
    Ok(row)
}

/// The course that an organisation's launches named so.
pub(super) async fn course(
    parts: &Parts,
    owner: OrganisationId,
    registration: RegistrationId,
    context: &str,
) -> anyhow::Result<CourseId> {
    let named = crate::model::signal::CourseRef {
        context_id: Some(context.to_owned()),
        ..Default::default()
    };
    let found = parts
        .store
        .read(async |tx| tx.find_course(owner, Some(registration), &named).await)
        .await?;
    match found {
        crate::model::matching::Found::One(course) => Ok(course.id),
        _ => bail!("--context: no course with this id is known; open the tool in the course once, then try again"),
    }
}

/// Prints what the sender's administrator needs.
fn announce(shell: &Shell, made: &MadeFeed, public: &PublicUrl) -> anyhow::Result<()> {
    let (row, kind) = (&made.feed, made.feed.kind.word());
    let key = made.address_key.as_ref().map(|key| key.as_str());
    let made = Made {
        id: row.id.to_string(),
        kind,
        url: public.join(&format!("/feeds/{}/{kind}", row.id)),
        url_with_key: key.map(|key| public.join(&format!("/feeds/{}/k/{key}/{kind}", row.id))),
        secret: made.secret.as_ref().map(|secret| secret.to_string()),
    };
    let mut lines = vec![
        format!(
            "feed {} takes {kind} signals. Give the sender what follows; it is not shown again:",
            made.id
        ),
        format!("  address          {}", made.url),
    ];
    lines.extend(made.secret.iter().map(|secret| format!("  secret           {secret}")));
    lines.extend(made.url_with_key.iter().map(|url| format!("  address with key {url}")));
    output::one(shell.json, &made, &lines.join("\n"))
}

async fn list(shell: &Shell) -> anyhow::Result<()> {
    let public = shell.config()?.server.public_url;
    let store = shell.store().await?;
    let rows = store
        .read(async |tx| {
            let organisations = tx.organisations().await?;
            let registrations = tx.registrations().await?;
            let mut rows = Vec::new();
            for feed in tx.feeds_everywhere().await? {
                let count = tx.feed_count(feed.organisation, feed.id).await?;
                let signals = tx.signal_counts(feed.organisation, feed.id).await?;
                let owner = organisations.iter().find(|row| row.id == feed.organisation);
                let registration = registrations.iter().find(|row| Some(row.id) == feed.registration);
                let kind = feed.kind.word();
                rows.push(Listed {
                    id: feed.id.to_string(),
                    organisation: owner.map_or_else(String::new, |row| row.name.clone()),
                    kind,
                    name: feed.name,
                    url: public
                        .as_ref()
                        .map(|public| public.join(&format!("/feeds/{}/{kind}", feed.id))),
                    registration: registration.map(|row| row.name.clone()),
                    enabled: feed.enabled,
                    key_in_address: feed.address_key.is_some(),
                    rotated: output::day(feed.rotated_at),
                    accepted: count.accepted,
                    repeated: count.repeated,
                    ignored: count.ignored,
                    refused: count.refused,
                    unreadable: count.unreadable,
                    limited: count.limited,
                    dropped: count.dropped,
                    last_accepted: count.accepted_at.map(output::day),
                    last_error: count.error.map(|(text, at)| format!("{text} ({})", output::day(at))),
                    signals: signals.into_iter().map(Counted::from).collect(),
                });
            }
            Ok::<_, StoreError>(rows)
        })
        .await?;
    let head = [
        "ID",
        "ORGANISATION",
        "KIND",
        "NAME",
        "STATE",
        "TAKEN",
        "REFUSED",
        "PARKED",
        "LAST",
    ];
    output::list(shell.json, &head, &rows, |row| {
        let parked: i64 = row
            .signals
            .iter()
            .filter(|row| row.state == "parked")
            .map(|row| row.count)
            .sum();
        vec![
            row.id.clone(),
            row.organisation.clone(),
            row.kind.to_owned(),
            row.name.clone(),
            if row.enabled { "enabled" } else { "disabled" }.to_owned(),
            row.accepted.to_string(),
            row.refused.to_string(),
            parked.to_string(),
            output::or_dash(row.last_accepted.as_deref()),
        ]
    })
}

impl From<SignalCount> for Counted {
    fn from(row: SignalCount) -> Self {
        Self {
            state: row.state,
            reason: row.reason,
            count: row.count,
        }
    }
}

/// The feed with this id, whoever's it is: commands are the operator's.
async fn known(parts: &Parts, id: FeedId) -> anyhow::Result<Row> {
    let rows = parts.store.read_one(async |tx| tx.feeds_everywhere().await).await?;
    rows.into_iter()
        .find(|row| row.id == id)
        .with_context(|| format!("there is no feed {id}; `feed list` shows all"))
}

async fn rotate(shell: &Shell, id: FeedId, overlap_hours: u64) -> anyhow::Result<()> {
    let public = shell.config()?.server.require_public_url()?.clone();
    let parts = shell.parts().await?;
    let row = known(&parts, id).await?;
    let overlap = Duration::from_secs(overlap_hours.min(24 * 365) * 3600);
    let made = parts.rotate_feed(row, overlap).await?;
    announce(shell, &made, &public)
}

async fn switch(shell: &Shell, id: FeedId, enabled: bool) -> anyhow::Result<()> {
    let parts = shell.parts().await?;
    let row = known(&parts, id).await?;
    let action = if enabled { "feed.enable" } else { "feed.disable" };
    parts
        .store
        .write(Durability::Full, async move |tx| {
            tx.switch_feed(row.organisation, id, enabled).await?;
            change::record(tx, Some(row.organisation), action, id, json!({})).await
        })
        .await?;
    change::switched(shell, "feed", &id, enabled)
}

/// Reads raw events again, as this version reads them, and queues their matching.
async fn replay(shell: &Shell, id: FeedId, hours: u64) -> anyhow::Result<()> {
    let parts = shell.parts().await?;
    let row = known(&parts, id).await?;
    let since = parts.clock.now().minus(Duration::from_secs(hours.saturating_mul(3600)));
    let ring = parts.raw_keyring(&row)?;
    let mut after = SignalId::new(
        uuid::Builder::from_unix_timestamp_millis(u64::try_from(since.millis()).unwrap_or(0), &[0; 10]).into_uuid(),
    );
    let (mut read, mut unreadable) = (0_u64, 0_u64);
    loop {
        let (organisation, from) = (row.organisation, after);
        let page = parts
            .store
            .read_one(async move |tx| tx.raw_signals(organisation, id, from, STEP).await)
            .await?;
        let Some(last) = page.last() else { break };
        after = last.id;
        let mut again = Vec::new();
        for kept in page {
            let place = kept.id.to_string();
            let opened = ring.open(feed::raw_place(&place), &kept.raw).ok();
            let signals = opened.and_then(|raw| read_again(&row, &kept, &raw, parts.clock.now()));
            match signals {
                Some(signals) => {
                    read += 1;
                    again.extend(signals);
                }
                None => unreadable += 1,
            }
        }
        parts
            .store
            .write(Durability::Full, async move |tx| {
                for signal in &again {
                    tx.add_signal_again(signal).await?;
                }
                Ok::<_, StoreError>(())
            })
            .await?;
    }
    let organisation = row.organisation;
    parts
        .store
        .write(Durability::Full, async move |tx| {
            let now = tx.now().await?;
            tx.enqueue(&work::match_signals(organisation, now), now).await?;
            change::record(
                tx,
                Some(organisation),
                "feed.replay",
                id,
                json!({"events": read, "hours": hours}),
            )
            .await
        })
        .await?;
    let value = json!({"id": id, "events": read, "unreadable": unreadable});
    output::one(
        shell.json,
        &value,
        &format!("{read} events of feed {id} are read and matched again; {unreadable} cannot be read"),
    )
}

/// The signals of a kept event, to go over those that are there.
fn read_again(row: &Row, kept: &RawSignal, raw: &[u8], now: Timestamp) -> Option<Vec<NewSignal>> {
    let delivery: Delivery = match row.kind {
        FeedKind::Webhook => {
            let envelope = webhook::Envelope {
                source: crate::model::signal::Source::Webhook,
                id: Some(&kept.source_event_id),
                sent_at: kept.received_at,
                received_at: kept.received_at,
            };
            webhook::parse(raw, &envelope)
        }
        FeedKind::Canvas => canvas::parse(raw, kept.received_at),
        FeedKind::Moodle => moodle::parse(raw, kept.received_at),
    }
    .ok()?;
    let event = delivery.events.into_iter().next()?;
    let new = (0_u16..).zip(event.signals).map(|(position, mut signal)| {
        signal.source_event_id.clone_from(&kept.source_event_id);
        NewSignal {
            id: if position == 0 {
                kept.id
            } else {
                SignalId::new(random::id_at(now))
            },
            organisation: row.organisation,
            feed: Some(row.id),
            registration: row.registration,
            course: row.course,
            position,
            signal,
            raw: (position == 0).then(|| kept.raw.clone()),
        }
    });
    Some(new.collect())
}
