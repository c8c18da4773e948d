//! Many calls at once to a vendor that takes its time: how long until the last is answered.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::super::client::Connection;
use super::super::now;

/// Calls at once.
pub(super) const CALLS: usize = 1000;

const PATIENCE: Duration = Duration::from_secs(30);

/// Clients with a connection each.
pub(super) struct Crowd {
    connections: Vec<Connection>,
    request: Arc<[u8]>,
}

impl Crowd {
    /// Connects all of them.
    pub(super) async fn gather(address: SocketAddr, request: &Arc<[u8]>) -> anyhow::Result<Self> {
        let mut connections = Vec::new();
        for _ in 0..CALLS {
            connections.push(Connection::open(address).await?);
        }
        Ok(Self { connections, request: Arc::clone(request) })
    }

    /// Has everyone send at once; the time until the last has its answer.
    pub(super) async fn rush(&mut self) -> anyhow::Result<Duration> {
        let mut calls = JoinSet::new();
        let start = now();
        for mut connection in self.connections.drain(..) {
            let request = Arc::clone(&self.request);
            calls.spawn(async move {
                connection.exchange(&request).await?.demand_ok()?;
                anyhow::Ok(connection)
            });
        }
        while let Some(called) = timeout(PATIENCE, calls.join_next()).await.context("calls are not answered")? {
            self.connections.push(called??);
        }
        Ok(start.elapsed())
    }
}
