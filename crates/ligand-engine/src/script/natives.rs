//! The functions of `CE` that scripts cannot compute themselves: digests and base64.

#[cfg(test)]
mod tests;

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha512};

/// Reads base64 with or without padding, and with stray bits at its end.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The digest; `None` for an unknown algorithm or encoding.
pub(super) fn digest(algorithm: &str, encoding: &str, text: &str) -> Option<String> {
    let bytes = match Algorithm::named(algorithm)? {
        Algorithm::Md5 => Md5::digest(text).to_vec(),
        Algorithm::Sha1 => Sha1::digest(text).to_vec(),
        Algorithm::Sha256 => Sha256::digest(text).to_vec(),
        Algorithm::Sha512 => Sha512::digest(text).to_vec(),
    };
    written(encoding, &bytes)
}

/// The keyed digest; `None` for an unknown algorithm or encoding.
pub(super) fn hmac(algorithm: &str, encoding: &str, secret: &str, text: &str) -> Option<String> {
    macro_rules! mac {
        ($digest:ty) => {{
            let mac = Hmac::<$digest>::new_from_slice(secret.as_bytes()).ok()?;
            mac.chain_update(text).finalize().into_bytes().to_vec()
        }};
    }
    let bytes = match Algorithm::named(algorithm)? {
        Algorithm::Md5 => mac!(Md5),
        Algorithm::Sha1 => mac!(Sha1),
        Algorithm::Sha256 => mac!(Sha256),
        Algorithm::Sha512 => mac!(Sha512),
    };
    written(encoding, &bytes)
}

fn written(encoding: &str, bytes: &[u8]) -> Option<String> {
    match encoding.to_ascii_lowercase().as_str() {
        "hex" => Some(hex(bytes)),
        "base64" => Some(STANDARD.encode(bytes)),
        _ => None,
    }
}

/// Base64 of the text's UTF-8.
pub(super) fn encode64(text: &str) -> String {
    STANDARD.encode(text)
}

/// The text in base64 of either alphabet; what is no base64 is passed over, what is no UTF-8 replaced.
pub(super) fn decode64(text: &str) -> String {
    let significant = text.chars().take_while(|character| *character != '=').filter_map(|character| match character {
        '-' => Some('+'),
        '_' => Some('/'),
        '+' | '/' => Some(character),
        _ if character.is_ascii_alphanumeric() => Some(character),
        _ => None,
    });
    let mut kept: String = significant.collect();
    if kept.len() % 4 == 1 {
        kept.pop();
    }
    String::from_utf8_lossy(&LENIENT.decode(kept).unwrap_or_default()).into_owned()
}

enum Algorithm {
    Md5,
    Sha1,
    Sha256,
    Sha512,
}

impl Algorithm {
    fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "md5" => Self::Md5,
            "sha1" => Self::Sha1,
            "sha256" => Self::Sha256,
            "sha512" => Self::Sha512,
            _ => return None,
        })
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
