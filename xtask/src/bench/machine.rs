//! Facts of the machine that the figures depend on.

use std::fs::{File, read_to_string};
use std::io::{Seek as _, Write as _};
use std::path::Path;
use std::time::Duration;

use super::placement::Placement;
use super::{now, say};

/// Prints what the machine is and how busy others keep it.
pub(super) fn introduce(placement: &Placement) {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let fact = |file: &str| read_to_string(file).map(|text| text.trim().to_owned()).unwrap_or_default();
    let processors = fact("/proc/cpuinfo");
    let model = processors.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    say(&format!("machine    {cores} cores, {}", model.map_or("of an unknown model", |(_, model)| model)));
    say(&format!("system     {} {}", std::env::consts::OS, fact("/proc/sys/kernel/osrelease")));
    say(&format!("load       {} (1, 5, 15 minutes) before the first run", first_three(&fact("/proc/loadavg"))));
    say(&format!("placement  {}", placement.describe()));
    if cfg!(debug_assertions) {
        say("WARNING    this is a debug build: run it with --release, or the load generator is what you measure");
    }
}

fn first_three(loadavg: &str) -> String {
    loadavg.split(' ').take(3).collect::<Vec<_>>().join(", ")
}

/// How many small durable writes a second the disk under a directory takes, one after the other, in a file that
/// does not grow.
pub(super) fn durable_writes_per_second(directory: &Path) -> anyhow::Result<f64> {
    let mut file = File::create(directory.join("durable-writes"))?;
    let start = now();
    let mut writes = 0;
    while start.elapsed() < Duration::from_secs(1) {
        file.rewind()?;
        file.write_all(&[0x5a; 4096])?;
        file.sync_data()?;
        writes += 1;
    }
    Ok(f64::from(writes) / start.elapsed().as_secs_f64())
}
