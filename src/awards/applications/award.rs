//! The award that an approval makes: the Factory issued the badge when it took the decision, so the award is stored as
//! issued, with its event. It exists at most once, by its cause (promise P2).

use crate::awards::applications::ports::{FormDesk, SeenEvent};
use crate::awards::marker::Match;
use crate::awards::pace::Pace;
use crate::awards::ports::CallError;
use crate::clock::Timestamp;
use crate::crypto::random;
use crate::model::application::Application;
use crate::model::request::Recipient;
use crate::model::{AwardId, OrderId};
use crate::store::award::NewAward;
use crate::store::order::NewOrder;
use crate::store::{Durability, StoreError, Tx};

use super::{Applications, Went};

/// For whom an application's award is.
pub(super) fn recipient(application: &Application) -> Recipient {
    match application.member {
        Some(member) => Recipient::Member(member),
        None => Recipient::Address(application.address.clone()),
    }
}

impl Applications {
    /// Finds the event of an approved application and stores the award; looks again later where there is none yet.
    pub(super) async fn award(
        &self,
        desk: &dyn FormDesk,
        pace: &Pace,
        before: Application,
    ) -> Result<Went, StoreError> {
        let mut event = before.event.clone();
        if event.is_none() {
            pace.call().await;
            match self.event_of(desk, pace, &before).await {
                Ok(found) => event = found,
                Err(error) => return Ok(Went::Wait(self.pause_of(&error))),
            }
        }
        let key = self.award_key(&before);
        let (Some(event), Some(key)) = (event, key) else {
            let mut after = before;
            after.look = after.look.saturating_add(1);
            self.save(after).await?;
            return Ok(Went::On);
        };
        self.store
            .write(Durability::Full, async move |tx| {
                let now = tx.now().await?;
                keep(tx, before, event, key, now).await
            })
            .await?;
        Ok(Went::On)
    }

    /// The event that came of an application: the Factory says so, or it carries our marker.
    async fn event_of(
        &self,
        desk: &dyn FormDesk,
        pace: &Pace,
        application: &Application,
    ) -> Result<Option<String>, CallError> {
        let is_ours = |seen: &SeenEvent| {
            let of_it = seen.application.is_some() && seen.application == application.factory_id;
            let marked = application
                .order
                .is_some_and(|order| self.marker.check(seen.log_entry.as_ref(), order) == Match::Ours);
            of_it || marked
        };
        for listed in desk.events(&application.badge_id, application.address.as_str()).await? {
            if is_ours(&listed) {
                return Ok(Some(listed.event));
            }
            if listed.application.is_none() {
                pace.call().await;
                if desk.event(&listed.event).await.is_ok_and(|whole| is_ours(&whole)) {
                    return Ok(Some(listed.event));
                }
            }
        }
        Ok(None)
    }
}

async fn keep(
    tx: &mut Tx<'_>,
    before: Application,
    event: String,
    key: [u8; 32],
    now: Timestamp,
) -> Result<(), StoreError> {
    let order = before.order.unwrap_or_else(|| OrderId::new(random::id_at(now)));
    let new = NewAward {
        id: AwardId::new(random::id_at(now)),
        organisation: before.organisation,
        badge_id: before.badge_id.clone(),
        badge_name: before.badge_name.clone(),
        cause: before.cause().unwrap_or_default(),
        recipient: recipient(&before).key(),
        address: Some(before.address.clone()),
        // an application is a cause of its own: it was never made before
        tombstone: None,
        period: "-".to_owned(),
        generation: 0,
        key,
        member: before.member,
        course: before.course,
        request: None,
        order,
        name: before.name.clone(),
    };
    tx.add_order(
        &NewOrder {
            id: order,
            organisation: before.organisation,
            request: None,
            badge_id: before.badge_id.clone(),
            content: Some(before.content.clone().unwrap_or_default()),
        },
        now,
    )
    .await?;
    let award = if tx.add_award(&new, now).await? {
        tx.add_order_award(before.organisation, order, new.id, 0).await?;
        tx.issue_at_once(before.organisation, order, new.id, &event, now)
            .await?;
        Some(new.id)
    } else {
        tx.drop_order(before.organisation, order).await?;
        tx.same_award(&new).await?.map(|known| known.id)
    };
    let mut after = before;
    (after.award, after.event, after.order) = (award, Some(event), Some(order));
    tx.save_application(&after, now).await?;
    Ok(())
}
