//! The keys of an installation: one for lookups, one or more for sealing. Their text form is here; the file that
//! holds it is the matter of `key_file`.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use ligand_domain::{Rng, Secret, rng};
use zeroize::Zeroizing;

use crate::key_file;

#[cfg(test)]
mod tests;

const FORMAT: &str = "ligand-keys-1";
const PREAMBLE: &str = "\
# The keys of this Ligand installation. Whoever has them and the database can read every stored secret.
# Keep a copy of this file, away from the copies of the database: without it the secrets are lost.
";

/// Why keys cannot be used. Never contains key material.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The text is not a key ring.
    #[error("the keys cannot be understood: {0}")]
    Syntax(&'static str),
    /// The key file cannot be read or written.
    #[error("key file {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Users other than the owner and its group can reach the key file, or the group can change it.
    #[error("key file {path} is open to other users (mode {mode:04o}); run: chmod 600 {path}")]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The keys are those of another installation, or the key that seals new values is not among them.
    #[error("these keys do not belong to this database")]
    Foreign,
    /// The keys came from text, so there is no file to which a new key could be added.
    #[error("the keys do not come from a file; add a new key to where they come from")]
    NotInFile,
}

/// One key of 32 bytes with its short name, which is derived from it.
#[derive(Clone)]
pub(crate) struct Key {
    id: KeyId,
    bytes: Zeroizing<[u8; 32]>,
}

/// Eight hexadecimal digits that name a key and tell nothing about it.
pub(crate) type KeyId = String;

impl Key {
    fn new(purpose: &str, bytes: [u8; 32]) -> Self {
        let bytes = Zeroizing::new(bytes);
        let digest = blake3::derive_key(&format!("Ligand name of a key: {purpose}"), bytes.as_slice());
        Self { id: digest[..4].iter().map(|byte| format!("{byte:02x}")).collect(), bytes }
    }

    fn parse(purpose: &str, text: &str) -> Result<Self, KeyError> {
        let (id, encoded) = text.split_once('.').ok_or(KeyError::Syntax("a key has no name"))?;
        let decoded = Zeroizing::new(BASE64.decode(encoded).map_err(|_| KeyError::Syntax("a key is not base64url"))?);
        let bytes = decoded.as_slice().try_into().map_err(|_| KeyError::Syntax("a key is not of 32 bytes"))?;
        let key = Self::new(purpose, bytes);
        if key.id == id { Ok(key) } else { Err(KeyError::Syntax("a key does not fit its name")) }
    }

    fn print(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{}.{}", self.id, &*Zeroizing::new(BASE64.encode(self.bytes.as_slice()))))
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }
}

/// The keys with which one installation hides its secrets.
///
/// The text form is `ligand-keys-1 lookup=<key> active=<key> older=<key>…`, separated by any white space, with
/// `#` comment lines; a key is its name, a dot, and 32 bytes in base64url. The lookup key makes the hashes by which
/// secrets are found and never changes. Values are sealed with a sealing key; `active` is the newest.
#[derive(Clone)]
pub struct KeyRing {
    lookup: Key,
    sealing: Vec<Key>, // newest first, never empty
    path: Option<PathBuf>,
}

impl KeyRing {
    /// A new ring with fresh keys, in memory only.
    #[must_use]
    pub fn generate(rng: &dyn Rng) -> Self {
        let lookup = Key::new("lookup", rng::bytes(rng));
        Self { lookup, sealing: vec![Key::new("sealing", rng::bytes(rng))], path: None }
    }

    /// Reads the text form, for example from an environment variable.
    ///
    /// # Errors
    /// [`KeyError::Syntax`], which does not repeat the text.
    pub fn from_text(text: &str) -> Result<Self, KeyError> {
        let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
        let mut words = lines.flat_map(str::split_whitespace);
        if words.next() != Some(FORMAT) {
            return Err(KeyError::Syntax("they do not begin with ligand-keys-1"));
        }
        let (mut lookup, mut active, mut older) = (None, None, Vec::new());
        for word in words {
            let (role, key) = word.split_once('=').ok_or(KeyError::Syntax("a key has no role"))?;
            let replaced = match role {
                "lookup" => lookup.replace(Key::parse("lookup", key)?).is_some(),
                "active" => active.replace(Key::parse("sealing", key)?).is_some(),
                "older" => {
                    older.push(Key::parse("sealing", key)?);
                    false
                }
                _ => return Err(KeyError::Syntax("a key has an unknown role")),
            };
            if replaced {
                return Err(KeyError::Syntax("there are two lookup or two active keys"));
            }
        }
        let lookup = lookup.ok_or(KeyError::Syntax("there is no lookup key"))?;
        let mut sealing = vec![active.ok_or(KeyError::Syntax("there is no active key"))?];
        sealing.append(&mut older);
        Ok(Self { lookup, sealing, path: None })
    }

    /// The text form: what [`KeyRing::from_text`] reads.
    #[must_use]
    pub fn to_text(&self) -> Secret {
        let mut text = format!("{PREAMBLE}{FORMAT}\nlookup={}\n", &*self.lookup.print());
        for (index, key) in self.sealing.iter().enumerate() {
            text.push_str(if index == 0 { "active=" } else { "older=" });
            text.push_str(&key.print());
            text.push('\n');
        }
        Secret::new(text)
    }

    /// Reads the key file.
    ///
    /// # Errors
    /// When it does not exist, cannot be read, holds no keys, or is open to users other than its owner and group.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        let mut ring = Self::from_text(key_file::read(path)?.expose())?;
        ring.path = Some(path.to_owned());
        Ok(ring)
    }

    /// Reads the key file, or makes it (mode 0600, on disk when this returns) with fresh keys. Of several processes
    /// that do so at once, one makes it and all use its keys.
    ///
    /// # Errors
    /// As [`KeyRing::load`], and when the file cannot be made.
    pub fn load_or_create(path: &Path, rng: &dyn Rng) -> Result<Self, KeyError> {
        if !path.exists() {
            key_file::create(path, &Self::generate(rng).to_text(), rng)?;
        }
        Self::load(path)
    }

    /// Adds a fresh active key to the key file; it is on disk when this returns. Nothing is sealed with it before
    /// [`Store::reseal`](crate::Store::reseal), so that a cluster without a common key file can be given it first.
    ///
    /// # Errors
    /// As [`KeyRing::load`], and when the file cannot be written.
    pub fn begin_rotation(path: &Path, rng: &dyn Rng) -> Result<Self, KeyError> {
        Self::add_key(&key_file::Lock::wait(path)?, rng)
    }

    /// [`KeyRing::begin_rotation`] by whoever has the right to change the file.
    pub(crate) fn add_key(lock: &key_file::Lock, rng: &dyn Rng) -> Result<Self, KeyError> {
        Self::change_file(lock, rng, |ring| ring.sealing.insert(0, Key::new("sealing", rng::bytes(rng))))
    }

    /// Removes keys from the file that are older than `active` and not in `kept`. Gives the ring that is left and
    /// how many keys went.
    pub(crate) fn drop_older(
        lock: &key_file::Lock,
        rng: &dyn Rng,
        active: &str,
        kept: &[KeyId],
    ) -> Result<(Self, usize), KeyError> {
        let mut dropped = 0;
        let ring = Self::change_file(lock, rng, |ring| {
            let before = ring.sealing.len();
            let newer = ring.sealing.iter().position(|key| key.id == active).map_or(before, |position| position + 1);
            let older = ring.sealing.split_off(newer);
            ring.sealing.extend(older.into_iter().filter(|key| kept.contains(&key.id)));
            dropped = before - ring.sealing.len();
        })?;
        Ok((ring, dropped))
    }

    fn change_file(lock: &key_file::Lock, rng: &dyn Rng, change: impl FnOnce(&mut Self)) -> Result<Self, KeyError> {
        let mut ring = Self::load(lock.path())?;
        change(&mut ring);
        key_file::replace(lock.path(), &ring.to_text(), rng)?;
        Ok(ring)
    }

    /// How many sealing keys there are.
    #[must_use]
    pub fn sealing_keys(&self) -> usize {
        self.sealing.len()
    }

    pub(crate) fn lookup(&self) -> &Key {
        &self.lookup
    }

    pub(crate) fn active(&self) -> &Key {
        &self.sealing[0]
    }

    pub(crate) fn find(&self, id: &str) -> Option<&Key> {
        self.sealing.iter().find(|key| key.id == id)
    }

    pub(crate) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    pub(crate) fn is_same_installation(&self, other: &Self) -> bool {
        self.lookup.bytes == other.lookup.bytes
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "KeyRing({} sealing keys)", self.sealing.len())
    }
}
