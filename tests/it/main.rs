//! The integration tests: one binary.
//!
//! `cfg(test)` tells clippy that these modules are tests, which may unwrap.

#[cfg(test)]
mod support;

#[cfg(test)]
mod store_spine;

#[cfg(test)]
mod demo_lms;

#[cfg(test)]
mod simulator;

#[cfg(test)]
mod architecture;
