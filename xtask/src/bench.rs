//! `bench`: what Ligand costs, measured against floors in the same run: bare axum for reads, bare vendor calls for
//! provisioning, a bare proxy for hub calls. It needs nothing but this machine, sends to 127.0.0.1 only, and judges without failing.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use measure::Measure;
use placement::Placement;
use report::Report;
use server::{Binary, Ligand};

pub(crate) mod floor;
pub(crate) mod proxy;

mod client;
mod hub;
mod idle;
mod machine;
mod measure;
mod placement;
mod process;
mod provision;
mod read;
mod report;
mod server;
mod start;

#[cfg(test)]
mod tests;

/// What can be measured, in the order in which it is.
const PARTS: [&str; 5] = ["start", "read", "provision", "idle", "hub"];

/// What to measure, and for how long.
#[derive(Debug, PartialEq, Eq)]
struct Options {
    parts: BTreeSet<String>,
    /// Of one run under load.
    duration: Duration,
    /// The program to measure; built when absent.
    binary: Option<String>,
    /// Whether hub calls are also compared with a program written for Express.
    express: bool,
}

impl Options {
    /// Reads `--only PART,…`, `--seconds N`, `--binary FILE` and `--express`.
    fn parse(arguments: &[&str]) -> anyhow::Result<Self> {
        let parts = PARTS.map(str::to_owned).into();
        let mut options = Self { parts, duration: Duration::from_secs(3), binary: None, express: false };
        let mut arguments = arguments.iter().copied();
        while let Some(name) = arguments.next() {
            let mut value = || arguments.next().with_context(|| format!("{name} needs a value"));
            match name {
                "--only" => options.parts = value()?.split(',').map(str::to_owned).collect(),
                "--seconds" => {
                    let seconds: u64 = value()?.parse().context("--seconds takes a whole number")?;
                    options.duration = Duration::from_secs(seconds.clamp(1, 60));
                }
                "--binary" => options.binary = Some(value()?.to_owned()),
                "--express" => options.express = true,
                _ => bail!("bench takes --only {}, --seconds N, --binary FILE and --express", PARTS.join(",")),
            }
        }
        if options.express && !options.wants("hub") {
            bail!("--express is measured with the part `hub`");
        }
        match options.parts.iter().find(|part| !PARTS.contains(&part.as_str())) {
            Some(part) => bail!("bench does not know `{part}`: it measures {}", PARTS.join(", ")),
            None => Ok(options),
        }
    }

    fn wants(&self, part: &str) -> bool {
        self.parts.contains(part)
    }
}

/// Measures and prints. Missing a target is no failure; what cannot be measured is.
///
/// # Errors
/// When something does not build, start or answer as it must.
pub(crate) fn run(arguments: &[&str]) -> anyhow::Result<ExitCode> {
    let options = Options::parse(arguments)?;
    let binary = Binary::find(options.binary.as_deref())?;
    let placement = Placement::choose();
    machine::introduce(&placement);
    placement.pin_load();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let report = runtime.block_on(async {
        // Boxed, since it holds everything that is under way.
        let measuring = Box::pin(measure_all(&options, &binary, &placement));
        tokio::select! {
            report = measuring => report,
            () = stop_signal() => bail!("stopped; the servers it started are ended"),
        }
    })?;
    report.print();
    Ok(ExitCode::SUCCESS)
}

/// Resolves when this process is asked to stop, so that it can take its servers along.
async fn stop_signal() {
    #[cfg(unix)]
    if let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        return;
    }
    let _ = tokio::signal::ctrl_c().await;
}

async fn measure_all(options: &Options, binary: &Binary, placement: &Placement) -> anyhow::Result<Report> {
    let mut report = Report::default();
    let measure = Measure { duration: options.duration, placement };
    if options.wants("start") {
        start::measure(binary, placement, &mut report).await?;
    }
    if ["read", "provision", "idle"].iter().any(|part| options.wants(part)) {
        measure_platform(options, binary, &measure, &mut report).await?;
    }
    if options.wants("hub") {
        hub::measure(&measure, binary, options.express, &mut report).await?;
    }
    Ok(report)
}

/// What needs no vendor or the sandboxes, on one server.
async fn measure_platform(
    options: &Options,
    binary: &Binary,
    measure: &Measure<'_>,
    report: &mut Report,
) -> anyhow::Result<()> {
    let mut ligand = Ligand::start(binary, measure.placement, &[]).await?;
    if options.wants("idle") {
        idle::measure("after start", &ligand, report).await?;
    }
    if options.wants("read") {
        read::measure(measure, binary, &ligand, report).await?;
    }
    if options.wants("provision") {
        provision::measure(measure, binary, &ligand, report).await?;
    }
    if options.wants("idle") && (options.wants("read") || options.wants("provision")) {
        idle::measure("after load", &ligand, report).await?;
    }
    if options.wants("provision") {
        provision::survive(&mut ligand, measure.placement, report).await?;
    }
    Ok(())
}

/// The time, which elsewhere is injected.
#[allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]
fn now() -> Instant {
    Instant::now()
}

/// Writes a line to standard output. A reader that went away is no reason to stop.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}
