//! Our own keys over time (1EdTech Security Framework 1.0, section 6.3): the one that signs, the next one, which is
//! published before it signs, and earlier ones, which stay published: platforms keep what they fetched.
//!
//! Everything follows from when each key begins to sign. So no timer is needed, and several processes agree.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use serde::Serialize;

use super::signing::{OwnKeySet, SigningError, SigningKey};

/// The tool's keys. Clones are the same: a change is seen by all.
#[derive(Clone)]
pub struct SigningKeys {
    current: Arc<RwLock<Arc<[TimedKey]>>>,
    stay: i64,
}

/// A key, and when it begins to sign.
#[derive(Clone, Debug)]
pub struct TimedKey {
    pub key: Arc<SigningKey>,
    /// Unix seconds.
    pub signs_from: i64,
}

impl fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SigningKeys").field(&self.all()).finish()
    }
}

impl SigningKeys {
    /// These keys; one whose successor signs stays published for `stay`.
    pub fn new(keys: Vec<TimedKey>, stay: Duration) -> Self {
        Self {
            current: Arc::new(RwLock::new(in_order(keys))),
            stay: i64::try_from(stay.as_secs()).unwrap_or(i64::MAX),
        }
    }

    /// One key that has always signed.
    pub fn always(key: SigningKey) -> Self {
        let key = TimedKey {
            key: Arc::new(key),
            signs_from: i64::MIN,
        };
        Self::new(vec![key], Duration::ZERO)
    }

    /// Puts other keys in their place.
    pub fn replace(&self, keys: Vec<TimedKey>) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = in_order(keys);
    }

    /// The key that signs at `now` (Unix seconds): the newest that has begun, or the first where none has.
    pub fn signer(&self, now: i64) -> Result<Arc<SigningKey>, SigningError> {
        let keys = self.all();
        let begun = keys.iter().rev().find(|key| key.signs_from <= now);
        let signer = begun.or_else(|| keys.first()).ok_or(SigningError::NoKey)?;
        Ok(Arc::clone(&signer.key))
    }

    /// A token over `claims`, signed by the key of `now` (Unix seconds).
    pub fn sign(&self, claims: &impl Serialize, now: i64) -> Result<String, SigningError> {
        self.signer(now)?.sign(claims)
    }

    /// What is published at `now` (Unix seconds), the newest first.
    pub fn published(&self, now: i64) -> OwnKeySet {
        let keys = self.all();
        let ends = keys
            .iter()
            .skip(1)
            .map(|next| next.signs_from.saturating_add(self.stay));
        let ends: Vec<i64> = ends.chain([i64::MAX]).collect();
        let stays = keys.iter().zip(ends).filter(|(_, end)| now < *end);
        OwnKeySet::of(stays.rev().map(|(key, _)| key.key.public()))
    }

    /// All keys, by when they begin to sign.
    fn all(&self) -> Arc<[TimedKey]> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }
}

fn in_order(mut keys: Vec<TimedKey>) -> Arc<[TimedKey]> {
    keys.sort_by(|one, other| (one.signs_from, one.key.kid()).cmp(&(other.signs_from, other.key.kid())));
    keys.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lti::testing::{other_key, platform_key};

    const HOUR: i64 = 3_600;

    fn timed(key: &SigningKey, signs_from: i64) -> TimedKey {
        TimedKey {
            key: Arc::new(SigningKey::from_pkcs8(&key.to_pkcs8().unwrap()).unwrap()),
            signs_from,
        }
    }

    fn published(keys: &SigningKeys, now: i64) -> Vec<String> {
        let set = serde_json::to_value(keys.published(now)).unwrap();
        let keys = set["keys"].as_array().unwrap();
        keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn a_key_is_published_before_it_signs_and_stays_after_it_did() {
        let (old, new) = (platform_key(), other_key());
        let stay = Duration::from_hours(48);
        let keys = SigningKeys::new(vec![timed(new, 24 * HOUR), timed(old, 0)], stay);
        let (old, new) = (old.kid().to_owned(), new.kid().to_owned());
        for (now, signer, set) in [
            // before the first began it signs all the same: some key must
            (-1, &old, vec![&new, &old]),
            (0, &old, vec![&new, &old]),
            (24 * HOUR - 1, &old, vec![&new, &old]),
            (24 * HOUR, &new, vec![&new, &old]),
            (72 * HOUR - 1, &new, vec![&new, &old]),
            (72 * HOUR, &new, vec![&new]),
            (i64::MAX - 1, &new, vec![&new]),
        ] {
            assert_eq!(keys.signer(now).unwrap().kid(), signer, "{now}");
            assert_eq!(published(&keys, now).iter().collect::<Vec<_>>(), set, "{now}");
        }
        let same = keys.clone();
        keys.replace(vec![timed(other_key(), 0)]);
        assert_eq!(same.signer(0).unwrap().kid(), new);
        keys.replace(Vec::new());
        assert_eq!(same.signer(0).err(), Some(SigningError::NoKey));
    }
}
