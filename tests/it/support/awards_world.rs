//! A course with people, a Factory in memory and a worker that can be killed: what tests of awards start from.

use std::sync::Arc;
use std::time::Duration;

use badgebridge::awards::marker::Marker;
use badgebridge::awards::{Sender, SenderSettings, issue};
use badgebridge::clock::{Clock, SystemClock, Timestamp};
use badgebridge::crypto::random;
use badgebridge::jobs::kinds::{Evaluate, RuleRun};
use badgebridge::jobs::kinds::{MakeAwards, MatchSignals, Release, RevokeExtra};
use badgebridge::jobs::{Calm, Handler, JobSettings, Worker};
use badgebridge::model::order::Timing;
use badgebridge::model::request::{Content, Earlier, NewRequest, Person};
use badgebridge::model::{
    Address, CourseId, InstallationId, MemberId, Organisation, OrganisationId, PastedAddresses, RegistrationId,
    RequestId,
};
use badgebridge::store::award_views::{AwardLine, HistoryFilter, HistorySort};
use badgebridge::store::{Durability, Store, StoreError};
use sqlx::{AssertSqlSafe, ConnectOptions};

use super::database::Database;
use super::model_factory::{ModelFactory, OneFactory};
pub(crate) use super::seed::execute;
use super::seed::{literal, seed};
use super::world::assert_given_up;

/// The badge that all of them are about.
pub(crate) const BADGE: &str = "B1";

/// The world.
pub(crate) struct World {
    pub store: Store,
    pub organisation: OrganisationId,
    pub course: CourseId,
    /// The first is the teacher.
    pub members: Vec<MemberId>,
    pub factory: Arc<ModelFactory>,
    pub worker: Worker,
    pub timing: Timing,
    url: String,
    marker: Arc<Marker>,
    batch: usize,
}

impl World {
    /// A course with a teacher and these learners, by their addresses; none: without one.
    pub(crate) async fn new(database: &Database, learners: &[Option<&str>], timing: Timing, batch: usize) -> Self {
        let store = database.store().await;
        let now = store.now().await.unwrap();
        let organisation = OrganisationId::new(random::id_at(now));
        let new = Organisation {
            id: organisation,
            name: format!("Example College {organisation}"),
            pasted: PastedAddresses::Any,
            domains: Vec::new(),
        };
        let added: Result<bool, StoreError> = store
            .write(Durability::Full, async move |tx| tx.add_organisation(&new, now).await)
            .await;
        assert!(added.unwrap());
        let (registration, course) = (
            RegistrationId::new(random::id_at(now)),
            CourseId::new(random::id_at(now)),
        );
        let mut members = vec![MemberId::new(random::id_at(now))];
        members.extend(learners.iter().map(|_| MemberId::new(random::id_at(now))));
        let sql = seed(&database.url, organisation, registration, course, &members, learners);
        execute(&database.url, sql).await;
        let marker = Arc::new(Marker::new(
            InstallationId::new(random::id_at(now)),
            random::bytes::<32>().to_vec().into(),
        ));
        let factory = ModelFactory::new(store.clone());
        let worker = worker(&store, &factory, &marker, &timing, batch);
        Self {
            store,
            organisation,
            course,
            members,
            factory,
            worker,
            timing,
            url: database.url.clone(),
            marker,
            batch,
        }
    }

    /// Another worker of the same installation, beside the first.
    pub(crate) fn second_worker(&self) -> Worker {
        worker(&self.store, &self.factory, &self.marker, &self.timing, self.batch)
    }

    /// The worker dies; another process starts.
    pub(crate) fn restart(&mut self) {
        self.worker = worker(&self.store, &self.factory, &self.marker, &self.timing, self.batch);
    }

    /// A press of *Issue* for these learners (by place) and pasted addresses.
    pub(crate) async fn press(&self, form_key: &str, learners: &[usize], pasted: &[&str]) -> RequestId {
        let mut people = Vec::new();
        for at in learners {
            let (organisation, member) = (self.organisation, self.members[*at]);
            let address = self
                .store
                .read(async |tx| tx.member_address(organisation, member).await)
                .await
                .unwrap();
            people.push(self.person(Some(member), address).await);
        }
        for address in pasted {
            people.push(self.person(None, Some(Address::parse(address).unwrap())).await);
        }
        let now = self.store.now().await.unwrap();
        let new = NewRequest {
            id: RequestId::new(random::id_at(now)),
            organisation: self.organisation,
            course: Some(self.course),
            author: Some(self.members[0]),
            form_key: form_key.to_owned(),
            badge_id: BADGE.to_owned(),
            badge_name: "Lab Safety".to_owned(),
            name: "Lab Safety".to_owned(),
            content: Content::default(),
            people,
            created_at: now,
        };
        issue::place(&self.store, new).await.unwrap().id
    }

    async fn person(&self, member: Option<MemberId>, address: Option<Address>) -> Person {
        let mut person = Person {
            member: member.map(MemberId::uuid),
            address,
            name: "Ada Example".to_owned(),
            generation: 0,
            instead: None,
        };
        let (organisation, key) = (self.organisation, person.recipient().unwrap().key());
        let address = person.address.clone();
        let earlier = self
            .store
            .read(async |tx| tx.earlier_award(organisation, BADGE, &key, address.as_ref()).await)
            .await
            .unwrap();
        person.generation = Earlier::next_generation(earlier, false);
        person
    }

    /// The LMS tells a learner's address.
    pub(crate) async fn learn_address(&self, at: usize, address: &str) {
        let (organisation, member) = (self.organisation, self.members[at]);
        let id = literal(&self.url, member.uuid());
        execute(
            &self.url,
            format!("UPDATE member SET email = '{address}' WHERE id = {id}"),
        )
        .await;
        let queued: Result<bool, StoreError> = self
            .store
            .write(Durability::Launch, async move |tx| {
                let now = tx.now().await?;
                tx.enqueue_release(organisation, member, now).await
            })
            .await;
        queued.unwrap();
    }

    /// The member at this place as SQL writes an id.
    pub(crate) fn literal_of(&self, at: usize) -> String {
        literal(&self.url, self.members[at].uuid())
    }

    /// Changes rows as no page does.
    pub(crate) async fn sql(&self, statement: String) {
        execute(&self.url, statement).await;
    }

    /// Does what is due now; a kill starts the next process, and what it leaves waits for its lease.
    pub(crate) async fn drain(&mut self) {
        loop {
            let killed = {
                let work = self.worker.drain();
                tokio::pin!(work);
                tokio::select! {
                    biased;
                    () = self.factory.killed.notified() => true,
                    done = &mut work => {
                        done.unwrap();
                        false
                    }
                }
            };
            if !killed {
                return;
            }
            self.restart();
        }
    }

    /// Moves the clock to what is due next and does it; `false` if nothing is.
    pub(crate) async fn advance(&mut self) -> bool {
        let Some(next) = self.worker.next_due().await.unwrap() else {
            return false;
        };
        let now = self.store.now().await.unwrap();
        self.store.move_clock(next.since(now) + Duration::from_millis(1));
        self.drain().await;
        true
    }

    /// Goes on until nothing is due any more; no job may be left then.
    /// What makes award keys and markers.
    pub(crate) fn marker(&self) -> &Arc<Marker> {
        &self.marker
    }

    pub(crate) async fn settle(&mut self) {
        self.drain().await;
        for _ in 0..500 {
            if !self.advance().await {
                let keys = self.store.read(async |tx| tx.job_keys().await).await.unwrap();
                assert_given_up(&keys, &[]);
                return;
            }
        }
        panic!("there is no end to what is due");
    }

    /// All awards of the course, the oldest first.
    pub(crate) async fn awards(&self) -> Vec<AwardLine> {
        let (organisation, course) = (self.organisation, self.course);
        let filter = HistoryFilter::default();
        self.store
            .read(async |tx| {
                tx.course_history(organisation, course, &filter, HistorySort::OldestFirst, 1_000, 0)
                    .await
            })
            .await
            .unwrap()
    }

    /// The kinds of open problems.
    pub(crate) async fn problems(&self) -> Vec<String> {
        let organisation = self.organisation;
        let open = self
            .store
            .read(async |tx| tx.problems(organisation).await)
            .await
            .unwrap();
        open.into_iter().map(|problem| problem.kind).collect()
    }
}

fn worker(store: &Store, factory: &Arc<ModelFactory>, marker: &Arc<Marker>, timing: &Timing, batch: usize) -> Worker {
    let settings = SenderSettings {
        timing: timing.clone(),
        calls_per_second: 1_000_000,
        ..SenderSettings::default()
    };
    let holder = random::id_at(Timestamp::from_millis(0));
    let issuers = Arc::new(OneFactory(Arc::clone(factory)));
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let sender = Arc::new(Sender::new(
        store.clone(),
        issuers,
        Arc::clone(marker),
        Arc::clone(&clock),
        settings,
        holder,
    ));
    let handlers: Vec<Arc<dyn Handler>> = vec![
        Arc::new(MakeAwards {
            store: store.clone(),
            marker: Arc::clone(marker),
            batch,
        }),
        Arc::new(Evaluate {
            store: store.clone(),
            marker: Arc::clone(marker),
        }),
        Arc::new(RuleRun { store: store.clone() }),
        Arc::new(MatchSignals {
            store: store.clone(),
            clock,
            calm: Calm::default(),
        }),
        Arc::new(Release {
            store: store.clone(),
            marker: Arc::clone(marker),
        }),
        Arc::new(RevokeExtra {
            store: store.clone(),
            sender: Arc::clone(&sender),
        }),
    ];
    Worker::new(store.clone(), sender, handlers, JobSettings::default(), holder)
}

/// How many rows a table has.
pub(crate) async fn count(url: &str, table: &str) -> i64 {
    let sql = AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
    if url.starts_with("sqlite") {
        let options: sqlx::sqlite::SqliteConnectOptions = url.parse().unwrap();
        let mut conn = options.connect().await.unwrap();
        sqlx::query_scalar(sql).fetch_one(&mut conn).await.unwrap()
    } else {
        let options: sqlx::postgres::PgConnectOptions = url.parse().unwrap();
        let mut conn = options.connect().await.unwrap();
        sqlx::query_scalar(sql).fetch_one(&mut conn).await.unwrap()
    }
}
