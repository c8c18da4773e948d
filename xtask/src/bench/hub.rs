//! Hub calls to a vendor that answers from memory, against a proxy that does nothing: throughput, with and without a
//! script, what a call adds to the vendor's time, and a thousand calls at once.

use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use serde_json::Value;

use super::client::{Connection, Load};
use super::measure::{Measure, Pair, RUNS, Side, median};
use super::placement::Placement;
use super::process::Process;
use super::report::{Report, Row};
use super::say;
use super::server::{Binary, Ligand, megabytes};
use crowd::Crowd;
use express::Express;
use latency::Latency;
use vendor::Vendor;

pub(super) mod latency;

mod crowd;
mod element;
mod express;
mod vendor;

const CONNECTIONS: usize = 32;

/// Lists that are called: the resource, what is said of it, and the part of the proxy's throughput that it shall reach.
const LISTS: [(&str, &str, Option<f64>); 3] = [
    ("records", "hub GET of 10 records, 8 fields", Some(0.5)),
    ("before", "  with a hook before the call", Some(0.3)),
    ("after", "  with a hook on the answer", Some(0.3)),
];

/// The part of the express program's throughput that is the target.
const TARGET_EXPRESS: f64 = 8.0;

/// What a call may add to the vendor's time.
const TARGET_ADDED: Latency = Latency { p50: Duration::from_micros(200), p99: Duration::from_millis(1) };

/// How much longer than the vendor takes a thousand calls at once may take.
const TARGET_CROWD: f64 = 2.0;

/// How much memory may grow between the first and the last thousand, in parts.
const TARGET_GROWTH: f64 = 0.05;

/// A proxy that does nothing, on the measured core.
struct Proxy {
    process: Process,
    address: SocketAddr,
}

impl Proxy {
    fn start(placement: &Placement, vendor: SocketAddr) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["bench-proxy", &vendor.to_string()]).stdout(Stdio::piped());
        let mut process = placement.on_measured_core(|| Process::spawn(&mut command))?;
        let address = process.first_line()?.parse().context("the proxy prints its address")?;
        Ok(Self { process, address })
    }
}

/// Everything that takes part.
struct Stage<'bench> {
    measure: &'bench Measure<'bench>,
    vendor: Vendor,
    proxy: Proxy,
    ligand: Ligand,
    token: String,
}

/// Starts vendor, proxy and server, and measures all of it.
pub(super) async fn measure(
    measure: &Measure<'_>,
    binary: &Binary,
    with_express: bool,
    report: &mut Report,
) -> anyhow::Result<()> {
    let catalog = binary.directory()?;
    element::write(catalog.path())?;
    let vendor = Vendor::start().await?;
    let proxy = Proxy::start(measure.placement, vendor.address)?;
    let ligand = Ligand::start(binary, measure.placement, &[catalog.path()]).await?;
    let token = element::provision(&ligand, vendor.address).await?;
    let stage = Stage { measure, vendor, proxy, ligand, token };
    let mut plain = 0.0;
    for (resource, name, target) in LISTS {
        let rate = stage.throughput(resource, name, target, report).await?;
        if resource == "records" {
            plain = rate;
        }
    }
    stage.latency(plain / 2.0, report).await?;
    stage.crowd(report).await?;
    if with_express {
        stage.express(binary, report).await?;
    }
    Ok(())
}

impl Stage<'_> {
    /// Calls of a resource, as callers make them.
    fn call(&self, resource: &str) -> Load {
        let request = Ligand::request("GET", &element::path(resource), Some(&self.token), "");
        Load { address: self.ligand.address, request, connections: CONNECTIONS, reads_ids: false }
    }

    /// The calls that they become, sent to the vendor or to the proxy.
    fn bare(&self, address: SocketAddr, path: &str) -> Load {
        Load { address, request: element::vendor_request(path), connections: CONNECTIONS, reads_ids: false }
    }

    /// As many calls as both sides can answer; Ligand's rate.
    async fn throughput(
        &self,
        resource: &str,
        name: &str,
        target: Option<f64>,
        report: &mut Report,
    ) -> anyhow::Result<f64> {
        let ours = self.call(resource);
        let bytes = check(&ours, resource).await?;
        say(&format!("\nhub: GET /hubs/general/{resource}, {bytes} bytes, {CONNECTIONS} connections; floor: a proxy"));
        let below = self.bare(self.proxy.address, "/records");
        let floor = Side { load: &below, process: &self.proxy.process };
        let pair = self.measure.pair(&floor, &Side { load: &ours, process: &self.ligand.process }).await?;
        report.note_busy(pair.floor.busy().min(pair.ligand.busy()));
        let ratio = pair.ratio();
        report.add(Row {
            name: name.to_owned(),
            target: target.map(|target| format!("≥ {:.0} % of a bare proxy", target * 100.0)).unwrap_or_default(),
            figure: format!("{:.0}/s", pair.ligand.rate()),
            floor: format!("{:.0}/s", pair.floor.rate()),
            ratio: Some(ratio),
            noise: Some(pair.floor.spread()),
            passes: target.map(|target| ratio >= target),
        });
        report.add_processor_time(&pair);
        Ok(pair.ligand.rate())
    }

    /// What a call adds to the vendor's own time, at a rate that leaves half of the core free.
    async fn latency(&self, rate: f64, report: &mut Report) -> anyhow::Result<()> {
        say(&format!("\nhub: latency at {rate:.0}/s, half of the most; p50 and p99 in microseconds from when due"));
        let sides = [
            self.bare(self.vendor.address, "/records"),
            self.bare(self.proxy.address, "/records"),
            self.call("records"),
        ];
        let mut turns: Vec<[Latency; 3]> = Vec::new();
        for number in 1..=RUNS {
            let mut turn = [Latency { p50: Duration::ZERO, p99: Duration::ZERO }; 3];
            for (latency, load) in turn.iter_mut().zip(&sides) {
                *latency = latency::measure(load, rate, self.measure.duration).await?;
            }
            let [vendor, proxy, ligand] = turn.map(|latency| describe(&latency));
            say(&format!("  run {number}   vendor {vendor}   proxy {proxy}   ligand {ligand}"));
            turns.push(turn);
        }
        /// Takes one of the percentiles.
        type Part = fn(&Latency) -> Duration;
        for (name, part) in [("p50", (|of| of.p50) as Part), ("p99", |of| of.p99)] {
            let added = |side: usize| {
                let over = |turn: &[Latency; 3]| part(&turn[side]).as_secs_f64() - part(&turn[0]).as_secs_f64();
                median(&turns.iter().map(over).collect::<Vec<_>>())
            };
            let (ours, target) = (added(2), part(&TARGET_ADDED));
            report.add(Row {
                name: format!("hub adds at {rate:.0}/s, {name}"),
                target: format!("≤ {} µs", target.as_micros()),
                figure: format!("{:.0} µs over the vendor", ours * 1e6),
                floor: format!("{:.0} µs", added(1) * 1e6),
                passes: Some(ours <= target.as_secs_f64()),
                ..Row::default()
            });
        }
        Ok(())
    }

    /// A thousand calls at once, again and again.
    async fn crowd(&self, report: &mut Report) -> anyhow::Result<()> {
        let slow = vendor::SLOW.as_secs_f64() * 1e3;
        say(&format!("\nhub: {} calls at once to a vendor that takes {slow:.0} ms, until the last", crowd::CALLS));
        let idle = self.ligand.process.memory();
        let mut proxy = Crowd::gather(self.proxy.address, &element::vendor_request("/slow")).await?;
        let mut ligand = Crowd::gather(self.ligand.address, &self.call("slow").request).await?;
        // The first time opens the connections to the vendor.
        let (below, ours) = (proxy.rush().await?, ligand.rush().await?);
        say(&format!("  first   proxy {:>6.1} ms   ligand {:>6.1} ms", milliseconds(below), milliseconds(ours)));
        let first = self.ligand.process.memory();
        let (mut floors, mut times) = (Vec::new(), Vec::new());
        for number in 1..=RUNS {
            let (below, ours) = (milliseconds(proxy.rush().await?), milliseconds(ligand.rush().await?));
            say(&format!("  run {number}   proxy {below:>6.1} ms   ligand {ours:>6.1} ms"));
            floors.push(below);
            times.push(ours);
        }
        let time = median(&times);
        report.add(Row {
            name: format!("{} hub calls at once, vendor takes {slow:.0} ms", crowd::CALLS),
            target: format!("≤ {:.0} ms", slow * TARGET_CROWD),
            figure: format!("{time:.1} ms"),
            floor: format!("{:.1} ms", median(&floors)),
            passes: Some(time <= slow * TARGET_CROWD),
            ..Row::default()
        });
        let Some(((idle, first), last)) = idle.zip(first).zip(self.ligand.process.memory()) else { return Ok(()) };
        let growth = last.resident as f64 / first.resident as f64 - 1.0;
        report.add(Row {
            name: "  memory from the first to the last".to_owned(),
            target: format!("grows < {:.0} %", TARGET_GROWTH * 100.0),
            figure: format!("{:.1} to {:.1} MB", megabytes(first.resident), megabytes(last.resident)),
            floor: format!("{:.1} MB before, peak {:.1}", megabytes(idle.resident), megabytes(last.peak)),
            passes: Some(growth < TARGET_GROWTH),
            ..Row::default()
        });
        Ok(())
    }

    /// The same call written by hand for Node.
    async fn express(&self, binary: &Binary, report: &mut Report) -> anyhow::Result<()> {
        let name = "hub GET beside Express".to_owned();
        let started = Express::start(binary, self.measure.placement, self.vendor.address, &self.token)?;
        let express = match started {
            Ok(express) => express,
            Err(why) => {
                say(&format!("\nexpress: SKIPPED, {why}"));
                report.add(Row { name, figure: format!("SKIPPED: {why}"), ..Row::default() });
                return Ok(());
            }
        };
        let ours = self.call("records");
        let below = Load { address: express.address, ..ours.clone() };
        let (bytes, _) = (check(&below, "records").await?, check(&ours, "records").await?);
        say(&format!("\nhub: the same beside Express, which answers {bytes} bytes; floor: Express"));
        let floor = Side { load: &below, process: &express.process };
        let pair: Pair = self.measure.pair(&floor, &Side { load: &ours, process: &self.ligand.process }).await?;
        let ratio = pair.ratio();
        report.add(Row {
            name,
            target: format!("≥ {TARGET_EXPRESS:.0} × Express"),
            figure: format!("{:.0}/s", pair.ligand.rate()),
            floor: format!("{:.0}/s", pair.floor.rate()),
            ratio: Some(ratio),
            noise: Some(pair.floor.spread()),
            passes: Some(ratio >= TARGET_EXPRESS),
        });
        report.add_processor_time(&pair);
        Ok(())
    }
}

/// Calls once and looks at the answer: all records, with the members asked for and no nulls. Its size.
async fn check(load: &Load, resource: &str) -> anyhow::Result<usize> {
    let mut connection = Connection::open(load.address).await?;
    let answer = connection.exchange(&load.request).await?;
    answer.demand_ok()?;
    let found = answer.json()?;
    ensure!(found == expected(), "the answer of {resource} is wrong: {found}");
    Ok(answer.body.len())
}

/// The vendor's records as callers must get them.
fn expected() -> Value {
    let mut records = vendor::records()["items"].take();
    for record in records.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        record.retain(|name, value| element::FIELDS.contains(&name.as_str()) && !value.is_null());
    }
    records
}

fn describe(latency: &Latency) -> String {
    format!("{:>5} {:>6}", latency.p50.as_micros(), latency.p99.as_micros())
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
