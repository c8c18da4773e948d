//! What a user's browser brought back from the vendor, out of `providerData`, and the tokens that come of it.

use ligand_domain::{Configuration, Error, instance::ExternalAuthentication};
use ligand_element::{
    Element,
    oauth::{self, Flow, grant::is_automatic, keys, pkce, validity, value},
};
use ligand_engine::{Exchange, Grant};
use serde_json::{Map, Value};

use super::{Request, provision::Check, renewal::dated};
use crate::{
    App,
    failure::{of_exchange, of_validation},
};

/// How many values a grant may bring, and how long each may be in bytes.
const MAX_BROUGHT: usize = 100;
const VALUE_MAX_BYTES: usize = 16 << 10;

impl App {
    /// The grant of a request; `None` where none is needed: the element has none, or the caller brings tokens.
    ///
    /// # Errors
    /// Invalid for one that is incomplete, or whose state is not this server's or too old.
    pub(super) fn grant(
        &self,
        element: &Element,
        configuration: &Configuration,
        request: &Request,
        external: ExternalAuthentication,
    ) -> Result<Option<Grant>, Error> {
        let Some(flow) = oauth::flow(element, configuration) else { return Ok(None) };
        if external != ExternalAuthentication::None {
            demand_tokens(configuration, flow, external)?;
            return Ok(None);
        }
        let empty = Map::new();
        let data = request.provider_data.as_ref().unwrap_or(&empty);
        let text =
            |member: &str| data.get(member).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
        let proof = if flow == Flow::Two { text("code") } else { text("oauth_verifier") };
        let Some(proof) = proof else {
            let message = "You must provide an OAuth code in order to create an instance of this element";
            return Err(Error::invalid("oauth-code-missing", message));
        };
        let mut grant = Grant { brought: brought(data), ..Grant::default() };
        match flow {
            Flow::Two => {
                proof.clone_into(&mut grant.code);
                if pkce::method(element, configuration).is_some() {
                    let message =
                        "providerData.state is missing: the state that came back together with the OAuth code";
                    let state = text("state").ok_or_else(|| Error::invalid("oauth-state-missing", message))?;
                    self.check_state(element, state)?;
                    grant.verifier = Some(self.verifier(element, configuration, state));
                }
            }
            Flow::One => {
                proof.clone_into(&mut grant.approval);
                let missing =
                    |member: &str| Error::invalid("oauth-token-missing", format!("providerData.{member} is missing"));
                text("oauth_token").ok_or_else(|| missing("oauth_token"))?.clone_into(&mut grant.token);
                text("secret").ok_or_else(|| missing("secret"))?.clone_into(&mut grant.secret);
            }
        }
        Ok(Some(grant))
    }

    /// Gets tokens for the configuration: for the grant, with the refresh token that the caller brought, or by the proof
    /// of the client alone.
    pub(super) async fn obtain(
        &self,
        element: &Element,
        configuration: &mut Configuration,
        check: Check<'_>,
        record: Option<&mut Vec<Exchange>>,
    ) -> Result<(), Error> {
        if let Some(grant) = check.grant {
            let traded = self.engine.exchange(element, configuration, grant, record).await;
            return traded.map_err(|failure| of_exchange(element, failure));
        }
        let is_own = is_automatic(element, configuration) && check.external == ExternalAuthentication::None;
        let is_first = value(configuration, keys::TOKEN).is_none()
            && oauth::flow(element, configuration) == Some(Flow::Two)
            && validity::is_renewable(configuration);
        if is_own || is_first {
            let renewed = self.engine.renew(element, None, configuration).await;
            let changes = renewed.map_err(|failure| of_validation(element, failure))?;
            changes.into_iter().for_each(|(key, value)| configuration.set(&key, value));
        }
        dated(configuration, self.clock.now());
        Ok(())
    }

    /// Puts this server's own callback address where an element needs one and has none.
    pub(crate) fn with_callback(&self, element: &Element, configuration: &mut Configuration) {
        let lacks = value(configuration, keys::CALLBACK).is_none();
        if lacks && oauth::flow(element, configuration).is_some() {
            configuration.set(keys::CALLBACK, self.own_callback());
        }
    }
}

fn demand_tokens(configuration: &Configuration, flow: Flow, external: ExternalAuthentication) -> Result<(), Error> {
    let has = |key: &str| value(configuration, key).is_some();
    let missing = match flow {
        Flow::One if !has(keys::TOKEN) => keys::TOKEN,
        Flow::One if !has(keys::TOKEN_SECRET) => keys::TOKEN_SECRET,
        Flow::Two if external == ExternalAuthentication::Full && !has(keys::TOKEN) => keys::TOKEN,
        Flow::Two if !has(keys::TOKEN) && !has(keys::REFRESH_TOKEN) => keys::REFRESH_TOKEN,
        _ => return Ok(()),
    };
    let message = format!("externalAuthentication '{}' needs {missing} in the configuration", external.key());
    Err(Error::invalid("oauth-token-missing", message))
}

/// The values of a grant as resources of the element see them: texts, and what has a text.
fn brought(data: &Map<String, Value>) -> Vec<(String, String)> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    };
    let all = data.iter().filter_map(|(name, value)| Some((name.clone(), text(value)?)));
    all.filter(|(_, value)| value.len() <= VALUE_MAX_BYTES).take(MAX_BROUGHT).collect()
}
