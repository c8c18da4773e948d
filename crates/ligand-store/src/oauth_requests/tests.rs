//! States that work once, and what the database shows of them.

use ligand_domain::{Caller, Clock, Id, Secret, SystemClock};

use super::{MOST, OauthRequest};
use crate::testing::{on_each_engine, secret};

fn waiting(owner: &Caller, text: &str) -> OauthRequest {
    OauthRequest {
        user_id: owner.user_id,
        element_id: Id::new(7).unwrap(),
        expires_at: SystemClock.now().plus(std::time::Duration::from_secs(600)),
        request: Secret::new(text.to_owned()),
    }
}

#[tokio::test]
async fn a_state_works_once() {
    on_each_engine(async |fixture| {
        let owner = fixture.administrator().await;
        fixture.store.add_oauth_request(&secret("s1"), &waiting(&owner, "planted")).await.unwrap();
        assert!(fixture.store.add_oauth_request(&secret("s1"), &waiting(&owner, "x")).await.is_err(), "it is taken");
        assert!(fixture.store.take_oauth_request(&secret("s2")).await.unwrap().is_none());
        let found = fixture.store.take_oauth_request(&secret("s1")).await.unwrap().unwrap();
        assert_eq!((found.request.expose(), found.element_id.get()), ("planted", 7));
        assert_eq!(found.user_id, owner.user_id);
        assert!(fixture.store.take_oauth_request(&secret("s1")).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn one_user_s_oldest_gives_way() {
    on_each_engine(async |fixture| {
        let owner = fixture.administrator().await;
        for number in 0..=MOST {
            let state = secret(&format!("s{number}"));
            fixture.store.add_oauth_request(&state, &waiting(&owner, "x")).await.unwrap();
        }
        assert!(fixture.store.take_oauth_request(&secret("s0")).await.unwrap().is_none());
        assert!(fixture.store.take_oauth_request(&secret("s1")).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn what_expired_is_deleted() {
    on_each_engine(async |fixture| {
        let owner = fixture.administrator().await;
        let mut old = waiting(&owner, "x");
        old.expires_at = ligand_domain::Timestamp::from_millis(1);
        fixture.store.add_oauth_request(&secret("old"), &old).await.unwrap();
        fixture.store.add_oauth_request(&secret("new"), &waiting(&owner, "x")).await.unwrap();
        assert_eq!(fixture.store.delete_expired_oauth_requests().await.unwrap(), 1);
        assert!(fixture.store.take_oauth_request(&secret("new")).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn proof_keys_follow_from_their_parts() {
    on_each_engine(async |fixture| {
        let key = fixture.store.proof_key("a");
        assert!(key.len() == 64 && key != fixture.store.proof_key("b"));
        assert_eq!(key, fixture.second().await.proof_key("a"));
    })
    .await;
}
