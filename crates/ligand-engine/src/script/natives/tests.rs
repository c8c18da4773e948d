//! Known digests, and base64 as it comes.

use super::*;

#[test]
fn digests() {
    assert_eq!(digest("md5", "hex", "abc").as_deref(), Some("900150983cd24fb0d6963f7d28e17f72"));
    assert_eq!(digest("SHA1", "hex", "abc").as_deref(), Some("a9993e364706816aba3e25717850c26c9cd0d89d"));
    assert_eq!(digest("crc32", "hex", "abc"), None);
}

#[test]
fn keyed_digests() {
    let text = "The quick brown fox jumps over the lazy dog";
    assert_eq!(hmac("md5", "hex", "key", text).as_deref(), Some("80070713463e7749b90c2dc24911e275"));
    assert_eq!(hmac("sha1", "HEX", "key", text).as_deref(), Some("de7c9b85b8b78aa6bc8a7a36f70a90701c9db4d9"));
    assert_eq!(
        hmac("sha256", "hex", "key", text).as_deref(),
        Some("f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8")
    );
    assert_eq!(hmac("sha1", "base64", "key", text).as_deref(), Some("3nybhbi3iqa8ino29wqQcBydtNk="));
    assert_eq!(hmac("sha1", "utf8", "key", text), None);
    assert_eq!(hmac("", "hex", "", text), None);
}

#[test]
fn base64_both_ways() {
    assert_eq!(encode64("Grüße"), "R3LDvMOfZQ==");
    for text in ["R3LDvMOfZQ==", "R3LDvMOfZQ", "R3LD\nvMOf ZQ="] {
        assert_eq!(decode64(text), "Grüße", "{text}");
    }
    assert_eq!(decode64("_w"), "\u{fffd}");
    assert_eq!(decode64("a"), "");
    assert_eq!(decode64("!"), "");
}
