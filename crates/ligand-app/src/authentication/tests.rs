//! Passwords, secrets and the throttling of logins.

use std::net::{IpAddr, Ipv4Addr};

use ligand_domain::{Secret, SystemRng, Timestamp};

use super::{FAILURE_WINDOW, FAILURES_ALLOWED, Guard, base64_secret, bearer_token, hash_password, matches};

#[test]
fn a_password_matches_its_own_hash_only() {
    let hash = hash_password(&SystemRng, &Secret::new("right".into())).expect("short enough");
    assert!(matches(&Secret::new("right".into()), &hash));
    assert!(!matches(&Secret::new("wrong".into()), &hash));
    assert!(!matches(&Secret::new("right".into()), &Secret::new("not a hash".into())));
    assert!(hash_password(&SystemRng, &Secret::new("x".repeat(2000))).is_err());
}

#[test]
fn secrets_have_the_documented_forms() {
    assert_eq!(base64_secret(&SystemRng).expose().len(), 44);
    assert!(bearer_token(&SystemRng).expose().len() >= 200);
}

#[test]
fn guessing_is_throttled_for_a_while() {
    let (guard, start) = (Guard::default(), Timestamp::from_millis(0));
    let key = ("a@b.c".to_owned(), IpAddr::V4(Ipv4Addr::LOCALHOST));
    for _ in 0..FAILURES_ALLOWED {
        assert!(guard.check(&key, start).is_ok());
        guard.failed(key.clone(), start);
    }
    assert_eq!(guard.check(&key, start).unwrap_err().retry_after_seconds, Some(FAILURE_WINDOW.as_secs()));
    let other = ("d@e.f".to_owned(), IpAddr::V4(Ipv4Addr::LOCALHOST));
    assert!(guard.check(&other, start).is_ok());
    assert!(guard.check(&key, start.plus(FAILURE_WINDOW)).is_ok());
}
