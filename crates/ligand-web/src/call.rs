//! One request to the API, as handlers see it: who calls, with what headers, query and body.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    body::Body,
    extract::{FromRequest, Request},
};
use bytes::Bytes;
use http::{HeaderMap, header};
use ligand_app::{
    App,
    callers::Identity,
    instances::{Loaded, Target},
};
use ligand_domain::{Caller, Error, Privilege, Secret};
use serde_json::{Map, Value};

use crate::{edge::Translation, error::Failure, json, query::Query};

/// The largest body of a request that names a few things, in bytes.
const SMALL_BODY_BYTES: usize = 1 << 20;

/// The state of every route.
pub(crate) type Platform = Arc<App>;

/// Parts of a request that need no credentials.
pub(crate) struct Anonymous {
    pub(crate) app: Platform,
    pub(crate) headers: HeaderMap,
    pub(crate) query: Query,
    /// Where the connection comes from.
    pub(crate) peer: IpAddr,
    /// Taken by the handler that reads it. The mutex is never locked; it makes the request shareable.
    body: Mutex<Body>,
    translation: Option<Translation>,
}

impl FromRequest<Platform> for Anonymous {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &Platform) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        let query = Query::parse(parts.uri.query().unwrap_or_default());
        let unknown = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        let peer = parts.extensions.get::<SocketAddr>().map_or(unknown, SocketAddr::ip);
        let translation = parts.extensions.get::<Translation>().cloned();
        Ok(Self { app: Arc::clone(app), headers: parts.headers, query, peer, body: Mutex::new(body), translation })
    }
}

impl Anonymous {
    /// The JSON object of the body.
    pub(crate) async fn object(&mut self) -> Result<Map<String, Value>, Error> {
        json::object(&self.bytes(usize::MAX).await?)
    }

    /// The JSON object of a body that has no reason to be large.
    pub(crate) async fn small_object(&mut self) -> Result<Map<String, Value>, Error> {
        json::object(&self.bytes(SMALL_BODY_BYTES).await?)
    }

    async fn bytes(&mut self, limit: usize) -> Result<Bytes, Error> {
        let body = std::mem::take(self.body.get_mut().unwrap_or_else(PoisonError::into_inner));
        let limits = self.app.limits();
        let bytes = json::collect(body, limit.min(limits.body_bytes), limits.body_timeout).await?;
        Ok(match &self.translation {
            Some(translation) => translation.standard(bytes),
            None => bytes,
        })
    }

    async fn identity(&self) -> Result<Arc<Identity>, Error> {
        let header = self.headers.get(header::AUTHORIZATION).map(http::HeaderValue::as_bytes);
        self.app.identify(header).await
    }

    /// The caller of a public route: nobody, or, when credentials were sent, who they prove, who then needs the
    /// privilege. The answer is JSON.
    pub(crate) async fn proceed(&self, privilege: Option<Privilege>) -> Result<Option<Caller>, Error> {
        let mut caller = None;
        if self.headers.contains_key(header::AUTHORIZATION) {
            let known = *self.identity().await?.platform()?;
            privilege.map_or(Ok(()), |privilege| known.demand(privilege))?;
            caller = Some(known);
        }
        json::accepts_json(&self.headers)?;
        Ok(caller)
    }
}

/// A request with checked credentials.
pub(crate) struct Call {
    pub(crate) request: Anonymous,
    identity: Arc<Identity>,
}

impl FromRequest<Platform> for Call {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &Platform) -> Result<Self, Failure> {
        let request = Anonymous::from_request(request, app).await?;
        let identity = request.identity().await?;
        Ok(Self { request, identity })
    }
}

impl Call {
    /// The platform.
    pub(crate) fn app(&self) -> &App {
        &self.request.app
    }

    /// Checks that the body is said to be JSON; comes before what the path names is looked up.
    pub(crate) fn expect_json(&self) -> Result<(), Error> {
        json::is_json(&self.request.headers)
    }

    /// Query parameters.
    pub(crate) fn query(&self) -> &Query {
        &self.request.query
    }

    /// The caller of a platform route, after the checks that come before all others: user and organization
    /// proven, privilege held, JSON accepted.
    pub(crate) fn proceed(&self, privilege: Option<Privilege>) -> Result<Caller, Error> {
        self.checked(self.identity.platform()?, privilege)
    }

    /// The user and the token of a route that acts on the token's instance; user and token are enough there. The
    /// token is a credential: it is checked first.
    pub(crate) async fn proceed_with_token(&self, privilege: Option<Privilege>) -> Result<(Caller, Secret), Error> {
        let (user, token) = (self.identity.user(), self.identity.element_token()?);
        self.app().instance(user, Target::Token { token, element: None }).await?;
        Ok((self.checked(user, privilege)?, token.clone()))
    }

    /// The instance of a hub call; without a token it is not authenticated.
    pub(crate) async fn proceed_to_hub(&self) -> Result<Arc<Loaded>, Error> {
        let user = self.identity.user();
        let token = self.identity.element_token().map_err(|_| Error::unauthenticated())?;
        let loaded = self.app().instance(user, Target::Token { token, element: None }).await?;
        self.checked(user, None)?;
        Ok(loaded)
    }

    fn checked(&self, caller: &Caller, privilege: Option<Privilege>) -> Result<Caller, Error> {
        privilege.map_or(Ok(()), |privilege| caller.demand(privilege))?;
        json::accepts_json(&self.request.headers)?;
        Ok(*caller)
    }

    /// The JSON object of the body.
    pub(crate) async fn object(&mut self) -> Result<Map<String, Value>, Error> {
        self.request.object().await
    }
}
