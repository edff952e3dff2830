//! `rule`: awards by themselves, seen and switched from the command line.

mod add;
mod show;

use anyhow::{Context, bail, ensure};
use clap::{Args, Subcommand};
use serde_json::json;

use super::organisation::named;
use super::{Shell, change, output};
use crate::awards::rules;
use crate::model::rule::{Rule as Row, RuleState};
use crate::model::{MemberId, Organisation, RuleId};
use crate::store::{Durability, Store, StoreError};

#[derive(Debug, Subcommand)]
pub(super) enum Rule {
    /// Make a rule; with --dry-run only say who would get the badge, and why not
    Add(Box<add::Add>),
    /// All rules
    List {
        /// Only this organisation's
        #[arg(long)]
        organisation: Option<String>,
    },
    /// One rule with its versions
    Show {
        /// Its id
        id: RuleId,
    },
    /// Switch a rule off for a while
    Pause {
        /// Its id
        id: RuleId,
    },
    /// Switch a draft or paused rule on; everybody in the course is looked at again
    Resume {
        /// Its id
        id: RuleId,
    },
    /// Award to those who meet the rule but met it before it began; without --confirm only list them
    Backfill(Backfill),
    /// End a rule; what it holds and has not sent is withdrawn
    Archive {
        /// Its id
        id: RuleId,
    },
    /// Send what a stopped rule holds, and switch it on again
    Release {
        /// Its id
        id: RuleId,
        /// Withdraw it instead
        #[arg(long)]
        discard: bool,
    },
    /// Why somebody did or did not get a badge
    Why {
        /// The member's id
        #[arg(long)]
        member: MemberId,
        /// The badge's id
        #[arg(long)]
        badge: String,
    },
}

#[derive(Debug, Args)]
pub(super) struct Backfill {
    /// The rule's id
    id: RuleId,
    /// How many people the list named: then they are awarded
    #[arg(long, value_name = "N")]
    confirm: Option<usize>,
    /// Date the badges today instead of the day on which each person met the rule
    #[arg(long)]
    dated_today: bool,
}

pub(super) async fn run(shell: &Shell, command: Rule) -> anyhow::Result<()> {
    match command {
        Rule::Add(add) => add::run(shell, *add).await,
        Rule::List { organisation } => show::list(shell, organisation.as_deref()).await,
        Rule::Show { id } => show::show(shell, id).await,
        Rule::Pause { id } => turn(shell, id, RuleState::Paused, "rule.pause").await,
        Rule::Resume { id } => turn(shell, id, RuleState::On, "rule.resume").await,
        Rule::Backfill(backfill) => self::backfill(shell, backfill).await,
        Rule::Archive { id } => turn(shell, id, RuleState::Archived, "rule.archive").await,
        Rule::Release { id, discard } => release(shell, id, discard).await,
        Rule::Why { member, badge } => show::why(shell, member, &badge).await,
    }
}

/// The rule of this id, whosever it is.
async fn find(store: &Store, id: RuleId) -> anyhow::Result<(Organisation, Row)> {
    let organisations = store.read_one(async |tx| tx.organisations().await).await?;
    for organisation in organisations {
        let owner = organisation.id;
        if let Some(rule) = store.read_one(async |tx| tx.rule(owner, id).await).await? {
            return Ok((organisation, rule));
        }
    }
    bail!("there is no rule {id}; `rule list` shows all")
}

async fn turn(shell: &Shell, id: RuleId, to: RuleState, action: &'static str) -> anyhow::Result<()> {
    let store = shell.store().await?;
    let (organisation, rule) = find(&store, id).await?;
    ensure!(rule.state != to, "the rule is {to} already");
    rules::turn(&store, &rule, to, None).await?;
    note(
        &store,
        &organisation,
        id,
        action,
        json!({ "before": rule.state.word() }),
    )
    .await?;
    let value = json!({ "id": id, "state": to.word() });
    output::one(shell.json, &value, &format!("rule {id} is {to}"))
}

async fn backfill(shell: &Shell, asked: Backfill) -> anyhow::Result<()> {
    let store = shell.store().await?;
    let (organisation, rule) = find(&store, asked.id).await?;
    let Some(expected) = asked.confirm else {
        let tried = rules::dry_run(&store, &rule, store.now().await?).await?;
        let count = rules::backfillable(&tried).len();
        show::tried(
            shell,
            &tried,
            &format!(
                "{count} people would get it; `rule backfill {} --confirm {count}` awards",
                rule.id
            ),
        )?;
        return Ok(());
    };
    let count = rules::backfill(&store, &rule, expected, asked.dated_today, None).await?;
    note(
        &store,
        &organisation,
        rule.id,
        "rule.backfill",
        json!({ "people": count }),
    )
    .await?;
    let value = json!({ "id": rule.id, "people": count });
    output::one(
        shell.json,
        &value,
        &format!("{count} people are awarded by the running server"),
    )
}

async fn release(shell: &Shell, id: RuleId, discard: bool) -> anyhow::Result<()> {
    let store = shell.store().await?;
    let (organisation, rule) = find(&store, id).await?;
    let (count, action, done) = if discard {
        ensure!(
            rule.state == RuleState::Stopped,
            "the rule is {}: only a stopped rule holds something",
            rule.state
        );
        let count = rules::discard(&store, &rule, None).await?;
        rules::turn(&store, &rule, RuleState::Paused, None).await?;
        (count, "rule.discard", "withdrawn; the rule is paused")
    } else {
        let count = rules::release(&store, &rule, None).await?;
        (count, "rule.release", "released; the rule is on")
    };
    note(&store, &organisation, id, action, json!({ "awards": count })).await?;
    let value = json!({ "id": id, "awards": count, "discarded": discard });
    output::one(shell.json, &value, &format!("{count} awards are {done}"))
}

async fn note(
    store: &Store,
    organisation: &Organisation,
    id: RuleId,
    action: &'static str,
    detail: serde_json::Value,
) -> anyhow::Result<()> {
    let owner = organisation.id;
    let noted: Result<(), StoreError> = store
        .write(Durability::Full, async move |tx| {
            change::record(tx, Some(owner), action, id, detail).await
        })
        .await;
    noted.context("it was done, but not noted in the audit log")
}

/// The organisations that a listing is about.
async fn owners(store: &Store, only: Option<&str>) -> anyhow::Result<Vec<Organisation>> {
    Ok(match only {
        Some(name) => vec![named(store, name).await?],
        None => store.read_one(async |tx| tx.organisations().await).await?,
    })
}
