//! The key file on disk: made and replaced in one step, so that neither a crash nor a second process ever leaves
//! or sees half of it, and refused when others can read it.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

use ligand_domain::{Rng, Secret, rng};

use crate::KeyError;

#[cfg(test)]
mod tests;

/// Bits that make a key file unacceptable: anything for others, writing for the group. Reading by the group is
/// allowed, because orchestrators hand out secrets that way.
const FORBIDDEN_MODE: u32 = 0o027;

/// Reads the file after checking who else can.
pub(crate) fn read(path: &Path) -> Result<Secret, KeyError> {
    check_mode(path)?;
    fs::read_to_string(path).map(Secret::new).map_err(at(path))
}

/// Makes the file unless it exists; an existing one stays as it is.
pub(crate) fn create(path: &Path, text: &Secret, rng: &dyn Rng) -> Result<(), KeyError> {
    let draft = Draft::write(path, text, rng)?;
    match fs::hard_link(&draft.0, path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        result => result.and_then(|()| sync_directory(path)).map_err(at(path)),
    }
}

/// Puts this text in the place of the existing file.
pub(crate) fn replace(path: &Path, text: &Secret, rng: &dyn Rng) -> Result<(), KeyError> {
    let draft = Draft::write(path, text, rng)?;
    fs::rename(&draft.0, path).and_then(|()| sync_directory(path)).map_err(at(path))
}

/// The right to change a key file. Other processes wait for it until it is dropped or its process ends.
pub(crate) struct Lock {
    path: PathBuf,
    _file: File,
}

impl Lock {
    /// Waits for the right, without a limit.
    pub(crate) fn wait(path: &Path) -> Result<Self, KeyError> {
        let lock_path = sibling(path, ".lock");
        let file = private_options().create(true).truncate(false).open(&lock_path).map_err(at(&lock_path))?;
        file.lock().map_err(at(&lock_path))?;
        Ok(Self { path: path.to_owned(), _file: file })
    }

    /// The key file itself.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

/// A complete file beside the final one, removed when dropped.
struct Draft(PathBuf);

impl Draft {
    fn write(path: &Path, text: &Secret, rng: &dyn Rng) -> Result<Self, KeyError> {
        let unique = u64::from_ne_bytes(rng::bytes(rng));
        let draft = Self(sibling(path, &format!(".{unique:016x}.new")));
        let mut file = private_options().create_new(true).open(&draft.0).map_err(at(&draft.0))?;
        file.write_all(text.expose().as_bytes()).and_then(|()| file.sync_all()).map_err(at(&draft.0))?;
        Ok(draft)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // After a rename it is gone already.
        let _ = fs::remove_file(&self.0);
    }
}

fn sibling(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

fn at(path: &Path) -> impl FnOnce(std::io::Error) -> KeyError {
    let path = path.to_owned();
    move |source| KeyError::File { path, source }
}

#[cfg(unix)]
fn private_options() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    options.write(true).mode(0o600);
    options
}

#[cfg(not(unix))]
fn private_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    options
}

#[cfg(unix)]
fn check_mode(path: &Path) -> Result<(), KeyError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path).map_err(at(path))?.permissions().mode() & 0o7777;
    if mode & FORBIDDEN_MODE == 0 { Ok(()) } else { Err(KeyError::Exposed { path: path.to_owned(), mode }) }
}

#[cfg(not(unix))]
fn check_mode(_: &Path) -> Result<(), KeyError> {
    Ok(())
}

/// Makes the entry in the directory durable.
fn sync_directory(path: &Path) -> std::io::Result<()> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(directory)?.sync_all()
}
