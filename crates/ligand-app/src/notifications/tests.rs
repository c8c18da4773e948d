//! The times of further tries.

use std::time::Duration;

use ligand_domain::{Rng, Timestamp};

use super::{MailOptions, Options};

struct Always(u8);

impl Rng for Always {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(self.0);
    }
}

fn options(retries: u32, exponent: u32) -> Options {
    let mail = MailOptions { url: None, from: String::new(), timeout: Duration::from_secs(1) };
    Options { timeout: Duration::from_secs(30), retries, exponent, per_endpoint: 8, mail }
}

#[test]
fn tries_happen_as_documented_from_the_first_failure_on() {
    let first = Timestamp::from_millis(1_000_000);
    let wait = |failures| options(9, 2).next_try(&Always(0), first, failures).map(|at| at.since(first).as_secs());
    let waits: Vec<_> = (1..=10).map(wait).collect();
    let expected = [4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144].map(Some);
    assert_eq!(waits[..9], expected);
    assert_eq!(waits[9], None, "the last failure is the last");
}

#[test]
fn chance_delays_a_try_by_a_twentieth_at_most() {
    let first = Timestamp::from_millis(0);
    let at = options(9, 2).next_try(&Always(255), first, 2).expect("a try");
    assert_eq!(at.as_millis(), 16_800, "a receiver that recovers after five seconds is served within twenty");
}

#[test]
fn count_and_exponent_can_be_set() {
    let first = Timestamp::from_millis(0);
    let at = |failures| options(5, 3).next_try(&Always(0), first, failures).map(|at| at.as_millis() / 1000);
    assert_eq!([at(1), at(5), at(6)], [Some(8), Some(32_768), None]);
    assert_eq!(options(0, 2).next_try(&Always(0), first, 1), None);
}
