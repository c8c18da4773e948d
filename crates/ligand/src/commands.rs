//! What the program can do, one module per command, and how it speaks to the terminal.

pub mod config;
pub mod demo;
pub mod doctor;
pub mod keys;
pub mod sandbox;
pub mod secrets;
pub mod serve;

use std::io::Write;

/// Writes lines to standard output. A reader that went away is no reason to fail.
pub(crate) fn say(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// Writes lines to standard error.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Resolves when the process is asked to stop: Ctrl-C or SIGTERM.
pub(crate) async fn stop_signal() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        let terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
        if let Ok(mut terminate) = terminate {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = interrupt.await;
}
