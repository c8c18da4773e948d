//! `ligand serve`: the server.

use ligand_engine::Egress;
use ligand_web::{Edge, Server};

use crate::{
    commands::{StopSignal, say},
    platform::{self, Background, FirstStart},
    settings::Settings,
};

/// Serves until the process is asked to stop.
///
/// # Errors
/// When the server cannot start.
pub async fn run(settings: &Settings) -> anyhow::Result<()> {
    let stop = StopSignal::listen()?;
    let server = Server::bind(settings.server.listen, settings.server_options()).await;
    let server = server.map_err(|failed| anyhow::anyhow!("cannot listen on {}: {failed}", settings.server.listen))?;
    let address = server.address()?;
    let _claim = platform::claim(settings)?;
    let (app, first) = platform::open(settings, Egress::new(settings.egress.allow.clone())).await?;
    if let Some(first) = first {
        introduce(&first);
    }
    let elements = app.load_elements().await?;
    tracing::info!(%address, elements, version = env!("CARGO_PKG_VERSION"), "serving");
    let edge = Edge::new(app.clone(), settings.noun()?);
    let mut background = Background::start(&app, settings);
    tokio::select! {
        () = server.run(edge, stop.heard()) => {}
        () = Background::broken(&mut background) => anyhow::bail!("the background worker broke"),
    }
    if let Some(background) = background {
        background.stop().await;
    }
    app.close().await;
    tracing::info!("stopped");
    Ok(())
}

/// Shows what the first start made. It is not logged, and not shown again unless asked for.
fn introduce(first: &FirstStart) {
    let password = match &first.generated_password {
        Some(password) => password.expose(),
        None => "(as configured)",
    };
    say(&format!(
        "\nFirst start: an organization and its administrator were made. Keep these, they open the API:\n\n  \
         e-mail               {}\n  password             {password}\n  user secret          {}\n  organization secret  {}\n\n  \
         Authorization: User {}, Organization {}\n\n`ligand secrets` shows the secrets again on this machine.\n",
        first.email,
        first.user_secret.expose(),
        first.organization_secret.expose(),
        first.user_secret.expose(),
        first.organization_secret.expose(),
    ));
}
