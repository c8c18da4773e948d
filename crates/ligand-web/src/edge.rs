//! The outermost layer: what every request and every answer has in common, whatever the route.
//!
//! Request id, cross-origin headers, white-label translation, trailing slashes, panics, error bodies, the log.

use std::{panic::AssertUnwindSafe, sync::Arc};

use axum::{
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::FutureExt;
use http::{HeaderName, HeaderValue, Method, Uri, header};
use ligand_app::{App, usage};
use ligand_domain::{Error, RequestId};
use tower::ServiceExt;

use crate::{
    BASE_PATH, cors,
    error::{Failure, Pending},
    json, router,
    routes::jobs,
    white_label::{Noun, Route},
};

const REQUEST_ID: HeaderName = HeaderName::from_static("elements-request-id");

/// The whole API as one function from request to answer. Cheap to clone.
#[derive(Clone)]
pub struct Edge(Arc<Inner>);

struct Inner {
    app: Arc<App>,
    router: axum::Router,
    noun: Option<Noun>,
}

impl Edge {
    /// The API over a platform; with a noun, also under that noun beside the standard one.
    #[must_use]
    pub fn new(app: Arc<App>, noun: Option<Noun>) -> Self {
        let router = router::router(Arc::clone(&app));
        Self(Arc::new(Inner { app, router, noun }))
    }

    /// Answers one request. Never fails: whatever goes wrong becomes an answer.
    pub async fn answer(&self, request: Request) -> Response {
        let inner = &*self.0;
        let id = inner.app.next_request_id();
        let origin = request.headers().get(header::ORIGIN).cloned();
        let variant = inner.noun.as_ref().and_then(|noun| Variant::of(noun, &request));
        let (request, route) = match &variant {
            Some(variant) => variant.standardise(request),
            None => (request, None),
        };
        let routed = AssertUnwindSafe(inner.route(request)).catch_unwind().await;
        let mut response = routed.unwrap_or_else(|_| Failure::from(panicked()).into_response());
        finish(&mut response, id);
        if let Some(draft) = response.extensions_mut().remove::<usage::Draft>() {
            inner.app.record_usage(draft, id, response.status().as_u16());
        }
        if let Some(origin) = &origin {
            cors::decorate(origin, response.headers_mut());
        }
        match variant.zip(route) {
            Some((variant, route)) => variant.translate(response, route).await,
            None => response,
        }
    }
}

impl Edge {
    /// Id and body of the answer to a request that could not be read.
    pub(crate) fn unreadable(&self, error: Error) -> (RequestId, Bytes) {
        let (id, pending) = (self.0.app.next_request_id(), Pending::from(error));
        tracing::debug!(request_id = %id, "request unreadable");
        (id, pending.body(id))
    }

    /// The largest body of a request or of the answer to a kept one, in bytes.
    pub(crate) fn largest_body(&self) -> usize {
        self.0.app.limits().body_bytes
    }

    /// The answer to a request whose own answer was lost, which only happens while the process ends.
    pub(crate) fn failed(&self) -> Response {
        let mut response = Failure::from(panicked()).into_response();
        finish(&mut response, self.0.app.next_request_id());
        response
    }
}

impl Inner {
    async fn route(&self, mut request: Request) -> Response {
        if request.method() == Method::OPTIONS {
            return cors::preflight(request.headers());
        }
        trim_slash(request.uri_mut());
        if request.headers().contains_key(jobs::SCHEDULE) && is_of_api(request.uri().path()) {
            return jobs::schedule(request, &self.app).await.unwrap_or_else(IntoResponse::into_response);
        }
        match self.router.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}

fn panicked() -> Error {
    Error::internal("panicked", "a handler panicked; the panic message precedes this line")
}

/// Gives an answer its request id and, when it is an error, its body.
fn finish(response: &mut Response, id: RequestId) {
    if let Some(pending) = Pending::take(response) {
        pending.log(id, response.status());
        *response.body_mut() = Body::from(pending.body(id));
        response.headers_mut().insert(header::CONTENT_TYPE, json::CONTENT_TYPE);
        // The router has counted the body that was still to be written.
        response.headers_mut().remove(header::CONTENT_LENGTH);
    }
    let value = HeaderValue::from_str(id.as_str()).expect("hexadecimal digits are a header value");
    response.headers_mut().insert(REQUEST_ID, value);
}

fn is_of_api(path: &str) -> bool {
    path.strip_prefix(BASE_PATH).is_some_and(|rest| rest.starts_with('/'))
}

/// A trailing slash means the same as none.
fn trim_slash(uri: &mut Uri) {
    let path = uri.path();
    if path.len() < 2 || !path.ends_with('/') {
        return;
    }
    let trimmed = path.trim_end_matches('/');
    let trimmed = if trimmed.is_empty() { "/" } else { trimmed };
    let text = uri.query().map_or_else(|| trimmed.to_owned(), |query| format!("{trimmed}?{query}"));
    if let Ok(trimmed) = text.parse() {
        *uri = trimmed;
    }
}

/// How the body of a request that came under the other noun becomes standard, once it is read.
#[derive(Clone)]
pub(crate) struct Translation {
    noun: Noun,
    route: Route,
}

impl Translation {
    /// The body in standard words.
    pub(crate) fn standard(&self, body: Bytes) -> Bytes {
        self.noun.standard_body(self.route, &body).map_or(body, Bytes::from)
    }
}

/// A request that came under the other noun.
struct Variant<'a> {
    noun: &'a Noun,
    uri: Uri,
}

impl<'a> Variant<'a> {
    fn of(noun: &'a Noun, request: &Request) -> Option<Self> {
        let path = request.uri().path_and_query().map_or_else(|| request.uri().path(), |path| path.as_str());
        let uri = noun.standard_path(path)?.parse().ok()?;
        Some(Self { noun, uri })
    }

    /// The head of the request in standard words, and what its path means for the bodies.
    fn standardise(&self, request: Request) -> (Request, Option<Route>) {
        let (mut parts, body) = request.into_parts();
        self.noun.standard_request_headers(&mut parts.headers);
        let path = self.uri.path_and_query().map_or("/", |path| path.as_str());
        let catalogue = self.noun.standard_hub_catalogue(path, &parts.headers);
        parts.uri = catalogue.and_then(|path| path.parse().ok()).unwrap_or_else(|| self.uri.clone());
        let route = Route::of(parts.uri.path(), &parts.headers);
        parts.extensions.insert(Translation { noun: self.noun.clone(), route });
        (Request::from_parts(parts, body), Some(route))
    }

    async fn translate(&self, response: Response, route: Route) -> Response {
        let (mut parts, body) = response.into_parts();
        let route = route.answered(&parts.headers);
        let is_json = parts.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == json::CONTENT_TYPE);
        self.noun.variant_response_headers(&mut parts.headers);
        if !is_json {
            return Response::from_parts(parts, body);
        }
        let Ok(bytes) = axum::body::to_bytes(body, usize::MAX).await else {
            return Response::from_parts(parts, Body::empty());
        };
        let body = self.noun.variant_body(route, &bytes).map_or_else(|| Body::from(bytes), Body::from);
        parts.headers.remove(header::CONTENT_LENGTH);
        Response::from_parts(parts, body)
    }
}
