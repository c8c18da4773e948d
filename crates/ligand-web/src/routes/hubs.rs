//! The list of hubs, and calls to a hub.

use axum::response::IntoResponse;
use http::HeaderValue;
use ligand_app::hubs::Hub;
use ligand_domain::Privilege;
use serde_json::{Value, json};

use super::{Answer, Segments, elements};
use crate::{
    call::{Anonymous, Call},
    error::Failure,
    json,
};

/// `GET /hubs`.
pub(crate) async fn list(request: Anonymous) -> Answer {
    request.proceed(None).await?;
    let hydrate = request.query.flag("hydrate").unwrap_or(false);
    let hubs = request.app.hubs().iter().map(|hub| {
        let mut item = wire(hub);
        if hydrate {
            item["resources"] = Value::from(request.app.hub_resources(hub));
        }
        item
    });
    Ok(json::list(hubs.collect()))
}

/// `GET /hubs/keys`.
pub(crate) async fn keys(request: Anonymous) -> Answer {
    request.proceed(None).await?;
    Ok(json::list(request.app.hubs().iter().map(|hub| Value::from(hub.key.as_str())).collect()))
}

/// `GET /hubs/{hub}`.
pub(crate) async fn show(segments: Segments, request: Anonymous) -> Answer {
    request.proceed(None).await?;
    Ok(json::answer(&wire(request.app.hub(segments.get("hub"))?)))
}

/// `GET /hubs/{hub}/elements`.
pub(crate) async fn elements(segments: Segments, request: Anonymous) -> Answer {
    let caller = request.proceed(Some(Privilege::ViewElements)).await?;
    let hub = request.app.hub(segments.get("hub"))?;
    let elements = request.app.listed_elements(caller.as_ref()).filter(|element| element.hub() == hub.key);
    let items = elements.map(|element| elements::item(element, true)).collect();
    Ok(json::list(items))
}

/// Any method below `/hubs/{hub}/`: a call to the element of the token's instance.
pub(crate) async fn call(call: Call) -> Answer {
    let loaded = call.proceed_to_hub().await?;
    let refused = call.app().hub_call(&loaded).err();
    let mut response = refused.map_or_else(json::empty, |error| Failure::from(error).into_response());
    response.headers_mut().insert(json::INSTANCE_ID, HeaderValue::from(loaded.instance.id.get()));
    Ok(response)
}

fn wire(hub: &Hub) -> Value {
    json!({
        "id": hub.id,
        "name": hub.name,
        "key": hub.key,
        "description": hub.description,
        "active": true,
    })
}
