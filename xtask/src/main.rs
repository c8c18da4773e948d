//! The project's own chores, run as `cargo run -p xtask -- <command>`.

use std::io::Write as _;
use std::process::ExitCode;

mod tidy;

const USAGE: &str = "\
usage: cargo run -p xtask -- <command>

  tidy    checks the rules of the house that neither rustc nor clippy knows
";

fn main() -> anyhow::Result<ExitCode> {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next();
    match (command.as_deref(), arguments.next()) {
        (Some("tidy"), None) => tidy::run(),
        (Some("help" | "--help" | "-h"), None) => {
            std::io::stdout().write_all(USAGE.as_bytes())?;
            Ok(ExitCode::SUCCESS)
        }
        _ => {
            std::io::stderr().write_all(USAGE.as_bytes())?;
            Ok(ExitCode::from(2))
        }
    }
}
