//! What can be told without a server: options, answers, figures.

use std::time::Duration;

use super::Options;
use super::client::{Head, request};
use super::hub::latency::{Latency, Timetable};
use super::measure::{Pair, Run, Series, median};
use super::process::{Memory, cpu_ticks, memory};
use super::provision::first_gap;

#[test]
fn options_choose_parts_and_time() {
    let all = Options::parse(&[]).unwrap();
    assert!(["start", "read", "provision", "idle", "hub"].iter().all(|part| all.wants(part)));
    assert_eq!(all.duration, Duration::from_secs(3));
    let some = Options::parse(&["--only", "read,idle", "--seconds", "1", "--binary", "x"]).unwrap();
    assert!(some.wants("read") && some.wants("idle") && !some.wants("start"));
    assert_eq!((some.duration, some.binary.as_deref()), (Duration::from_secs(1), Some("x")));
    assert!(!all.express && Options::parse(&["--express", "--only", "hub"]).unwrap().express);
    assert_eq!(Options::parse(&["--seconds", "0"]).unwrap().duration, Duration::from_secs(1));
}

#[test]
fn wrong_options_are_refused() {
    for wrong in [&["--only", "reads"][..], &["--only"], &["--seconds", "x"], &["--seconds", "-1"], &["read"]] {
        assert!(Options::parse(wrong).is_err(), "{wrong:?}");
    }
    assert!(Options::parse(&["--express", "--only", "read"]).is_err());
}

#[test]
fn a_request_says_how_long_its_body_is() {
    let with_body = request("POST", "/x", &[("A", "b")], "{}");
    let text = "POST /x HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\nA: b\r\nContent-Length: 2\r\n\r\n{}";
    assert_eq!(std::str::from_utf8(&with_body), Ok(text));
    assert!(!String::from_utf8_lossy(&request("GET", "/x", &[], "")).contains("Content-Length"));
}

#[test]
fn a_head_is_read_when_it_is_complete() {
    let text = b"HTTP/1.1 200 OK\r\nDate: x\r\ncontent-LENGTH:  12 \r\n\r\n{\"id\"";
    for cut in 0..text.len() - 5 {
        assert_eq!(Head::parse(&text[..cut]).unwrap(), None, "{cut}");
    }
    let head = Head { status: 200, length: text.len() - 5, body: 12 };
    assert_eq!(Head::parse(text).unwrap(), Some(head));
}

#[test]
fn a_wrong_head_is_refused() {
    let wrong = [
        "HTTP/2 200\r\nContent-Length: 1\r\n\r\n",
        "HTTP/1.1 \r\nContent-Length: 1\r\n\r\n",
        "HTTP/1.1 2x0 OK\r\nContent-Length: 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: one\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX-Content-Length: 1\r\n\r\n",
    ];
    for text in wrong {
        assert!(Head::parse(text.as_bytes()).is_err(), "{text:?}");
    }
}

#[test]
fn medians_and_spreads() {
    assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
    assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
    assert_eq!(median(&[]), 0.0);
    let run = |rate| Run { rate, cpu: Some(Duration::from_micros(10)), busy: Some(1.0) };
    let mut series = Series { runs: [90.0, 110.0, 100.0].map(run).into() };
    series.runs[1].cpu = Some(Duration::from_micros(8));
    assert_eq!((series.rate(), series.cpu()), (100.0, Some(8e-6)));
    assert!((series.spread() - 0.2).abs() < 1e-9);
    series.runs[2].busy = Some(0.4);
    assert_eq!((series.busy(), Series::default().busy()), (0.4, 1.0));
    let unknown = Series { runs: vec![Run { cpu: None, ..run(1.0) }, run(1.0)] };
    assert_eq!(unknown.cpu(), None);
}

#[test]
fn a_ratio_compares_runs_of_the_same_turn() {
    let series = |rates: [f64; 3]| Series { runs: rates.map(|rate| Run { rate, cpu: None, busy: None }).into() };
    let pair = Pair { floor: series([100.0, 50.0, 20.0]), ligand: series([70.0, 35.0, 16.0]), ids: Vec::new() };
    assert!((pair.ratio() - 0.7).abs() < 1e-9);
}

#[test]
fn processor_time_is_found_behind_any_name() {
    let stat = "42 (a) b (c) S 1 42 42 0 -1 4194304 100 0 0 0 17 5 0 0 20 0 3 0 100 1000 200";
    assert_eq!(cpu_ticks(stat), Some(22));
    assert_eq!(cpu_ticks("42 (x) S 1"), None);
    assert_eq!(cpu_ticks(""), None);
}

#[test]
fn memory_is_read_in_bytes() {
    let status = "Name:\tx\nVmHWM:\t   30 kB\nVmRSS:\t   20 kB\nRssAnon:\t   10 kB\n";
    assert_eq!(memory(status), Some(Memory { resident: 20_480, anonymous: 10_240, peak: 30_720 }));
    assert_eq!(memory("VmRSS:\t20 kB\n"), None);
    assert_eq!(memory("VmHWM: 1 MB\nVmRSS: 1 MB\nRssAnon: 1 MB\n"), None);
}

#[test]
fn gaps_and_doubles_among_ids_are_found() {
    assert_eq!(first_gap(&mut [3, 1, 2]), None);
    assert_eq!(first_gap(&mut []), None);
    assert_eq!(first_gap(&mut [4, 1, 2]), Some((2, 4)));
    assert_eq!(first_gap(&mut [1, 2, 2]), Some((2, 2)));
}

#[test]
fn a_timetable_has_equal_distances_whatever_became_of_the_requests() {
    let start = super::now();
    let due: Vec<_> = Timetable::new(start, 4.0, Duration::from_secs(1)).map(|due| due - start).collect();
    assert_eq!(due, [0, 250, 500, 750].map(Duration::from_millis));
    assert_eq!(Timetable::new(start, 0.0, Duration::from_secs(1)).count(), 1);
}

#[test]
fn percentiles_of_times() {
    let times = |count: u64| (1..=count).rev().map(Duration::from_micros).collect();
    let micros = |p50, p99| Latency { p50: Duration::from_micros(p50), p99: Duration::from_micros(p99) };
    assert_eq!(Latency::of(times(1000)), micros(501, 991));
    assert_eq!(Latency::of(times(1)), micros(1, 1));
    assert_eq!(Latency::of(times(0)), micros(0, 0));
}
