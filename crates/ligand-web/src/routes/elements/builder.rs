//! Elements as a whole: made, changed, switched, copied, exported, deleted.

use http::{HeaderValue, header};
use ligand_domain::Privilege;

use super::{EDIT, VIEW, saved};
use crate::{
    call::Call,
    json,
    routes::{Answer, Segments},
};

const CREATE: Option<Privilege> = Some(Privilege::CreateElements);

/// `POST /elements`.
pub(crate) async fn create(mut call: Call) -> Answer {
    let caller = call.proceed(CREATE)?;
    call.expect_json()?;
    let definition = call.request.definition_object().await?;
    Ok(saved(&call.app().create_element(&caller, definition).await?))
}

/// `PUT /elements/{element}`.
pub(crate) async fn replace(segments: Segments, call: Call) -> Answer {
    change(&segments, call, "replaced").await
}

/// `PATCH /elements/{element}`.
pub(crate) async fn patch(segments: Segments, call: Call) -> Answer {
    change(&segments, call, "changed").await
}

async fn change(segments: &Segments, mut call: Call, action: &str) -> Answer {
    let caller = call.proceed(EDIT)?;
    call.expect_json()?;
    let element = segments.get("element");
    call.app().demand_own_element(&caller, element).await?;
    let definition = call.request.definition_object().await?;
    Ok(saved(&call.app().change_element(&caller, element, &definition, action).await?))
}

/// `DELETE /elements/{element}`.
pub(crate) async fn delete(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(Some(Privilege::DeleteElements))?;
    call.app().delete_element(&caller, segments.get("element")).await?;
    Ok(json::empty())
}

/// `PUT /elements/{element}/active`.
pub(crate) async fn activate(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(EDIT)?;
    Ok(saved(&call.app().set_element_active(&caller, segments.get("element"), true).await?))
}

/// `DELETE /elements/{element}/active`.
pub(crate) async fn deactivate(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(EDIT)?;
    Ok(saved(&call.app().set_element_active(&caller, segments.get("element"), false).await?))
}

/// `POST /elements/{element}/clone`.
pub(crate) async fn copy(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(CREATE)?;
    Ok(saved(&call.app().clone_element(&caller, segments.get("element")).await?))
}

/// `GET /elements/{element}/export`.
pub(crate) async fn export(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(VIEW)?;
    let extended_only = call.query().flag("extendedOnly").unwrap_or(false);
    let (key, definition) = call.app().export_element(&caller, segments.get("element"), extended_only).await?;
    let mut response = json::answer(&definition);
    if let Ok(name) = HeaderValue::from_str(&format!("attachment; filename=\"{key}.json\"")) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}
