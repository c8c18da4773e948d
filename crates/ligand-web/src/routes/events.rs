//! Events as users see them, and the webhooks of vendors that bring them. Webhooks need no credentials, and whatever
//! stands in their `Authorization` is theirs.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use ligand_app::{
    events::{Breakdown, CountQuery, EventQuery, Incoming, Reply, Scope},
    hubs::{CallerBody, PartContent},
    instances::Target,
};
use ligand_domain::{Error, ErrorKind, Privilege};
use serde_json::{Value, json};

use super::{Answer, Segments, hubs};
use crate::{
    call::{Anonymous, Call},
    error::Failure,
    json, wire,
};

/// `GET`, `POST` and `PUT /events/{element}[/{token}]`, with or without a slash behind it.
pub(crate) async fn receive(segments: Segments, mut request: Anonymous) -> Answer {
    let has_body = !matches!(request.method, Method::GET | Method::HEAD);
    let headers = request
        .headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    let mut incoming = Incoming {
        element_key: segments.get("element").to_owned(),
        token: segments.find("token").filter(|token| !token.is_empty()).map(str::to_owned),
        has_body,
        headers: headers.collect(),
        query: request.query.pairs().to_vec(),
        ..Incoming::default()
    };
    if has_body && hubs::body::media_type(&request.headers) == "multipart/form-data" {
        incoming.fields = Some(fields(&mut request).await?);
    } else if has_body {
        let limits = request.app.limits();
        let (bytes, patience) = (limits.body_bytes, limits.body_timeout);
        incoming.body = json::collect(request.body(), bytes, patience).await?;
    }
    Ok(response(request.app.receive(incoming).await?))
}

/// The texts among the parts of a form. Files are not events.
async fn fields(request: &mut Anonymous) -> Result<Vec<(String, String)>, Error> {
    let (body, _files) = hubs::body::read(request).await?;
    let CallerBody::Multipart(parts) = body else { return Ok(Vec::new()) };
    let text = |part: ligand_app::hubs::CallerPart| match part.content {
        PartContent::Text(text) => Some((part.name, text)),
        PartContent::File(_) => None,
    };
    Ok(parts.into_iter().filter_map(text).collect())
}

fn response(reply: Reply) -> Response {
    let text = |text: String| {
        let mut response = Response::new(Body::from(text));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain;charset=UTF-8"));
        // What strangers send must not become a page.
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        response
    };
    match reply {
        Reply::Taken => json::answer(&json!({})),
        Reply::Empty => json::empty(),
        Reply::Text(sent) => text(sent),
        Reply::Json(value) => json::answer(&value),
        Reply::HookSecret(secret) => {
            let mut response = json::empty();
            if let Ok(value) = HeaderValue::from_str(&secret) {
                response.headers_mut().insert(HeaderName::from_static("x-hook-secret"), value);
            }
            response
        }
        Reply::Refused => {
            let message = "The verification token is not the expected one";
            Failure::from(Error::new(ErrorKind::Forbidden, "verify-token-wrong", message)).into_response()
        }
        Reply::Scripted { status, body } => {
            let mut response = match body {
                None => json::empty(),
                Some(Value::String(body)) => text(body),
                Some(body) => json::answer(&body),
            };
            *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
            response
        }
    }
}

fn event_query(call: &Call) -> EventQuery {
    let text = |name| call.query().get(name).map(str::to_owned);
    EventQuery { from: text("from"), to: text("to"), page_size: text("pageSize"), next_page: text("nextPage") }
}

fn own(call: &Call) -> Scope<'_> {
    call.token().map_or(Scope::Account, Scope::Token)
}

/// `GET /instances/events`.
pub(crate) async fn list(call: Call) -> Answer {
    let caller = call.proceed(None)?;
    let page = call.app().list_events(&caller, own(&call), &event_query(&call)).await?;
    Ok(json::part(page.items, page.next_page.as_deref()))
}

/// `GET /instances/{id}/events`.
pub(crate) async fn list_of_instance(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(None)?;
    let scope = Scope::Instance(segments.get("id"));
    let page = call.app().list_events(&caller, scope, &event_query(&call)).await?;
    Ok(json::part(page.items, page.next_page.as_deref()))
}

/// `GET /instances/events/{event}`.
pub(crate) async fn show(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(None)?;
    Ok(json::answer(&call.app().event(&caller, own(&call), segments.get("event")).await?))
}

/// `GET /instances/{id}/events/{event}`.
pub(crate) async fn show_of_instance(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(None)?;
    let scope = Scope::Instance(segments.get("id"));
    Ok(json::answer(&call.app().event(&caller, scope, segments.get("event")).await?))
}

/// `GET /instances/events/dispositions`.
pub(crate) async fn dispositions(call: Call) -> Answer {
    let caller = call.proceed(None)?;
    let page = call.app().list_dispositions(&caller, own(&call), &event_query(&call)).await?;
    Ok(json::part(page.items, page.next_page.as_deref()))
}

/// `GET /instances/events/analytics`.
pub(crate) async fn analytics(call: Call) -> Answer {
    counted(&call, Breakdown::None).await
}

/// `GET /instances/events/analytics/accounts`.
pub(crate) async fn analytics_by_account(call: Call) -> Answer {
    counted(&call, Breakdown::Account).await
}

/// `GET /instances/events/analytics/instances`.
pub(crate) async fn analytics_by_instance(call: Call) -> Answer {
    counted(&call, Breakdown::Instance).await
}

async fn counted(call: &Call, breakdown: Breakdown) -> Answer {
    let caller = call.proceed(None)?;
    let text = |name| call.query().get(name).map(str::to_owned);
    let query = CountQuery {
        from: text("from"),
        to: text("to"),
        interval: text("interval"),
        accounts: call.query().values("accountIds"),
    };
    Ok(json::list(call.app().count_events(&caller, breakdown, &query).await?))
}

/// `GET /instances/event-poller-records`.
pub(crate) async fn poller_records(call: Call) -> Answer {
    let (caller, token) = call.proceed_with_token(None).await?;
    let target = Target::Token { token: &token, element: None };
    Ok(json::list(call.app().poller_records(&caller, target).await?))
}

/// `GET /instances/{id}/event-poller-records`.
pub(crate) async fn poller_records_of_instance(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(None)?;
    let target = Target::Id { id: segments.get("id"), element: None };
    Ok(json::list(call.app().poller_records(&caller, target).await?))
}

/// `POST /instances/{id}/event-poller-records`: polls now.
pub(crate) async fn poll_now(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(Some(Privilege::CreateElementInstances))?;
    let target = Target::Id { id: segments.get("id"), element: None };
    call.app().poll_now(&caller, target).await?;
    Ok(json::empty())
}

/// `GET /instances/polling-disabled`.
pub(crate) async fn instances_without_polling(call: Call) -> Answer {
    let caller = call.proceed(None)?;
    let instances = call.app().instances_without_polling(&caller).await?;
    Ok(json::list(instances.iter().map(|loaded| wire::instance::light(loaded)).collect()))
}

/// `GET /jobs/polling-disabled`.
pub(crate) async fn jobs_without_polling(call: Call) -> Answer {
    let caller = call.proceed(None)?;
    let jobs = call.app().jobs_without_polling(&caller).await?;
    Ok(json::list(jobs.iter().map(wire::job::full).collect()))
}
