//! `factory import` and `factory token`: identities that exist already. Nothing is spent, so nothing is stored that does
//! not work.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Args;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use zeroize::Zeroizing;

use super::keep::{NewIdentity, check_owner, keep};
use super::{At, DEADLINE, Host, PathBuf, days_left};
use crate::app::Parts;
use crate::cli::organisation::checked_name;
use crate::cli::{Shell, address, output};
use crate::clock::Timestamp;
use crate::factory::{CertificateIdentity, ClientId, Connect, FactoryClient, TokenSource};
use crate::model::IdentityKind;

#[derive(Debug, Args)]
pub(in crate::cli) struct Import {
    #[command(flatten)]
    at: At,
    /// The client id at the Factory
    #[arg(long)]
    client_id: String,
    /// The certificate, PEM
    #[arg(long, value_name = "FILE")]
    certificate: PathBuf,
    /// Its private key, PEM, without a passphrase
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Token {
    #[command(flatten)]
    at: At,
    /// The client id at the Factory
    #[arg(long)]
    client_id: String,
    /// The file that holds the client secret
    #[arg(long, value_name = "FILE")]
    client_secret_file: PathBuf,
}

/// What was checked before the Factory is asked.
struct Place {
    parts: Parts,
    host: Host,
    name: String,
    client_id: ClientId,
}

impl Place {
    async fn of(shell: &Shell, at: &At, client_id: &str) -> anyhow::Result<Self> {
        let url = address::factory(&at.url)?;
        let name = checked_name(&at.name)?;
        let client_id = ClientId::parse(client_id).with_context(|| format!("--client-id: `{client_id}`"))?;
        let parts = shell.parts().await?;
        check_owner(&parts.store, &name, &url, client_id.as_str()).await?;
        let host = Host::new(parts.client.clone(), &url);
        Ok(Self {
            parts,
            host,
            name,
            client_id,
        })
    }

    /// Asks the Factory whether it knows the identity, then stores it.
    async fn settle(self, client: FactoryClient, kind: IdentityKind, secret: &[u8]) -> anyhow::Result<bool> {
        let answer = client.with_deadlines(DEADLINE, DEADLINE).ping().await;
        answer.context("nothing was stored")?;
        let new = NewIdentity {
            organisation: self.name,
            url: self.host.url().to_owned(),
            client_id: self.client_id.as_str().to_owned(),
            kind,
            secret: secret.to_vec().into(),
        };
        let (made, proven) = keep(&self.parts, new).await?;
        match proven {
            Ok(()) => Ok(made),
            Err(failure) => bail!(
                "it is stored, but the Factory did not answer to it three times: {}; an earlier one stays in use",
                failure.said
            ),
        }
    }
}

pub(super) async fn import(shell: &Shell, import: Import) -> anyhow::Result<()> {
    let certificate = read("--certificate", &import.certificate)?;
    let key = read("--key", &import.key)?;
    let place = Place::of(shell, &import.at, &import.client_id).await?;
    let now = place.parts.clock.now();
    let identity = CertificateIdentity::import(&certificate, &key, Some(place.client_id.clone()), now.seconds())
        .context("nothing was stored")?;
    let end = Timestamp::from_seconds(identity.facts().not_after);
    let transport = place
        .host
        .with_certificate(&identity)
        .context("the certificate cannot be used")?;
    let client = FactoryClient::with_certificate(transport, place.client_id.clone());
    let kind = IdentityKind::Certificate {
        certificate: identity.certificate_pem().to_owned(),
        not_after: end,
        fingerprint: identity.facts().fingerprint.clone(),
    };
    let secret = identity.key().pem().expose_secret().as_bytes();
    let name = place.name.clone();
    let made = place.settle(client, kind, secret).await?;
    let days = days_left(now, end);
    let value = json!({
        "organisation": name, "made": made, "client_id": import.client_id,
        "certificate_ends": output::day(end), "days_left": days,
    });
    let sentence = format!(
        "\"{name}\" uses this certificate, until {} ({days} days)",
        output::day(end)
    );
    output::one(shell.json, &value, &sentence)
}

pub(super) async fn token(shell: &Shell, token: Token) -> anyhow::Result<()> {
    let text = read("--client-secret-file", &token.client_secret_file)?;
    let secret = text.trim();
    anyhow::ensure!(!secret.is_empty(), "--client-secret-file: the file is empty");
    let place = Place::of(shell, &token.at, &token.client_id).await?;
    let clock = Arc::clone(&place.parts.clock);
    let tokens = TokenSource::new(place.client_id.clone(), SecretString::from(secret), move || {
        clock.now().seconds()
    });
    let transport = place.host.anonymous().context("the Factory cannot be called")?;
    let client = FactoryClient::with_tokens(transport, tokens);
    let name = place.name.clone();
    let made = place.settle(client, IdentityKind::Token, secret.as_bytes()).await?;
    let value = json!({ "organisation": name, "made": made, "client_id": token.client_id });
    output::one(shell.json, &value, &format!("\"{name}\" uses this client secret"))
}

fn read(flag: &str, file: &Path) -> anyhow::Result<Zeroizing<String>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{flag}: cannot read {}", file.display()))?;
    Ok(Zeroizing::new(text))
}
