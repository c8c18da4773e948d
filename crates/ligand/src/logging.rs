//! Log lines: coloured for a person on a terminal, JSON otherwise. Always on standard error.

use std::io::{IsTerminal, stderr};

use anyhow::Context;
use tracing_subscriber::EnvFilter;

use crate::settings::{Log, LogFormat};

/// The database driver's targets.
const QUIET: [&str; 4] = ["sqlx", "sqlx_core", "sqlx_postgres", "sqlx_sqlite"];

/// Starts logging for the process. A second call changes nothing.
///
/// # Errors
/// When the level is not understood.
pub(crate) fn start(log: &Log) -> anyhow::Result<()> {
    let mut filter = EnvFilter::try_new(&log.level).with_context(|| format!("log.level '{}'", log.level))?;
    for target in QUIET {
        // The driver repeats parts of database addresses in its warnings, and they may be secret.
        filter = filter.add_directive(format!("{target}=error").parse().expect("a target and a level are a directive"));
    }
    let human = match log.format {
        LogFormat::Auto => stderr().is_terminal(),
        LogFormat::Human => true,
        LogFormat::Json => false,
    };
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(stderr);
    let started = if human {
        lines.with_ansi(stderr().is_terminal()).with_target(false).try_init()
    } else {
        lines.json().flatten_event(true).try_init()
    };
    if started.is_err() {
        tracing::debug!("logging was started already");
    }
    Ok(())
}
