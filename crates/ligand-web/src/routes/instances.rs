//! Element instances, by id and by Element token.

use axum::response::Response;
use http::HeaderValue;
use ligand_app::{
    App,
    instances::{Filter, Loaded, Mode, Page, Request, Scope, Target},
};
use ligand_domain::{Caller, Error, Privilege, Secret};
use serde_json::{Value, json};

use super::{Answer, Segments};
use crate::{call::Call, json, wire};

const PROVISION: Option<Privilege> = Some(Privilege::CreateElementInstances);

/// `GET /instances`, also below an element.
pub(crate) async fn list(segments: Segments, call: Call) -> Answer {
    call.proceed(None)?;
    let hydrate = call.query().flag("hydrate").unwrap_or(true);
    let view = if hydrate { wire::instance::full } else { wire::instance::light };
    listed(&call, Scope::Own, segments.find("element"), view).await
}

/// A list in the short form.
pub(crate) async fn light_list(call: &Call, scope: Scope) -> Answer {
    listed(call, scope, None, wire::instance::light).await
}

async fn listed(call: &Call, scope: Scope, element: Option<&str>, view: fn(&Loaded) -> Value) -> Answer {
    let caller = call.proceed(None)?;
    let text = |name| call.query().get(name).map(str::to_owned);
    let filter = Filter {
        element: element.map(str::to_owned),
        tags: call.query().values("tags"),
        search_text: text("searchText"),
        page_size: text("pageSize"),
        next_page: text("nextPage"),
    };
    let Page { items, total, next_page } = call.app().list_instances(&caller, scope, &filter).await?;
    Ok(json::page(items.iter().map(view).collect(), total, next_page.as_deref()))
}

/// `GET /instances/count`.
pub(crate) async fn count(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(None)?;
    let counts = call.app().count_instances(&caller, segments.find("element")).await?;
    let total: i64 = counts.iter().map(|(_, count)| count).sum();
    let by_element: serde_json::Map<String, Value> =
        counts.into_iter().map(|(key, count)| (key, Value::from(count))).collect();
    Ok(json::answer(&json!({ "totalInstances": total, "elementInstances": by_element })))
}

/// `POST /instances`, also below an element.
pub(crate) async fn create(segments: Segments, mut call: Call) -> Answer {
    let caller = call.proceed(PROVISION)?;
    call.expect_json()?;
    if let Some(element) = segments.find("element") {
        call.app().demand_element(&caller, element).await?;
    }
    let request = Request::read(call.object().await?, Mode::Create)?;
    let made = call.app().provision(&caller, segments.find("element"), &request).await?;
    let mut body = wire::instance::full(&made.loaded);
    if let Some(objects) = made.objects {
        body["objects"] = Value::from(objects);
    }
    Ok(traced(json::answer(&body), made.trace_id.as_deref()))
}

/// `GET /instances/{id}`.
pub(crate) async fn show(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(None)?;
    let loaded = call.app().instance(&caller, by_id(&segments)).await?;
    Ok(json::written(wire::instance::written(&loaded)))
}

/// `PUT` and `PATCH /instances/{id}`.
pub(crate) async fn change(segments: Segments, mut call: Call) -> Answer {
    let caller = call.proceed(PROVISION)?;
    changed(&mut call, &caller, by_id(&segments)).await
}

/// `PUT` and `PATCH /instances`.
pub(crate) async fn change_own(segments: Segments, mut call: Call) -> Answer {
    let (caller, token) = call.proceed_with_token(PROVISION).await?;
    changed(&mut call, &caller, by_token(&segments, &token)).await
}

async fn changed(call: &mut Call, caller: &Caller, target: Target<'_>) -> Answer {
    call.expect_json()?;
    call.app().instance(caller, target).await?;
    let request = Request::read(call.object().await?, Mode::Change)?;
    let change = call.app().change_instance(caller, target, &request).await?;
    Ok(traced(json::written(wire::instance::written(&change.loaded)), change.trace_id.as_deref()))
}

/// `DELETE /instances/{id}`.
pub(crate) async fn delete(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(None)?;
    call.app().delete_instance(&caller, by_id(&segments)).await?;
    Ok(json::empty())
}

/// `DELETE /instances`.
pub(crate) async fn delete_own(segments: Segments, call: Call) -> Answer {
    let (caller, token) = call.proceed_with_token(None).await?;
    call.app().delete_instance(&caller, by_token(&segments, &token)).await?;
    Ok(json::empty())
}

/// `GET /instances/{id}/configuration`.
pub(crate) async fn entries(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(None)?;
    let loaded = call.app().instance(&caller, by_id(&segments)).await?;
    Ok(wire::instance::entries(&loaded))
}

/// `GET /instances/configuration`.
pub(crate) async fn own_entries(segments: Segments, call: Call) -> Answer {
    let (caller, token) = call.proceed_with_token(None).await?;
    let loaded = call.app().instance(&caller, by_token(&segments, &token)).await?;
    Ok(wire::instance::entries(&loaded))
}

/// `GET /instances/{id}/configuration/{entry}`.
pub(crate) async fn entry(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(None)?;
    entry_of(call.app(), &caller, by_id(&segments), &segments).await
}

/// `GET /instances/configuration/{entry}`.
pub(crate) async fn own_entry(segments: Segments, call: Call) -> Answer {
    let (caller, token) = call.proceed_with_token(None).await?;
    entry_of(call.app(), &caller, by_token(&segments, &token), &segments).await
}

async fn entry_of(app: &App, caller: &Caller, target: Target<'_>, segments: &Segments) -> Answer {
    let loaded = app.instance(caller, target).await?;
    let entry = loaded.entry(segments.get("entry"))?;
    Ok(json::answer(&wire::instance::entry(&loaded, &entry)))
}

/// `PATCH` and `PUT /instances/{id}/configuration/{entry}`.
pub(crate) async fn change_entry(segments: Segments, mut call: Call) -> Answer {
    let caller = call.proceed(PROVISION)?;
    call.expect_json()?;
    let target = by_id(&segments);
    let key = call.app().instance(&caller, target).await?.entry(segments.get("entry"))?.key;
    let value = property_value(&mut call).await?;
    entry_changed(call.app(), &caller, target, &key, value).await
}

/// `PATCH` and `PUT /instances/configuration/{entry}`.
pub(crate) async fn change_own_entry(segments: Segments, mut call: Call) -> Answer {
    let (caller, token) = call.proceed_with_token(PROVISION).await?;
    call.expect_json()?;
    let target = by_token(&segments, &token);
    let key = call.app().instance(&caller, target).await?.entry(segments.get("entry"))?.key;
    let value = property_value(&mut call).await?;
    entry_changed(call.app(), &caller, target, &key, value).await
}

async fn property_value(call: &mut Call) -> Result<Value, Error> {
    let missing = || Error::invalid("property-value-missing", "propertyValue is required");
    call.object().await?.remove("propertyValue").ok_or_else(missing)
}

async fn entry_changed(app: &App, caller: &Caller, target: Target<'_>, key: &str, value: Value) -> Answer {
    let loaded = app.change_entry(caller, target, key, value).await?;
    let entries = loaded.entries();
    let entry = entries.iter().find(|entry| entry.key == key);
    let gone = || Error::not_found("configuration-not-found", "No element instance configuration found");
    Ok(json::answer(&wire::instance::entry(&loaded, entry.ok_or_else(gone)?)))
}

/// `PUT /instances/{id}/enabled`.
pub(crate) async fn enable(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(PROVISION)?;
    set_enabled(call.app(), &caller, by_id(&segments), true).await
}

/// `DELETE /instances/{id}/enabled`.
pub(crate) async fn disable(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(PROVISION)?;
    set_enabled(call.app(), &caller, by_id(&segments), false).await
}

/// `PUT /instances/enabled`.
pub(crate) async fn enable_own(segments: Segments, call: Call) -> Answer {
    let (caller, token) = call.proceed_with_token(PROVISION).await?;
    set_enabled(call.app(), &caller, by_token(&segments, &token), true).await
}

/// `DELETE /instances/enabled`.
pub(crate) async fn disable_own(segments: Segments, call: Call) -> Answer {
    let (caller, token) = call.proceed_with_token(PROVISION).await?;
    set_enabled(call.app(), &caller, by_token(&segments, &token), false).await
}

async fn set_enabled(app: &App, caller: &Caller, target: Target<'_>, enabled: bool) -> Answer {
    app.set_instance_enabled(caller, target, enabled).await?;
    Ok(json::empty())
}

/// `PUT /instances/{id}/traceLogging`.
pub(crate) async fn trace(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(PROVISION)?;
    set_tracing(call.app(), &caller, by_id(&segments), true).await
}

/// `DELETE /instances/{id}/traceLogging`.
pub(crate) async fn untrace(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(PROVISION)?;
    set_tracing(call.app(), &caller, by_id(&segments), false).await
}

/// `PUT /instances/traceLogging`.
pub(crate) async fn trace_own(segments: Segments, call: Call) -> Answer {
    let (caller, token) = call.proceed_with_token(PROVISION).await?;
    set_tracing(call.app(), &caller, by_token(&segments, &token), true).await
}

/// `DELETE /instances/traceLogging`.
pub(crate) async fn untrace_own(segments: Segments, call: Call) -> Answer {
    let (caller, token) = call.proceed_with_token(PROVISION).await?;
    set_tracing(call.app(), &caller, by_token(&segments, &token), false).await
}

async fn set_tracing(app: &App, caller: &Caller, target: Target<'_>, on: bool) -> Answer {
    app.set_instance_tracing(caller, target, on).await?;
    Ok(json::empty())
}

fn by_id(segments: &Segments) -> Target<'_> {
    Target::Id { id: segments.get("id"), element: segments.find("element") }
}

fn by_token<'a>(segments: &'a Segments, token: &'a Secret) -> Target<'a> {
    Target::Token { token, element: segments.find("element") }
}

fn traced(mut response: Response, trace_id: Option<&str>) -> Response {
    if let Some(value) = trace_id.and_then(|id| HeaderValue::from_str(id).ok()) {
        response.headers_mut().insert(json::TRACE_ID, value);
    }
    response
}
