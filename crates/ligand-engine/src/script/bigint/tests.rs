//! What looks like an integer without bound.

use super::{may_be_in, without};

#[test]
fn numbers_are_found_in_every_notation() {
    for text in ["5n", "0n;", "x=12_000n", "0xfFn", "0B101n", "0o17n", "[...5n]", "-1n", "a\u{a0}5n", "é5n", "2n**3n"]
    {
        assert!(may_be_in(text), "{text}");
    }
    for text in ["", "n", "a5n", "$5n", "_1n", "5", "5m", "0xn", "0x", "0b2n", "n5", "5nn", "5n5", "fin", "x.n", "5 n"]
    {
        assert!(!may_be_in(text), "{text}");
        assert_eq!(without(text), text);
    }
    assert_eq!(without("2n**3n // 'ü' 0x1Fn"), "2m**3m // 'ü' 0x1Fm");
}
