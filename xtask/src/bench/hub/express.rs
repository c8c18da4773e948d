//! The same call written by hand with Express, for those who have Node: installed into a directory of its own, which
//! goes when the benchmark ends.

use std::net::SocketAddr;
use std::process::{Command, Stdio};

use anyhow::Context as _;
use tempfile::TempDir;

use super::super::placement::Placement;
use super::super::process::Process;
use super::super::server::{Binary, ORGANIZATION_SECRET, USER_SECRET};

const SCRIPT: &str = include_str!("../../../express/call.js");

/// The running program.
pub(super) struct Express {
    /// The process.
    pub(super) process: Process,
    /// Where it listens.
    pub(super) address: SocketAddr,
    _directory: TempDir,
}

impl Express {
    /// Installs and starts it; says why when it cannot be had here.
    pub(super) fn start(
        binary: &Binary,
        placement: &Placement,
        vendor: SocketAddr,
        token: &str,
    ) -> anyhow::Result<Result<Self, String>> {
        let directory = binary.directory()?;
        let install = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", ".", "express@5"];
        let mut npm = Command::new("npm");
        npm.args(install).current_dir(directory.path()).stdout(Stdio::null()).stderr(Stdio::null());
        match npm.status() {
            Ok(status) if status.success() => {}
            Ok(_) => return Ok(Err("npm cannot install express here".to_owned())),
            Err(_) => return Ok(Err("there is no npm here".to_owned())),
        }
        std::fs::write(directory.path().join("call.js"), SCRIPT)?;
        let mut command = Command::new("node");
        command.arg("call.js").args([vendor.ip().to_string(), vendor.port().to_string()]);
        command.args([USER_SECRET, ORGANIZATION_SECRET, token]).env("NODE_ENV", "production");
        command.current_dir(directory.path()).stdout(Stdio::piped());
        let Ok(mut process) = placement.on_measured_core(|| Process::spawn(&mut command)) else {
            return Ok(Err("there is no node here".to_owned()));
        };
        let address = process.first_line()?.parse().context("the Express program prints its address")?;
        Ok(Ok(Self { process, address, _directory: directory }))
    }
}
