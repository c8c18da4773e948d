//! Documents as text inside of definitions: packed by gzip, and that in base64.

use std::io::{Read as _, Write as _};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};

/// Why a text cannot be unpacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnpackError {
    /// It is something else.
    #[error("a document is not text packed by gzip in base64")]
    Malformed,
    /// It is larger than it may be.
    #[error("a document is too large")]
    TooLarge,
}

/// A text packed.
#[must_use]
pub fn pack(text: &str) -> String {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let packed = encoder.write_all(text.as_bytes()).and_then(|()| encoder.finish());
    STANDARD.encode(packed.expect("memory takes everything"))
}

/// What was packed, of so many bytes at most.
///
/// # Errors
/// What is not packed, and what is larger.
pub fn unpack(packed: &str, most: usize) -> Result<String, UnpackError> {
    let bytes = STANDARD.decode(packed.trim()).map_err(|_| UnpackError::Malformed)?;
    let mut unpacked = String::new();
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    let read = GzDecoder::new(bytes.as_slice()).take(limit).read_to_string(&mut unpacked);
    if unpacked.len() > most {
        return Err(UnpackError::TooLarge);
    }
    read.map(|_| unpacked).map_err(|_| UnpackError::Malformed)
}

#[cfg(test)]
mod tests {
    use super::{UnpackError, pack, unpack};

    #[test]
    fn what_was_packed_comes_back() {
        let text = "<a>\u{e9}</a>".repeat(1000);
        let packed = pack(&text);
        assert!(packed.len() < 200);
        assert_eq!(unpack(&packed, text.len()).as_deref(), Ok(text.as_str()));
        assert_eq!(unpack(&packed, text.len() - 1), Err(UnpackError::TooLarge));
    }

    #[test]
    fn what_is_not_packed_is_refused() {
        for text in ["", "%", "QUJD", "H4sIAAAAAAAAAw=="] {
            assert_eq!(unpack(text, 10), Err(UnpackError::Malformed), "{text}");
        }
    }

    #[test]
    fn a_bomb_is_not_unpacked() {
        let bomb = pack(&"0".repeat(40 << 20));
        assert_eq!(unpack(&bomb, 1 << 20), Err(UnpackError::TooLarge));
    }
}
