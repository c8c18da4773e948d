//! Keystores in base64: those of Java's own form (`JKS`) are read here, those of PKCS #12 next door. `keytool` gives both
//! the same names.

use base64::{
    Engine as _,
    engine::{
        DecodePaddingMode,
        general_purpose::{GeneralPurpose, GeneralPurposeConfig},
    },
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use sha1::{Digest as _, Sha1};

use super::{
    Own,
    der::{Elements, OBJECT, OCTETS, SEQUENCE},
    pkcs12,
};

/// The longest keystore that is read, in bytes.
const LONGEST: usize = 1 << 20;
/// How many entries, and certificates of one entry, it may have.
const MOST: u32 = 100;

const MAGIC: u32 = 0xfeed_feed;
const PRIVATE_KEY: u32 = 1;
const CERTIFICATE: u32 = 2;
/// What the digest at the end begins with, besides the password.
const WHITENER: &[u8] = b"Mighty Aphrodite";
/// 1.3.6.1.4.1.42.2.17.1.1, the protection of keys.
const PROTECTION: &[u8] = &[0x2b, 6, 1, 4, 1, 0x2a, 2, 17, 1, 1];
const DIGEST: usize = 20;

/// Reads a keystore in base64.
///
/// # Errors
/// What is wrong with it, in words that follow the name of its entry.
pub(super) fn read(text: &str, password: &str) -> Result<Own, String> {
    let text: String = text.split_whitespace().collect();
    let lenient = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let decoder = GeneralPurpose::new(&base64::alphabet::STANDARD, lenient);
    if text.len() > LONGEST * 4 / 3 {
        return Err("holds a keystore that is too large".to_owned());
    }
    let bytes = decoder.decode(text).map_err(|_| "is not base64".to_owned())?;
    match bytes.first() {
        _ if bytes.starts_with(&MAGIC.to_be_bytes()) => java(&bytes, password),
        Some(&SEQUENCE) => pkcs12::read(&bytes, password),
        _ => Err("holds no keystore".to_owned()),
    }
}

fn java(bytes: &[u8], password: &str) -> Result<Own, String> {
    let password: Vec<u8> = password.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let broken = || "holds a broken keystore".to_owned();
    let (content, digest) = bytes.split_at_checked(bytes.len().saturating_sub(DIGEST)).ok_or_else(broken)?;
    let made = Sha1::new().chain_update(&password).chain_update(WHITENER).chain_update(content).finalize();
    if made.as_slice() != digest {
        return Err("holds a keystore that the password does not open".to_owned());
    }
    let (protected, chain) = first_key(content).ok_or_else(broken)?.ok_or("holds a keystore without a private key")?;
    let key = unprotected(protected, &password).ok_or("holds a private key with a password of its own")?;
    Ok((chain, PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key))))
}

/// The first private key, still protected, with its certificates; none inside when there is none.
#[allow(clippy::type_complexity, reason = "broken, without a key, or with one")]
fn first_key(content: &[u8]) -> Option<Option<(&[u8], Vec<CertificateDer<'static>>)>> {
    let mut rest = Cursor(content);
    rest.number()?;
    let version = rest.number()?;
    let count = rest.number().filter(|count| *count <= MOST)?;
    for _ in 0..count {
        let kind = rest.number()?;
        let alias = rest.short()?;
        rest.take(alias)?;
        rest.take(8)?;
        match kind {
            PRIVATE_KEY => {
                let key = rest.block()?;
                let certificates = rest.number().filter(|count| *count <= MOST)?;
                let chain: Option<Vec<_>> = (0..certificates).map(|_| rest.certificate(version)).collect();
                return Some(Some((key, chain?)));
            }
            CERTIFICATE => drop(rest.certificate(version)?),
            _ => return None,
        }
    }
    Some(None)
}

struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u32> {
        self.take(4)?.try_into().ok().map(u32::from_be_bytes)
    }

    fn short(&mut self) -> Option<usize> {
        let bytes = self.take(2)?.try_into().ok()?;
        Some(usize::from(u16::from_be_bytes(bytes)))
    }

    fn block(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        self.take(length)
    }

    /// A certificate; since the second version of the format its type stands before it.
    fn certificate(&mut self, version: u32) -> Option<CertificateDer<'static>> {
        if version >= 2 {
            let kind = self.short()?;
            self.take(kind)?;
        }
        self.block().map(|der| CertificateDer::from(der.to_vec()))
    }
}

/// Takes the protection off a private key: a stream of digests over the password, and one more that proves it.
fn unprotected(protected: &[u8], password: &[u8]) -> Option<Vec<u8>> {
    let mut outer = Elements(protected).inside(SEQUENCE)?;
    let mut algorithm = outer.inside(SEQUENCE)?;
    if algorithm.take(OBJECT)? != PROTECTION {
        return None;
    }
    let sealed = outer.take(OCTETS)?;
    let (salt, rest) = sealed.split_at_checked(DIGEST)?;
    let (hidden, check) = rest.split_at_checked(rest.len().checked_sub(DIGEST)?)?;
    let mut key = Vec::with_capacity(hidden.len());
    let mut digest = salt.to_vec();
    for block in hidden.chunks(DIGEST) {
        digest = Sha1::new().chain_update(password).chain_update(&digest).finalize().to_vec();
        key.extend(block.iter().zip(&digest).map(|(byte, mask)| byte ^ mask));
    }
    let made = Sha1::new().chain_update(password).chain_update(&key).finalize();
    (made.as_slice() == check).then_some(key)
}
