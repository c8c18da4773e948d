//! What a folder of its kind must hold: crates take the workspace's lints, elements bring their page and tests.

use super::Problem;
use super::tree::{File, Tree};

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems: Vec<Problem> = tree.files.iter().filter_map(lints_of_crate).collect();
    for key in tree.folders_in("elements") {
        let folder = format!("elements/{key}");
        for needed in ["element.yaml", "README.md", "tests"] {
            if !tree.has(&format!("{folder}/{needed}")) {
                problems.push(Problem::of(&folder, format!("has no {needed}")));
            }
        }
    }
    problems
}

fn lints_of_crate(file: &File) -> Option<Problem> {
    let is_crate = file.path.strip_suffix("/Cargo.toml").is_some_and(|folder| !folder.ends_with("/fuzz"));
    let mut lines = file.text.lines().map(str::trim);
    let inherits = lines.any(|line| line == "[lints]")
        && lines.take_while(|line| !line.starts_with('[')).any(|line| line == "workspace = true");
    (is_crate && !inherits).then(|| Problem::of(&file.path, "lacks `[lints]` with `workspace = true`"))
}
