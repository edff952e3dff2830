//! The job engine: leases, attempts as rows, a schedule as data, one verdict type.

pub mod kinds;
mod platforms;

pub use platforms::Platforms;
