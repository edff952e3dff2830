//! Whether the only server of a SQLite file was stopped properly the last time.
//!
//! Launches are stored with relaxed durability: after a power loss a spent login may be back. All login records are
//! therefore deleted after an unclean stop, so that none can be spent twice.

use std::path::{Path, PathBuf};

use crate::store::{Durability, Store};

/// A file beside the database that is there while a server runs.
#[derive(Debug)]
pub(super) struct RunningMark(PathBuf);

impl RunningMark {
    /// Sets the mark; deletes all login records if it was still there.
    pub(super) async fn set(database: &Path, store: &Store) -> anyhow::Result<Self> {
        let mut name = database.as_os_str().to_owned();
        name.push(".running");
        let file = PathBuf::from(name);
        if file.exists() {
            let forgotten = store
                .write_one(Durability::Full, async |tx| tx.forget_all_logins().await)
                .await?;
            tracing::warn!(forgotten, "the last stop was not clean: open logins were forgotten");
        }
        // synced, or a power loss soon after the start would leave a spent login and no mark
        std::fs::File::create(&file)?.sync_all()?;
        if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::File::open(folder)?.sync_all()?;
        }
        Ok(Self(file))
    }

    /// Removes the mark: the stop was clean.
    pub(super) fn remove(self) {
        if let Err(error) = std::fs::remove_file(&self.0) {
            tracing::warn!(%error, "the mark of a running server stays");
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::clock::Timestamp;
    use crate::model::RegistrationId;
    use crate::store::StoreError;
    use crate::store::installation::LoginRecord;
    use crate::test_database::{Database, with_sqlite};

    async fn open_logins(store: &Store) -> i64 {
        let read = store.read_one(async |tx| tx.open_logins(Timestamp::default(), 10).await);
        read.await.unwrap()
    }

    async fn log_in(store: &Store) {
        let registration = registration(store).await;
        let login = LoginRecord {
            state_hash: [7; 32],
            registration,
            nonce: "n".to_owned(),
            binding_hash: [8; 32],
            target_link_uri: None,
            storage_target: None,
            expires_at: Timestamp::from_seconds(600),
        };
        let added: Result<(), StoreError> = store
            .write_one(Durability::Login, async move |tx| tx.add_login(&login).await)
            .await;
        added.unwrap();
    }

    async fn registration(store: &Store) -> RegistrationId {
        let known = store.read_one(async |tx| tx.registrations().await).await.unwrap();
        if let Some(known) = known.first() {
            return known.id;
        }
        let new = crate::model::Registration {
            id: RegistrationId::new(Uuid::from_u128(1)),
            handle: "h".to_owned(),
            organisation: None,
            lms: crate::model::Lms::Generic,
            name: "LMS".to_owned(),
            issuer: "https://lms.example".to_owned(),
            lti_client_id: "c".to_owned(),
            authorization_endpoint: "https://lms.example/auth".to_owned(),
            token_endpoint: "https://lms.example/token".to_owned(),
            jwks_uri: "https://lms.example/jwks".to_owned(),
            token_audience: None,
            strict: false,
            anonymous: false,
            trust_email: false,
            lms_administrators: false,
            enabled: true,
            frame_origins: Vec::new(),
            allowed_networks: Vec::new(),
        };
        let id = new.id;
        let added = store.write(Durability::Full, async move |tx| {
            tx.add_registration(&new, Timestamp::default()).await
        });
        assert!(added.await.unwrap());
        id
    }

    #[tokio::test]
    async fn open_logins_outlive_a_clean_stop_and_no_other() {
        with_sqlite(async |database: Database| {
            let store = database.store().await;
            let file = PathBuf::from(database.url.strip_prefix("sqlite://").unwrap());
            let mark = PathBuf::from(format!("{}.running", file.display()));
            let first = RunningMark::set(&file, &store).await.unwrap();
            assert!(mark.exists(), "whoever starts next sees that a server ran");
            log_in(&store).await;
            first.remove();
            assert!(!mark.exists());
            let second = RunningMark::set(&file, &store).await.unwrap();
            assert_eq!(open_logins(&store).await, 1, "the stop was clean");
            // the machine loses its power: nobody removes the mark
            drop(second);
            let third = RunningMark::set(&file, &store).await.unwrap();
            assert_eq!(open_logins(&store).await, 0, "a spent login may have come back");
            log_in(&store).await;
            third.remove();
            RunningMark::set(&file, &store).await.unwrap().remove();
            assert_eq!(open_logins(&store).await, 1);
            store.close().await;
        })
        .await;
    }
}
