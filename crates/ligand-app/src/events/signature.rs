//! The signatures of vendors: an element says in its configuration which header has one, and how it is made.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ligand_domain::Configuration;
use ligand_engine::keyed_hash;

use super::payload::Incoming;

/// Whether the webhook is signed as the instance demands; one that demands nothing takes all.
pub(super) fn is_genuine(incoming: &Incoming, configuration: &Configuration) -> bool {
    let given = |name: &str| {
        configuration.get(&format!("event.webhook.signature.{name}")).map(str::trim).filter(|text| !text.is_empty())
    };
    let (Some(header), Some(key)) = (given("header"), given("key")) else { return true };
    let Some(sent) = incoming.header(&header.to_ascii_lowercase()) else { return false };
    let prefix = given("prefix").unwrap_or_default();
    let Some(sent) = sent.strip_prefix(prefix) else { return false };
    let algorithm = given("algorithm").unwrap_or("sha256");
    let Some(expected) = keyed_hash(algorithm, key.as_bytes(), &incoming.body) else { return false };
    let decoded = match given("encoding").unwrap_or("hex") {
        "base64" => STANDARD.decode(sent).ok(),
        _ => from_hex(sent),
    };
    // Compared in constant time: the difference must not tell how much of a guess is right.
    decoded.is_some_and(|sent| {
        sent.len() == expected.len() && sent.iter().zip(&expected).fold(0, |all, (a, b)| all | (a ^ b)) == 0
    })
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let bytes = text.as_bytes();
    let pairs = bytes.chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2)?;
        u8::from_str_radix(pair, 16).ok()
    });
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use ligand_domain::Configuration;

    use super::{Incoming, is_genuine};

    fn configuration(pairs: &[(&str, &str)]) -> Configuration {
        pairs.iter().map(|(key, value)| (format!("event.webhook.signature.{key}"), Some((*value).to_owned()))).collect()
    }

    fn signed(value: &str) -> Incoming {
        Incoming {
            headers: vec![("x-signature".into(), value.into())],
            body: "what do ya want for nothing?".into(),
            ..Incoming::default()
        }
    }

    /// The second case of RFC 4231.
    const HEX: &str = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";

    #[test]
    fn a_signature_is_demanded_where_it_is_declared() {
        let demands = configuration(&[("header", "X-Signature"), ("key", "Jefe"), ("prefix", "sha256=")]);
        assert!(is_genuine(&signed(&format!("sha256={HEX}")), &demands));
        assert!(is_genuine(&signed(&format!("sha256={}", HEX.to_uppercase())), &demands));
        let other = HEX.replace('5', "6");
        for wrong in [HEX, "sha256=", "sha256=zz", &format!("sha256={other}"), ""] {
            assert!(!is_genuine(&signed(wrong), &demands), "{wrong}");
        }
        assert!(!is_genuine(&Incoming::default(), &demands));
        let unknown = configuration(&[("header", "X-Signature"), ("key", "Jefe"), ("algorithm", "rot13")]);
        assert!(!is_genuine(&signed(HEX), &unknown));
        assert!(is_genuine(&Incoming::default(), &configuration(&[("header", "X-Signature")])), "without a key");
    }

    #[test]
    fn it_can_be_in_base64() {
        let demands = configuration(&[("header", "X-Signature"), ("key", "Jefe"), ("encoding", "base64")]);
        assert!(is_genuine(&signed("W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM="), &demands));
    }
}
