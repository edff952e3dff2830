//! `feed unmatched`, `feed map` and `feed discard`: signals whose course or person nobody knows, and an operator's word
//! about them.

use anyhow::{Context, bail};
use clap::Args;
use serde::Serialize;
use serde_json::json;

use super::super::organisation::named;
use super::super::{Shell, output};
use crate::jobs::mapping::{self, Target};
use crate::model::matching::{Found, FoundCourse, Parked};
use crate::model::signal::{CourseRef, PersonRef};
use crate::model::{CourseId, MemberId, Organisation, RegistrationId, SignalId};
use crate::store::given::{ParkedScope, ParkedSignal};
use crate::store::{Store, StoreError};

/// Signals that a listing shows at most, of each organisation.
const MOST: i64 = 500;

#[derive(Debug, Args)]
pub(in super::super) struct Map {
    /// The signal's id, from `feed unmatched`
    signal: SignalId,
    /// The course that is meant: its LTI context id, or another id that the LMS has for it
    #[arg(long, required_unless_present = "person", conflicts_with = "person")]
    context: Option<String>,
    /// The person who is meant, once the course is known: their LTI id (sub), or another id that the LMS has for them
    #[arg(long, value_name = "ID")]
    person: Option<String>,
    /// The registration of the course; needed where the feed has none and several have such a course
    #[arg(long)]
    registration: Option<RegistrationId>,
}

#[derive(Serialize)]
struct Listed {
    id: String,
    organisation: String,
    feed: Option<String>,
    received: String,
    kind: &'static str,
    item: String,
    reason: &'static str,
    course: Vec<String>,
    person: Vec<String>,
}

/// Lists what waits, the latest first.
pub(super) async fn list(shell: &Shell, only: Option<&str>) -> anyhow::Result<()> {
    let store = shell.store().await?;
    let owners = match only {
        Some(name) => vec![named(&store, name).await?],
        None => store.read_one(async |tx| tx.organisations().await).await?,
    };
    let mut rows = Vec::new();
    for owner in owners {
        let id = owner.id;
        let waiting = store
            .read(async |tx| tx.parked_signals(id, ParkedScope::default(), MOST).await)
            .await?;
        rows.extend(waiting.iter().map(|parked| listed(&owner, parked)));
    }
    let head = ["ID", "ORGANISATION", "NEWS", "REASON", "COURSE", "PERSON", "CAME"];
    output::list(shell.json, &head, &rows, |row| {
        let ids = |names: &[String]| output::or_dash(names.first().map(String::as_str));
        vec![
            row.id.clone(),
            row.organisation.clone(),
            format!("{} {}", row.kind, row.item),
            row.reason.to_owned(),
            ids(&row.course),
            ids(&row.person),
            row.received.clone(),
        ]
    })
}

fn listed(owner: &Organisation, parked: &ParkedSignal) -> Listed {
    let signal = &parked.stored.signal;
    let (course, person) = (&signal.course, &signal.person);
    let email = person.email.as_ref().map(ToString::to_string);
    let given = |names: [&Option<String>; 5]| names.into_iter().flatten().cloned().collect();
    Listed {
        id: parked.stored.id.to_string(),
        organisation: owner.name.clone(),
        feed: parked.stored.feed.map(|id| id.to_string()),
        received: output::day(signal.received_at),
        kind: signal.kind.word(),
        item: signal.item.to_string(),
        reason: parked.why.word(),
        course: given([&course.context_id, &course.lms_id, &course.sis_id, &course.alias, &None]),
        person: given([&person.sub, &person.lms_id, &person.sis_id, &person.legacy_id, &email]),
    }
}

/// Keeps what is meant; everything that waits for the same names is matched anew by the running server.
pub(super) async fn map(shell: &Shell, asked: Map) -> anyhow::Result<()> {
    let store = shell.store().await?;
    let (owner, parked) = find(&store, asked.signal).await?;
    let target = match (&asked.context, &asked.person) {
        (Some(context), _) => {
            let registration = parked.stored.registration.or(asked.registration);
            Target::Course(course(&store, &owner, registration, context).await?)
        }
        (None, Some(id)) => {
            let place = parked
                .course
                .context("its course is not known: say first which course it means, with --context")?;
            Target::Member(member(&store, &owner, place, id).await?)
        }
        (None, None) => bail!("--context or --person: say what is meant"),
    };
    let count = mapping::map(&store, owner.id, asked.signal, target, "command line".to_owned()).await?;
    let value = json!({ "id": asked.signal, "signals": count });
    output::one(
        shell.json,
        &value,
        &format!("kept; {count} signals that waited for the same names are matched by the running server"),
    )
}

/// Drops one that waits.
pub(super) async fn discard(shell: &Shell, id: SignalId) -> anyhow::Result<()> {
    let store = shell.store().await?;
    let (owner, _) = find(&store, id).await?;
    if !mapping::discard(&store, owner.id, id, "command line".to_owned()).await? {
        bail!("signal {id} does not wait any more");
    }
    let value = json!({ "id": id, "state": "dropped" });
    output::one(
        shell.json,
        &value,
        &format!("signal {id} is dropped; what it said is forgotten"),
    )
}

/// The signal with this id, whosever it is: commands are the operator's.
async fn find(store: &Store, id: SignalId) -> anyhow::Result<(Organisation, ParkedSignal)> {
    let owners = store.read_one(async |tx| tx.organisations().await).await?;
    for owner in owners {
        let organisation = owner.id;
        let found = store.read(async |tx| tx.parked_signal(organisation, id).await).await?;
        if let Some(parked) = found {
            return Ok((owner, parked));
        }
    }
    bail!("there is no signal {id} that waits; `feed unmatched` shows all")
}

async fn course(
    store: &Store,
    owner: &Organisation,
    registration: Option<RegistrationId>,
    id: &str,
) -> anyhow::Result<CourseId> {
    let organisation = owner.id;
    let named = CourseRef {
        alias: Some(id.to_owned()),
        ..CourseRef::default()
    };
    let found = store
        .read(async |tx| tx.find_course(organisation, registration, &named).await)
        .await?;
    match found {
        Found::One(course) => Ok(course.id),
        Found::Several => bail!("--context: several courses have this id; name the --registration"),
        Found::None => bail!("--context: no course has this id; open the tool in the course once"),
    }
}

async fn member(store: &Store, owner: &Organisation, place: CourseId, id: &str) -> anyhow::Result<MemberId> {
    let organisation = owner.id;
    let named = PersonRef {
        sub: Some(id.to_owned()),
        lms_id: Some(id.to_owned()),
        sis_id: Some(id.to_owned()),
        ..PersonRef::default()
    };
    let found = store
        .read(async |tx| {
            let Some(known) = tx.course(organisation, place).await? else {
                return Ok::<_, StoreError>(Found::None);
            };
            let place = FoundCourse {
                id: place,
                registration: known.registration,
            };
            tx.find_member(organisation, Some(place.registration), place, &named)
                .await
        })
        .await?;
    match found {
        Found::One(member) => Ok(member),
        Found::Several => bail!("--person: several people have this id"),
        Found::None => bail!("--person: nobody of this LMS has this id ({})", Parked::PersonUnknown),
    }
}
