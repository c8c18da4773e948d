//! The list of hubs, and calls to a hub.

pub(crate) mod body;

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{FromRequest, FromRequestParts, RawPathParams, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderName, HeaderValue, header};
use ligand_app::{
    App,
    elements::Item,
    hubs::{self, CallerBody, CallerRequest, NewHub},
    instances::{Loaded, Target},
    usage,
};
use ligand_domain::{Caller, Error, Hub, Privilege};
use serde_json::{Value, json};

use super::{Answer, Segments, jobs};
use crate::{
    call::{Anonymous, Call, Platform},
    dispatch::{ALWAYS_PLATFORM, shows_element_token},
    error::Failure,
    json,
};

/// First segments that are an element's when it declares the path, else the platform's.
const SHARED: &[&str] =
    &["accounts", "users", "jobs", "usage", "notifications", "events", "models", "docs", "integrations"];

/// `GET /hubs`.
pub(crate) async fn list(request: Anonymous) -> Answer {
    let caller = request.proceed(None).await?;
    let hydrate = request.query.flag("hydrate").unwrap_or(false);
    let (hubs, total, next_page) = page(&request, caller.as_ref()).await?;
    let mut items = Vec::new();
    for hub in hubs {
        let mut item = wire(&hub);
        if hydrate {
            item["resources"] = Value::from(request.app.hub_resources(caller.as_ref(), &hub).await?);
        }
        items.push(item);
    }
    Ok(json::page(items, total, next_page.as_deref()))
}

/// `GET /hubs/keys`.
pub(crate) async fn keys(request: Anonymous) -> Answer {
    let caller = request.proceed(None).await?;
    let (hubs, total, next_page) = page(&request, caller.as_ref()).await?;
    Ok(json::page(hubs.into_iter().map(|hub| Value::from(hub.key)).collect(), total, next_page.as_deref()))
}

async fn page(request: &Anonymous, caller: Option<&Caller>) -> Result<(Vec<Hub>, i64, Option<String>), Error> {
    request.app.page_of_hubs(caller, request.query.get("pageSize"), request.query.get("nextPage")).await
}

/// `GET /hubs/{hub}`.
pub(crate) async fn show(segments: Segments, request: Anonymous) -> Answer {
    let caller = request.proceed(None).await?;
    Ok(json::answer(&wire(&request.app.hub(caller.as_ref(), segments.get("hub")).await?)))
}

/// `POST /hubs`.
pub(crate) async fn create(mut call: Call) -> Answer {
    let caller = call.proceed(Some(Privilege::CreateElements))?;
    call.expect_json()?;
    let new = NewHub::read(&call.request.small_object().await?)?;
    Ok(json::answer(&wire(&call.app().create_hub(&caller, &new).await?)))
}

/// `DELETE /hubs/{hub}`.
pub(crate) async fn delete(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(Some(Privilege::DeleteElements))?;
    call.app().delete_hub(&caller, segments.get("hub")).await?;
    Ok(json::empty())
}

/// `GET /hubs/{hub}/elements`.
pub(crate) async fn elements(segments: Segments, request: Anonymous) -> Answer {
    let caller = request.proceed(Some(Privilege::ViewElements)).await?;
    let hub = request.app.hub(caller.as_ref(), segments.get("hub")).await?;
    let elements = request.app.hub_elements(caller.as_ref(), &hub).await?;
    Ok(json::list(elements.iter().map(Item::short).collect()))
}

/// Any method below `/hubs/{hub}/`: a call to the element of the token's instance, whatever the hub.
pub(crate) async fn call(mut call: Call) -> Answer {
    let (caller, loaded) = instance(&call).await?;
    Ok(answer(&mut call, &caller, &loaded).await)
}

/// Any path that no route has: without its hub it is a call to the element of the token's instance, unless it lies
/// where the platform's own routes do.
pub(crate) async fn without_hub(request: Anonymous) -> Answer {
    let first = request.uri.path().split('/').nth(1).unwrap_or_default().to_owned();
    let unknown = || Error::not_found("route-not-found", "No such resource");
    if first.is_empty() || ALWAYS_PLATFORM.contains(&first.as_str()) {
        return Err(unknown().into());
    }
    let shared = SHARED.contains(&first.as_str());
    let is_anonymous = !request.headers.contains_key(header::AUTHORIZATION);
    if is_anonymous || (shared && !shows_element_token(&request.headers)) {
        return Err(unknown().into());
    }
    let mut call = Call::of(request).await?;
    let (caller, loaded) = instance(&call).await?;
    if shared && !declares(&call.request.app, &loaded, &call.request.method, call.request.uri.path(), usize::MAX) {
        return Err(unknown().into());
    }
    Ok(answer(&mut call, &caller, &loaded).await)
}

/// Puts the resources that an element declares before the platform's routes of the same path, for those who show a
/// token.
pub(crate) async fn declared_first(State(app): State<Platform>, mut request: Request, next: Next) -> Response {
    if !shows_element_token(request.headers()) {
        return next.run(request).await;
    }
    let header = request.headers().get(header::AUTHORIZATION).map(HeaderValue::as_bytes);
    let Ok(identity) = app.identify(header).await else { return next.run(request).await };
    let Ok(token) = identity.element_token() else { return next.run(request).await };
    let Ok(loaded) = app.instance(identity.user(), Target::Token { token, element: None }).await else {
        return next.run(request).await;
    };
    request.extensions_mut().insert(Arc::clone(&identity));
    // Where the platform's route is the more literal one, it wins.
    let (mut parts, body) = request.into_parts();
    let variables = RawPathParams::from_request_parts(&mut parts, &app).await.map_or(0, |found| found.iter().count());
    let request = Request::from_parts(parts, body);
    let is_declared = declares(&app, &loaded, request.method(), request.uri().path(), variables);
    if !is_declared {
        return next.run(request).await;
    }
    match Call::from_request(request, &app).await {
        Ok(mut call) => answer(&mut call, identity.user(), &loaded).await,
        Err(failure) => failure.into_response(),
    }
}

fn declares(app: &App, loaded: &Loaded, method: &http::Method, path: &str, variables: usize) -> bool {
    app.declares(loaded, method.as_str(), path, variables)
}

async fn instance(call: &Call) -> Result<(Caller, Arc<Loaded>), Error> {
    let (caller, token) = call.proceed_to_hub()?;
    let loaded = call.app().instance(&caller, Target::Token { token, element: None }).await?;
    Ok((caller, loaded))
}

/// The answer of a hub call; success or not, it names the instance.
async fn answer(call: &mut Call, caller: &Caller, loaded: &Arc<Loaded>) -> Response {
    let draft = usage::Draft {
        caller: *caller,
        loaded: Arc::clone(loaded),
        method: call.request.method.to_string(),
        path: call.request.uri.path().to_owned(),
        ip: call.request.peer,
        began: call.request.app.now(),
    };
    let mut response = if jobs::asks_for_background(&call.request.headers) {
        let app = Arc::clone(&call.request.app);
        jobs::asynchronously(&app, &mut call.request, loaded).await.unwrap_or_else(Failure::into_response)
    } else {
        let left = call.request.client_left();
        let called = tokio::select! {
            called = Box::pin(through(&mut call.request, caller, loaded)) => called,
            () = left => Err(Error::invalid("client-left", "The client has left")),
        };
        called.map_or_else(|error| Failure::from(error).into_response(), written)
    };
    response.extensions_mut().insert(draft);
    response.headers_mut().insert(json::INSTANCE_ID, HeaderValue::from(loaded.instance.id.get()));
    response
}

async fn through(request: &mut Anonymous, caller: &Caller, loaded: &Loaded) -> Result<hubs::Answer, Error> {
    let app = Arc::clone(&request.app);
    let operation = app.operation(loaded, request.method.as_str(), request.uri.path())?;
    if !operation.may_be_file() {
        json::accepts_json(&request.headers)?;
    }
    let has_body = !matches!(request.method, http::Method::GET | http::Method::HEAD);
    let (body, uploads) = if has_body { Box::pin(body::read(request)).await? } else { (CallerBody::None, Vec::new()) };
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = request.headers.iter().filter(|(name, _)| *name != header::AUTHORIZATION);
    let request = CallerRequest {
        method: operation.method(),
        path: request.uri.path().to_owned(),
        query: request.query.pairs().to_vec(),
        headers: headers.map(|(name, value)| (name.as_str().to_owned(), text(value))).collect(),
        body,
    };
    app.hub_call(caller, loaded, operation, request, uploads).await
}

fn written(answer: hubs::Answer) -> Response {
    let mut response = match answer.body {
        hubs::Body::None => json::empty(),
        hubs::Body::List(list) => json::written_list(list.text, list.count),
        hubs::Body::Json(Value::Array(items)) => json::list(items),
        hubs::Body::Json(value) => json::answer(&value),
        hubs::Body::File(file) => {
            let mut response = Response::new(Body::from_stream(file.pieces));
            set(&mut response, header::CONTENT_TYPE, &file.content_type);
            set(&mut response, header::CONTENT_DISPOSITION, file.content_disposition.as_deref().unwrap_or_default());
            response
        }
    };
    if let Some(total) = answer.total_count {
        response.headers_mut().insert(json::TOTAL_COUNT, HeaderValue::from(total));
    }
    set(&mut response, json::NEXT_PAGE_TOKEN, answer.next_page.as_deref().unwrap_or_default());
    set(&mut response, json::TRACE_ID, answer.trace_id.as_deref().unwrap_or_default());
    set(&mut response, json::WARNING, answer.warning.as_deref().unwrap_or_default());
    response
}

/// Sets a header that has a value which can travel.
fn set(response: &mut Response, name: HeaderName, value: &str) {
    if let Some(value) = HeaderValue::from_str(value).ok().filter(|value| !value.is_empty()) {
        response.headers_mut().insert(name, value);
    }
}

fn wire(hub: &Hub) -> Value {
    json!({
        "id": hub.id,
        "name": hub.name,
        "key": hub.key,
        "description": hub.description,
        "videoLink": hub.video_link,
        "active": hub.active,
    })
}
