//! The id of one request: 24 lower-case hexadecimal digits, ordered by time.

use std::{
    fmt,
    sync::atomic::{AtomicU32, Ordering},
};

use crate::{Rng, Timestamp, rng};

/// Identifies one request in headers, error bodies and logs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId([u8; 24]);

impl RequestId {
    /// The 24 digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("hexadecimal digits are ASCII")
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Makes request ids: seconds, then five bytes that tell processes apart, then a counter of three bytes.
#[derive(Debug)]
pub struct Generator {
    process: [u8; 5],
    counter: AtomicU32,
}

impl Generator {
    /// A generator whose ids differ from those of other processes.
    #[must_use]
    pub fn new(rng: &dyn Rng) -> Self {
        Self { process: rng::bytes(rng), counter: AtomicU32::new(0) }
    }

    /// The next id.
    #[must_use]
    pub fn next(&self, now: Timestamp) -> RequestId {
        let seconds = u32::try_from(now.as_millis() / 1000).unwrap_or(u32::MAX).to_be_bytes();
        let count = self.counter.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let mut digits = [0; 24];
        let bytes = seconds.iter().chain(&self.process).chain(&count[1..]);
        for (pair, byte) in digits.chunks_exact_mut(2).zip(bytes) {
            pair[0] = HEX[usize::from(byte >> 4)];
            pair[1] = HEX[usize::from(byte & 15)];
        }
        RequestId(digits)
    }
}

const HEX: &[u8; 16] = b"0123456789abcdef";
