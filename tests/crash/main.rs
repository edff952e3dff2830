//! Kills the real program while orders run against a Factory that misbehaves, and then counts, in the simulated Factory's
//! own store, what each person got: each badge exactly once (promise P3). On PostgreSQL two processes share the work:
//! a kill between the receipt of a call and the commit of its answer ends both, or one, and the other goes on.
//!
//! Ten kills and some hundred awards by default. The long run: `BADGEBRIDGE_CRASH_KILLS=200 BADGEBRIDGE_CRASH_AWARDS=10000
//! cargo test --profile ci --test crash -- --nocapture` (some five minutes on two cores).
//! `BADGEBRIDGE_CRASH_SEED` repeats a run's dice.
//!
//! Beside it the same for signals: senders that resend until they are answered, rules in two courses, kills of the servers
//! that take the signals and send the orders (promises P3 and P4). The long run of that one: `BADGEBRIDGE_CRASH_KILLS=60
//! BADGEBRIDGE_CRASH_SIGNALS=10000 cargo test --profile ci --test crash nothing_acknowledged -- --nocapture`.

#[cfg(test)]
#[path = "../it/support/database.rs"]
mod database;

/// The name under which the shared file's macro looks for itself.
#[cfg(test)]
mod support {
    pub(crate) use crate::database;
}

#[cfg(test)]
mod dice;
#[cfg(test)]
mod misbehaviour;
#[cfg(test)]
mod program;
#[cfg(test)]
#[path = "../it/support/seed.rs"]
mod seed;
#[cfg(test)]
mod senders;
#[cfg(test)]
mod setting;
#[cfg(test)]
mod signals;
#[cfg(test)]
mod trial;

#[cfg(test)]
mod tests {
    use crate::signals::SignalTrial;
    use crate::support::database::{Database, on_both_databases, with_sqlite};
    use crate::trial::Trial;

    on_both_databases! {
        async fn every_person_has_each_badge_once(database: Database) {
            Trial::new(&database).await.run().await;
        }

        async fn nothing_acknowledged_is_lost_and_signals_end_in_one_award_each(database: Database) {
            SignalTrial::new(&database).await.run().await;
        }
    }

    #[tokio::test]
    async fn with_settling_switched_off_everybody_has_the_badge_twice() {
        with_sqlite(async |database: Database| Trial::without_settling(&database).await.run_unsettled().await).await;
    }

    #[tokio::test]
    async fn beyond_the_last_look_a_duplicate_is_found_and_shown() {
        with_sqlite(async |database: Database| Trial::new(&database).await.run_too_late().await).await;
    }
}
