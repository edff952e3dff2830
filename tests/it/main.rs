//! The integration tests: one binary.
//!
//! `cfg(test)` tells clippy that these modules are tests, which may unwrap.

#[cfg(test)]
mod support;

#[cfg(test)]
mod checklist;

#[cfg(test)]
mod store_contract;

#[cfg(test)]
mod store_spine;

#[cfg(test)]
mod admin_badges;

#[cfg(test)]
mod admin_connections;

#[cfg(test)]
mod admin_factory;

#[cfg(test)]
mod microcopy;

#[cfg(test)]
mod admin_pages;

#[cfg(test)]
mod admin_walls;

#[cfg(test)]
mod awards_flow;

#[cfg(test)]
mod awards_model;

#[cfg(test)]
mod awards_views;

#[cfg(test)]
mod registering;

#[cfg(test)]
mod rules_audit;

#[cfg(test)]
mod rules_flow;

#[cfg(test)]
mod rules_model;

#[cfg(test)]
mod rules_pages;

#[cfg(test)]
mod applications;

#[cfg(test)]
mod catalog;

#[cfg(test)]
mod jobs;

#[cfg(test)]
mod orders_model;

#[cfg(test)]
mod course_pages;

#[cfg(test)]
mod deep_linking;

#[cfg(test)]
mod course_edges;

#[cfg(test)]
mod course_walls;

#[cfg(test)]
mod readme;

#[cfg(test)]
mod demo_lms;

#[cfg(test)]
mod demo_progress;

#[cfg(test)]
mod erasing;

#[cfg(test)]
mod factory_answers;

#[cfg(test)]
mod factory_client;

#[cfg(test)]
mod feeds;

#[cfg(test)]
mod feeds_pages;

#[cfg(test)]
mod people_pages;

#[cfg(test)]
mod needs;

#[cfg(test)]
mod roster;

#[cfg(test)]
mod grades;

#[cfg(test)]
mod dialects;

#[cfg(test)]
mod quirks;

#[cfg(test)]
mod attacks;

#[cfg(test)]
mod notices;

#[cfg(test)]
mod launch;

#[cfg(test)]
mod learner;

#[cfg(test)]
mod lms_administrators;

#[cfg(test)]
mod self_check;

#[cfg(test)]
mod signing_keys;

#[cfg(test)]
mod single_sign_on;

#[cfg(test)]
mod sessions;

#[cfg(test)]
mod signals_model;
#[cfg(test)]
mod silence;

#[cfg(test)]
mod simulator;

#[cfg(test)]
mod architecture;

#[cfg(test)]
mod operator;

#[cfg(test)]
mod pages;

#[cfg(test)]
mod pulls;

#[cfg(test)]
mod commands;
