//! How long answers take at a steady rate. Requests are sent by a timetable, whatever became of those before, and
//! their time counts from the moment at which they were due, so that a server that stalls cannot hide what it delays.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::sync::Mutex;
use tokio::task::{JoinSet, yield_now};
use tokio::time::timeout;

use super::super::client::{Connection, Load};
use super::super::now;

/// How long a run may take beyond its timetable.
const PATIENCE: Duration = Duration::from_secs(30);

/// Moments at equal distances.
#[derive(Debug)]
pub(crate) struct Timetable {
    start: Instant,
    interval: Duration,
    given: u32,
    count: u32,
}

impl Timetable {
    /// So many moments a second for so long.
    pub(crate) fn new(start: Instant, rate: f64, duration: Duration) -> Self {
        let count = (rate * duration.as_secs_f64()).clamp(1.0, f64::from(u32::MAX));
        Self { start, interval: Duration::from_secs_f64(1.0 / rate.max(1.0)), given: 0, count: count as u32 }
    }
}

impl Iterator for Timetable {
    type Item = Instant;

    fn next(&mut self) -> Option<Instant> {
        let due = self.start + self.interval * self.given;
        self.given += 1;
        (self.given <= self.count).then_some(due)
    }
}

/// What half and what all but one of a hundred answers took at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Latency {
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
}

impl Latency {
    /// Of single times, in any order.
    pub(crate) fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        let rank = |percent: usize| times.len() * percent / 100;
        let at = |percent: usize| times.get(rank(percent).min(times.len().saturating_sub(1))).copied();
        Self { p50: at(50).unwrap_or_default(), p99: at(99).unwrap_or_default() }
    }
}

/// Sends by a timetable and tells how long answers took.
pub(super) async fn measure(load: &Load, rate: f64, duration: Duration) -> anyhow::Result<Latency> {
    let mut connections = Vec::new();
    for _ in 0..load.connections {
        connections.push(Connection::open(load.address).await?);
    }
    let timetable = Arc::new(Mutex::new(Timetable::new(now(), rate, duration)));
    let mut sending = JoinSet::new();
    for connection in connections {
        sending.spawn(send_on_one(connection, Arc::clone(&load.request), Arc::clone(&timetable)));
    }
    let mut times = Vec::new();
    let collecting = async {
        while let Some(ended) = sending.join_next().await {
            times.extend(ended??);
        }
        anyhow::Ok(())
    };
    timeout(duration + PATIENCE, collecting).await.context("the server does not keep up")??;
    Ok(Latency::of(times))
}

async fn send_on_one(
    mut connection: Connection,
    request: Arc<[u8]>,
    timetable: Arc<Mutex<Timetable>>,
) -> anyhow::Result<Vec<Duration>> {
    let mut times = Vec::new();
    loop {
        let due = {
            let mut timetable = timetable.lock().await;
            let Some(due) = timetable.next() else { return Ok(times) };
            // Timers are too coarse. The core is the load's own, and the vendor runs between the looks at the clock.
            while now() < due {
                yield_now().await;
            }
            due
        };
        connection.exchange(&request).await?.demand_ok()?;
        times.push(now().duration_since(due));
    }
}
