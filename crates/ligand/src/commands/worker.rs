//! `ligand worker`: background work in a process of its own, any number of them on one PostgreSQL.

use ligand_engine::Egress;

use crate::{commands::StopSignal, platform, settings::Settings};

/// Works until the process is asked to stop.
///
/// # Errors
/// When the worker cannot start.
pub async fn run(settings: &Settings) -> anyhow::Result<()> {
    let stop = StopSignal::listen()?;
    anyhow::ensure!(
        !settings.is_embedded(),
        "the embedded database has one process, `ligand serve`, which also does the background work; name a \
         PostgreSQL database with --database"
    );
    anyhow::ensure!(settings.worker.jobs > 0, "worker.jobs is 0: this worker would do nothing");
    platform::demand_existing(settings).await?;
    let (app, _) = platform::open(settings, Egress::new(settings.egress.allow.clone())).await?;
    tracing::info!(jobs = settings.worker.jobs, version = env!("CARGO_PKG_VERSION"), "working");
    app.worker(settings.worker_options(), &platform::front(&app, settings)).run(stop.heard()).await;
    app.close().await;
    tracing::info!("stopped");
    Ok(())
}
