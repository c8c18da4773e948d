//! Documents that describe APIs: the platform's own, elements, hubs, instances.

use axum::response::Response;
use http::{HeaderMap, HeaderValue};
use ligand_app::{
    docs::{ElementVersion, Made, Options, Part, format},
    instances::Target,
};
use ligand_docs::Format;
use ligand_domain::{Caller, Error, Privilege};
use serde_json::{Value, json as value};

use super::{Answer, Segments};
use crate::{
    call::{Anonymous, Call},
    description::describe,
    json,
    query::Query,
};

const VIEW: Option<Privilege> = Some(Privilege::ViewElements);

/// `GET /docs/all_platform`: the platform's own API.
pub(crate) async fn platform(request: Anonymous) -> Answer {
    request.proceed(None).await?;
    Ok(json::answer(describe(format(request.query.get("format"))?)))
}

/// `GET /elements/api-docs/openapi.json`, beside the API's base path: the same as OpenAPI 3.1.
pub(crate) async fn openapi() -> Response {
    json::answer(describe(Format::Openapi))
}

/// `GET /docs/{hub}`.
pub(crate) async fn of_hub(segments: Segments, request: Anonymous) -> Answer {
    let caller = request.proceed(None).await?;
    let options = options(&request.query, &request.headers)?;
    Ok(answered(&request.app.hub_docs(caller.as_ref(), segments.get("hub"), &options).await?))
}

/// `GET /elements/{element}/docs`.
pub(crate) async fn of_element(segments: Segments, request: Anonymous) -> Answer {
    element(&segments, &request, Part::Whole).await
}

/// `GET /elements/{element}/operations/{operation}/docs`, also `GET /elements/{element}/docs/{operation}`.
pub(crate) async fn of_operation(segments: Segments, request: Anonymous) -> Answer {
    element(&segments, &request, Part::Operation(segments.get("operation"))).await
}

/// `GET /elements/{element}/docs/{operation}/definitions`.
pub(crate) async fn of_operation_schemas(segments: Segments, request: Anonymous) -> Answer {
    let made = made(&segments, &request, Part::Operation(segments.get("operation"))).await?;
    Ok(json::answer(&made.schemas_to_json()))
}

/// `GET /elements/{element}/objects/{objectName}/docs`.
pub(crate) async fn of_object(segments: Segments, request: Anonymous) -> Answer {
    element(&segments, &request, Part::Object(segments.get("objectName"))).await
}

async fn element(segments: &Segments, request: &Anonymous, part: Part<'_>) -> Answer {
    Ok(answered(&made(segments, request, part).await?))
}

async fn made(segments: &Segments, request: &Anonymous, part: Part<'_>) -> Result<Made, Error> {
    let caller = request.proceed(VIEW).await?;
    let options = options(&request.query, &request.headers)?;
    request.app.element_docs(caller.as_ref(), segments.get("element"), part, &options).await
}

/// `GET /elements/{element}/operations`.
pub(crate) async fn operations(segments: Segments, request: Anonymous) -> Answer {
    let caller = request.proceed(VIEW).await?;
    let (element, version) = (segments.get("element"), request.query.get("version"));
    let operations = request.app.element_operations(caller.as_ref(), element, version).await?;
    let item = |operation: ligand_docs::Listed| {
        let mut item = value!({ "operationId": operation.id, "method": operation.method, "path": operation.path });
        if let Some(object) = operation.object {
            item["objectName"] = Value::from(object);
        }
        item
    };
    Ok(json::list(operations.into_iter().map(item).collect()))
}

/// `GET /elements/{element}/versions`.
pub(crate) async fn versions(segments: Segments, request: Anonymous) -> Answer {
    let caller = request.proceed(VIEW).await?;
    let versions = request.app.element_versions(caller.as_ref(), segments.get("element")).await?;
    let item = |version: ElementVersion| {
        let mut item = value!({ "version": version.number, "latest": version.is_latest });
        if let Some(created_at) = version.created_at {
            item["createdDate"] = Value::from(created_at.to_iso_seconds());
        }
        item
    };
    Ok(json::list(versions.into_iter().map(item).collect()))
}

/// `GET /instances/{id}/docs`.
pub(crate) async fn of_instance(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(None)?;
    Ok(answered(&instance(&call, &caller, by_id(&segments), Part::Whole).await?))
}

/// `GET /instances/docs`.
pub(crate) async fn of_own_instance(segments: Segments, call: Call) -> Answer {
    let (caller, token) = call.proceed_with_token(None).await?;
    Ok(answered(&instance(&call, &caller, by_token(&segments, &token), Part::Whole).await?))
}

/// `GET /instances/{id}/docs/{operation}`.
pub(crate) async fn of_instance_operation(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(None)?;
    Ok(answered(&instance(&call, &caller, by_id(&segments), operation(&segments)).await?))
}

/// `GET /instances/docs/{operation}`.
pub(crate) async fn of_own_operation(segments: Segments, call: Call) -> Answer {
    let (caller, token) = call.proceed_with_token(None).await?;
    Ok(answered(&instance(&call, &caller, by_token(&segments, &token), operation(&segments)).await?))
}

/// `GET /instances/{id}/docs/{operation}/definitions`.
pub(crate) async fn of_instance_schemas(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(None)?;
    let made = instance(&call, &caller, by_id(&segments), operation(&segments)).await?;
    Ok(warned(json::answer(&made.schemas_to_json()), &made))
}

/// `GET /instances/docs/{operation}/definitions`.
pub(crate) async fn of_own_schemas(segments: Segments, call: Call) -> Answer {
    let (caller, token) = call.proceed_with_token(None).await?;
    let made = instance(&call, &caller, by_token(&segments, &token), operation(&segments)).await?;
    Ok(warned(json::answer(&made.schemas_to_json()), &made))
}

async fn instance(call: &Call, caller: &Caller, target: Target<'_>, part: Part<'_>) -> Result<Made, Error> {
    let options = options(call.query(), &call.request.headers)?;
    call.app().instance_docs(caller, target, part, &options).await
}

fn operation(segments: &Segments) -> Part<'_> {
    Part::Operation(segments.get("operation"))
}

fn by_id(segments: &Segments) -> Target<'_> {
    Target::Id { id: segments.get("id"), element: segments.find("element") }
}

fn by_token<'a>(segments: &'a Segments, token: &'a ligand_domain::Secret) -> Target<'a> {
    Target::Token { token, element: segments.find("element") }
}

fn options(query: &Query, headers: &HeaderMap) -> Result<Options, Error> {
    Options::read(|name| query.get(name), |name| headers.get(name).and_then(|value| value.to_str().ok()))
}

fn answered(made: &Made) -> Response {
    warned(json::answer(&made.to_json()), made)
}

/// The answer, and in a header what it lacks.
fn warned(mut response: Response, made: &Made) -> Response {
    let plain =
        |text: &String| text.chars().filter(|each| each.is_ascii() && !each.is_ascii_control()).collect::<String>();
    if let Some(warning) = made.warning.as_ref().map(plain).and_then(|text| HeaderValue::from_str(&text).ok()) {
        response.headers_mut().insert(json::WARNING, warning);
    }
    response
}
