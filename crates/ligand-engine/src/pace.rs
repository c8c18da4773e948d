//! The present of tokio's timers, against which deadlines are held. Tests can move it; dates have nothing to do with it.

use std::time::Duration;

use ligand_domain::Rng;
use tokio::time::Instant;

/// The wait before the first repetition; each further one waits twice as long.
const FIRST_BACK_OFF: Duration = Duration::from_millis(100);
/// The longest wait before a repetition.
const LONGEST_BACK_OFF: Duration = Duration::from_secs(10);

/// The present.
#[allow(clippy::disallowed_methods, reason = "deadlines are compared with tokio's timers, which tests can move")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// How long to wait before the repetition of this number (0 is the first): the half of the doubled wait, and by chance
/// up to the whole, so that callers that failed together do not come back together.
pub(crate) fn back_off(rng: &dyn Rng, repetition: u32) -> Duration {
    let whole = FIRST_BACK_OFF.saturating_mul(1 << repetition.min(16)).min(LONGEST_BACK_OFF);
    let half = whole / 2;
    let chance = u32::from(u16::from_le_bytes(ligand_domain::rng::bytes::<2>(rng)));
    half + half.saturating_mul(chance) / u32::from(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::{Duration, Rng, back_off};

    struct Chance(u8);

    impl Rng for Chance {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }

    #[test]
    fn waits_double_and_chance_spreads_them() {
        for (repetition, whole) in [(0, 100), (1, 200), (2, 400), (6, 6400), (7, 10_000), (60, 10_000)] {
            let (shortest, longest) = (back_off(&Chance(0), repetition), back_off(&Chance(0xff), repetition));
            assert_eq!((shortest, longest), (Duration::from_millis(whole / 2), Duration::from_millis(whole)));
        }
    }
}
