//! `ligand element check` and `ligand element test`: what is wrong with elements, and whether they do what their tests
//! say, without a server.

use std::{path::Path, process::ExitCode};

use anyhow::Context;
use ligand_app::elements::key_of;
use ligand_domain::Id;
use ligand_element::{Element, Folder, Problem, document};
use ligand_engine::{data_tests, script};
use serde_json::{Map, Value};

use super::{complain, say};
use crate::catalog;

/// Checks a folder, a directory of folders, or files of exported definitions. Fails when something is wrong.
///
/// # Errors
/// When there is nothing to check, or it cannot be read.
pub(crate) fn check(from: &Path) -> anyhow::Result<ExitCode> {
    let mut told = Told::default();
    if from.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json")) {
        check_export(from, &mut told)?;
    } else {
        for folder in catalog::folders(from)? {
            told.elements += 1;
            match ligand_element::load(&folder) {
                Ok(element) => told.problems(&problems(&element, Some(&folder), &folder.key)),
                Err(problems) => told.problems(&problems),
            }
        }
    }
    say(&format!(
        "{} checked, {} problems, {} remarks",
        counted(told.elements, "element"),
        told.problems,
        told.remarks
    ));
    Ok(if told.problems == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs the tests of a folder, or of a directory of folders. Fails when one does.
///
/// # Errors
/// When there is no element, or it cannot be read.
pub(crate) fn test(from: &Path) -> anyhow::Result<ExitCode> {
    let (mut passed, mut failed, mut broken) = (0, 0, 0);
    for folder in catalog::folders(from)? {
        let run = |element: Element| Ok((data_tests::run(&element, &folder)?, element));
        let outcomes = match ligand_element::load(&folder).and_then(run) {
            Ok((outcomes, element)) => {
                for resource in data_tests::untested(&element, &outcomes) {
                    complain(&format!("{}: no test of {resource}", folder.key));
                }
                outcomes
            }
            Err(problems) => {
                problems.iter().for_each(|problem| complain(&problem.to_string()));
                broken += problems.len();
                continue;
            }
        };
        for outcome in outcomes {
            if outcome.differences.is_empty() {
                passed += 1;
                continue;
            }
            failed += 1;
            let differences = outcome.differences.join("\n").replace('\n', "\n  ");
            complain(&format!("{}/{}: {}\n  {differences}", folder.key, outcome.file, outcome.name));
        }
    }
    say(&format!("{} passed, {failed} failed, {broken} problems", counted(passed, "test")));
    Ok(if failed + broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What was told so far.
#[derive(Default)]
struct Told {
    elements: usize,
    problems: usize,
    remarks: usize,
}

impl Told {
    fn problems(&mut self, problems: &[Problem]) {
        problems.iter().for_each(|problem| complain(&problem.to_string()));
        self.problems += problems.len();
    }
}

/// What is wrong with an element beyond its definition: scripts, the description of its service, its tests.
fn problems(element: &Element, folder: Option<&Folder>, file: &str) -> Vec<Problem> {
    let problem = |path: String, message: String| Problem {
        file: if folder.is_some() { format!("{file}/element.yaml") } else { file.to_owned() },
        line: 0,
        column: 0,
        path,
        message,
    };
    let mut found: Vec<Problem> =
        script::unparsable(element).into_iter().map(|(path, message)| problem(path, message)).collect();
    found.extend(data_tests::undescribed(element).into_iter().map(|(path, message)| problem(path, message)));
    if let Some(folder) = folder {
        found.extend(data_tests::run(element, folder).err().into_iter().flatten());
    }
    found
}

/// Checks the definitions of an exported file, as an import would read them.
fn check_export(file: &Path, told: &mut Told) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
    let whole: Value = serde_json::from_str(&text).with_context(|| format!("{}: not valid JSON", file.display()))?;
    let items = match whole {
        Value::Array(items) => items,
        one => vec![one],
    };
    let shown = file.display().to_string();
    for (index, item) in items.into_iter().enumerate() {
        let Value::Object(members) = item else {
            anyhow::bail!("{shown}: an object, or a list of objects, is needed");
        };
        told.elements += 1;
        check_definition(&members, &place(&shown, index, &members), told);
    }
    Ok(())
}

fn place(file: &str, index: usize, members: &Map<String, Value>) -> String {
    match key_of(members) {
        key if key.is_empty() => format!("{file}: element {}", index + 1),
        key => format!("{file}: {key}"),
    }
}

fn check_definition(members: &Map<String, Value>, place: &str, told: &mut Told) {
    let id = Id::new(1).expect("positive");
    match document::read(members, id) {
        Ok(read) => {
            let remarks = read.remarks.iter().map(Problem::told);
            let more = problems(&read.element, None, place).into_iter().map(|problem| problem.told());
            for remark in remarks.chain(more) {
                told.remarks += 1;
                complain(&format!("{place}: will not run: {remark}"));
            }
        }
        Err(problems) => {
            problems.iter().for_each(|problem| complain(&format!("{place}: {}", problem.told())));
            told.problems += problems.len();
        }
    }
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
