//! Probes for those who run the server: is the process alive, can it serve.

use axum::{extract::State, response::Response};
use serde_json::json;

use super::Answer;
use crate::{call::Platform, json};

/// `GET /healthz`: the process answers.
pub(crate) async fn alive() -> Response {
    json::answer(&json!({ "status": "ok" }))
}

/// `GET /readyz`: the database answers too.
pub(crate) async fn ready(State(app): State<Platform>) -> Answer {
    app.ready().await?;
    Ok(json::answer(&json!({ "status": "ready" })))
}
