//! Chance: unpredictable bytes for secrets, passed to whatever needs them.

use crate::Secret;

/// A source of unpredictable bytes.
pub trait Rng: Send + Sync + 'static {
    /// Fills the buffer.
    fn fill(&self, buffer: &mut [u8]);
}

/// The operating system's entropy.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRng;

impl Rng for SystemRng {
    #[allow(clippy::disallowed_methods, reason = "the one place that asks the system for entropy")]
    fn fill(&self, buffer: &mut [u8]) {
        getrandom::fill(buffer).expect("the operating system provides entropy");
    }
}

/// So many random bytes.
#[must_use]
pub fn bytes<const N: usize>(rng: &dyn Rng) -> [u8; N] {
    let mut buffer = [0; N];
    rng.fill(&mut buffer);
    buffer
}

/// A secret of 32 lower-case hexadecimal digits, the form of organization secrets.
#[must_use]
pub fn hex_secret(rng: &dyn Rng) -> Secret {
    Secret::new(bytes::<16>(rng).iter().map(|byte| format!("{byte:02x}")).collect())
}
