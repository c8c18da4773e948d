//! Runs planned vendor requests: authentication, REST and SOAP transports, the egress guard, and what a failure
//! means. Knows elements, not instances: callers bring a configuration and store what becomes of it.

mod authenticate;
mod client;
#[cfg(test)]
mod data_tests;
mod egress;
mod engine;
mod exchange;
mod failure;
mod interpret;
mod redact;
mod soap;
mod transport;
mod xml;

pub use egress::{Egress, EgressRefused};
pub use engine::{Answer, Engine, Options};
pub use exchange::Exchange;
pub use failure::Failure;
