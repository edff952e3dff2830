//! `registration`: the LMSs that may launch. What is wrong is refused by the argument's name, and nothing is stored.

mod check;
mod edit;
mod link;

use anyhow::{Context, bail};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::json;

use super::organisation::named;
use super::{Shell, address, change, output};
use crate::config::PublicUrl;
use crate::crypto::random;
use crate::lti::registration::{DeploymentId, LtiClientId};
use crate::model::{DeploymentRowId, Lms, Organisation, Registration as Row, RegistrationId};
use crate::store::installation::DeploymentSeen;
use crate::store::{Durability, StoreError};

#[derive(Debug, Subcommand)]
pub(super) enum Registration {
    /// Make a one-time address by which an LMS registers itself
    Link(link::Link),
    /// Register an LMS by hand, and print the addresses to give it
    Add(Box<Add>),
    /// All registrations
    List,
    /// Compare what arrived last with what is stored
    Check(check::Check),
    /// Refuse launches and calls of a registration
    Disable(Which),
    /// Allow them again
    Enable(Which),
    /// Change a registration
    Edit(Box<edit::Edit>),
}

/// Names a registration.
#[derive(Debug, Args)]
pub(super) struct Which {
    /// The registration's id, from `registration list`
    #[arg(required_unless_present = "issuer", conflicts_with_all = ["issuer", "client_id"])]
    id: Option<RegistrationId>,
    /// Or its issuer, exactly
    #[arg(long, requires = "client_id")]
    issuer: Option<String>,
    /// With its client id
    #[arg(long, requires = "issuer")]
    client_id: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Add {
    /// The one organisation it belongs to
    #[arg(long, required_unless_present = "shared", conflicts_with = "shared")]
    organisation: Option<String>,
    /// Shared by organisations: each deployment is claimed
    #[arg(long)]
    shared: bool,
    /// The kind of LMS: canvas, brightspace, moodle, blackboard, sakai, openedx or generic
    #[arg(long)]
    lms: Lms,
    /// A name for people
    #[arg(long)]
    name: String,
    /// The LMS's issuer (platform id), exactly as it writes it
    #[arg(long)]
    issuer: String,
    /// The client id that the LMS gave this tool
    #[arg(long)]
    client_id: String,
    /// The LMS's authentication request (OIDC authorization) address
    #[arg(long)]
    authorization_endpoint: String,
    /// The LMS's access token address
    #[arg(long)]
    token_endpoint: String,
    /// The LMS's public key set address
    #[arg(long)]
    jwks_uri: String,
    /// The audience of token requests, where it is not the token address
    #[arg(long)]
    token_audience: Option<String>,
    /// A deployment id that the LMS shows; repeat it
    #[arg(long = "deployment-id")]
    deployment_ids: Vec<String>,
    /// A private network that calls to a host of the LMS may reach; repeat it
    #[arg(long = "allow-network", value_name = "HOST=NETWORK")]
    allow_networks: Vec<String>,
}

#[derive(Serialize)]
struct Listed {
    id: String,
    name: String,
    organisation: Option<String>,
    lms: &'static str,
    issuer: String,
    client_id: String,
    enabled: bool,
    /// Registered by an invitation and never enabled.
    pending: bool,
    strict: bool,
    anonymous: bool,
    lms_administrators: bool,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    token_audience: Option<String>,
    frame_origins: Vec<String>,
    allowed_networks: Vec<String>,
    login_url: Option<String>,
    launch_url: Option<String>,
    key_set_url: Option<String>,
    deployments: usize,
    pending_deployments: usize,
}

pub(super) async fn run(shell: &Shell, command: Registration) -> anyhow::Result<()> {
    match command {
        Registration::Link(link) => link::run(shell, link).await,
        Registration::Add(add) => self::add(shell, *add).await,
        Registration::List => list(shell).await,
        Registration::Check(check) => check::run(shell, check).await,
        Registration::Disable(which) => switch(shell, which, false).await,
        Registration::Enable(which) => switch(shell, which, true).await,
        Registration::Edit(edit) => edit::run(shell, *edit).await,
    }
}

impl Which {
    /// The registration that is meant; the refusal says how to find it.
    fn pick(&self, all: Vec<Row>) -> anyhow::Result<Row> {
        all.into_iter()
            .find(|row| match (self.id, &self.issuer, &self.client_id) {
                (Some(id), ..) => row.id == id,
                (None, Some(issuer), Some(client_id)) => row.issuer == *issuer && row.lti_client_id == *client_id,
                _ => false,
            })
            .context("there is no such registration; `registration list` shows all, with their exact issuers")
    }
}

async fn add(shell: &Shell, add: Add) -> anyhow::Result<()> {
    let config = shell.config()?;
    let public = config.server.require_public_url()?.clone();
    let row = checked(&add, &config.outbound.allowed_networks)?;
    let deployments = add
        .deployment_ids
        .iter()
        .map(|text| DeploymentId::parse(text.as_str()).with_context(|| format!("--deployment-id: `{text}`")))
        .collect::<Result<Vec<_>, _>>()?;
    let parts = shell.parts().await?;
    let owner = match &add.organisation {
        Some(name) => Some(named(&parts.store, name).await?),
        None => None,
    };
    let now = parts.clock.now();
    let row = Row {
        id: RegistrationId::new(random::id_at(now)),
        organisation: owner.as_ref().map(|owner| owner.id),
        ..row
    };
    let stored = row.clone();
    parts
        .store
        .write(Durability::Full, async move |tx| {
            if !tx.add_registration(&stored, now).await? {
                bail!(
                    "the issuer {} has a registration with the client id {} already; `registration edit` changes it",
                    stored.issuer,
                    stored.lti_client_id
                );
            }
            for deployment in deployments {
                let seen = DeploymentSeen {
                    id: DeploymentRowId::new(random::id_at(now)),
                    registration: stored.id,
                    deployment_id: deployment.into(),
                    organisation: stored.organisation,
                    platform_guid: None,
                    platform_name: None,
                };
                tx.see_deployment(&seen, now).await?;
            }
            let detail =
                json!({ "issuer": stored.issuer, "client_id": stored.lti_client_id, "lms": stored.lms.word() });
            change::record(tx, stored.organisation, "registration.add", stored.id, detail).await?;
            Ok(())
        })
        .await?;
    announce(shell, &row, &public)
}

/// Prints what the LMS's administrator needs.
fn announce(shell: &Shell, row: &Row, public: &PublicUrl) -> anyhow::Result<()> {
    let [login, launch, keys] = own_addresses(row, public);
    let value = json!({
        "id": row.id, "login_url": login, "launch_url": launch, "key_set_url": keys,
    });
    let claim = match row.organisation {
        Some(_) => "",
        None => {
            "\nIt is shared: after a first launch `deployment list` shows the deployment, `deployment claim` gives it away."
        }
    };
    let sentence = format!(
        "registration {} is stored. Give the LMS these addresses:\n\
         \x20 login (OIDC initiation)  {login}\n\
         \x20 launch (redirect, target) {launch}\n\
         \x20 public key set            {keys}{claim}",
        row.id
    );
    output::one(shell.json, &value, &sentence)
}

fn own_addresses(row: &Row, public: &PublicUrl) -> [String; 3] {
    [
        public.join(&format!("/lti/login/{}", row.handle)),
        public.join("/lti/launch"),
        public.join("/.well-known/jwks.json"),
    ]
}

/// The row that the arguments describe, without id and owner.
fn checked(add: &Add, networks: &[crate::config::Network]) -> anyhow::Result<Row> {
    let hosts = add
        .allow_networks
        .iter()
        .map(|text| address::allowed_network(text))
        .collect::<Result<Vec<_>, _>>()?;
    let platform = |flag: &str, text: &str| address::platform(flag, text, networks, &hosts);
    Ok(Row {
        id: RegistrationId::new(uuid::Uuid::nil()),
        handle: URL_SAFE_NO_PAD.encode(random::bytes::<12>()),
        organisation: None,
        lms: add.lms,
        name: checked_name(&add.name)?,
        issuer: address::issuer(&add.issuer)?,
        lti_client_id: LtiClientId::parse(add.client_id.as_str())
            .context("--client-id")?
            .into(),
        authorization_endpoint: platform("--authorization-endpoint", &add.authorization_endpoint)?,
        token_endpoint: platform("--token-endpoint", &add.token_endpoint)?,
        jwks_uri: platform("--jwks-uri", &add.jwks_uri)?,
        token_audience: checked_audience(add.token_audience.as_deref())?,
        strict: false,
        anonymous: false,
        trust_email: false,
        lms_administrators: false,
        enabled: true,
        frame_origins: Vec::new(),
        allowed_networks: hosts,
    })
}

fn checked_name(text: &str) -> anyhow::Result<String> {
    let name = text.trim();
    if name.is_empty() || name.chars().count() > 200 || name.contains(char::is_control) {
        bail!("--name: a name has 1 to 200 characters");
    }
    Ok(name.to_owned())
}

fn checked_audience(text: Option<&str>) -> anyhow::Result<Option<String>> {
    match text {
        Some(text) if text.is_empty() || text.contains(|c: char| c.is_whitespace() || c.is_control()) => {
            bail!("--token-audience: it must not be empty or have spaces in it")
        }
        text => Ok(text.map(str::to_owned)),
    }
}

async fn list(shell: &Shell) -> anyhow::Result<()> {
    let public = shell.config()?.server.public_url;
    let store = shell.store().await?;
    let (registrations, deployments, organisations, waiting) = store
        .read(async |tx| {
            Ok::<_, StoreError>((
                tx.registrations().await?,
                tx.deployments().await?,
                tx.organisations().await?,
                tx.held_registrations().await?,
            ))
        })
        .await?;
    let count = |row: &Row, pending: bool| {
        let of_row = deployments
            .iter()
            .filter(|deployment| deployment.registration == row.id);
        of_row
            .filter(|deployment| !pending || deployment.organisation.is_none())
            .count()
    };
    let rows: Vec<Listed> = registrations
        .iter()
        .map(|row| {
            let counts = (count(row, false), count(row, true));
            Listed {
                pending: waiting.contains(&row.id),
                ..listed(row, public.as_ref(), &organisations, counts)
            }
        })
        .collect();
    let head = [
        "ID",
        "NAME",
        "ORGANISATION",
        "LMS",
        "ISSUER",
        "CLIENT ID",
        "STATE",
        "DEPLOYMENTS",
    ];
    output::list(shell.json, &head, &rows, |row| {
        let state = match (row.enabled, row.pending) {
            (true, _) => "enabled",
            (false, true) => "pending",
            (false, false) => "disabled",
        };
        let pending = match row.pending_deployments {
            0 => row.deployments.to_string(),
            pending => format!("{} ({pending} pending)", row.deployments),
        };
        vec![
            row.id.clone(),
            row.name.clone(),
            row.organisation.clone().unwrap_or_else(|| "(shared)".to_owned()),
            row.lms.to_owned(),
            row.issuer.clone(),
            row.client_id.clone(),
            state.to_owned(),
            pending,
        ]
    })
}

fn listed(
    row: &Row,
    public: Option<&PublicUrl>,
    organisations: &[Organisation],
    (all, pending): (usize, usize),
) -> Listed {
    let owner = organisations.iter().find(|known| Some(known.id) == row.organisation);
    let [login_url, launch_url, key_set_url] = match public {
        Some(public) => own_addresses(row, public).map(Some),
        None => [None, None, None],
    };
    let networks = row.allowed_networks.iter();
    Listed {
        id: row.id.to_string(),
        name: row.name.clone(),
        organisation: owner.map(|known| known.name.clone()),
        lms: row.lms.word(),
        issuer: row.issuer.clone(),
        client_id: row.lti_client_id.clone(),
        enabled: row.enabled,
        pending: false,
        strict: row.strict,
        anonymous: row.anonymous,
        lms_administrators: row.lms_administrators,
        authorization_endpoint: row.authorization_endpoint.clone(),
        token_endpoint: row.token_endpoint.clone(),
        jwks_uri: row.jwks_uri.clone(),
        token_audience: row.token_audience.clone(),
        frame_origins: row.frame_origins.clone(),
        allowed_networks: networks
            .map(|entry| format!("{}={}", entry.host, entry.network))
            .collect(),
        login_url,
        launch_url,
        key_set_url,
        deployments: all,
        pending_deployments: pending,
    }
}

async fn switch(shell: &Shell, which: Which, on: bool) -> anyhow::Result<()> {
    let parts = shell.parts().await?;
    let (action, word) = if on {
        ("registration.enable", "enabled")
    } else {
        ("registration.disable", "disabled")
    };
    let row = parts
        .store
        .write(Durability::Full, async move |tx| {
            let mut row = which.pick(tx.registrations().await?)?;
            if row.enabled == on {
                bail!("registration {} is {word} already", row.id);
            }
            row.enabled = on;
            tx.change_registration(&row).await?;
            change::record(tx, row.organisation, action, row.id, json!({})).await?;
            Ok(row)
        })
        .await?;
    let value = json!({ "id": row.id, "enabled": on });
    output::one(
        shell.json,
        &value,
        &format!("registration {} ({}) is {word}", row.id, row.name),
    )
}
