//! The packages are what was published: every file is listed with its digest, and every listed file is there.

use std::{collections::BTreeSet, fs, path::Path};

use sha2::{Digest, Sha256};

use super::*;

fn check(package: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../third_party").join(package);
    let sums = fs::read_to_string(folder.join("SHA256SUMS")).unwrap();
    let mut listed = BTreeSet::new();
    for line in sums.lines() {
        let (expected, name) = line.split_once("  ").unwrap();
        let digest = Sha256::digest(fs::read(folder.join(name)).unwrap());
        let found: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(found, expected, "{package}/{name}");
        listed.insert(name.to_owned());
    }
    assert!(listed.contains("LICENSE"), "{package} comes with its licence");
    for sub in ["", "fp", "min"] {
        let Ok(entries) = fs::read_dir(folder.join(sub)) else { continue };
        for entry in entries.map(Result::unwrap).filter(|entry| entry.file_type().unwrap().is_file()) {
            let path = entry.path();
            let name = path.strip_prefix(&folder).unwrap().to_str().unwrap().to_owned();
            assert!(name == "SHA256SUMS" || listed.contains(&name), "{package}/{name} is not listed");
        }
    }
}

#[test]
fn packages_are_unmodified() {
    check("lodash-4.18.1");
    check("moment-2.31.0");
}

#[test]
fn parts_are_not_for_scripts() {
    for name in ["./placeholder", "./_mapping", "http.client", "fs", "", "__proto__"] {
        assert!(source(name, false).is_none(), "{name}");
    }
}
