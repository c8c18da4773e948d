//! Kept requests: sealed, found by number, gone with their job.

use ligand_domain::Clock;
use serde_json::json;

use super::*;
use crate::testing::{Fixture, on_each_engine};

fn job(fixture: &Fixture) -> NewJob {
    NewJob::new("test", json!({ "cron": "x" }), fixture.clock.now())
}

#[tokio::test]
async fn requests_and_answers_are_kept_sealed() {
    on_each_engine(async |fixture| {
        let store = &fixture.store;
        let (number, job_id) = store.keep_request(job(fixture), "planted-request").await.unwrap();
        let stored = store.find_job(&job_id).await.unwrap().unwrap();
        assert_eq!(stored.payload, json!({ "cron": "x", "request": number }));
        let kept = store.find_kept_request(number).await.unwrap().unwrap();
        assert_eq!((kept.id, kept.request.as_str()), (number, "planted-request"));
        assert!(kept.answer.is_none());
        let notification = store.keep_answer(number, "planted-answer").await.unwrap().unwrap();
        assert_ne!(notification, number);
        assert_eq!(store.keep_answer(number, "another").await.unwrap(), None, "the first stays");
        let (told, answer) = store.find_kept_request(number).await.unwrap().unwrap().answer.unwrap();
        assert_eq!((told, answer.as_str()), (notification, "planted-answer"));
        let sealed =
            fixture.execute("DELETE FROM kept_requests WHERE request LIKE '%planted%' OR answer LIKE '%planted%'");
        assert_eq!(sealed.await, 0);
        store.rotate_keys().await.unwrap();
        assert!(store.find_kept_request(number).await.unwrap().is_some());
        assert!(store.delete_job(&job_id).await.unwrap());
        assert!(store.find_kept_request(number).await.unwrap().is_none());
        assert_eq!(store.keep_answer(number, "late").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn nothing_is_kept_without_its_job() {
    on_each_engine(async |fixture| {
        let keyed = || job(fixture).with_key("once");
        let (number, _) = fixture.store.keep_request(keyed(), "first").await.unwrap();
        assert!(matches!(fixture.store.keep_request(keyed(), "second").await, Err(Error::Conflict)));
        assert!(fixture.store.find_kept_request(number + 1).await.unwrap().is_none());
    })
    .await;
}
