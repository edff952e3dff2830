//! `organisation`: list, rename, edit. Connecting a Factory makes one.

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::json;

use super::{Shell, address, change, output};
use crate::model::form::FormsShown;
use crate::model::{Organisation as Row, PastedAddresses};
use crate::store::{Durability, Store, StoreError};

#[derive(Debug, Subcommand)]
pub(super) enum Organisation {
    /// All organisations
    List,
    /// What the Factory says of an organisation
    Show {
        /// Its name
        name: String,
    },
    /// Give an organisation another name
    Rename {
        /// Its name now
        name: String,
        /// Its name from now on
        new: String,
    },
    /// Change what staff may do
    Edit(Edit),
}

#[derive(Debug, Args)]
pub(super) struct Edit {
    /// The organisation's name
    name: String,
    /// Addresses outside the course's roster: never, at listed domains, or any
    #[arg(long, value_name = "off|domains|any")]
    pasted_addresses: Option<PastedAddresses>,
    /// A domain whose addresses may be pasted; repeat it; replaces the list; `none` empties it (then the domains of the
    /// course's roster hold)
    #[arg(long = "domain", value_name = "DOMAIN")]
    domains: Vec<String>,
    /// Whose application form learners fill in: ours, made from the Factory's, or the Factory's page in a new window
    #[arg(long, value_name = "own|factory")]
    application_forms: Option<FormsShown>,
}

#[derive(Serialize)]
struct Listed {
    id: String,
    name: String,
    pasted_addresses: &'static str,
    domains: Vec<String>,
    application_forms: &'static str,
}

pub(super) async fn run(shell: &Shell, command: Organisation) -> anyhow::Result<()> {
    match command {
        Organisation::List => list(shell).await,
        Organisation::Show { name } => show(shell, &name).await,
        Organisation::Rename { name, new } => rename(shell, &name, &new).await,
        Organisation::Edit(edit) => self::edit(shell, edit).await,
    }
}

/// The organisation of this name; the refusal lists those there are.
pub(super) async fn named(store: &Store, name: &str) -> anyhow::Result<Row> {
    let all = store.read_one(async |tx| tx.organisations().await).await?;
    if let Some(found) = all.iter().find(|row| row.name == name.trim()) {
        return Ok(found.clone());
    }
    let names: Vec<&str> = all.iter().map(|row| row.name.as_str()).collect();
    if names.is_empty() {
        bail!("there is no organisation yet: `factory enroll`, `factory import` or `factory token` makes one");
    }
    bail!("there is no organisation \"{name}\"; there are: {}", names.join(", "))
}

/// A name that an organisation can have.
pub(super) fn checked_name(text: &str) -> anyhow::Result<String> {
    let name = text.trim();
    if name.is_empty() || name.chars().count() > 200 || name.contains(char::is_control) {
        bail!("an organisation's name has 1 to 200 characters");
    }
    Ok(name.to_owned())
}

async fn list(shell: &Shell) -> anyhow::Result<()> {
    let store = shell.store().await?;
    let found = store.read(async |tx| {
        let mut found = Vec::new();
        for row in tx.organisations().await? {
            let forms = tx.forms_shown(row.id).await?;
            found.push((row, forms));
        }
        Ok::<_, StoreError>(found)
    });
    let rows: Vec<Listed> = found
        .await?
        .into_iter()
        .map(|(row, forms)| Listed {
            id: row.id.to_string(),
            name: row.name,
            pasted_addresses: row.pasted.word(),
            domains: row.domains,
            application_forms: forms.word(),
        })
        .collect();
    let head = ["NAME", "PASTED ADDRESSES", "DOMAINS", "APPLICATION FORMS"];
    output::list(shell.json, &head, &rows, |row| {
        let domains = if row.domains.is_empty() {
            "those of the roster".to_owned()
        } else {
            row.domains.join(" ")
        };
        vec![
            row.name.clone(),
            row.pasted_addresses.to_owned(),
            domains,
            row.application_forms.to_owned(),
        ]
    })
}

#[derive(Serialize)]
struct Shown {
    name: String,
    factory_client_id: String,
    name_at_the_factory: String,
    description: String,
    email: Option<String>,
    url: Option<String>,
    tier: Option<String>,
    issuing_limit: Option<i64>,
    sub_organisations: i64,
    verified: bool,
    suspended: bool,
}

async fn show(shell: &Shell, name: &str) -> anyhow::Result<()> {
    let parts = shell.parts().await?;
    let row = named(&parts.store, name).await?;
    let read = parts.connections.of(row.id).await?.organisation().await?;
    let shown = Shown {
        name: row.name,
        factory_client_id: read.id.as_str().to_owned(),
        name_at_the_factory: read.name,
        description: read.description,
        email: read.email,
        url: read.url,
        tier: read.tier,
        issuing_limit: read.issuing_limit,
        sub_organisations: read.aliases,
        verified: read.is_verified,
        suspended: read.is_suspended,
    };
    if shell.json {
        return output::one(true, &shown, "");
    }
    let or_dash = |text: &Option<String>| output::or_dash(text.as_deref());
    println!("name           {}", shown.name_at_the_factory);
    println!("client id      {}", shown.factory_client_id);
    println!("description    {}", shown.description);
    println!("mail           {}", or_dash(&shown.email));
    println!("address        {}", or_dash(&shown.url));
    println!("plan           {}", or_dash(&shown.tier));
    let limit = shown.issuing_limit.map(|limit| limit.to_string());
    println!("badges a year  {}", limit.as_deref().unwrap_or("no limit"));
    if shown.suspended {
        println!("It is suspended at the Factory.");
    }
    Ok(())
}

async fn rename(shell: &Shell, name: &str, new: &str) -> anyhow::Result<()> {
    let new = checked_name(new)?;
    let parts = shell.parts().await?;
    let mut row = named(&parts.store, name).await?;
    let before = std::mem::replace(&mut row.name, new.clone());
    parts
        .store
        .write(Durability::Full, async move |tx| {
            if tx
                .organisations()
                .await?
                .iter()
                .any(|other| other.name == row.name && other.id != row.id)
            {
                bail!("there is an organisation \"{}\" already", row.name);
            }
            tx.change_organisation(&row).await?;
            let detail = json!({ "before": before, "after": row.name });
            change::record(tx, Some(row.id), "organisation.rename", row.id, detail).await?;
            Ok(())
        })
        .await?;
    output::one(
        shell.json,
        &json!({ "name": new }),
        &format!("the organisation is now called \"{new}\""),
    )
}

async fn edit(shell: &Shell, edit: Edit) -> anyhow::Result<()> {
    if edit.pasted_addresses.is_none() && edit.domains.is_empty() && edit.application_forms.is_none() {
        bail!("nothing to change: give --pasted-addresses, --domain or --application-forms");
    }
    let domains = match edit.domains.as_slice() {
        [] => None,
        [none] if none == "none" => Some(Vec::new()),
        some => {
            let mut domains = some
                .iter()
                .map(|text| address::domain(text))
                .collect::<Result<Vec<_>, _>>()?;
            domains.sort();
            domains.dedup();
            Some(domains)
        }
    };
    let parts = shell.parts().await?;
    let mut row = named(&parts.store, &edit.name).await?;
    let (organisation, forms) = (row.id, edit.application_forms);
    let known = parts
        .store
        .read_one(async |tx| tx.forms_shown(organisation).await)
        .await?;
    row.pasted = edit.pasted_addresses.unwrap_or(row.pasted);
    row.domains = domains.unwrap_or(row.domains);
    let listed = Listed {
        id: row.id.to_string(),
        name: row.name.clone(),
        pasted_addresses: row.pasted.word(),
        domains: row.domains.clone(),
        application_forms: forms.unwrap_or(known).word(),
    };
    parts
        .store
        .write(Durability::Full, async move |tx| {
            if !tx.change_organisation(&row).await? {
                bail!("the organisation is gone");
            }
            if let Some(forms) = forms {
                tx.show_forms(row.id, forms).await?;
            }
            let forms = forms.map(FormsShown::word);
            let detail =
                json!({ "pasted_addresses": row.pasted.word(), "domains": row.domains, "application_forms": forms });
            change::record(tx, Some(row.id), "organisation.edit", row.id, detail).await?;
            Ok(())
        })
        .await
        .context("nothing was changed")?;
    let domains = if listed.domains.is_empty() {
        "the roster's domains".to_owned()
    } else {
        listed.domains.join(", ")
    };
    let sentence = format!(
        "{}: pasted addresses {}, {domains}; application forms {}",
        listed.name, listed.pasted_addresses, listed.application_forms
    );
    output::one(shell.json, &listed, &sentence)
}
