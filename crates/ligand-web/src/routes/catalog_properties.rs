//! How the catalog is arranged for the caller, its account or its organization.

use ligand_app::elements::PropertiesScope;

use super::Answer;
use crate::{call::Call, json};

/// `GET /catalog-properties`.
pub(crate) async fn show(call: Call) -> Answer {
    let caller = call.proceed(None)?;
    let scope = PropertiesScope::read(call.query().get("entityType"))?;
    Ok(json::list(call.app().catalog_properties(&caller, scope).await?))
}

/// `PUT /catalog-properties`.
pub(crate) async fn replace(mut call: Call) -> Answer {
    let caller = call.proceed(None)?;
    call.expect_json()?;
    let scope = PropertiesScope::read(call.query().get("entityType"))?;
    let items = super::elements::parts::items(json::value(&call.request.bytes().await?)?, "properties")?;
    Ok(json::list(call.app().set_catalog_properties(&caller, scope, &items).await?))
}
