//! The logins that wait for their launch: how many there are per registration, and what they were.
//!
//! An unauthenticated caller begins logins, so both are bounded. What is remembered of a login only saves a look into the
//! database: that it is spent once is decided by the database alone, in the launch's transaction (promise P1).

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::error::{Refusal, WebError};
use crate::clock::Timestamp;
use crate::model::RegistrationId;
use crate::store::installation::LoginRecord;

/// Logins that are remembered at most; older ones are looked up in the database.
const REMEMBERED: usize = 20_000;
/// A login with a longer target is not remembered, so that memory stays bounded: bytes.
const LONGEST_TARGET: usize = 512;

/// The logins of this process that wait for their launch.
#[derive(Debug, Default)]
pub struct OpenLogins {
    limit: u32,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    /// Corrected when the life of a login has passed.
    counts: HashMap<RegistrationId, u32>,
    records: HashMap<[u8; 32], LoginRecord>,
    /// The keys of `records`, oldest first; some may be gone from there.
    order: VecDeque<[u8; 32]>,
}

impl OpenLogins {
    /// At most `limit` open logins per registration.
    pub fn new(limit: u32) -> Self {
        Self {
            limit,
            open: Mutex::default(),
        }
    }

    /// Counts a login that is about to begin.
    pub(super) fn admit(&self, registration: RegistrationId) -> Result<(), WebError> {
        let mut open = self.lock();
        let count = open.counts.entry(registration).or_default();
        if *count >= self.limit {
            return Err(Refusal::TooManyLogins.into());
        }
        *count += 1;
        Ok(())
    }

    /// Remembers a login that the database has.
    pub(super) fn remember(&self, login: LoginRecord) {
        let texts = [&login.target_link_uri, &login.storage_target];
        if texts.into_iter().flatten().any(|text| text.len() > LONGEST_TARGET) {
            return;
        }
        let mut open = self.lock();
        if open.order.len() >= REMEMBERED
            && let Some(oldest) = open.order.pop_front()
        {
            open.records.remove(&oldest);
        }
        open.order.push_back(login.state_hash);
        open.records.insert(login.state_hash, login);
    }

    /// The login of this state, if it was begun here and has not expired. Whether it was spent elsewhere, the launch's
    /// transaction tells.
    pub(super) fn recall(&self, state_hash: &[u8; 32], now: Timestamp) -> Option<LoginRecord> {
        let open = self.lock();
        open.records
            .get(state_hash)
            .filter(|login| login.expires_at > now)
            .cloned()
    }

    /// A launch spent this login.
    pub(super) fn spent(&self, registration: RegistrationId, state_hash: &[u8; 32]) {
        let mut open = self.lock();
        open.records.remove(state_hash);
        if let Some(count) = open.counts.get_mut(&registration) {
            *count = count.saturating_sub(1);
        }
    }

    /// Begins to count anew, and forgets what has expired: called when a login's life has passed since the last time.
    pub fn forget(&self, now: Timestamp) {
        let mut open = self.lock();
        open.counts.clear();
        open.records.retain(|_, login| login.expires_at > now);
        let Open { records, order, .. } = &mut *open;
        order.retain(|key| records.contains_key(key));
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn login(number: u32, target: usize) -> LoginRecord {
        let mut state_hash = [0; 32];
        state_hash[..4].copy_from_slice(&number.to_be_bytes());
        LoginRecord {
            state_hash,
            registration: RegistrationId::new(Uuid::nil()),
            nonce: "nonce".to_owned(),
            binding_hash: [0; 32],
            target_link_uri: Some("x".repeat(target)),
            storage_target: None,
            expires_at: Timestamp::from_millis(1_000),
        }
    }

    const NOW: Timestamp = Timestamp::from_millis(0);

    #[test]
    fn a_login_is_recalled_until_it_is_spent_or_expires() {
        let logins = OpenLogins::new(10);
        let one = login(1, 10);
        logins.remember(one.clone());
        assert_eq!(logins.recall(&one.state_hash, NOW), Some(one.clone()));
        assert_eq!(logins.recall(&one.state_hash, one.expires_at), None);
        logins.spent(one.registration, &one.state_hash);
        assert_eq!(logins.recall(&one.state_hash, NOW), None);
    }

    #[test]
    fn memory_is_bounded_in_number_and_length() {
        let logins = OpenLogins::new(10);
        logins.remember(login(0, LONGEST_TARGET + 1));
        assert_eq!(logins.recall(&login(0, 0).state_hash, NOW), None);
        let many = u32::try_from(REMEMBERED).unwrap_or_default() + 1;
        for number in 1..=many {
            logins.remember(login(number, 10));
        }
        assert_eq!(logins.recall(&login(1, 0).state_hash, NOW), None, "the oldest");
        assert!(logins.recall(&login(2, 0).state_hash, NOW).is_some());
        assert_eq!(logins.lock().records.len(), REMEMBERED);
        assert_eq!(logins.lock().order.len(), REMEMBERED);
    }

    #[test]
    fn what_has_expired_is_forgotten() {
        let logins = OpenLogins::new(1);
        logins.remember(login(1, 10));
        let registration = login(1, 0).registration;
        assert!(logins.admit(registration).is_ok());
        assert!(logins.admit(registration).is_err());
        logins.forget(Timestamp::from_millis(1_000));
        assert!(logins.lock().records.is_empty() && logins.lock().order.is_empty());
        assert!(logins.admit(registration).is_ok());
    }
}
