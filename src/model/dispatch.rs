//! What happens to an order and its awards: what happened goes in, what to store comes out. Pure.
//!
//! Promise P3 rests on this file. An order whose answer was lost is looked for before anything is sent again; it is sent
//! a second time only if the last look found nothing, and never a third time without a person.

use std::time::Duration;

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::model::AwardId;
use crate::model::award::{AwardState, AwardStatus, AwardStep, Impossible, Intent};
use crate::model::order::{Order, OrderState, Timing};

/// One award of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The award.
    pub award: AwardId,
    /// Its normalised address.
    pub address: String,
    /// Where it stands and what a person asked for.
    pub status: AwardStatus,
    /// The event, once issued.
    pub event: Option<String>,
    /// To be given an order of its own.
    pub single: bool,
}

/// An event with the order's marker, as a search showed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// The Factory's event id.
    pub event: String,
    /// Normalised addresses; empty if the Factory does not tell.
    pub recipients: Vec<String>,
    /// When the call was made, in seconds, if the Factory tells.
    pub at: Option<i64>,
}

impl Sighting {
    fn names(&self, address: &str) -> bool {
        self.recipients.iter().any(|known| known == address)
    }
}

/// What an answer to the issuing call means for the order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Carried out, in this event.
    Issued {
        /// The event.
        event: String,
    },
    /// Perhaps carried out: look, not before this time has passed.
    Unsure {
        /// The Factory's `Retry-After`.
        look_after: Option<Duration>,
    },
    /// Certainly not carried out, and it would be refused again.
    Refused {
        /// The Factory's words.
        reason: String,
    },
    /// As refused, but one recipient may be the cause: send each alone.
    Split {
        /// The Factory's words.
        reason: String,
    },
    /// Certainly not carried out: send later.
    NotSent {
        /// Why.
        reason: String,
    },
}

/// Something a person should know about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Two events carry the order's marker: people have the badge twice.
    IssuedTwice {
        /// The event that the order keeps.
        kept: String,
        /// The other one, to be revoked.
        extra: String,
        /// Whom the other one names.
        addresses: Vec<String>,
    },
    /// Awards that were taken back without an intent, or that went another way, were issued late.
    IssuedLate {
        /// The event.
        event: String,
        /// Whom it names.
        addresses: Vec<String>,
    },
    /// The order was sent twice and not found.
    Parked,
    /// The Factory refused the order.
    Refused {
        /// The Factory's words.
        reason: String,
    },
}

/// An order and its awards: what decisions are taken on and what they give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispatch {
    /// The order.
    pub order: Order,
    /// Its awards, in the order of recipients.
    pub parts: Vec<Part>,
    /// What people should know about.
    pub troubles: Vec<Trouble>,
}

impl Dispatch {
    /// The order with these awards.
    pub fn new(order: Order, parts: Vec<Part>) -> Self {
        Self {
            order,
            parts,
            troubles: Vec::new(),
        }
    }

    /// The addresses that a sending carries.
    pub fn recipients(&self) -> impl Iterator<Item = &Part> {
        self.parts
            .iter()
            .filter(|part| part.status.state == AwardState::Sending)
    }

    /// `holder` takes the order to send it. Awards with an intent stay behind; if none is left the order is withdrawn.
    pub fn claim(mut self, holder: Uuid, now: Timestamp, timing: &Timing) -> Result<Self, Impossible> {
        if self.order.sendings >= self.order.allowed {
            return Err(self.impossible("a sending without a person"));
        }
        self.expect(OrderState::Ready, "claim")?;
        self.each(AwardState::Queued, AwardStep::Claimed)?;
        if self.recipients().next().is_none() {
            self.end(OrderState::Withdrawn);
            return Ok(self);
        }
        let order = &mut self.order;
        order.state = OrderState::Sending;
        order.sendings += 1;
        order.holder = Some(holder);
        order.send_until = Some(now.plus(timing.send_window));
        order.lease_until = Some(now.plus(timing.lease));
        order.next_at = order.lease_until;
        if order.sendings > 1
            && let Some(first) = timing.late_looks.first()
        {
            order.late_look = 0;
            order.late_at = Some(now.plus(*first));
        }
        Ok(self)
    }

    /// The issuing call was answered, or not made after all. A positive answer counts even if the lease has run out.
    pub fn answered(mut self, meaning: &Meaning, now: Timestamp, timing: &Timing) -> Result<Self, Impossible> {
        if let Meaning::Issued { event } = meaning {
            let sighting = Sighting {
                event: event.clone(),
                recipients: Vec::new(),
                at: None,
            };
            self.found(vec![sighting], now)?;
            return Ok(self);
        }
        self.expect(OrderState::Sending, "answer")?;
        match meaning {
            Meaning::Issued { .. } => {}
            Meaning::Unsure { look_after } => {
                let earliest = now.plus(look_after.unwrap_or_default());
                let from = self.order.lease_until.unwrap_or(now).max(earliest);
                self.unsure(from, timing);
            }
            Meaning::Split { reason } if self.recipients().count() > 1 => {
                self.order.sendings = self.order.sendings.saturating_sub(1);
                self.each(AwardState::Sending, AwardStep::NotSent)?;
                self.parts
                    .iter_mut()
                    .for_each(|part| part.single = part.status.state == AwardState::Queued);
                self.end(OrderState::Withdrawn);
                self.order.reason = Some(reason.clone());
            }
            Meaning::Refused { reason } | Meaning::Split { reason } => self.refused(reason)?,
            Meaning::NotSent { reason } => {
                self.order.sendings = self.order.sendings.saturating_sub(1);
                self.order.reason = Some(reason.clone());
                self.ready(now)?;
            }
        }
        Ok(self)
    }

    /// The lease ran out before an answer was stored: never ready again before it was looked for.
    pub fn lease_ended(mut self, timing: &Timing) -> Result<Self, Impossible> {
        self.expect(OrderState::Sending, "end of the lease")?;
        let from = self.order.lease_until.unwrap_or_default();
        self.unsure(from, timing);
        Ok(self)
    }

    /// A look for an unsure order was answered. `found` are the events with its marker.
    pub fn looked(mut self, found: Vec<Sighting>, now: Timestamp, timing: &Timing) -> Result<Self, Impossible> {
        self.expect(OrderState::Unsure, "look")?;
        if !found.is_empty() {
            self.found(found, now)?;
        } else if self.order.look < timing.last_look() {
            self.order.look += 1;
            let from = self.order.look_from.unwrap_or(now);
            self.order.next_at = Some(timing.look(from, self.order.look).max(now));
        } else if self.order.sendings < self.order.allowed {
            self.ready(now)?;
        } else {
            self.each(AwardState::Sending, AwardStep::Parked)?;
            if self.recipients().next().is_none() {
                self.end(OrderState::Withdrawn);
            } else {
                self.end(OrderState::Parked);
                self.troubles.push(Trouble::Parked);
            }
        }
        Ok(self)
    }

    /// A late look, after a second sending, was answered.
    pub fn looked_late(mut self, found: Vec<Sighting>, now: Timestamp, timing: &Timing) -> Result<Self, Impossible> {
        if self.order.state == OrderState::Sending {
            self.order.late_at = self.order.lease_until;
            return Ok(self);
        }
        self.found(found, now)?;
        let span = |look: u32| {
            usize::try_from(look)
                .ok()
                .and_then(|at| timing.late_looks.get(at))
                .copied()
        };
        let this = span(self.order.late_look).unwrap_or_default();
        self.order.late_look += 1;
        self.order.late_at = span(self.order.late_look).map(|next| now.plus(next.saturating_sub(this)));
        Ok(self)
    }

    /// The event of a batch was read; `recipients` are its normalised addresses, empty if it does not tell.
    ///
    /// An address that is missing twice, the second time as late as the last look, is sent in an order of its own.
    pub fn event_read(mut self, recipients: &[String], now: Timestamp, timing: &Timing) -> Result<Self, Impossible> {
        self.expect(OrderState::Issued, "reading of the event")?;
        let event = self.order.event.clone();
        let is_missing = |part: &Part| {
            matches!(part.status.state, AwardState::Issued | AwardState::Revoking)
                && part.event == event
                && !recipients.contains(&part.address)
        };
        self.order.event_reads += 1;
        self.order.next_at = None;
        if recipients.is_empty() || !self.parts.iter().any(is_missing) {
            return Ok(self);
        }
        if self.order.event_reads == 1 {
            self.order.next_at = Some(timing.look(now, timing.last_look()));
            return Ok(self);
        }
        for part in self.parts.iter_mut().filter(|part| is_missing(part)) {
            part.status.state = part.status.after(AwardStep::Missing)?;
            part.event = None;
            part.single = part.status.state == AwardState::Queued;
        }
        Ok(self)
    }

    /// A person asks to try again. A refused order is sent again; a parked one is looked for once more first.
    pub fn retried(mut self, now: Timestamp, timing: &Timing) -> Result<Self, Impossible> {
        match self.order.state {
            OrderState::Refused => {
                self.each(AwardState::Refused, AwardStep::Retried)?;
                if self.parts.iter().any(|part| part.status.state == AwardState::Queued) {
                    self.end(OrderState::Ready);
                    self.order.next_at = Some(now);
                } else {
                    self.end(OrderState::Withdrawn);
                }
            }
            OrderState::Parked => {
                self.end(OrderState::Unsure);
                self.order.look = timing.last_look();
                self.order.look_from = Some(now);
                self.order.next_at = Some(now);
            }
            _ => return Err(self.impossible("retry")),
        }
        self.order.allowed = self.order.allowed.max(self.order.sendings + 1);
        Ok(self)
    }

    /// A person gives the order up: its awards are withdrawn.
    pub fn given_up(mut self) -> Result<Self, Impossible> {
        if !matches!(self.order.state, OrderState::Refused | OrderState::Parked) {
            return Err(self.impossible("give up"));
        }
        self.each(AwardState::Refused, AwardStep::GivenUp)?;
        self.each(AwardState::Sending, AwardStep::GivenUp)?;
        self.end(OrderState::Withdrawn);
        Ok(self)
    }

    /// A person asks to take one award back. It acts at once, or when it is known whether the award was sent.
    pub fn stop(mut self, award: AwardId, intent: Intent) -> Result<Self, Impossible> {
        let state = self.order.state;
        let parked = state == OrderState::Parked;
        for part in self.parts.iter_mut().filter(|part| part.award == award) {
            if intent == Intent::Withdraw && part.status.state == AwardState::Issued {
                return Err(Impossible {
                    state: part.status.state.word(),
                    step: "withdraw".to_owned(),
                });
            }
            part.status.intent = part.status.intent.or(Some(intent));
            part.status.state = part.status.after(AwardStep::Stopped)?;
            if parked && part.status.state == AwardState::Sending {
                part.status.state = part.status.after(AwardStep::Parked)?;
            }
        }
        let waits = |part: &Part| {
            matches!(
                part.status.state,
                AwardState::Queued | AwardState::Sending | AwardState::Refused
            )
        };
        let open = matches!(state, OrderState::Ready | OrderState::Parked | OrderState::Refused);
        if open && !self.parts.iter().any(waits) {
            self.end(OrderState::Withdrawn);
        }
        Ok(self)
    }

    fn found(&mut self, mut events: Vec<Sighting>, now: Timestamp) -> Result<(), Impossible> {
        events.sort_by(|a, b| (a.at.unwrap_or(i64::MAX), &a.event).cmp(&(b.at.unwrap_or(i64::MAX), &b.event)));
        let kept = match &self.order.event {
            Some(event) => event.clone(),
            None => match events.first() {
                Some(first) => first.event.clone(),
                None => return Ok(()),
            },
        };
        if self.order.state != OrderState::Issued {
            self.end(OrderState::Issued);
            self.order.event = Some(kept.clone());
        }
        for sighting in events {
            if sighting.event == kept {
                self.issued(&sighting, now)?;
            } else {
                self.troubles.push(Trouble::IssuedTwice {
                    kept: kept.clone(),
                    extra: sighting.event,
                    addresses: sighting.recipients,
                });
            }
        }
        Ok(())
    }

    fn issued(&mut self, sighting: &Sighting, now: Timestamp) -> Result<(), Impossible> {
        let mut late = Vec::new();
        let mut sent = 0_u32;
        let unnamed = sighting.recipients.is_empty();
        let alone = unnamed && self.parts.len() == 1;
        for part in &mut self.parts {
            // Awards that were left out of the sending that this event came from are not in it.
            let concerned = match part.status.state {
                AwardState::Sending => true,
                AwardState::Queued | AwardState::Refused => unnamed || sighting.names(&part.address),
                AwardState::Withdrawn => alone || sighting.names(&part.address),
                _ => false,
            };
            if !concerned {
                continue;
            }
            sent += 1;
            part.status.state = part.status.after(AwardStep::Issued)?;
            if part.status.state == AwardState::Withdrawn {
                late.push(part.address.clone());
            } else {
                part.event = Some(sighting.event.clone());
            }
        }
        if sent > 1 {
            self.order.next_at = Some(now);
        }
        let elsewhere = |address: &&String| !self.parts.iter().any(|part| part.address == **address);
        late.extend(sighting.recipients.iter().filter(elsewhere).cloned());
        if !late.is_empty() {
            self.troubles.push(Trouble::IssuedLate {
                event: sighting.event.clone(),
                addresses: late,
            });
        }
        Ok(())
    }

    fn refused(&mut self, reason: &str) -> Result<(), Impossible> {
        self.order.sendings = self.order.sendings.saturating_sub(1);
        self.each(AwardState::Sending, AwardStep::Refused)?;
        if self.parts.iter().any(|part| part.status.state == AwardState::Refused) {
            self.end(OrderState::Refused);
            self.troubles.push(Trouble::Refused {
                reason: reason.to_owned(),
            });
        } else {
            self.end(OrderState::Withdrawn);
        }
        self.order.reason = Some(reason.to_owned());
        Ok(())
    }

    fn ready(&mut self, now: Timestamp) -> Result<(), Impossible> {
        self.each(AwardState::Sending, AwardStep::NotSent)?;
        if self.parts.iter().any(|part| part.status.state == AwardState::Queued) {
            self.end(OrderState::Ready);
            self.order.next_at = Some(now);
        } else {
            self.end(OrderState::Withdrawn);
        }
        Ok(())
    }

    fn unsure(&mut self, from: Timestamp, timing: &Timing) {
        self.end(OrderState::Unsure);
        self.order.look_from = Some(from);
        self.order.next_at = Some(timing.look(from, 0));
    }

    /// Leaves the present state: nothing of it remains, and nothing is due. Late looks go on whatever the state.
    fn end(&mut self, state: OrderState) {
        let order = &mut self.order;
        order.state = state;
        order.look = 0;
        order.look_from = None;
        order.next_at = None;
        order.send_until = None;
        order.lease_until = None;
        order.holder = None;
    }

    fn each(&mut self, from: AwardState, step: AwardStep) -> Result<(), Impossible> {
        for part in self.parts.iter_mut().filter(|part| part.status.state == from) {
            part.status.state = part.status.after(step)?;
        }
        Ok(())
    }

    fn expect(&self, state: OrderState, step: &str) -> Result<(), Impossible> {
        if self.order.state == state {
            Ok(())
        } else {
            Err(self.impossible(step))
        }
    }

    fn impossible(&self, step: &str) -> Impossible {
        Impossible {
            state: self.order.state.word(),
            step: step.to_owned(),
        }
    }
}
