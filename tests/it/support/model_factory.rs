//! A Factory in memory behind the awards' port. It forgets nothing, misbehaves as it is told, and can be asked what each
//! person really has.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use badgebridge::awards::ports::{Answer, CallError, Issue, Issuer, Issuers, NoIssuer, Page, Search, Seen};
use badgebridge::clock::Timestamp;
use badgebridge::model::OrganisationId;
use badgebridge::store::{Store, StoreError};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::Value;
use tokio::sync::Notify;

/// How an issuing call goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mishap {
    /// Carried out and answered.
    Fine,
    /// Carried out, the answer lost; shown in searches after so many milliseconds.
    LostAfter(u32),
    /// Lost on the way, nothing done.
    LostBefore,
    /// No connection.
    NotReached,
    /// 429.
    Busy,
    /// 404.
    NotFound,
    /// 403 although the ping is fine.
    Forbidden,
    /// 495 until the next ping.
    Credential,
    /// 500, nothing done.
    FaultBefore,
    /// 500, but carried out; shown after so many milliseconds.
    FaultAfter(u32),
    /// 201 without an event id.
    NoLocation,
    /// Carried out for all but the last recipient.
    LeavesOneOut,
    /// Carried out; the worker is killed before it has the answer. Shown after so many milliseconds.
    KillAfter(u32),
    /// The worker is killed before anything is done.
    KillBefore,
}

#[derive(Clone, Debug)]
struct Event {
    id: String,
    badge_id: String,
    recipients: Vec<String>,
    revoked: BTreeSet<String>,
    log_entry: Value,
    shown_at: Timestamp,
    made_at: Timestamp,
}

#[derive(Debug, Default)]
struct State {
    events: Vec<Event>,
    mishaps: VecDeque<Mishap>,
    read_failures: u32,
    identity_failures: u32,
    forbids_ping: bool,
    hides_recipients: bool,
    refuses: BTreeSet<String>,
    counts: BTreeMap<String, u32>,
    issuing_calls: u32,
}

/// The Factory.
#[derive(Debug)]
pub(crate) struct ModelFactory {
    store: Store,
    state: Mutex<State>,
    /// Told when a call kills the worker.
    pub killed: Notify,
}

impl ModelFactory {
    pub(crate) fn new(store: Store) -> Arc<Self> {
        Arc::new(Self {
            store,
            state: Mutex::default(),
            killed: Notify::new(),
        })
    }

    /// The next issuing calls go like this; all later ones are fine.
    pub(crate) fn misbehave(&self, mishaps: impl IntoIterator<Item = Mishap>) {
        self.state.lock().unwrap().mishaps.extend(mishaps);
    }

    /// The next so many searches, readings and revocations fail.
    pub(crate) fn fail_reads(&self, count: u32) {
        self.state.lock().unwrap().read_failures = count;
    }

    /// The next so many times the organisation's identity cannot be read from the database.
    pub(crate) fn fail_identity(&self, count: u32) {
        self.state.lock().unwrap().identity_failures = count;
    }

    fn fails_identity(&self) -> bool {
        let left = &mut self.state.lock().unwrap().identity_failures;
        let fails = *left > 0;
        *left = left.saturating_sub(1);
        fails
    }

    /// Whether an event, read alone, leaves its recipients out.
    pub(crate) fn hide_recipients(&self, hide: bool) {
        self.state.lock().unwrap().hides_recipients = hide;
    }

    /// Any order with this address is refused with 400.
    pub(crate) fn refuse(&self, address: &str) {
        self.state.lock().unwrap().refuses.insert(address.to_owned());
    }

    /// From now on everything goes well.
    pub(crate) fn heal(&self) {
        let mut state = self.state.lock().unwrap();
        state.mishaps.clear();
        state.read_failures = 0;
        state.forbids_ping = false;
    }

    /// How many badges an address holds that are not revoked.
    pub(crate) fn holds(&self, badge_id: &str, address: &str) -> usize {
        let state = self.state.lock().unwrap();
        let has = |event: &&Event| {
            event.badge_id == badge_id
                && event.recipients.iter().any(|known| known == address)
                && !event.revoked.contains(address)
        };
        state.events.iter().filter(has).count()
    }

    /// How often each mishap happened.
    pub(crate) fn counts(&self) -> BTreeMap<String, u32> {
        self.state.lock().unwrap().counts.clone()
    }

    /// Issuing calls that came in.
    pub(crate) fn issuing_calls(&self) -> u32 {
        self.state.lock().unwrap().issuing_calls
    }

    /// Events that came to be.
    pub(crate) fn event_count(&self) -> usize {
        self.state.lock().unwrap().events.len()
    }

    async fn now(&self) -> Timestamp {
        self.store.now().await.unwrap()
    }

    fn make(&self, issue: &Issue, recipients: Vec<String>, now: Timestamp, shown_after: u32) -> String {
        let mut state = self.state.lock().unwrap();
        let id = format!("E{}", state.events.len() + 1);
        state.events.push(Event {
            id: id.clone(),
            badge_id: issue.badge_id.clone(),
            recipients,
            revoked: BTreeSet::new(),
            log_entry: issue.log_entry.clone(),
            shown_at: now.plus(Duration::from_millis(u64::from(shown_after))),
            made_at: now,
        });
        id
    }

    async fn answer(&self, issue: Issue) -> Answer {
        let now = self.now().await;
        let reason = || "as the test wants it".to_owned();
        if !issue.gate.is_open() {
            return Answer::NotSent { reason: reason() };
        }
        let all: Vec<String> = issue
            .recipients
            .iter()
            .map(|receiver| receiver.address.clone())
            .collect();
        let mishap = {
            let mut state = self.state.lock().unwrap();
            state.issuing_calls += 1;
            let mishap = state.mishaps.pop_front().unwrap_or(Mishap::Fine);
            let name = format!("{mishap:?}");
            let name = name.split('(').next().unwrap_or_default().to_owned();
            *state.counts.entry(name).or_default() += 1;
            let refused = all.iter().any(|address| state.refuses.contains(address));
            if refused && matches!(mishap, Mishap::Fine | Mishap::LeavesOneOut | Mishap::NoLocation) {
                return Answer::Refused {
                    status: 400,
                    reason: reason(),
                };
            }
            if refused {
                // Whatever else goes wrong: an address that is refused never gets a badge.
                match mishap {
                    Mishap::LostAfter(_) => Mishap::LostBefore,
                    Mishap::FaultAfter(_) => Mishap::FaultBefore,
                    Mishap::KillAfter(_) => Mishap::KillBefore,
                    other => other,
                }
            } else {
                mishap
            }
        };
        match mishap {
            Mishap::Fine => Answer::Issued {
                event: self.make(&issue, all, now, 0),
            },
            Mishap::LostAfter(shown) => {
                self.make(&issue, all, now, shown);
                Answer::Unsure {
                    status: None,
                    reason: reason(),
                    retry_after: None,
                }
            }
            Mishap::LostBefore => Answer::Reset { reason: reason() },
            Mishap::NotReached => Answer::NotSent { reason: reason() },
            Mishap::Busy => Answer::Busy {
                retry_after: Some(Duration::from_secs(3)),
            },
            Mishap::NotFound => Answer::Refused {
                status: 404,
                reason: reason(),
            },
            Mishap::Forbidden => Answer::Forbidden { reason: reason() },
            Mishap::Credential => {
                self.state.lock().unwrap().forbids_ping = true;
                Answer::Credential { reason: reason() }
            }
            Mishap::FaultBefore => Answer::Unsure {
                status: Some(500),
                reason: reason(),
                retry_after: Some(Duration::from_secs(200)),
            },
            Mishap::FaultAfter(shown) => {
                self.make(&issue, all, now, shown);
                Answer::Unsure {
                    status: Some(500),
                    reason: reason(),
                    retry_after: None,
                }
            }
            Mishap::NoLocation => {
                self.make(&issue, all, now, 0);
                Answer::Unsure {
                    status: Some(201),
                    reason: reason(),
                    retry_after: None,
                }
            }
            Mishap::LeavesOneOut => {
                let mut fewer = all;
                if fewer.len() > 1 {
                    fewer.pop();
                }
                Answer::Issued {
                    event: self.make(&issue, fewer, now, 0),
                }
            }
            Mishap::KillAfter(shown) => {
                self.make(&issue, all, now, shown);
                self.kill().await
            }
            Mishap::KillBefore => self.kill().await,
        }
    }

    async fn kill(&self) -> Answer {
        self.killed.notify_one();
        std::future::pending().await
    }

    fn read_fails(&self) -> Result<(), CallError> {
        let mut state = self.state.lock().unwrap();
        if state.read_failures > 0 {
            state.read_failures -= 1;
            return Err(CallError::Failed {
                reason: "status 500".to_owned(),
            });
        }
        Ok(())
    }

    /// Lists show the log entry as an object, as a string or not at all, by turns.
    fn list(event: &Event, turn: usize) -> Seen {
        let log_entry = match turn % 3 {
            0 => Some(event.log_entry.clone()),
            1 => Some(Value::String(event.log_entry.to_string())),
            _ => None,
        };
        Seen {
            event: event.id.clone(),
            recipients: event
                .recipients
                .iter()
                .map(|address| format!("Somebody <{address}>"))
                .collect(),
            log_entry,
            at: Some(event.made_at.seconds()),
        }
    }
}

impl Issuer for ModelFactory {
    fn issue(&self, issue: Issue) -> BoxFuture<'_, Answer> {
        self.answer(issue).boxed()
    }

    fn find<'a>(&'a self, search: &'a Search, page: u32) -> BoxFuture<'a, Result<Page, CallError>> {
        async move {
            self.read_fails()?;
            let now = self.now().await;
            let state = self.state.lock().unwrap();
            let found: Vec<&Event> = state
                .events
                .iter()
                .filter(|event| {
                    event.badge_id == search.badge_id
                        && event.shown_at <= now
                        && event.recipients.contains(&search.address)
                })
                .collect();
            // Two events to a page.
            let from = usize::try_from(page).unwrap() * 2;
            let events = found
                .iter()
                .enumerate()
                .skip(from)
                .take(2)
                .map(|(turn, event)| Self::list(event, turn));
            Ok(Page {
                events: events.collect(),
                more: found.len() > from + 2,
            })
        }
        .boxed()
    }

    fn event<'a>(&'a self, event: &'a str) -> BoxFuture<'a, Result<Seen, CallError>> {
        async move {
            self.read_fails()?;
            let now = self.now().await;
            let state = self.state.lock().unwrap();
            let known = state
                .events
                .iter()
                .find(|known| known.id == event && known.shown_at <= now);
            let mut seen = known.map(|event| Self::list(event, 0)).ok_or(CallError::Gone)?;
            if state.hides_recipients {
                seen.recipients.clear();
            }
            Ok(seen)
        }
        .boxed()
    }

    fn revoke<'a>(&'a self, event: &'a str, addresses: &'a [String]) -> BoxFuture<'a, Result<(), CallError>> {
        async move {
            assert!(addresses.len() <= 50, "at most 50 addresses a call");
            let lost = self.read_fails();
            let mut state = self.state.lock().unwrap();
            let known = state
                .events
                .iter_mut()
                .find(|known| known.id == event)
                .ok_or(CallError::Gone)?;
            known.revoked.extend(addresses.iter().cloned());
            lost
        }
        .boxed()
    }

    fn revoked<'a>(&'a self, event: &'a str) -> BoxFuture<'a, Result<Vec<String>, CallError>> {
        async move {
            let state = self.state.lock().unwrap();
            let known = state
                .events
                .iter()
                .find(|known| known.id == event)
                .ok_or(CallError::Gone)?;
            Ok(known.revoked.iter().cloned().collect())
        }
        .boxed()
    }

    fn ping(&self) -> BoxFuture<'_, Result<(), CallError>> {
        async move {
            let mut state = self.state.lock().unwrap();
            if std::mem::take(&mut state.forbids_ping) {
                return Err(CallError::Credential {
                    reason: "certificate".to_owned(),
                });
            }
            Ok(())
        }
        .boxed()
    }
}

/// One Factory for all organisations.
#[derive(Debug)]
pub(crate) struct OneFactory(pub(crate) Arc<ModelFactory>);

impl Issuers for OneFactory {
    fn of(&self, _organisation: OrganisationId) -> BoxFuture<'_, Result<Arc<dyn Issuer>, NoIssuer>> {
        let same = Arc::clone(&self.0);
        let issuer: Arc<dyn Issuer> = same;
        let fails = self.0.fails_identity();
        async move {
            if fails {
                Err(StoreError::Busy.into())
            } else {
                Ok(issuer)
            }
        }
        .boxed()
    }
}
