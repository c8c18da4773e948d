//! The parts of a definition, all in one way: configuration, parameters, hooks, resources, objects, fields, models.

use ligand_app::elements::{List, PartQuery, Step};
use serde_json::{Value, json};

use super::{EDIT, VIEW, saved};
use crate::{
    call::Call,
    json,
    routes::{Answer, Segments},
};

/// The lists that a path leads through, each with the name of the segment that names an item of it.
pub(crate) type Way = &'static [(List, &'static str)];

/// The steps of a path; a list that the path ends in has no item.
pub(super) fn steps(segments: &Segments, way: Way) -> Vec<Step> {
    let step = |(list, name): &(List, &str)| Step { list: *list, item: segments.find(name).map(str::to_owned) };
    way.iter().map(step).collect()
}

/// `GET` of a list.
pub(crate) async fn list(segments: Segments, call: Call, way: Way) -> Answer {
    let caller = call.proceed(VIEW)?;
    let query = PartQuery {
        account_only: call.query().flag("accountOnly").unwrap_or(false),
        condition: call.query().get("where").map(str::to_owned),
    };
    let steps = steps(&segments, way);
    let items = call.app().list_parts(&caller, segments.get("element"), &steps, &query).await?;
    // Configuration alone is an object, as clients know it.
    let is_configuration = matches!(way, [(List::Configuration, _)]);
    Ok(if is_configuration { json::answer(&json!({ "configuration": items })) } else { json::list(items) })
}

/// `GET` of one part.
pub(crate) async fn show(segments: Segments, call: Call, way: Way) -> Answer {
    let caller = call.proceed(VIEW)?;
    let part = call.app().part(&caller, segments.get("element"), &steps(&segments, way)).await?;
    Ok(json::answer(&part))
}

/// `POST` to a list.
pub(crate) async fn add(segments: Segments, mut call: Call, way: Way) -> Answer {
    let caller = call.proceed(EDIT)?;
    call.expect_json()?;
    let (element, steps) = (segments.get("element"), steps(&segments, way));
    call.app().demand_part(&caller, element, &steps).await?;
    let body = call.request.definition_object().await?;
    Ok(saved(&call.app().add_part(&caller, element, &steps, &body).await?))
}

/// `PUT` of one part.
pub(crate) async fn replace(segments: Segments, mut call: Call, way: Way) -> Answer {
    let caller = call.proceed(EDIT)?;
    call.expect_json()?;
    let (element, steps) = (segments.get("element"), steps(&segments, way));
    call.app().demand_part(&caller, element, &steps).await?;
    let body = call.request.definition_object().await?;
    Ok(saved(&call.app().replace_part(&caller, element, &steps, &body).await?))
}

/// `DELETE` of one part.
pub(crate) async fn remove(segments: Segments, call: Call, way: Way) -> Answer {
    let caller = call.proceed(EDIT)?;
    call.app().remove_part(&caller, segments.get("element"), &steps(&segments, way)).await?;
    Ok(json::empty())
}

/// The items of a list that is sent as itself or as a member of an object.
pub(crate) fn items(body: Value, member: &str) -> Result<Vec<Value>, ligand_domain::Error> {
    let list = match body {
        Value::Object(mut members) => members.remove(member).unwrap_or_default(),
        other => other,
    };
    match list {
        Value::Array(items) => Ok(items),
        _ => Err(ligand_domain::Error::invalid("list-missing", format!("{member} must be a list"))),
    }
}
