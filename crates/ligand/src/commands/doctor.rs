//! `ligand doctor`: looks at everything the server needs, one line each.

use std::process::ExitCode;

use crate::{catalog, commands::say, platform, settings::Settings};

/// Prints what is in order and what is not; fails when something is not.
pub async fn run(settings: &Settings) -> ExitCode {
    let checks = [
        ("catalog", check_catalog(settings)),
        ("keys", check_keys(settings)),
        ("database", check_database(settings).await),
        ("address", check_address(settings).await),
    ];
    let mut healthy = true;
    for (name, outcome) in checks {
        match outcome {
            Ok(text) => say(&format!("ok    {name:<10} {text}")),
            Err(problem) => {
                healthy = false;
                say(&format!("FAIL  {name:<10} {problem:#}"));
            }
        }
    }
    if healthy { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn check_catalog(settings: &Settings) -> anyhow::Result<String> {
    let catalog = catalog::load(&settings.catalog.directories)?;
    let keys: Vec<&str> = catalog.elements().iter().map(|element| element.key()).collect();
    Ok(keys.join(", "))
}

fn check_keys(settings: &Settings) -> anyhow::Result<String> {
    if let Some(ring) = settings.keys.ring.get() {
        let keys = ligand_store::KeyRing::from_text(ring.expose())?;
        return Ok(format!("from keys.ring, {} in use", keys.sealing_keys()));
    }
    let file = settings.key_file();
    if !file.exists() {
        return Ok(format!("{} will be made at the first start", file.display()));
    }
    let keys = ligand_store::KeyRing::load(&file)?;
    Ok(format!("{}, {} in use", file.display(), keys.sealing_keys()))
}

async fn check_database(settings: &Settings) -> anyhow::Result<String> {
    let exists = ligand_store::Store::exists(settings.database_url().expose()).await?;
    if !exists {
        return Ok("will be made at the first start".to_owned());
    }
    anyhow::ensure!(
        settings.keys.ring.get().is_some() || settings.key_file().exists(),
        "it exists, but its key file {} is missing: restore your copy",
        settings.key_file().display()
    );
    let store = platform::open_store(settings).await?;
    store.ping().await?;
    let state = if store.is_bootstrapped().await? { "has its first organization" } else { "is empty" };
    let jobs = store.count_jobs().await?;
    let text = format!(
        "{:?}, answers, {state}; background jobs: {} waiting ({} due), {} running, {} failed",
        store.engine(),
        jobs.waiting,
        jobs.due,
        jobs.running,
        jobs.failed
    );
    store.close().await;
    Ok(text)
}

async fn check_address(settings: &Settings) -> anyhow::Result<String> {
    let address = settings.server.listen;
    match tokio::net::TcpListener::bind(address).await {
        Ok(_) => Ok(format!("{address} is free")),
        Err(taken) if taken.kind() == std::io::ErrorKind::AddrInUse => {
            Ok(format!("{address} is in use: a server runs there already, or choose another with --listen"))
        }
        Err(failed) => Err(anyhow::anyhow!("{address}: {failed}")),
    }
}
