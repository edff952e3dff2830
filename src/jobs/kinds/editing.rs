//! Carrying out what administrators changed, and reading the events that they search for.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde::Deserialize;

use crate::catalog::editing::Editing;
use crate::catalog::searching::{Searching, Went};
use crate::jobs::{Handler, Job, Verdict, work};
use crate::model::{EditId, SearchId};
use crate::store::job::EDIT;

/// Does what is due for one edit.
#[derive(Clone, Debug)]
pub struct CarryOutEdit {
    /// How.
    pub editing: Arc<Editing>,
}

/// Reads on for one search.
#[derive(Clone, Debug)]
pub struct SearchEvents {
    /// How.
    pub searching: Arc<Searching>,
}

#[derive(Deserialize)]
struct OfEdit {
    edit: EditId,
}

#[derive(Deserialize)]
struct OfSearch {
    search: SearchId,
}

fn unreadable() -> Verdict {
    Verdict::GiveUp {
        reason: "the job cannot be read".to_owned(),
    }
}

impl Handler for CarryOutEdit {
    fn kind(&self) -> &'static str {
        EDIT
    }

    fn run<'a>(&'a self, job: &'a Job) -> BoxFuture<'a, Verdict> {
        async move {
            let of = OfEdit::deserialize(&job.payload);
            let (Some(organisation), Ok(OfEdit { edit })) = (job.organisation, of) else {
                return unreadable();
            };
            match self.editing.advance(organisation, edit).await {
                Ok(None) => Verdict::Done,
                Ok(Some(after)) => Verdict::Again { after },
                Err(error) => error.into(),
            }
        }
        .boxed()
    }
}

impl Handler for SearchEvents {
    fn kind(&self) -> &'static str {
        work::EVENT_SEARCH
    }

    fn run<'a>(&'a self, job: &'a Job) -> BoxFuture<'a, Verdict> {
        async move {
            let of = OfSearch::deserialize(&job.payload);
            let (Some(organisation), Ok(OfSearch { search })) = (job.organisation, of) else {
                return unreadable();
            };
            match self.searching.advance(organisation, search).await {
                Ok(Went::Done) => Verdict::Done,
                Ok(Went::On) => Verdict::Again {
                    after: std::time::Duration::ZERO,
                },
                Ok(Went::Away { reason, retry_after }) => Verdict::Retry {
                    after: retry_after,
                    reason,
                },
                Err(error) => error.into(),
            }
        }
        .boxed()
    }
}
