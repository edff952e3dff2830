//! Puts the parts together: the only place that knows them all.

pub mod adapters;
mod backstage;
mod build;
mod connect;
mod connections;
mod demo;
pub(crate) mod doctor;
pub(crate) mod enrolling;
mod feeds;
mod installation;
mod metrics;
pub mod sandbox;
mod serve;
mod signing;
mod tls;
pub(crate) mod trouble;
mod unclean;
pub(crate) mod words;
mod workers;

pub(crate) use build::open_store_unchanged;
pub use build::{Parts, open_store};
pub use connect::Host;
pub use connections::{CALLBACK, NewConnection, needs};
pub use demo::demo_registration;
pub use feeds::{MadeFeed, NewFeed};
pub use installation::{Identity, keyring};
pub use metrics::serve as serve_metrics;
pub use serve::{How, Running, start, work};
pub use signing::{Rotation, Signing};
