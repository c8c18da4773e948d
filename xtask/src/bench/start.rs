//! How long a server on an empty directory takes from the start of its process to its first good answers.

use std::time::{Duration, Instant};

use anyhow::ensure;

use super::client::request;
use super::measure::median;
use super::placement::Placement;
use super::report::{Report, Row};
use super::server::{Binary, Ligand, answers};
use super::{now, say};

const STARTS: usize = 10;
const TARGET_MILLISECONDS: f64 = 100.0;

/// Starts servers, one after the other, each on a directory of its own.
pub(super) async fn measure(binary: &Binary, placement: &Placement, report: &mut Report) -> anyhow::Result<()> {
    say(&format!("\nstart: {STARTS} fresh starts, milliseconds from the start of the process to the first 200"));
    let questions = [
        ("/healthz", request("GET", "/healthz", &[], "")),
        ("/readyz", request("GET", "/readyz", &[], "")),
        ("GET /organizations/me", Ligand::request("GET", "/organizations/me", None, "")),
    ];
    let mut times: [Vec<f64>; 3] = Default::default();
    for number in 1..=STARTS {
        let start = now();
        let mut ligand = Ligand::spawn(binary, placement, &[])?;
        for ((_, question), times) in questions.iter().zip(&mut times) {
            times.push(first_answer(&mut ligand, question, start).await?);
        }
        let shown = times.iter().map(|times| format!("{:>6.1}", times[number - 1]));
        say(&format!("  start {number:<2} {}", shown.collect::<Vec<_>>().join("  ")));
    }
    for ((name, _), times) in questions.iter().zip(&times) {
        let worst = times.iter().copied().fold(0.0, f64::max);
        report.add(Row {
            name: format!("start to {name}"),
            target: format!("< {TARGET_MILLISECONDS:.0} ms"),
            figure: format!("{:.1} ms, worst {worst:.1} ms", median(times)),
            passes: Some(median(times) < TARGET_MILLISECONDS),
            ..Row::default()
        });
    }
    Ok(())
}

/// Asks again and again, without a pause, until the answer is good.
async fn first_answer(ligand: &mut Ligand, question: &[u8], start: Instant) -> anyhow::Result<f64> {
    while !answers(ligand.address, question).await {
        ligand.demand_running()?;
        ensure!(start.elapsed() < Duration::from_secs(20), "the server does not answer 200");
    }
    Ok(start.elapsed().as_secs_f64() * 1e3)
}
