//! Patterns of addresses, and addresses that pretend.

use url::Url;

use super::Pattern;

fn allows(pattern: &str, address: &str) -> bool {
    Pattern::read(pattern).expect("a pattern").allows(&Url::parse(address).expect("an address"))
}

#[test]
fn what_a_pattern_lets_through() {
    for (pattern, address) in [
        ("https://app.example/cb", "https://app.example/cb?x=1"),
        ("https://app.example", "https://app.example/any/where"),
        ("app.example", "http://app.example/"),
        ("https://*.app.example/cb/*", "https://a.b.app.example/cb/1"),
        ("test**.com", "https://test1.com/"),
        ("http://localhost:*/cb", "http://localhost:8080/cb"),
        ("*://APP.example", "https://app.example/"),
    ] {
        assert!(allows(pattern, address), "{pattern} {address}");
    }
}

#[test]
fn what_it_does_not() {
    for (pattern, address) in [
        ("https://app.example/cb", "http://app.example/cb"),
        ("https://app.example/cb", "https://app.example/cb/x"),
        ("https://app.example", "https://app.example.evil.test/"),
        ("https://app.example", "https://app.example:8443/"),
        ("https://app.example", "https://app.example@evil.test/"),
        ("https://*.app.example", "https://evil.test/.app.example"),
        ("https://*.app.example", "https://app.example/"),
        ("https://app.example/*", "https://user@app.example/"),
        ("https://app.example/*", "https://app.example/#x"),
        ("app.example", "ftp://app.example/"),
    ] {
        assert!(!allows(pattern, address), "{pattern} {address}");
    }
}

#[test]
fn what_is_no_pattern() {
    for text in ["", "*", "https://*", "https:///x", "ftp://a.example", "javascript:alert(1)", "a b"] {
        assert_eq!(Pattern::read(text), None, "{text}");
    }
}
