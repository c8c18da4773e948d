//! Scheduled requests and the platform's other jobs, and requests that carry a schedule.

use axum::extract::{FromRequest, Request};
use http::{HeaderMap, HeaderName};
use ligand_app::{
    App,
    instances::Target,
    requests::{self, Executions, NewSchedule},
};
use ligand_domain::{Caller, Error, Timestamp};
use serde_json::json;

use super::{Answer, Segments};
use crate::{
    call::{Anonymous, Call, Platform},
    json, wire,
};

/// A request with this header is not executed but scheduled.
pub(crate) const SCHEDULE: HeaderName = HeaderName::from_static("elements-schedule-request");

/// `GET /jobs`.
pub(crate) async fn list(call: Call) -> Answer {
    let caller = call.proceed(None)?;
    let query = call.query();
    let (jobs, next) = call.app().jobs(&caller, query.get("pageSize"), query.get("nextPage")).await?;
    Ok(json::part(jobs.iter().map(wire::job::full).collect(), next.as_deref()))
}

/// `POST /jobs`.
pub(crate) async fn create(mut call: Call) -> Answer {
    let caller = call.proceed(None)?;
    call.expect_json()?;
    let new = NewSchedule::read(&call.object().await?)?;
    let made = call.app().schedule(&caller, call.token(), new).await?;
    Ok(json::answer(&wire::job::full(&made)))
}

/// `GET /jobs/{job}`.
pub(crate) async fn show(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(None)?;
    Ok(json::answer(&wire::job::full(&call.app().job(&caller, segments.get("job")).await?)))
}

/// `DELETE /jobs/{job}`.
pub(crate) async fn delete(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(None)?;
    call.app().delete_job(&caller, segments.get("job")).await?;
    Ok(json::empty())
}

/// `PUT /jobs/{job}/enable`.
pub(crate) async fn enable(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(None)?;
    Ok(json::answer(&wire::job::full(&call.app().enable_job(&caller, segments.get("job")).await?)))
}

/// `PUT /jobs/{job}/disable`.
pub(crate) async fn disable(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(None)?;
    Ok(json::answer(&wire::job::full(&call.app().disable_job(&caller, segments.get("job")).await?)))
}

/// `PATCH /jobs/{job}/reschedule`.
pub(crate) async fn reschedule(segments: Segments, mut call: Call) -> Answer {
    let caller = call.proceed(None)?;
    call.expect_json()?;
    let body = call.request.small_object().await?;
    Ok(json::answer(&wire::job::full(&call.app().reschedule_job(&caller, segments.get("job"), &body).await?)))
}

/// `GET /jobs/{job}/history`.
pub(crate) async fn history(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(None)?;
    let wanted = Executions { job: Some(segments.get("job").to_owned()), ..of_query(&call)? };
    let (runs, next) = call.app().executions(&caller, &wanted).await?;
    let record = |run| wire::job::history(run, &caller);
    Ok(json::part(runs.iter().map(record).collect(), next.as_deref()))
}

/// `GET /jobs/{job}/history/{run}`.
pub(crate) async fn execution(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(None)?;
    let run = call.app().execution(&caller, segments.get("job"), segments.get("run")).await?;
    Ok(json::answer(&wire::job::history(&run, &caller)))
}

/// `GET /jobs/executions`.
pub(crate) async fn executions(call: Call) -> Answer {
    let caller = call.proceed(None)?;
    let (runs, next) = call.app().executions(&caller, &of_query(&call)?).await?;
    Ok(json::part(runs.iter().map(wire::job::execution).collect(), next.as_deref()))
}

fn of_query(call: &Call) -> Result<Executions, Error> {
    let query = call.query();
    let text = |name| query.get(name).map(str::to_owned);
    let instant = |name: &str| -> Result<Option<Timestamp>, Error> {
        let Some(text) = query.get(name).filter(|text| !text.is_empty()) else { return Ok(None) };
        let read = Timestamp::from_iso(text).or_else(|| text.parse().ok().map(Timestamp::from_millis));
        let wrong = || Error::invalid("date-invalid", format!("{name} is no date in ISO 8601"));
        read.map(Some).ok_or_else(wrong)
    };
    let keys = query.values("elementKeys");
    Ok(Executions {
        job: None,
        element_keys: keys.iter().flat_map(|keys| keys.split(',')).map(str::to_owned).collect(),
        from: instant("startTime")?,
        to: instant("endTime")?,
        page_size: text("pageSize"),
        next_page: text("nextPage"),
    })
}

/// A request that carries a schedule: instead of being executed it becomes a job.
pub(crate) async fn schedule(request: Request, app: &Platform) -> Answer {
    let mut call = Call::of(Anonymous::from_request(request, app).await?).await?;
    let caller = of_any_call(&call).await?;
    let cron = call.request.headers.get(SCHEDULE).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let uri = call.request.uri.to_string();
    let kept = kept(&mut call.request, uri).await?;
    let new = NewSchedule::of_header(&cron.unwrap_or_default(), kept)?;
    let made = call.app().schedule(&caller, call.token(), new).await?;
    Ok(json::answer(&wire::job::full(&made)))
}

/// Who calls, with what either kind of route needs: a token, or user and organization.
async fn of_any_call(call: &Call) -> Result<Caller, Error> {
    match call.token() {
        Some(token) => {
            let (caller, _) = call.proceed_to_hub()?;
            call.app().instance(&caller, Target::Token { token, element: None }).await?;
            Ok(caller)
        }
        None => call.proceed(None),
    }
}

/// A request to be executed later.
pub(super) async fn kept(request: &mut Anonymous, uri: String) -> Result<requests::Request, Error> {
    let body = request.bytes().await?.to_vec();
    Ok(requests::Request::new(request.method.to_string(), uri, headers(&request.headers), body))
}

fn headers(headers: &HeaderMap) -> impl Iterator<Item = (String, String)> {
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(move |(name, value)| (name.as_str().to_owned(), text(value)))
}

/// What a call is answered with that is executed in the background.
pub(super) async fn asynchronously(
    app: &App,
    request: &mut Anonymous,
    loaded: &ligand_app::instances::Loaded,
) -> Answer {
    app.operation(loaded, request.method.as_str(), request.uri.path())?;
    let callback = request.headers.get("elements-async-callback-url").cloned();
    let callback = callback.as_ref().map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let uri = format!("{}{}", crate::BASE_PATH, request.uri);
    let kept = kept(request, uri).await?;
    let event = app.call_later(loaded, kept, callback.as_deref()).await?;
    Ok(json::answer(&json!({ "eventId": event, "eventStatus": "dispatched" })))
}

/// Whether a call asks to be executed in the background.
pub(super) fn asks_for_background(headers: &HeaderMap) -> bool {
    headers
        .get("elements-async-request")
        .is_some_and(|value| value.as_bytes().trim_ascii().eq_ignore_ascii_case(b"true"))
}
