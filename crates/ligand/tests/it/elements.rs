//! Elements that users make: as a whole, part by part, run through the hub, shared and extended.

mod authors;
mod broken;
mod clones;
mod cluster;
mod extensions;
mod history;
mod imports;
mod metadata;
mod owners;
mod parts;
mod running;
mod whole;

use serde_json::{Value, json};

use crate::harness::Platform;

/// A definition whose one resource is answered by scripts, so that no vendor is needed.
pub(crate) fn scripted(name: &str) -> Value {
    json!({
        "name": name, "hub": "general", "authentication": { "type": "basic" },
        "configuration": [{ "key": "base.url", "name": "Base URL", "defaultValue": "https://vendor.invalid" }],
        "resources": [answering("/things", "{ \"id\": 1, \"from\": \"script\" }")],
    })
}

/// A resource whose scripts answer with a JavaScript value.
pub(crate) fn answering(path: &str, value: &str) -> Value {
    json!({
        "path": path, "method": "GET", "hooks": [
            { "type": "preRequest", "body": "done({ continue: false });" },
            { "type": "postRequest", "body": format!("done({{ response_body: {value} }});") },
        ],
    })
}

impl Platform {
    /// A stored element.
    pub(crate) async fn make(&self, definition: &Value) -> Value {
        self.post("/elements", definition).await.ok()
    }

    /// An instance of an element that takes user name and password, as an `Authorization` header.
    pub(crate) async fn connected(&self, element: &str) -> (String, Value) {
        let body = json!({ "name": "n", "configuration": { "username": "u", "password": "p" } });
        let made = self.post(&format!("/elements/{element}/instances"), &body).await.ok();
        (self.with_token(made["token"].as_str().expect("a token")), made)
    }
}
