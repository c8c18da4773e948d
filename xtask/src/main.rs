//! The project's own chores, run as `cargo run -p xtask -- <command>`.

use std::io::Write as _;
use std::process::ExitCode;

mod bench;
mod tidy;

const USAGE: &str = "\
usage: cargo run -p xtask -- <command>

  tidy     checks the rules of the house that neither rustc nor clippy knows
  bench    measures the release build against floors (use `cargo run --release -p xtask -- bench`)
             --only start,read,provision,idle,hub   some of the measurements
             --seconds N                            of each run under load, 3 when absent
             --binary FILE                          the `ligand` to measure, built when absent
             --express                              hub calls beside a program for Express, installed by npm
";

fn main() -> anyhow::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["tidy"] => tidy::run(),
        ["bench", options @ ..] => bench::run(options),
        ["bench-floor", options @ ..] => bench::floor::run(options),
        ["bench-proxy", options @ ..] => bench::proxy::run(options),
        ["help" | "--help" | "-h"] => {
            std::io::stdout().write_all(USAGE.as_bytes())?;
            Ok(ExitCode::SUCCESS)
        }
        _ => {
            std::io::stderr().write_all(USAGE.as_bytes())?;
            Ok(ExitCode::from(2))
        }
    }
}
