//! Rust sources: the opening `//!`, length, banned module names, `unwrap` outside tests.

use super::Problem;
use super::tree::{File, Tree};

/// The longest a source may be, in lines, without its tests.
const MAX_LINES: usize = 600;

/// Names that say nothing about what a module is for.
const BANNED_MODULES: &[&str] = &["utils", "util", "helpers", "helper", "common", "manager"];

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let test_modules: Vec<String> = tree.files.iter().filter(|file| file.is("rs")).flat_map(test_modules).collect();
    let is_test = |file: &File| {
        let module = file.path.trim_end_matches(".rs");
        is_test_path(&file.path) || test_modules.iter().any(|tests| is_within(module, tests))
    };
    let written = tree.files.iter().filter(|file| file.is("rs") && !is_generated(file));
    written.flat_map(|file| problems(file, is_test(file))).collect()
}

fn is_generated(file: &File) -> bool {
    file.text.lines().next().is_some_and(|first| first.contains("@generated"))
}

fn problems(file: &File, is_test: bool) -> Vec<Problem> {
    let mut problems = Vec::new();
    if !file.text.starts_with("//!") {
        problems.push(Problem::of(&file.path, "opens without `//!`: say what the file is for"));
    }
    for name in file.path.trim_end_matches(".rs").split('/').filter(|name| BANNED_MODULES.contains(name)) {
        problems.push(Problem::of(&file.path, format!("`{name}` says nothing: name the module after its subject")));
    }
    if !is_test {
        let length = lines_without_tests(file).count();
        if length > MAX_LINES {
            problems.push(Problem::of(&file.path, format!("{length} lines, more than {MAX_LINES}: split it")));
        }
        problems.extend(lines_without_tests(file).filter_map(|(number, line)| problem_of_line(file, number, line)));
    }
    problems
}

fn problem_of_line(file: &File, number: usize, line: &str) -> Option<Problem> {
    let line = line.trim_start();
    if line.starts_with("//") {
        return None;
    }
    let inline_module = line.trim_start_matches("pub ").strip_prefix("mod ").and_then(|rest| rest.split(' ').next());
    if let Some(name) = inline_module.filter(|name| BANNED_MODULES.contains(name)) {
        return Some(Problem::at(&file.path, number, format!("`mod {name}` says nothing")));
    }
    let call = concat!(".unwrap", "()");
    line.contains(call)
        .then(|| Problem::at(&file.path, number, "`unwrap` outside tests: `expect` says why it cannot fail"))
}

/// Whether everything in the file is a test by its place: `…/tests.rs`, `…/tests/…`.
fn is_test_path(path: &str) -> bool {
    path.split('/').any(|part| part == "tests" || part == "tests.rs")
}

/// The modules, as paths without `.rs`, that a file declares for tests only.
fn test_modules(file: &File) -> Vec<String> {
    let module = file.path.trim_end_matches(".rs");
    let folder = ["/lib", "/main", "/mod"].iter().find_map(|root| module.strip_suffix(root)).unwrap_or(module);
    let lines: Vec<&str> = file.text.lines().map(str::trim).collect();
    let declared = lines.windows(2).filter(|pair| pair[0] == "#[cfg(test)]");
    let names = declared.filter_map(|pair| pair[1].strip_suffix(';')?.rsplit_once("mod ").map(|(_, name)| name));
    names.map(|name| format!("{folder}/{name}")).collect()
}

/// Whether `module` is `outer` or lies in it.
fn is_within(module: &str, outer: &str) -> bool {
    module.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The lines up to the test module that closes a file.
fn lines_without_tests(file: &File) -> impl Iterator<Item = (usize, &str)> {
    let tests = file.text.find("#[cfg(test)]\nmod tests {").unwrap_or(file.text.len());
    file.text[..tests].lines().enumerate().map(|(index, line)| (index + 1, line))
}
