//! Runs the calls of elements: authentication, scripts, REST and SOAP transports, pages, repetitions, the egress guard,
//! and what a failure means. Of instances it knows the id alone, to keep their vendors' budgets and tokens apart:
//! callers bring a configuration and store what becomes of it.

mod attempts;
mod authenticate;
mod aws;
mod callback;
mod cause;
mod client;
pub mod data_tests;
mod described;
mod descriptions;
mod egress;
mod engine;
mod event_hook;
mod exchange;
mod failure;
mod files;
mod gate;
mod grants;
mod hooks;
mod identity;
mod interpret;
mod jwt;
mod keeper;
mod notify;
mod oauth;
mod options;
mod pace;
mod redact;
pub mod script;
mod scripts;
mod session;
mod soap;
mod stream;
mod throttle;
mod transport;
mod upload;
mod xml;

pub use callback::{Callback, CallbackAnswer, CallbackFailure};
pub use egress::{Egress, EgressRefused};
pub use engine::{Content, Engine, HubCall, Reply, WrittenList};
pub use event_hook::keyed_hash;
pub use exchange::Exchange;
pub use failure::Failure;
pub use hooks::{HookRunner, ScriptResult};
pub use keeper::Keeper;
pub use notify::{Notice, signature};
pub use oauth::{Changes, Grant, RequestToken, is_renewed_by_grant};
pub use options::{Options, Proxies};
pub use stream::{Download, Pieces, Upload};
pub use xml::document as xml_document;
