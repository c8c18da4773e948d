//! `/_sandbox/fernhill`: how strict the authorization server is, what it counted, and what a user does on the vendor's
//! own pages: ending access.

use axum::response::Response;
use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use crate::call::{Call, empty, json as json_answer};
use crate::world::World;

/// Answers a request; `rest` is what follows the vendor in the path. `None` when there is no such switch.
pub(crate) fn answer(world: &World, call: &Call, rest: &[&str]) -> Option<Response> {
    let mut state = world.fernhill();
    let answer = match (&call.method, rest) {
        (&Method::GET, []) => {
            json_answer(StatusCode::OK, &json!({ "settings": state.settings.to_json(), "counts": state.counts }))
        }
        (&Method::PUT, ["settings"]) => {
            let members: Result<Map<String, Value>, _> = serde_json::from_slice(&call.body);
            let changed = members
                .map_err(|problem| format!("The body is not a JSON object: {problem}."))
                .and_then(|members| state.settings.changed(&members));
            match changed {
                Ok(settings) => {
                    state.settings = settings;
                    json_answer(StatusCode::OK, &settings.to_json())
                }
                Err(problem) => json_answer(StatusCode::BAD_REQUEST, &json!({ "error": problem })),
            }
        }
        (&Method::DELETE, ["access"]) => {
            state.access.clear();
            empty(StatusCode::NO_CONTENT)
        }
        (&Method::DELETE, ["grants"]) => {
            state.grants.values_mut().for_each(|grant| grant.revoked = true);
            state.signed.clear();
            empty(StatusCode::NO_CONTENT)
        }
        (&Method::DELETE, ["counts"]) => {
            state.counts.clear();
            empty(StatusCode::NO_CONTENT)
        }
        _ => return None,
    };
    Some(answer)
}
