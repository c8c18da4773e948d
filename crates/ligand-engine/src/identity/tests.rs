//! Certificates, keys and keystores, whole and broken.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ligand_domain::{Configuration, Timestamp};
use proptest::prelude::*;
use rustls::pki_types::PrivateKeyDer;

use super::{Material, der, keystore};

/// A keystore that `keytool -storetype JKS` made: one key, one certificate, password `changeit`.
const JKS: &[u8] = include_bytes!("tests/client.jks");

fn configuration(pairs: &[(&str, &str)]) -> Configuration {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), Some((*value).to_owned()))).collect()
}

/// A certificate and its key, valid in these years.
fn made(from: i32, until: i32) -> (String, String) {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut parameters = rcgen::CertificateParams::new(vec!["client.test".to_owned()]).unwrap();
    parameters.not_before = rcgen::date_time_ymd(from, 2, 3);
    parameters.not_after = rcgen::date_time_ymd(until, 2, 3);
    (parameters.self_signed(&key).unwrap().pem(), key.serialize_pem())
}

fn refused(pairs: &[(&str, &str)], now: &str) -> String {
    let configuration = configuration(pairs);
    let material = Material::of(&configuration).expect("there is something");
    let year: i64 = now.parse().unwrap();
    let now = Timestamp::from_millis((year - 1970) * 31_557_600_000);
    let outcome = material.read().and_then(|identity| identity.demand_valid(&material, now));
    outcome.expect_err("it is refused").to_string()
}

#[test]
fn most_configurations_have_nothing() {
    assert!(Material::of(&configuration(&[("tls.client.key", " "), ("jks.password", "x")])).is_none());
}

#[test]
fn what_is_wrong_is_told_by_the_entry_and_not_by_its_value() {
    let (certificate, key) = made(2020, 2040);
    let evil = "-----BEGIN CERTIFICATE-----\nhunter2!\n-----END CERTIFICATE-----";
    for (pairs, told) in [
        (vec![("tls.client.certificate", certificate.as_str())], "tls.client.key has no value"),
        (vec![("tls.client.key", key.as_str())], "tls.client.certificate has no value"),
        (vec![("tls.client.certificate", "hunter2"), ("tls.client.key", &key)], "tls.client.certificate holds no"),
        (vec![("tls.client.certificate", evil), ("tls.client.key", &key)], "tls.client.certificate holds no"),
        (vec![("tls.client.certificate", &certificate), ("tls.client.key", "hunter2")], "tls.client.key is no private"),
        (vec![("tls.client.certificate", &key), ("tls.client.key", &key)], "tls.client.certificate holds no"),
        (vec![("tls.ca.certificates", "hunter2")], "tls.ca.certificates holds no certificate"),
        (vec![("base64.encoded.jks", "hunter2%")], "base64.encoded.jks is not base64"),
        (vec![("base64.encoded.jks", "aHVudGVyMg==")], "base64.encoded.jks holds no keystore"),
        (
            vec![("base64.encoded.jks", "aHVudGVyMg=="), ("tls.client.key", &key)],
            "base64.encoded.jks is there beside tls.client.certificate or tls.client.key",
        ),
    ] {
        let shown = refused(&pairs, "2026");
        assert!(shown.starts_with("The configuration entry ") && shown.contains(told), "{shown}");
        assert!(!shown.contains("hunter2"), "{shown}");
    }
    let many = certificate.repeat(101);
    assert!(refused(&[("tls.ca.certificates", &many)], "2026").contains("more than 100 certificates"));
}

#[test]
fn certificates_are_valid_for_a_time() {
    let (certificate, key) = made(2020, 2040);
    let pairs = [("tls.client.certificate", certificate.as_str()), ("tls.client.key", key.as_str())];
    assert!(
        refused(&pairs, "2019")
            .contains("tls.client.certificate holds a certificate that is not valid before 2020-02-03")
    );
    assert!(
        refused(&pairs, "2041").contains("tls.client.certificate holds a certificate that has expired on 2040-02-03")
    );
    // Years beyond 2049 are written in another way.
    let (certificate, key) = made(2020, 2060);
    let pairs = [("tls.client.certificate", certificate.as_str()), ("tls.client.key", key.as_str())];
    assert!(refused(&pairs, "2061").contains("has expired on 2060-02-03"));
    let configuration = configuration(&pairs);
    let material = Material::of(&configuration).unwrap();
    let identity = material.read().unwrap();
    assert_eq!(identity.demand_valid(&material, Timestamp::from_millis(1_800_000_000_000)), Ok(()));
}

#[test]
fn every_difference_makes_another_fingerprint() {
    let of = |pairs: &[(&str, &str)]| Material::of(&configuration(pairs)).unwrap().fingerprint();
    let all = [
        of(&[("tls.client.certificate", "ab")]),
        of(&[("tls.client.key", "ab")]),
        of(&[("tls.ca.certificates", "ab")]),
        of(&[("base64.encoded.jks", "ab")]),
        of(&[("base64.encoded.jks", "a"), ("jks.password", "b")]),
        of(&[("tls.client.certificate", "a"), ("tls.client.key", "b")]),
    ];
    for (index, one) in all.iter().enumerate() {
        assert!(all.iter().skip(index + 1).all(|other| other != one), "{index}");
    }
    assert_eq!(of(&[("tls.client.key", "ab"), ("x", "y")]), all[1]);
}

#[test]
fn a_java_keystore_gives_its_key_and_certificate() {
    let (chain, key) = keystore::read(&STANDARD.encode(JKS), "changeit").unwrap();
    assert_eq!(chain.len(), 1);
    assert!(matches!(key, PrivateKeyDer::Pkcs8(_)));
    assert!(der::validity(&chain[0]).is_some());
    assert_eq!(usable(JKS), Ok(()));
    // Lines of 76 characters, as `base64` writes them, and without padding.
    let lines: Vec<String> =
        STANDARD.encode(JKS).as_bytes().chunks(76).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
    assert!(keystore::read(lines.join("\r\n").trim_end_matches('='), "changeit").is_ok());
    assert_eq!(
        keystore::read(&STANDARD.encode(JKS), "wrong"),
        Err("holds a keystore that the password does not open".to_owned())
    );
    assert_eq!(keystore::read(&"A".repeat(2 << 20), ""), Err("holds a keystore that is too large".to_owned()));
}

/// Whether a keystore's key and certificate belong together.
fn usable(keystore: &[u8]) -> Result<(), rustls::Error> {
    let configuration =
        configuration(&[("base64.encoded.jks", &STANDARD.encode(keystore)), ("jks.password", "changeit")]);
    let identity = Material::of(&configuration).unwrap().read().unwrap_or_else(|told| panic!("{told}"));
    let (chain, key) = identity.own.unwrap();
    let key = rustls::crypto::ring::sign::any_supported_type(&key)?;
    rustls::sign::CertifiedKey::new(chain, key).keys_match()
}

#[test]
fn keystores_of_pkcs_12_are_read_whoever_made_them() {
    for (made, by) in [
        (include_bytes!("tests/keytool.p12").as_slice(), "keytool"),
        (include_bytes!("tests/openssl.p12"), "openssl pkcs12 -export"),
        (include_bytes!("tests/chain.p12"), "the same with the certificate of an authority"),
    ] {
        assert_eq!(usable(made), Ok(()), "{by}");
        let shut = keystore::read(&STANDARD.encode(made), "wrong");
        assert_eq!(shut, Err("holds a keystore that the password does not open".to_owned()), "{by}");
    }
    let outdated = keystore::read(&STANDARD.encode(include_bytes!("tests/legacy.p12")), "changeit");
    assert_eq!(outdated, Err("holds a keystore with outdated encryption: make it anew with AES".to_owned()));
}

#[test]
fn keystores_do_not_keep_the_server_busy() {
    let endless = keystore::read(&STANDARD.encode(include_bytes!("tests/endless.p12")), "changeit");
    assert_eq!(endless, Err("holds a keystore that takes too many rounds to open".to_owned()));
}

proptest! {
    #[test]
    fn rubbish_is_no_keystore_and_no_certificate(bytes in prop::collection::vec(any::<u8>(), 0..200), at in 0..JKS.len()) {
        let _ = der::validity(&bytes);
        let mut headed = JKS[..4].to_vec();
        headed.extend(&bytes);
        prop_assert!(keystore::read(&STANDARD.encode(&headed), "changeit").is_err());
        let mut changed = JKS.to_vec();
        changed[at] ^= 1;
        prop_assert!(keystore::read(&STANDARD.encode(&changed), "changeit").is_err());
        prop_assert!(keystore::read(&STANDARD.encode(&JKS[..at]), "changeit").is_err());
        let mut other = include_bytes!("tests/keytool.p12").to_vec();
        let place = at % other.len();
        other[place] = other[place].wrapping_add(1);
        let _ = keystore::read(&STANDARD.encode(&other), "changeit");
        prop_assert!(keystore::read(&STANDARD.encode(&other[..place]), "changeit").is_err());
    }
}
