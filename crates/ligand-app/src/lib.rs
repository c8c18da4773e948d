//! What the platform does, one module per noun: authorisation, validation, transaction borders.
//! It knows nothing of HTTP; the web layer asks, the store remembers, the engine talks to vendors.

mod app;
pub mod authentication;
pub mod callers;
pub mod catalog;
pub mod conversion;
pub mod docs;
pub mod elements;
pub mod events;
mod failure;
pub mod hubs;
pub mod instances;
pub mod jobs;
pub mod notifications;
pub mod oauth;
pub mod organizations;
mod paging;
pub mod requests;
mod samples;
mod together;
pub mod traces;
pub mod usage;

pub use app::{App, Limits, Parts};
