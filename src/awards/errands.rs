//! Running one errand: the calls it needs, then one write with what they mean.

use std::sync::Arc;
use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::awards::answer::{Verdict, meaning, news_of_failure, without_addresses};
use crate::awards::marker::CONSUMER;
use crate::awards::ports::{Answer, CallError, Gate, Issue, Receiver};
use crate::awards::sender::{Desk, Sender};
use crate::awards::settle;
use crate::clock::Timestamp;
use crate::model::dispatch::{Dispatch, Meaning, Sighting};
use crate::model::order::{OrderState, Timing};
use crate::model::{OrderId, OrganisationId};
use crate::store::attempt::{Attempt, AttemptKind};
use crate::store::award::Revocation;
use crate::store::order::{Parcel, StepError};
use crate::store::queue::{Errand, QueueNews};
use crate::store::{Durability, StoreError, Tx};

/// After so many failures in a row a revocation becomes a problem; it is tried on.
const REVOKE_TRIES: u32 = 5;

/// What one try is stored with.
#[derive(Clone, Debug)]
struct Try {
    organisation: OrganisationId,
    order: OrderId,
    kind: AttemptKind,
    started_at: Timestamp,
    took: Duration,
    status: Option<u16>,
    verdict: String,
    reply: Option<String>,
    news: QueueNews,
}

impl Sender {
    /// Runs one errand to its end.
    pub(super) async fn run(&self, desk: &Desk, errand: Errand) -> Result<(), StepError> {
        match errand {
            Errand::Send { dispatch, parcel } => self.send(desk, *dispatch, *parcel).await,
            Errand::Look {
                order,
                look,
                late,
                badge_id,
                address,
            } => self.look(desk, order, (look, late), badge_id, address).await,
            Errand::ReadEvent { order, event } => self.read_event(desk, order, &event).await,
            Errand::Revoke { event, awards } => self.revoke(desk, &event, awards).await,
            Errand::Ping => self.probe(desk).await,
        }
    }

    async fn send(&self, desk: &Desk, claimed: Dispatch, parcel: Parcel) -> Result<(), StepError> {
        let order = claimed.order.id;
        let sendings = claimed.order.sendings;
        let (started_at, clock_start) = (self.store.now().await?, Instant::now());
        let left = claimed.order.send_until.unwrap_or_default().since(started_at);
        let timing = &self.settings.timing;
        let abort = left + timing.abort.saturating_sub(timing.send_window);
        let answer = if left.is_zero() {
            None
        } else {
            let issue = self.issue(order, parcel, left);
            let call = tokio::time::timeout(abort, desk.issuer.issue(issue)).await;
            Some(call.unwrap_or_else(|_| Answer::Unsure {
                status: None,
                reason: "no answer in time".to_owned(),
                retry_after: None,
            }))
        };
        let took = clock_start.elapsed();
        let verdict = match &answer {
            None => Verdict {
                meaning: Meaning::NotSent {
                    reason: "claimed too long ago to be sent".to_owned(),
                },
                news: QueueNews::Nothing,
            },
            Some(answer) => {
                let ping = if answer.needs_ping() {
                    Some(self.ping(desk).await)
                } else {
                    None
                };
                meaning(answer, ping.as_ref(), self.store.now().await?, self.settings.pauses)
            }
        };
        let tried = Try {
            organisation: desk.organisation,
            order,
            kind: AttemptKind::Send,
            started_at,
            took,
            status: answer.as_ref().and_then(Answer::status),
            verdict: word(&verdict.meaning).to_owned(),
            reply: answer.as_ref().map(Answer::in_words),
            news: verdict.news,
        };
        let (meaning, holder) = (verdict.meaning, self.holder);
        self.step(tried, move |now, before, timing| {
            let ours = before.order.state == OrderState::Sending
                && before.order.holder == Some(holder)
                && before.order.sendings == sendings;
            // The answer of a lease that ran out: what it says was done was done; anything else is settled by looks.
            if ours || matches!(meaning, Meaning::Issued { .. }) {
                before.answered(&meaning, now, timing).map(Some)
            } else {
                Ok(None)
            }
        })
        .await
    }

    fn issue(&self, order: OrderId, parcel: Parcel, left: Duration) -> Issue {
        let log_entry = self
            .marker
            .log_entry(order, parcel.awards.iter().map(|award| award.key.as_slice()));
        // Two clocks, so that neither a paused process nor a paused machine keeps the gate open.
        let (clock, send_by) = (Arc::clone(&self.clock), Instant::now() + left);
        let send_until = clock.now().plus(left);
        Issue {
            badge_id: parcel.badge_id,
            recipients: parcel
                .awards
                .into_iter()
                .map(|award| Receiver {
                    address: award.address,
                    name: award.name,
                })
                .collect(),
            content: parcel.content,
            log_entry,
            api_consumer_id: CONSUMER,
            gate: Gate::new(move || Instant::now() < send_by && clock.now() < send_until),
        }
    }

    async fn look(
        &self,
        desk: &Desk,
        order: OrderId,
        (look, late): (u32, bool),
        badge_id: String,
        address: String,
    ) -> Result<(), StepError> {
        let (started_at, clock_start) = (self.store.now().await?, Instant::now());
        let found = if self.settings.timing.looks.is_empty() {
            Ok(Vec::new())
        } else {
            settle::sightings(desk.issuer.as_ref(), &desk.pace, &self.marker, order, badge_id, address).await
        };
        let mut tried = Try {
            organisation: desk.organisation,
            order,
            kind: AttemptKind::Look,
            started_at,
            took: clock_start.elapsed(),
            status: None,
            verdict: String::new(),
            reply: None,
            news: QueueNews::Read,
        };
        match found {
            Ok(found) => {
                tried.verdict = seen(&found);
                self.step(tried, move |now, before, timing| {
                    apply_look(before, look, late, found.clone(), now, timing)
                })
                .await
            }
            Err(error) => {
                "failed".clone_into(&mut tried.verdict);
                tried.reply = Some(without_addresses(&error.to_string()));
                tried.news = self.news_of(desk, &error).await?;
                self.step(tried, move |now, before, timing| {
                    Ok(postpone(before, late, now, timing))
                })
                .await
            }
        }
    }

    async fn read_event(&self, desk: &Desk, order: OrderId, event: &str) -> Result<(), StepError> {
        let (started_at, clock_start) = (self.store.now().await?, Instant::now());
        let read = desk.issuer.event(event).await;
        let mut tried = Try {
            organisation: desk.organisation,
            order,
            kind: AttemptKind::Event,
            started_at,
            took: clock_start.elapsed(),
            status: None,
            verdict: "read".to_owned(),
            reply: None,
            news: QueueNews::Read,
        };
        let recipients = match read {
            Ok(seen) => settle::normalised(&seen.recipients),
            // An event that cannot be read proves nothing.
            Err(CallError::Gone) => Vec::new(),
            Err(error) => {
                "failed".clone_into(&mut tried.verdict);
                tried.reply = Some(without_addresses(&error.to_string()));
                tried.news = self.news_of(desk, &error).await?;
                return self
                    .step(tried, move |now, before, timing| {
                        Ok(postpone(before, false, now, timing))
                    })
                    .await;
            }
        };
        self.step(tried, move |now, before, timing| {
            if before.order.state == OrderState::Issued && before.order.next_at.is_some() {
                before.event_read(&recipients, now, timing).map(Some)
            } else {
                Ok(None)
            }
        })
        .await
    }

    async fn revoke(&self, desk: &Desk, event: &str, awards: Vec<Revocation>) -> Result<(), StepError> {
        let (started_at, clock_start) = (self.store.now().await?, Instant::now());
        let addresses: Vec<String> = awards.iter().map(|award| award.address.clone()).collect();
        let outcome = match desk.issuer.revoke(event, &addresses).await {
            Ok(()) => Ok(addresses),
            // Gone may mean that everything in it is revoked.
            Err(CallError::Gone) => {
                desk.pace.call().await;
                desk.issuer
                    .revoked(event)
                    .await
                    .map(|revoked| settle::normalised(&revoked))
            }
            Err(error) => Err(error),
        };
        let took = clock_start.elapsed();
        let (revoked, news, reply) = match outcome {
            Ok(revoked) => (revoked, QueueNews::Read, None),
            Err(error) => {
                let reply = without_addresses(&error.to_string());
                (Vec::new(), self.news_of(desk, &error).await?, Some(reply))
            }
        };
        let done = Revoked {
            organisation: desk.organisation,
            awards,
            revoked,
            reply,
            started_at,
            took,
            news,
        };
        let timing = self.settings.timing.clone();
        self.store
            .write(Durability::Full, async move |tx| {
                save_revocations(tx, &done, &timing).await
            })
            .await?;
        Ok(())
    }

    async fn probe(&self, desk: &Desk) -> Result<(), StepError> {
        let news = match desk.issuer.ping().await {
            Ok(()) => QueueNews::Resume,
            Err(error @ (CallError::Credential { .. } | CallError::Forbidden { .. })) => {
                QueueNews::Stop(without_addresses(&error.to_string()))
            }
            // The next probe is planned already.
            Err(_) => QueueNews::Nothing,
        };
        Ok(self.tell_queue(desk.organisation, news).await?)
    }

    async fn ping(&self, desk: &Desk) -> Result<(), CallError> {
        desk.pace.call().await;
        desk.issuer.ping().await
    }

    async fn news_of(&self, desk: &Desk, error: &CallError) -> Result<QueueNews, StoreError> {
        let forbidden = matches!(error, CallError::Forbidden { .. });
        let ping = if forbidden { Some(self.ping(desk).await) } else { None };
        Ok(news_of_failure(
            error,
            ping.as_ref(),
            self.store.now().await?,
            self.settings.pauses,
        ))
    }

    /// Reads the order, decides and writes, together with the attempt and what the queue learns. Decides anew if
    /// somebody came between. The answer is at hand only here, so it is stored whatever the database has to say first.
    async fn step<D>(&self, tried: Try, decide: D) -> Result<(), StepError>
    where
        D: Fn(Timestamp, Dispatch, &Timing) -> Result<Option<Dispatch>, crate::model::award::Impossible>
            + Clone
            + Send
            + 'static,
    {
        for pause in [0, 5, 20, 100, 500, 2_000] {
            if pause > 0 {
                tokio::time::sleep(Duration::from_millis(pause)).await;
            }
            let (tried, decide, timing) = (tried.clone(), decide.clone(), self.settings.timing.clone());
            let written = self
                .store
                .write(Durability::Full, async move |tx| {
                    write_step(tx, &tried, &decide, &timing).await
                })
                .await;
            match written {
                Err(
                    StepError::Changed
                    | StepError::Store(
                        StoreError::Conflict(_) | StoreError::Busy | StoreError::TooLong | StoreError::NotCommitted(_),
                    ),
                ) => {}
                written => return written,
            }
        }
        // The order's lease runs out and it is looked for.
        Err(StepError::Changed)
    }
}

async fn write_step<D>(tx: &mut Tx<'_>, tried: &Try, decide: &D, timing: &Timing) -> Result<(), StepError>
where
    D: Fn(Timestamp, Dispatch, &Timing) -> Result<Option<Dispatch>, crate::model::award::Impossible>,
{
    let now = tx.now().await?;
    if let Some(before) = tx.dispatch(tried.organisation, tried.order).await?
        && let Some(after) = decide(now, before.clone(), timing)?
    {
        tx.save_dispatch(tried.organisation, &before, &after, now).await?;
    }
    let attempt = Attempt {
        kind: tried.kind,
        by_person: false,
        started_at: tried.started_at,
        duration_ms: i64::try_from(tried.took.as_millis()).unwrap_or(i64::MAX),
        status: tried.status,
        verdict: tried.verdict.clone(),
        reply: tried.reply.clone(),
    };
    tx.add_attempt(tried.organisation, tried.order, &attempt).await?;
    tx.queue_news(tried.organisation, &tried.news, timing, now).await?;
    Ok(())
}

fn apply_look(
    before: Dispatch,
    look: u32,
    late: bool,
    found: Vec<Sighting>,
    now: Timestamp,
    timing: &Timing,
) -> Result<Option<Dispatch>, crate::model::award::Impossible> {
    if late && before.order.late_look == look && before.order.late_at.is_some() {
        before.looked_late(found, now, timing).map(Some)
    } else if !late && before.order.state == OrderState::Unsure && before.order.look == look {
        before.looked(found, now, timing).map(Some)
    } else {
        Ok(None)
    }
}

/// A look or reading that failed does not count: the same again, later.
fn postpone(mut before: Dispatch, late: bool, now: Timestamp, timing: &Timing) -> Option<Dispatch> {
    let again = Some(now.plus(timing.again));
    let order = &mut before.order;
    match order.state {
        _ if late => order.late_at = order.late_at.and(again),
        OrderState::Unsure | OrderState::Issued => order.next_at = order.next_at.and(again),
        _ => return None,
    }
    Some(before)
}

/// What a call to revoke came to.
#[derive(Debug)]
struct Revoked {
    organisation: OrganisationId,
    awards: Vec<Revocation>,
    revoked: Vec<String>,
    reply: Option<String>,
    started_at: Timestamp,
    took: Duration,
    news: QueueNews,
}

async fn save_revocations(tx: &mut Tx<'_>, done: &Revoked, timing: &Timing) -> Result<(), StoreError> {
    let now = tx.now().await?;
    let mut order: Option<Uuid> = None;
    for award in &done.awards {
        let subject = award.award.to_string();
        let is_revoked = done.revoked.contains(&award.address);
        if is_revoked {
            tx.award_revoked(done.organisation, award.award, now).await?;
            tx.clear_problem(done.organisation, "revoke-failed", &subject, now)
                .await?;
        } else {
            let reason = done.reply.as_deref().unwrap_or("the factory does not have the event");
            let at = now.plus(timing.pause(award.tries));
            tx.revoke_later(done.organisation, award, at, reason).await?;
            if award.tries + 1 >= REVOKE_TRIES {
                let detail = serde_json::json!({ "award": award.award, "reason": reason });
                tx.raise_problem(done.organisation, "revoke-failed", &subject, &detail, now)
                    .await?;
            }
        }
        let Some(of) = award.order else { continue };
        if order.replace(of.uuid()) != Some(of.uuid()) {
            let attempt = Attempt {
                kind: AttemptKind::Revoke,
                by_person: false,
                started_at: done.started_at,
                duration_ms: i64::try_from(done.took.as_millis()).unwrap_or(i64::MAX),
                status: None,
                verdict: if is_revoked { "revoked" } else { "failed" }.to_owned(),
                reply: done.reply.clone(),
            };
            tx.add_attempt(done.organisation, of, &attempt).await?;
        }
    }
    tx.queue_news(done.organisation, &done.news, timing, now).await
}

fn word(meaning: &Meaning) -> &'static str {
    match meaning {
        Meaning::Issued { .. } => "issued",
        Meaning::Unsure { .. } => "unsure",
        Meaning::Refused { .. } => "refused",
        Meaning::Split { .. } => "refused, to be split",
        Meaning::NotSent { .. } => "not sent",
    }
}

fn seen(found: &[Sighting]) -> String {
    match found {
        [] => "nothing found".to_owned(),
        [one] => format!("found as event {}", one.event),
        several => format!("found {} events", several.len()),
    }
}
