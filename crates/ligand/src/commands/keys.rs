//! `ligand keys`: the keys that encrypt stored secrets.

use crate::{commands::say, platform, settings::Settings};

/// Makes a new key and encrypts every stored secret with it.
///
/// # Errors
/// When the keys come from a setting instead of a file, or the database cannot be opened.
pub async fn rotate(settings: &Settings) -> anyhow::Result<()> {
    anyhow::ensure!(
        settings.keys.ring.get().is_none(),
        "the keys come from keys.ring: stop the servers, write the ring into a file and rotate with keys.file naming it"
    );
    platform::demand_existing(settings).await?;
    let store = platform::open_store(settings).await?;
    let rotation = store.rotate_keys().await?;
    store.close().await;
    say(&format!(
        "{} stored secrets are encrypted with a new key. {} holds {} keys now; {} that nothing used any more were dropped.",
        rotation.resealed,
        settings.key_file().display(),
        rotation.kept_keys,
        rotation.dropped_keys,
    ));
    Ok(())
}
