//! What arrived last for each registration, remembered in this process and written now and then: a good launch costs a
//! look into a map, and a flood of refused ones writes one row every few seconds.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::Timestamp;
use crate::model::RegistrationId;
use crate::model::encounter::{Arrived, Encounter, Step};
use crate::store::{Durability, Store, StoreError};

/// While the last arrival is a good one and no older, another good one is not noted.
const GOOD_LASTS: Duration = Duration::from_secs(5);
/// Least time between two writes of one row.
const COOL_DOWN: Duration = Duration::from_secs(5);
/// The longest text that is kept, in characters.
const LONGEST: usize = 300;

/// The last arrivals: at most two for each registration that is known.
#[derive(Debug, Default)]
pub struct Encounters {
    last: Mutex<HashMap<(RegistrationId, Step), Kept>>,
}

#[derive(Debug)]
struct Kept {
    encounter: Encounter,
    is_written: bool,
    written_at: Option<Timestamp>,
}

impl Encounters {
    /// Notes an arrival. `arrived` is asked for only where it is needed.
    pub(super) fn note(
        &self,
        (registration, step): (RegistrationId, Step),
        now: Timestamp,
        reason: Option<&'static str>,
        arrived: impl FnOnce() -> Arrived,
    ) {
        let mut last = self.lock();
        let kept = last.get(&(registration, step));
        let is_known = reason.is_none()
            && kept.is_some_and(|kept| kept.encounter.reason.is_none() && now.since(kept.encounter.at) < GOOD_LASTS);
        if is_known {
            return;
        }
        let written_at = kept.and_then(|kept| kept.written_at);
        let encounter = Encounter {
            registration,
            step,
            at: now,
            reason: reason.map(str::to_owned),
            arrived: cut(arrived()),
        };
        let kept = Kept {
            encounter,
            is_written: false,
            written_at,
        };
        last.insert((registration, step), kept);
    }

    /// Writes what was noted since, each row at most every few seconds.
    pub async fn write(&self, store: &Store, now: Timestamp) -> Result<(), StoreError> {
        let due: Vec<Encounter> = {
            let mut last = self.lock();
            let is_due =
                |kept: &&mut Kept| !kept.is_written && kept.written_at.is_none_or(|at| now.since(at) >= COOL_DOWN);
            last.values_mut()
                .filter(is_due)
                .take(200)
                .map(|kept| {
                    kept.is_written = true;
                    kept.written_at = Some(now);
                    kept.encounter.clone()
                })
                .collect()
        };
        if due.is_empty() {
            return Ok(());
        }
        store
            .write(Durability::Launch, async move |tx| {
                for encounter in &due {
                    tx.put_encounter(encounter).await?;
                }
                Ok(())
            })
            .await
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(RegistrationId, Step), Kept>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn cut(arrived: Arrived) -> Arrived {
    let short = |text: Option<String>| {
        text.map(|text| {
            text.chars()
                .filter(|c| !c.is_control())
                .take(LONGEST)
                .collect::<String>()
        })
    };
    Arrived {
        issuer: short(arrived.issuer),
        client_id: short(arrived.client_id),
        deployment: short(arrived.deployment),
        target: short(arrived.target),
        brought: arrived.brought,
    }
}
