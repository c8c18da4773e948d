//! `ligand config`: the defaults, and whether one's own configuration is right.

use crate::{
    catalog,
    commands::say,
    settings::{DEFAULTS, Settings},
};

/// Prints the commented defaults.
pub fn default() {
    say(DEFAULTS.trim_end());
}

/// Checks what [`Settings::load`] did not: the catalog.
///
/// # Errors
/// Lists the problems of the catalog.
pub fn check(settings: &Settings) -> anyhow::Result<()> {
    let catalog = catalog::load(&settings.catalog.directories)?;
    say(&format!("The configuration is in order; {} elements are in the catalog.", catalog.elements().len()));
    Ok(())
}
