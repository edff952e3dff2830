//! The jobs: of awards, of the house itself, and of what is read from others.

mod applications;
mod awards;
mod catalog;
mod editing;
mod erase;
mod forget;
mod grades;
mod holdings;
mod housekeeping;
mod notices;
mod pull;
mod roster;
mod rules;
mod services;
mod signals;

pub use applications::{AdvanceApplication, ReadApplications};
pub use awards::{MakeAwards, Release, RevokeExtra};
pub use catalog::ReadCatalog;
pub use editing::{CarryOutEdit, SearchEvents};
pub use erase::Erase;
pub use forget::{FORGET, Forget};
pub use grades::{GRADES, GradeSender};
pub use holdings::ReadHoldings;
pub use housekeeping::{HOUSEKEEPING, Housekeeping};
pub use notices::SubscribeNotices;
pub use pull::{Columns, Consent, OpenConnections, PLAN_PULLS, Paces, PlanPulls, Puller};
pub use roster::{RosterFailure, RosterReader};
pub use rules::{Evaluate, RuleRun};
pub use signals::{MatchSignals, RematchSignals, decision};
