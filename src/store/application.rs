//! Applications for badges: stored before anything leaves, changed only by who read the present version.

use sqlx::types::Json;
use uuid::Uuid;

use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::model::application::{Answer, Application, Call, Decision, Stage};
use crate::model::form::Method;
use crate::model::request::Content;
use crate::model::{Address, ApplicationId, AwardId, CourseId, MemberId, OrderId, OrganisationId};

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    organisation_id: Uuid,
    course_id: Option<Uuid>,
    member_id: Option<Uuid>,
    form_key: String,
    form_id: String,
    badge_id: String,
    badge_name: String,
    method: String,
    name: String,
    address: String,
    answers: Json<Vec<Answer>>,
    attach_evidence: Option<bool>,
    claim_code: Option<Vec<u8>>,
    stage: String,
    call: String,
    version: i64,
    sendings: i64,
    look: i64,
    called_at: Option<i64>,
    factory_id: Option<String>,
    reason: Option<String>,
    decision: Option<String>,
    reviewer_id: Option<Uuid>,
    reviewer: Option<String>,
    message: Option<String>,
    content: Option<Json<Content>>,
    order_id: Option<Uuid>,
    decided_at: Option<i64>,
    elsewhere: bool,
    event_id: Option<String>,
    award_id: Option<Uuid>,
    created_at: i64,
    updated_at: i64,
}

/// How the reading of an organisation's applications stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApplicationReading {
    /// The last complete read.
    pub read_at: Option<Timestamp>,
    /// Since when reading fails.
    pub failing_since: Option<Timestamp>,
    /// Why.
    pub error: Option<String>,
}

macro_rules! select {
    ($($rest:tt)*) => {
        concat!(
            "SELECT a.id, a.organisation_id, a.course_id, a.member_id, a.form_key, a.form_id, a.badge_id, a.badge_name,
            a.method, a.name, a.address, a.answers, a.attach_evidence, a.claim_code, a.stage, a.call, a.version,
            a.sendings, a.look, a.called_at, a.factory_id, a.reason, a.decision, a.reviewer_id, a.reviewer, a.message,
            a.content, a.order_id, a.decided_at, a.elsewhere, a.event_id, a.award_id, a.created_at, a.updated_at
            FROM application a WHERE ",
            $($rest)*
        )
    };
}

/// Of this course: made here, or on the Factory's page with a form of this course by one of its people.
macro_rules! of_course {
    () => {
        "a.organisation_id = $1 AND (a.course_id = $2 OR (a.course_id IS NULL
            AND EXISTS (SELECT 1 FROM content c WHERE c.course_id = $2 AND c.organisation_id = $1 AND c.kind = 'apply'
                AND c.badge_id = a.form_id)
            AND EXISTS (SELECT 1 FROM enrolment e JOIN member m ON m.id = e.member_id WHERE e.course_id = $2
                AND m.email = a.address AND e.status = 'active'
                AND COALESCE(e.launch_standing, e.roster_standing) = 'learner')))"
    };
}

const ADD: &str = "INSERT INTO application (id, organisation_id, course_id, member_id, form_key, form_id, badge_id,
    badge_name, method, name, address, answers, attach_evidence, claim_code, stage, call, factory_id, called_at, decision,
    reviewer, decided_at, elsewhere, event_id, created_at, updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
    $25) ON CONFLICT DO NOTHING";
const BY_KEY: &str = "SELECT id FROM application WHERE organisation_id = $1 AND form_key = $2";
const ONE: &str = select!("a.organisation_id = $1 AND a.id = $2");
const IN_COURSE: &str = select!("a.id = $3 AND ", of_course!());
const PENDING: &str = select!(
    "a.stage = 'pending' AND a.decision IS NULL AND ",
    of_course!(),
    " ORDER BY a.created_at, a.id LIMIT $3"
);
const OTHERS: &str = select!(
    "a.stage <> 'pending' AND ",
    of_course!(),
    " ORDER BY a.updated_at DESC, a.id DESC LIMIT $3"
);
const UNDER_WAY: &str = select!(
    "a.stage = 'pending' AND a.decision IS NOT NULL AND ",
    of_course!(),
    " ORDER BY a.decided_at DESC, a.id LIMIT $3"
);
const COUNT: &str = concat!(
    "SELECT COUNT(*) FROM application a WHERE a.stage = 'pending' AND a.decision IS NULL AND a.method = 'review'
        AND a.factory_id IS NOT NULL AND ",
    of_course!()
);
const WAITING: &str = concat!(
    "SELECT a.badge_name, COUNT(*), MIN(a.created_at) FROM application a WHERE a.stage = 'pending'
        AND a.decision IS NULL AND a.method = 'review' AND a.factory_id IS NOT NULL AND ",
    of_course!(),
    " GROUP BY a.badge_name ORDER BY MIN(a.created_at) LIMIT 50"
);
const OF_MEMBER: &str = select!(
    "a.organisation_id = $1 AND a.member_id = $2 AND a.form_id = $3 ORDER BY a.created_at DESC, a.id DESC LIMIT 20"
);
const OF_PERSON: &str = select!("a.organisation_id = $1 AND a.member_id = $2 ORDER BY a.created_at, a.id");
const TRACKED: &str = select!(
    "a.organisation_id = $1 AND a.form_id = $2 AND a.stage = 'pending' AND a.factory_id IS NOT NULL
    ORDER BY a.updated_at, a.id LIMIT $3"
);
const KNOWN: &str = "SELECT COUNT(*) FROM application WHERE organisation_id = $1 AND form_id = $2 AND factory_id = $3";
const TAKEN: &str = "SELECT COUNT(*) FROM application WHERE organisation_id = $1 AND form_id = $2 AND factory_id = $3
    AND form_key NOT LIKE 'factory:%'";
const OWN_UNDER_WAY: &str = "SELECT COUNT(*) FROM application WHERE organisation_id = $1 AND form_id = $2
    AND address = $3 AND stage = 'new'";
const SAVE: &str = "UPDATE application SET stage = $4, call = $5, version = version + 1, sendings = $6, look = $7,
    called_at = $8, factory_id = $9, reason = $10, decision = $11, reviewer_id = $12, reviewer = $13, message = $14,
    content = $15, order_id = $16, decided_at = $17, elsewhere = $18, event_id = $19, award_id = $20, claim_code = $21,
    course_id = $22, member_id = $23, updated_at = $24
    WHERE organisation_id = $1 AND id = $2 AND version = $3";
/// What was found on the Factory's page turns out to be ours.
const MAKE_ROOM: &str = "DELETE FROM application WHERE organisation_id = $1 AND form_id = $2 AND factory_id = $3
    AND id <> $4 AND decision IS NULL AND form_key LIKE 'factory:%'";
const MEMBER_OF: &str = "SELECT m.id FROM enrolment e JOIN member m ON m.id = e.member_id WHERE e.organisation_id = $1
    AND e.course_id = $2 AND m.organisation_id = $1 AND m.email = $3 ORDER BY m.id LIMIT 1";
const FORMS: &str = "SELECT DISTINCT badge_id FROM content WHERE organisation_id = $1 AND kind = 'apply'
    AND course_id IS NOT NULL UNION SELECT form_id FROM application WHERE organisation_id = $1 AND stage = 'pending'
    LIMIT 200";
const PLACED: &str = "SELECT COUNT(*) FROM content WHERE organisation_id = $1 AND course_id = $2 AND kind = 'apply'
    AND badge_id = $3";
const READING: &str = "SELECT read_at, failing_since, error FROM application_reading WHERE organisation_id = $1";
const READ: &str = "INSERT INTO application_reading (organisation_id, read_at) VALUES ($1, $2)
    ON CONFLICT (organisation_id) DO UPDATE SET read_at = excluded.read_at, failing_since = NULL, error = NULL";
const UNREAD: &str = "INSERT INTO application_reading (organisation_id, failing_since, error) VALUES ($1, $2, $3)
    ON CONFLICT (organisation_id) DO UPDATE SET
        failing_since = COALESCE(application_reading.failing_since, excluded.failing_since), error = excluded.error";
/// Approving made this award: it is issued already.
const AWARD_ISSUED: &str = "UPDATE award SET state = 'issued', event_id = $3, issued_at = $4, updated_at = $4
    WHERE organisation_id = $1 AND id = $2 AND state = 'queued'";
const ORDER_ISSUED: &str = "UPDATE orders SET state = 'issued', event_id = $3, next_at = NULL, version = version + 1,
    updated_at = $4 WHERE organisation_id = $1 AND id = $2 AND state = 'ready'";

impl Tx<'_> {
    /// Stores an application; `false` if one with its key, or with its id at the Factory, is there.
    pub async fn add_application(&mut self, new: &Application) -> Result<bool, StoreError> {
        let rows = on!(self, sqlx::query(ADD).bind(new.id.uuid()).bind(new.organisation.uuid())
            .bind(new.course.map(CourseId::uuid)).bind(new.member.map(MemberId::uuid)).bind(&new.form_key)
            .bind(&new.form_id).bind(&new.badge_id).bind(&new.badge_name).bind(new.method.word()).bind(&new.name)
            .bind(new.address.as_str()).bind(Json(&new.answers)).bind(new.attach_evidence).bind(&new.claim_code)
            .bind(new.stage.word()).bind(new.call.word()).bind(&new.factory_id)
            .bind(new.called_at.map(Timestamp::millis)).bind(new.decision.map(Decision::word))
            .bind(&new.reviewer_name).bind(new.decided_at.map(Timestamp::millis)).bind(new.elsewhere)
            .bind(&new.event).bind(new.created_at.millis()).bind(new.updated_at.millis()) => execute)?;
        Ok(rows == 1)
    }

    /// The application that was stored under a form's key.
    pub async fn application_of_key(
        &mut self,
        organisation: OrganisationId,
        form_key: &str,
    ) -> Result<Option<ApplicationId>, StoreError> {
        let id: Option<Uuid> =
            on!(self, sqlx::query_scalar(BY_KEY).bind(organisation.uuid()).bind(form_key) => fetch_optional)?;
        Ok(id.map(ApplicationId::new))
    }

    /// An application of the organisation, for its job.
    pub async fn application(
        &mut self,
        organisation: OrganisationId,
        id: ApplicationId,
    ) -> Result<Option<Application>, StoreError> {
        let row: Option<Row> =
            on!(self, sqlx::query_as(ONE).bind(organisation.uuid()).bind(id.uuid()) => fetch_optional)?;
        row.map(Row::into_application).transpose()
    }

    /// An application that staff of this course may see.
    pub async fn application_in_course(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        id: ApplicationId,
    ) -> Result<Option<Application>, StoreError> {
        let row: Option<Row> = on!(self, sqlx::query_as(IN_COURSE).bind(organisation.uuid()).bind(course.uuid())
            .bind(id.uuid()) => fetch_optional)?;
        row.map(Row::into_application).transpose()
    }

    /// The course's applications that nobody decided, the oldest first.
    pub async fn pending_applications(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        limit: i64,
    ) -> Result<Vec<Application>, StoreError> {
        self.applications_of_course(PENDING, organisation, course, limit).await
    }

    /// The course's applications whose decision is on its way, the latest first.
    pub async fn applications_under_way(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        limit: i64,
    ) -> Result<Vec<Application>, StoreError> {
        self.applications_of_course(UNDER_WAY, organisation, course, limit)
            .await
    }

    /// The course's applications that wait for nobody here: decided, refused, not at the Factory yet; the latest first.
    pub async fn other_applications(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        limit: i64,
    ) -> Result<Vec<Application>, StoreError> {
        self.applications_of_course(OTHERS, organisation, course, limit).await
    }

    async fn applications_of_course(
        &mut self,
        sql: &'static str,
        organisation: OrganisationId,
        course: CourseId,
        limit: i64,
    ) -> Result<Vec<Application>, StoreError> {
        let rows: Vec<Row> = on!(self, sqlx::query_as(sql).bind(organisation.uuid()).bind(course.uuid()).bind(limit)
            => fetch_all)?;
        rows.into_iter().map(Row::into_application).collect()
    }

    /// How many applications of the course wait for its staff.
    pub async fn application_count(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
    ) -> Result<u64, StoreError> {
        let count: i64 =
            on!(self, sqlx::query_scalar(COUNT).bind(organisation.uuid()).bind(course.uuid()) => fetch_one)?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// The same by badge: its name, how many wait, and since when the oldest does.
    pub async fn waiting_applications(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
    ) -> Result<Vec<(String, u64, Timestamp)>, StoreError> {
        let rows: Vec<(String, i64, i64)> =
            on!(self, sqlx::query_as(WAITING).bind(organisation.uuid()).bind(course.uuid()) => fetch_all)?;
        let row = |(badge, count, oldest): (String, i64, i64)| {
            (badge, u64::try_from(count).unwrap_or(0), Timestamp::from_millis(oldest))
        };
        Ok(rows.into_iter().map(row).collect())
    }

    /// A member's applications with one form, the latest first.
    pub async fn own_applications(
        &mut self,
        organisation: OrganisationId,
        member: MemberId,
        form: &str,
    ) -> Result<Vec<Application>, StoreError> {
        let rows: Vec<Row> = on!(self, sqlx::query_as(OF_MEMBER).bind(organisation.uuid()).bind(member.uuid())
            .bind(form) => fetch_all)?;
        rows.into_iter().map(Row::into_application).collect()
    }

    /// All applications of a member, the oldest first.
    pub async fn applications_of_member(
        &mut self,
        organisation: OrganisationId,
        member: MemberId,
    ) -> Result<Vec<Application>, StoreError> {
        let rows: Vec<Row> = on!(self, sqlx::query_as(OF_PERSON).bind(organisation.uuid()).bind(member.uuid())
            => fetch_all)?;
        rows.into_iter().map(Row::into_application).collect()
    }

    /// The organisation's applications with a form that are pending as far as is known.
    pub async fn tracked_applications(
        &mut self,
        organisation: OrganisationId,
        form: &str,
        limit: i64,
    ) -> Result<Vec<Application>, StoreError> {
        let rows: Vec<Row> = on!(self, sqlx::query_as(TRACKED).bind(organisation.uuid()).bind(form).bind(limit)
            => fetch_all)?;
        rows.into_iter().map(Row::into_application).collect()
    }

    /// Whether an application at the Factory is known here, or may be one of ours whose answer is on its way.
    pub async fn knows_application(
        &mut self,
        organisation: OrganisationId,
        form: &str,
        factory_id: &str,
        address: &Address,
    ) -> Result<bool, StoreError> {
        let known: i64 = on!(self, sqlx::query_scalar(KNOWN).bind(organisation.uuid()).bind(form).bind(factory_id)
            => fetch_one)?;
        let ours: i64 = on!(self, sqlx::query_scalar(OWN_UNDER_WAY).bind(organisation.uuid()).bind(form)
            .bind(address.as_str()) => fetch_one)?;
        Ok(known > 0 || ours > 0)
    }

    /// Whether an application at the Factory is another one of ours.
    pub async fn is_application_taken(
        &mut self,
        organisation: OrganisationId,
        form: &str,
        factory_id: &str,
    ) -> Result<bool, StoreError> {
        let count: i64 = on!(self, sqlx::query_scalar(TAKEN).bind(organisation.uuid()).bind(form).bind(factory_id)
            => fetch_one)?;
        Ok(count > 0)
    }

    /// Stores what became of an application; `false` if somebody else changed it since it was read.
    pub async fn save_application(&mut self, after: &Application, now: Timestamp) -> Result<bool, StoreError> {
        if let Some(factory_id) = &after.factory_id {
            on!(self, sqlx::query(MAKE_ROOM).bind(after.organisation.uuid()).bind(&after.form_id).bind(factory_id)
                .bind(after.id.uuid()) => execute)?;
        }
        let rows = on!(self, sqlx::query(SAVE).bind(after.organisation.uuid()).bind(after.id.uuid())
            .bind(after.version).bind(after.stage.word()).bind(after.call.word()).bind(i64::from(after.sendings))
            .bind(i64::from(after.look)).bind(after.called_at.map(Timestamp::millis)).bind(&after.factory_id)
            .bind(&after.reason).bind(after.decision.map(Decision::word)).bind(after.reviewer.map(MemberId::uuid))
            .bind(&after.reviewer_name).bind(&after.message).bind(after.content.as_ref().map(Json))
            .bind(after.order.map(OrderId::uuid)).bind(after.decided_at.map(Timestamp::millis))
            .bind(after.elsewhere).bind(&after.event).bind(after.award.map(AwardId::uuid)).bind(&after.claim_code)
            .bind(after.course.map(CourseId::uuid)).bind(after.member.map(MemberId::uuid)).bind(now.millis())
            => execute)?;
        Ok(rows == 1)
    }

    /// The member of a course with this address.
    pub async fn member_with_address(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        address: &Address,
    ) -> Result<Option<MemberId>, StoreError> {
        let id: Option<Uuid> = on!(self, sqlx::query_scalar(MEMBER_OF).bind(organisation.uuid()).bind(course.uuid())
            .bind(address.as_str()) => fetch_optional)?;
        Ok(id.map(MemberId::new))
    }

    /// The forms whose applications concern somebody here: placed in a course, or with applications that wait.
    pub async fn forms_in_use(&mut self, organisation: OrganisationId) -> Result<Vec<String>, StoreError> {
        on!(self, sqlx::query_scalar(FORMS).bind(organisation.uuid()) => fetch_all)
    }

    /// Whether a form is placed in a course.
    pub async fn is_form_placed(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        form: &str,
    ) -> Result<bool, StoreError> {
        let count: i64 = on!(self, sqlx::query_scalar(PLACED).bind(organisation.uuid()).bind(course.uuid()).bind(form)
            => fetch_one)?;
        Ok(count > 0)
    }

    /// How the reading of applications stands.
    pub async fn application_reading(
        &mut self,
        organisation: OrganisationId,
    ) -> Result<ApplicationReading, StoreError> {
        let row: Option<(Option<i64>, Option<i64>, Option<String>)> =
            on!(self, sqlx::query_as(READING).bind(organisation.uuid()) => fetch_optional)?;
        let (read_at, failing_since, error) = row.unwrap_or_default();
        Ok(ApplicationReading {
            read_at: read_at.map(Timestamp::from_millis),
            failing_since: failing_since.map(Timestamp::from_millis),
            error,
        })
    }

    /// Notes that all applications were read; with a reason that they were not.
    pub async fn note_application_reading(
        &mut self,
        organisation: OrganisationId,
        failure: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        match failure {
            None => on!(self, sqlx::query(READ).bind(organisation.uuid()).bind(now.millis()) => execute)?,
            Some(why) => {
                on!(self, sqlx::query(UNREAD).bind(organisation.uuid()).bind(now.millis()).bind(why) => execute)?
            }
        };
        Ok(())
    }

    /// Marks a new award and its new order as issued with an event: the Factory made it when it took an approval.
    /// `false` if they are not new.
    pub async fn issue_at_once(
        &mut self,
        organisation: OrganisationId,
        order: OrderId,
        award: AwardId,
        event: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let orders = on!(self, sqlx::query(ORDER_ISSUED).bind(organisation.uuid()).bind(order.uuid()).bind(event)
            .bind(now.millis()) => execute)?;
        let awards = on!(self, sqlx::query(AWARD_ISSUED).bind(organisation.uuid()).bind(award.uuid()).bind(event)
            .bind(now.millis()) => execute)?;
        // getting the badge may be a grade
        self.enqueue_grades(organisation, now).await?;
        Ok(orders == 1 && awards == 1)
    }
}

impl Row {
    fn into_application(self) -> Result<Application, StoreError> {
        let unreadable = |what| StoreError::Unreadable { what };
        let small = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
        Ok(Application {
            id: ApplicationId::new(self.id),
            organisation: OrganisationId::new(self.organisation_id),
            course: self.course_id.map(CourseId::new),
            member: self.member_id.map(MemberId::new),
            form_key: self.form_key,
            form_id: self.form_id,
            badge_id: self.badge_id,
            badge_name: self.badge_name,
            method: self.method.parse().unwrap_or(Method::Other),
            name: self.name,
            address: Address::parse(&self.address).map_err(|_| unreadable("application.address"))?,
            answers: self.answers.0,
            attach_evidence: self.attach_evidence,
            claim_code: self.claim_code,
            stage: self
                .stage
                .parse::<Stage>()
                .map_err(|_| unreadable("application.stage"))?,
            call: self.call.parse::<Call>().map_err(|_| unreadable("application.call"))?,
            version: self.version,
            sendings: small(self.sendings),
            look: small(self.look),
            called_at: self.called_at.map(Timestamp::from_millis),
            factory_id: self.factory_id,
            reason: self.reason,
            decision: match self.decision {
                Some(word) => Some(word.parse().map_err(|_| unreadable("application.decision"))?),
                None => None,
            },
            reviewer: self.reviewer_id.map(MemberId::new),
            reviewer_name: self.reviewer,
            message: self.message,
            content: self.content.map(|Json(content)| content),
            order: self.order_id.map(OrderId::new),
            decided_at: self.decided_at.map(Timestamp::from_millis),
            elsewhere: self.elsewhere,
            event: self.event_id,
            award: self.award_id.map(AwardId::new),
            created_at: Timestamp::from_millis(self.created_at),
            updated_at: Timestamp::from_millis(self.updated_at),
        })
    }
}
