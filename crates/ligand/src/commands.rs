//! What the program can do, one module per command, and how it speaks to the terminal.

pub mod config;
pub mod demo;
pub mod doctor;
pub mod element;
pub mod element_check;
pub mod element_import;
pub mod keys;
pub mod sandbox;
pub mod secrets;
pub mod serve;
pub mod worker;

use std::io::Write;

/// Writes lines to standard output. A reader that went away is no reason to fail.
pub(crate) fn say(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// Writes lines to standard error.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// The wish to stop: Ctrl-C or SIGTERM. It is heard from when this is made, so make it before anything is announced.
#[cfg(unix)]
pub(crate) struct StopSignal {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl StopSignal {
    /// Starts listening.
    ///
    /// # Errors
    /// When the system does not let a process listen to signals.
    pub(crate) fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Resolves when the process is asked to stop.
    pub(crate) async fn heard(mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// The wish to stop: Ctrl-C.
#[cfg(not(unix))]
pub(crate) struct StopSignal;

#[cfg(not(unix))]
impl StopSignal {
    /// Starts listening.
    ///
    /// # Errors
    /// Never.
    pub(crate) fn listen() -> std::io::Result<Self> {
        Ok(Self)
    }

    /// Resolves when the process is asked to stop.
    pub(crate) async fn heard(self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}
