//! The files of the repository: those that git tracks or would track.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context as _, bail};

/// All files, in the order of their paths.
pub(super) struct Tree {
    pub(super) files: Vec<File>,
}

/// A file and its text.
pub(super) struct File {
    /// The path from the root of the repository, with `/` between its parts.
    pub(super) path: String,
    /// The content, empty for what is not UTF-8 text.
    pub(super) text: String,
}

impl Tree {
    /// Reads the repository at `root`.
    ///
    /// # Errors
    /// When git cannot list the files or one of them cannot be read.
    pub(super) fn read(root: &Path) -> anyhow::Result<Self> {
        let listing = std::process::Command::new("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(root)
            .output()
            .context("starting git")?;
        if !listing.status.success() {
            bail!("git ls-files: {}", String::from_utf8_lossy(&listing.stderr).trim_end());
        }
        let paths = String::from_utf8(listing.stdout).context("a path is not UTF-8")?;
        let mut files = Vec::new();
        for path in paths.split('\0').filter(|path| root.join(path).is_file()).collect::<BTreeSet<_>>() {
            let bytes = std::fs::read(root.join(path)).with_context(|| format!("reading {path}"))?;
            files.push(File { path: path.to_owned(), text: String::from_utf8(bytes).unwrap_or_default() });
        }
        Ok(Self { files })
    }

    /// The file at `path`, if there is one.
    pub(super) fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// Whether `path` is a file, or a folder with a file in it.
    pub(super) fn has(&self, path: &str) -> bool {
        self.files.iter().any(|file| {
            let rest = file.path.strip_prefix(path);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    /// The names of the folders directly in `folder`.
    pub(super) fn folders_in(&self, folder: &str) -> BTreeSet<&str> {
        let inside = self.files.iter().filter_map(|file| file.path.strip_prefix(folder)?.strip_prefix('/'));
        inside.filter_map(|rest| Some(rest.split_once('/')?.0)).collect()
    }
}

impl File {
    /// Whether the path ends in `.` and `extension`.
    pub(super) fn is(&self, extension: &str) -> bool {
        self.path.strip_suffix(extension).is_some_and(|rest| rest.ends_with('.'))
    }

    /// The lines with their numbers, counted from one.
    pub(super) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.split('\n').enumerate().map(|(index, line)| (index + 1, line))
    }
}
