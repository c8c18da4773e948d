//! When to try again: waits that double, spread by chance so that what failed together does not come back together.

use std::time::Duration;

use crate::{Rng, rng};

/// The wait before the next try, after so many failed ones (1 after the first): `first`, doubled with each further
/// one up to `most`, then by chance up to a quarter shorter or longer.
#[must_use]
pub fn back_off(rng: &dyn Rng, failed: i64, first: Duration, most: Duration) -> Duration {
    let doublings = u32::try_from(failed.clamp(1, 32)).map_or(31, |failed| failed - 1);
    let whole = first.saturating_mul(1_u32.checked_shl(doublings).unwrap_or(u32::MAX)).min(most);
    jittered(rng, whole)
}

/// The wait, by chance up to a quarter shorter or longer.
#[must_use]
pub fn jittered(rng: &dyn Rng, wait: Duration) -> Duration {
    let chance = u32::from(u16::from_le_bytes(rng::bytes::<2>(rng)));
    let spread = wait / 2;
    wait - spread / 2 + spread.saturating_mul(chance) / u32::from(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::{back_off, jittered};
    use crate::Rng;
    use std::time::Duration;

    struct Always(u8);

    impl Rng for Always {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }

    #[test]
    fn waits_double_up_to_the_most() {
        let wait = |failed| back_off(&Always(0), failed, Duration::from_secs(4), Duration::from_secs(100)).as_secs();
        assert_eq!([wait(0), wait(1), wait(2), wait(3), wait(6), wait(i64::MAX)], [3, 3, 6, 12, 75, 75]);
    }

    #[test]
    fn chance_moves_a_wait_by_a_quarter_at_most() {
        let wait = Duration::from_secs(100);
        assert_eq!(jittered(&Always(0), wait), Duration::from_secs(75));
        assert_eq!(jittered(&Always(255), wait), Duration::from_secs(125));
    }
}
