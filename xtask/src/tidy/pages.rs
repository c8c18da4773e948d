//! Pages: links lead somewhere, `ARCHITECTURE.md` is short, and the paths it names exist.

use super::Problem;
use super::tree::{File, Tree};

const ARCHITECTURE: &str = "ARCHITECTURE.md";

/// The longest `ARCHITECTURE.md` may be, in lines.
const MAX_ARCHITECTURE_LINES: usize = 400;

/// Endings that make a word in back-ticks a file of this repository.
const FILE_ENDINGS: &[&str] = &[".rs", ".md", ".toml", ".yaml", ".yml", ".sql", ".sh", ".js"];

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for page in tree.files.iter().filter(|file| file.is("md")) {
        for (number, line) in prose(page) {
            problems.extend(links(&line).filter_map(|link| broken_link(tree, page, number, link)));
        }
    }
    if let Some(page) = tree.file(ARCHITECTURE) {
        let length = page.text.lines().count();
        if length > MAX_ARCHITECTURE_LINES {
            problems.push(Problem::of(&page.path, format!("{length} lines, more than {MAX_ARCHITECTURE_LINES}")));
        }
        problems.extend(missing_paths(tree, page));
    }
    problems
}

/// The lines outside fenced code, without what stands in back-ticks.
fn prose(page: &File) -> Vec<(usize, String)> {
    let unquoted = |line: &str| line.split('`').step_by(2).collect::<Vec<_>>().join("`");
    unfenced(page).map(|(number, line)| (number, unquoted(line))).collect()
}

fn unfenced(page: &File) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    page.lines().filter(move |(_, line)| {
        let is_fence = line.trim_start().starts_with("```");
        fenced ^= is_fence;
        !fenced && !is_fence
    })
}

/// The targets of `[text](target)` in a line.
fn links(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next())
}

fn broken_link(tree: &Tree, page: &File, number: usize, link: &str) -> Option<Problem> {
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let (target, anchor) = link.split_once('#').map_or((link, None), |(target, anchor)| (target, Some(anchor)));
    let folder = page.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let path = if target.is_empty() { Some(page.path.clone()) } else { resolved(folder, target) };
    let Some(path) = path.filter(|path| path.is_empty() || tree.has(path)) else {
        return Some(Problem::at(&page.path, number, format!("link to {link}: there is no such file")));
    };
    let heading = anchor.and_then(|anchor| Some((anchor, tree.file(&path).filter(|file| file.is("md"))?)));
    let (anchor, file) = heading?;
    let missing = !unfenced(file).any(|(_, line)| line.starts_with('#') && slug(line) == anchor);
    missing.then(|| Problem::at(&page.path, number, format!("link to {link}: there is no such heading")))
}

/// `target` as seen from `folder`, as a path from the root; `None` when it leaves the repository.
fn resolved(folder: &str, target: &str) -> Option<String> {
    if target.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// The anchor that code hosts give a heading.
fn slug(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = text.chars().filter(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_'));
    kept.map(|letter| if letter == ' ' { '-' } else { letter }).collect()
}

fn missing_paths(tree: &Tree, page: &File) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (number, line) in unfenced(page) {
        let quoted = line.split('`').skip(1).step_by(2);
        for path in quoted.map(|word| word.trim_end_matches('/')).filter(|word| is_path(tree, word)) {
            let bare_file =
                !path.contains('/') && tree.files.iter().any(|file| file.path.ends_with(&format!("/{path}")));
            if !tree.has(path) && !bare_file {
                problems.push(Problem::at(&page.path, number, format!("names `{path}`, which is not there")));
            }
        }
    }
    problems
}

/// Whether a word in back-ticks looks like a path of this repository, and not like a URL, a pattern or code.
fn is_path(tree: &Tree, word: &str) -> bool {
    let plain = word.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '/' | '.' | '-' | '_'));
    let top = word.split('/').next().unwrap_or_default();
    let below_known_folder = word.contains('/') && tree.has(top);
    plain
        && !word.starts_with('/')
        && (below_known_folder || FILE_ENDINGS.iter().any(|ending| word.ends_with(ending) && word != *ending))
}
