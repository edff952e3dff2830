//! The use cases around awards: issue by hand, send, settle, revoke. Keeps promises P2 and P3.
//!
//! [`issue`] stores what people ask for and makes the awards; [`sender`] works an organisation's queue off, one errand at
//! a time, through the ports in [`ports`]; [`answer`] says what an answer means; [`settle`] finds an order's event again.

pub mod answer;
pub mod applications;
pub mod decide;
pub mod disconnect;
pub mod erase;
mod errands;
pub mod evaluate;
pub mod issue;
pub mod marker;
pub mod pace;
pub mod personal;
pub mod ports;
pub mod rules;
pub mod sender;
pub mod settle;

pub use issue::{PlaceError, Placed};
pub use marker::Marker;
pub use sender::{Sender, SenderSettings};
