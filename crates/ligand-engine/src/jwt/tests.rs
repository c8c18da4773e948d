//! Signatures with keys of every form, and keys that are none.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ligand_element::{authentication::Algorithm, oauth::grant::Assertion};
use serde_json::json;

use super::{plain_numbers, sign, with_lines};

fn assertion(algorithm: Algorithm) -> Assertion {
    let header = json!({ "alg": algorithm.key(), "typ": "JWT" });
    Assertion { algorithm, key: "oauth.jwt.key".to_owned(), header, claims: json!({ "iss": "me" }) }
}

#[test]
fn secrets_sign_as_the_usual_example_does() {
    let claims = json!({ "sub": "1234567890", "name": "John Doe", "iat": 1_516_239_022 });
    let signed = sign(&Assertion { claims, ..assertion(Algorithm::Hs256) }, "your-256-bit-secret");
    assert_eq!(
        signed.as_deref(),
        Ok(
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.\
            SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"
        )
    );
}

/// Keys made for these tests alone, with `openssl genpkey` and `openssl ecparam`.
const P256_SEC1: &str = include_str!("tests/p256-sec1.pem");
const P256_PKCS8: &str = include_str!("tests/p256-pkcs8.pem");
const RSA_PKCS1: &str = include_str!("tests/rsa-pkcs1.pem");
const RSA_PKCS8: &str = include_str!("tests/rsa-pkcs8.pem");
const ED25519: &str = include_str!("tests/ed25519.pem");

#[test]
fn private_keys_of_every_form_sign() {
    for (algorithm, key, length) in [
        (Algorithm::Rs256, RSA_PKCS1, 256),
        (Algorithm::Rs384, RSA_PKCS8, 256),
        (Algorithm::Rs512, RSA_PKCS8, 256),
        (Algorithm::Ps256, RSA_PKCS8, 256),
        (Algorithm::Ps384, RSA_PKCS1, 256),
        (Algorithm::Ps512, RSA_PKCS8, 256),
        (Algorithm::Es256, P256_SEC1, 64),
        (Algorithm::Es256, P256_PKCS8, 64),
        (Algorithm::EdDsa, ED25519, 64),
    ] {
        let signed = sign(&assertion(algorithm), key).unwrap_or_else(|told| panic!("{}: {told}", algorithm.key()));
        let signature = signed.rsplit('.').next().expect("a signature");
        assert_eq!(URL_SAFE_NO_PAD.decode(signature).expect("base64").len(), length, "{}", algorithm.key());
    }
    // PKCS #1 signatures are the same every time: both forms of the key are one key.
    let rs256 = |key: &str| sign(&assertion(Algorithm::Rs256), key);
    assert_eq!(rs256(RSA_PKCS1), rs256(RSA_PKCS8));
    assert_eq!(rs256(&RSA_PKCS8.replace('\n', "\\n")), rs256(RSA_PKCS8), "line ends written out");
    assert_eq!(rs256(&RSA_PKCS8.replace('\n', " ")), rs256(RSA_PKCS8), "line ends lost");
    assert_eq!(rs256(&RSA_PKCS8.replace('\n', "\r\n")), rs256(RSA_PKCS8), "line ends of another system");
}

#[test]
fn keys_that_are_none_are_told_by_name() {
    for (algorithm, key, told) in [
        (Algorithm::Rs256, "", "is no private key in PEM form"),
        (Algorithm::Rs256, "hunter2-secret", "is no private key in PEM form"),
        (Algorithm::Es256, "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----", "cannot sign"),
        (Algorithm::Es256, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "cannot sign with ES256"),
        (
            Algorithm::Rs256,
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nhunter2\n-----END ENCRYPTED PRIVATE KEY-----",
            "encrypted private key",
        ),
        (Algorithm::Rs256, P256_PKCS8, "cannot sign with RS256"),
        (Algorithm::Es384, P256_PKCS8, "cannot sign with ES384"),
        (Algorithm::EdDsa, RSA_PKCS8, "cannot sign with EdDSA"),
    ] {
        let refused = sign(&assertion(algorithm), key).expect_err("no signature").to_string();
        assert!(refused.starts_with("The configuration entry oauth.jwt.key ") && refused.contains(told), "{refused}");
        assert!(!refused.contains("hunter2"), "{refused}");
    }
}

#[test]
fn numbers_of_any_length_get_their_place() {
    let der = [0x30, 9, 2, 2, 0, 0x80, 2, 3, 1, 2, 3];
    assert_eq!(plain_numbers(&der, 4), Some(vec![0, 0, 0, 0x80, 0, 1, 2, 3]));
    for broken in [&[][..], &[0x30], &[0x30, 1], &[0x30, 4, 2, 9, 1, 1], &[0x30, 6, 2, 1, 1, 2, 1, 1, 0], &[0x31, 0]] {
        assert_eq!(plain_numbers(broken, 4), None, "{broken:?}");
    }
    assert_eq!(plain_numbers(&der, 2), None, "a number that is too long");
}

#[test]
fn texts_that_are_no_pem_stay_what_they_are() {
    assert_eq!(with_lines("a b"), "a\nb\n");
    assert_eq!(with_lines(""), "");
}
