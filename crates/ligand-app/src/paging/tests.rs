//! Page positions and their tokens.

use super::{PAGE_SIZE, PAGE_SIZE_MAX, Position, behind, next_behind};

#[test]
fn a_token_carries_position_and_size() {
    let token = Position { after: 0, limit: 7 }.next(12);
    assert_eq!(Position::read(None, Some(&token)).unwrap(), Position { after: 12, limit: 7 });
    assert_eq!(Position::read(Some("3"), Some(&token)).unwrap(), Position { after: 12, limit: 3 });
}

#[test]
fn absent_parameters_mean_the_first_page() {
    for token in [None, Some(""), Some("null")] {
        assert_eq!(Position::read(None, token).unwrap(), Position { after: 0, limit: PAGE_SIZE });
    }
    assert_eq!(Position::read(Some("999999"), None).unwrap().limit, PAGE_SIZE_MAX);
}

#[test]
fn nonsense_is_refused() {
    for size in ["0", "-1", "x", "1.5", "99999999999999999999"] {
        assert!(Position::read(Some(size), None).is_err(), "{size}");
    }
    for token in ["x", "%%%", "MTI", "LTE6Nw", "MTI6MA", "\u{0}"] {
        assert!(Position::read(None, Some(token)).is_err(), "{token}");
    }
}

#[test]
fn pages_behind_ids_of_digits() {
    for first in [None, Some(""), Some("null")] {
        assert_eq!(behind(Some("3"), first).unwrap(), (String::new(), 3));
    }
    let token = next_behind("0a1f", 7);
    assert_eq!(behind(None, Some(&token)).unwrap(), ("0a1f".to_owned(), 7), "the size goes with the token");
    assert_eq!(behind(Some("9"), Some(&token)).unwrap(), ("0a1f".to_owned(), 9));
    let forged = [next_behind("' OR", 7), next_behind("", 7), next_behind("0a", 0), "0a1f".to_owned(), "?".to_owned()];
    for token in &forged {
        assert!(behind(None, Some(token)).is_err(), "{token}");
    }
}
