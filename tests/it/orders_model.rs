//! Random lives of an order, decided by the pure functions alone: 10,000 of them, under every intent, against a list of
//! events. What is stored or sent is not tried here, only what may follow what.

use std::time::Duration;

use badgebridge::clock::Timestamp;
use badgebridge::model::award::{AwardState, AwardStatus, AwardStep, Impossible, Intent};
use badgebridge::model::dispatch::{Dispatch, Meaning, Part, Sighting, Trouble};
use badgebridge::model::order::{Order, OrderState, Timing};
use badgebridge::model::{AwardId, OrderId};
use proptest::prelude::*;
use proptest::strategy::ValueTree;

use crate::support::cases::properties;
use uuid::Uuid;

#[derive(Debug)]
struct Event {
    order: OrderId,
    id: String,
    recipients: Vec<String>,
    shown_at: Timestamp,
}

/// One order, and those that its awards are moved to.
#[derive(Debug)]
struct Life {
    now: Timestamp,
    timing: Timing,
    dispatches: Vec<Dispatch>,
    events: Vec<Event>,
    troubles: Vec<Trouble>,
    choices: std::vec::IntoIter<u8>,
    calm: bool,
    is_blind: bool,
}

impl Life {
    fn new(parts: u8, choices: Vec<u8>, timing: Timing) -> Self {
        let parts = (0..parts).map(|at| Part {
            award: AwardId::new(Uuid::from_u128(u128::from(at))),
            address: format!("person{at}@example.org"),
            status: AwardStatus {
                state: AwardState::Queued,
                intent: None,
            },
            event: None,
            single: false,
        });
        let now = Timestamp::from_seconds(1_000_000);
        let order = Order::new(OrderId::new(Uuid::from_u128(1_000)), now);
        Self {
            now,
            timing,
            dispatches: vec![Dispatch::new(order, parts.collect())],
            events: Vec::new(),
            troubles: Vec::new(),
            choices: choices.into_iter(),
            calm: false,
            is_blind: false,
        }
    }

    /// The next choice; 0, which is always harmless, when all is calm.
    fn choice(&mut self) -> u8 {
        if self.calm {
            return 0;
        }
        self.choices.next().unwrap_or(0)
    }

    /// Lives until the choices are used up, then calmly until nothing is due.
    fn live(&mut self) -> Result<(), Impossible> {
        while self.choices.len() > 0 {
            for at in 0..self.dispatches.len() {
                self.person(at);
                self.worker(at)?;
            }
            let step = u64::from(self.choice()) * 7;
            self.now = self.now.plus(Duration::from_secs(step));
        }
        self.calm = true;
        for _ in 0..200 {
            let due = |dispatch: &Dispatch| [dispatch.order.next_at, dispatch.order.late_at];
            let Some(next) = self.dispatches.iter().flat_map(due).flatten().min() else {
                return Ok(());
            };
            self.now = self.now.max(next);
            for at in 0..self.dispatches.len() {
                self.worker(at)?;
            }
        }
        panic!("there is no end to what is due: {self:#?}");
    }

    /// A person does something, or something that is refused.
    fn person(&mut self, at: usize) {
        let before = self.dispatches[at].clone();
        let choice = self.choice();
        let after = match choice {
            200..=229 => {
                let part = usize::from(choice) % before.parts.len().max(1);
                let Some(part) = before.parts.get(part) else { return };
                let intent = if choice.is_multiple_of(2) {
                    Intent::Revoke
                } else {
                    Intent::Withdraw
                };
                let too_late = intent == Intent::Withdraw && part.status.state == AwardState::Issued;
                let after = before.clone().stop(part.award, intent);
                assert_eq!(after.is_err(), too_late, "{part:?}");
                after.ok()
            }
            230..=244 => before.clone().retried(self.now, &self.timing).ok(),
            245..=249 => before.clone().given_up().ok(),
            _ => None,
        };
        if let Some(after) = after {
            self.keep(at, after);
        }
    }

    fn worker(&mut self, at: usize) -> Result<(), Impossible> {
        let dispatch = self.dispatches[at].clone();
        let is_due = |due: Option<Timestamp>| due.is_some_and(|due| due <= self.now);
        let (next, late) = (is_due(dispatch.order.next_at), is_due(dispatch.order.late_at));
        if late {
            let found = self.visible(dispatch.order.id);
            let after = dispatch.looked_late(found, self.now, &self.timing)?;
            self.keep(at, after);
            return Ok(());
        }
        if !next {
            return Ok(());
        }
        let after = match dispatch.order.state {
            OrderState::Ready => {
                let claimed = dispatch.claim(Uuid::from_u128(9), self.now, &self.timing)?;
                if claimed.order.state == OrderState::Sending {
                    self.send(claimed)?
                } else {
                    claimed
                }
            }
            OrderState::Sending => dispatch.lease_ended(&self.timing)?,
            OrderState::Unsure => {
                let found = self.visible(dispatch.order.id);
                dispatch.looked(found, self.now, &self.timing)?
            }
            OrderState::Issued => {
                let event = self
                    .events
                    .iter()
                    .find(|event| Some(&event.id) == dispatch.order.event.as_ref());
                let recipients = event.map(|event| event.recipients.clone()).unwrap_or_default();
                dispatch.event_read(&recipients, self.now, &self.timing)?
            }
            state => panic!("nothing can be due in {state}"),
        };
        self.keep(at, after);
        Ok(())
    }

    fn send(&mut self, claimed: Dispatch) -> Result<Dispatch, Impossible> {
        let reason = || "why".to_owned();
        let unsure = Meaning::Unsure { look_after: None };
        let (choice, shown) = (self.choice(), u64::from(self.choice()) * 3_500);
        let meaning = match choice % 10 {
            // Carried out, answered or not; or the worker dies.
            0..=1 => {
                let event = self.carry_out(&claimed, 0, false);
                Some(Meaning::Issued { event })
            }
            2 => {
                self.carry_out(&claimed, shown, false);
                Some(unsure)
            }
            3 => {
                self.carry_out(&claimed, shown, false);
                None
            }
            4 => Some(Meaning::Issued {
                event: self.carry_out(&claimed, 0, true),
            }),
            5 => Some(unsure),
            6 => None,
            7 => Some(Meaning::Refused { reason: reason() }),
            8 => Some(Meaning::Split { reason: reason() }),
            _ => Some(Meaning::NotSent { reason: reason() }),
        };
        match meaning {
            Some(meaning) => claimed.answered(&meaning, self.now, &self.timing),
            None => Ok(claimed),
        }
    }

    fn carry_out(&mut self, claimed: &Dispatch, shown_ms: u64, leaves_one_out: bool) -> String {
        let mut recipients: Vec<String> = claimed.recipients().map(|part| part.address.clone()).collect();
        if leaves_one_out && recipients.len() > 1 {
            recipients.pop();
        }
        let id = format!("E{}", self.events.len());
        self.events.push(Event {
            order: claimed.order.id,
            id: id.clone(),
            recipients,
            shown_at: self.now.plus(Duration::from_millis(shown_ms)),
        });
        id
    }

    fn visible(&self, order: OrderId) -> Vec<Sighting> {
        if self.is_blind {
            return Vec::new();
        }
        let seen = self
            .events
            .iter()
            .filter(|event| event.order == order && event.shown_at <= self.now);
        seen.map(|event| Sighting {
            event: event.id.clone(),
            recipients: event.recipients.clone(),
            at: None,
        })
        .collect()
    }

    /// What the store does with a decision.
    fn keep(&mut self, at: usize, mut after: Dispatch) {
        self.troubles.append(&mut after.troubles);
        let (singles, rest): (Vec<Part>, Vec<Part>) = after.parts.into_iter().partition(|part| part.single);
        after.parts = rest;
        after.order.version += 1;
        self.dispatches[at] = after;
        for part in singles {
            let id = OrderId::new(Uuid::from_u128(2_000 + u128::try_from(self.dispatches.len()).unwrap()));
            let part = Part { single: false, ..part };
            self.dispatches
                .push(Dispatch::new(Order::new(id, self.now), vec![part]));
        }
    }

    /// What is wrong in the end.
    fn wrong(&mut self) -> Option<String> {
        for part in self.dispatches.iter_mut().flat_map(|dispatch| &mut dispatch.parts) {
            if part.status.state == AwardState::Revoking {
                let event = self
                    .events
                    .iter_mut()
                    .find(|event| Some(&event.id) == part.event.as_ref())
                    .unwrap();
                event.recipients.retain(|address| *address != part.address);
                part.status.state = part.status.after(AwardStep::Revoked).unwrap();
            }
        }
        for dispatch in &self.dispatches {
            for part in &dispatch.parts {
                let holds = self
                    .events
                    .iter()
                    .filter(|event| event.recipients.contains(&part.address))
                    .count();
                let owed = match part.status.state {
                    AwardState::Issued if part.status.intent.is_some() => return Some(format!("forgotten: {part:?}")),
                    AwardState::Issued => 1,
                    AwardState::Revoked | AwardState::Refused | AwardState::Withdrawn => 0,
                    AwardState::Sending if dispatch.order.state == OrderState::Parked => 0,
                    state => return Some(format!("left {state}")),
                };
                if holds != owed {
                    return Some(format!("{} holds {holds}, is owed {owed}", part.address));
                }
            }
        }
        let alarm = self
            .troubles
            .iter()
            .find(|trouble| matches!(trouble, Trouble::IssuedTwice { .. } | Trouble::IssuedLate { .. }));
        alarm.map(|trouble| format!("false alarm: {trouble:?}"))
    }
}

fn outcome(parts: u8, choices: Vec<u8>, timing: Timing) -> Option<String> {
    let mut life = Life::new(parts, choices, timing);
    if let Err(impossible) = life.live() {
        return Some(format!("{impossible}: {life:#?}"));
    }
    life.wrong().map(|wrong| format!("{wrong}: {life:#?}"))
}

properties! {
    #[test]
    fn every_life_of_an_order_ends_with_what_its_awards_say(
        parts in 1_u8..5,
        choices in prop::collection::vec(any::<u8>(), 0..120),
    ) {
        prop_assert_eq!(outcome(parts, choices, Timing::default()), None);
    }
}

#[test]
fn with_looks_that_see_nothing_the_same_lives_end_with_duplicates() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let lives = (1_u8..5, prop::collection::vec(any::<u8>(), 0..120));
    let duplicates = (0..500).filter(|_| {
        let (parts, choices) = lives.new_tree(&mut runner).unwrap().current();
        let mut life = Life {
            is_blind: true,
            ..Life::new(parts, choices, Timing::default())
        };
        life.live().is_ok() && life.wrong().is_some_and(|wrong| wrong.contains("is owed"))
    });
    assert!(duplicates.count() > 50, "the test above would not notice a duplicate");
}
