//! Threads come and go, tenants take turns, nobody waits for another's endless script.

use std::future::Future as _;

use ligand_domain::{SystemClock, SystemRng};
use serde_json::{Map, Value};

use super::*;
use crate::script::{HttpAnswering, HttpRequest};

struct Nowhere;

impl HttpCaller for Nowhere {
    fn call(&self, _: HttpRequest) -> HttpAnswering {
        Box::pin(std::future::pending())
    }
}

fn scripts(threads: usize, threads_per_tenant: usize, deadline: Duration) -> Scripts {
    let options = ScriptOptions { threads, threads_per_tenant, deadline, ..ScriptOptions::default() };
    Scripts::new(options, Arc::new(SystemClock), Arc::new(SystemRng), Arc::new(Nowhere))
}

const LONG: Duration = Duration::from_secs(60);

fn endless() -> Script {
    Script::modern("while (true) {}")
}

fn counts(scripts: &Scripts) -> (usize, usize) {
    let state = scripts.pool.state();
    (state.threads, state.overdue)
}

/// Lets other tasks run until this is so.
async fn until(condition: impl Fn() -> bool) {
    while !condition() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn threads_start_with_the_first_script() {
    let scripts = scripts(4, 4, LONG);
    assert_eq!(counts(&scripts), (0, 0));
    for _ in 0..20 {
        scripts.run(1, &Script::modern("done()"), &Map::new()).await.unwrap();
    }
    assert_eq!(counts(&scripts).0, 1, "calls one after another need one thread");
}

#[tokio::test]
async fn endless_scripts_of_one_tenant_do_not_delay_others() {
    let scripts = Arc::new(scripts(3, 2, LONG));
    let bad: Vec<_> = (0..10)
        .map(|_| {
            let scripts = Arc::clone(&scripts);
            tokio::spawn(async move { scripts.run(1, &endless(), &Map::new()).await })
        })
        .collect();
    until(|| counts(&scripts).0 == 2).await;
    for tenant in 2..20 {
        scripts.run(tenant, &Script::modern("done()"), &Map::new()).await.unwrap();
    }
    assert_eq!(counts(&scripts).0, 3);
    bad.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn a_call_that_is_dropped_ends() {
    let scripts = Arc::new(scripts(1, 1, LONG));
    let other = Arc::clone(&scripts);
    let task = tokio::spawn(async move { other.run(1, &endless(), &Map::new()).await });
    until(|| counts(&scripts).0 == 1).await;
    task.abort();
    drop(task.await);
    scripts.run(1, &Script::modern("done()"), &Map::new()).await.unwrap();
    until(|| counts(&scripts).1 == 0).await;
}

#[tokio::test]
async fn a_call_that_waits_can_be_dropped() {
    let scripts = Arc::new(scripts(1, 1, LONG));
    for body in ["require('http').get('http://a.test')", "setTimeout(done, 50000)"] {
        let script = Script::modern(body);
        let call = scripts.run(1, &script, &Map::new());
        let mut call = Box::pin(call);
        let is_pending =
            std::future::poll_fn(|context| std::task::Poll::Ready(call.as_mut().poll(context).is_pending()));
        assert!(is_pending.await);
        drop(call);
        scripts.run(1, &Script::modern("done()"), &Map::new()).await.unwrap();
    }
}

#[tokio::test]
async fn what_is_in_line_at_the_deadline_is_refused() {
    let scripts = Arc::new(scripts(1, 1, Duration::from_millis(200)));
    let (endless, brief) = (endless(), Script::modern("done()"));
    let first = scripts.run(1, &endless, &Map::new());
    let second = scripts.run(1, &brief, &Map::new());
    let (first, second) = tokio::join!(first, second);
    assert_eq!(first, Err(ScriptError::Deadline));
    // The first may have just made room.
    assert!(second.is_ok() || matches!(second, Err(ScriptError::Busy | ScriptError::Deadline)), "{second:?}");
}

#[tokio::test]
async fn a_tenant_has_only_so_many_in_line() {
    let scripts = Arc::new(scripts(1, 1, LONG));
    let script = endless();
    let mut calls = Vec::new();
    for _ in 0..=crate::script::queue::MAX_WAITING {
        let mut call = Box::pin(scripts.run(1, &script, &Map::new()));
        std::future::poll_fn(|context| {
            assert!(call.as_mut().poll(context).is_pending());
            std::task::Poll::Ready(())
        })
        .await;
        calls.push(call);
    }
    assert_eq!(scripts.run(1, &endless(), &Map::new()).await, Err(ScriptError::Busy));
    drop(calls);
    scripts.run(2, &Script::modern("done()"), &Map::new()).await.unwrap();
}

#[tokio::test]
async fn threads_end_with_the_scripts() {
    let scripts = scripts(2, 2, LONG);
    scripts.run(1, &Script::modern("done()"), &Map::new()).await.unwrap();
    let pool = Arc::downgrade(&scripts.pool);
    drop(scripts);
    until(|| pool.strong_count() == 0).await;
}

#[tokio::test]
async fn many_at_once() {
    let scripts = Arc::new(scripts(4, 2, LONG));
    let calls = (0..300_u64).map(|n| {
        let scripts = Arc::clone(&scripts);
        let body = if n % 3 == 0 { "throw new Error('x')" } else { "setTimeout(() => done({n: request_body}), 1)" };
        let script = if n % 7 == 0 { Script::legacy("return {n: request_body};") } else { Script::modern(body) };
        tokio::spawn(async move {
            let variables = Map::from_iter([("request_body".to_owned(), Value::from(n))]);
            (n, scripts.run(n % 5, &script, &variables).await)
        })
    });
    for call in calls.collect::<Vec<_>>() {
        let (n, result) = call.await.unwrap();
        match result {
            Ok(outcome) => assert_eq!(outcome.result["n"], n),
            Err(error) => assert!(n % 3 == 0 && n % 7 != 0 && error.to_string() == "Error: x", "{n}: {error}"),
        }
    }
    assert_eq!(counts(&scripts).1, 0);
}
#[tokio::test]
async fn built_in_functions_do_not_hold_on_to_threads() {
    let bodies = [
        "[].reverse.call({length: 2 ** 53 - 1})",
        "[].join.call({get length() { return 2 ** 53 - 1; }}, '')",
        "[].shift.call(Object.create({length: 2 ** 53 - 1}))",
        "[].splice.call({length: {valueOf() { return 2 ** 53 - 1; }}}, 0, 1)",
        "[].sort.call(new Proxy(new Array(2 ** 32 - 1), {}))",
        "[].indexOf.call({length: 2 ** 53 - 1}, 1)",
        "[].concat(new Array(2 ** 32 - 1))",
        "[new Array(2 ** 32 - 1)].flat()",
        "[new Array(2 ** 32 - 1)].flatMap(x => x)",
        "`${new Array(2 ** 32 - 1)}`",
        "const a = new Array(1000000); for (;;) { try { a.join(''); } catch (e) {} }",
        "'a'.repeat(4e6).indexOf('a'.repeat(2e6) + 'b')",
        "'a'.repeat(4e6).split('a'.repeat(2e6) + 'b')",
        "const a = 'a'.repeat(4e4), b = 'a'.repeat(1e3) + 'b'; for (;;) { try { a.replace(b, ''); } catch (e) {} }",
        "String.raw({raw: {length: 2 ** 53 - 1}})",
    ];
    for body in bodies {
        let scripts = scripts(1, 1, Duration::from_millis(150));
        assert!(scripts.run(1, &Script::modern(body), &Map::new()).await.is_err(), "{body}");
        until(|| counts(&scripts).1 == 0).await;
    }
}
