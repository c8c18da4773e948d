//! Models: that of a resource, and those of an element as far as they are more than parts.

use ligand_app::elements::{List, Step};

use super::{
    EDIT, VIEW,
    parts::{Way, items, steps},
    saved,
};
use crate::{
    call::Call,
    json,
    routes::{Answer, Segments},
};

const RESOURCE: Way = &[(List::Resources, "resource")];
const MODEL: Way = &[(List::Models, "part")];

/// `GET /elements/{element}/resources/{resource}/models`.
pub(crate) async fn of_resource(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(VIEW)?;
    let model = call.app().resource_model(&caller, segments.get("element"), &steps(&segments, RESOURCE)).await?;
    Ok(json::answer(&model))
}

/// `POST` and `PUT` of the same.
pub(crate) async fn set(segments: Segments, mut call: Call) -> Answer {
    let caller = call.proceed(EDIT)?;
    call.expect_json()?;
    let (element, steps) = (segments.get("element"), steps(&segments, RESOURCE));
    call.app().demand_part(&caller, element, &steps).await?;
    let model = call.request.definition_object().await?;
    Ok(json::answer(&call.app().set_resource_model(&caller, element, &steps, Some(&model)).await?))
}

/// `DELETE` of the same.
pub(crate) async fn unset(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(EDIT)?;
    let steps = steps(&segments, RESOURCE);
    call.app().set_resource_model(&caller, segments.get("element"), &steps, None).await?;
    Ok(json::empty())
}

/// `PUT /elements/{element}/models`: adds or replaces.
pub(crate) async fn put(segments: Segments, mut call: Call) -> Answer {
    let caller = call.proceed(EDIT)?;
    call.expect_json()?;
    let element = segments.get("element");
    call.app().demand_part(&caller, element, &[Step { list: List::Models, item: None }]).await?;
    let body = call.request.definition_object().await?;
    Ok(saved(&call.app().put_model(&caller, element, &body).await?))
}

/// `PUT /elements/{element}/models/{part}/fields`.
pub(crate) async fn fields(segments: Segments, mut call: Call) -> Answer {
    let caller = call.proceed(EDIT)?;
    call.expect_json()?;
    let (element, steps) = (segments.get("element"), steps(&segments, MODEL));
    call.app().demand_part(&caller, element, &steps).await?;
    let fields = items(call.request.definition().await?, "modelFields")?;
    Ok(json::answer(&call.app().set_model_fields(&caller, element, &steps, &fields).await?))
}
