//! The catalog: reading it. Changing it is in the modules below.

pub(crate) mod accounts;
pub(crate) mod builder;
pub(crate) mod history;
pub(crate) mod models;
pub(crate) mod parts;

use axum::response::Response;
use http::HeaderValue;
use ligand_app::elements::{Query, Saved};
use ligand_domain::Privilege;
use serde_json::Value;

use super::{Answer, Segments};
use crate::{
    call::{Anonymous, Call},
    json,
};

const VIEW: Option<Privilege> = Some(Privilege::ViewElements);
const EDIT: Option<Privilege> = Some(Privilege::EditElements);

/// `GET /elements`.
pub(crate) async fn list(request: Anonymous) -> Answer {
    let caller = request.proceed(VIEW).await?;
    let page = request.app.list_elements(caller.as_ref(), &wanted(&request)).await?;
    Ok(json::page(page.items, page.total, page.next_page.as_deref()))
}

/// `GET /elements/keys`.
pub(crate) async fn keys(request: Anonymous) -> Answer {
    let caller = request.proceed(VIEW).await?;
    let page = request.app.list_element_keys(caller.as_ref(), &wanted(&request)).await?;
    Ok(json::page(page.items, page.total, page.next_page.as_deref()))
}

/// `GET /elements/{element}`.
pub(crate) async fn show(segments: Segments, request: Anonymous) -> Answer {
    let caller = request.proceed(VIEW).await?;
    Ok(json::answer(&request.app.element_json(caller.as_ref(), segments.get("element")).await?))
}

/// `GET /elements/metadata`.
pub(crate) async fn all_metadata(call: Call) -> Answer {
    let caller = call.proceed(VIEW)?;
    Ok(json::list(call.app().elements_metadata(&caller, expand(&call)).await?))
}

/// `GET /elements/{element}/metadata`.
pub(crate) async fn metadata(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(VIEW)?;
    Ok(json::answer(&call.app().element_metadata(&caller, segments.get("element"), expand(&call)).await?))
}

fn expand(call: &Call) -> bool {
    call.query().flag("expand").unwrap_or(false)
}

/// `GET /elements/{element}/trace/{trace}`.
pub(crate) async fn trace(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(VIEW)?;
    let trace = call.app().trace(&caller, segments.get("element"), segments.get("trace")).await?;
    Ok(json::answer(&Value::Object(trace)))
}

fn wanted(request: &Anonymous) -> Query {
    let text = |name| request.query.get(name).map(str::to_owned);
    Query {
        condition: text("where"),
        page_size: text("pageSize"),
        next_page: text("nextPage"),
        abridged: request.query.flag("abridged").unwrap_or(false),
    }
}

/// The longest header of remarks, in bytes.
const REMARKS_MAX_BYTES: usize = 4096;

/// A definition that was saved, and in a header what of it will not run here.
fn saved(saved: &Saved) -> Response {
    let mut response = json::answer(&saved.body);
    if saved.remarks.is_empty() {
        return response;
    }
    let plain = |each: char| if each.is_ascii_graphic() || each == ' ' { each } else { '?' };
    let mut text: String = format!("Will not run here: {}", saved.remarks.join("; ")).chars().map(plain).collect();
    if text.len() > REMARKS_MAX_BYTES {
        text.truncate(REMARKS_MAX_BYTES);
        text.push_str("...");
    }
    if let Ok(value) = HeaderValue::from_str(&text) {
        response.headers_mut().insert(json::WARNING, value);
    }
    response
}
