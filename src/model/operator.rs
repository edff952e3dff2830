//! Who administers: operators of the installation, and administrators of one organisation.

use crate::clock::Timestamp;

use super::{AdministratorId, OperatorSessionId, OrganisationId};

/// Somebody who may do everything in one organisation, granted by an operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Administrator {
    /// Our id.
    pub id: AdministratorId,
    /// Whose organisation.
    pub organisation: OrganisationId,
    /// How the operator called them.
    pub name: String,
    /// When the grant was made.
    pub created_at: Timestamp,
    /// When they signed in last.
    pub seen_at: Option<Timestamp>,
}

/// Who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// An operator: may do everything.
    Operator,
    /// An administrator of [`OperatorSession::organisation`] alone.
    Administrator {
        /// Who.
        id: AdministratorId,
        /// Their name.
        name: String,
    },
}

impl Who {
    /// How the audit log names them.
    pub fn actor(&self) -> String {
        match self {
            Self::Operator => "operator".to_owned(),
            Self::Administrator { id, .. } => format!("administrator {id}"),
        }
    }
}

/// A session of the administration.
#[derive(Clone, PartialEq, Eq)]
pub struct OperatorSession {
    /// Its id.
    pub id: OperatorSessionId,
    /// Who.
    pub who: Who,
    /// The organisation that is looked at, with its name: an administrator's own, or the one that an operator chose.
    pub organisation: Option<(OrganisationId, String)>,
    /// How the audit log tells this operator from others, where single sign-on let them in.
    pub operator: Option<String>,
    /// What its forms carry.
    pub csrf: String,
    /// The chosen language.
    pub language: Option<String>,
    /// The chosen appearance.
    pub appearance: Option<String>,
    /// When its use was noted last.
    pub seen_at: Timestamp,
}

impl OperatorSession {
    /// How the audit log names whoever is signed in.
    pub fn actor(&self) -> String {
        match (&self.who, &self.operator) {
            (Who::Operator, Some(which)) => format!("operator {which}"),
            (who, _) => who.actor(),
        }
    }
}

/// Without the secret of the forms.
impl std::fmt::Debug for OperatorSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OperatorSession")
            .field("id", &self.id)
            .field("who", &self.who)
            .finish_non_exhaustive()
    }
}
