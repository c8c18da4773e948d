//! Sealing: authenticated encryption of one stored value, bound to the place where it is stored; and the keyed
//! hashes by which secrets are found.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use ligand_domain::{Rng, rng};
use zeroize::Zeroizing;

use crate::{Error, key_ring::Key};

#[cfg(test)]
mod tests;

/// A sealed value is this, the key's name of eight digits, a dot, and nonce and ciphertext in base64url.
const PREFIX: &str = "s1.";
const NONCE_LENGTH: usize = 24;

/// Where a sealed value is stored. A value copied to another cell does not open there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cell {
    pub(crate) table: &'static str,
    pub(crate) column: &'static str,
    pub(crate) row: i64,
}

impl Cell {
    fn associated_data(self) -> String {
        format!("{PREFIX}{}.{}.{}", self.table, self.column, self.row)
    }

    pub(crate) fn corrupt(self, reason: &'static str) -> Error {
        Error::corrupt(format!("{}.{} of row {}", self.table, self.column, self.row), reason)
    }
}

/// How every value sealed with this key begins.
pub(crate) fn prefix(key: &str) -> String {
    format!("{PREFIX}{key}.")
}

/// The name of the key with which the value was sealed.
pub(crate) fn key_of(sealed: &str) -> Option<&str> {
    sealed.strip_prefix(PREFIX)?.split_once('.').map(|(key, _)| key)
}

/// Seals the text for this cell.
pub(crate) fn seal(key: &Key, rng: &dyn Rng, cell: Cell, plain: &str) -> String {
    let nonce = rng::bytes::<NONCE_LENGTH>(rng);
    let data = cell.associated_data();
    let payload = Payload { msg: plain.as_bytes(), aad: data.as_bytes() };
    let ciphertext = cipher(key).encrypt(&XNonce::from(nonce), payload).expect("texts are far shorter than the limit");
    let mut sealed = prefix(key.id());
    BASE64.encode_string([nonce.as_slice(), &ciphertext].concat(), &mut sealed);
    sealed
}

/// Opens what [`seal`] made for this cell with this key.
pub(crate) fn open(key: &Key, cell: Cell, sealed: &str) -> Result<Zeroizing<String>, Error> {
    let encoded = sealed.strip_prefix(&prefix(key.id())).ok_or_else(|| cell.corrupt("not sealed with this key"))?;
    let bytes = BASE64.decode(encoded).map_err(|_| cell.corrupt("not a sealed value"))?;
    let (nonce, ciphertext) =
        bytes.split_first_chunk::<NONCE_LENGTH>().ok_or_else(|| cell.corrupt("not a sealed value"))?;
    let data = cell.associated_data();
    let payload = Payload { msg: ciphertext, aad: data.as_bytes() };
    let plain = cipher(key).decrypt(&XNonce::from(*nonce), payload);
    let plain = plain.map_err(|_| cell.corrupt("the seal is broken"))?;
    String::from_utf8(plain).map(Zeroizing::new).map_err(|_| cell.corrupt("not UTF-8"))
}

fn cipher(key: &Key) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&(*key.bytes()).into())
}

/// What is looked up by its keyed hash. Equal texts of different kinds have different hashes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Lookup {
    UserSecret,
    OrganizationSecret,
    ElementToken,
    SessionToken,
    InstanceTag { user: i64 },
    OauthState,
    ProofKey,
    EventFinder,
    PollerMark,
}

/// The keyed hash of a text: 64 hexadecimal digits.
pub(crate) fn lookup_hash(key: &Key, kind: Lookup, text: &str) -> String {
    let mut hasher = blake3::Hasher::new_keyed(key.bytes());
    let (label, scope) = match kind {
        Lookup::UserSecret => ("user secret", 0),
        Lookup::OrganizationSecret => ("organization secret", 0),
        Lookup::ElementToken => ("element token", 0),
        Lookup::SessionToken => ("session token", 0),
        Lookup::InstanceTag { user } => ("instance tag", user),
        Lookup::OauthState => ("oauth state", 0),
        Lookup::ProofKey => ("proof key", 0),
        Lookup::EventFinder => ("event finder", 0),
        Lookup::PollerMark => ("poller mark", 0),
    };
    hasher.update(label.as_bytes()).update(&[0]).update(&scope.to_be_bytes()).update(text.as_bytes());
    hasher.finalize().to_hex().to_string()
}
