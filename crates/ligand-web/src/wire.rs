//! The JSON of the API's own objects.

pub(crate) mod instance;
pub(crate) mod job;
pub(crate) mod user;
