//! Rotation: alone, beside a server that writes, with lost keys.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use ligand_domain::Id;

use super::*;
use crate::{
    InstanceFilter,
    testing::{Fixture, bootstrap, new_instance, on_each_engine},
};

async fn keys_in_use(fixture: &Fixture) -> Vec<String> {
    let mut used = fixture.store.used_keys().await.unwrap();
    used.sort();
    used.dedup();
    used
}

#[tokio::test]
async fn every_value_gets_the_new_key() {
    on_each_engine(async |fixture| {
        let owner = fixture.administrator().await;
        for number in 0..3 {
            fixture.store.create_instance(&new_instance(&owner, &format!("n{number}"))).await.unwrap();
        }
        let old = KeyRing::load(&fixture.key_file()).unwrap();
        assert_eq!(keys_in_use(fixture).await, [old.active().id()]);
        let tool = fixture.second().await;
        // An organization's secret, a user's secret and password, three instances with two values each.
        let rotation = tool.rotate_keys().await.unwrap();
        assert_eq!(rotation, Rotation { resealed: 9, dropped_keys: 0, kept_keys: 2 });
        let new = KeyRing::load(&fixture.key_file()).unwrap();
        assert_ne!(new.active().id(), old.active().id());
        assert_eq!(keys_in_use(fixture).await, [new.active().id()]);
        assert_eq!(tool.reseal().await.unwrap(), 0);

        // The server was started before, and learns of the key from the file.
        let found = fixture.store.find_instance(Id::new(2).unwrap()).await.unwrap().unwrap();
        assert_eq!((found.configuration.get("password"), found.revision), (Some("pw-n1"), 1));
        let secrets = bootstrap();
        assert!(fixture.store.find_caller(&secrets.user_secret, &secrets.organization_secret).await.unwrap().is_some());
        assert!(fixture.store.find_instance_by_token(&found.token).await.unwrap().is_some());
        fixture.store.create_instance(&new_instance(&owner, "later")).await.unwrap();
        assert_eq!(keys_in_use(fixture).await, [new.active().id()]);

        // The key before is kept until the next rotation has passed it by.
        assert_eq!(tool.rotate_keys().await.unwrap(), Rotation { resealed: 11, dropped_keys: 1, kept_keys: 2 });
        let last = KeyRing::load(&fixture.key_file()).unwrap();
        assert!(last.find(old.active().id()).is_none() && last.find(new.active().id()).is_some());
        let old = KeyRing::from_text(old.to_text().expose()).unwrap();
        assert!(fixture.reopen(old).await.is_err(), "the first key alone is of no use any more");
    })
    .await;
}

#[tokio::test]
async fn a_server_that_only_writes_changes_over_too() {
    on_each_engine(async |fixture| {
        let owner = fixture.administrator().await;
        let tool = fixture.second().await;
        tool.rotate_keys().await.unwrap();
        tool.rotate_keys().await.unwrap();
        fixture.store.create_instance(&new_instance(&owner, "a")).await.unwrap();
        let ring = KeyRing::load(&fixture.key_file()).unwrap();
        assert_eq!(keys_in_use(fixture).await, [ring.active().id()]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_while_servers_write() {
    on_each_engine(async |fixture| {
        let owner = fixture.administrator().await;
        for number in 0..150 {
            fixture.store.create_instance(&new_instance(&owner, &format!("before {number}"))).await.unwrap();
        }
        let done = Arc::new(AtomicBool::new(false));
        let (server, stop, writer) = (fixture.store.clone(), done.clone(), owner);
        let writing = tokio::spawn(async move {
            let mut made = 0;
            while !stop.load(Ordering::Relaxed) || made < 10 {
                let new = new_instance(&writer, &format!("during {made}"));
                server.create_instance(&new).await.unwrap();
                made += 1;
                let mut first = server.find_instance(Id::new(made % 150 + 1).unwrap()).await.unwrap().unwrap();
                first.configuration.set("password", Some(format!("changed {made}")));
                server.update_instance(&first, None).await.unwrap().unwrap();
            }
            made
        });
        let tool = fixture.second().await;
        for _ in 0..3 {
            tool.rotate_keys().await.unwrap();
        }
        done.store(true, Ordering::Relaxed);
        let made = writing.await.unwrap();
        let fresh = fixture.second().await;
        let page = fresh.list_instances(&InstanceFilter::of_user(owner.user_id, 1_000_000)).await.unwrap();
        assert_eq!(page.total, 150 + made);
        assert_eq!(fixture.second().await.reseal().await.unwrap(), 0, "the last rotation left nothing behind");
    })
    .await;
}

#[tokio::test]
async fn a_rotation_that_was_cut_short_is_made_good_by_the_next() {
    on_each_engine(async |fixture| {
        fixture.administrator().await;
        let first = KeyRing::load(&fixture.key_file()).unwrap();
        // One process died before anything was sealed with its key, another after that.
        KeyRing::begin_rotation(&fixture.key_file(), fixture.rng.as_ref()).unwrap();
        assert_eq!(keys_in_use(fixture).await, [first.active().id()]);
        let second = fixture.second().await;
        let active = second.vault().ring().active().id().to_owned();
        assert_eq!(second.activate(&active).await.unwrap(), first.active().id());
        // A key that somebody is about to bring into use stays.
        let rotation = second.rotate_keys().await.unwrap();
        assert_eq!(rotation, Rotation { resealed: 3, dropped_keys: 1, kept_keys: 2 });
        let prepared = KeyRing::begin_rotation(&fixture.key_file(), fixture.rng.as_ref()).unwrap();
        let present = second.vault().ring().active().id().to_owned();
        let lock = key_file::Lock::wait(&fixture.key_file()).unwrap();
        KeyRing::drop_older(&lock, fixture.rng.as_ref(), &present, &[]).unwrap();
        let ring = KeyRing::load(&fixture.key_file()).unwrap();
        assert_eq!((ring.sealing_keys(), ring.active().id()), (2, prepared.active().id()));
        assert!(fixture.store.administrator_secrets().await.unwrap().is_some());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_rotations_lose_no_value() {
    on_each_engine(async |fixture| {
        let owner = fixture.administrator().await;
        for number in 0..120 {
            fixture.store.create_instance(&new_instance(&owner, &format!("n{number}"))).await.unwrap();
        }
        let mut rotations = Vec::new();
        for tool in [fixture.second().await, fixture.second().await, fixture.second().await] {
            rotations.push(tokio::spawn(async move { tool.rotate_keys().await.unwrap() }));
        }
        for rotation in rotations {
            rotation.await.unwrap();
        }
        let page = fixture.second().await.list_instances(&InstanceFilter::of_user(owner.user_id, 1000)).await.unwrap();
        assert_eq!(page.total, 120);
    })
    .await;
}

#[tokio::test]
async fn keys_from_text_are_rotated_by_whoever_keeps_them() {
    on_each_engine(async |fixture| {
        fixture.administrator().await;
        let text = KeyRing::load(&fixture.key_file()).unwrap().to_text();
        let store = fixture.reopen(KeyRing::from_text(text.expose()).unwrap()).await.unwrap();
        assert!(matches!(store.rotate_keys().await, Err(Error::Keys(KeyError::NotInFile))));
        let old = store;
        let next = KeyRing::begin_rotation(&fixture.key_file(), fixture.rng.as_ref()).unwrap().to_text();
        let new = fixture.reopen(KeyRing::from_text(next.expose()).unwrap()).await.unwrap();
        // Before the change-over both work, since nothing is sealed with the new key.
        assert!(old.administrator_secrets().await.unwrap().is_some());
        assert_eq!(new.reseal().await.unwrap(), 3);
        assert!(matches!(old.administrator_secrets().await, Err(Error::Corrupt { .. })));
        assert!(new.administrator_secrets().await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn a_value_that_does_not_open_stops_the_rotation_and_keeps_its_key() {
    on_each_engine(async |fixture| {
        let owner = fixture.administrator().await;
        fixture.store.create_instance(&new_instance(&owner, "a")).await.unwrap();
        let first = KeyRing::load(&fixture.key_file()).unwrap();
        fixture.execute("UPDATE instances SET token = configuration").await;
        for _ in 0..3 {
            let error = fixture.store.rotate_keys().await.unwrap_err();
            assert_eq!(error.to_string(), "instances.token of row 1 cannot be read: the seal is broken");
        }
        let ring = KeyRing::load(&fixture.key_file()).unwrap();
        assert!(ring.find(first.active().id()).is_some());
        fixture.execute("DELETE FROM instances").await;
        let rotation = fixture.store.rotate_keys().await.unwrap();
        assert_eq!((rotation.dropped_keys, rotation.kept_keys), (3, 2));
        assert!(fixture.store.administrator_secrets().await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn the_key_file_of_another_installation_is_not_taken() {
    let fixture = Fixture::sqlite().await;
    fixture.administrator().await;
    fixture.second().await.rotate_keys().await.unwrap();
    std::fs::remove_file(fixture.key_file()).unwrap();
    KeyRing::load_or_create(&fixture.key_file(), fixture.rng.as_ref()).unwrap();
    let error = fixture.store.administrator_secrets().await.unwrap_err();
    assert!(matches!(error, Error::Keys(KeyError::Foreign)), "{error}");
}
