//! The installation's identity and keys: made at the first start, checked at every other one (promise P6).

use std::sync::Arc;

use anyhow::{Context, bail};
use secrecy::ExposeSecret;

use super::signing::Signing;
use crate::clock::Clock;
use crate::config::{Config, Database};
use crate::crypto::random;
use crate::crypto::seal::{Keyring, Place};
use crate::model::InstallationId;
use crate::store::installation::Installation;
use crate::store::{Durability, Store};

/// What every process of an installation shares.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The installation's id, part of every marker.
    pub id: InstallationId,
    /// Opens and seals secrets.
    pub keyring: Arc<Keyring>,
    /// The key of the award keys.
    pub marker_key: Vec<u8>,
    /// What signs and is published.
    pub signing: Signing,
}

/// The secret key: from the settings, or from the data directory, where SQLite's is made on first start.
pub async fn keyring(config: &Config, store: &Store) -> anyhow::Result<Keyring> {
    if let Some(list) = &config.server.secret_key {
        return Keyring::parse(list.expose_secret()).context("BADGEBRIDGE_SECRET_KEY cannot be used");
    }
    if !matches!(config.server.database, Database::Sqlite(_)) {
        bail!("BADGEBRIDGE_SECRET_KEY is required with PostgreSQL: 32 bytes, base64, the same for every process");
    }
    let file = config.server.key_file();
    if file.exists() {
        return Keyring::read_file(&file).with_context(|| format!("the key file {} cannot be used", file.display()));
    }
    if store.read_one(async |tx| tx.installation().await).await?.is_some() {
        bail!(
            "the key file {} is missing, and the database was made with it: put it back. Nothing was changed",
            file.display()
        );
    }
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    Keyring::generate_file(&file).with_context(|| format!("cannot write the key file {}", file.display()))
}

impl Identity {
    /// Reads the installation's identity, and makes it on the first start. Another secret key than the database's is
    /// refused.
    pub async fn establish(config: &Config, store: &Store, clock: &Arc<dyn Clock>) -> anyhow::Result<Self> {
        let keyring = keyring(config, store).await?;
        let row = installation(store, &keyring, clock).await?;
        if !keyring.knows(&row.key_fingerprint) {
            bail!(
                "the secret key is not the one that this database was made with: start with that key \
                 (BADGEBRIDGE_SECRET_KEY, or the key file in the data directory). Nothing was changed"
            );
        }
        let marker_key = keyring
            .open(marker_place(&row.id.to_string()), &row.sealed_marker_key)
            .context("the installation's marker key cannot be opened")?
            .to_vec();
        let signing = Signing::open(store, &keyring, clock, config.keys.stay).await?;
        Ok(Self {
            id: row.id,
            keyring: Arc::new(keyring),
            marker_key,
            signing,
        })
    }
}

async fn installation(store: &Store, keyring: &Keyring, clock: &Arc<dyn Clock>) -> anyhow::Result<Installation> {
    if let Some(row) = store.read_one(async |tx| tx.installation().await).await? {
        return Ok(row);
    }
    let now = clock.now();
    let id = InstallationId::new(random::id_at(now));
    let new = Installation {
        id,
        key_fingerprint: keyring.fingerprint().to_vec(),
        sealed_marker_key: keyring.seal(marker_place(&id.to_string()), &random::bytes::<32>()),
        settings_version: 1,
    };
    store
        .write(Durability::Full, async move |tx| tx.make_installation(&new, now).await)
        .await?;
    // another process may have been first: its row holds
    store
        .read_one(async |tx| tx.installation().await)
        .await?
        .context("the installation was not stored")
}

fn marker_place(installation: &str) -> Place<'_> {
    Place::new("installation", installation, "marker_key")
}
