//! Applying for a badge inside the course: what the form asks, shown by us; what is handed in, stored before anything
//! leaves. Name and address are the launch's, never the form's.

use std::time::Duration;

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::answers::{self, Filled};
use super::fields::Fields;
use super::surroundings::Surroundings;
use super::upload::Upload;
use super::{answer, badge, refresh, who};
use crate::awards::applications::code_place;
use crate::clock::Timestamp;
use crate::crypto::random;
use crate::model::application::{Application, Call, FileFacts, Stage, Started};
use crate::model::award::AwardState;
use crate::model::catalog::CatalogBadge;
use crate::model::form::{CatalogForm, Evidence, FormsShown, Kind, Method, Question};
use crate::model::{Address, ApplicationId, MemberId, OrganisationId, Standing};
use crate::store::application_file::PIECE;
use crate::store::award_views::AwardLine;
use crate::store::job::NewJob;
use crate::store::{Durability, StoreError};
use crate::web::clean::Clean;
use crate::web::deps::Deps;
use crate::web::error::{Refusal, WebError};
use crate::web::pages::apply::{ApplicationWord, ApplyPage, Hurdle, Latest};
use crate::web::pages::{Flash, Mistake, Mistakes};
use crate::web::visit::Visit;

/// The longest claim code, in characters.
const CODE_LIMIT: usize = 200;
/// The longest name that the Factory takes, in characters.
const NAME_LIMIT: usize = 255;

/// Forms with more questions, and those with files, are checked before they are sent.
const MOST_UNCHECKED: usize = 3;
/// Files of what was not sent are forgotten after a day: a little earlier they are asked for again.
const FILES_WAIT: Duration = Duration::from_hours(23);

/// `GET /c/{seat}/apply/{form}`: for everybody who comes into the course; only learners apply.
#[tracing::instrument(name = "web.course.apply", skip_all)]
pub(super) async fn show(
    deps: Data<Deps>,
    visit: Visit,
    path: Path<(String, String)>,
    query: Fields,
) -> Result<HttpResponse, WebError> {
    let known = Known::read(&deps, &visit, &path.1).await?;
    let mut page = known.page(&deps, &visit, query.flash(), None, Mistakes::none()).await?;
    if let Some(ready) = known.ready(deps.clock.now()).filter(|_| query.one("check") == "1") {
        ready.form_key.clone_into(&mut page.key);
        page.check = Some(known.summary(ready));
    }
    answer::page(&page)
}

/// `POST /c/{seat}/apply/{form}`: stores the application and has it handed in.
#[tracing::instrument(name = "web.course.apply.send", skip_all)]
pub(super) async fn send(
    deps: Data<Deps>,
    visit: Visit,
    request: HttpRequest,
    path: Path<(String, String)>,
    body: Payload,
) -> Result<HttpResponse, WebError> {
    let upload = Upload::read(&request, body, &visit).await?;
    let known = Known::read(&deps, &visit, &path.1).await?;
    let back = visit.url(&format!("/apply/{}", encoded(&known.form.id)));
    let key = upload.fields.one("key").to_owned();
    if is_stored(&deps, &visit, &key).await? {
        return Ok(answer::see_other_with(&back, &Flash::Applied));
    }
    let (Some(applicant), None) = (known.applicant(&visit), known.hurdle(&deps, &visit)) else {
        // the page says why, and what to do
        return Ok(answer::see_other(&back));
    };
    let word = upload.fields.one("do");
    if word == "confirm" {
        return known.confirm(&deps, &visit, &applicant, &key, &back).await;
    }
    let mut mistakes = Mistakes::none();
    let now = deps.clock.now();
    let filled = answers::read(&known.form.questions, &upload, now, &mut mistakes);
    let code = upload.fields.one("code").to_owned();
    if known.form.method == Method::Secret && (code.is_empty() || code.chars().count() > CODE_LIMIT) {
        mistakes.note("code", Mistake::NoCode);
    }
    if word == "keep" {
        // what is not right yet is not kept: it would only be refused again
        known.keep(&deps, &visit, &applicant, &upload, filled, false).await?;
        return Ok(answer::see_other_with(&back, &Flash::ApplicationKept));
    }
    if !mistakes.is_empty() {
        let page = known.page(&deps, &visit, None, Some(&upload.fields), mistakes).await?;
        return answer::page(&page);
    }
    if word == "check" {
        known.keep(&deps, &visit, &applicant, &upload, filled, true).await?;
        return Ok(answer::see_other(&format!("{back}?check=1")));
    }
    let new = known.application(
        &deps,
        &visit,
        &applicant,
        &key,
        &code,
        upload.fields.one("attach") == "1",
        now,
    );
    store(&deps, new, filled).await?;
    deps.worker.wake();
    Ok(answer::see_other_with(&back, &Flash::Applied))
}

/// Who applies.
struct Applicant {
    member: MemberId,
    name: String,
    address: Address,
}

/// What is known of a form and of the visitor's applications with it.
struct Known {
    form: CatalogForm,
    badge: Option<CatalogBadge>,
    shown: FormsShown,
    address: Option<Address>,
    applications: Vec<Application>,
    awards: Vec<AwardLine>,
    started: Option<Started>,
}

impl Known {
    /// Reads a form that is placed in the visit's course; another one is not found (P5).
    async fn read(deps: &Deps, visit: &Visit, id: &str) -> Result<Self, WebError> {
        let (organisation, course, member) = (visit.organisation(), visit.course()?, visit.seat.member);
        let read = deps.store.read(async |tx| {
            let form = tx.catalog_form(organisation, id).await?;
            let is_placed = tx.is_form_placed(organisation, course, id).await?;
            let Some(form) = form.filter(|_| is_placed) else {
                return Ok(None);
            };
            let mut known = Self {
                badge: tx.catalog_badge(organisation, &form.badge_id).await?,
                shown: tx.forms_shown(organisation).await?,
                form,
                address: None,
                applications: Vec::new(),
                awards: Vec::new(),
                started: None,
            };
            if let Some(member) = member {
                known.address = tx.member_address(organisation, member).await?;
                known.applications = tx.own_applications(organisation, member, id).await?;
                known.awards = tx.member_awards(organisation, member).await?;
                known.started = tx.started_application(organisation, member, id).await?;
            }
            let reading = tx.application_reading(organisation).await?;
            Ok::<_, StoreError>(Some((known, reading.read_at)))
        });
        let (known, read_at) = read.await?.ok_or(Refusal::NotFound)?;
        let waits = known.applications.iter().any(|one| one.stage == Stage::Pending);
        if waits {
            refresh::applications(deps, organisation, read_at).await;
        }
        Ok(known)
    }

    fn applicant(&self, visit: &Visit) -> Option<Applicant> {
        let address = self.address.clone()?;
        let named = visit.seat.member_name.split_whitespace().collect::<Vec<_>>().join(" ");
        let name: String = named.chars().filter(|c| !c.is_control()).take(NAME_LIMIT).collect();
        Some(Applicant {
            member: visit.seat.member?,
            name: if name.is_empty() { address.to_string() } else { name },
            address,
        })
    }

    /// What stands in the way of applying.
    fn hurdle(&self, deps: &Deps, visit: &Visit) -> Option<Hurdle> {
        let latest = self.applications.first();
        let has_one = latest.is_some_and(|one| stands(one, &self.awards));
        let (now, form) = (deps.clock.now(), &self.form);
        if has_one {
            Some(Hurdle::HasOne)
        } else if !form.is_offered() {
            Some(Hurdle::Gone)
        } else if visit.seat.test {
            Some(Hurdle::TestStudent)
        } else if visit.seat.member.is_none() {
            Some(Hurdle::Anonymous)
        } else if visit.seat.standing != Standing::Learner {
            Some(Hurdle::NotALearner)
        } else if !form.is_open(now) {
            Some(Hurdle::Closed {
                from: form.not_before,
                to: form.not_after,
            })
        } else if self.is_elsewhere() {
            Some(Hurdle::Elsewhere)
        } else if self.address.is_none() {
            Some(Hurdle::NoEmail)
        } else {
            None
        }
    }

    /// What was begun and checked, with its files still there.
    fn ready(&self, now: Timestamp) -> Option<&Started> {
        let is_whole = |one: &&Started| {
            let has_files = one.answers.iter().any(|answer| answer.file.is_some());
            one.is_ready && (!has_files || now.since(one.updated_at) < FILES_WAIT)
        };
        self.started.as_ref().filter(is_whole)
    }

    /// What would be sent: every question with its answer.
    fn summary(&self, started: &Started) -> Vec<(String, String)> {
        let questions = self.form.questions.questions();
        let shown = questions.filter(|question| !matches!(question.kind, Kind::Fixed(_)));
        let said = |name: &str| {
            let given = started.answers.iter().filter(|answer| answer.name == name);
            let given: Vec<&str> = given.map(|answer| answer.shown.as_str()).collect();
            given.join(", ")
        };
        shown
            .map(|question| (question.label.clone(), said(&question.name)))
            .collect()
    }

    /// Whether what is entered is checked on a page of its own: more than three questions, or a file.
    fn is_checked(&self) -> bool {
        let questions = self.form.questions.questions();
        let asked: Vec<&Question> = questions
            .filter(|question| !matches!(question.kind, Kind::Fixed(_)))
            .collect();
        let is_file = |question: &&Question| matches!(question.kind, Kind::File(_));
        asked.len() > MOST_UNCHECKED || asked.iter().any(is_file)
    }

    /// Keeps what was entered. What can be sent as it is keeps its files as well.
    async fn keep(
        &self,
        deps: &Deps,
        visit: &Visit,
        applicant: &Applicant,
        upload: &Upload,
        filled: Filled,
        is_ready: bool,
    ) -> Result<(), WebError> {
        let (organisation, now) = (visit.organisation(), deps.clock.now());
        let id = ApplicationId::new(random::id_at(now));
        let code = upload.fields.one("code");
        let mut answers = filled.answers;
        if is_ready {
            store_files(deps, organisation, id, filled.files, now).await?;
        } else {
            answers.retain(|answer| answer.file.is_none());
        }
        let started = Started {
            id,
            form_key: upload.fields.one("key").to_owned(),
            answers,
            attach: upload.fields.one("attach") == "1",
            claim_code: (is_ready && !code.is_empty())
                .then(|| deps.keyring.seal(code_place(&id.to_string()), code.as_bytes())),
            is_ready,
            updated_at: now,
        };
        let (member, form) = (applicant.member, self.form.id.clone());
        deps.store
            .write_one(Durability::Full, async move |tx| {
                tx.keep_started_application(organisation, member, &form, &started).await
            })
            .await?;
        Ok(())
    }

    /// Sends what was checked.
    async fn confirm(
        &self,
        deps: &Data<Deps>,
        visit: &Visit,
        applicant: &Applicant,
        key: &str,
        back: &str,
    ) -> Result<HttpResponse, WebError> {
        let now = deps.clock.now();
        let Some(ready) = self.ready(now).filter(|ready| ready.form_key == key) else {
            // changed in another tab, or its files are gone: the form says what is left
            return Ok(answer::see_other(back));
        };
        let new = Application {
            id: ready.id,
            answers: ready.answers.clone(),
            claim_code: ready.claim_code.clone(),
            ..self.application(deps, visit, applicant, key, "", ready.attach, now)
        };
        add(deps, new).await?;
        deps.worker.wake();
        Ok(answer::see_other_with(back, &Flash::Applied))
    }

    fn is_elsewhere(&self) -> bool {
        self.form.questions.is_foreign || self.shown == FormsShown::Factory
    }

    async fn page(
        &self,
        deps: &Deps,
        visit: &Visit,
        flash: Option<Flash>,
        entered: Option<&Fields>,
        mistakes: Mistakes,
    ) -> Result<ApplyPage, WebError> {
        let mut around = Surroundings::with_flash(deps, visit, None, flash).await?;
        refresh::catalog(deps, visit.organisation(), &around.catalog).await;
        let (form, hurdle) = (&self.form, self.hurdle(deps, visit));
        // a notice that the hurdle repeats
        if hurdle.is_some() {
            around.frame.notices.retain(|notice| !notice.is_about_visitor());
        }
        let applicant = self.applicant(visit);
        let begun = self.started.as_ref().filter(|_| hurdle.is_none());
        let earlier = match (begun, self.applications.first()) {
            (Some(started), _) => started.answers.as_slice(),
            (None, Some(one)) => one.answers.as_slice(),
            (None, None) => &[],
        };
        let attach =
            (form.evidence == Evidence::Optional).then(|| entered.is_none_or(|fields| fields.one("attach") == "1"));
        let name = self
            .badge
            .as_ref()
            .map_or(form.name.as_str(), |badge| badge.name.as_str());
        Ok(ApplyPage {
            action: visit.url(&format!("/apply/{}", encoded(&form.id))),
            key: entered.map_or_else(random::token, |fields| fields.one("key").to_owned()),
            badge: badge::named(visit, self.badge.as_ref(), &form.badge_id, name),
            line: form.description.clone(),
            criteria: form.criteria.as_deref().and_then(Clean::of),
            who_decides: ApplyPage::decided_by(form.method),
            latest: self.applications.first().map(|one| self.latest(one)),
            name: applicant.as_ref().map(|one| one.name.clone()).unwrap_or_default(),
            email: applicant.map(|one| one.address.to_string()).unwrap_or_default(),
            items: answers::shown(&form.questions, entered, earlier),
            asks_code: form.method == Method::Secret,
            attach,
            elsewhere: form.apply_url.clone().filter(|_| hurdle == Some(Hurdle::Elsewhere)),
            hurdle,
            factory: around.factory,
            frame: around.frame,
            started: begun.map(|started| started.updated_at),
            check: None,
            is_checked: self.is_checked(),
            mistakes,
        })
    }

    fn latest(&self, one: &Application) -> Latest {
        let award = one.award.and_then(|id| self.awards.iter().find(|line| line.id == id));
        Latest {
            word: word(one),
            at: one.created_at,
            decided: one.decided_at,
            who: one.reviewer_name.clone(),
            message: match one.stage {
                Stage::Rejected => one.message.clone(),
                Stage::Refused => one.reason.clone(),
                _ => None,
            },
            award: award.map(who::word),
            answers: one
                .answers
                .iter()
                .filter(|answer| !answer.hidden)
                .map(|answer| (answer.label.clone(), answer.shown.clone()))
                .collect(),
        }
    }

    #[expect(clippy::too_many_arguments, reason = "what a form brings, each of another kind")]
    fn application(
        &self,
        deps: &Deps,
        visit: &Visit,
        applicant: &Applicant,
        key: &str,
        code: &str,
        attach: bool,
        now: Timestamp,
    ) -> Application {
        let (id, form) = (ApplicationId::new(random::id_at(now)), &self.form);
        let is_secret = form.method == Method::Secret;
        Application {
            id,
            organisation: visit.organisation(),
            course: visit.seat.course,
            member: Some(applicant.member),
            form_key: key.to_owned(),
            form_id: form.id.clone(),
            badge_id: form.badge_id.clone(),
            badge_name: self
                .badge
                .as_ref()
                .map_or_else(|| form.name.clone(), |badge| badge.name.clone()),
            method: form.method,
            name: applicant.name.clone(),
            address: applicant.address.clone(),
            answers: Vec::new(),
            attach_evidence: (form.evidence == Evidence::Optional).then_some(attach),
            claim_code: is_secret.then(|| deps.keyring.seal(code_place(&id.to_string()), code.as_bytes())),
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
            created_at: now,
            updated_at: now,
        }
    }
}

/// Whether a second application with the same form would be in vain: the first one is open, or brought a badge that was
/// not taken back.
fn stands(one: &Application, awards: &[AwardLine]) -> bool {
    let is_taken_back = |line: &AwardLine| {
        Some(line.id) == one.award && matches!(line.state, AwardState::Revoked | AwardState::Withdrawn)
    };
    one.is_open() || (one.stage == Stage::Approved && !awards.iter().any(is_taken_back))
}

/// The word for where an application stands.
pub(super) fn word(one: &Application) -> ApplicationWord {
    match (one.stage, one.call) {
        (Stage::New | Stage::Pending, Call::Parked) => ApplicationWord::Lost,
        (Stage::New, _) => ApplicationWord::Sending,
        (Stage::Pending, _) if one.decision.is_some() => ApplicationWord::Deciding,
        (Stage::Pending, _) => ApplicationWord::Pending,
        (Stage::Approved, _) => ApplicationWord::Approved,
        (Stage::Rejected, _) => ApplicationWord::Rejected,
        (Stage::Refused, _) => ApplicationWord::Refused,
        (Stage::Gone, _) => ApplicationWord::Gone,
    }
}

/// Whether a form with this key was stored: pressed twice, it is one application.
async fn is_stored(deps: &Deps, visit: &Visit, key: &str) -> Result<bool, WebError> {
    if key.is_empty() || key.len() > 100 || key.contains(':') {
        return Err(Refusal::Unreadable { too_large: false }.into());
    }
    let organisation = visit.organisation();
    let known = deps
        .store
        .read_one(async |tx| tx.application_of_key(organisation, key).await)
        .await?;
    Ok(known.is_some())
}

/// Stores an application: its files piece by piece, then itself with the job that hands it in. Before that last
/// transaction there is nothing but files that nobody names.
async fn store(deps: &Deps, new: Application, filled: Filled) -> Result<(), StoreError> {
    store_files(deps, new.organisation, new.id, filled.files, new.created_at).await?;
    let answers = filled.answers;
    add(deps, Application { answers, ..new }).await
}

/// Stores files of an application that is about to be stored, piece by piece.
async fn store_files(
    deps: &Deps,
    organisation: OrganisationId,
    id: ApplicationId,
    files: Vec<(FileFacts, Vec<u8>)>,
    now: Timestamp,
) -> Result<(), StoreError> {
    for (facts, bytes) in files {
        let begun = facts.clone();
        deps.store
            .write_one(Durability::Launch, async move |tx| {
                tx.add_application_file(organisation, id, &begun, now).await
            })
            .await?;
        for (position, piece) in bytes.chunks(PIECE).enumerate() {
            let (file, piece) = (facts.id(), piece.to_vec());
            let position = i64::try_from(position).unwrap_or(i64::MAX);
            deps.store
                .write_one(Durability::Launch, async move |tx| {
                    tx.add_file_piece(organisation, file, position, &piece).await
                })
                .await?;
        }
    }
    Ok(())
}

/// Stores an application with the job that hands it in; what was begun with its form is at its end.
async fn add(deps: &Deps, new: Application) -> Result<(), StoreError> {
    let (organisation, id) = (new.organisation, new.id);
    deps.store
        .write(Durability::Full, async move |tx| {
            // another tab of the same person may have been faster
            if let Some(member) = new.member {
                let others = tx.own_applications(organisation, member, &new.form_id).await?;
                let awards = tx.member_awards(organisation, member).await?;
                if others.first().is_some_and(|one| stands(one, &awards)) {
                    return Ok(());
                }
                tx.drop_started_application(organisation, member, &new.form_id).await?;
            }
            if tx.add_application(&new).await? {
                let now = tx.now().await?;
                tx.enqueue(&NewJob::application(organisation, id, now), now).await?;
            }
            Ok(())
        })
        .await
}

/// A form's id in an address.
pub(super) fn encoded(id: &str) -> String {
    let text: String = url::form_urlencoded::byte_serialize(id.as_bytes()).collect();
    text.replace('+', "%20")
}
