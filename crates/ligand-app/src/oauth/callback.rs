//! The callback of this server: makes the instance that waits for the browser, or shows the code that it brings.

use ligand_domain::{Caller, Error, ErrorKind, Secret, rng};
use ligand_element::{Element, oauth::keys};
use ligand_store::OauthRequest;
use serde_json::{Map, Value, json};

use super::state::PATIENCE;
use crate::{
    App,
    failure::of_store,
    instances::{Mode, Request},
};

/// How states begin for which an instance waits.
const PREFIX: &str = "lgw.";

/// What the user who comes back is told.
#[derive(Debug)]
pub enum Landing {
    /// The instance was made.
    Connected {
        /// Its name.
        name: String,
        /// Its element's name.
        element: String,
        /// Its number.
        id: i64,
    },
    /// No instance waits: the application takes it from here with what the vendor gave.
    Handed {
        /// Names and values, as they came.
        values: Vec<(String, String)>,
    },
    /// The vendor gave nothing, or what waits cannot be made.
    Failed(Error),
}

impl App {
    /// A state that a browser will bring for which an instance waits.
    pub(super) fn waiting_state(&self) -> String {
        format!("{PREFIX}{}", rng::hex_secret(&*self.rng).expose())
    }

    /// Has an instance wait for the browser that brings this state.
    pub(super) async fn wait(
        &self,
        caller: Option<&Caller>,
        element: &Element,
        instance: &Map<String, Value>,
        state: &str,
        secret: &str,
    ) -> Result<(), Error> {
        let caller = caller.ok_or_else(Error::unauthenticated)?;
        let callback = self.own_callback().ok_or_else(|| {
            let message = "This server has no callback address of its own (server.public_url)";
            Error::invalid("callback-none", message)
        })?;
        // What is wrong with it is better told now than to the user in the browser.
        Request::read(instance.clone(), Mode::Create)?.demand_name()?;
        let mut body = instance.clone();
        let configuration = body.entry("configuration").or_insert_with(|| json!({}));
        if configuration.is_null() {
            *configuration = json!({});
        }
        configuration[keys::CALLBACK] = Value::from(callback);
        let waiting = OauthRequest {
            user_id: caller.user_id,
            element_id: element.id(),
            expires_at: self.clock.now().plus(PATIENCE),
            request: Secret::new(json!({ "instance": body, "secret": secret }).to_string()),
        };
        self.store.add_oauth_request(&Secret::new(state.to_owned()), &waiting).await.map_err(of_store)
    }

    /// What becomes of a browser that comes back with these values. A state works once.
    pub async fn land(&self, values: Vec<(String, String)>) -> Landing {
        match self.landed(values).await {
            Ok(landing) => landing,
            Err(error) => Landing::Failed(error),
        }
    }

    async fn landed(&self, values: Vec<(String, String)>) -> Result<Landing, Error> {
        let get = |name: &str| values.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let state = get("state").filter(|state| state.starts_with(PREFIX));
        let waiting = match state {
            None => None,
            Some(state) => {
                let found = self.store.take_oauth_request(&Secret::new(state.to_owned())).await.map_err(of_store)?;
                let found = found.filter(|waiting| waiting.expires_at > self.clock.now());
                let message = "This link was used already, or is too old";
                Some(found.ok_or_else(|| Error::invalid("oauth-state-unknown", message))?)
            }
        };
        if let Some(refusal) = get("error").or(get("denied")) {
            let said = get("error_description").unwrap_or(refusal).chars().take(500).collect();
            let error = Error::invalid("oauth-denied", "The vendor gave no access");
            return Err(error.with_provider_message(Some(said)));
        }
        if get("code").is_none() && get("oauth_verifier").is_none() {
            return Err(Error::invalid("oauth-code-missing", "The vendor sent nothing that gives access"));
        }
        let Some(waiting) = waiting else { return Ok(Landing::Handed { values }) };
        let caller = self.store.find_caller_by_user(waiting.user_id).await.map_err(of_store)?;
        let caller = caller.ok_or_else(Error::unauthenticated)?;
        caller.demand(ligand_domain::Privilege::CreateElementInstances)?;
        let mut stored: Value = serde_json::from_str(waiting.request.expose())
            .map_err(|broken| Error::internal("oauth-request-broken", broken))?;
        let mut data: Map<String, Value> = values.into_iter().map(|(name, value)| (name, Value::from(value))).collect();
        data.insert("secret".to_owned(), stored["secret"].take());
        let Value::Object(mut body) = stored["instance"].take() else {
            return Err(Error::new(ErrorKind::Internal, "oauth-request-broken", "An unexpected error occurred"));
        };
        body.insert("providerData".to_owned(), Value::Object(data));
        let request = Request::read(body, Mode::Create)?;
        let made = self.provision(&caller, Some(&waiting.element_id.to_string()), &request).await?;
        Ok(Landing::Connected {
            name: made.loaded.instance.name.clone(),
            element: made.loaded.element.name().to_owned(),
            id: made.loaded.instance.id.get(),
        })
    }
}
