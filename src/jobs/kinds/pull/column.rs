//! The marks in our own columns (LTI Assignment and Grade Services 2.0): a teacher's decision that any LMS can tell.

use std::sync::Arc;

use crate::clock::Clock;
use crate::jobs::Platforms;
use crate::lms::AskError;
use crate::lti::FetchError;
use crate::lti::ags::{self, Column, Filter, GradeBook, GradeError, SCOPE_COLUMNS, SCOPE_RESULTS};
use crate::lti::keys::SigningKeys;
use crate::lti::service_token::{ServiceError, ServiceTokens};
use crate::model::{Course, OrganisationId, Registration, RuleId};
use crate::signals::pull::{Observation, Seen, column};
use crate::store::{Durability, Store, StoreError};

use super::super::services::Services;
use super::Failure;

/// The full score of a column.
const FULL: u32 = 100;

/// Reads our own columns, and makes those that are missing.
#[derive(Debug)]
pub struct Columns {
    store: Store,
    services: Services,
}

impl Columns {
    /// Reads with tokens signed by one of `keys`, or with those that `tokens` has.
    pub fn new(
        store: Store,
        platforms: Arc<dyn Platforms>,
        tokens: Arc<ServiceTokens>,
        keys: SigningKeys,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let services = Services {
            platforms,
            tokens,
            keys,
            clock,
        };
        Self { store, services }
    }

    /// The marks in the columns of these rules. Nothing where the course's launches offered no columns.
    pub(super) async fn marks(
        &self,
        course: &Course,
        registration: &Registration,
        rules: &[RuleId],
        seen: &Seen,
    ) -> Result<Vec<Observation>, Failure> {
        let (organisation, id) = (course.organisation, course.id);
        let offered = self
            .store
            .read(async |tx| tx.column_service(organisation, id).await)
            .await?;
        let Some((service, scopes)) = offered else {
            return Ok(Vec::new());
        };
        // only scopes that the launch offered; nothing without the right to read results and to make columns
        let scopes = ags::offered(&[SCOPE_COLUMNS, SCOPE_RESULTS], &scopes);
        if scopes.len() < 2 {
            return Ok(Vec::new());
        }
        let Some(way) = self.services.way(registration, scopes) else {
            return Ok(Vec::new());
        };
        let caller = way.caller();
        let book = GradeBook {
            caller: &caller,
            dialect: way.dialect,
        };
        let mut all = Vec::new();
        for rule in rules {
            let address = match self.address(course, *rule, &service, &book).await? {
                Ok(address) => address,
                Err(error) => return Err(asked(&error).into()),
            };
            let results = match book.results(&address, None).await {
                Ok(results) => results,
                Err(error) => {
                    let error = asked(&error);
                    if let AskError::NotFound(_) = error {
                        self.forget(organisation, *rule).await?;
                    }
                    return Err(error.into());
                }
            };
            all.extend(column::marks(*rule, &results, seen));
        }
        Ok(all)
    }

    /// The column of a rule: the one that is known, else one that bears our name for it, else a new one.
    async fn address(
        &self,
        course: &Course,
        rule: RuleId,
        service: &str,
        book: &GradeBook<'_>,
    ) -> Result<Result<String, GradeError>, StoreError> {
        let organisation = course.organisation;
        let known = self
            .store
            .read(async |tx| tx.column_of_rule(organisation, rule).await)
            .await?;
        let badge = match known {
            Some((Some(address), _)) => return Ok(Ok(address)),
            Some((None, badge)) => badge,
            None => None,
        };
        let label = format!("Badge: {}", badge.unwrap_or_default());
        let name = format!("rule-{rule}");
        let filter = Filter {
            resource_id: Some(&name),
            ..Filter::default()
        };
        let found = match book.columns(service, filter).await {
            Ok(found) => found.iter().find_map(Column::address).map(str::to_owned),
            Err(error) => return Ok(Err(error)),
        };
        let made = match found {
            Some(address) => address,
            None => match book
                .make(service, &Column::new(label.trim_end_matches([':', ' ']), FULL, &name))
                .await
            {
                Ok((own, _)) => own.address().to_owned(),
                Err(error) => return Ok(Err(error)),
            },
        };
        let (id, kept) = (course.id, made.clone());
        self.store
            .write_one(Durability::Full, async move |tx| {
                tx.keep_column_of_rule(organisation, id, rule, &kept).await
            })
            .await?;
        Ok(Ok(made))
    }
}

impl Columns {
    /// A teacher deleted the column: the next look makes another.
    async fn forget(&self, organisation: OrganisationId, rule: RuleId) -> Result<(), StoreError> {
        self.store
            .write_one(Durability::Full, async move |tx| {
                tx.forget_column_of_rule(organisation, rule).await
            })
            .await
    }
}

/// What an error of the grade book means here.
fn asked(error: &GradeError) -> AskError {
    match error {
        GradeError::Service(ServiceError::Busy { retry_after_seconds }) => AskError::Throttled {
            after: retry_after_seconds.map(std::time::Duration::from_secs),
        },
        GradeError::Service(ServiceError::NotReached(FetchError::Refused(why))) => AskError::Refused(why.clone()),
        GradeError::Service(ServiceError::TokenRefused { error, .. }) => AskError::NotAuthorised(error.clone()),
        GradeError::Service(ServiceError::NotAllowed { .. }) => AskError::NotPermitted("our own column"),
        GradeError::Service(ServiceError::Answered { status: 404 }) => AskError::NotFound("column"),
        other => AskError::Away(other.to_string()),
    }
}
