//! The caller's organization.

use super::Answer;
use crate::{call::Call, json, wire};

/// `GET /organizations/me`.
pub(crate) async fn me(call: Call) -> Answer {
    let caller = call.proceed(None)?;
    let organization = call.app().own_organization(&caller).await?;
    Ok(json::answer(&wire::user::organization(&organization)))
}
