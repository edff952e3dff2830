//! Jobs: queued in the transaction that makes them necessary, claimed under a lease, settled by who holds it.

use serde_json::{Value, json};
use sqlx::types::Json;
use uuid::Uuid;

use super::dialect::both;
use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::crypto::random;
use crate::model::{ApplicationId, CourseId, EditId, JobId, MemberId, OrganisationId, RequestId};

/// Work to be queued.
#[derive(Clone, Debug, PartialEq)]
pub struct NewJob {
    /// The organisation, unless it is the installation's own.
    pub organisation: Option<OrganisationId>,
    /// Which handler runs it.
    pub kind: &'static str,
    /// The same key is the same job.
    pub dedup_key: String,
    /// What the handler needs. No names or addresses.
    pub payload: Value,
    /// Not before.
    pub due_at: Timestamp,
}

/// A job that was claimed.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// Its row.
    pub id: JobId,
    /// The organisation, unless it is the installation's own.
    pub organisation: Option<OrganisationId>,
    /// Which handler runs it.
    pub kind: String,
    /// Its key.
    pub dedup_key: String,
    /// What the handler needs.
    pub payload: Value,
    /// Tries that failed so far.
    pub tries: u32,
}

/// What becomes of a job after a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobEnd {
    /// It ran well and is forgotten.
    Done,
    /// It ran well and runs again then.
    Again(Timestamp),
    /// It failed and is tried again then.
    Retry(Timestamp),
    /// It failed for the last time; it stays to be seen and tried by a person.
    GivenUp,
}

impl NewJob {
    /// The job that makes a request's awards.
    pub fn make_awards(organisation: OrganisationId, request: RequestId, now: Timestamp) -> Self {
        Self {
            organisation: Some(organisation),
            kind: "make-awards",
            dedup_key: format!("make-awards:{request}"),
            payload: json!({ "request": request }),
            due_at: now,
        }
    }

    /// The job that works over many people of a rule.
    pub fn rule_run(organisation: OrganisationId, run: Uuid, now: Timestamp) -> Self {
        Self {
            organisation: Some(organisation),
            kind: "rule-run",
            dedup_key: format!("rule-run:{run}"),
            payload: json!({ "run": run }),
            due_at: now,
        }
    }

    /// The job that revokes the second event of an order.
    pub fn revoke_extra(organisation: OrganisationId, event: &str, now: Timestamp) -> Self {
        Self {
            organisation: Some(organisation),
            kind: "revoke-extra",
            dedup_key: format!("revoke-extra:{organisation}:{event}"),
            payload: json!({ "event": event }),
            due_at: now,
        }
    }

    /// The job that does what is due for an application for a badge.
    pub fn application(organisation: OrganisationId, application: ApplicationId, now: Timestamp) -> Self {
        Self {
            organisation: Some(organisation),
            kind: APPLICATION,
            dedup_key: format!("{APPLICATION}:{application}"),
            payload: json!({ "application": application }),
            due_at: now,
        }
    }

    /// The job that carries out what is to be changed at the Factory.
    pub fn edit(organisation: OrganisationId, edit: EditId, now: Timestamp) -> Self {
        Self {
            organisation: Some(organisation),
            kind: EDIT,
            dedup_key: format!("{EDIT}:{edit}"),
            payload: json!({ "edit": edit }),
            due_at: now,
        }
    }

    /// The job that reads the organisation's badges.
    pub fn catalog(organisation: OrganisationId, now: Timestamp) -> Self {
        Self {
            organisation: Some(organisation),
            kind: CATALOG,
            dedup_key: format!("{CATALOG}:{organisation}"),
            payload: json!({}),
            due_at: now,
        }
    }

    /// The job that evaluates the rules of a course for one person.
    pub fn evaluate(organisation: OrganisationId, course: CourseId, member: MemberId, now: Timestamp) -> Self {
        Self {
            organisation: Some(organisation),
            kind: "evaluate",
            dedup_key: format!("evaluate:{course}:{member}"),
            payload: json!({ "course": course, "member": member }),
            due_at: now,
        }
    }

    /// The job that erases a person, as soon as nothing of theirs is under way.
    pub fn erase(organisation: OrganisationId, member: MemberId, now: Timestamp) -> Self {
        Self {
            organisation: Some(organisation),
            kind: ERASE,
            dedup_key: format!("{ERASE}:{member}"),
            payload: json!({ "member": member }),
            due_at: now,
        }
    }

    /// The job that releases a member's awards that wait for an address.
    pub fn release(organisation: OrganisationId, member: MemberId, now: Timestamp) -> Self {
        Self {
            organisation: Some(organisation),
            kind: "release",
            dedup_key: format!("release:{member}"),
            payload: json!({ "member": member }),
            due_at: now,
        }
    }
}

/// The kind that carries out what is to be changed at the Factory.
pub const EDIT: &str = "edit";

/// The kind that reads an organisation's badges.
pub const CATALOG: &str = "catalog";

/// The kind that erases a person.
pub const ERASE: &str = "erase";

/// The kind that does what is due for an application for a badge.
pub const APPLICATION: &str = "application";

type Row = (Uuid, Option<Uuid>, String, String, Json<Value>, i64);

const ENQUEUE: &str = "INSERT INTO job (id, organisation_id, kind, dedup_key, payload, due_at, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (dedup_key) DO UPDATE SET payload = excluded.payload, failed_at = NULL,
        dirty = job.lease_until IS NOT NULL,
        tries = CASE WHEN job.failed_at IS NULL THEN job.tries ELSE 0 END,
        due_at = CASE WHEN job.lease_until IS NULL AND (job.due_at IS NULL OR job.due_at > excluded.due_at)
            THEN excluded.due_at ELSE job.due_at END";
const ENQUEUE_ONCE: &str = "INSERT INTO job (id, organisation_id, kind, dedup_key, payload, due_at, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (dedup_key) DO UPDATE SET failed_at = NULL, tries = 0, payload = excluded.payload,
        due_at = excluded.due_at WHERE job.failed_at IS NOT NULL AND job.failed_at < excluded.created_at - 900000";
const RELEASE_IF_HELD: &str = "INSERT INTO job (id, organisation_id, kind, dedup_key, payload, due_at, created_at)
    SELECT $1, $2, $3, $4, $5, $6, $6 WHERE EXISTS (SELECT 1 FROM award WHERE organisation_id = $2 AND member_id = $7
        AND state = 'held')
    ON CONFLICT (dedup_key) DO UPDATE SET failed_at = NULL, dirty = job.lease_until IS NOT NULL,
        due_at = CASE WHEN job.lease_until IS NULL THEN excluded.due_at ELSE job.due_at END";
const CLAIM: (&str, &str) = both!(
    "UPDATE job SET lease_until = $2, lease_holder = $3, due_at = $2, dirty = FALSE,
        tries = CASE WHEN lease_until IS NULL THEN tries ELSE tries + 1 END WHERE id =
        (SELECT id FROM job WHERE due_at IS NOT NULL AND due_at <= $1 ORDER BY due_at, id LIMIT 1",
    for_update_skip_locked,
    ") RETURNING id, organisation_id, kind, dedup_key, payload, tries"
);
const LEASE: &str = "UPDATE job SET lease_until = $3, due_at = $3 WHERE id = $1 AND lease_holder = $2";
const FORGET: &str = "DELETE FROM job WHERE id = $1 AND lease_holder = $2 AND NOT dirty";
const SETTLE: &str = "UPDATE job SET lease_until = NULL, lease_holder = NULL, dirty = FALSE,
    due_at = CASE WHEN dirty THEN $5 ELSE $3 END, tries = CASE WHEN dirty THEN 0 ELSE $4 END, failed_at = NULL
    WHERE id = $1 AND lease_holder = $2";
const GIVE_UP: &str = "UPDATE job SET lease_until = NULL, lease_holder = NULL, due_at = NULL, failed_at = $3,
    tries = tries + 1 WHERE id = $1 AND lease_holder = $2 AND NOT dirty";
const NEXT: &str = "SELECT MIN(due_at) FROM job WHERE due_at IS NOT NULL";
const ATTEMPT: &str = "INSERT INTO job_attempt (id, organisation_id, job_id, kind, dedup_key, started_at, duration_ms,
    verdict, detail) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const FORGET_ATTEMPTS: &str = "DELETE FROM job_attempt WHERE id IN
    (SELECT id FROM job_attempt WHERE started_at < $1 ORDER BY started_at LIMIT 500)";
const WAITING: &str = "SELECT dedup_key FROM job ORDER BY dedup_key LIMIT 1000";

impl Tx<'_> {
    /// Queues a job in this transaction. One that waits comes sooner if the new one is due sooner; one that runs is
    /// marked, and runs again after it is settled; one that was given up is tried anew.
    pub async fn enqueue(&mut self, new: &NewJob, now: Timestamp) -> Result<(), StoreError> {
        self.insert_job(ENQUEUE, new, now).await?;
        Ok(())
    }

    /// Queues a job unless there is one with its key: for what repeats by itself. `false` if there was one.
    pub async fn enqueue_once(&mut self, new: &NewJob, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.insert_job(ENQUEUE_ONCE, new, now).await? == 1)
    }

    /// Queues the release of a member's held awards, if there are any; `true` if so. One statement: launches call it.
    pub async fn enqueue_release(
        &mut self,
        organisation: OrganisationId,
        member: MemberId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let new = NewJob::release(organisation, member, now);
        let rows = on!(self, sqlx::query(RELEASE_IF_HELD).bind(random::id_at(now)).bind(organisation.uuid())
            .bind(new.kind).bind(&new.dedup_key).bind(Json(&new.payload)).bind(now.millis()).bind(member.uuid())
            => execute)?;
        Ok(rows == 1)
    }

    /// Takes the job that is due longest, until `lease_until`. A job whose lease ran out is due again.
    pub async fn claim_job(
        &mut self,
        holder: Uuid,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<Option<Job>, StoreError> {
        let sql = self.pick(CLAIM);
        let row: Option<Row> = on!(self, sqlx::query_as(sql).bind(now.millis()).bind(lease_until.millis())
            .bind(holder) => fetch_optional)?;
        Ok(row.map(job))
    }

    /// Moves the end of the lease; `false` if it is not `holder`'s any more.
    pub async fn extend_job(&mut self, id: JobId, holder: Uuid, until: Timestamp) -> Result<bool, StoreError> {
        let rows = on!(self, sqlx::query(LEASE).bind(id.uuid()).bind(holder).bind(until.millis()) => execute)?;
        Ok(rows == 1)
    }

    /// Settles a try; `false` if the lease was lost meanwhile: then somebody else runs it. News that came while it ran
    /// makes it run once more at once.
    pub async fn settle_job(
        &mut self,
        job: &Job,
        holder: Uuid,
        end: JobEnd,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let id = job.id.uuid();
        let (due_at, tries) = match end {
            JobEnd::Done => {
                if on!(self, sqlx::query(FORGET).bind(id).bind(holder) => execute)? == 1 {
                    return Ok(true);
                }
                (now, 0)
            }
            JobEnd::GivenUp => {
                if on!(self, sqlx::query(GIVE_UP).bind(id).bind(holder).bind(now.millis()) => execute)? == 1 {
                    return Ok(true);
                }
                (now, 0)
            }
            JobEnd::Again(at) => (at, 0),
            JobEnd::Retry(at) => (at, i64::from(job.tries) + 1),
        };
        let rows = on!(self, sqlx::query(SETTLE).bind(id).bind(holder).bind(due_at.millis()).bind(tries)
            .bind(now.millis()) => execute)?;
        Ok(rows == 1)
    }

    /// When the next job is due, or the next lease ends.
    pub async fn next_job_at(&mut self) -> Result<Option<Timestamp>, StoreError> {
        let at: Option<i64> = on!(self, sqlx::query_scalar(NEXT) => fetch_one)?;
        Ok(at.map(Timestamp::from_millis))
    }

    /// The keys of all jobs there are, given-up ones too, at most 1,000: for tests and `doctor`.
    pub async fn job_keys(&mut self) -> Result<Vec<String>, StoreError> {
        on!(self, sqlx::query_scalar(WAITING) => fetch_all)
    }

    /// Stores one try of a job.
    pub async fn add_job_attempt(
        &mut self,
        job: &Job,
        started_at: Timestamp,
        duration_ms: i64,
        verdict: &str,
        detail: Option<&str>,
    ) -> Result<(), StoreError> {
        let id = random::id_at(started_at);
        on!(self, sqlx::query(ATTEMPT).bind(id).bind(job.organisation.map(OrganisationId::uuid)).bind(job.id.uuid())
            .bind(&job.kind).bind(&job.dedup_key).bind(started_at.millis()).bind(duration_ms).bind(verdict)
            .bind(detail) => execute)?;
        Ok(())
    }

    /// Forgets tries of jobs from before `before`, at most 500 a call; how many.
    pub async fn forget_job_attempts(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        on!(self, sqlx::query(FORGET_ATTEMPTS).bind(before.millis()) => execute)
    }

    async fn insert_job(&mut self, sql: &'static str, new: &NewJob, now: Timestamp) -> Result<u64, StoreError> {
        let id = random::id_at(now);
        on!(self, sqlx::query(sql).bind(id).bind(new.organisation.map(OrganisationId::uuid)).bind(new.kind)
            .bind(&new.dedup_key).bind(Json(&new.payload)).bind(new.due_at.millis()).bind(now.millis()) => execute)
    }
}

fn job((id, organisation, kind, dedup_key, Json(payload), tries): Row) -> Job {
    Job {
        id: JobId::new(id),
        organisation: organisation.map(OrganisationId::new),
        kind,
        dedup_key,
        payload,
        tries: u32::try_from(tries).unwrap_or(u32::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::plans;

    #[tokio::test]
    async fn queries_find_few_rows() {
        plans::finding_few(&[RELEASE_IF_HELD, LEASE, FORGET, SETTLE, NEXT, FORGET_ATTEMPTS]).await;
    }
}
