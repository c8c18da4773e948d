//! Accounts that may use an element beside its owner.

use serde_json::json as value;

use super::{EDIT, VIEW};
use crate::{
    call::Call,
    json,
    routes::{Answer, Segments},
};

/// `GET /elements/{element}/accounts`.
pub(crate) async fn list(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(VIEW)?;
    let accounts = call.app().element_accounts(&caller, segments.get("element")).await?;
    Ok(json::list(accounts.into_iter().map(|id| value!(id)).collect()))
}

/// `PUT /elements/{element}/accounts/{account}`.
pub(crate) async fn grant(segments: Segments, call: Call) -> Answer {
    set(&segments, &call, true).await
}

/// `DELETE /elements/{element}/accounts/{account}`.
pub(crate) async fn revoke(segments: Segments, call: Call) -> Answer {
    set(&segments, &call, false).await
}

async fn set(segments: &Segments, call: &Call, granted: bool) -> Answer {
    let caller = call.proceed(EDIT)?;
    let (element, account) = (segments.get("element"), segments.get("account"));
    call.app().set_element_account(&caller, element, account, granted).await?;
    Ok(json::empty())
}
