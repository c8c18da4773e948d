//! The instances of an account.

use ligand_app::instances::Scope;
use ligand_domain::Error;
use serde_json::Value;

use super::{Answer, Segments, instances};
use crate::{call::Call, json};

/// `GET /accounts/instances`: those of the caller's own account.
pub(crate) async fn own_instances(call: Call) -> Answer {
    let caller = call.proceed(None)?;
    instances::light_list(&call, Scope::Account(caller.account_id)).await
}

/// `GET /accounts/settings` and `GET /accounts/{account}/settings`.
pub(crate) async fn settings(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(None)?;
    let settings = call.app().account_settings(&caller, segments.find("account")).await?;
    Ok(json::answer(&Value::Object(settings)))
}

/// `PATCH /accounts/settings`; `PATCH` and `POST /accounts/{account}/settings`.
pub(crate) async fn change_settings(segments: Segments, mut call: Call) -> Answer {
    let caller = call.proceed(None)?;
    call.expect_json()?;
    let body = call.request.small_object().await?;
    let settings = call.app().change_account_settings(&caller, segments.find("account"), &body).await?;
    Ok(json::answer(&Value::Object(settings)))
}

/// `GET /accounts/{account}/instances`.
pub(crate) async fn instances(segments: Segments, call: Call) -> Answer {
    call.proceed(None)?;
    let account = segments.get("account");
    let unknown = |_| Error::not_found("account-not-found", format!("No account found with ID {account}"));
    instances::light_list(&call, Scope::Account(account.parse().map_err(unknown)?)).await
}
