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
use http::{HeaderMap, Method, Uri, header};
use ligand_app::{App, callers::Identity, instances::Target};
use ligand_domain::{Caller, Error, Privilege, Secret};
use serde_json::{Map, Value};

use crate::{edge::Translation, error::Failure, json, presence::Presence, query::Query};

/// The largest body of a request that names a few things, in bytes.
const SMALL_BODY_BYTES: usize = 1 << 20;

/// The state of every route.
pub(crate) type Platform = Arc<App>;

/// Parts of a request that need no credentials.
pub(crate) struct Anonymous {
    pub(crate) app: Platform,
    pub(crate) method: Method,
    /// Path and query behind the API's base path.
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) query: Query,
    /// Where the connection comes from.
    pub(crate) peer: IpAddr,
    /// Who calls, when it has been asked already.
    identity: Option<Arc<Identity>>,
    /// Taken by the handler that reads it. The mutex is never locked; it makes the request shareable.
    body: Mutex<Body>,
    translation: Option<Translation>,
    /// Whether the client is there, when this request's work does not end by itself without it.
    presence: Option<Presence>,
}

impl FromRequest<Platform> for Anonymous {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &Platform) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        let query = Query::parse(parts.uri.query().unwrap_or_default());
        let unknown = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        let peer = parts.extensions.get::<SocketAddr>().map_or(unknown, SocketAddr::ip);
        let translation = parts.extensions.get::<Translation>().cloned();
        let identity = parts.extensions.get::<Arc<Identity>>().cloned();
        let presence = parts.extensions.get::<Presence>().cloned();
        let body = if matches!(parts.method, Method::GET | Method::HEAD) {
            json::discard(body, app.limits().body_timeout).await;
            Body::empty()
        } else {
            body
        };
        Ok(Self {
            app: Arc::clone(app),
            identity,
            method: parts.method,
            uri: parts.uri,
            headers: parts.headers,
            query,
            peer,
            body: Mutex::new(body),
            translation,
            presence,
        })
    }
}

impl Anonymous {
    /// The JSON object of the body.
    pub(crate) async fn object(&mut self) -> Result<Map<String, Value>, Error> {
        json::object(&self.bytes().await?)
    }

    /// The JSON object of a body that has no reason to be large.
    pub(crate) async fn small_object(&mut self) -> Result<Map<String, Value>, Error> {
        json::object(&self.bytes_within(SMALL_BODY_BYTES.min(self.app.limits().body_bytes)).await?)
    }

    /// The JSON of a body that is the definition of an element, or a part of one.
    pub(crate) async fn definition(&mut self) -> Result<Value, Error> {
        json::value(&self.bytes_within(self.app.limits().definition_bytes).await?)
    }

    /// The same, which has to be an object.
    pub(crate) async fn definition_object(&mut self) -> Result<Map<String, Value>, Error> {
        json::object(&self.bytes_within(self.app.limits().definition_bytes).await?)
    }

    /// The body as it arrives; only once.
    pub(crate) fn body(&mut self) -> Body {
        std::mem::take(self.body.get_mut().unwrap_or_else(PoisonError::into_inner))
    }

    /// The whole body in standard words, within the platform's bounds.
    pub(crate) async fn bytes(&mut self) -> Result<Bytes, Error> {
        self.bytes_within(self.app.limits().body_bytes).await
    }

    async fn bytes_within(&mut self, limit: usize) -> Result<Bytes, Error> {
        let body = self.body();
        let bytes = json::collect(body, limit, self.app.limits().body_timeout).await?;
        Ok(match &self.translation {
            Some(translation) => translation.standard(bytes),
            None => bytes,
        })
    }

    /// Resolves when the client has left; never when the work would end with it anyway.
    pub(crate) fn client_left(&self) -> impl Future<Output = ()> + Send + 'static {
        let presence = self.presence.clone();
        async move {
            match presence {
                Some(presence) => presence.ended().await,
                None => std::future::pending().await,
            }
        }
    }

    /// Who calls.
    pub(crate) async fn identity(&self) -> Result<Arc<Identity>, Error> {
        if let Some(known) = &self.identity {
            return Ok(Arc::clone(known));
        }
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
        Ok(Self::of(Anonymous::from_request(request, app).await?).await?)
    }
}

impl Call {
    /// The request with its credentials checked.
    pub(crate) async fn of(request: Anonymous) -> Result<Self, Error> {
        let identity = request.identity().await?;
        Ok(Self { request, identity })
    }

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

    /// The Element token that was sent, not yet checked.
    pub(crate) fn token(&self) -> Option<&Secret> {
        self.identity.element_token().ok()
    }

    /// The caller of a platform route, after the checks that come before all others: user and organization
    /// proven, privilege held, JSON accepted.
    pub(crate) fn proceed(&self, privilege: Option<Privilege>) -> Result<Caller, Error> {
        self.checked(self.identity.platform()?, privilege)
    }

    /// The same for a route that answers CSV.
    pub(crate) fn proceed_to_csv(&self, privilege: Option<Privilege>) -> Result<Caller, Error> {
        let caller = self.identity.platform()?;
        privilege.map_or(Ok(()), |privilege| caller.demand(privilege))?;
        json::accepts_csv(&self.request.headers)?;
        Ok(*caller)
    }

    /// The user and the token of a route that acts on the token's instance; user and token are enough there. The
    /// token is a credential: it is checked first.
    pub(crate) async fn proceed_with_token(&self, privilege: Option<Privilege>) -> Result<(Caller, Secret), Error> {
        let (user, token) = (self.identity.user(), self.identity.element_token()?);
        self.app().instance(user, Target::Token { token, element: None }).await?;
        Ok((self.checked(user, privilege)?, token.clone()))
    }

    /// The user and the token of a hub call; without a token it is not authenticated. What it accepts is seen later,
    /// because some resources answer with files.
    pub(crate) fn proceed_to_hub(&self) -> Result<(Caller, &Secret), Error> {
        let token = self.identity.element_token().map_err(|_| Error::unauthenticated())?;
        Ok((*self.identity.user(), token))
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
