//! One figure: runs of a floor and of Ligand in turns, their median, and how far they lie apart.

use std::time::Duration;

use super::client::{Load, Tally};
use super::placement::Placement;
use super::process::{Process, tick};
use super::{now, say};

/// Runs of each side.
pub(super) const RUNS: usize = 5;

/// How to measure.
pub(super) struct Measure<'bench> {
    /// Of one run.
    pub(super) duration: Duration,
    /// Which core runs what.
    pub(super) placement: &'bench Placement,
}

/// A server under load.
pub(super) struct Side<'bench> {
    /// What is sent.
    pub(super) load: &'bench Load,
    /// Who answers.
    pub(super) process: &'bench Process,
}

/// One run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    /// Answers per second.
    pub(super) rate: f64,
    /// Processor time of the server per answer, where the system says it.
    pub(super) cpu: Option<Duration>,
    /// The part of a core that the server used.
    pub(super) busy: Option<f64>,
}

/// Runs of one side.
#[derive(Debug, Default)]
pub(super) struct Series {
    /// In the order they ran.
    pub(super) runs: Vec<Run>,
}

/// Both sides, and the ids that Ligand answered.
#[derive(Default)]
pub(super) struct Pair {
    /// The floor.
    pub(super) floor: Series,
    /// Ligand.
    pub(super) ligand: Series,
    /// In no order.
    pub(super) ids: Vec<i64>,
}

impl Pair {
    /// Ligand's rate in parts of the floor's: the median over turns, whose two runs follow each other, so that a
    /// machine that becomes slower or faster meanwhile slows or speeds both.
    pub(super) fn ratio(&self) -> f64 {
        let turns = self.ligand.runs.iter().zip(&self.floor.runs);
        median(&turns.map(|(ligand, floor)| ligand.rate / floor.rate).collect::<Vec<_>>())
    }
}

impl Measure<'_> {
    /// Runs both sides in turns, after a short warm-up of each.
    pub(super) async fn pair(&self, floor: &Side<'_>, ligand: &Side<'_>) -> anyhow::Result<Pair> {
        let mut pair = Pair::default();
        let warm_up = (self.duration / 6).max(Duration::from_millis(300));
        floor.load.send(warm_up).await?;
        pair.ids = ligand.load.send(warm_up).await?.ids;
        for number in 1..=RUNS {
            let (below, _) = run(floor, self.duration).await?;
            let (ours, tally) = run(ligand, self.duration).await?;
            say(&format!("  run {number}   floor {below}   ligand {ours}"));
            pair.floor.runs.push(below);
            pair.ligand.runs.push(ours);
            pair.ids.extend(tally.ids);
        }
        say(&format!("  median  floor {}   ligand {}", pair.floor.describe(), pair.ligand.describe()));
        Ok(pair)
    }
}

async fn run(side: &Side<'_>, duration: Duration) -> anyhow::Result<(Run, Tally)> {
    let before = side.process.cpu_ticks();
    let start = now();
    let tally = side.load.send(duration).await?;
    let elapsed = start.elapsed().as_secs_f64();
    let cpu =
        before.zip(side.process.cpu_ticks()).map(|(before, after)| tick().as_secs_f64() * (after - before) as f64);
    let answers = tally.answers.max(1) as f64;
    let per_answer = cpu.map(|cpu| Duration::from_secs_f64(cpu / answers));
    let run = Run { rate: tally.answers as f64 / elapsed, cpu: per_answer, busy: cpu.map(|cpu| cpu / elapsed) };
    Ok((run, tally))
}

impl std::fmt::Display for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:>7.0}/s", self.rate)?;
        if let Some((cpu, busy)) = self.cpu.zip(self.busy) {
            write!(f, " ({:>6.1} µs of CPU each, core {:>3.0} % busy)", cpu.as_secs_f64() * 1e6, busy * 100.0)?;
        }
        Ok(())
    }
}

impl Series {
    /// The median of the rates.
    pub(super) fn rate(&self) -> f64 {
        median(&self.runs.iter().map(|run| run.rate).collect::<Vec<_>>())
    }

    /// The least processor time per answer, in seconds: others on the machine only ever add to it.
    pub(super) fn cpu(&self) -> Option<f64> {
        let cpu: Option<Vec<f64>> = self.runs.iter().map(|run| run.cpu.map(|cpu| cpu.as_secs_f64())).collect();
        cpu.map(|cpu| cpu.into_iter().fold(f64::MAX, f64::min))
    }

    /// The least part of a core that the server used in a run; all of it where the system does not say.
    pub(super) fn busy(&self) -> f64 {
        self.runs.iter().filter_map(|run| run.busy).fold(1.0, f64::min)
    }

    /// Fastest less slowest run, in parts of the median.
    pub(super) fn spread(&self) -> f64 {
        let rates = self.runs.iter().map(|run| run.rate);
        (rates.clone().fold(f64::MIN, f64::max) - rates.fold(f64::MAX, f64::min)) / self.rate()
    }

    fn describe(&self) -> String {
        format!("{:>7.0}/s, spread {:.0} %", self.rate(), self.spread() * 100.0)
    }
}

/// The middle one; of an even number the mean of the middle two; zero of none.
pub(super) fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => 0.0,
        length if length % 2 == 1 => sorted[middle],
        _ => f64::midpoint(sorted[middle - 1], sorted[middle]),
    }
}
