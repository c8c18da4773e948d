//! The text form: what is read, what is refused, and that refusals tell nothing.

use super::*;
use crate::testing::TestRng;

fn ring() -> KeyRing {
    KeyRing::generate(&TestRng::default())
}

fn message(text: &str) -> String {
    KeyRing::from_text(text).unwrap_err().to_string()
}

#[test]
fn text_is_read_back() {
    let ring = ring();
    let read = KeyRing::from_text(ring.to_text().expose()).unwrap();
    assert!(read.is_same_installation(&ring));
    assert_eq!(read.active().bytes(), ring.active().bytes());
    assert_eq!(read.active().id().len(), 8);
}

#[test]
fn one_line_without_comments_is_enough() {
    let text = ring().to_text();
    let words: Vec<&str> = text.expose().lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(KeyRing::from_text(&words.join(" ")).unwrap().sealing_keys(), 1);
}

#[test]
fn defects_are_told_without_the_keys() {
    let text = ring().to_text();
    let (lookup, active) = {
        let mut lines = text.expose().lines().filter(|line| line.contains('='));
        (lines.next().unwrap().to_owned(), lines.next().unwrap().to_owned())
    };
    let key = active.split_once('.').unwrap().1;
    let last = if key.ends_with('A') { "E" } else { "A" };
    let cases = [
        String::new(),
        "ligand-keys-2".to_owned(),
        format!("{lookup} {active}"),
        "ligand-keys-1".to_owned(),
        format!("ligand-keys-1 {lookup}"),
        format!("ligand-keys-1 {active}"),
        format!("ligand-keys-1 {lookup} {active} {active}"),
        format!("ligand-keys-1 {lookup} {lookup} {active}"),
        format!("ligand-keys-1 {lookup} {active} other={key}"),
        format!("ligand-keys-1 {lookup} {key}"),
        format!("ligand-keys-1 {lookup} active={key}"),
        format!("ligand-keys-1 {lookup} active=00000000.{key}"),
        format!("ligand-keys-1 {lookup} {}", &active[..active.len() - 4]),
        format!("ligand-keys-1 {lookup} {}{last}", &active[..active.len() - 1]),
        format!("ligand-keys-1 {lookup} {active}="),
        format!("ligand-keys-1 {lookup} active={}", lookup.split_once('=').unwrap().1),
    ];
    for case in cases {
        let message = message(&case);
        assert!(message.starts_with("the keys cannot be understood"), "{message}");
        assert!(!message.contains(&key[..8]), "{message}");
    }
}

#[test]
fn debug_shows_no_key() {
    assert_eq!(format!("{:?}", ring()), "KeyRing(1 sealing keys)");
}
