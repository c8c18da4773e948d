//! What an instance's configuration has for TLS: a certificate that shows the vendor who calls, with its private key, and
//! authorities that are trusted for this instance's calls besides the usual ones.

mod der;
mod keystore;
mod pkcs12;
#[cfg(test)]
mod tests;

use ligand_domain::{Configuration, Timestamp};
use ligand_element::PlanError;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, pem::PemObject};
use sha2::{Digest as _, Sha256};

use crate::jwt;

/// Certificates in PEM form, the instance's own first, those that lead to an authority behind it.
const CERTIFICATE: &str = "tls.client.certificate";
/// The private key in PEM form.
const KEY: &str = "tls.client.key";
/// Instead of both: a Java or PKCS #12 keystore in base64, and its password.
const KEYSTORE: &str = "base64.encoded.jks";
const KEYSTORE_PASSWORD: &str = "jks.password";
/// Certificates of authorities in PEM form.
pub(crate) const AUTHORITIES: &str = "tls.ca.certificates";

/// How many certificates one entry may hold.
const MOST_CERTIFICATES: usize = 100;

/// The texts.
#[derive(Clone, Copy)]
pub(crate) struct Material<'a> {
    certificate: Option<&'a str>,
    key: Option<&'a str>,
    keystore: Option<&'a str>,
    password: Option<&'a str>,
    authorities: Option<&'a str>,
}

/// What they say.
pub(crate) struct Identity {
    /// The certificate, with those behind it, and its key.
    pub(crate) own: Option<Own>,
    pub(crate) authorities: Vec<CertificateDer<'static>>,
}

/// A certificate, with those that lead from it to an authority, and its private key.
type Own = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// Tells one material from all others.
pub(crate) type Fingerprint = [u8; 32];

impl<'a> Material<'a> {
    /// What a configuration has; `None` when that is nothing.
    pub(crate) fn of(configuration: &'a Configuration) -> Option<Self> {
        let value = |key: &str| configuration.get(key).filter(|text| !text.trim().is_empty());
        let material = Self {
            certificate: value(CERTIFICATE),
            key: value(KEY),
            keystore: value(KEYSTORE),
            password: configuration.get(KEYSTORE_PASSWORD),
            authorities: value(AUTHORITIES),
        };
        let parts = [material.certificate, material.key, material.keystore, material.authorities];
        parts.iter().any(Option::is_some).then_some(material)
    }

    pub(crate) fn fingerprint(&self) -> Fingerprint {
        let mut digest = Sha256::new();
        for part in [self.certificate, self.key, self.keystore, self.password, self.authorities] {
            let part = part.unwrap_or_default();
            digest.update(part.len().to_le_bytes());
            digest.update(part);
        }
        digest.finalize().into()
    }

    /// Reads it.
    ///
    /// # Errors
    /// Which entry is wrong, and how; never what is in it.
    pub(crate) fn read(&self) -> Result<Identity, PlanError> {
        let own = match (self.keystore, self.certificate, self.key) {
            (Some(_), Some(_), _) | (Some(_), _, Some(_)) => {
                return Err(wrong(KEYSTORE, &format!("is there beside {CERTIFICATE} or {KEY}: one of them is to go")));
            }
            (Some(keystore), None, None) => {
                let password = self.password.unwrap_or_default();
                Some(keystore::read(keystore, password).map_err(|what| wrong(KEYSTORE, &what))?)
            }
            (None, Some(chain), Some(key)) => {
                let chain = certificates(CERTIFICATE, chain)?;
                Some((chain, jwt::private_key(key).map_err(|what| wrong(KEY, &what))?))
            }
            (None, Some(_), None) => return Err(wrong(KEY, &format!("has no value, but {CERTIFICATE} has"))),
            (None, None, Some(_)) => return Err(wrong(CERTIFICATE, &format!("has no value, but {KEY} has"))),
            (None, None, None) => None,
        };
        let own = own.map(|(chain, key)| {
            let key = key_with_public(&chain, key);
            (chain, key)
        });
        let authorities = self.authorities.map(|text| certificates(AUTHORITIES, text)).transpose()?;
        Ok(Identity { own, authorities: authorities.unwrap_or_default() })
    }

    /// The entry that the certificate is in.
    pub(crate) fn own_key(&self) -> &'static str {
        if self.keystore.is_some() { KEYSTORE } else { CERTIFICATE }
    }
}

impl Identity {
    /// Whether the certificate is valid now.
    ///
    /// # Errors
    /// That it is not, or not yet.
    pub(crate) fn demand_valid(&self, material: &Material<'_>, now: Timestamp) -> Result<(), PlanError> {
        let Some((chain, _)) = &self.own else { return Ok(()) };
        let unreadable = || wrong(material.own_key(), "holds a certificate that cannot be read");
        let leaf = chain.first().ok_or_else(unreadable)?;
        let (from, until) = der::validity(leaf).ok_or_else(unreadable)?;
        let told = |what: &str, moment: Timestamp| {
            wrong(material.own_key(), &format!("holds a certificate that {what} {}", moment.to_iso_date()))
        };
        match now {
            now if now > until => Err(told("has expired on", until)),
            now if now < from => Err(told("is not valid before", from)),
            _ => Ok(()),
        }
    }
}

/// The key, with its public part where that stands in the certificate alone.
fn key_with_public(chain: &[CertificateDer<'static>], key: PrivateKeyDer<'static>) -> PrivateKeyDer<'static> {
    let PrivateKeyDer::Pkcs8(plain) = &key else { return key };
    let completed = chain.first().and_then(|leaf| der::completed(plain.secret_pkcs8_der(), leaf));
    completed.map_or(key, |der| PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(der)))
}

/// The error of an entry.
pub(crate) fn wrong(key: &str, what: &str) -> PlanError {
    PlanError::Invalid(format!("The configuration entry {key} {what}"))
}

fn certificates(key: &str, text: &str) -> Result<Vec<CertificateDer<'static>>, PlanError> {
    let text = jwt::with_lines(text);
    let all = CertificateDer::pem_slice_iter(text.as_bytes()).take(MOST_CERTIFICATES + 1);
    let all: Result<Vec<_>, _> = all.collect();
    let all = all.map_err(|_| wrong(key, "holds no certificate in PEM form"))?;
    match all.len() {
        0 => Err(wrong(key, "holds no certificate in PEM form")),
        1..=MOST_CERTIFICATES => Ok(all),
        _ => Err(wrong(key, &format!("holds more than {MOST_CERTIFICATES} certificates"))),
    }
}
