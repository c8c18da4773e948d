//! The caller's own user.

use super::Answer;
use crate::{call::Call, json, wire};

/// `GET /users/me`.
pub(crate) async fn me(call: Call) -> Answer {
    let caller = call.proceed(None)?;
    let profile = call.app().profile(&caller).await?;
    Ok(json::answer(&wire::user::user(&profile)))
}
