//! The tool's signing keys: opened, followed when they change, and rotated.
//!
//! A new key is published at once and signs after a while; what it relieves stays published for a while. Both follow from
//! the times in the database, so that every process agrees and nothing has to run at a certain moment.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use anyhow::Context;
use serde_json::json;

use super::build::Parts;
use crate::clock::{Clock, Timestamp};
use crate::crypto::seal::{Keyring, Place};
use crate::lti::keys::{SigningKey, SigningKeys, TimedKey};
use crate::store::audit::AuditEntry;
use crate::store::installation::SigningKeyRow;
use crate::store::{Durability, Store, StoreError};
use crate::web::backstage::NotRotated;

/// The tool's signing keys in this process. Clones are the same.
#[derive(Clone, Debug)]
pub struct Signing {
    keys: SigningKeys,
    /// The settings version that they were read at.
    version: Arc<AtomicI64>,
}

/// What a rotation led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// The id of the key that will sign.
    pub kid: String,
    /// When it begins to.
    pub signs_from: Timestamp,
    /// Whether it was made now; else it was on its way already.
    pub is_new: bool,
}

impl Signing {
    /// Opens the keys, and makes the first one on the first start. A relieved key stays published for `stay`.
    pub(super) async fn open(
        store: &Store,
        keyring: &Keyring,
        clock: &Arc<dyn Clock>,
        stay: Duration,
    ) -> anyhow::Result<Self> {
        let (mut version, mut rows) = read(store).await?;
        if rows.is_empty() {
            let now = clock.now();
            let first = generate(keyring, now, now).await?;
            store
                .write(Durability::Full, async move |tx| tx.add_first_signing_key(&first).await)
                .await?;
            // another process may have been first: its key holds
            (version, rows) = read(store).await?;
        }
        let keys = rows
            .iter()
            .map(|row| opened(keyring, row))
            .collect::<anyhow::Result<Vec<_>>>()?;
        anyhow::ensure!(!keys.is_empty(), "no signing key was stored");
        Ok(Self {
            keys: SigningKeys::new(keys, stay),
            version: Arc::new(AtomicI64::new(version)),
        })
    }

    /// The keys: what changes later is seen by who has them.
    pub fn keys(&self) -> SigningKeys {
        self.keys.clone()
    }

    async fn follow(&self, store: &Store, keyring: &Keyring) -> Result<(), StoreError> {
        let row = store.read_one(async |tx| tx.installation().await).await?;
        if row.is_none_or(|row| row.settings_version == self.version.load(Ordering::Relaxed)) {
            return Ok(());
        }
        let (version, rows) = read(store).await?;
        let opened: anyhow::Result<Vec<_>> = rows.iter().map(|row| opened(keyring, row)).collect();
        match opened {
            Ok(keys) => {
                self.keys.replace(keys);
                self.version.store(version, Ordering::Relaxed);
            }
            // those that are in use go on
            Err(error) => tracing::error!(error = format!("{error:#}"), "signing keys were not read again"),
        }
        Ok(())
    }
}

impl Parts {
    /// Reads signing keys again if settings changed.
    pub async fn follow_signing_keys(&self) -> Result<(), StoreError> {
        let identity = &self.identity;
        identity.signing.follow(&self.store, &identity.keyring).await
    }

    /// Makes the next signing key, unless one is on its way. It is published from now on, and signs later.
    pub async fn rotate_signing(&self, actor: &str) -> Result<Rotation, NotRotated> {
        let now = self.store.now().await?;
        if let Some(waiting) = self.waiting_key(now).await? {
            return Ok(waiting);
        }
        let signs_from = now.plus(self.config.keys.announce);
        let made = generate(&self.identity.keyring, now, signs_from).await;
        let next = made.map_err(|error| NotRotated::NotMade(format!("{error:#}")))?;
        let kid = next.kid.clone();
        let entry = AuditEntry {
            organisation: None,
            actor: actor.to_owned(),
            action: "keys.rotate-signing",
            subject: kid.clone(),
            detail: json!({ "signs_from": signs_from.millis() }),
        };
        let is_new: Result<bool, StoreError> = self
            .store
            .write(Durability::Full, async move |tx| {
                let is_new = tx.add_next_signing_key(&next, now).await?;
                if is_new {
                    tx.add_audit(&entry, now).await?;
                }
                Ok(is_new)
            })
            .await;
        let rotation = if is_new? {
            Rotation {
                kid,
                signs_from,
                is_new: true,
            }
        } else {
            // somebody else was first
            let waiting = self.waiting_key(now).await?;
            waiting.ok_or_else(|| NotRotated::NotMade("another one waits, and is gone".to_owned()))?
        };
        self.follow_signing_keys().await?;
        Ok(rotation)
    }

    async fn waiting_key(&self, now: Timestamp) -> Result<Option<Rotation>, StoreError> {
        let (_, rows) = read(&self.store).await?;
        let waiting = rows.into_iter().rev().find(|row| row.signs_from > now);
        Ok(waiting.map(|row| Rotation {
            kid: row.kid,
            signs_from: row.signs_from,
            is_new: false,
        }))
    }
}

async fn read(store: &Store) -> Result<(i64, Vec<SigningKeyRow>), StoreError> {
    store
        .read(async |tx| {
            let version = tx.installation().await?.map_or(0, |row| row.settings_version);
            Ok((version, tx.signing_keys().await?))
        })
        .await
}

async fn generate(keyring: &Keyring, now: Timestamp, signs_from: Timestamp) -> anyhow::Result<SigningKeyRow> {
    let key = tokio::task::spawn_blocking(SigningKey::generate).await??;
    let public = key.public();
    Ok(SigningKeyRow {
        kid: public.kid().to_owned(),
        sealed_private_key: keyring.seal(place(public.kid()), &key.to_pkcs8()?),
        public_jwk: serde_json::to_value(&public)?,
        created_at: now,
        signs_from,
    })
}

fn opened(keyring: &Keyring, row: &SigningKeyRow) -> anyhow::Result<TimedKey> {
    let private = keyring
        .open(place(&row.kid), &row.sealed_private_key)
        .context("a signing key cannot be opened")?;
    let key = SigningKey::from_pkcs8(&private).context("a signing key cannot be read")?;
    Ok(TimedKey {
        key: Arc::new(key),
        signs_from: row.signs_from.seconds(),
    })
}

fn place(kid: &str) -> Place<'_> {
    Place::new("signing_key", kid, "private_key")
}
