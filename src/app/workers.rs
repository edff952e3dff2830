//! The worker of a process, with everything that it can run.

use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use super::adapters::{V1FormDesks, V1Issuers};
use super::build::Parts;
use crate::awards::answer::Pauses;
use crate::awards::applications::Applications;
use crate::awards::erase::Erasing;
use crate::awards::{Marker, Sender, SenderSettings};
use crate::catalog::editing::Editing;
use crate::catalog::keeper::Keepers;
use crate::catalog::searching::Searching;
use crate::crypto::random;
use crate::jobs::kinds::{
    AdvanceApplication, CarryOutEdit, Columns, Consent, Erase, Evaluate, FORGET, Forget, GradeSender, HOUSEKEEPING,
    Housekeeping, MakeAwards, MatchSignals, PLAN_PULLS, Paces, PlanPulls, Puller, ReadApplications, ReadCatalog,
    ReadHoldings, Release, RematchSignals, RevokeExtra, RosterReader, RuleRun, SearchEvents, SubscribeNotices,
};
use crate::jobs::{Handler, JobSettings, Repeat, Worker};
use crate::lti::nrps::Limits;
use crate::lti::service_token::ServiceTokens;
use crate::model::connection::Pace;
use crate::model::order::Timing;

/// The longest pause that a Factory may ask for.
const LONGEST_PAUSE: Duration = Duration::from_hours(1);

/// Errands under way at once for one organisation.
const IN_FLIGHT: usize = 8;

impl Parts {
    /// The worker of this process. It does nothing until it is served or drained.
    pub fn worker(&self) -> Worker {
        let holder = random::id_at(self.clock.now());
        let marker = Arc::new(self.marker());
        let issuers = Arc::new(V1Issuers::new(Arc::clone(&self.connections), self.config.settle.abort));
        let sender = Arc::new(Sender::new(
            self.store.clone(),
            issuers,
            Arc::clone(&marker),
            Arc::clone(&self.clock),
            self.sender_settings(),
            holder,
        ));
        Worker::new(
            self.store.clone(),
            Arc::clone(&sender),
            self.handlers(&marker, sender),
            self.job_settings(),
            holder,
        )
    }

    /// What erases people.
    pub fn erasing(&self) -> Erasing {
        Erasing {
            store: self.store.clone(),
            marker: Arc::new(self.marker()),
            timing: self.timing(),
        }
    }

    fn marker(&self) -> Marker {
        Marker::new(self.identity.id, Zeroizing::new(self.identity.marker_key.clone()))
    }

    fn handlers(&self, marker: &Arc<Marker>, sender: Arc<Sender>) -> Vec<Arc<dyn Handler>> {
        let store = self.store.clone();
        // one cache: an LMS is asked for a token once, whoever needs it
        let tokens = Arc::new(ServiceTokens::default());
        let roster = RosterReader::new(
            store.clone(),
            Arc::clone(&self.platforms),
            Arc::clone(&tokens),
            self.identity.signing.keys(),
            Arc::clone(&self.clock),
            Limits {
                page_size: self.config.roster.page_limit,
                pages: self.config.roster.max_pages,
            },
        );
        let grades = GradeSender::new(
            store.clone(),
            Arc::clone(&self.platforms),
            Arc::clone(&tokens),
            self.identity.signing.keys(),
            Arc::clone(&self.clock),
        );
        let notices = SubscribeNotices::new(
            store.clone(),
            Arc::clone(&self.platforms),
            Arc::clone(&tokens),
            self.identity.signing.keys(),
            Arc::clone(&self.clock),
        );
        let applications = self.applications(marker, &sender);
        let readers = Arc::clone(&self.connections);
        let matching = MatchSignals {
            store: store.clone(),
            clock: Arc::clone(&self.clock),
            calm: self.calm.clone(),
        };
        vec![
            Arc::new(Evaluate {
                store: store.clone(),
                marker: Arc::clone(marker),
            }),
            Arc::new(RuleRun { store: store.clone() }),
            Arc::new(grades),
            Arc::new(notices),
            Arc::new(self.puller(tokens)),
            Arc::new(Consent {
                connections: self.open_connections(),
            }),
            Arc::new(PlanPulls {
                store: store.clone(),
                every: self.config.pull.plan,
            }),
            Arc::new(MakeAwards {
                store: store.clone(),
                marker: Arc::clone(marker),
                batch: self.config.factory.batch,
            }),
            Arc::new(Release {
                store: store.clone(),
                marker: Arc::clone(marker),
            }),
            Arc::new(Erase {
                erasing: self.erasing(),
            }),
            Arc::new(AdvanceApplication {
                applications: Arc::clone(&applications),
            }),
            Arc::new(ReadApplications { applications }),
            Arc::new(ReadHoldings {
                store: store.clone(),
                readers: self.connections.clone(),
                sender: Arc::clone(&sender),
            }),
            Arc::new(self.carry_out_edits()),
            Arc::new(self.search_events()),
            Arc::new(RevokeExtra {
                store: store.clone(),
                sender,
            }),
            Arc::new(roster),
            Arc::new(matching.clone()),
            Arc::new(RematchSignals { matching }),
            Arc::new(ReadCatalog {
                store: store.clone(),
                readers,
                clock: Arc::clone(&self.clock),
                side: self.config.catalog.picture_px,
            }),
            Arc::new(Forget {
                store: store.clone(),
                attempts: self.config.retention.attempts,
                audit: self.config.retention.audit,
            }),
            Arc::new(Housekeeping {
                store,
                clock: Arc::clone(&self.clock),
                session_idle: self.config.session.idle,
                operator_idle: self.config.operator.idle,
                key_stay: self.config.keys.stay,
                signal_life: self.config.retention.signals,
            }),
        ]
    }

    fn carry_out_edits(&self) -> CarryOutEdit {
        CarryOutEdit {
            editing: Arc::new(Editing {
                store: self.store.clone(),
                keepers: self.keepers(),
                clock: Arc::clone(&self.clock),
                timing: self.timing(),
            }),
        }
    }

    fn search_events(&self) -> SearchEvents {
        SearchEvents {
            searching: Arc::new(Searching {
                store: self.store.clone(),
                keepers: self.keepers(),
                clock: Arc::clone(&self.clock),
            }),
        }
    }

    /// The Factories, for pages of administrators.
    pub(super) fn keepers(&self) -> Arc<dyn Keepers> {
        let keepers: Arc<dyn Keepers> = self.connections.clone();
        keepers
    }

    fn applications(&self, marker: &Arc<Marker>, sender: &Arc<Sender>) -> Arc<Applications> {
        let desks = V1FormDesks::new(Arc::clone(&self.connections), self.config.settle.abort);
        Arc::new(Applications {
            store: self.store.clone(),
            desks: Arc::new(desks),
            marker: Arc::clone(marker),
            sender: Arc::clone(sender),
            keyring: Arc::clone(&self.identity.keyring),
            clock: Arc::clone(&self.clock),
            timing: self.timing(),
        })
    }

    fn puller(&self, tokens: Arc<ServiceTokens>) -> Puller {
        let columns = Columns::new(
            self.store.clone(),
            Arc::clone(&self.platforms),
            tokens,
            self.identity.signing.keys(),
            Arc::clone(&self.clock),
        );
        Puller::new(
            self.store.clone(),
            Arc::clone(&self.clock),
            self.open_connections(),
            columns,
            &self.paces(),
        )
    }

    fn paces(&self) -> Paces {
        let pull = &self.config.pull;
        let pace = |every| Pace {
            every,
            idle_most: pull.idle,
            full: pull.full,
            late: pull.late,
            failed: pull.failed,
            failed_most: pull.failed_max,
            hint: pull.hint,
        };
        Paces {
            canvas: pace(pull.canvas),
            brightspace: pace(pull.brightspace),
            moodle: pace(pull.moodle),
            column: pace(pull.column),
        }
    }

    /// The times of sending and settling, from the settings.
    pub fn timing(&self) -> Timing {
        let settle = &self.config.settle;
        Timing {
            looks: settle.looks.clone(),
            late_looks: settle.second_looks.clone(),
            send_window: settle.send_window,
            abort: settle.abort,
            lease: settle.lease,
            away: settle.away.clone(),
            probe: settle.probe,
            again: settle.again,
        }
    }

    fn sender_settings(&self) -> SenderSettings {
        let factory = &self.config.factory;
        SenderSettings {
            timing: self.timing(),
            calls_per_second: factory.calls_per_second,
            read_share_percent: factory.read_share_percent,
            in_flight: IN_FLIGHT,
            pauses: Pauses {
                least: Duration::from_secs(1),
                most: LONGEST_PAUSE,
            },
        }
    }

    fn job_settings(&self) -> JobSettings {
        let jobs = &self.config.jobs;
        JobSettings {
            retry: jobs.retry.clone(),
            retry_after_max: jobs.retry_after_max,
            lease: jobs.lease,
            poll: jobs.poll,
            concurrency: jobs.concurrency,
            stop_wait: jobs.stop_wait,
            repeats: vec![
                Repeat {
                    kind: FORGET,
                    first: Duration::from_mins(5),
                },
                Repeat {
                    kind: PLAN_PULLS,
                    first: Duration::from_secs(5),
                },
                Repeat {
                    kind: HOUSEKEEPING,
                    first: Duration::from_secs(30),
                },
            ],
            calm: self.calm.clone(),
        }
    }
}
