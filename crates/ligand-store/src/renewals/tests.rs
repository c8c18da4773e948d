//! One renews, others see it, and one that stands still is followed by another.

use ligand_domain::{Id, Instance};

use crate::{
    Renewer,
    testing::{Fixture, new_instance, on_each_engine},
};

async fn instance(fixture: &Fixture) -> Id<Instance> {
    let owner = fixture.administrator().await;
    fixture.store.create_instance(&new_instance(&owner, "a")).await.unwrap().id
}

#[tokio::test]
async fn one_has_the_turn_until_it_gives_it_back() {
    on_each_engine(async |fixture| {
        let (id, store) = (instance(fixture).await, &fixture.store);
        assert_eq!(store.take_renewal(id, "one", None).await.unwrap(), None);
        let held = Renewer { holder: "one".to_owned(), beats: 0 };
        assert_eq!(store.take_renewal(id, "two", None).await.unwrap(), Some(held));
        store.end_renewal(id, "two").await.unwrap();
        assert!(store.renewer(id).await.unwrap().is_some(), "not its turn");
        store.end_renewal(id, "one").await.unwrap();
        assert_eq!(store.take_renewal(id, "two", None).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn who_stands_still_loses_the_turn_and_who_beats_keeps_it() {
    on_each_engine(async |fixture| {
        let (id, store) = (instance(fixture).await, &fixture.store);
        store.take_renewal(id, "one", None).await.unwrap();
        let seen = store.renewer(id).await.unwrap().unwrap();
        assert!(store.beat_renewal(id, "one").await.unwrap());
        assert!(store.take_renewal(id, "two", Some(&seen)).await.unwrap().is_some(), "it lives");
        let seen = store.renewer(id).await.unwrap().unwrap();
        assert_eq!(store.take_renewal(id, "two", Some(&seen)).await.unwrap(), None);
        assert!(store.take_renewal(id, "three", Some(&seen)).await.unwrap().is_some(), "one follows, not two");
        assert!(!store.beat_renewal(id, "one").await.unwrap());
        store.end_renewal(id, "one").await.unwrap();
        assert_eq!(store.renewer(id).await.unwrap().unwrap().holder, "two");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_try_at_once_one_gets_it() {
    on_each_engine(async |fixture| {
        let (id, stores) = (instance(fixture).await, [fixture.store.clone(), fixture.second().await]);
        let tries = (0..40).map(|number| {
            let store = stores[number % 2].clone();
            tokio::spawn(async move { store.take_renewal(id, &number.to_string(), None).await.unwrap().is_none() })
        });
        let mut taken = 0;
        for each in tries.collect::<Vec<_>>() {
            taken += usize::from(each.await.unwrap());
        }
        assert_eq!(taken, 1);
    })
    .await;
}

#[tokio::test]
async fn a_deleted_instance_leaves_no_turn() {
    on_each_engine(async |fixture| {
        let (id, store) = (instance(fixture).await, &fixture.store);
        store.take_renewal(id, "one", None).await.unwrap();
        assert!(store.delete_instance(id).await.unwrap());
        assert_eq!(store.renewer(id).await.unwrap(), None);
        assert!(store.take_renewal(id, "one", None).await.is_err());
    })
    .await;
}
