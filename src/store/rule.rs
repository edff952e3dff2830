//! Rules and their versions, a person's leave to award, and work that goes over a whole course. Every method takes the
//! organisation (promise P5).

use sqlx::types::Json;
use uuid::Uuid;

use super::dialect::both;
use super::job::NewJob;
use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::model::rule::{Grant, Options, Rule, RuleState, Terms};
use crate::model::{CourseId, MemberId, OrganisationId, RegistrationId, RuleId};

/// A rule to be made, in its first version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRule {
    /// Its id.
    pub id: RuleId,
    /// Whose it is.
    pub organisation: OrganisationId,
    /// Through which registration the course comes.
    pub registration: RegistrationId,
    /// In which course.
    pub course: CourseId,
    /// The Factory's badge id.
    pub badge_id: String,
    /// What it says; `since` tells whether it is switched on at once.
    pub terms: Terms,
    /// Who makes it; absent: a command.
    pub author: Option<MemberId>,
}

/// Work that goes over many people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its id.
    pub id: Uuid,
    /// For which rule.
    pub rule: RuleId,
    /// The people who may be awarded; absent: look at everybody again.
    pub members: Option<Vec<MemberId>>,
    /// How many of them are done.
    pub done: usize,
    /// The last member that was looked at.
    pub after: Option<MemberId>,
    /// Awards are dated today.
    pub dated_today: bool,
    /// Who asked for it.
    pub by: Option<MemberId>,
    /// When.
    pub created_at: Timestamp,
    /// When it was done.
    pub ended_at: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    organisation_id: Uuid,
    registration_id: Uuid,
    course_id: Uuid,
    badge_id: String,
    state: String,
    state_at: i64,
    version: i64,
    created_at: i64,
    expression: String,
    options: Json<Options>,
    since: Option<i64>,
    author_id: Option<Uuid>,
    written_at: i64,
}

#[derive(sqlx::FromRow)]
struct RunRow {
    id: Uuid,
    rule_id: Uuid,
    members: Option<Json<Vec<Uuid>>>,
    done: i64,
    after_id: Option<Uuid>,
    dated_today: bool,
    by_id: Option<Uuid>,
    created_at: i64,
    ended_at: Option<i64>,
}

macro_rules! rules {
    ($tail:literal) => {
        concat!(
            "SELECT r.id, r.organisation_id, r.registration_id, r.course_id, r.badge_id, r.state, r.state_at,
            r.version, r.created_at, v.expression, v.options, v.since, v.author_id, v.written_at
            FROM rule r JOIN rule_version v ON v.rule_id = r.id AND v.version = r.version WHERE r.organisation_id = $1 ",
            $tail
        )
    };
}

const ONE: &str = rules!("AND r.id = $2");
const OF_COURSE: &str = rules!("AND r.course_id = $2 ORDER BY r.created_at, r.id LIMIT 500");
/// Rules of the courses that this one was copied from, as far as the reader is staff there: what a launch says of a
/// course's history may be a teacher's own word. One that was taken over is not offered again.
const OFFERED: &str = rules!(
    "AND r.state IN ('on', 'paused', 'stopped') AND r.course_id IN (SELECT k.id FROM course here
        JOIN course_origin o ON o.course_id = here.id AND o.context_id <> here.context_id
        JOIN course k ON k.registration_id = here.registration_id AND k.organisation_id = here.organisation_id
            AND k.context_id = o.context_id
        JOIN enrolment e ON e.course_id = k.id AND e.member_id = $3
            AND COALESCE(e.launch_standing, e.roster_standing) = 'staff'
        WHERE here.organisation_id = $1 AND here.id = $2)
    AND NOT EXISTS (SELECT 1 FROM rule t JOIN rule_version w ON w.rule_id = t.id
        WHERE t.organisation_id = r.organisation_id AND t.course_id = $2 AND t.badge_id = r.badge_id
        AND w.expression = v.expression) ORDER BY r.created_at, r.id LIMIT 100"
);
const OF_ORGANISATION: &str = rules!("ORDER BY r.created_at, r.id LIMIT 1000");
const VERSIONS: &str =
    "SELECT r.id, r.organisation_id, r.registration_id, r.course_id, r.badge_id, r.state, r.state_at,
    v.version, r.created_at, v.expression, v.options, v.since, v.author_id, v.written_at
    FROM rule r JOIN rule_version v ON v.rule_id = r.id WHERE r.organisation_id = $1 AND r.id = $2
    ORDER BY v.version DESC LIMIT 100";
const HAS: &str = "SELECT COUNT(*) FROM (SELECT 1 FROM rule WHERE organisation_id = $1 AND course_id = $2
    AND state IN ('on', 'paused', 'stopped') LIMIT 1) known";
const OF_CONTEXT: &str =
    "SELECT id FROM course WHERE organisation_id = $1 AND registration_id = $2 AND context_id = $3";
const ADD: &str =
    "INSERT INTO rule (id, organisation_id, registration_id, course_id, badge_id, state, state_at, version,
    watches_badges, counts_from, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $7, $7)";
const ADD_VERSION: &str = "INSERT INTO rule_version (rule_id, version, organisation_id, expression, options, since,
    author_id, written_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const CHANGE: &str = "UPDATE rule SET version = version + 1, watches_badges = $4
    WHERE organisation_id = $1 AND id = $2 AND version = $3 AND state <> 'archived'";
const TURN: &str = "UPDATE rule SET state = $4, state_at = $5 WHERE organisation_id = $1 AND id = $2 AND state = $3";
const BEGIN: &str = "UPDATE rule_version SET since = COALESCE(since, $4)
    WHERE organisation_id = $1 AND rule_id = $2 AND version = $3";
const COUNT_ANEW: &str = "UPDATE rule SET counts_from = $3 WHERE organisation_id = $1 AND id = $2";
const LOCK: (&str, &str) = both!(
    "SELECT counts_from FROM rule WHERE organisation_id = $1 AND id = $2",
    for_update
);
const GRANT: &str = "INSERT INTO rule_grant (rule_id, member_id, organisation_id, dated_today, by_id, at)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (rule_id, member_id) DO UPDATE SET dated_today = excluded.dated_today, by_id = excluded.by_id,
        at = excluded.at";
const GRANTED: &str = "SELECT at, dated_today FROM rule_grant
    WHERE organisation_id = $1 AND rule_id = $2 AND member_id = $3";
const ADD_RUN: &str =
    "INSERT INTO rule_run (id, organisation_id, rule_id, kind, members, dated_today, by_id, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const RUN: &str = "SELECT id, rule_id, members, done, after_id, dated_today, by_id, created_at, ended_at FROM rule_run
    WHERE organisation_id = $1 AND id = $2";
const LAST_RUN: &str = "SELECT id, rule_id, members, done, after_id, dated_today, by_id, created_at, ended_at
    FROM rule_run WHERE organisation_id = $1 AND rule_id = $2 ORDER BY created_at DESC, id DESC LIMIT 1";
const ADVANCE: &str =
    "UPDATE rule_run SET done = $4, after_id = $5 WHERE organisation_id = $1 AND id = $2 AND done = $3
    AND ended_at IS NULL";
const END_RUN: &str = "UPDATE rule_run SET ended_at = $3 WHERE organisation_id = $1 AND id = $2 AND ended_at IS NULL";
const ENROLLED: &str =
    "SELECT member_id FROM enrolment WHERE organisation_id = $1 AND course_id = $2 AND member_id > $3
    ORDER BY member_id LIMIT $4";
const WATCHERS: &str = "SELECT DISTINCT r.course_id, a.member_id FROM award a
    JOIN rule r ON r.organisation_id = a.organisation_id AND r.watches_badges AND r.state = 'on'
    JOIN enrolment e ON e.course_id = r.course_id AND e.member_id = a.member_id
    WHERE a.organisation_id = $1 AND a.id = $2 LIMIT 100";

impl Tx<'_> {
    /// Makes a rule with its first version: on, if its terms say since when, else a draft.
    pub async fn add_rule(&mut self, new: &NewRule, now: Timestamp) -> Result<(), StoreError> {
        let state = if new.terms.since.is_some() {
            RuleState::On
        } else {
            RuleState::Draft
        };
        on!(self, sqlx::query(ADD).bind(new.id.uuid()).bind(new.organisation.uuid()).bind(new.registration.uuid())
            .bind(new.course.uuid()).bind(&new.badge_id).bind(state.word()).bind(now.millis())
            .bind(new.terms.when.looks_at_badges()) => execute)?;
        self.add_rule_version(new.organisation, new.id, 1, &new.terms, new.author, now)
            .await
    }

    /// Replaces what a rule says by a new version; `false` if somebody else did since version `seen`.
    pub async fn change_rule(
        &mut self,
        organisation: OrganisationId,
        id: RuleId,
        seen: u32,
        terms: &Terms,
        author: Option<MemberId>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let rows = on!(self, sqlx::query(CHANGE).bind(organisation.uuid()).bind(id.uuid()).bind(i64::from(seen))
            .bind(terms.when.looks_at_badges()) => execute)?;
        if rows == 0 {
            return Ok(false);
        }
        self.add_rule_version(organisation, id, seen.saturating_add(1), terms, author, now)
            .await?;
        Ok(true)
    }

    async fn add_rule_version(
        &mut self,
        organisation: OrganisationId,
        id: RuleId,
        version: u32,
        terms: &Terms,
        author: Option<MemberId>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(ADD_VERSION).bind(id.uuid()).bind(i64::from(version)).bind(organisation.uuid())
            .bind(terms.when.to_string()).bind(Json(&terms.options)).bind(terms.since.map(Timestamp::millis))
            .bind(author.map(MemberId::uuid)).bind(now.millis()) => execute)?;
        Ok(())
    }

    /// One rule in its present version.
    pub async fn rule(&mut self, organisation: OrganisationId, id: RuleId) -> Result<Option<Rule>, StoreError> {
        let row: Option<Row> =
            on!(self, sqlx::query_as(ONE).bind(organisation.uuid()).bind(id.uuid()) => fetch_optional)?;
        row.map(rule).transpose()
    }

    /// The rules of a course, oldest first, archived ones too.
    pub async fn rules_of_course(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
    ) -> Result<Vec<Rule>, StoreError> {
        let rows: Vec<Row> =
            on!(self, sqlx::query_as(OF_COURSE).bind(organisation.uuid()).bind(course.uuid()) => fetch_all)?;
        rows.into_iter().map(rule).collect()
    }

    /// Rules that a copied course may take over from the courses that it was copied from, where `reader` is staff.
    pub async fn rule_offers(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        reader: MemberId,
    ) -> Result<Vec<Rule>, StoreError> {
        let rows: Vec<Row> = on!(self, sqlx::query_as(OFFERED).bind(organisation.uuid()).bind(course.uuid())
            .bind(reader.uuid()) => fetch_all)?;
        rows.into_iter().map(rule).collect()
    }

    /// The rules of an organisation, oldest first, at most 1,000.
    pub async fn rules(&mut self, organisation: OrganisationId) -> Result<Vec<Rule>, StoreError> {
        let rows: Vec<Row> = on!(self, sqlx::query_as(OF_ORGANISATION).bind(organisation.uuid()) => fetch_all)?;
        rows.into_iter().map(rule).collect()
    }

    /// All versions of a rule, the newest first.
    pub async fn rule_versions(&mut self, organisation: OrganisationId, id: RuleId) -> Result<Vec<Rule>, StoreError> {
        let rows: Vec<Row> =
            on!(self, sqlx::query_as(VERSIONS).bind(organisation.uuid()).bind(id.uuid()) => fetch_all)?;
        rows.into_iter().map(rule).collect()
    }

    /// The course that the LMS names so.
    pub async fn course_of_context(
        &mut self,
        organisation: OrganisationId,
        registration: RegistrationId,
        context_id: &str,
    ) -> Result<Option<CourseId>, StoreError> {
        let id: Option<Uuid> = on!(self, sqlx::query_scalar(OF_CONTEXT).bind(organisation.uuid())
            .bind(registration.uuid()).bind(context_id) => fetch_optional)?;
        Ok(id.map(CourseId::new))
    }

    /// Whether news about a course is weighed: it has a rule that is on, paused or stopped.
    pub async fn course_has_rules(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
    ) -> Result<bool, StoreError> {
        let known: i64 = on!(self, sqlx::query_scalar(HAS).bind(organisation.uuid()).bind(course.uuid()) => fetch_one)?;
        Ok(known > 0)
    }

    /// Moves a rule from one state to another; `false` if it does not stand there any more. Switched on for the first
    /// time, its present version begins now.
    pub async fn turn_rule(&mut self, rule: &Rule, to: RuleState, now: Timestamp) -> Result<bool, StoreError> {
        let (organisation, id) = (rule.organisation, rule.id);
        let rows = on!(self, sqlx::query(TURN).bind(organisation.uuid()).bind(id.uuid()).bind(rule.state.word())
            .bind(to.word()).bind(now.millis()) => execute)?;
        if rows == 1 && to == RuleState::On {
            on!(self, sqlx::query(BEGIN).bind(organisation.uuid()).bind(id.uuid()).bind(i64::from(rule.version))
                .bind(now.millis()) => execute)?;
        }
        Ok(rows == 1)
    }

    /// The breaker counts only what is made after this.
    pub async fn count_anew(
        &mut self,
        organisation: OrganisationId,
        id: RuleId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(COUNT_ANEW).bind(organisation.uuid()).bind(id.uuid()).bind(now.millis()) => execute)?;
        Ok(())
    }

    /// Locks a rule until the end of the transaction, so that its breaker counts exactly; from when it counts.
    pub async fn lock_rule(
        &mut self,
        organisation: OrganisationId,
        id: RuleId,
    ) -> Result<Option<Timestamp>, StoreError> {
        let sql = self.pick(LOCK);
        let from: Option<i64> =
            on!(self, sqlx::query_scalar(sql).bind(organisation.uuid()).bind(id.uuid()) => fetch_optional)?;
        Ok(from.map(Timestamp::from_millis))
    }

    /// Notes a person's leave to award to a member.
    pub async fn grant(
        &mut self,
        organisation: OrganisationId,
        rule: RuleId,
        member: MemberId,
        grant: Grant,
        by: Option<MemberId>,
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(GRANT).bind(rule.uuid()).bind(member.uuid()).bind(organisation.uuid())
            .bind(grant.dated_today).bind(by.map(MemberId::uuid)).bind(grant.at.millis()) => execute)?;
        Ok(())
    }

    /// A person's leave to award to a member, if there is one.
    pub async fn granted(
        &mut self,
        organisation: OrganisationId,
        rule: RuleId,
        member: MemberId,
    ) -> Result<Option<Grant>, StoreError> {
        let row: Option<(i64, bool)> = on!(self, sqlx::query_as(GRANTED).bind(organisation.uuid()).bind(rule.uuid())
            .bind(member.uuid()) => fetch_optional)?;
        Ok(row.map(|(at, dated_today)| Grant {
            at: Timestamp::from_millis(at),
            dated_today,
        }))
    }

    /// Stores work over many people together with its job. The caller wakes the worker afterwards.
    pub async fn add_run(&mut self, organisation: OrganisationId, run: &Run, now: Timestamp) -> Result<(), StoreError> {
        let kind = if run.members.is_some() { "grant" } else { "weigh" };
        let members = run
            .members
            .as_ref()
            .map(|members| Json(members.iter().map(|member| member.uuid()).collect::<Vec<Uuid>>()));
        on!(self, sqlx::query(ADD_RUN).bind(run.id).bind(organisation.uuid()).bind(run.rule.uuid()).bind(kind)
            .bind(members).bind(run.dated_today).bind(run.by.map(MemberId::uuid)).bind(now.millis()) => execute)?;
        self.enqueue(&NewJob::rule_run(organisation, run.id, now), now).await
    }

    /// Work over many people.
    pub async fn run(&mut self, organisation: OrganisationId, id: Uuid) -> Result<Option<Run>, StoreError> {
        let row: Option<RunRow> = on!(self, sqlx::query_as(RUN).bind(organisation.uuid()).bind(id) => fetch_optional)?;
        Ok(row.map(RunRow::into_run))
    }

    /// The latest work of a rule over many people.
    pub async fn last_run(&mut self, organisation: OrganisationId, rule: RuleId) -> Result<Option<Run>, StoreError> {
        let row: Option<RunRow> =
            on!(self, sqlx::query_as(LAST_RUN).bind(organisation.uuid()).bind(rule.uuid()) => fetch_optional)?;
        Ok(row.map(RunRow::into_run))
    }

    /// Moves a run on; `false` if another worker is ahead.
    pub async fn advance_run(
        &mut self,
        organisation: OrganisationId,
        run: &Run,
        done: usize,
        after: Option<MemberId>,
    ) -> Result<bool, StoreError> {
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let rows = on!(self, sqlx::query(ADVANCE).bind(organisation.uuid()).bind(run.id).bind(number(run.done))
            .bind(number(done)).bind(after.map(MemberId::uuid)) => execute)?;
        Ok(rows == 1)
    }

    /// Ends a run; `false` if it had ended.
    pub async fn end_run(
        &mut self,
        organisation: OrganisationId,
        id: Uuid,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let rows = on!(self, sqlx::query(END_RUN).bind(organisation.uuid()).bind(id).bind(now.millis()) => execute)?;
        Ok(rows == 1)
    }

    /// Up to `limit` people who are or were in a course, by their ids, from the one after `after`.
    pub async fn enrolled(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        after: Option<MemberId>,
        limit: i64,
    ) -> Result<Vec<MemberId>, StoreError> {
        let after = after.map_or(Uuid::nil(), MemberId::uuid);
        let ids: Vec<Uuid> = on!(self, sqlx::query_scalar(ENROLLED).bind(organisation.uuid()).bind(course.uuid())
            .bind(after).bind(limit) => fetch_all)?;
        Ok(ids.into_iter().map(MemberId::new).collect())
    }

    /// Queues the evaluation of whoever an issued award is news for: rules that need another badge.
    pub(super) async fn tell_watchers(
        &mut self,
        organisation: OrganisationId,
        award: Uuid,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let rows: Vec<(Uuid, Uuid)> =
            on!(self, sqlx::query_as(WATCHERS).bind(organisation.uuid()).bind(award) => fetch_all)?;
        for (course, member) in rows {
            let job = NewJob::evaluate(organisation, CourseId::new(course), MemberId::new(member), now);
            self.enqueue(&job, now).await?;
        }
        Ok(())
    }
}

fn rule(row: Row) -> Result<Rule, StoreError> {
    let unreadable = |what| StoreError::Unreadable { what };
    Ok(Rule {
        id: RuleId::new(row.id),
        organisation: OrganisationId::new(row.organisation_id),
        registration: RegistrationId::new(row.registration_id),
        course: CourseId::new(row.course_id),
        badge_id: row.badge_id,
        state: row.state.parse().map_err(|_| unreadable("rule.state"))?,
        state_at: Timestamp::from_millis(row.state_at),
        version: u32::try_from(row.version).map_err(|_| unreadable("rule.version"))?,
        terms: Terms {
            when: row
                .expression
                .parse()
                .map_err(|_| unreadable("rule_version.expression"))?,
            options: row.options.0,
            since: row.since.map(Timestamp::from_millis),
        },
        written_at: Timestamp::from_millis(row.written_at),
        author: row.author_id.map(MemberId::new),
        created_at: Timestamp::from_millis(row.created_at),
    })
}

impl RunRow {
    fn into_run(self) -> Run {
        let members = |Json(ids): Json<Vec<Uuid>>| ids.into_iter().map(MemberId::new).collect();
        Run {
            id: self.id,
            rule: RuleId::new(self.rule_id),
            members: self.members.map(members),
            done: usize::try_from(self.done).unwrap_or(0),
            after: self.after_id.map(MemberId::new),
            dated_today: self.dated_today,
            by: self.by_id.map(MemberId::new),
            created_at: Timestamp::from_millis(self.created_at),
            ended_at: self.ended_at.map(Timestamp::from_millis),
        }
    }
}
