//! Reading what stands at the Factory: applications made on its own page, and decisions made there.

use std::sync::Arc;
use std::time::Duration;

use super::ports::{FormDesk, SeenApplication, SeenStatus};
use super::{Applications, Next, settled};
use crate::awards::answer::without_addresses;
use crate::awards::pace::Pace;
use crate::awards::ports::{CallError, NoIssuer};
use crate::clock::Timestamp;
use crate::crypto::random;
use crate::model::application::{Answer, Application, Call, Stage};
use crate::model::form::CatalogForm;
use crate::model::{Address, ApplicationId, OrganisationId};
use crate::store::job::NewJob;
use crate::store::{Durability, StoreError};

/// Applications of one form whose state is asked for in one run.
const MOST_READ: i64 = 200;

impl Applications {
    /// Reads the applications of the forms in use: new ones of the Factory's own page are stored, decided ones settled.
    pub async fn read_all(&self, organisation: OrganisationId) -> Result<Next, StoreError> {
        let desk = match self.desks.of(organisation).await {
            Ok(desk) => desk,
            Err(NoIssuer::NoIdentity { .. }) => return Ok(Next::Done),
            Err(NoIssuer::Store(error)) => return Err(error),
        };
        let pace = self.sender.pace(organisation);
        let forms = self
            .store
            .read_one(async |tx| tx.forms_in_use(organisation).await)
            .await?;
        let mut failure = None;
        for form in forms {
            let read = self.read_form(&*desk, &pace, organisation, &form).await;
            match read {
                Ok(()) | Err(ReadFailure::Call(CallError::Gone)) => {}
                Err(ReadFailure::Store(error)) => return Err(error),
                Err(ReadFailure::Call(error)) => {
                    failure = Some(error);
                    break;
                }
            }
        }
        let why = failure.as_ref().map(|error| without_addresses(&error.to_string()));
        let (now, pause) = (self.store.now().await?, failure.map(|error| self.pause_of(&error)));
        self.store
            .write(Durability::Launch, async move |tx| {
                tx.note_application_reading(organisation, why.as_deref(), now).await
            })
            .await?;
        Ok(pause.map_or(Next::Done, |pause| Next::Again(pause.max(Duration::from_secs(10)))))
    }

    async fn read_form(
        &self,
        desk: &dyn FormDesk,
        pace: &Pace,
        organisation: OrganisationId,
        id: &str,
    ) -> Result<(), ReadFailure> {
        let form = self
            .store
            .read_one(async |tx| tx.catalog_form(organisation, id).await)
            .await?;
        let Some(form) = form else { return Ok(()) };
        pace.call().await;
        let pending = desk.applications(id, true, Arc::new(|_| true)).await?;
        for seen in &pending {
            self.keep_new(desk, pace, organisation, &form, seen).await?;
        }
        let tracked = self
            .store
            .read_one(async |tx| tx.tracked_applications(organisation, id, MOST_READ).await)
            .await?;
        for known in tracked {
            let is_pending = pending.iter().any(|seen| Some(&seen.id) == known.factory_id.as_ref());
            if !is_pending && matches!(known.call, Call::None | Call::Parked) {
                self.settle(desk, pace, known).await?;
            }
        }
        Ok(())
    }

    /// Stores an application that was made on the Factory's page.
    async fn keep_new(
        &self,
        desk: &dyn FormDesk,
        pace: &Pace,
        organisation: OrganisationId,
        form: &CatalogForm,
        seen: &SeenApplication,
    ) -> Result<(), ReadFailure> {
        let Ok(address) = Address::parse(&seen.address) else {
            return Ok(());
        };
        let (id, of, theirs) = (seen.id.clone(), form.id.clone(), address.clone());
        let known = self
            .store
            .read(async |tx| tx.knows_application(organisation, &of, &id, &theirs).await)
            .await?;
        if known {
            return Ok(());
        }
        pace.call().await;
        let whole = desk.application(&form.id, &seen.id).await?;
        let badge_id = form.badge_id.clone();
        let badge = self
            .store
            .read_one(async |tx| tx.catalog_badge(organisation, &badge_id).await)
            .await?;
        let now = self.store.now().await?;
        let new = found(organisation, form, &whole, address, badge.map(|badge| badge.name), now);
        self.store
            .write(Durability::Full, async move |tx| {
                // an answer of ours may have come in between
                let factory_id = new.factory_id.clone().unwrap_or_default();
                if !tx
                    .knows_application(organisation, &new.form_id, &factory_id, &new.address)
                    .await?
                {
                    tx.add_application(&new).await?;
                }
                Ok::<_, StoreError>(())
            })
            .await?;
        Ok(())
    }

    /// An application that is not among the pending ones any more: decided there, or gone.
    async fn settle(&self, desk: &dyn FormDesk, pace: &Pace, known: Application) -> Result<(), ReadFailure> {
        let Some(id) = known.factory_id.clone() else {
            return Ok(());
        };
        pace.call().await;
        let now = self.store.now().await?;
        let after = match desk.application(&known.form_id, &id).await {
            Ok(seen) if seen.status == SeenStatus::Pending => return Ok(()),
            Ok(seen) => settled(known, &seen, now),
            Err(CallError::Gone) => known.gone(),
            Err(error) => return Err(error.into()),
        };
        let (organisation, id, is_approved) = (after.organisation, after.id, after.stage == Stage::Approved);
        self.save(after).await?;
        if is_approved {
            self.store
                .write(Durability::Full, async move |tx| {
                    tx.enqueue(&NewJob::application(organisation, id, now), now).await
                })
                .await?;
        }
        Ok(())
    }
}

fn found(
    organisation: OrganisationId,
    form: &CatalogForm,
    seen: &SeenApplication,
    address: Address,
    badge_name: Option<String>,
    now: Timestamp,
) -> Application {
    let label = |name: &str| {
        let asked = form.questions.questions().find(|question| question.name == name);
        asked.map_or_else(|| name.to_owned(), |question| question.label.clone())
    };
    let answers = seen.answers.iter().map(|(name, value)| Answer {
        name: name.clone(),
        label: label(name),
        values: Vec::new(),
        shown: value.clone(),
        file: None,
        hidden: false,
    });
    let created_at = seen.at.map_or(now, Timestamp::from_seconds);
    Application {
        id: ApplicationId::new(random::id_at(now)),
        organisation,
        course: None,
        member: None,
        form_key: format!("factory:{}:{}", form.id, seen.id),
        form_id: form.id.clone(),
        badge_id: seen.badge_id.clone().unwrap_or_else(|| form.badge_id.clone()),
        badge_name: badge_name.unwrap_or_else(|| form.name.clone()),
        method: form.method,
        name: seen.name.clone(),
        address,
        answers: answers.collect(),
        attach_evidence: None,
        claim_code: None,
        stage: Stage::Pending,
        call: Call::None,
        version: 0,
        sendings: 0,
        look: 0,
        called_at: Some(now),
        factory_id: Some(seen.id.clone()),
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
        created_at,
        updated_at: now,
    }
}

/// Why a form's applications were not read.
enum ReadFailure {
    Call(CallError),
    Store(StoreError),
}

impl From<CallError> for ReadFailure {
    fn from(error: CallError) -> Self {
        Self::Call(error)
    }
}

impl From<StoreError> for ReadFailure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
