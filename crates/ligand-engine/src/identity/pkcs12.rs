//! Keystores in the form of PKCS #12 (RFC 7292), as `keytool` and `openssl pkcs12` make them, with the encryption that
//! both have used for years: PBES2 with AES.

use aes::{Aes128, Aes192, Aes256};
use cbc::cipher::{BlockModeDecrypt as _, KeyIvInit as _, block_padding::Pkcs7};
use hmac::{Hmac, KeyInit as _, Mac as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

use super::{
    Own,
    der::{Elements, INTEGER, OBJECT, OCTETS, SEQUENCE, SET},
};

const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1];
const ENCRYPTED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 6];
const KEY_BAG: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 10, 1, 1];
const SHROUDED_KEY_BAG: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 10, 1, 2];
const CERTIFICATE_BAG: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 10, 1, 3];
const X509: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 22, 1];
const LOCAL_KEY_ID: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 21];
const PBES2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 13];
const PBKDF2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 12];
const HMAC: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2];
const AES: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1];

/// A constructed element of the context: `[0]`.
const CONTEXT: u8 = 0xa0;
/// The same with the octets in it.
const CONTEXT_OCTETS: u8 = 0x80;

/// More rounds than this, in all of a keystore, are not done: the password is stretched while a caller waits.
const MOST_ROUNDS: u32 = 300_000;
/// How many certificates it may have.
const MOST: usize = 100;

macro_rules! decrypted {
    ($cipher:ty, $key:expr, $iv:expr, $sealed:expr) => {
        cbc::Decryptor::<$cipher>::new_from_slices($key, $iv)
            .map_err(|_| Problem::Broken)?
            .decrypt_padded_vec::<Pkcs7>($sealed)
            .map_err(|_| Problem::Shut)?
    };
}

/// RFC 8018, section 5.2.
macro_rules! pbkdf2 {
    ($digest:ty, $password:expr, $salt:expr, $rounds:expr, $length:expr) => {{
        let keyed = Hmac::<$digest>::new_from_slice($password.as_bytes()).expect("HMAC takes keys of any length");
        let mut key = Vec::new();
        for block in 1_u32.. {
            let mut step = keyed.clone().chain_update($salt).chain_update(block.to_be_bytes()).finalize().into_bytes();
            let mut sum = step;
            for _ in 1..$rounds {
                step = keyed.clone().chain_update(&step).finalize().into_bytes();
                sum.iter_mut().zip(&step).for_each(|(sum, byte)| *sum ^= byte);
            }
            key.extend_from_slice(&sum);
            if key.len() >= $length {
                break;
            }
        }
        key.truncate($length);
        key
    }};
}

/// Why there is nothing.
enum Problem {
    Broken,
    /// The password does not open it.
    Shut,
    /// Encrypted in a way that is not known here.
    Outdated,
    /// Its password is to be stretched for too long.
    Slow,
}

/// The password, and how many rounds may still be spent on it.
struct Opener<'a> {
    password: &'a str,
    rounds: u32,
}

#[derive(Default)]
struct Found {
    key: Option<(Vec<u8>, Option<Vec<u8>>)>,
    certificates: Vec<(CertificateDer<'static>, Option<Vec<u8>>)>,
}

/// Reads a keystore.
///
/// # Errors
/// What is wrong with it, in words that follow the name of its entry.
pub(super) fn read(bytes: &[u8], password: &str) -> Result<Own, String> {
    let found = find(bytes, password).map_err(|problem| match problem {
        Problem::Broken => "holds a broken keystore",
        Problem::Shut => "holds a keystore that the password does not open",
        Problem::Slow => "holds a keystore that takes too many rounds to open",
        Problem::Outdated => "holds a keystore with outdated encryption: make it anew with AES",
    })?;
    let (key, id) = found.key.ok_or("holds a keystore without a private key")?;
    let mut certificates = found.certificates;
    // The certificate of the key comes first.
    if let Some(at) = certificates.iter().position(|(_, other)| id.is_some() && *other == id) {
        let own = certificates.remove(at);
        certificates.insert(0, own);
    }
    let chain: Vec<_> = certificates.into_iter().map(|(certificate, _)| certificate).collect();
    if chain.is_empty() {
        return Err("holds a keystore without a certificate".to_owned());
    }
    Ok((chain, PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key))))
}

fn find(bytes: &[u8], password: &str) -> Result<Found, Problem> {
    let mut found = Found::default();
    let mut opener = Opener { password, rounds: MOST_ROUNDS };
    for content in safes(bytes).ok_or(Problem::Broken)? {
        match content {
            Safe::Plain(bags) => bags_of(bags, &mut opener, &mut found)?,
            Safe::Encrypted(algorithm, sealed) => {
                let bags = open(algorithm, sealed, &mut opener)?;
                bags_of(&bags, &mut opener, &mut found)?;
            }
        }
    }
    Ok(found)
}

enum Safe<'a> {
    Plain(&'a [u8]),
    /// The encryption, and what is encrypted.
    Encrypted(Elements<'a>, &'a [u8]),
}

fn safes(bytes: &[u8]) -> Option<Vec<Safe<'_>>> {
    let mut file = Elements(bytes).inside(SEQUENCE)?;
    file.take(INTEGER)?;
    let mut outer = file.inside(SEQUENCE)?;
    let content = data(&mut outer)?;
    let mut all = Elements(content).inside(SEQUENCE)?;
    let mut safes = Vec::new();
    while !all.0.is_empty() {
        let mut info = all.inside(SEQUENCE)?;
        let mut peeked = info;
        if peeked.take(OBJECT)? == ENCRYPTED_DATA {
            let mut inner = peeked.inside(CONTEXT)?.inside(SEQUENCE)?;
            inner.take(INTEGER)?;
            let mut encrypted = inner.inside(SEQUENCE)?;
            encrypted.take(OBJECT)?;
            let algorithm = encrypted.inside(SEQUENCE)?;
            safes.push(Safe::Encrypted(algorithm, encrypted.take(CONTEXT_OCTETS)?));
        } else {
            safes.push(Safe::Plain(data(&mut info)?));
        }
    }
    Some(safes)
}

/// The content of plain data.
fn data<'a>(info: &mut Elements<'a>) -> Option<&'a [u8]> {
    (info.take(OBJECT)? == DATA).then_some(())?;
    info.inside(CONTEXT)?.take(OCTETS)
}

fn bags_of(content: &[u8], opener: &mut Opener<'_>, found: &mut Found) -> Result<(), Problem> {
    let mut bags = Elements(content).inside(SEQUENCE).ok_or(Problem::Broken)?;
    while !bags.0.is_empty() {
        let mut bag = bags.inside(SEQUENCE).ok_or(Problem::Broken)?;
        let kind = bag.take(OBJECT).ok_or(Problem::Broken)?;
        let value = bag.inside(CONTEXT).ok_or(Problem::Broken)?;
        let id = bag.inside(SET).and_then(local_key_id);
        match kind {
            KEY_BAG if found.key.is_none() => found.key = Some((value.0.to_vec(), id)),
            SHROUDED_KEY_BAG if found.key.is_none() => {
                let mut inner = value;
                let mut inner = inner.inside(SEQUENCE).ok_or(Problem::Broken)?;
                let (algorithm, sealed) = inner.inside(SEQUENCE).zip(inner.take(OCTETS)).ok_or(Problem::Broken)?;
                found.key = Some((open(algorithm, sealed, opener)?, id));
            }
            CERTIFICATE_BAG if found.certificates.len() < MOST => {
                let certificate = certificate(value).ok_or(Problem::Broken)?;
                found.certificates.push((CertificateDer::from(certificate.to_vec()), id));
            }
            _ => {}
        }
    }
    Ok(())
}

fn certificate(mut value: Elements<'_>) -> Option<&[u8]> {
    let mut bag = value.inside(SEQUENCE)?;
    (bag.take(OBJECT)? == X509).then_some(())?;
    bag.inside(CONTEXT)?.take(OCTETS)
}

/// What ties a key and its certificate together.
fn local_key_id(mut attributes: Elements<'_>) -> Option<Vec<u8>> {
    while let Some(mut attribute) = attributes.inside(SEQUENCE) {
        if attribute.take(OBJECT)? == LOCAL_KEY_ID {
            return attribute.inside(SET)?.take(OCTETS).map(<[u8]>::to_vec);
        }
    }
    None
}

/// Decrypts what PBES2 has encrypted.
fn open(mut algorithm: Elements<'_>, sealed: &[u8], opener: &mut Opener<'_>) -> Result<Vec<u8>, Problem> {
    if algorithm.take(OBJECT).ok_or(Problem::Broken)? != PBES2 {
        return Err(Problem::Outdated);
    }
    let mut parameters = algorithm.inside(SEQUENCE).ok_or(Problem::Broken)?;
    let (mut stretch, mut cipher) =
        parameters.inside(SEQUENCE).zip(parameters.inside(SEQUENCE)).ok_or(Problem::Broken)?;
    let (name, iv) = cipher.take(OBJECT).zip(cipher.take(OCTETS)).ok_or(Problem::Broken)?;
    let length = match name.strip_prefix(AES) {
        Some([2]) => 16,
        Some([22]) => 24,
        Some([42]) => 32,
        _ => return Err(Problem::Outdated),
    };
    if stretch.take(OBJECT).ok_or(Problem::Broken)? != PBKDF2 {
        return Err(Problem::Outdated);
    }
    let key = stretched(stretch, opener, length)?;
    let opened = match length {
        16 => decrypted!(Aes128, &key, iv, sealed),
        24 => decrypted!(Aes192, &key, iv, sealed),
        _ => decrypted!(Aes256, &key, iv, sealed),
    };
    // A wrong password gives rubbish, which all but never has the form of an element.
    let mut first = Elements(&opened);
    first.take(SEQUENCE).filter(|_| first.0.is_empty()).ok_or(Problem::Shut)?;
    Ok(opened)
}

/// The key that PBKDF2 makes of a password.
fn stretched(mut algorithm: Elements<'_>, opener: &mut Opener<'_>, length: usize) -> Result<Vec<u8>, Problem> {
    let mut parameters = algorithm.inside(SEQUENCE).ok_or(Problem::Broken)?;
    let salt = parameters.take(OCTETS).ok_or(Problem::Broken)?;
    let rounds = parameters.take(INTEGER).and_then(number).ok_or(Problem::Broken)?;
    if rounds == 0 {
        return Err(Problem::Broken);
    }
    opener.rounds = opener.rounds.checked_sub(rounds).ok_or(Problem::Slow)?;
    let password = opener.password;
    if parameters.tag() == Some(INTEGER) {
        parameters.next();
    }
    let digest = match parameters.inside(SEQUENCE) {
        None => &[7],
        Some(mut function) => {
            function.take(OBJECT).and_then(|name| name.strip_prefix(HMAC)).ok_or(Problem::Outdated)?
        }
    };
    match digest {
        [7] => Ok(pbkdf2!(Sha1, password, salt, rounds, length)),
        [9] => Ok(pbkdf2!(Sha256, password, salt, rounds, length)),
        [10] => Ok(pbkdf2!(Sha384, password, salt, rounds, length)),
        [11] => Ok(pbkdf2!(Sha512, password, salt, rounds, length)),
        _ => Err(Problem::Outdated),
    }
}

fn number(content: &[u8]) -> Option<u32> {
    let content = content.strip_prefix(&[0]).unwrap_or(content);
    (content.len() <= 4).then(|| content.iter().fold(0, |sum, byte| (sum << 8) | u32::from(*byte)))
}
