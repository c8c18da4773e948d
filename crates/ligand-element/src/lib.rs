//! Element definitions: parse → validate (all problems at once) → compile, and what follows from a compiled
//! definition as plain values: the vendor request of a call, the meaning of its answer, effective configuration.
//! Pure: files come in as text, nothing is sent. The engine crate executes.

pub mod authentication;
mod content;
mod convert;
mod defaults;
mod definition;
pub mod element;
pub mod entry;
mod escape;
mod folder;
mod ids;
mod json;
mod json_path;
mod map;
mod names;
mod node;
pub mod parameter;
mod plan;
mod problem;
pub mod provision;
mod reader;
pub mod resource;
mod root_key;
mod template;
mod url_template;
mod validate;
mod vendor_error;

pub use authentication::Authentication;
pub use content::{ContentError, Shape, read_text};
pub use element::{Element, Hook, HookType, Protocol};
pub use entry::{Entry, EntryType};
pub use folder::{File, Folder, load};
pub use json::View;
pub use map::{Mapped, VendorResponse, map};
pub use node::{Node, Place};
pub use parameter::{Parameter, Source, SourceType, VendorType};
pub use plan::{Inputs, PlanError, VendorBody, VendorRequest, plan};
pub use problem::Problem;
pub use provision::EntryError;
pub use resource::{Method, Resource, ResourceType};
pub use vendor_error::vendor_error_text;
