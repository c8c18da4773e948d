//! The table at the end.

use super::measure::Pair;
use super::say;

/// The spread up to which rates can be trusted, in parts of the median.
const QUIET: f64 = 0.15;

/// The part of its core that a server uses at least when only the load limits it.
const BUSY: f64 = 0.85;

/// What was found, line by line.
#[derive(Default)]
pub(super) struct Report {
    rows: Vec<Row>,
    /// Whether something else used the machine meanwhile.
    disturbed: bool,
}

/// One figure.
#[derive(Default)]
pub(super) struct Row {
    /// What was measured.
    pub(super) name: String,
    /// What it should be; empty when it is for information.
    pub(super) target: String,
    /// What it is.
    pub(super) figure: String,
    /// What the floor is.
    pub(super) floor: String,
    /// The figure in parts of the floor.
    pub(super) ratio: Option<f64>,
    /// How far the floor's runs lie apart, in parts of their median.
    pub(super) noise: Option<f64>,
    /// Whether the target is met, if there is one.
    pub(super) passes: Option<bool>,
}

impl Report {
    pub(super) fn add(&mut self, row: Row) {
        self.disturbed |= row.noise.is_some_and(|noise| noise > QUIET);
        self.rows.push(row);
    }

    /// Notes that a server which should have had a core for itself used this part of it only.
    pub(super) fn note_busy(&mut self, busy: f64) {
        self.disturbed |= busy < BUSY;
    }

    /// Adds processor time per answer, which depends much less than rates on what else the machine does.
    pub(super) fn add_processor_time(&mut self, pair: &Pair) {
        if let Some((ours, below)) = pair.ligand.cpu().zip(pair.floor.cpu()) {
            self.rows.push(Row {
                name: "  by CPU time, best run".to_owned(),
                figure: format!("{:.1} µs each", ours * 1e6),
                floor: format!("{:.1} µs each", below * 1e6),
                ratio: Some(below / ours),
                ..Row::default()
            });
        }
    }

    /// Prints all rows as a table.
    pub(super) fn print(&self) {
        let titles = ["measurement", "target", "figure", "floor", "ratio", "noise", ""].map(str::to_owned);
        let lines: Vec<[String; 7]> = std::iter::once(titles).chain(self.rows.iter().map(Row::cells)).collect();
        let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
        let widths: [usize; 7] = std::array::from_fn(width);
        say("");
        for line in &lines {
            let cells = line.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
            say(cells.collect::<Vec<_>>().join("  ").trim_end());
        }
        say("\nrates are medians, ratios medians over turns; noise is the spread of the floor's runs");
        if self.disturbed {
            say("the machine was NOT quiet: trust processor time more than rates, or measure again");
        }
    }
}

impl Row {
    fn cells(&self) -> [String; 7] {
        let percent = |part: Option<f64>| part.map(|part| format!("{:.0} %", part * 100.0)).unwrap_or_default();
        let verdict = match self.passes {
            Some(true) => "PASS",
            Some(false) => "MISS",
            None => "",
        };
        [
            self.name.clone(),
            self.target.clone(),
            self.figure.clone(),
            self.floor.clone(),
            percent(self.ratio),
            percent(self.noise),
            verdict.to_owned(),
        ]
    }
}
