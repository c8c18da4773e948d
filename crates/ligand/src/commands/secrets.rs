//! `ligand secrets`: the administrator's secrets again, for who can read the data directory.

use anyhow::Context;
use serde_json::json;

use crate::{commands::say, platform, settings::Settings};

/// Prints the secrets.
///
/// # Errors
/// When there is no database yet, or it cannot be opened.
pub async fn run(settings: &Settings, as_json: bool) -> anyhow::Result<()> {
    platform::demand_existing(settings).await?;
    let store = platform::open_store(settings).await?;
    let found =
        store.administrator_secrets().await?.context("there is no administrator yet: start `ligand serve` first")?;
    store.close().await;
    let (user, organization) = (found.user_secret.expose(), found.organization_secret.expose());
    if as_json {
        say(&json!({ "email": found.email, "userSecret": user, "organizationSecret": organization }).to_string());
    } else {
        say(&format!(
            "e-mail               {}\nuser secret          {user}\norganization secret  {organization}\n\n\
             Authorization: User {user}, Organization {organization}",
            found.email
        ));
    }
    Ok(())
}
