//! Sessions: who they stand for, and that they end.

use super::*;
use crate::testing::{on_each_engine, secret};

#[tokio::test]
async fn a_session_stands_for_its_user_until_it_expires() {
    on_each_engine(async |fixture| {
        let caller = fixture.administrator().await;
        let (store, clock) = (&fixture.store, &fixture.clock);
        let (short, long) = (secret("short"), secret("long"));
        store.create_session(caller.user_id, &short, Timestamp::from_millis(1_500_000_001_000)).await.unwrap();
        store.create_session(caller.user_id, &long, Timestamp::from_millis(1_500_000_002_000)).await.unwrap();
        assert_eq!(store.find_caller_by_session(&short).await.unwrap(), Some(caller));
        assert!(store.find_caller_by_session(&secret("other")).await.unwrap().is_none());
        clock.set(1_500_000_000_999);
        assert!(store.find_caller_by_session(&short).await.unwrap().is_some());
        assert_eq!(store.delete_expired_sessions().await.unwrap(), 0);
        clock.set(1_500_000_001_000);
        assert!(store.find_caller_by_session(&short).await.unwrap().is_none());
        assert_eq!(store.delete_expired_sessions().await.unwrap(), 1);
        assert!(store.find_caller_by_session(&long).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn tokens_are_unique_and_users_must_exist() {
    on_each_engine(async |fixture| {
        let caller = fixture.administrator().await;
        let expires_at = Timestamp::from_millis(i64::MAX);
        let create = async |user| fixture.store.create_session(user, &secret("token"), expires_at).await;
        assert!(matches!(create(Id::new(77).unwrap()).await, Err(Error::Database(_))));
        create(caller.user_id).await.unwrap();
        assert!(matches!(create(caller.user_id).await, Err(Error::Conflict)));
    })
    .await;
}
