//! An application for a badge: what a learner handed in, where it stands, and what is to be done next. Pure.
//!
//! Two calls change something at the Factory: handing in, and telling the decision. Neither has a key that would make a
//! second one harmless, so a call whose answer was lost is looked for before anything is sent again.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::model::award::words;
use crate::model::form::Method;
use crate::model::order::Timing;
use crate::model::request::Content;
use crate::model::{Address, ApplicationId, AwardId, CourseId, FileId, MemberId, OrderId, OrganisationId};

/// Sendings without a person: the first, and one after the last look found nothing.
const MOST_SENDINGS: u32 = 2;

words! {
    /// Where an application stands.
    Stage {
        /// Not known to be at the Factory yet.
        New = "new",
        /// At the Factory, not decided.
        Pending = "pending",
        /// The badge was issued.
        Approved = "approved",
        /// It was not.
        Rejected = "rejected",
        /// The Factory did not take it.
        Refused = "refused",
        /// The Factory has it no more.
        Gone = "gone",
    }
}

words! {
    /// Where the call stands that hands it in, or tells the decision.
    Call {
        /// There is none.
        None = "none",
        /// To be made.
        Ready = "ready",
        /// A worker may be making it.
        Sending = "sending",
        /// Made perhaps; looked for.
        Unsure = "unsure",
        /// Made twice and not found: a person looks at the Factory.
        Parked = "parked",
    }
}

words! {
    /// What is decided.
    Decision {
        /// The person gets the badge.
        Approve = "approve",
        /// The person does not.
        Reject = "reject",
    }
}

/// How long an application that was begun is kept after its last change.
pub const STARTED_LIFE: Duration = Duration::from_hours(30 * 24);

/// An application that somebody began and did not send.
#[derive(Clone, PartialEq, Eq)]
pub struct Started {
    /// The application that it will become; its files lie there already.
    pub id: ApplicationId,
    /// The one-time key of its form.
    pub form_key: String,
    /// What was answered so far.
    pub answers: Vec<Answer>,
    /// Whether it shall become evidence.
    pub attach: bool,
    /// The claim code, sealed.
    pub claim_code: Option<Vec<u8>>,
    /// Whether everything was checked: it can be sent as it is.
    pub is_ready: bool,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

/// Without what somebody wrote.
impl std::fmt::Debug for Started {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Started")
            .field("id", &self.id)
            .field("is_ready", &self.is_ready)
            .finish_non_exhaustive()
    }
}

/// One answer of an application.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The field's name at the Factory.
    pub name: String,
    /// What was asked.
    pub label: String,
    /// What is sent.
    #[serde(default)]
    pub values: Vec<String>,
    /// What was answered, as a person reads it.
    #[serde(default)]
    pub shown: String,
    /// The file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<FileFacts>,
    /// Whether nobody was asked: it goes along, and is not shown.
    #[serde(default)]
    pub hidden: bool,
}

/// Nothing of what a person wrote.
impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// A file that was handed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFacts {
    /// Its row.
    pub id: uuid::Uuid,
    /// Its name, safe to be sent and shown.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its size in bytes.
    pub size: u64,
}

impl FileFacts {
    /// Its id.
    pub const fn id(&self) -> FileId {
        FileId::new(self.id)
    }
}

/// An application.
#[derive(Clone, Debug, PartialEq)]
pub struct Application {
    /// Our id.
    pub id: ApplicationId,
    /// Whose.
    pub organisation: OrganisationId,
    /// Where it was made or decided; absent: on the Factory's page.
    pub course: Option<CourseId>,
    /// Who applied, where that is known.
    pub member: Option<MemberId>,
    /// The one-time key of the form that was sent.
    pub form_key: String,
    /// The Factory's form.
    pub form_id: String,
    /// The badge.
    pub badge_id: String,
    /// The badge's name at the time.
    pub badge_name: String,
    /// Who decides.
    pub method: Method,
    /// The applicant's name.
    pub name: String,
    /// The applicant's address.
    pub address: Address,
    /// What was answered.
    pub answers: Vec<Answer>,
    /// Whether it becomes evidence, where the applicant may say.
    pub attach_evidence: Option<bool>,
    /// The claim code, sealed.
    pub claim_code: Option<Vec<u8>>,
    /// Where it stands.
    pub stage: Stage,
    /// Where its call stands.
    pub call: Call,
    /// Raised by every change.
    pub version: i64,
    /// Sendings of the present call that the Factory may have carried out.
    pub sendings: u32,
    /// Which look comes next.
    pub look: u32,
    /// When the call was begun last, or the stage changed for which something is looked for.
    pub called_at: Option<Timestamp>,
    /// The Factory's id of it.
    pub factory_id: Option<String>,
    /// The Factory's words, or ours.
    pub reason: Option<String>,
    /// What is decided.
    pub decision: Option<Decision>,
    /// Who decided here.
    pub reviewer: Option<MemberId>,
    /// Who decided, by name.
    pub reviewer_name: Option<String>,
    /// What the reviewer wrote to the applicant.
    pub message: Option<String>,
    /// What the decision sends.
    pub content: Option<Content>,
    /// The marker of an approval.
    pub order: Option<OrderId>,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
    /// Decided at the Factory.
    pub elsewhere: bool,
    /// The event that approving made.
    pub event: Option<String>,
    /// The award that followed.
    pub award: Option<AwardId>,
    /// When it was stored.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

/// What is to be done next with an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Hand it in.
    HandIn,
    /// Look whether it was handed in.
    LookForIt,
    /// Ask how it stands, and tell the decision if it is not decided.
    Decide,
    /// Ask how it stands.
    Read,
    /// Find the event and make the award.
    Award,
    /// Nothing before this has passed.
    Wait(Duration),
    /// Nothing by itself.
    Nothing,
}

impl Application {
    /// The cause of the award that approving makes (promise P2): `application:{form}:{application}`, in the Factory's
    /// ids. Nothing before the Factory's id is known.
    pub fn cause(&self) -> Option<String> {
        let id = self.factory_id.as_deref()?;
        Some(format!("application:{}:{id}", self.form_id))
    }

    /// Whether staff can decide it now: nobody did, or nobody knows what became of the decision.
    pub fn can_be_decided(&self) -> bool {
        let is_free = (self.call == Call::None && self.decision.is_none()) || self.call == Call::Parked;
        self.stage == Stage::Pending && is_free && self.factory_id.is_some() && self.method.is_decided_here()
    }

    /// Whether the applicant waits for something: then there is no second one for the same form.
    pub fn is_open(&self) -> bool {
        matches!(self.stage, Stage::New | Stage::Pending) && self.call != Call::Parked || (self.stage == Stage::Pending)
    }

    /// What is to be done at `now`.
    pub fn next(&self, now: Timestamp, timing: &Timing) -> Step {
        match (self.stage, self.call) {
            (Stage::New, Call::Ready) => Step::HandIn,
            (Stage::New, Call::Sending | Call::Unsure) => self.at_look(now, timing, Step::LookForIt),
            (Stage::Pending, Call::Ready) => Step::Decide,
            (Stage::Pending, Call::Sending | Call::Unsure) => self.at_look(now, timing, Step::Decide),
            (Stage::Pending, Call::None) if self.method.is_at_once() && self.has_looks(timing) => {
                self.at_look(now, timing, Step::Read)
            }
            (Stage::Approved, _) if self.award.is_none() && self.has_looks(timing) => {
                self.at_look(now, timing, Step::Award)
            }
            _ => Step::Nothing,
        }
    }

    /// The same with a call that begins at `now`.
    #[must_use]
    pub fn begun(mut self, now: Timestamp) -> Self {
        self.call = Call::Sending;
        self.sendings = self.sendings.saturating_add(1);
        self.called_at = Some(now);
        self.look = 0;
        self
    }

    /// The call did not reach the Factory, or surely did nothing: it is made again.
    #[must_use]
    pub fn not_sent(mut self) -> Self {
        self.call = Call::Ready;
        self.sendings = self.sendings.saturating_sub(1);
        self
    }

    /// Nobody knows whether the call was carried out.
    #[must_use]
    pub fn unsure(mut self) -> Self {
        self.call = Call::Unsure;
        self
    }

    /// The Factory took it and did not say as what: it is looked for, and not sent again.
    #[must_use]
    pub fn taken_unnamed(mut self) -> Self {
        self.sendings = MOST_SENDINGS;
        self.unsure()
    }

    /// A look found that the call was not carried out, so far.
    #[must_use]
    pub fn not_found(mut self, timing: &Timing) -> Self {
        self.look = self.look.saturating_add(1);
        self.call = if self.has_looks(timing) {
            Call::Unsure
        } else if self.sendings < MOST_SENDINGS {
            self.look = 0;
            Call::Ready
        } else {
            Call::Parked
        };
        self
    }

    /// The Factory has it under this id.
    #[must_use]
    pub fn taken(mut self, factory_id: Option<String>, now: Timestamp) -> Self {
        self.stage = Stage::Pending;
        self.call = Call::None;
        self.factory_id = factory_id;
        self.claim_code = None;
        self.reason = None;
        self.sendings = 0;
        self.look = 0;
        self.called_at = Some(now);
        self
    }

    /// The Factory did not take it; the applicant may try again.
    #[must_use]
    pub fn refused(mut self, reason: String) -> Self {
        self.stage = Stage::Refused;
        self.call = Call::None;
        self.claim_code = None;
        self.reason = Some(reason);
        self
    }

    /// The Factory has it decided. Where that is not what was decided here, somebody else was first.
    #[must_use]
    pub fn decided(mut self, decision: Decision, reviewer: Option<String>, now: Timestamp) -> Self {
        let is_ours = self.decision == Some(decision) && self.sendings > 0;
        self.stage = match decision {
            Decision::Approve => Stage::Approved,
            Decision::Reject => Stage::Rejected,
        };
        self.call = Call::None;
        self.look = 0;
        self.called_at = Some(now);
        self.reason = None;
        if !is_ours {
            self.decision = Some(decision);
            self.reviewer = None;
            self.reviewer_name = reviewer;
            self.message = None;
            self.decided_at = Some(now);
            self.elsewhere = true;
        }
        self
    }

    /// The Factory did not take the decision: staff decide anew, and see why.
    #[must_use]
    pub fn decision_refused(mut self, reason: String) -> Self {
        self.call = Call::None;
        self.decision = None;
        self.decided_at = None;
        self.reviewer = None;
        self.reviewer_name = None;
        self.sendings = 0;
        self.reason = Some(reason);
        self
    }

    /// The Factory has it no more.
    #[must_use]
    pub fn gone(mut self) -> Self {
        self.stage = Stage::Gone;
        self.call = Call::None;
        self
    }

    fn has_looks(&self, timing: &Timing) -> bool {
        usize::try_from(self.look).is_ok_and(|look| look < timing.looks.len())
    }

    /// `step`, once its look is due: counted from when the call can no longer be under way.
    fn at_look(&self, now: Timestamp, timing: &Timing, step: Step) -> Step {
        let begun = self.called_at.unwrap_or(self.updated_at);
        let lease = if matches!(self.call, Call::Sending | Call::Unsure) {
            timing.lease
        } else {
            Duration::ZERO
        };
        let look = usize::try_from(self.look).unwrap_or(usize::MAX);
        let due = begun
            .plus(lease)
            .plus(timing.looks.get(look).copied().unwrap_or_default());
        if due <= now { step } else { Step::Wait(due.since(now)) }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    pub(crate) fn fresh() -> Application {
        Application {
            id: ApplicationId::new(Uuid::nil()),
            organisation: OrganisationId::new(Uuid::nil()),
            course: None,
            member: None,
            form_key: "k".into(),
            form_id: "A1".into(),
            badge_id: "B1".into(),
            badge_name: "Badge".into(),
            method: Method::Review,
            name: "Ada".into(),
            address: Address::parse("ada@campus.example").unwrap(),
            answers: Vec::new(),
            attach_evidence: None,
            claim_code: None,
            stage: Stage::New,
            call: Call::Ready,
            version: 0,
            sendings: 0,
            look: 0,
            called_at: None,
            factory_id: None,
            reason: None,
            decision: None,
            reviewer: None,
            reviewer_name: None,
            message: None,
            content: None,
            order: None,
            decided_at: None,
            elsewhere: false,
            event: None,
            award: None,
            created_at: at(0),
            updated_at: at(0),
        }
    }

    fn decide(mut one: Application) -> Application {
        one.decision = Some(Decision::Approve);
        one.decided_at = Some(at(5));
        one.call = Call::Ready;
        one
    }

    #[test]
    fn a_lost_answer_is_looked_for_at_each_time_before_it_is_sent_once_more() {
        let timing = Timing::default();
        let mut one = fresh().begun(at(0)).unsure();
        assert_eq!(one.next(at(0), &timing), Step::Wait(timing.lease));
        let mut now = at(90);
        for look in &timing.looks {
            now = at(90 + i64::try_from(look.as_secs()).unwrap());
            assert_eq!(one.next(now, &timing), Step::LookForIt);
            one = one.not_found(&timing);
        }
        assert_eq!((one.next(now, &timing), one.sendings), (Step::HandIn, 1));
        one = one.begun(at(2000)).unsure();
        for _ in &timing.looks {
            one = one.not_found(&timing);
        }
        assert_eq!((one.call, one.next(at(99_999), &timing)), (Call::Parked, Step::Nothing));
    }

    #[test]
    fn a_worker_that_died_while_sending_leaves_something_to_look_for() {
        let timing = Timing::default();
        assert_eq!(fresh().begun(at(0)).next(at(90), &timing), Step::LookForIt);
        let deciding = decide(fresh().taken(Some("P1".into()), at(0))).begun(at(5));
        assert!(matches!(deciding.next(at(6), &timing), Step::Wait(_)));
        assert_eq!(deciding.next(at(95), &timing), Step::Decide);
    }

    #[test]
    fn what_was_surely_not_sent_does_not_count() {
        let one = fresh().begun(at(0)).not_sent();
        assert_eq!((one.call, one.sendings), (Call::Ready, 0));
    }

    #[test]
    fn a_decision_of_somebody_else_is_told_from_ours() {
        let pending = fresh().taken(Some("P1".into()), at(1));
        assert!(pending.can_be_decided());
        assert_eq!(pending.cause().as_deref(), Some("application:A1:P1"));
        let ours = decide(pending.clone())
            .begun(at(6))
            .decided(Decision::Approve, Some("Rae".into()), at(7));
        assert!(!ours.elsewhere && ours.stage == Stage::Approved && ours.decided_at == Some(at(5)));
        let theirs = decide(pending.clone()).decided(Decision::Approve, Some("Eve".into()), at(7));
        assert!(
            theirs.elsewhere && theirs.reviewer_name.as_deref() == Some("Eve"),
            "nothing of ours had left"
        );
        let other = decide(pending).begun(at(6)).decided(Decision::Reject, None, at(7));
        assert!(other.elsewhere && other.stage == Stage::Rejected);
    }

    #[test]
    fn a_refused_decision_can_be_made_anew() {
        let one = decide(fresh().taken(Some("P1".into()), at(1)))
            .begun(at(6))
            .decision_refused("no".into());
        assert!(one.can_be_decided());
        assert_eq!(one.reason.as_deref(), Some("no"));
    }

    #[test]
    fn forms_that_issue_at_once_are_read_and_others_wait_for_a_person() {
        let timing = Timing::default();
        let mut one = fresh().taken(Some("P1".into()), at(1));
        assert_eq!(one.next(at(9), &timing), Step::Nothing);
        one.method = Method::Instant;
        assert_eq!(one.next(at(9), &timing), Step::Read);
        one.method = Method::Peer;
        assert!(!one.can_be_decided());
        let approved = one.decided(Decision::Approve, None, at(9));
        assert_eq!(approved.next(at(9), &timing), Step::Award);
    }
}
