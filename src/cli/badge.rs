//! `badge`: what an organisation has at the Factory, read from there and not from the catalog; and deleting all of it.

use std::io::BufRead as _;

use anyhow::{Context, bail, ensure};
use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::json;

use super::organisation::named;
use super::{Shell, change, output};
use crate::app::Parts;
use crate::factory::{ApprovalMethod, Badge as Read, BadgeFilter, BadgeId, Earnable, EarnableFilter, EventId, Lines};
use crate::factory::{FactoryClient, FactoryError};
use crate::jobs::work;
use crate::model::{Organisation, OrganisationId};
use crate::store::{Durability, StoreError};

#[derive(Debug, Subcommand)]
pub(super) enum Badge {
    /// The organisation's badges
    List(List),
    /// The organisation's application forms (earnable badges)
    Forms(Forms),
    /// Who has the badge of an event, and whether they picked it up
    Assertions(Assertions),
    /// Delete ALL badges of the organisation at the Factory; asks for its name again. What people have stays valid
    DeleteAll(Of),
}

/// Whose badges.
#[derive(Debug, Args)]
pub(super) struct Of {
    /// The organisation's name
    #[arg(long)]
    organisation: String,
}

#[derive(Debug, Args)]
pub(super) struct List {
    #[command(flatten)]
    of: Of,
    /// Only drafts
    #[arg(long, conflicts_with = "published")]
    drafts: bool,
    /// Only published ones
    #[arg(long)]
    published: bool,
    /// Only this category; may be repeated
    #[arg(long = "category", value_name = "NAME")]
    categories: Vec<String>,
    /// Only the badge with this id; may be repeated
    #[arg(long = "id", value_name = "BADGE")]
    ids: Vec<String>,
    /// Only those whose name or description contains this
    #[arg(long, value_name = "TEXT")]
    query: Option<String>,
    /// Only those whose metadata has this value; may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    meta: Vec<String>,
    /// With badges that others share
    #[arg(long)]
    shared: bool,
}

#[derive(Debug, Args)]
pub(super) struct Forms {
    #[command(flatten)]
    of: Of,
    /// Only forms of this sub-organisation
    #[arg(long, value_name = "ALIAS")]
    client_alias: Option<String>,
    /// Only forms for this badge; may be repeated
    #[arg(long = "badge", value_name = "BADGE")]
    badges: Vec<String>,
    /// Only forms decided so: review, instant, secret or peer; may be repeated
    #[arg(long = "method", value_name = "METHOD")]
    methods: Vec<String>,
    /// Only listed forms
    #[arg(long, conflicts_with = "hidden")]
    visible: bool,
    /// Only hidden forms
    #[arg(long)]
    hidden: bool,
}

#[derive(Debug, Args)]
pub(super) struct Assertions {
    #[command(flatten)]
    of: Of,
    /// The Factory's id of the event
    event: String,
    /// Only this address; may be repeated, at most 50 times
    #[arg(long = "email", value_name = "ADDRESS")]
    emails: Vec<String>,
}

pub(super) async fn run(shell: &Shell, command: Badge) -> anyhow::Result<()> {
    match command {
        Badge::List(list) => self::list(shell, list).await,
        Badge::Forms(forms) => self::forms(shell, forms).await,
        Badge::Assertions(assertions) => self::assertions(shell, assertions).await,
        Badge::DeleteAll(of) => delete_all(shell, &of).await,
    }
}

/// One organisation and its Factory.
struct Desk {
    parts: Parts,
    organisation: Organisation,
    client: std::sync::Arc<FactoryClient>,
}

impl Desk {
    async fn open(shell: &Shell, of: &Of) -> anyhow::Result<Self> {
        let parts = shell.parts().await?;
        let organisation = named(&parts.store, &of.organisation).await?;
        let client = parts.connections.of(organisation.id).await?;
        Ok(Self {
            parts,
            organisation,
            client,
        })
    }
}

#[derive(Serialize)]
struct Listed {
    id: String,
    name: String,
    draft: bool,
    categories: Vec<String>,
    tags: Vec<String>,
    language: Option<String>,
}

async fn list(shell: &Shell, list: List) -> anyhow::Result<()> {
    let desk = Desk::open(shell, &list.of).await?;
    let mut metadata = Vec::new();
    for pair in &list.meta {
        let (key, value) = pair.split_once('=').context("--meta: write KEY=VALUE")?;
        metadata.push((key.to_owned(), value.to_owned()));
    }
    let filter = BadgeFilter {
        draft: match (list.drafts, list.published) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        },
        categories: list.categories,
        ids: badge_ids("--id", &list.ids)?,
        query: list.query,
        metadata,
        external: list.shared.then_some(true),
    };
    let rows = all(desk.client.badges(&filter).await?, listed).await?;
    output::list(shell.json, &["ID", "NAME", "STATE", "CATEGORIES"], &rows, |row| {
        let state = if row.draft { "draft" } else { "published" };
        vec![
            row.id.clone(),
            row.name.clone(),
            state.to_owned(),
            row.categories.join(", "),
        ]
    })
}

fn listed(badge: Read) -> Listed {
    Listed {
        id: badge.id.as_str().to_owned(),
        name: badge.name,
        draft: badge.is_draft,
        categories: badge.categories,
        tags: badge.tags,
        language: badge.language,
    }
}

#[derive(Serialize)]
struct Form {
    id: String,
    name: String,
    badge: Option<String>,
    method: String,
    visible: bool,
    not_before: Option<i64>,
    not_after: Option<i64>,
    address: Option<String>,
}

async fn forms(shell: &Shell, forms: Forms) -> anyhow::Result<()> {
    let desk = Desk::open(shell, &forms.of).await?;
    let mut methods = Vec::new();
    for word in &forms.methods {
        match ApprovalMethod::parse(word) {
            ApprovalMethod::Other(_) => bail!("--method: write review, instant, secret or peer, not \"{word}\""),
            known => methods.push(known),
        }
    }
    let filter = EarnableFilter {
        client_alias: forms.client_alias,
        badge_ids: badge_ids("--badge", &forms.badges)?,
        approval_methods: methods,
        visible: match (forms.visible, forms.hidden) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        },
    };
    let rows = all(desk.client.earnables(&filter).await?, form).await?;
    output::list(shell.json, &["ID", "NAME", "BADGE", "METHOD", "LISTED"], &rows, |row| {
        vec![
            row.id.clone(),
            row.name.clone(),
            output::or_dash(row.badge.as_deref()),
            row.method.clone(),
            if row.visible { "yes" } else { "no" }.to_owned(),
        ]
    })
}

fn form(form: Earnable) -> Form {
    Form {
        id: form.id.as_str().to_owned(),
        name: form.name,
        badge: form.badge_id.map(|badge| badge.as_str().to_owned()),
        method: form.approval_method.as_str().to_owned(),
        visible: form.is_visible,
        not_before: form.not_before,
        not_after: form.not_after,
        address: form.apply_url,
    }
}

#[derive(Serialize)]
struct Asserted {
    id: String,
    recipient: String,
    status: String,
    document: Option<String>,
}

async fn assertions(shell: &Shell, assertions: Assertions) -> anyhow::Result<()> {
    ensure!(assertions.emails.len() <= 50, "--email: at most 50 addresses");
    let desk = Desk::open(shell, &assertions.of).await?;
    let event = EventId::parse(assertions.event).context("the event's id cannot be used")?;
    let found = desk.client.assertions(&event, &assertions.emails).await?;
    let rows = all(found, |one| Asserted {
        recipient: one.address().to_owned(),
        id: one.id,
        status: one.status,
        document: one.json,
    })
    .await?;
    output::list(shell.json, &["RECIPIENT", "STATUS", "DOCUMENT"], &rows, |row| {
        vec![
            row.recipient.clone(),
            row.status.clone(),
            output::or_dash(row.document.as_deref()),
        ]
    })
}

/// Deletes all badges, after the organisation's name was typed once more. What stands in the catalog is read anew.
async fn delete_all(shell: &Shell, of: &Of) -> anyhow::Result<()> {
    let desk = Desk::open(shell, of).await?;
    let name = desk.organisation.name.clone();
    let count = all(desk.client.badges(&BadgeFilter::default()).await?, |badge| badge.id)
        .await?
        .len();
    if count == 0 {
        return output::one(shell.json, &json!({ "deleted": 0 }), &format!("{name} has no badges"));
    }
    eprintln!(
        "This deletes all {count} badges of \"{name}\" at the Factory for good: none of them can be issued any more, and \
         rules, forms and unsent awards for them stop. Type the organisation's name to go on:"
    );
    let mut typed = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut typed)
        .context("the name cannot be read from standard input")?;
    ensure!(
        typed.trim() == name,
        "that is not the organisation's name: nothing was deleted"
    );
    desk.client.delete_all_badges_of_the_organisation().await?;
    note(&desk, count).await?;
    let sentence = format!("deleted the {count} badges of {name}");
    output::one(shell.json, &json!({ "deleted": count }), &sentence)
}

async fn note(desk: &Desk, count: usize) -> anyhow::Result<()> {
    let organisation: OrganisationId = desk.organisation.id;
    desk.parts
        .store
        .write(Durability::Full, async move |tx| {
            let now = tx.now().await?;
            tx.enqueue(&work::catalog(organisation, now), now).await?;
            let detail = json!({ "badges": count });
            change::record(tx, Some(organisation), "badge.delete-all", organisation, detail).await?;
            Ok::<_, StoreError>(())
        })
        .await
        .context("the badges are deleted, but that was not noted here")
}

fn badge_ids(option: &str, texts: &[String]) -> anyhow::Result<Vec<BadgeId>> {
    texts
        .iter()
        .map(|text| BadgeId::parse(text.as_str()).with_context(|| format!("{option}: \"{text}\" is no badge id")))
        .collect()
}

/// All lines of a list, one in memory at a time; one that cannot be read is told and left out.
async fn all<T: serde::de::DeserializeOwned, U>(
    mut lines: Lines<T>,
    keep: impl Fn(T) -> U,
) -> Result<Vec<U>, FactoryError> {
    let mut rows = Vec::new();
    loop {
        match lines.next().await {
            Ok(Some(line)) => rows.push(keep(line)),
            Ok(None) => return Ok(rows),
            Err(FactoryError::Unreadable { what, detail }) => {
                eprintln!("badgebridge: one {what} cannot be read: {detail}");
            }
            Err(error) => return Err(error),
        }
    }
}
