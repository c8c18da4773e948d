//! Repetitions, waits, closures and cancellation, against small vendors, in time that the tests move.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU32, Ordering},
};
use std::time::Duration;

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::any,
};
use ligand_domain::{Clock, Configuration, Rng, Timestamp};
use ligand_element::{Method, VendorBody, VendorRequest};
use tokio::sync::Notify;

use super::{Dispatch, Sender};
use crate::{
    Egress, Failure, Options,
    client::Clients,
    gate::Gates,
    interpret::RawResponse,
    pace::now,
    transport::{Answered, deadline},
};

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_577_836_800_000)
    }
}

impl Rng for Fixed {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(0x80);
    }
}

/// Everything that sends, as the engine has it.
struct Bench {
    options: Options,
    clients: Clients,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    gates: Gates,
    reads: bool,
}

impl Bench {
    fn new() -> Self {
        let egress = Egress::new(vec!["127.0.0.0/8".parse().unwrap()]);
        Self {
            options: Options { egress, ..Options::default() },
            clients: Clients::default(),
            clock: Arc::new(Fixed),
            rng: Arc::new(Fixed),
            gates: Gates::default(),
            reads: false,
        }
    }

    async fn send(&self, method: Method, base: &str) -> Result<RawResponse, Failure> {
        self.send_as(1, method, base).await
    }

    async fn send_as(&self, instance: i64, method: Method, base: &str) -> Result<RawResponse, Failure> {
        let request = VendorRequest {
            method,
            url: format!("{base}/x").parse().unwrap(),
            headers: Vec::new(),
            body: VendorBody::Text("{}".to_owned()),
            stores: Vec::new(),
        };
        let sender = Sender {
            client: self.clients.of(&self.options, None, &Configuration::default())?,
            options: &self.options,
            clock: &self.clock,
            rng: &self.rng,
            gates: &self.gates,
        };
        let dispatch = Dispatch {
            request: &request,
            anew: None,
            upload: None,
            instance: ligand_domain::Id::new(instance),
            reads: self.reads,
            deadline: deadline(self.options.total_timeout),
            streams: &|_| false,
        };
        match sender.send(dispatch).await? {
            Answered::Whole(answer) => Ok(answer),
            Answered::Streamed(..) => panic!("nothing streams here"),
        }
    }
}

/// A vendor that gives these answers one after the other, the last one for ever, and counts.
async fn vendor(answers: Vec<Response>) -> (String, Arc<AtomicU32>) {
    let count = Arc::new(AtomicU32::new(0));
    let mut heads = Vec::new();
    for answer in answers {
        let (parts, body) = answer.into_parts();
        heads.push((parts.status, parts.headers, axum::body::to_bytes(body, 10_000).await.unwrap()));
    }
    let counted = Arc::clone(&count);
    let handler = move || {
        let index = usize::try_from(counted.fetch_add(1, Ordering::SeqCst)).unwrap();
        let answer = heads[index.min(heads.len() - 1)].clone();
        async move { answer }
    };
    (serve(Router::new().fallback(any(handler))).await, count)
}

async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    format!("http://{address}")
}

fn ok() -> Response {
    "{}".into_response()
}

fn status(status: u16) -> Response {
    StatusCode::from_u16(status).unwrap().into_response()
}

fn throttled(seconds: &str) -> Response {
    (StatusCode::TOO_MANY_REQUESTS, [("retry-after", seconds)], "slow down").into_response()
}

#[tokio::test(start_paused = true)]
async fn reads_are_repeated_when_the_vendor_stumbles() {
    for failure in [502, 503, 504] {
        for method in [Method::Get, Method::Put, Method::Delete] {
            let (base, count) = vendor(vec![status(failure), status(failure), ok()]).await;
            assert_eq!(Bench::new().send(method, &base).await.unwrap().status, 200);
            assert_eq!(count.load(Ordering::SeqCst), 3);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_repetition_could_do_twice_is_sent_once() {
    for method in [Method::Post, Method::Patch] {
        let (base, count) = vendor(vec![status(503), ok()]).await;
        assert_eq!(Bench::new().send(method, &base).await.unwrap().status, 503);
        assert_eq!(count.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_post_that_only_reads_is_repeated() {
    for failure in [502, 503, 504] {
        let (base, count) = vendor(vec![status(failure), ok()]).await;
        let bench = Bench { reads: true, ..Bench::new() };
        assert_eq!(bench.send(Method::Post, &base).await.unwrap().status, 200);
        assert_eq!(count.load(Ordering::SeqCst), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn answers_are_not_repeated() {
    for answer in [200, 201, 400, 401, 404, 409, 500, 501] {
        let (base, count) = vendor(vec![status(answer), ok()]).await;
        assert_eq!(Bench::new().send(Method::Get, &base).await.unwrap().status, answer);
        assert_eq!(count.load(Ordering::SeqCst), 1, "{answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn repetitions_end() {
    let (base, count) = vendor(vec![status(502)]).await;
    assert_eq!(Bench::new().send(Method::Get, &base).await.unwrap().status, 502);
    assert_eq!(count.load(Ordering::SeqCst), super::ATTEMPTS);
}

#[tokio::test(start_paused = true)]
async fn broken_answers_are_asked_for_again() {
    let count = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&count);
    let handler = move || {
        let first = counted.fetch_add(1, Ordering::SeqCst) == 0;
        async move {
            let pieces = vec![Ok("{".into()), if first { Err(std::io::Error::other("off")) } else { Ok("}".into()) }];
            Body::from_stream(futures_util::stream::iter::<Vec<Result<bytes::Bytes, std::io::Error>>>(pieces))
        }
    };
    let base = serve(Router::new().fallback(any(handler))).await;
    assert_eq!(Bench::new().send(Method::Get, &base).await.unwrap().body, b"{}");
    let before = count.swap(0, Ordering::SeqCst);
    assert_eq!(before, 2);
    assert!(Bench::new().send(Method::Post, &base).await.is_err());
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn a_deletion_whose_answer_was_lost_has_succeeded() {
    let (base, _) = vendor(vec![status(504), status(404)]).await;
    assert_eq!(Bench::new().send(Method::Delete, &base).await.unwrap().status, 204);
    let (base, _) = vendor(vec![status(404)]).await;
    assert_eq!(Bench::new().send(Method::Delete, &base).await.unwrap().status, 404);
}

#[tokio::test(start_paused = true)]
async fn unreachable_hosts_are_tried_again_whatever_the_verb() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let began = now();
    let bench = Bench::new();
    assert_eq!(bench.send(Method::Post, &format!("http://{address}")).await.err(), Some(Failure::Unreachable));
    assert!(now() - began >= Duration::from_millis(50 + 100 + 200), "it waited longer each time");
    assert!(now() - began < Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn a_vendors_wait_is_kept_and_then_the_call_succeeds() {
    for method in [Method::Get, Method::Post] {
        let (base, count) = vendor(vec![throttled("4"), ok()]).await;
        let began = now();
        assert_eq!(Bench::new().send(method, &base).await.unwrap().status, 200);
        assert!(now() - began >= Duration::from_secs(4));
        assert_eq!(count.load(Ordering::SeqCst), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_too_long_is_told_at_once() {
    let (base, count) = vendor(vec![throttled("60"), ok()]).await;
    let (bench, began) = (Bench::new(), now());
    let answer = bench.send(Method::Get, &base).await.unwrap();
    assert_eq!(
        (answer.status, answer.header("retry-after"), answer.body.as_slice()),
        (429, Some("60"), &b"slow down"[..])
    );
    let next = bench.send(Method::Get, &base).await.err();
    let told = Failure::Rejected { status: 429, provider_message: None, retry_after_seconds: Some(60) };
    assert_eq!(next, Some(told));
    assert_eq!(now(), began);
    assert_eq!(count.load(Ordering::SeqCst), 1, "the vendor is left in peace");
    assert_eq!(bench.send_as(2, Method::Get, &base).await.unwrap().status, 200, "another instance has its own budget");
}

#[tokio::test(start_paused = true)]
async fn a_throttled_vendor_is_not_hammered_by_many_callers() {
    let at = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&at);
    let handler = move || {
        let mut seen = seen.lock().unwrap();
        seen.push(now());
        let first = seen.len() == 1;
        async move { if first { throttled("3") } else { ok() } }
    };
    let base = serve(Router::new().fallback(any(handler))).await;
    let bench = Arc::new(Bench::new());
    let first = bench.send(Method::Get, &base);
    let others = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let calls = (0..20).map(|_| bench.send(Method::Get, &base));
        futures_util::future::join_all(calls).await
    };
    let (first, others) = tokio::join!(first, others);
    assert!(first.is_ok() && others.iter().all(Result::is_ok));
    let at = at.lock().unwrap();
    assert_eq!(at.len(), 22);
    let early = at.iter().filter(|each| **each - at[0] < Duration::from_secs(3)).count();
    assert_eq!(early, 1, "calls came while the vendor wanted peace");
}

#[tokio::test(start_paused = true)]
async fn exhausted_budgets_hold_the_next_call_back() {
    let exhausted = ([("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "5")], "{}").into_response();
    let (base, _) = vendor(vec![exhausted, ok()]).await;
    let (bench, began) = (Bench::new(), now());
    bench.send(Method::Get, &base).await.unwrap();
    assert_eq!(now(), began);
    bench.send(Method::Get, &base).await.unwrap();
    assert!(now() - began >= Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn a_vendor_that_keeps_failing_is_not_asked_for_a_while() {
    let (base, count) = vendor(vec![status(503)]).await;
    let bench = Bench::new();
    for _ in 0..2 {
        let _ = bench.send(Method::Get, &base).await;
    }
    let before = count.load(Ordering::SeqCst);
    let failure = bench.send(Method::Get, &base).await.err();
    assert!(matches!(failure, Some(Failure::Suspended { retry_after_seconds: 1.. })), "{failure:?}");
    assert_eq!(count.load(Ordering::SeqCst), before);
    tokio::time::advance(Duration::from_secs(3)).await;
    let _ = bench.send(Method::Post, &base).await;
    assert_eq!(count.load(Ordering::SeqCst), before + 1, "one probe");
}

#[tokio::test]
async fn a_call_that_nobody_waits_for_ends_at_the_vendor() {
    struct Gone(Arc<Notify>);
    impl Drop for Gone {
        fn drop(&mut self) {
            self.0.notify_one();
        }
    }
    let (arrived, gone) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (in_handler, in_guard) = (Arc::clone(&arrived), Arc::clone(&gone));
    let handler = move |_: Request| {
        let (arrived, guard) = (Arc::clone(&in_handler), Gone(Arc::clone(&in_guard)));
        async move {
            arrived.notify_one();
            std::future::pending::<()>().await;
            drop(guard);
        }
    };
    let base = serve(Router::new().fallback(any(handler))).await;
    let bench = Bench::new();
    tokio::select! {
        _ = bench.send(Method::Get, &base) => panic!("the vendor never answers"),
        () = arrived.notified() => {}
    }
    gone.notified().await;
}
