//! Log lines: coloured for a person on a terminal, JSON otherwise. Always on standard error.

use std::io::{IsTerminal, stderr};

use anyhow::Context;
use tracing_subscriber::EnvFilter;

use crate::settings::{Log, LogFormat};

/// Starts logging for the process. A second call changes nothing.
///
/// # Errors
/// When the level is not understood.
pub(crate) fn start(log: &Log) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&log.level).with_context(|| format!("log.level '{}'", log.level))?;
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
