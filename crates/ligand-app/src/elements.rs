//! Elements as callers see them: those of the platform, with what their account added, and those that users made.

pub(crate) mod access;
mod builder;
mod clone;
mod draft;
mod extras;
mod history;
mod listing;
mod metadata;
mod parts;
mod properties;
mod registry;
mod reserved;
mod rules;
mod settle;
#[cfg(test)]
mod tests;
mod view;

pub(crate) use access::Found;
pub use builder::Saved;
pub use history::Form;
pub use ligand_element::document::key_of;
pub use listing::{Item, Page, Query};
pub use parts::{List, PartQuery, Step};
pub use properties::PropertiesScope;
pub(crate) use registry::{Registry, in_background};
