//! The client can be made on every machine.

use rustls::pki_types::CertificateDer;

use super::{build, roots};
use crate::Options;

#[test]
fn machines_without_roots_use_the_bundled_ones() {
    assert!(roots(Vec::new()).len() > 50);
    assert!(roots(vec![CertificateDer::from(b"rubbish".to_vec())]).len() > 50);
}

#[test]
fn the_client_is_made() {
    assert!(build(&Options::default()).is_ok());
}
