//! Making feeds and their secrets: by command, and for the sandbox.

use std::time::Duration;

use anyhow::Context;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::json;
use zeroize::Zeroizing;

use super::build::Parts;
use crate::crypto::seal::Keyring;
use crate::crypto::{digest, random};
use crate::model::feed::{self, Feed, FeedKind};
use crate::model::{CourseId, FeedId, OrganisationId, RegistrationId};
use crate::signals::webhook::Secret;
use crate::store::audit::AuditEntry;
use crate::store::{Durability, StoreError};

/// A feed with what its sender needs; shown once.
#[derive(Debug)]
pub struct MadeFeed {
    /// The feed, as stored.
    pub feed: Feed,
    /// The secret; `None`: its senders have none of ours.
    pub secret: Option<Zeroizing<String>>,
    /// The key in its address, if it has one.
    pub address_key: Option<Zeroizing<String>>,
}

/// What a feed is to be.
#[derive(Clone, Debug)]
pub struct NewFeed {
    /// Whose it is.
    pub organisation: OrganisationId,
    /// What it accepts.
    pub kind: FeedKind,
    /// A name for people.
    pub name: String,
    /// Whose people and courses the sender names.
    pub registration: Option<RegistrationId>,
    /// The one course it is for.
    pub course: Option<CourseId>,
    /// Whether there is an address with a key in it.
    pub key_in_address: bool,
}

impl Parts {
    /// Makes a feed with new secrets.
    pub async fn add_feed(&self, new: NewFeed) -> Result<MadeFeed, StoreError> {
        let now = self.clock.now();
        let id = FeedId::new(random::id_at(now));
        let place = id.to_string();
        let keyring = &self.identity.keyring;
        let secret = new_secret(new.kind);
        let address_key = new.key_in_address.then(|| Zeroizing::new(random::token()));
        let feed = Feed {
            id,
            organisation: new.organisation,
            kind: new.kind,
            name: new.name,
            registration: new.registration,
            course: new.course,
            secret: keyring.seal(feed::secret_place(&place), secret.as_bytes()),
            previous: None,
            raw_key: keyring.seal(feed::raw_key_place(&place), &*Zeroizing::new(random::bytes::<32>())),
            address_key: address_key.as_ref().map(|key| digest::sha256(key.as_bytes()).to_vec()),
            enabled: true,
            created_at: now,
            rotated_at: now,
        };
        let stored = feed.clone();
        self.store
            .write(Durability::Full, async move |tx| {
                tx.add_feed(&stored).await?;
                tx.add_audit(&entry(&stored, "feed.add"), now).await?;
                tx.raise_settings_version().await
            })
            .await?;
        Ok(MadeFeed {
            secret: shown(feed.kind, secret),
            feed,
            address_key,
        })
    }

    /// Gives a feed new secrets; the earlier one is good for `overlap` more. A key in the address is replaced at once.
    pub async fn rotate_feed(&self, feed: Feed, overlap: Duration) -> Result<MadeFeed, StoreError> {
        let now = self.clock.now();
        let place = feed.id.to_string();
        let secret = new_secret(feed.kind);
        let address_key = feed.address_key.as_ref().map(|_| Zeroizing::new(random::token()));
        let previous = (!overlap.is_zero()).then(|| (feed.secret.clone(), now.plus(overlap)));
        let feed = Feed {
            secret: self
                .identity
                .keyring
                .seal(feed::secret_place(&place), secret.as_bytes()),
            previous,
            address_key: address_key.as_ref().map(|key| digest::sha256(key.as_bytes()).to_vec()),
            rotated_at: now,
            ..feed
        };
        let stored = feed.clone();
        self.store
            .write(Durability::Full, async move |tx| {
                tx.rotate_feed(&stored).await?;
                tx.add_audit(&entry(&stored, "feed.rotate"), now).await?;
                tx.raise_settings_version().await
            })
            .await?;
        Ok(MadeFeed {
            secret: shown(feed.kind, secret),
            feed,
            address_key,
        })
    }

    /// The key that opens a feed's raw events.
    pub fn raw_keyring(&self, feed: &Feed) -> anyhow::Result<Keyring> {
        let place = feed.id.to_string();
        let key = self
            .identity
            .keyring
            .open(feed::raw_key_place(&place), &feed.raw_key)
            .context("the feed's key cannot be opened")?;
        Ok(Keyring::parse(&Zeroizing::new(BASE64_STANDARD.encode(key.as_slice())))?)
    }
}

fn new_secret(kind: FeedKind) -> Zeroizing<String> {
    match kind {
        FeedKind::Webhook => Secret::new(&*Zeroizing::new(random::bytes::<32>())).text(),
        FeedKind::Moodle | FeedKind::Canvas => Zeroizing::new(random::token()),
    }
}

/// Canvas signs with its own key: there is nothing to give to it.
fn shown(kind: FeedKind, secret: Zeroizing<String>) -> Option<Zeroizing<String>> {
    (kind != FeedKind::Canvas).then_some(secret)
}

fn entry(feed: &Feed, action: &'static str) -> AuditEntry {
    AuditEntry {
        organisation: Some(feed.organisation),
        actor: "command line".to_owned(),
        action,
        subject: feed.id.to_string(),
        detail: json!({"kind": feed.kind.word(), "key_in_address": feed.address_key.is_some()}),
    }
}
