//! The key file: made once, private, replaced whole, refused when exposed.

use std::{os::unix::fs::PermissionsExt, sync::Arc, thread};

use super::*;
use crate::{KeyRing, testing::TestRng};

fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn it_is_made_once_and_private() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("keys");
    let rng = TestRng::default();
    let first = KeyRing::load_or_create(&path, &rng).unwrap();
    let second = KeyRing::load_or_create(&path, &rng).unwrap();
    assert!(first.is_same_installation(&second));
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(names(directory.path()), ["keys"]);
}

#[test]
fn many_makers_agree_on_one() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("keys");
    let rng = Arc::new(TestRng::default());
    let makers: Vec<_> = (0..8)
        .map(|_| {
            let (path, rng) = (path.clone(), rng.clone());
            thread::spawn(move || KeyRing::load_or_create(&path, rng.as_ref()).unwrap())
        })
        .collect();
    let rings: Vec<KeyRing> = makers.into_iter().map(|maker| maker.join().unwrap()).collect();
    assert!(rings.iter().all(|ring| ring.is_same_installation(&rings[0])));
    assert_eq!(names(directory.path()), ["keys"]);
}

#[test]
fn create_keeps_what_is_there() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("keys");
    create(&path, &Secret::new("first".into()), &TestRng::default()).unwrap();
    create(&path, &Secret::new("second".into()), &TestRng::default()).unwrap();
    assert_eq!(read(&path).unwrap().expose(), "first");
    replace(&path, &Secret::new("third".into()), &TestRng::default()).unwrap();
    assert_eq!(read(&path).unwrap().expose(), "third");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn exposed_files_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("keys");
    KeyRing::load_or_create(&path, &TestRng::default()).unwrap();
    for (mode, accepted) in
        [(0o600, true), (0o400, true), (0o640, true), (0o644, false), (0o660, false), (0o602, false)]
    {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        assert_eq!(KeyRing::load(&path).is_ok(), accepted, "{mode:o}");
    }
    let error = KeyRing::load(&path).unwrap_err();
    assert!(matches!(error, KeyError::Exposed { mode: 0o602, .. }), "{error}");
}

#[test]
fn missing_and_broken_files_are_errors() {
    let directory = tempfile::tempdir().unwrap();
    let missing = directory.path().join("missing");
    assert!(matches!(KeyRing::load(&missing), Err(KeyError::File { .. })));
    assert!(matches!(KeyRing::begin_rotation(&missing, &TestRng::default()), Err(KeyError::File { .. })));
    let nowhere = directory.path().join("no/such/keys");
    assert!(matches!(KeyRing::load_or_create(&nowhere, &TestRng::default()), Err(KeyError::File { .. })));
    let broken = directory.path().join("broken");
    create(&broken, &Secret::new("ligand-keys-1 lookup=12".into()), &TestRng::default()).unwrap();
    assert!(matches!(KeyRing::load_or_create(&broken, &TestRng::default()), Err(KeyError::Syntax(_))));
}

#[test]
fn concurrent_rotations_lose_no_key() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("keys");
    let rng = Arc::new(TestRng::default());
    KeyRing::load_or_create(&path, rng.as_ref()).unwrap();
    let rotations: Vec<_> = (0..8)
        .map(|_| {
            let (path, rng) = (path.clone(), rng.clone());
            thread::spawn(move || KeyRing::begin_rotation(&path, rng.as_ref()).unwrap())
        })
        .collect();
    let rings: Vec<KeyRing> = rotations.into_iter().map(|rotation| rotation.join().unwrap()).collect();
    let last = KeyRing::load(&path).unwrap();
    assert_eq!(last.sealing_keys(), 9);
    assert!(rings.iter().all(|ring| last.find(ring.active().id()).is_some()));
    assert_eq!(names(directory.path()), ["keys", "keys.lock"]);
}
