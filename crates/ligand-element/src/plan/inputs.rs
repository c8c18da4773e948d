//! What vendor requests are made of on the caller's side.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{AnswerState, CallerPart};

/// What a caller sent, and what came before in a chain.
#[derive(Clone, Default)]
pub struct Inputs {
    /// Variables of the resource's path, decoded.
    pub path: BTreeMap<String, String>,
    /// Query parameters, decoded.
    pub query: Vec<(String, String)>,
    /// Request headers.
    pub headers: Vec<(String, String)>,
    /// The JSON body, if any; other text as a JSON string.
    pub body: Option<Value>,
    /// The fields of an urlencoded body.
    pub form: Vec<(String, String)>,
    /// The parts of a multipart body.
    pub parts: Vec<CallerPart>,
    /// The previous answer's body in a chain.
    pub previous: Option<Value>,
    /// The previous answer's headers in a chain, names in lower case.
    pub previous_headers: Vec<(String, String)>,
}

impl Inputs {
    /// The first value of a query parameter.
    #[must_use]
    pub fn query_value(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The inputs of the next resource of a chain: the same request, and what was answered.
    #[must_use]
    pub fn after(mut self, answer: &AnswerState) -> Self {
        self.previous = Some(answer.body.clone());
        self.previous_headers.clone_from(&answer.headers);
        self
    }
}
