//! Paths, links and limits of requests.

use http::{Method, StatusCode};

use super::{MAX_BODY_BYTES, decode_path, origin};
use crate::harness::Harness;

#[test]
fn paths_are_decoded() {
    assert_eq!(decode_path("/a/b%20c/"), Some(vec!["a".to_owned(), "b c".to_owned()]));
    assert_eq!(decode_path("/"), Some(vec![]));
    assert_eq!(decode_path("/%2Fx"), Some(vec!["/x".to_owned()]));
}

#[test]
fn broken_paths_are_refused() {
    for path in ["/%", "/%4", "/%zz", "/%ff", &"/x".repeat(100)] {
        assert_eq!(decode_path(path), None, "{path}");
    }
}

#[test]
fn links_do_not_repeat_strange_hosts() {
    assert_eq!(origin(Some("localhost:8081")), "http://localhost:8081");
    assert_eq!(origin(Some("[::1]:80")), "http://[::1]:80");
    for host in ["", "a b", "x\"><script>", "a/b", &"a".repeat(300)] {
        assert_eq!(origin(Some(host)), "http://127.0.0.1", "{host}");
    }
    assert_eq!(origin(None), "http://127.0.0.1");
}

#[tokio::test]
async fn large_bodies_are_refused() {
    let sandbox = Harness::new();
    let body = vec![b' '; MAX_BODY_BYTES + 1];
    let answer = sandbox.send(Method::POST, "/sms/1/text/single", &[], body).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}
