//! Applications for badges: handing in, looking for what was lost, deciding, and the award that an approval makes.
//!
//! One step at a time, each stored before the next: a worker that dies leaves a row that says what to do. Nothing that
//! may have been carried out is sent again before it was looked for.

mod award;
pub mod ports;
mod reading;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use crate::awards::answer::without_addresses;
use crate::awards::marker::{AwardTerms, CONSUMER, Marker};
use crate::awards::pace::Pace;
use crate::awards::ports::{CallError, Gate, NoIssuer};
use crate::awards::sender::Sender;
use crate::clock::{Clock, Timestamp};
use crate::crypto::seal::{Keyring, Place};
use crate::model::application::{Application, Decision, Step};
use crate::model::form::Method;
use crate::model::order::Timing;
use crate::model::{Address, ApplicationId, OrganisationId};
use crate::store::{Durability, Store, StoreError};
use ports::{Entry, FilledForm, FormDesk, FormDesks, Reply, SeenApplication, SeenStatus, Verdict};

/// Steps in one run: each changes something, so that more mean a mistake of ours.
const MOST_STEPS: usize = 12;
/// How far the Factory's clock may be behind ours, when an application is looked for by its time.
const CLOCKS_APART: Duration = Duration::from_mins(10);
/// The kind of problem that names an application whose call was made twice and not found.
pub const PARKED: &str = "application-parked";

/// Works applications off.
pub struct Applications {
    /// The database.
    pub store: Store,
    /// The Factories.
    pub desks: Arc<dyn FormDesks>,
    /// Makes markers and award keys.
    pub marker: Arc<Marker>,
    /// Whose pace of calls is kept.
    pub sender: Arc<Sender>,
    /// Opens claim codes.
    pub keyring: Arc<Keyring>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The times of sending and looking.
    pub timing: Timing,
}

impl fmt::Debug for Applications {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Applications").finish_non_exhaustive()
    }
}

/// What follows a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing by itself.
    Done,
    /// The same again after this time.
    Again(Duration),
}

/// What one step came to.
enum Went {
    /// The row was changed: look what is next.
    On,
    /// Nothing can be done for a while.
    Wait(Duration),
}

/// The place that a claim code is sealed to.
pub fn code_place(application: &str) -> Place<'_> {
    Place::new("application", application, "claim_code")
}

impl Applications {
    /// Does what is due for one application. May be repeated, and killed at any instruction.
    pub async fn advance(&self, organisation: OrganisationId, id: ApplicationId) -> Result<Next, StoreError> {
        for _ in 0..MOST_STEPS {
            let read = self.store.read_one(async |tx| tx.application(organisation, id).await);
            let Some(now_stands) = read.await? else {
                return Ok(Next::Done);
            };
            let now = self.store.now().await?;
            let step = now_stands.next(now, &self.timing);
            match step {
                Step::Nothing => return Ok(Next::Done),
                Step::Wait(time) => return Ok(Next::Again(time)),
                Step::HandIn | Step::LookForIt | Step::Decide | Step::Read | Step::Award => {}
            }
            let desk = match self.desks.of(organisation).await {
                Ok(desk) => desk,
                // A person connects the organisation again; the application waits.
                Err(NoIssuer::NoIdentity { .. }) => return Ok(Next::Again(self.longest_pause())),
                Err(NoIssuer::Store(error)) => return Err(error),
            };
            let pace = self.sender.pace(organisation);
            let went = match step {
                Step::HandIn => self.hand_in(&*desk, &pace, now_stands, now).await?,
                Step::LookForIt => self.look_for_it(&*desk, &pace, now_stands, now).await?,
                Step::Decide => self.decide(&*desk, &pace, now_stands, now).await?,
                Step::Read => self.read(&*desk, &pace, now_stands, now).await?,
                _ => self.award(&*desk, &pace, now_stands).await?,
            };
            if let Went::Wait(time) = went {
                return Ok(Next::Again(time));
            }
        }
        Ok(Next::Again(self.timing.again))
    }

    async fn hand_in(
        &self,
        desk: &dyn FormDesk,
        pace: &Pace,
        before: Application,
        now: Timestamp,
    ) -> Result<Went, StoreError> {
        let mut fields = Vec::new();
        for answer in &before.answers {
            if let Some(file) = &answer.file {
                let (organisation, id, of) = (before.organisation, before.id, file.id);
                let bytes = self
                    .store
                    .read_one(async |tx| tx.file_bytes(organisation, id, of).await)
                    .await?;
                let (name, media_type) = (file.name.clone(), file.media_type.clone());
                fields.push((
                    answer.name.clone(),
                    Entry::File {
                        name,
                        media_type,
                        bytes,
                    },
                ));
            }
            let texts = answer.values.iter().map(|value| Entry::Text(value.clone()));
            fields.extend(texts.map(|text| (answer.name.clone(), text)));
        }
        let claim_code = self.claim_code(&before);
        // before the claim: waiting for our turn must not eat the time in which it may be sent
        pace.call().await;
        let Some(sending) = self.save(before.begun(now)).await? else {
            return Ok(Went::On);
        };
        let form = FilledForm {
            form_id: sending.form_id.clone(),
            applicant: sending.name.clone(),
            address: sending.address.to_string(),
            attach_evidence: sending.attach_evidence,
            claim_code,
            fields,
            gate: self.gate(now),
        };
        let reply = self.within_time(desk.hand_in(form)).await;
        match reply {
            Reply::Taken { id: Some(id) } => self.save(sending.taken(Some(id), self.store.now().await?)).await?,
            // Taken, and nobody knows as what: it is looked for, and never sent again.
            Reply::Taken { id: None } => self.save(sending.taken_unnamed()).await?,
            Reply::Unsure { .. } => self.save(sending.unsure()).await?,
            Reply::NotSent { reason, retry_after } => {
                tracing::info!(reason = %without_addresses(&reason), "an application was not handed in");
                self.save(sending.not_sent()).await?;
                return Ok(Went::Wait(retry_after.unwrap_or(self.timing.again)));
            }
            Reply::Forbidden { reason } => match self.is_about_us(desk, pace, &sending).await {
                Some(pause) => {
                    self.save(sending.not_sent()).await?;
                    return Ok(Went::Wait(pause));
                }
                None => self.save(sending.refused(without_addresses(&reason))).await?,
            },
            Reply::Refused { reason } => self.save(sending.refused(without_addresses(&reason))).await?,
        };
        Ok(Went::On)
    }

    async fn look_for_it(
        &self,
        desk: &dyn FormDesk,
        pace: &Pace,
        before: Application,
        now: Timestamp,
    ) -> Result<Went, StoreError> {
        let since = before
            .called_at
            .unwrap_or(before.created_at)
            .minus(CLOCKS_APART)
            .seconds();
        let address = before.address.clone();
        let wanted = move |seen: &SeenApplication| {
            Address::parse(&seen.address).is_ok_and(|theirs| theirs == address) && seen.at.is_none_or(|at| at >= since)
        };
        pace.call().await;
        let found = match desk.applications(&before.form_id, false, Arc::new(wanted)).await {
            Ok(found) => found,
            Err(error) => return Ok(Went::Wait(self.pause_of(&error))),
        };
        // another application of the same person has an id already
        let mut ours = None;
        for seen in found {
            let (organisation, form, id) = (before.organisation, before.form_id.clone(), seen.id.clone());
            let taken = self
                .store
                .read_one(async |tx| tx.is_application_taken(organisation, &form, &id).await)
                .await?;
            if !taken {
                ours = Some(seen.id);
                break;
            }
        }
        let after = match ours {
            Some(id) => before.taken(Some(id), now),
            None => before.not_found(&self.timing),
        };
        self.save(after).await?;
        Ok(Went::On)
    }

    /// Asks how it stands; tells the decision if it stands open and nothing is under way.
    async fn decide(
        &self,
        desk: &dyn FormDesk,
        pace: &Pace,
        before: Application,
        now: Timestamp,
    ) -> Result<Went, StoreError> {
        let was_sent = before.sendings > 0;
        let (Some(id), Some(decision)) = (before.factory_id.clone(), before.decision) else {
            self.save(before.decision_refused("the application is not at the factory".to_owned()))
                .await?;
            return Ok(Went::On);
        };
        pace.call().await;
        match desk.application(&before.form_id, &id).await {
            Ok(seen) if seen.status != SeenStatus::Pending => {
                self.save(settled(before, &seen, now)).await?;
                return Ok(Went::On);
            }
            Ok(_) if before.call != crate::model::application::Call::Ready => {
                let after = before.not_found(&self.timing);
                self.save(after).await?;
                return Ok(Went::On);
            }
            Ok(_) => {}
            Err(CallError::Gone) => {
                self.save(before.gone()).await?;
                return Ok(Went::On);
            }
            Err(error) => return Ok(Went::Wait(self.pause_of(&error))),
        }
        tracing::debug!(was_sent, "telling a decision");
        let now = self.store.now().await?;
        pace.call().await;
        let Some(sending) = self.save(before.begun(now)).await? else {
            return Ok(Went::On);
        };
        let verdict = Verdict {
            form_id: sending.form_id.clone(),
            application: id,
            approve: decision == Decision::Approve,
            reviewer: sending.reviewer_name.clone().unwrap_or_default(),
            content: sending.content.clone().unwrap_or_default(),
            log_entry: self.log_entry(&sending),
            api_consumer_id: CONSUMER,
            gate: self.gate(now),
        };
        let reply = self.within_time(desk.decide(verdict)).await;
        match reply {
            Reply::Taken { .. } => {
                let now = self.store.now().await?;
                self.save(sending.decided(decision, None, now)).await?;
            }
            Reply::Unsure { .. } => {
                self.save(sending.unsure()).await?;
            }
            Reply::NotSent { retry_after, .. } => {
                self.save(sending.not_sent()).await?;
                return Ok(Went::Wait(retry_after.unwrap_or(self.timing.again)));
            }
            Reply::Forbidden { reason } => {
                if let Some(pause) = self.is_about_us(desk, pace, &sending).await {
                    self.save(sending.not_sent()).await?;
                    return Ok(Went::Wait(pause));
                }
                self.save(sending.decision_refused(without_addresses(&reason))).await?;
            }
            Reply::Refused { reason } => {
                // decided by somebody else a moment ago, or a fault of the decision
                let seen = desk.application(&sending.form_id, sending.factory_id.as_deref().unwrap_or_default());
                let now = self.store.now().await?;
                let after = match seen.await {
                    Ok(seen) if seen.status != SeenStatus::Pending => settled(sending.not_sent(), &seen, now),
                    _ => sending.decision_refused(without_addresses(&reason)),
                };
                self.save(after).await?;
            }
        }
        Ok(Went::On)
    }

    /// Asks how an application stands whose badge is issued at once.
    async fn read(
        &self,
        desk: &dyn FormDesk,
        pace: &Pace,
        before: Application,
        now: Timestamp,
    ) -> Result<Went, StoreError> {
        let Some(id) = before.factory_id.clone() else {
            let mut after = before;
            after.look = u32::MAX;
            self.save(after).await?;
            return Ok(Went::On);
        };
        pace.call().await;
        let after = match desk.application(&before.form_id, &id).await {
            Ok(seen) if seen.status != SeenStatus::Pending => settled(before, &seen, now),
            Ok(_) => {
                let mut after = before;
                after.look = after.look.saturating_add(1);
                after
            }
            Err(CallError::Gone) => before.gone(),
            Err(error) => return Ok(Went::Wait(self.pause_of(&error))),
        };
        self.save(after).await?;
        Ok(Went::On)
    }

    /// Stores a step; `None` if somebody changed the row meanwhile: then what stands there counts.
    async fn save(&self, after: Application) -> Result<Option<Application>, StoreError> {
        let parked = after.call == crate::model::application::Call::Parked;
        let saved = self
            .store
            .write(Durability::Full, async move |tx| {
                let now = tx.now().await?;
                if !tx.save_application(&after, now).await? {
                    return Ok(None);
                }
                if !parked {
                    tx.clear_problem(after.organisation, PARKED, &after.id.to_string(), now)
                        .await?;
                }
                if parked {
                    let detail = serde_json::json!({ "form": after.form_id, "stage": after.stage.word() });
                    let subject = after.id.to_string();
                    tx.raise_problem(after.organisation, PARKED, &subject, &detail, now)
                        .await?;
                }
                let version = after.version.saturating_add(1);
                Ok::<_, StoreError>(Some(Application { version, ..after }))
            })
            .await?;
        Ok(saved)
    }

    /// 403 about a claim code is the applicant's; else a ping tells. `Some`: it is about us, and how long to wait.
    async fn is_about_us(&self, desk: &dyn FormDesk, pace: &Pace, application: &Application) -> Option<Duration> {
        if application.method == Method::Secret && application.stage == crate::model::application::Stage::New {
            return None;
        }
        pace.call().await;
        match desk.ping().await {
            Ok(()) => None,
            Err(_) => Some(self.longest_pause()),
        }
    }

    fn claim_code(&self, application: &Application) -> Option<Zeroizing<String>> {
        let sealed = application.claim_code.as_ref()?;
        let plain = self.keyring.open(code_place(&application.id.to_string()), sealed);
        let text = String::from_utf8(plain.ok()?.to_vec()).ok()?;
        Some(Zeroizing::new(text))
    }

    fn gate(&self, begun: Timestamp) -> Gate {
        let (clock, until) = (Arc::clone(&self.clock), begun.plus(self.timing.send_window));
        let send_by = Instant::now() + self.timing.send_window;
        Gate::new(move || Instant::now() < send_by && clock.now() < until)
    }

    async fn within_time(&self, call: impl Future<Output = Reply>) -> Reply {
        let lost = || Reply::Unsure {
            reason: "no answer in time".to_owned(),
        };
        tokio::time::timeout(self.timing.abort, call)
            .await
            .unwrap_or_else(|_| lost())
    }

    fn log_entry(&self, application: &Application) -> serde_json::Value {
        let Some(order) = application.order else {
            return serde_json::Value::Null;
        };
        let key = self.award_key(application);
        self.marker.log_entry(order, key.iter().map(<[u8; 32]>::as_slice))
    }

    /// The key of the award that approving makes.
    fn award_key(&self, application: &Application) -> Option<[u8; 32]> {
        let (cause, recipient) = (application.cause()?, award::recipient(application).key());
        Some(self.marker.award_key(&AwardTerms {
            organisation: application.organisation,
            badge_id: &application.badge_id,
            cause: &cause,
            recipient: &recipient,
            period: "-",
            generation: 0,
        }))
    }

    fn pause_of(&self, error: &CallError) -> Duration {
        match error {
            CallError::Busy {
                retry_after: Some(pause),
            } => *pause,
            CallError::Credential { .. } | CallError::Forbidden { .. } => self.longest_pause(),
            _ => self.timing.again,
        }
    }

    fn longest_pause(&self) -> Duration {
        self.timing.probe
    }
}

/// The application as the Factory has it decided.
fn settled(before: Application, seen: &SeenApplication, now: Timestamp) -> Application {
    let decision = if seen.status == SeenStatus::Approved {
        Decision::Approve
    } else {
        Decision::Reject
    };
    // Whose name stands there decided; without a name it is ours if we sent it.
    let is_ours = seen.reviewer.is_none() || seen.reviewer == before.reviewer_name;
    let mut after = before;
    if !is_ours {
        after.sendings = 0;
    }
    let mut after = after.decided(decision, seen.reviewer.clone(), now);
    after.event = seen.event.clone().or(after.event);
    after
}
