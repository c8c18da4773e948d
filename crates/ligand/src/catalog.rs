//! The system elements: those embedded in the binary, and those of further directories.

use std::path::Path;

use anyhow::Context;
use include_dir::{Dir, include_dir};
use ligand_app::catalog::Catalog;
use ligand_element::{File, Folder};

static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../elements");

/// The largest file of an element folder that is read, in bytes.
const FILE_MAX_BYTES: u64 = 32 << 20;

/// Loads the built-in elements and those of the directories, which may replace built-in ones of the same key.
///
/// # Errors
/// Lists every problem of every folder.
pub fn load(directories: &[impl AsRef<Path>]) -> anyhow::Result<Catalog> {
    let mut folders: Vec<Folder> = BUILT_IN.dirs().map(embedded).collect();
    for directory in directories {
        let directory = directory.as_ref();
        for folder in read_directory(directory).with_context(|| format!("catalog {}", directory.display()))? {
            folders.retain(|other| other.key != folder.key);
            folders.push(folder);
        }
    }
    let (mut elements, mut problems) = (Vec::new(), Vec::new());
    for folder in &folders {
        match ligand_element::load(folder) {
            Ok(element) => elements.push(element),
            Err(found) => problems.extend(found.iter().map(ToString::to_string)),
        }
    }
    if !problems.is_empty() {
        anyhow::bail!("the catalog has problems:\n  {}", problems.join("\n  "));
    }
    Ok(Catalog::new(elements)?)
}

fn embedded(folder: &Dir<'static>) -> Folder {
    let key = name_of(folder.path());
    let mut files = Vec::new();
    let mut open = vec![folder];
    while let Some(dir) = open.pop() {
        open.extend(dir.dirs());
        for file in dir.files() {
            if let Some(text) = file.contents_utf8() {
                files.push(File { path: relative(folder.path(), file.path()), text: text.to_owned() });
            }
        }
    }
    Folder { key, files }
}

/// The element folder that a path is or names the definition of, or those in a directory.
///
/// # Errors
/// When there is none, or it cannot be read.
pub(crate) fn folders(path: &Path) -> anyhow::Result<Vec<Folder>> {
    let within = || path.display().to_string();
    let own = if path.is_file() { path.parent().unwrap_or(path) } else { path };
    if own.join("element.yaml").is_file() {
        let own = own.canonicalize().with_context(within)?;
        return Ok(vec![read_folder(&own).with_context(within)?]);
    }
    anyhow::ensure!(path.is_dir(), "{} is neither an element's folder nor a directory of some", path.display());
    read_directory(path).with_context(within)
}

fn read_directory(directory: &Path) -> anyhow::Result<Vec<Folder>> {
    let mut folders = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() && path.join("element.yaml").is_file() {
            folders.push(read_folder(&path)?);
        }
    }
    anyhow::ensure!(!folders.is_empty(), "no folder in it has an element.yaml");
    folders.sort_by(|one, other| one.key.cmp(&other.key));
    Ok(folders)
}

fn read_folder(folder: &Path) -> anyhow::Result<Folder> {
    let mut files = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(&directory)? {
            let entry = entry?;
            let (path, kind) = (entry.path(), entry.file_type()?);
            if kind.is_dir() {
                open.push(path);
            } else if kind.is_file() {
                anyhow::ensure!(entry.metadata()?.len() <= FILE_MAX_BYTES, "{} is too large", path.display());
                let bytes = std::fs::read(&path).with_context(|| path.display().to_string())?;
                if let Ok(text) = String::from_utf8(bytes) {
                    files.push(File { path: relative(folder, &path), text });
                }
            }
        }
    }
    Ok(Folder { key: name_of(folder), files })
}

/// The path inside the folder, with `/` between its parts.
fn relative(folder: &Path, path: &Path) -> String {
    let inside = path.strip_prefix(folder).unwrap_or(path);
    inside.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
