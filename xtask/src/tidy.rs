//! `tidy`: rules of the house that neither rustc nor clippy knows. Lists all problems at once and changes nothing.

use std::io::Write as _;
use std::process::{Command, ExitCode};

use anyhow::{Context as _, bail};

use tree::Tree;

mod arrows;
mod folders;
mod pages;
mod sources;
mod texts;
mod tree;

#[cfg(test)]
mod tests;

/// A broken rule and where it is broken: a path of the repository, with a line number where there is one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Problem {
    path: String,
    line: usize,
    what: String,
}

impl Problem {
    /// A problem of a whole file or folder.
    fn of(path: &str, what: impl Into<String>) -> Self {
        Self::at(path, 0, what)
    }

    /// A problem in a line, counted from one.
    fn at(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, what: what.into() }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.what),
            line => write!(f, "{}:{line}: {}", self.path, self.what),
        }
    }
}

/// Checks the workspace around the current directory and prints what is wrong with it.
///
/// # Errors
/// When git or cargo cannot be asked, or a file cannot be read.
pub(crate) fn run() -> anyhow::Result<ExitCode> {
    let root = output_of("git", &["rev-parse", "--show-toplevel"])?;
    let tree = Tree::read(root.trim_end().as_ref())?;
    let metadata = output_of("cargo", &["metadata", "--no-deps", "--format-version", "1"])?;
    let mut problems = problems_of(&tree);
    problems.extend(arrows::check(&serde_json::from_str(&metadata).context("reading cargo's metadata")?));
    problems.sort();
    problems.dedup();
    let mut out = std::io::stdout().lock();
    for problem in &problems {
        writeln!(out, "{problem}")?;
    }
    if problems.is_empty() {
        writeln!(out, "tidy: {} files, no problems", tree.files.len())?;
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(out, "tidy: {} problems", problems.len())?;
    Ok(ExitCode::FAILURE)
}

/// All that can be told from the files alone.
fn problems_of(tree: &Tree) -> Vec<Problem> {
    let checks = [sources::check, texts::check, pages::check, folders::check];
    checks.iter().flat_map(|check| check(tree)).collect()
}

fn output_of(program: &str, arguments: &[&str]) -> anyhow::Result<String> {
    let output = Command::new(program).args(arguments).output().with_context(|| format!("starting {program}"))?;
    if !output.status.success() {
        bail!("{program} {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr).trim_end());
    }
    String::from_utf8(output.stdout).with_context(|| format!("{program} answered in something else than UTF-8"))
}
