//! OAuth as the platform does it for instances: where users grant access, codes and request tokens traded for tokens,
//! tokens renewed and given back. Resources of an element that are there for one of these steps take its place.

#[cfg(test)]
mod tests;

use std::time::Duration;

use ligand_domain::{Configuration, Id, Instance};
use ligand_element::{
    AnswerState, CallerRequest, Element, Inputs, PlanError, Prepared, ResourceType, VendorRequest,
    oauth::{self, Flow, answer, authorize, grant, keys, one, token, validity, value},
    vendor_error_text,
};
use serde_json::Value;

use crate::{
    Engine, Exchange, Failure,
    attempts::Dispatch,
    exchange::Recorder,
    interpret::{RawResponse, refusal},
    redact::Secrets,
    session::{Answer, Link, Owner, Session, is_renewable, standing_in},
    transport::Answered,
};

/// The longest answer of a token endpoint, in bytes.
const ANSWER_MAX_BYTES: usize = 256 << 10;

/// How long tokens count as new.
const NEW: Duration = Duration::from_secs(10);

/// Changes of a configuration: keys and their new values.
pub type Changes = Vec<(String, Option<String>)>;

/// What a vendor gave a user's browser to bring back, and what belongs to it. It has no `Debug`.
#[derive(Clone, Default)]
pub struct Grant {
    /// The code of OAuth 2.
    pub code: String,
    /// The proof key that the code is bound to.
    pub verifier: Option<String>,
    /// The request token of OAuth 1.0a.
    pub token: String,
    /// Its secret.
    pub secret: String,
    /// The proof that the user approved it.
    pub approval: String,
    /// Everything that came back, by name, for resources that want more.
    pub brought: Vec<(String, String)>,
}

impl Grant {
    /// The values that must not appear in what is passed on.
    fn secrets(&self) -> Vec<String> {
        let verifier = self.verifier.clone().unwrap_or_default();
        vec![self.code.clone(), verifier, self.secret.clone(), self.approval.clone()]
    }
}

/// A request token of OAuth 1.0a. It has no `Debug`.
#[derive(Clone)]
pub struct RequestToken {
    /// The token, which goes into the address where the user grants access.
    pub token: String,
    /// Its secret, which comes back with the grant.
    pub secret: String,
}

impl Engine {
    /// Where a user grants access; no vendor is asked, unless the element has a resource that makes the address.
    ///
    /// # Errors
    /// When the address cannot be made.
    pub async fn authorize_url(
        &self,
        element: &Element,
        configuration: &Configuration,
        ask: authorize::Ask<'_>,
        request_token: Option<&str>,
    ) -> Result<String, Failure> {
        let built = match oauth::flow(element, configuration) {
            Some(Flow::One) => {
                let token = request_token.filter(|token| !token.trim().is_empty());
                let token = token.ok_or_else(|| PlanError::MissingParameter("requestToken".to_owned()))?;
                authorize::one(configuration, token, ask.state)
            }
            _ => authorize::two(configuration, ask),
        };
        if element.resources_of(ResourceType::OauthOnAuthorizeUrl).next().is_none() {
            return built.map(String::from).map_err(Failure::from);
        }
        let pairs = parameters(configuration, &[("state", ask.state), ("requestToken", request_token.unwrap_or(""))]);
        let request = with_parameters(&pairs);
        let mut session = self.unowned(element, &request, configuration, Recorder::off());
        let state = session.replaced(ResourceType::OauthOnAuthorizeUrl, pairs).await?;
        match state.map(|state| state.body) {
            Some(Value::String(address)) if url::Url::parse(&address).is_ok() => Ok(address),
            _ => Err(Failure::Malformed("the element's own authorize address is none".to_owned())),
        }
    }

    /// Asks for a request token of OAuth 1.0a.
    ///
    /// # Errors
    /// The first failure.
    pub async fn request_token(
        &self,
        element: &Element,
        configuration: &Configuration,
        callback: &str,
        state: &str,
    ) -> Result<RequestToken, Failure> {
        let callback = authorize::with_state(callback, state);
        let pairs = parameters(configuration, &[("state", state), ("oauth_callback", &callback)]);
        let caller = with_parameters(&pairs);
        let mut session = self.unowned(element, &caller, configuration, Recorder::off());
        let text = match session.replaced(ResourceType::Oauth1OnTokenRequest, pairs).await? {
            Some(state) => text_of(state),
            None => {
                let request = one::request_token(configuration, &self.circumstances(false).moment(), &callback)?;
                session.ask(request, &[]).await?
            }
        };
        let pair = answer::form(&text);
        let get = |name: &str| pair.get(name).filter(|value| !value.is_empty()).cloned();
        match (get("oauth_token"), get("oauth_token_secret")) {
            (Some(token), Some(secret)) => Ok(RequestToken { token, secret }),
            _ => Err(Failure::Malformed("it has no oauth_token and oauth_token_secret".to_owned())),
        }
    }

    /// Trades what the user's browser brought back for tokens and sets them in the configuration. What was said is
    /// added to `record`, secrets masked.
    ///
    /// # Errors
    /// The first failure; the configuration then stays as it was.
    pub async fn exchange(
        &self,
        element: &Element,
        configuration: &mut Configuration,
        grant: &Grant,
        record: Option<&mut Vec<Exchange>>,
    ) -> Result<(), Failure> {
        let mut pairs = parameters(configuration, &[("code", grant.code.as_str())]);
        pairs.extend(grant.brought.iter().filter(|(name, _)| name != "code").cloned());
        let request = with_parameters(&pairs);
        let mut session = self.unowned(element, &request, configuration, Recorder::new(record));
        let outcome = session.trade(grant, pairs).await;
        let (element, held) = (session.element, &session.configuration);
        session.recorder.mask(|| Secrets::of(element, held).with(grant.secrets()));
        outcome?;
        let now = self.clock().now().as_millis().to_string();
        let at = value(&session.configuration, keys::REFRESH_TIME).map_or(now, str::to_owned);
        session.set(vec![(keys::AUTHENTICATED_AT.to_owned(), Some(at))]);
        let changed = session.configuration.into_owned();
        *configuration = changed;
        Ok(())
    }

    /// New tokens for an instance, as changes of its configuration that have still to be kept. Nothing of the old
    /// tokens may be used afterwards: vendors forget them.
    ///
    /// # Errors
    /// [`Failure::GrantEnded`] when only the user can help; otherwise the first failure, after which it can be tried
    /// again.
    pub async fn renew(
        &self,
        element: &Element,
        instance: Option<Id<Instance>>,
        configuration: &Configuration,
    ) -> Result<Changes, Failure> {
        let pairs =
            parameters(configuration, &[("refresh_token", configuration.get(keys::REFRESH_TOKEN).unwrap_or(""))]);
        let request = with_parameters(&pairs);
        let mut session = self.unowned(element, &request, configuration, Recorder::off());
        session.owner = instance.map(|instance| Owner { instance, keeper: None });
        let work = async {
            if is_renewed_by_grant(element, configuration) {
                session.refresh(pairs).await
            } else if self.is_over(element, configuration) && !is_renewable(element) {
                Err(Failure::GrantEnded { provider_message: None })
            } else {
                session.run_all(&[ResourceType::ProvisionAuthValidation]).await.map(drop)
            }
        };
        crate::engine::in_time(self.options.total_timeout, Box::pin(work)).await?;
        Ok(session.changes)
    }

    /// What an element does after its tokens were renewed, with the new ones; the changes that brings. Failures are
    /// logged only.
    pub async fn after_renewal(
        &self,
        element: &Element,
        instance: Id<Instance>,
        configuration: &Configuration,
    ) -> Changes {
        let request = standing_in();
        let mut session = self.unowned(element, &request, configuration, Recorder::off());
        session.owner = Some(Owner { instance, keeper: None });
        let work = session.run_all(&[ResourceType::OnRefresh]);
        if let Err(failure) = crate::engine::in_time(self.options.total_timeout, Box::pin(work)).await {
            tracing::warn!(element = element.key(), %instance, %failure, "a resource that follows a renewal failed");
        }
        session.changes
    }

    /// Gives an instance's tokens back. Failures are logged only.
    pub async fn revoke(&self, element: &Element, configuration: &Configuration) {
        let token = value(configuration, keys::REFRESH_TOKEN).or(value(configuration, keys::TOKEN));
        let pairs = parameters(configuration, &[("token", token.unwrap_or(""))]);
        let request = with_parameters(&pairs);
        let mut session = self.unowned(element, &request, configuration, Recorder::off());
        let work = async {
            if session.replaced(ResourceType::OauthOnTokenRevoke, pairs).await?.is_some() {
                return Ok(());
            }
            match token::revoke(configuration)? {
                Some(request) => session.ask(request, &[]).await.map(drop),
                None => Ok(()),
            }
        };
        if let Err(failure) = crate::engine::in_time(self.options.total_timeout, Box::pin(work)).await {
            tracing::warn!(element = element.key(), %failure, "the vendor was not told to forget a token");
        }
    }

    /// Whether the tokens of this configuration are to be renewed before they are used.
    #[must_use]
    pub fn is_due(&self, element: &Element, configuration: &Configuration) -> bool {
        let now = self.clock().now();
        let is_over = || validity::expiry(configuration).is_some_and(|end| end <= now);
        is_renewed_by_grant(element, configuration)
            && (validity::is_due(configuration, now) || value(configuration, keys::TOKEN).is_none() || is_over())
    }

    /// Whether the time of a token is over for which there is nothing to renew it with.
    pub(crate) fn is_over(&self, element: &Element, configuration: &Configuration) -> bool {
        oauth::bears_token(element.authentication_type(configuration))
            && !is_renewed_by_grant(element, configuration)
            && validity::expiry(configuration).is_some_and(|end| end <= self.clock().now())
    }

    /// Whether the tokens were renewed so lately that the vendor's refusal of them has another reason than their age.
    /// Without this a vendor that refuses every token would be asked for another one with each call.
    pub(crate) fn is_new(&self, configuration: &Configuration) -> bool {
        let is_first = configuration.get(keys::AUTHENTICATED_AT) == configuration.get(keys::REFRESH_TIME);
        !is_first && validity::made_at(configuration).is_some_and(|made| self.clock().now().since(made) < NEW)
    }
}

/// Whether the tokens of this configuration are renewed by what the vendor gave for that, by the client's own proof, or
/// by a resource.
#[must_use]
pub fn is_renewed_by_grant(element: &Element, configuration: &Configuration) -> bool {
    oauth::bears_token(element.authentication_type(configuration))
        && (validity::is_renewable(configuration)
            || grant::is_automatic(element, configuration)
            || element.resources_of(ResourceType::OauthOnTokenRefresh).next().is_some())
}

impl Session<'_> {
    async fn trade(&mut self, grant: &Grant, pairs: Vec<(String, String)>) -> Result<(), Failure> {
        let secrets = grant.secrets();
        if let Some(state) = self.replaced(ResourceType::OauthOnTokenExchange, pairs).await? {
            return self.adopt(state);
        }
        if oauth::flow(self.element, &self.configuration) == Some(Flow::One) {
            let moment = self.engine.circumstances(false).moment();
            let (token, secret, approval) = (&grant.token, &grant.secret, &grant.approval);
            let request = one::access_token(&self.configuration, &moment, token, secret, approval)?;
            let pair = answer::form(&self.ask(request, &secrets).await?);
            let get = |name: &str| pair.get(name).filter(|value| !value.is_empty()).cloned();
            let (Some(token), Some(secret)) = (get("oauth_token"), get("oauth_token_secret")) else {
                return Err(Failure::Malformed("it has no oauth_token and oauth_token_secret".to_owned()));
            };
            self.set(vec![(keys::TOKEN.to_owned(), Some(token)), (keys::TOKEN_SECRET.to_owned(), Some(secret))]);
            return Ok(());
        }
        let request = token::exchange(&self.configuration, &grant.code, grant.verifier.as_deref())?;
        let text = self.ask(request, &secrets).await?;
        self.take(&text)
    }

    async fn refresh(&mut self, pairs: Vec<(String, String)>) -> Result<(), Failure> {
        let ended = |failure| match failure {
            Failure::Script { status: 400 | 401 | 403, message, stated: true } => {
                Failure::GrantEnded { provider_message: Some(message) }
            }
            // What else a script dies of may be over next time.
            Failure::Script { status: 429, message, .. } => Failure::BeyondLimit(message),
            Failure::Script { message, .. } => Failure::VendorFault { provider_message: Some(message) },
            Failure::Rejected { status: 400 | 401 | 403, provider_message, .. } => {
                Failure::GrantEnded { provider_message }
            }
            other => other,
        };
        if let Some(state) = self.replaced(ResourceType::OauthOnTokenRefresh, pairs).await.map_err(ended)? {
            return self.adopt(state);
        }
        let request = if grant::is_automatic(self.element, &self.configuration) {
            self.engine.token_request(self.element, &self.configuration)?
        } else {
            token::refresh(&self.configuration)?
        };
        let raw = self.answered(request).await?;
        let secrets = || Secrets::of(self.element, &self.configuration);
        let text = raw.text().unwrap_or_default().into_owned();
        if !raw.is_success() {
            return Err(match (answer::is_final(raw.status, &text), refusal(&raw, &secrets)) {
                (true, Failure::Rejected { provider_message, .. }) => Failure::GrantEnded { provider_message },
                (_, busy @ Failure::Rejected { status: 429, .. }) => busy,
                // What a token endpoint lacks is no answer to what the caller asked for.
                (_, Failure::Rejected { provider_message, .. }) => Failure::VendorFault { provider_message },
                (_, other) => other,
            });
        }
        if let Err(answer::AnswerError::Refused(code)) = answer::read(&text) {
            let passing = !answer::is_final(400, &text);
            let said = vendor_error_text(&parsed(&text), &|text| secrets().redact(text)).or(Some(code));
            return Err(if passing {
                Failure::VendorFault { provider_message: said }
            } else {
                Failure::GrantEnded { provider_message: said }
            });
        }
        self.take(&text)
    }

    /// Runs the resource of the element that takes the place of a step; `None` when it has none.
    async fn replaced(
        &mut self,
        kind: ResourceType,
        pairs: Vec<(String, String)>,
    ) -> Result<Option<AnswerState>, Failure> {
        let Some(resource) = self.element.resources_of(kind).next() else { return Ok(None) };
        let prepared = Prepared::default();
        let link = Link { resource, prepared: &prepared, page: None };
        let inputs = Inputs { query: pairs, ..Inputs::default() };
        match Box::pin(self.chain(resource, link, &inputs)).await?.0 {
            Answer::State(state) => Ok(Some(state)),
            Answer::File(_) => Err(Failure::Malformed("it is a file".to_owned())),
        }
    }

    /// Takes over the tokens of a resource's answer, unless the resource has put them into the configuration itself.
    fn adopt(&mut self, state: AnswerState) -> Result<(), Failure> {
        let now = self.engine.clock().now().as_millis().to_string();
        if !self.changes.iter().any(|(key, value)| key == keys::TOKEN && value.is_some()) {
            return self.take(&text_of(state));
        }
        if !self.changes.iter().any(|(key, _)| key == keys::REFRESH_TIME) {
            self.set(vec![(keys::REFRESH_TIME.to_owned(), Some(now))]);
        }
        Ok(())
    }

    /// Takes over the tokens of a successful answer.
    fn take(&mut self, text: &str) -> Result<(), Failure> {
        match answer::read(text) {
            Ok(tokens) => {
                self.set(tokens.changes(self.engine.clock().now()));
                Ok(())
            }
            Err(answer::AnswerError::Refused(code)) => {
                let secrets = || Secrets::of(self.element, &self.configuration);
                let said = vendor_error_text(&parsed(text), &|text| secrets().redact(text)).or(Some(code));
                Err(Failure::Rejected { status: 400, provider_message: said, retry_after_seconds: None })
            }
            Err(answer::AnswerError::NotUnderstood(why)) => Err(Failure::Malformed(why.to_owned())),
        }
    }

    /// Sends a request of an OAuth step: the text of a success, else the failure that the answer means.
    async fn ask(&mut self, request: VendorRequest, secrets: &[String]) -> Result<String, Failure> {
        let raw = self.answered(request).await?;
        if !raw.is_success() {
            let secrets = || Secrets::of(self.element, &self.configuration).with(secrets.to_vec());
            return Err(refusal(&raw, &secrets));
        }
        let text = raw.text().ok_or_else(|| Failure::Malformed("it is not UTF-8 text".to_owned()))?;
        Ok(text.into_owned())
    }

    async fn answered(&mut self, request: VendorRequest) -> Result<RawResponse, Failure> {
        let dispatch = Dispatch {
            request: &request,
            anew: None,
            upload: None,
            instance: self.owner.map(|owner| owner.instance),
            deadline: self.deadline,
            reads: false,
            streams: &|_| false,
        };
        let Answered::Whole(raw) = self.sender()?.send(dispatch).await? else {
            return Err(Failure::Malformed("it cannot be read".to_owned()));
        };
        self.recorder.met(&request, &raw);
        if raw.body.len() > ANSWER_MAX_BYTES {
            return Err(Failure::TooLarge);
        }
        Ok(raw)
    }
}

/// What scripts and parameters of OAuth resources see as the caller's query.
fn parameters(configuration: &Configuration, further: &[(&str, &str)]) -> Vec<(String, String)> {
    let configured = [
        ("client_id", keys::CLIENT_ID),
        ("client_secret", keys::CLIENT_SECRET),
        ("redirect_uri", keys::CALLBACK),
        ("scope", keys::SCOPE),
    ];
    let known = configured.iter().filter_map(|(name, key)| Some((*name, value(configuration, key)?)));
    let further = further.iter().copied().filter(|(_, value)| !value.is_empty());
    known.chain(further).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn with_parameters(pairs: &[(String, String)]) -> CallerRequest {
    CallerRequest { query: pairs.to_vec(), ..standing_in() }
}

fn text_of(state: AnswerState) -> String {
    match state.body {
        Value::String(text) => text,
        Value::Null => state.raw.unwrap_or_default(),
        body => body.to_string(),
    }
}

fn parsed(text: &str) -> Value {
    let form =
        || Value::Object(answer::form(text).into_iter().map(|(name, value)| (name, Value::from(value))).collect());
    serde_json::from_str(text).unwrap_or_else(|_| form())
}
