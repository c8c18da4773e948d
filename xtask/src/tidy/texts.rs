//! Every text file: no notes of unfinished work, no white space at line ends, no path of a developer's machine.

use super::Problem;
use super::tree::{File, Tree};

/// Words that mark unfinished work. Written in two parts, since this file is checked too.
const UNFINISHED: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];

/// Folders of developers' machines.
const MACHINE_FOLDERS: &[&str] = &[concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/")];

/// Files that a tool writes, or a text that is not ours.
const NOT_WRITTEN_HERE: &[&str] = &["Cargo.lock", "LICENSE"];

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    tree.files.iter().filter(|file| !NOT_WRITTEN_HERE.contains(&file.path.as_str())).flat_map(problems).collect()
}

fn problems(file: &File) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (number, line) in file.lines() {
        for word in UNFINISHED.iter().filter(|word| has_word(line, word)) {
            problems.push(Problem::at(
                &file.path,
                number,
                format!("`{word}`: finish it, or write it down as an issue"),
            ));
        }
        if line.ends_with([' ', '\t', '\r']) && !file.is("snap") {
            problems.push(Problem::at(&file.path, number, "white space at the end of the line"));
        }
        for folder in MACHINE_FOLDERS.iter().filter(|folder| has_absolute(line, folder)) {
            problems.push(Problem::at(&file.path, number, format!("`{folder}` is a path of one machine only")));
        }
    }
    problems
}

/// Whether `word` stands in `line` with neither letter, digit nor `_` around it.
fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| !ends_in_name(&line[..at]) && !starts_in_name(&line[at + word.len()..]))
}

/// Whether `folder` begins a path in `line`, rather than being a later part of one.
fn has_absolute(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = &line[..at];
        !ends_in_name(before) && !before.ends_with(['.', '-', '/', '}', '>', '*', '$', '~'])
    })
}

fn ends_in_name(text: &str) -> bool {
    text.chars().next_back().is_some_and(is_of_name)
}

fn starts_in_name(text: &str) -> bool {
    text.chars().next().is_some_and(is_of_name)
}

fn is_of_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}
