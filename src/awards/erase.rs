//! Erasing a person: a stored intent. What was not sent is withdrawn; while something of theirs may be at the Factory
//! already, it waits for its settlement; then names and addresses are blanked. Award keys stay (promise P2).

use std::sync::Arc;
use std::time::Duration;

use crate::awards::marker::{AwardTerms, Marker};
use crate::model::application::{Application, Call, Stage, Step};
use crate::model::award::{AwardState, Intent};
use crate::model::order::{OrderState, Timing};
use crate::model::{Address, MemberId, OrganisationId};
use crate::store::audit::AuditEntry;
use crate::store::job::NewJob;
use crate::store::order::StepError;
use crate::store::{Durability, OpenAward, Plan, Store, StoreError, Tx};

/// How long it waits for what is under way before it looks again.
const AGAIN: Duration = Duration::from_secs(30);
/// Steps in one run; each blanks some hundred awards.
const MOST_STEPS: usize = 50;

/// Erases people.
#[derive(Clone, Debug)]
pub struct Erasing {
    /// The database.
    pub store: Store,
    /// Makes tombstones.
    pub marker: Arc<Marker>,
    /// The times of sending and looking: by them an application is known to be under way.
    pub timing: Timing,
}

/// What follows a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing is left.
    Done,
    /// Something is under way: look again after this time.
    Again(Duration),
}

/// Stores that somebody is to be erased, with the job that does it; `false`: nobody of this organisation. `by` as in the
/// audit log. Asking twice is harmless. The caller wakes the worker afterwards.
pub async fn ask(
    store: &Store,
    organisation: OrganisationId,
    member: MemberId,
    by: String,
) -> Result<bool, StoreError> {
    store
        .write(Durability::Full, async move |tx| {
            let now = tx.now().await?;
            if !tx.ask_erasure(organisation, member, &by, now).await? {
                return Ok(false);
            }
            tx.enqueue(&NewJob::erase(organisation, member, now), now).await?;
            let entry = AuditEntry {
                organisation: Some(organisation),
                actor: by,
                action: "member.erase",
                subject: member.to_string(),
                detail: serde_json::json!({}),
            };
            tx.add_audit(&entry, now).await?;
            Ok(true)
        })
        .await
}

impl Erasing {
    /// Does what can be done now. May be repeated, and killed at any instruction.
    pub async fn advance(&self, organisation: OrganisationId, member: MemberId) -> Result<Next, StoreError> {
        for _ in 0..MOST_STEPS {
            let read = self.store.read(async |tx| {
                let asked = tx.erasure(organisation, member).await?;
                if asked.is_none_or(|erasure| erasure.done_at.is_some()) {
                    return Ok(None);
                }
                let plan = tx.erasure_plan(organisation, member).await?;
                let applications = tx.applications_of_member(organisation, member).await?;
                Ok::<_, StoreError>(Some((plan, applications)))
            });
            let Some((plan, applications)) = read.await? else {
                return Ok(Next::Done);
            };
            if !self.stop(organisation, &plan).await? {
                let now = self.store.now().await?;
                let waits = plan.unmade > 0
                    || plan.awards.iter().any(waits)
                    || applications.iter().any(|one| self.is_under_way(one, now));
                if waits {
                    return Ok(Next::Again(AGAIN));
                }
                self.blank(organisation, member, plan).await?;
            }
        }
        Ok(Next::Again(AGAIN))
    }

    /// Withdraws what was not sent; `true` if there was something.
    async fn stop(&self, organisation: OrganisationId, plan: &Plan) -> Result<bool, StoreError> {
        let mut stopped = false;
        for award in plan.awards.iter().filter(|award| can_be_withdrawn(award)) {
            let id = award.id;
            let done = self
                .store
                .write(Durability::Full, async move |tx| {
                    let now = tx.now().await?;
                    tx.stop_award(organisation, id, Intent::Withdraw, None, Some("erased"), now)
                        .await
                })
                .await;
            match done {
                Ok(_) | Err(StepError::Changed | StepError::Impossible(_)) => stopped = true,
                Err(StepError::Store(error)) => return Err(error),
            }
        }
        Ok(stopped)
    }

    fn is_under_way(&self, one: &Application, now: crate::clock::Timestamp) -> bool {
        // never sent: it is gone with its person
        let is_unsent = one.stage == Stage::New && one.call == Call::Ready && one.sendings == 0;
        !is_unsent && one.next(now, &self.timing) != Step::Nothing
    }

    /// Blanks the awards of this plan and, behind the last of them, everything else.
    async fn blank(&self, organisation: OrganisationId, member: MemberId, plan: Plan) -> Result<(), StoreError> {
        let marker = Arc::clone(&self.marker);
        self.store
            .write(Durability::Full, async move |tx| {
                let now = tx.now().await?;
                tx.lock_enrolments(organisation, member).await?;
                // made since the plan was read: another turn
                if tx.erasure_plan(organisation, member).await? != plan {
                    return Ok(());
                }
                for award in &plan.awards {
                    let tombstone = tombstone(&marker, organisation, award);
                    if !tx
                        .blank_award(organisation, award, member, tombstone.as_deref(), now)
                        .await?
                    {
                        return Err(StoreError::Busy);
                    }
                }
                if tx.erasure_plan(organisation, member).await?.awards.is_empty() {
                    finish(tx, organisation, member, plan.email.as_deref()).await?;
                }
                Ok(())
            })
            .await
    }
}

async fn finish(
    tx: &mut Tx<'_>,
    organisation: OrganisationId,
    member: MemberId,
    email: Option<&str>,
) -> Result<(), StoreError> {
    let now = tx.now().await?;
    tx.blank_member(organisation, member, email, now).await?;
    let entry = AuditEntry {
        organisation: Some(organisation),
        actor: "worker".to_owned(),
        action: "member.erased",
        subject: member.to_string(),
        detail: serde_json::json!({}),
    };
    tx.add_audit(&entry, now).await
}

/// What certainly was not sent, and what a person would have to decide about.
fn can_be_withdrawn(award: &OpenAward) -> bool {
    match award.state {
        AwardState::Held(_) | AwardState::Queued | AwardState::Refused => true,
        AwardState::Sending => award.order == Some(OrderState::Parked),
        _ => false,
    }
}

/// Whether it may be at the Factory already, or its address is still needed there.
fn waits(award: &OpenAward) -> bool {
    matches!(award.state, AwardState::Sending | AwardState::Revoking) || award.is_watched
}

fn tombstone(marker: &Marker, organisation: OrganisationId, award: &OpenAward) -> Option<String> {
    let address = Address::parse(award.address.as_deref()?).ok()?;
    let terms = AwardTerms {
        organisation,
        badge_id: &award.badge_id,
        cause: &award.cause,
        recipient: "",
        period: &award.period,
        generation: award.generation,
    };
    Some(marker.tombstone(&terms, &address))
}
