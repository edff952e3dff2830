//! What jobs do, a file for each subject.

mod awards;
mod forget;
pub mod roster;

pub use awards::{MakeAwards, Release};
pub use forget::{FORGET, Forget};
