//! What a server uses while nobody asks it anything.

use std::time::Duration;

use tokio::time::sleep;

use super::process::tick;
use super::report::{Report, Row};
use super::say;
use super::server::{Ligand, megabytes};

const REST: Duration = Duration::from_secs(2);
const WATCH: Duration = Duration::from_secs(5);
const TARGET_MEGABYTES: f64 = 30.0;

/// Reads memory after a rest, then processor time over a while.
pub(super) async fn measure(when: &str, ligand: &Ligand, report: &mut Report) -> anyhow::Result<()> {
    sleep(REST).await;
    let memory = ligand.process.memory();
    let before = ligand.process.cpu_ticks();
    sleep(WATCH).await;
    let used = before.zip(ligand.process.cpu_ticks()).map(|(before, after)| after - before);
    let (Some(memory), Some(used)) = (memory, used) else {
        say("\nidle: this system does not say what a process uses");
        return Ok(());
    };
    let (resident, anonymous, peak) = (megabytes(memory.resident), megabytes(memory.anonymous), megabytes(memory.peak));
    say(&format!("\nidle {when}: {resident:.1} MB resident, of it {anonymous:.1} MB anonymous; peak {peak:.1} MB"));
    report.add(Row {
        name: format!("idle memory {when}"),
        target: format!("< {TARGET_MEGABYTES:.0} MB"),
        figure: format!("{resident:.1} MB (anonymous {anonymous:.1}, peak {peak:.1})"),
        passes: Some(resident < TARGET_MEGABYTES),
        ..Row::default()
    });
    report.add(Row {
        name: format!("idle CPU {when}"),
        target: "0 ticks".to_owned(),
        figure: format!("{used} ticks of {} ms in {} s", tick().as_millis(), WATCH.as_secs()),
        passes: Some(used == 0),
        ..Row::default()
    });
    Ok(())
}
