//! A person says whom or what a parked signal means: kept for all further signals with the same names, and everything
//! that waits for those names is matched anew. Or that it means nothing here.

use serde_json::json;

use super::work;
use crate::model::feed::FeedCount;
use crate::model::matching::{Dropped, Parked};
use crate::model::{CourseId, MemberId, OrganisationId, SignalId};
use crate::store::audit::AuditEntry;
use crate::store::given::{About, Meant, ParkedSignal};
use crate::store::{Durability, Store, StoreError};

/// Why a signal was not matched.
#[derive(Debug, thiserror::Error)]
pub enum MapError {
    /// There is none, or it does not wait any more.
    #[error("there is no such signal that waits")]
    NotParked,
    /// Its course is not known yet: that comes first.
    #[error("its course is not known: say first which course it means")]
    CourseFirst,
    /// Its course is known already.
    #[error("its course is known: say which person it means")]
    CourseKnown,
    /// The person is known, and not in the course: nobody needs to say who it is.
    #[error("the person is known, and not in the course: it waits for the roster")]
    NotEnrolled,
    /// The course or the person is of another registration than the feed's, or of no course here.
    #[error("that is not of the registration of this feed")]
    Foreign,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Whom or what is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// This course.
    Course(CourseId),
    /// This person.
    Member(MemberId),
}

/// Keeps what a signal means, on somebody's word (`actor`, for the audit log); how many signals are matched anew.
pub async fn map(
    store: &Store,
    organisation: OrganisationId,
    id: SignalId,
    target: Target,
    actor: String,
) -> Result<u64, MapError> {
    let (parked, registration) = store
        .read(async |tx| {
            let Some(parked) = tx.parked_signal(organisation, id).await? else {
                return Ok::<_, StoreError>(Err(MapError::NotParked));
            };
            if let Err(error) = fits(&parked, target) {
                return Ok(Err(error));
            }
            let of = match target {
                Target::Course(course) => tx.course(organisation, course).await?.map(|course| course.registration),
                Target::Member(member) => match parked.course {
                    Some(course) if tx.enrolment(organisation, course, member).await?.is_some() => {
                        tx.course(organisation, course).await?.map(|course| course.registration)
                    }
                    _ => None,
                },
            };
            let of = of.filter(|of| parked.stored.registration.is_none_or(|own| own == *of));
            Ok(of.map(|registration| (parked, registration)).ok_or(MapError::Foreign))
        })
        .await??;
    let meant = match target {
        Target::Course(course) => Meant::Course(course),
        Target::Member(member) => Meant::Member(member),
    };
    let about = About::feeds_of(parked.stored.registration, registration);
    let names = parked.names();
    let waiting = names.clone();
    let entry = AuditEntry {
        organisation: Some(organisation),
        actor,
        action: "signal.map",
        subject: id.to_string(),
        detail: match target {
            Target::Course(course) => json!({ "course": course }),
            Target::Member(member) => json!({ "member": member }),
        },
    };
    store
        .write(Durability::Full, async move |tx| {
            let now = tx.now().await?;
            for name in &names {
                tx.give_match(organisation, about, name, meant, now).await?;
            }
            tx.add_audit(&entry, now).await
        })
        .await?;
    let mut count = 0;
    for name in waiting {
        let mut after = None;
        loop {
            let name = name.clone();
            let moved = store
                .write(Durability::Full, async move |tx| {
                    let now = tx.now().await?;
                    let moved = tx.unpark_signals(organisation, about, &name, after, now).await?;
                    if moved.is_some() {
                        tx.enqueue(&work::match_signals(organisation, now), now).await?;
                    }
                    Ok::<_, StoreError>(moved)
                })
                .await?;
            // not again the same: what is parked anew still waits for its name
            let Some((last, moved)) = moved else { break };
            after = Some(last);
            count += moved;
        }
    }
    Ok(count)
}

/// Drops a signal that waits, on somebody's word: what it said is forgotten, and it is counted. `false`: it does not wait.
pub async fn discard(
    store: &Store,
    organisation: OrganisationId,
    id: SignalId,
    actor: String,
) -> Result<bool, StoreError> {
    let entry = AuditEntry {
        organisation: Some(organisation),
        actor,
        action: "signal.discard",
        subject: id.to_string(),
        detail: json!({}),
    };
    store
        .write(Durability::Full, async move |tx| {
            let now = tx.now().await?;
            let Some(parked) = tx.parked_signal(organisation, id).await? else {
                return Ok(false);
            };
            tx.drop_signal(organisation, id, Dropped::Discarded, now).await?;
            if let Some(feed) = parked.stored.feed {
                let one = FeedCount {
                    dropped: 1,
                    ..FeedCount::default()
                };
                tx.count_feed(organisation, feed, &one).await?;
            }
            tx.add_audit(&entry, now).await?;
            Ok(true)
        })
        .await
}

fn fits(parked: &ParkedSignal, target: Target) -> Result<(), MapError> {
    match (parked.why, target) {
        (Parked::CourseUnknown | Parked::CourseAmbiguous, Target::Course(_))
        | (Parked::PersonUnknown | Parked::PersonAmbiguous, Target::Member(_)) => Ok(()),
        (Parked::CourseUnknown | Parked::CourseAmbiguous, Target::Member(_)) => Err(MapError::CourseFirst),
        (_, Target::Course(_)) => Err(MapError::CourseKnown),
        (Parked::NotEnrolled, Target::Member(_)) => Err(MapError::NotEnrolled),
    }
}
