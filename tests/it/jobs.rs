//! The job engine on both databases: once per key, dirty while it runs, leases, the schedule, giving up.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use badgebridge::clock::Timestamp;
use badgebridge::crypto::random;
use badgebridge::jobs::kinds::{FORGET, Forget};
use badgebridge::jobs::{Handler, Job, JobSettings, NewJob, Repeat, Verdict, Worker};
use badgebridge::model::OrganisationId;
use badgebridge::model::order::Timing;
use badgebridge::store::audit::AuditEntry;
use badgebridge::store::job::JobEnd;
use badgebridge::store::{Durability, Store, StoreError};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::json;

use crate::support::awards_world::World;
use crate::support::database::{Database, on_both_databases};

/// Answers what it is told and remembers when it ran; may queue itself while it runs.
#[derive(Debug, Default)]
struct Told {
    verdicts: Mutex<VecDeque<Verdict>>,
    runs: Mutex<u32>,
    queues_itself: Mutex<Option<(Store, OrganisationId)>>,
}

impl Handler for Told {
    fn kind(&self) -> &'static str {
        "told"
    }

    fn run<'a>(&'a self, _job: &'a Job) -> BoxFuture<'a, Verdict> {
        async move {
            *self.runs.lock().unwrap() += 1;
            let once = self.queues_itself.lock().unwrap().take();
            if let Some((store, organisation)) = once {
                queue(&store, organisation).await;
            }
            self.verdicts.lock().unwrap().pop_front().unwrap_or(Verdict::Done)
        }
        .boxed()
    }
}

impl Told {
    fn runs(&self) -> u32 {
        *self.runs.lock().unwrap()
    }
}

async fn queue(store: &Store, organisation: OrganisationId) {
    let queued: Result<(), StoreError> = store
        .write(Durability::Full, async move |tx| {
            let now = tx.now().await?;
            tx.enqueue(&told(organisation, now), now).await
        })
        .await;
    queued.unwrap();
}

fn told(organisation: OrganisationId, due_at: Timestamp) -> NewJob {
    NewJob {
        organisation: Some(organisation),
        kind: "told",
        dedup_key: "told:1".to_owned(),
        payload: json!({ "one": 1 }),
        due_at,
    }
}

/// Queues the job as pages do that want something read anew; `false` if there was one.
async fn queue_once(store: &Store, organisation: OrganisationId) -> bool {
    let queued: Result<bool, StoreError> = store
        .write(Durability::Full, async move |tx| {
            let now = tx.now().await?;
            tx.enqueue_once(&told(organisation, now), now).await
        })
        .await;
    queued.unwrap()
}

/// What `doctor` is told about given-up work, by kind.
async fn given_up(store: &Store, organisation: OrganisationId) -> Vec<(String, i64)> {
    let read = store.read(async |tx| tx.given_up_jobs(organisation).await);
    read.await.unwrap()
}

struct Bench {
    world: World,
    told: Arc<Told>,
    worker: Worker,
}

impl Bench {
    async fn new(database: &Database) -> Self {
        let world = World::new(database, &[], Timing::default(), 50).await;
        let told = Arc::new(Told::default());
        let settings = JobSettings {
            retry: vec![Duration::from_secs(10), Duration::from_mins(1)],
            repeats: vec![Repeat {
                kind: "told",
                first: Duration::from_secs(5),
            }],
            ..JobSettings::default()
        };
        let holder = random::id_at(1_i64);
        let handlers: Vec<Arc<dyn Handler>> = vec![told.clone()];
        let sender = Arc::clone(world.worker.sender());
        let worker = Worker::new(world.store.clone(), sender, handlers, settings, holder);
        Self { world, told, worker }
    }

    async fn keys(&self) -> Vec<String> {
        self.world.store.read(async |tx| tx.job_keys().await).await.unwrap()
    }
}

on_both_databases! {
    async fn the_same_key_is_the_same_job(database: Database) {
        let bench = Bench::new(&database).await;
        queue(&bench.world.store, bench.world.organisation).await;
        queue(&bench.world.store, bench.world.organisation).await;
        bench.worker.drain().await.unwrap();
        assert_eq!(bench.told.runs(), 1);
        assert!(bench.keys().await.is_empty());
    }

    async fn news_while_a_job_runs_makes_it_run_once_more(database: Database) {
        let bench = Bench::new(&database).await;
        *bench.told.queues_itself.lock().unwrap() = Some((bench.world.store.clone(), bench.world.organisation));
        queue(&bench.world.store, bench.world.organisation).await;
        bench.worker.drain().await.unwrap();
        assert_eq!(bench.told.runs(), 2);
        assert!(bench.keys().await.is_empty());
    }

    async fn a_failing_job_follows_its_schedule_and_ends_as_a_problem(database: Database) {
        let bench = Bench::new(&database).await;
        let fails = || Verdict::Retry { after: None, reason: "away".to_owned() };
        bench.told.verdicts.lock().unwrap().extend([fails(), fails(), fails()]);
        queue(&bench.world.store, bench.world.organisation).await;
        bench.worker.drain().await.unwrap();
        assert_eq!(bench.told.runs(), 1, "not before its time");
        bench.world.store.move_clock(Duration::from_secs(11));
        bench.worker.drain().await.unwrap();
        assert_eq!(bench.told.runs(), 2);
        bench.world.store.move_clock(Duration::from_secs(61));
        bench.worker.drain().await.unwrap();
        assert_eq!(bench.told.runs(), 3);
        assert_eq!(bench.world.problems().await, ["job-failed"]);
        assert_eq!(bench.keys().await, ["told:1"], "it stays to be seen");
        assert_eq!(bench.worker.next_due().await.unwrap(), None);
        queue(&bench.world.store, bench.world.organisation).await;
        bench.worker.drain().await.unwrap();
        assert_eq!(bench.told.runs(), 4);
        assert!(bench.world.problems().await.is_empty(), "a success clears it");
    }

    async fn reading_anew_is_tried_again_after_it_was_given_up_but_not_at_once(database: Database) {
        let bench = Bench::new(&database).await;
        let give_up = Verdict::GiveUp { reason: "gone".to_owned() };
        bench.told.verdicts.lock().unwrap().push_back(give_up);
        let (store, organisation) = (&bench.world.store, bench.world.organisation);
        assert!(queue_once(store, organisation).await);
        assert!(!queue_once(store, organisation).await, "it waits already");
        bench.worker.drain().await.unwrap();
        assert_eq!((bench.told.runs(), bench.keys().await.len()), (1, 1));
        assert_eq!(given_up(store, organisation).await, [("told".to_owned(), 1)]);
        // a page that is opened again and again does not ask again and again
        assert!(!queue_once(store, organisation).await);
        store.move_clock(Duration::from_mins(14));
        assert!(!queue_once(store, organisation).await);
        bench.worker.drain().await.unwrap();
        assert_eq!(bench.told.runs(), 1);
        store.move_clock(Duration::from_mins(2));
        assert!(queue_once(store, organisation).await);
        bench.worker.drain().await.unwrap();
        assert_eq!(bench.told.runs(), 2);
        assert!(bench.keys().await.is_empty() && bench.world.problems().await.is_empty());
    }

    async fn a_job_whose_worker_died_is_taken_by_another(database: Database) {
        let bench = Bench::new(&database).await;
        let store = &bench.world.store;
        queue(store, bench.world.organisation).await;
        let dead = random::id_at(2_i64);
        let job = store
            .write(Durability::Full, async move |tx| {
                let now = tx.now().await?;
                tx.claim_job(dead, now, now.plus(Duration::from_secs(30))).await
            })
            .await
            .unwrap()
            .unwrap();
        bench.worker.drain().await.unwrap();
        assert_eq!(bench.told.runs(), 0, "its lease holds");
        store.move_clock(Duration::from_secs(31));
        bench.worker.drain().await.unwrap();
        assert_eq!(bench.told.runs(), 1);
        let late: Result<bool, StoreError> = store
            .write(Durability::Full, async move |tx| {
                let now = tx.now().await?;
                tx.settle_job(&job, dead, JobEnd::Retry(now), now).await
            })
            .await;
        assert!(!late.unwrap(), "who lost the lease settles nothing");
    }

    async fn what_repeats_is_planned_once_and_repeats(database: Database) {
        let bench = Bench::new(&database).await;
        bench.told.verdicts.lock().unwrap().push_back(Verdict::Again { after: Duration::from_hours(1) });
        bench.worker.plan_repeats().await;
        bench.worker.plan_repeats().await;
        assert_eq!(bench.keys().await, ["told"]);
        bench.world.store.move_clock(Duration::from_secs(6));
        bench.worker.drain().await.unwrap();
        assert_eq!(bench.told.runs(), 1);
        let next = bench.worker.next_due().await.unwrap().unwrap();
        assert!(next.since(bench.world.store.now().await.unwrap()) > Duration::from_mins(59));
    }

    async fn the_audit_log_is_kept_as_long_as_the_settings_say(database: Database) {
        let world = World::new(&database, &[], Timing::default(), 50).await;
        let (organisation, store) = (world.organisation, world.store.clone());
        let year = Duration::from_hours(365 * 24);
        let noted: Result<(), StoreError> = store.write(Durability::Full, async move |tx| {
            let now = tx.now().await?;
            for (at, subject) in [(now.minus(year), "old"), (now.minus(year / 2), "young")] {
                let entry = AuditEntry {
                    organisation: Some(organisation),
                    actor: "somebody".to_owned(),
                    action: "test.deed",
                    subject: subject.to_owned(),
                    detail: json!({}),
                };
                tx.add_audit(&entry, at).await?;
            }
            tx.enqueue(&NewJob {
                organisation: None,
                kind: FORGET,
                dedup_key: FORGET.to_owned(),
                payload: json!(null),
                due_at: now,
            }, now).await
        }).await;
        noted.unwrap();
        let days = |days: u64| Duration::from_hours(days * 24);
        let forget = Forget { store: store.clone(), attempts: days(180), audit: days(300) };
        let sender = Arc::clone(world.worker.sender());
        let worker = Worker::new(store.clone(), sender, vec![Arc::new(forget)], JobSettings::default(), random::id_at(1_i64));
        worker.drain().await.unwrap();
        // what is left is only forgotten with a later date
        let left = async |before: Duration| {
            store.write(Durability::Full, async move |tx| {
                let now = tx.now().await?;
                tx.forget_audit(now.minus(before)).await
            }).await.unwrap_or_else(|error: StoreError| panic!("{error}"))
        };
        assert_eq!(left(days(300)).await, 0, "the old one is gone");
        assert_eq!(left(days(100)).await, 1, "the young one was kept");
    }

    async fn a_serving_worker_stops_when_it_is_told(database: Database) {
        let bench = Bench::new(&database).await;
        queue(&bench.world.store, bench.world.organisation).await;
        let serving = bench.worker.clone();
        let task = tokio::spawn(async move { serving.serve().await });
        while bench.told.runs() == 0 {
            tokio::task::yield_now().await;
        }
        bench.worker.stop();
        task.await.unwrap();
    }
}
