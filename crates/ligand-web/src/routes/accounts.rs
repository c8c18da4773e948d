//! The instances of an account.

use ligand_app::instances::Scope;
use ligand_domain::Error;

use super::{Answer, Segments, instances};
use crate::call::Call;

/// `GET /accounts/instances`: those of the caller's own account.
pub(crate) async fn own_instances(call: Call) -> Answer {
    let caller = call.proceed(None)?;
    instances::light_list(&call, Scope::Account(caller.account_id)).await
}

/// `GET /accounts/{account}/instances`.
pub(crate) async fn instances(segments: Segments, call: Call) -> Answer {
    call.proceed(None)?;
    let account = segments.get("account");
    let unknown = |_| Error::not_found("account-not-found", format!("No account found with ID {account}"));
    instances::light_list(&call, Scope::Account(account.parse().map_err(unknown)?)).await
}
