//! Integration tests: the real router over a temporary database, against the vendor sandboxes, over real HTTP.
//!
//! `LIGAND_TEST_ENGINE=postgres` runs them on PostgreSQL instead of SQLite.

mod authentication;
mod bad_input;
mod catalog;
mod connectors;
mod described;
mod disconnects;
mod docs;
mod edge;
mod elements;
mod events;
mod harness;
mod hubs;
mod imports;
mod instances;
mod jobs;
mod leaks;
mod models;
mod notifications;
mod oauth;
mod process;
mod processes;
mod proofs;
mod receiver;
mod requests;
mod usage;
mod vendor_failures;
mod white_label;
