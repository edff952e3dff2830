//! Secrets at rest, digests and chance, all on aws-lc.
//!
//! Nothing here knows what is sealed, digested or numbered.

pub mod digest;
pub mod random;
pub mod seal;
