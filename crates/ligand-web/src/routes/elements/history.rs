//! Earlier forms of definitions.

use ligand_app::elements::Form;
use serde_json::{Value, json as value};

use super::{EDIT, VIEW, saved};
use crate::{
    call::Call,
    json,
    routes::{Answer, Segments},
};

/// `GET /elements/{element}/history`.
pub(crate) async fn list(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(VIEW)?;
    let forms = call.app().element_history(&caller, segments.get("element")).await?;
    Ok(json::list(forms.iter().map(wire).collect()))
}

/// `GET /elements/{element}/history/{revision}`.
pub(crate) async fn show(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(VIEW)?;
    let form = call.app().element_form(&caller, segments.get("element"), segments.get("revision")).await?;
    Ok(json::answer(&wire(&form)))
}

/// `PUT /elements/{element}/history/{revision}`: goes back to that form.
pub(crate) async fn restore(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(EDIT)?;
    let restored = call.app().restore_element(&caller, segments.get("element"), segments.get("revision")).await?;
    Ok(saved(&restored))
}

fn wire(form: &Form) -> Value {
    let mut told = value!({
        "revision": form.version.revision,
        "action": form.version.action,
        "userId": form.version.user_id,
        "createdDate": form.version.created_at.to_iso_seconds(),
    });
    if let Some(definition) = &form.definition {
        told["definition"] = definition.clone();
    }
    told
}
