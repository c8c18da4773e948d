//! Sealing: what opens, and everything that must not.

use super::*;
use crate::{KeyRing, testing::TestRng};

const CELL: Cell = Cell { table: "instances", column: "token", row: 7 };

fn sealed(rng: &TestRng, ring: &KeyRing) -> String {
    seal(ring.active(), rng, CELL, "geheim")
}

#[test]
fn a_sealed_text_opens_at_its_place() {
    let rng = TestRng::default();
    let ring = KeyRing::generate(&rng);
    for plain in ["", "x", "geheim ☕", &"long ".repeat(100_000)] {
        let sealed = seal(ring.active(), &rng, CELL, plain);
        assert_eq!(key_of(&sealed), Some(ring.active().id()));
        assert_eq!(&*open(ring.active(), CELL, &sealed).unwrap(), plain);
    }
}

#[test]
fn equal_texts_are_sealed_differently() {
    let rng = TestRng::default();
    let ring = KeyRing::generate(&rng);
    assert_ne!(sealed(&rng, &ring), sealed(&rng, &ring));
}

#[test]
fn it_opens_nowhere_else() {
    let rng = TestRng::default();
    let ring = KeyRing::generate(&rng);
    let sealed = sealed(&rng, &ring);
    let places = [Cell { row: 8, ..CELL }, Cell { column: "configuration", ..CELL }, Cell { table: "users", ..CELL }];
    for place in places {
        assert!(matches!(open(ring.active(), place, &sealed), Err(Error::Corrupt { .. })));
    }
}

#[test]
fn no_changed_character_goes_unnoticed() {
    let rng = TestRng::default();
    let ring = KeyRing::generate(&rng);
    let sealed = sealed(&rng, &ring);
    for index in 0..sealed.len() {
        for replacement in ["A", "B", "é", ""] {
            let mut changed = sealed.clone();
            changed.replace_range(index..=index, replacement);
            if changed != sealed {
                assert!(open(ring.active(), CELL, &changed).is_err(), "{index} {replacement}");
            }
        }
    }
    for length in 0..sealed.len() {
        assert!(open(ring.active(), CELL, &sealed[..length]).is_err());
    }
}

#[test]
fn another_key_does_not_open_it() {
    let rng = TestRng::default();
    let (ring, other) = (KeyRing::generate(&rng), KeyRing::generate(&rng));
    let sealed = sealed(&rng, &ring);
    assert!(open(other.active(), CELL, &sealed).is_err());
    let renamed = sealed.replace(ring.active().id(), other.active().id());
    assert!(open(other.active(), CELL, &renamed).is_err());
}

#[test]
fn hashes_differ_by_kind_key_and_text() {
    let rng = TestRng::default();
    let (ring, other) = (KeyRing::generate(&rng), KeyRing::generate(&rng));
    let kinds = [
        Lookup::UserSecret,
        Lookup::OrganizationSecret,
        Lookup::ElementToken,
        Lookup::SessionToken,
        Lookup::InstanceTag { user: 0 },
        Lookup::InstanceTag { user: 1 },
    ];
    let mut hashes: Vec<String> = kinds.iter().map(|&kind| lookup_hash(ring.lookup(), kind, "text")).collect();
    hashes.push(lookup_hash(other.lookup(), Lookup::UserSecret, "text"));
    hashes.push(lookup_hash(ring.lookup(), Lookup::UserSecret, "texu"));
    assert!(hashes.iter().all(|hash| hash.len() == 64));
    hashes.sort();
    hashes.dedup();
    assert_eq!(hashes.len(), 8);
}
