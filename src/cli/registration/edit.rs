//! `registration edit`: everything of a registration but its identity and owner.

use anyhow::bail;
use clap::{Args, ValueEnum};
use serde_json::json;

use super::{Row, Which, checked_audience, checked_name};
use crate::cli::{Shell, address, change, output};
use crate::config::Network;
use crate::model::Lms;
use crate::store::Durability;

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Switch {
    On,
    Off,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Edit {
    #[command(flatten)]
    which: Which,
    /// A name for people
    #[arg(long)]
    name: Option<String>,
    /// The LMS's authentication request address
    #[arg(long)]
    authorization_endpoint: Option<String>,
    /// The LMS's access token address
    #[arg(long)]
    token_endpoint: Option<String>,
    /// The LMS's public key set address
    #[arg(long)]
    jwks_uri: Option<String>,
    /// The audience of token requests; `none`: the token address
    #[arg(long)]
    token_audience: Option<String>,
    /// Refuse tokens for further audiences, and launches whose target changed on the way
    #[arg(long)]
    strict: Option<Switch>,
    /// Accept launches that do not say who the person is
    #[arg(long)]
    anonymous: Option<Switch>,
    /// Let administrators of the LMS look after its settings, deployments and feeds here
    #[arg(long)]
    lms_administrators: Option<Switch>,
    /// A further origin that may frame our pages; repeat it; replaces the list; `none` empties it
    #[arg(long = "frame-origin", value_name = "ORIGIN")]
    frame_origins: Vec<String>,
    /// A private network that calls to a host of the LMS may reach; repeat it; replaces the list; `none` empties it
    #[arg(long = "allow-network", value_name = "HOST=NETWORK")]
    allow_networks: Vec<String>,
}

pub(super) async fn run(shell: &Shell, edit: Edit) -> anyhow::Result<()> {
    let networks = shell.config()?.outbound.allowed_networks;
    let parts = shell.parts().await?;
    let (row, changed) = parts
        .store
        .write(Durability::Full, async move |tx| {
            let before = edit.which.pick(tx.registrations().await?)?;
            let row = edit.applied(before.clone(), &networks)?;
            let changed = differences(&before, &row);
            if changed.is_empty() {
                bail!("nothing to change: the registration is like that already");
            }
            tx.change_registration(&row).await?;
            change::record(
                tx,
                row.organisation,
                "registration.edit",
                row.id,
                json!({ "changed": changed }),
            )
            .await?;
            Ok((row, changed))
        })
        .await?;
    let sentence = format!("registration {} ({}): changed {}", row.id, row.name, changed.join(", "));
    output::one(shell.json, &json!({ "id": row.id, "changed": changed }), &sentence)
}

impl Edit {
    fn applied(&self, mut row: Row, networks: &[Network]) -> anyhow::Result<Row> {
        if let Some(entries) = replaced(&self.allow_networks, address::allowed_network)? {
            row.allowed_networks = entries;
        }
        if let Some(origins) = replaced(&self.frame_origins, address::frame_origin)? {
            row.frame_origins = origins;
        }
        if let Some(name) = &self.name {
            row.name = checked_name(name)?;
        }
        if let Some(audience) = &self.token_audience {
            row.token_audience = checked_audience((audience != "none").then_some(audience))?;
        }
        let platform = |flag: &str, text: &String| address::platform(flag, text, networks, &row.allowed_networks);
        if let Some(text) = &self.authorization_endpoint {
            row.authorization_endpoint = platform("--authorization-endpoint", text)?;
        }
        if let Some(text) = &self.token_endpoint {
            row.token_endpoint = address::platform("--token-endpoint", text, networks, &row.allowed_networks)?;
        }
        if let Some(text) = &self.jwks_uri {
            row.jwks_uri = address::platform("--jwks-uri", text, networks, &row.allowed_networks)?;
        }
        let is_on = |switch: Option<Switch>, before| switch.map_or(before, |to| matches!(to, Switch::On));
        row.strict = is_on(self.strict, row.strict);
        row.anonymous = is_on(self.anonymous, row.anonymous);
        row.lms_administrators = is_on(self.lms_administrators, row.lms_administrators);
        if row.lms_administrators && row.lms == Lms::OpenEdx {
            bail!("--lms-administrators: Open edX calls its whole course team administrators of the system");
        }
        Ok(row)
    }
}

/// The new list; nothing if the argument was not given.
fn replaced<T>(given: &[String], parse: impl Fn(&str) -> anyhow::Result<T>) -> anyhow::Result<Option<Vec<T>>> {
    match given {
        [] => Ok(None),
        [none] if none == "none" => Ok(Some(Vec::new())),
        some => some.iter().map(|text| parse(text)).collect::<Result<_, _>>().map(Some),
    }
}

fn differences(before: &Row, after: &Row) -> Vec<&'static str> {
    [
        ("name", before.name != after.name),
        (
            "authorization endpoint",
            before.authorization_endpoint != after.authorization_endpoint,
        ),
        ("token endpoint", before.token_endpoint != after.token_endpoint),
        ("key set", before.jwks_uri != after.jwks_uri),
        ("token audience", before.token_audience != after.token_audience),
        ("strict", before.strict != after.strict),
        ("anonymous", before.anonymous != after.anonymous),
        (
            "LMS administrators",
            before.lms_administrators != after.lms_administrators,
        ),
        ("frame origins", before.frame_origins != after.frame_origins),
        ("allowed networks", before.allowed_networks != after.allowed_networks),
    ]
    .into_iter()
    .filter_map(|(what, differs)| differs.then_some(what))
    .collect()
}
