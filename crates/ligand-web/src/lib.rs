//! HTTP: routes, extraction of what a request holds, wire types, errors to statuses.
//! What the platform does is decided in `ligand-app`; here it is only spoken.

mod call;
mod cors;
mod description;
mod dispatch;
mod edge;
mod error;
mod front;
mod json;
mod page;
mod presence;
mod query;
mod router;
mod routes;
mod routing;
mod serve;
pub mod white_label;
mod wire;

pub use description::describe;
pub use edge::Edge;

/// Where the API begins, in standard words.
const BASE_PATH: &str = "/elements/api-v2";

pub use serve::{Server, ServerOptions};
