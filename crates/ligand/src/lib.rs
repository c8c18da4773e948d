//! The `ligand` binary's own part: command line, configuration, wiring. What the platform does is in the crates below.

pub mod catalog;
mod cli;
pub mod commands;
mod http_client;
mod logging;
pub mod platform;
pub mod settings;

use std::process::ExitCode;

use clap::Parser;

/// Runs the program with the process's arguments.
#[must_use]
pub fn run() -> ExitCode {
    let cli = cli::Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(cli.execute()),
        Err(failed) => Err(failed.into()),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            commands::complain(&format!("ligand: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
