//! Issuing in the world, and what became of it.

use badgebridge::awards::issue;
use badgebridge::crypto::random;
use badgebridge::model::award::{AwardState, Intent};
use badgebridge::model::order::{Order, OrderState, Timing};
use badgebridge::model::request::{Content, Earlier, NewRequest, Person};
use badgebridge::model::{Address, AwardId, MemberId, OrderId, OrganisationId, RequestId};
use badgebridge::store::award_views::AwardLine;
use badgebridge::store::problem::Problem;
use badgebridge::store::queue::Queue;

use super::boxed;
use super::world::{Tab, World};

impl World {
    /// Presses *Issue* for these addresses, in the tab's course and name. Nothing is sent before the jobs are drained.
    pub(crate) async fn issue(&self, tab: &Tab, badge: &str, addresses: &[&str]) -> RequestId {
        boxed(async move {
            let mut people = Vec::new();
            for address in addresses {
                people.push(self.chosen(badge, None, Some(address)).await);
            }
            self.press(tab, badge, people).await
        })
        .await
    }

    /// Presses *Issue* for members.
    pub(crate) async fn issue_to_members(&self, tab: &Tab, badge: &str, members: &[MemberId]) -> RequestId {
        boxed(async move {
            let mut people = Vec::new();
            for member in members {
                let (organisation, member) = (self.organisation, *member);
                let address = self
                    .parts
                    .store
                    .read(async |tx| tx.member_address(organisation, member).await)
                    .await
                    .unwrap();
                let address = address.map(String::from);
                people.push(self.chosen(badge, Some(member), address.as_deref()).await);
            }
            self.press(tab, badge, people).await
        })
        .await
    }

    async fn press(&self, tab: &Tab, badge: &str, people: Vec<Person>) -> RequestId {
        boxed(async move {
            let new = NewRequest {
                id: RequestId::new(random::id_at(self.now())),
                organisation: tab.seat.organisation,
                course: tab.seat.course,
                author: tab.seat.member,
                form_key: random::token(),
                badge_id: badge.to_owned(),
                badge_name: badge.to_owned(),
                name: badge.to_owned(),
                content: Content::default(),
                people,
                created_at: self.now(),
            };
            issue::place(&self.parts.store, new).await.unwrap().id
        })
        .await
    }

    /// A person as the people step chooses them: with the generation that their earlier awards leave.
    async fn chosen(&self, badge: &str, member: Option<MemberId>, address: Option<&str>) -> Person {
        boxed(async move {
            let mut person = Person {
                member: member.map(MemberId::uuid),
                address: address.map(|text| Address::parse(text).unwrap()),
                name: String::new(),
                generation: 0,
                instead: None,
            };
            let (organisation, key) = (self.organisation, person.recipient().unwrap().key());
            let address = person.address.clone();
            let earlier = self
                .parts
                .store
                .read(async |tx| tx.earlier_award(organisation, badge, &key, address.as_ref()).await)
                .await
                .unwrap();
            person.generation = Earlier::next_generation(earlier, false);
            person
        })
        .await
    }

    /// A person asks to take an award back; its state, if the organisation has it.
    pub(crate) async fn stop(
        &self,
        organisation: OrganisationId,
        award: AwardId,
        intent: Intent,
    ) -> Option<AwardState> {
        boxed(async move {
            let stopped = issue::stop(&self.parts.store, organisation, award, intent, None, None).await;
            stopped.unwrap()
        })
        .await
    }

    /// A person asks to try an order again.
    pub(crate) async fn retry(&self, order: OrderId) -> OrderState {
        boxed(async move {
            let timing = Timing::default();
            let retried = issue::retry(&self.parts.store, self.organisation, order, &timing).await;
            retried.unwrap().expect("the order is there")
        })
        .await
    }

    /// The awards of a request, by address.
    pub(crate) async fn awards(&self, request: RequestId) -> Vec<AwardLine> {
        self.awards_of(self.organisation, request).await
    }

    /// The same in another organisation.
    pub(crate) async fn awards_of(&self, organisation: OrganisationId, request: RequestId) -> Vec<AwardLine> {
        boxed(async move {
            let mut lines = self
                .parts
                .store
                .read(async |tx| tx.request_lines(organisation, request, 1000, 0).await)
                .await
                .unwrap();
            lines.sort_by(|one, other| one.address.cmp(&other.address));
            lines
        })
        .await
    }

    /// The only award of a request.
    pub(crate) async fn award(&self, request: RequestId) -> AwardLine {
        let mut lines = self.awards(request).await;
        assert_eq!(lines.len(), 1, "{lines:?}");
        lines.remove(0)
    }

    /// The words that pages show for a request's awards.
    pub(crate) async fn faces(&self, request: RequestId) -> Vec<String> {
        self.awards(request)
            .await
            .iter()
            .map(|line| line.face.word().to_owned())
            .collect()
    }

    /// The orders of a request, each once.
    pub(crate) async fn orders(&self, request: RequestId) -> Vec<Order> {
        boxed(async move {
            let mut ids: Vec<_> = self
                .awards(request)
                .await
                .iter()
                .filter_map(|line| line.order)
                .collect();
            ids.sort_by_key(|id| id.uuid());
            ids.dedup();
            let mut orders = Vec::new();
            for id in ids {
                let organisation = self.organisation;
                let found = self
                    .parts
                    .store
                    .read(async |tx| tx.dispatch(organisation, id).await)
                    .await;
                orders.push(found.unwrap().unwrap().order);
            }
            orders
        })
        .await
    }

    /// The state of a request's only order.
    pub(crate) async fn order_state(&self, request: RequestId) -> OrderState {
        let orders = self.orders(request).await;
        assert_eq!(orders.len(), 1, "{orders:?}");
        orders[0].state
    }

    /// How the organisation's queue stands.
    pub(crate) async fn queue(&self) -> Queue {
        boxed(async move {
            let organisation = self.organisation;
            self.parts
                .store
                .read_one(async |tx| tx.queue(organisation).await)
                .await
                .unwrap()
        })
        .await
    }

    /// The problems that stand.
    pub(crate) async fn problems(&self) -> Vec<Problem> {
        boxed(async move {
            let organisation = self.organisation;
            self.parts
                .store
                .read_one(async |tx| tx.problems(organisation).await)
                .await
                .unwrap()
        })
        .await
    }

    /// Their kinds.
    pub(crate) async fn problem_kinds(&self) -> Vec<String> {
        self.problems().await.into_iter().map(|problem| problem.kind).collect()
    }

    /// How often a person holds a badge at the Factory.
    pub(crate) fn times_held(&self, address: &str, badge: &str) -> u32 {
        let counts = self.factory.count_per_person();
        counts
            .get(&(address.to_owned(), badge.to_owned()))
            .copied()
            .unwrap_or(0)
    }
}
