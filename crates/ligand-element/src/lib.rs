//! Element definitions: parse → validate (all problems at once) → compile, and what follows from a compiled
//! definition as plain values: the resource of a call, its vendor requests, the walk over a vendor's pages, the meaning
//! of answers, what scripts see and change, effective configuration.
//! Pure: files come in as text, nothing is sent. The engine crate executes.

mod answer;
pub mod authentication;
mod call;
mod content;
mod convert;
mod defaults;
mod definition;
pub mod element;
pub mod entry;
mod escape;
mod filter;
mod folder;
mod hooks;
mod ids;
mod json;
mod json_path;
mod map;
mod message;
mod names;
mod node;
mod order;
mod paging;
pub mod parameter;
mod plan;
mod prepare;
mod problem;
pub mod provision;
mod reader;
pub mod resource;
mod root_key;
mod route;
mod searchable;
mod shape;
mod soap;
mod template;
mod url_template;
mod validate;
mod vendor_error;
mod walk;

pub use answer::{AnswerState, brought};
pub use authentication::Authentication;
pub use call::{CallerBody, CallerPart, CallerRequest, PartContent};
pub use content::{ContentError, Shape, read_text};
pub use element::{Element, Hook, HookType, Protocol};
pub use entry::{Entry, EntryType};
pub use folder::{File, Folder, load};
pub use hooks::{Effect, HookState, Refusal, apply_post, apply_pre, hooks_of};
pub use json::View;
pub use map::{Mapped, VendorResponse, map};
pub use node::{Node, Place};
pub use paging::{After, VendorPage};
pub use parameter::{Parameter, Source, SourceType, VendorType};
pub use plan::{Inputs, MAX_CHAIN, Part, PlanError, Planned, VendorBody, VendorRequest, plan, plan_call};
pub use prepare::{Prepared, prepare};
pub use problem::Problem;
pub use provision::EntryError;
pub use resource::{Method, Resource, ResourceType};
pub use route::{Found, NOT_EXECUTABLE, find, split};
pub use shape::Projection;
pub use soap::Soap;
pub use vendor_error::vendor_error_text;
pub use walk::{Page, Walk};
