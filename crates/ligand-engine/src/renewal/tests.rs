//! Who renews, who waits, and who shares an outcome.

use std::sync::{
    Mutex,
    atomic::{AtomicU32, Ordering},
};

use futures_util::future::{BoxFuture, join_all};
use ligand_domain::{Configuration, Id, Instance};

use super::{Keeper, Renewals};
use crate::Failure;

/// Keeps one value.
struct Shelf(Mutex<String>);

impl Keeper for Shelf {
    fn current(&self) -> BoxFuture<'_, Result<Configuration, Failure>> {
        Box::pin(async { Ok(with(&self.0.lock().unwrap())) })
    }

    fn keep(&self, changes: Vec<(String, Option<String>)>) -> BoxFuture<'_, Result<(), Failure>> {
        *self.0.lock().unwrap() = changes[0].1.clone().unwrap();
        Box::pin(async { Ok(()) })
    }
}

fn with(token: &str) -> Configuration {
    [("token".to_owned(), Some(token.to_owned()))].into_iter().collect()
}

fn instance() -> Id<Instance> {
    Id::new(1).unwrap()
}

#[tokio::test]
async fn many_callers_make_one_renewal() {
    let (renewals, shelf, count) = (Renewals::default(), Shelf(Mutex::new("old".to_owned())), AtomicU32::new(0));
    let old = with("old");
    let calls = (0..50).map(|_| {
        renewals.renewed(instance(), &old, &shelf, async |_| {
            count.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            shelf.keep(vec![("token".to_owned(), Some("new".to_owned()))]).await?;
            Ok(with("new"))
        })
    });
    assert!(join_all(calls).await.into_iter().all(|renewed| renewed == Ok(with("new"))));
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn who_comes_late_takes_what_is_there() {
    let (renewals, shelf) = (Renewals::default(), Shelf(Mutex::new("new".to_owned())));
    let renewed = renewals.renewed(instance(), &with("old"), &shelf, async |_| panic!("no need")).await;
    assert_eq!(renewed, Ok(with("new")));
}

#[tokio::test]
async fn who_waited_shares_a_failure_and_who_comes_later_tries_again() {
    let (renewals, shelf, count) = (Renewals::default(), Shelf(Mutex::new("old".to_owned())), AtomicU32::new(0));
    let old = with("old");
    let fail = async |_| {
        count.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        Err(Failure::Unreachable)
    };
    let calls = (0..10).map(|_| renewals.renewed(instance(), &old, &shelf, fail));
    assert!(join_all(calls).await.into_iter().all(|renewed| renewed == Err(Failure::Unreachable)));
    assert_eq!(count.load(Ordering::SeqCst), 1);
    let _ = renewals.renewed(instance(), &old, &shelf, fail).await;
    assert_eq!(count.load(Ordering::SeqCst), 2);
}
