//! Where a vendor may send a user's browser back to.

use url::Url;

/// The longest callback address, in bytes.
const MAX_BYTES: usize = 2000;

/// Why an address cannot be a callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CallbackError {
    /// It is no absolute address.
    #[error("must be an absolute address")]
    NotAbsolute,
    /// Browsers keep fragments to themselves, and RFC 6749 forbids them.
    #[error("must not have a fragment")]
    Fragment,
    /// A browser would run it instead of going there.
    #[error("must not have that scheme")]
    Scheme,
    /// It is longer than browsers and vendors take.
    #[error("must have at most {MAX_BYTES} bytes")]
    TooLong,
}

/// Checks a callback address. It is sent as it was given: vendors compare it letter by letter.
///
/// # Errors
/// The first thing that is wrong with it. Addresses of apps (`myapp://done`) are fine.
pub fn check(address: &str) -> Result<(), CallbackError> {
    if address.len() > MAX_BYTES {
        return Err(CallbackError::TooLong);
    }
    if address.contains('#') {
        return Err(CallbackError::Fragment);
    }
    if address.chars().any(|each| each.is_control() || each.is_whitespace()) {
        return Err(CallbackError::NotAbsolute);
    }
    let url = Url::parse(address).map_err(|_| CallbackError::NotAbsolute)?;
    match url.scheme() {
        "http" | "https" if url.host_str().is_none_or(str::is_empty) => Err(CallbackError::NotAbsolute),
        "javascript" | "data" | "vbscript" | "file" | "blob" | "about" => Err(CallbackError::Scheme),
        _ => Ok(()),
    }
}
