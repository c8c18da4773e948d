//! The catalog.

use ligand_domain::Privilege;
use serde_json::Value;

use super::{Answer, Segments};
use crate::{
    call::{Anonymous, Call},
    json,
};
use ligand_app::catalog::{Element, Query, View};

/// `GET /elements`.
pub(crate) async fn list(request: Anonymous) -> Answer {
    let caller = request.proceed(Some(Privilege::ViewElements)).await?;
    let query = &request.query;
    let page = request.app.list_elements(caller.as_ref(), &wanted(&request))?;
    let abridged = query.flag("abridged").unwrap_or(false) || page.abridged;
    let items = page.items.iter().map(|element| item(element, abridged)).collect();
    Ok(json::page(items, page.total, page.next_page.as_deref()))
}

/// `GET /elements/keys`.
pub(crate) async fn keys(request: Anonymous) -> Answer {
    let caller = request.proceed(Some(Privilege::ViewElements)).await?;
    let page = request.app.list_elements(caller.as_ref(), &wanted(&request))?;
    let items = page.items.iter().map(|element| Value::from(element.key())).collect();
    Ok(json::page(items, page.total, page.next_page.as_deref()))
}

/// `GET /elements/{element}`.
pub(crate) async fn show(segments: Segments, request: Anonymous) -> Answer {
    request.proceed(Some(Privilege::ViewElements)).await?;
    let element = request.app.element(segments.get("element"))?;
    Ok(json::answer(&element.to_json(View::Full)))
}

/// `GET /elements/{element}/configuration`.
pub(crate) async fn configuration(segments: Segments, call: Call) -> Answer {
    call.proceed(Some(Privilege::ViewElements))?;
    let element = call.app().element(segments.get("element"))?;
    Ok(json::answer(&element.configuration_json()))
}

/// `GET /elements/{element}/trace/{trace}`.
pub(crate) async fn trace(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(Some(Privilege::ViewElements))?;
    let trace = call.app().trace(&caller, segments.get("element"), segments.get("trace"))?;
    Ok(json::answer(&Value::Object(trace)))
}

/// An element in a list.
pub(crate) fn item(element: &Element, abridged: bool) -> Value {
    element.to_json(if abridged { View::Abridged } else { View::Full })
}

fn wanted(request: &Anonymous) -> Query {
    let text = |name| request.query.get(name).map(str::to_owned);
    Query { condition: text("where"), page_size: text("pageSize"), next_page: text("nextPage") }
}
