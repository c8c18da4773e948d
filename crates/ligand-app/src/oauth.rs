//! Granting access in a browser: the addresses where users do it, request tokens of OAuth 1.0a, the callback of this
//! server, and the proxies that pass browsers on to applications.

mod callback;
mod proxies;
mod state;

use std::sync::Arc;

use ligand_domain::{Caller, Configuration, Error, Privilege};
use ligand_element::{
    Element,
    oauth::{self, Flow, authorize, callback::check, keys, pkce, value},
    provision,
};
use serde_json::{Map, Value, json};

pub use callback::Landing;

use crate::{
    App,
    failure::{of_exchange, of_request},
    instances::{entries_invalid, joined},
};

/// The path of this server's own callback, behind its public address.
pub const CALLBACK_PATH: &str = "/elements/api-v2/oauth/callback";

/// How many members an ask may have.
const MAX_MEMBERS: usize = 200;

/// Which application asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Application {
    /// The caller's, or the element's where the caller names none.
    Callers,
    /// The element's.
    Elements,
}

/// What an address of a grant is made of.
struct Asked {
    element: Arc<Element>,
    configuration: Configuration,
    state: Option<String>,
    request_token: Option<String>,
    /// The instance that is made when the browser comes back.
    waits: Option<Map<String, Value>>,
}

impl App {
    /// The address where a user grants an element access.
    ///
    /// # Errors
    /// Not found for an unknown element; invalid for one without OAuth, and for what is missing or wrong.
    pub async fn oauth_url(
        &self,
        caller: Option<&Caller>,
        element: &str,
        members: Map<String, Value>,
        application: Application,
    ) -> Result<Value, Error> {
        let mut asked = self.asked(caller, element, members, application).await?;
        let (element, configuration) = (Arc::clone(&asked.element), asked.configuration.clone());
        let flow = demand_flow(&element, &configuration)?;
        if asked.waits.is_some() {
            asked.state = Some(self.waiting_state());
        }
        let mut secret = String::new();
        if flow == Flow::One && (application == Application::Elements || asked.waits.is_some()) {
            let token = self.request(&asked).await?;
            asked.request_token = Some(token.token);
            secret = token.secret;
        }
        let mut proof = None;
        let state = match &asked.state {
            Some(state) => state.clone(),
            None if pkce::method(&element, &configuration).is_some() => self.new_state(&element),
            None => element.key().to_owned(),
        };
        if let Some(instance) = &asked.waits {
            self.wait(caller, &element, instance, &state, &secret).await?;
        }
        if let Some(method) = pkce::method(&element, &configuration).filter(|_| flow == Flow::Two) {
            proof = Some((method, self.verifier(&element, &configuration, &state)));
        }
        let challenge = proof.as_ref().map(|(method, verifier)| (*method, verifier.as_str()));
        let ask = authorize::Ask { state: &state, challenge };
        let made = self.engine.authorize_url(&element, &configuration, ask, asked.request_token.as_deref()).await;
        let address = made.map_err(|failure| of_request(&element, failure))?;
        let mut answer = json!({ "element": element.key(), "oauthUrl": address });
        if application == Application::Elements {
            answer["configuration"] = json!({ "secret": secret });
        }
        Ok(answer)
    }

    /// A request token of OAuth 1.0a and its secret.
    ///
    /// # Errors
    /// As [`App::oauth_url`], and what the vendor says.
    pub async fn oauth_token(
        &self,
        caller: Option<&Caller>,
        element: &str,
        members: Map<String, Value>,
    ) -> Result<Value, Error> {
        let asked = self.asked(caller, element, members, Application::Callers).await?;
        if demand_flow(&asked.element, &asked.configuration)? != Flow::One {
            let message = format!("{} does not use OAuth 1.0a: it has no request tokens", asked.element.name());
            return Err(Error::invalid("oauth-flow-wrong", message));
        }
        let token = self.request(&asked).await?;
        Ok(json!({ "token": token.token, "secret": token.secret }))
    }

    async fn request(&self, asked: &Asked) -> Result<ligand_engine::RequestToken, Error> {
        let state = asked.state.as_deref().unwrap_or(asked.element.key());
        let callback = value(&asked.configuration, keys::CALLBACK).unwrap_or_default();
        let token = self.engine.request_token(&asked.element, &asked.configuration, callback, state).await;
        token.map_err(|failure| of_exchange(&asked.element, failure))
    }

    async fn asked(
        &self,
        caller: Option<&Caller>,
        element: &str,
        mut members: Map<String, Value>,
        application: Application,
    ) -> Result<Asked, Error> {
        let element = self.element(caller, element).await?;
        if members.len() > MAX_MEMBERS {
            return Err(Error::invalid("members-too-many", format!("at most {MAX_MEMBERS} members can be given")));
        }
        let waits = match members.remove("instance") {
            Some(Value::Object(instance)) => {
                let caller = caller.ok_or_else(Error::unauthenticated)?;
                caller.demand(Privilege::CreateElementInstances)?;
                Some(instance)
            }
            None | Some(Value::Null) => None,
            Some(_) => return Err(Error::invalid("instance-invalid", "instance must be an object")),
        };
        let text = |members: &Map<String, Value>, name: &str| {
            members.get(name).and_then(Value::as_str).map(str::to_owned).filter(|text| !text.trim().is_empty())
        };
        let (state, request_token) = (text(&members, "state"), text(&members, "requestToken"));
        let proxied = self.through_proxy(caller, &mut members).await?;
        let brings_own = proxied.contains_key(keys::CLIENT_ID);
        let mut sent = entries(&members, application == Application::Elements || brings_own);
        if let Some(instance) = &waits {
            sent.extend(instance.get("configuration").and_then(Value::as_object).cloned().unwrap_or_default());
        }
        let has_secret = || element.entry(keys::CLIENT_SECRET).is_some_and(|entry| entry.default_value.is_some());
        if caller.is_none() && !sent.contains_key(keys::CLIENT_ID) && has_secret() {
            // With the element's own application nobody unknown says where its secret is used.
            sent.retain(|key, _| matches!(key.as_str(), keys::CALLBACK | keys::SCOPE));
        } else if caller.is_none() && !sent.contains_key(keys::CLIENT_SECRET) {
            sent.insert(keys::CLIENT_SECRET.to_owned(), Value::Null);
        }
        let mut sent = joined(&element, None, Some(sent), proxied)?.unwrap_or_default();
        if waits.is_some() {
            sent.insert(keys::CALLBACK.to_owned(), self.own_callback().map_or(Value::Null, Value::from));
        }
        let built = provision::effective_configuration(&element, Some(&sent), None);
        let mut configuration = built.map_err(|problems| entries_invalid(&problems))?;
        self.with_callback(&element, &mut configuration);
        if let Some(address) = value(&configuration, keys::CALLBACK) {
            check(address).map_err(|problem| Error::invalid("callback-invalid", format!("callbackUrl {problem}")))?;
        }
        Ok(Asked { element, configuration, state, request_token, waits })
    }

    /// This server's own callback address, if browsers reach it.
    pub(crate) fn own_callback(&self) -> Option<String> {
        self.public_url.as_ref().map(|url| format!("{url}{CALLBACK_PATH}"))
    }
}

fn demand_flow(element: &Element, configuration: &Configuration) -> Result<Flow, Error> {
    let message = || format!("{} does not use OAuth: there is nothing to grant in a browser", element.name());
    oauth::flow(element, configuration).ok_or_else(|| Error::invalid("oauth-not-used", message()))
}

/// The configuration entries that members of an ask mean. Where an element's endpoints are is the element's to say.
fn entries(members: &Map<String, Value>, keeps_application: bool) -> Map<String, Value> {
    const SETTABLE: &[&str] = &[keys::CLIENT_ID, keys::CLIENT_SECRET, keys::CALLBACK, keys::SCOPE];
    const OTHERS: &[&str] =
        &["state", "requestToken", "isOauthProxy", "isOAuthProxy", "oauthProxyName", "callbackProxy", "oauthProxy"];
    let mut entries = Map::new();
    for (name, value) in members.iter().filter(|(name, _)| !OTHERS.contains(&name.as_str())) {
        let key = match name.as_str() {
            "apiKey" => keys::CLIENT_ID,
            "apiSecret" => keys::CLIENT_SECRET,
            "callbackUrl" => keys::CALLBACK,
            "scope" | "scopes" => keys::SCOPE,
            other => other,
        };
        let is_application = matches!(key, keys::CLIENT_ID | keys::CLIENT_SECRET);
        let is_settable = !key.starts_with("oauth.") || SETTABLE.contains(&key);
        let is_blank = value.as_str().is_some_and(|text| text.trim().is_empty());
        if is_settable && !is_blank && !(is_application && keeps_application) {
            entries.insert(key.to_owned(), value.clone());
        }
    }
    entries
}
