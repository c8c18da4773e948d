//! Signs JSON Web Tokens (RFC 7515) with the keys of configurations: secrets, and private keys in PEM form. The
//! signatures themselves are made by the library that signs for TLS.

#[cfg(test)]
mod tests;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use ligand_element::{PlanError, authentication::Algorithm, oauth::grant::Assertion};
use rustls::{
    SignatureScheme,
    crypto::ring::sign::any_supported_type,
    pki_types::{PrivateKeyDer, pem::PemObject},
};
use sha2::{Sha256, Sha384, Sha512};

/// The signed form of an assertion. `material` is what the configuration has under its key.
///
/// # Errors
/// When that is no key, or none for the algorithm. The message names the configuration key alone.
pub(crate) fn sign(assertion: &Assertion, material: &str) -> Result<String, PlanError> {
    let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", part(&assertion.header), part(&assertion.claims));
    let signature = signature(assertion.algorithm, material, text.as_bytes())
        .map_err(|what| PlanError::Invalid(format!("The configuration entry {} {what}", assertion.key)))?;
    Ok(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

macro_rules! mac {
    ($digest:ty, $secret:expr, $text:expr) => {{
        let mut mac = Hmac::<$digest>::new_from_slice($secret).expect("HMAC takes keys of any length");
        mac.update($text);
        mac.finalize().into_bytes().to_vec()
    }};
}

fn signature(algorithm: Algorithm, material: &str, text: &[u8]) -> Result<Vec<u8>, String> {
    let secret = material.as_bytes();
    let (scheme, numbers) = match algorithm {
        Algorithm::Hs256 => return Ok(mac!(Sha256, secret, text)),
        Algorithm::Hs384 => return Ok(mac!(Sha384, secret, text)),
        Algorithm::Hs512 => return Ok(mac!(Sha512, secret, text)),
        Algorithm::Rs256 => (SignatureScheme::RSA_PKCS1_SHA256, None),
        Algorithm::Rs384 => (SignatureScheme::RSA_PKCS1_SHA384, None),
        Algorithm::Rs512 => (SignatureScheme::RSA_PKCS1_SHA512, None),
        Algorithm::Ps256 => (SignatureScheme::RSA_PSS_SHA256, None),
        Algorithm::Ps384 => (SignatureScheme::RSA_PSS_SHA384, None),
        Algorithm::Ps512 => (SignatureScheme::RSA_PSS_SHA512, None),
        Algorithm::Es256 => (SignatureScheme::ECDSA_NISTP256_SHA256, Some(32)),
        Algorithm::Es384 => (SignatureScheme::ECDSA_NISTP384_SHA384, Some(48)),
        Algorithm::EdDsa => (SignatureScheme::ED25519, None),
    };
    let key = private_key(material)?;
    let unusable = || format!("holds a private key that cannot sign with {}", algorithm.key());
    let signer = any_supported_type(&key).map_err(|_| unusable())?.choose_scheme(&[scheme]).ok_or_else(unusable)?;
    let signature = signer.sign(text).map_err(|_| unusable())?;
    match numbers {
        Some(length) => plain_numbers(&signature, length).ok_or_else(unusable),
        None => Ok(signature),
    }
}

/// The private key in a text of PEM form. Line ends may have been lost, as forms and variables lose them.
pub(crate) fn private_key(material: &str) -> Result<PrivateKeyDer<'static>, String> {
    if material.contains("ENCRYPTED") {
        return Err("holds an encrypted private key: give it decrypted".to_owned());
    }
    let text = with_lines(material);
    PrivateKeyDer::from_pem_slice(text.as_bytes()).map_err(|_| "is no private key in PEM form".to_owned())
}

/// A PEM text with line ends where `\n` was written out or blanks took their place.
pub(crate) fn with_lines(text: &str) -> String {
    let text = text.trim().replace("\\n", "\n").replace('\r', "");
    if text.contains('\n') {
        return text;
    }
    let mut made = String::new();
    for (index, piece) in text.split("-----").enumerate() {
        // Labels stand at odd places, contents between them.
        if index % 2 == 1 {
            made.push_str(&format!("-----{piece}-----\n"));
        } else if !piece.trim().is_empty() {
            made.push_str(&piece.split_whitespace().collect::<Vec<_>>().join("\n"));
            made.push('\n');
        }
    }
    made
}

/// The two numbers of an ECDSA signature one behind the other, as JSON Web Signatures have them: TLS has them in DER.
fn plain_numbers(der: &[u8], length: usize) -> Option<Vec<u8>> {
    let [0x30, rest @ ..] = der else { return None };
    let rest = match rest {
        [size, rest @ ..] if usize::from(*size) == rest.len() => rest,
        [0x81, size, rest @ ..] if usize::from(*size) == rest.len() => rest,
        _ => return None,
    };
    let (mut plain, mut rest) = (Vec::with_capacity(2 * length), rest);
    for _ in 0..2 {
        let [0x02, size, after @ ..] = rest else { return None };
        let (number, after) = after.split_at_checked(usize::from(*size))?;
        let number = number.strip_prefix(&[0]).unwrap_or(number);
        plain.resize(plain.len() + length.checked_sub(number.len())?, 0);
        plain.extend_from_slice(number);
        rest = after;
    }
    rest.is_empty().then_some(plain)
}
