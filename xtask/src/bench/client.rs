//! A load generator: keep-alive connections that send one prepared request again and again. It does as little as
//! possible for each answer, so that the server and not the generator is what is measured.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::now;

/// How long one answer may take before the benchmark gives up.
const PATIENCE: Duration = Duration::from_secs(30);

/// The text of a request.
pub(super) fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Arc<[u8]> {
    let mut text = format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n");
    for (name, value) in headers {
        text += &format!("{name}: {value}\r\n");
    }
    if !body.is_empty() {
        text += &format!("Content-Length: {}\r\n", body.len());
    }
    format!("{text}\r\n{body}").into_bytes().into()
}

/// What the generator needs of the head of an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// The status code.
    pub(super) status: u16,
    /// Bytes of the head, with the empty line.
    pub(super) length: usize,
    /// Bytes of the body.
    pub(super) body: usize,
}

impl Head {
    /// Reads the head at the start of what has arrived; none while it is not complete.
    pub(super) fn parse(bytes: &[u8]) -> anyhow::Result<Option<Self>> {
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
        let head = &bytes[..end];
        ensure!(head.starts_with(b"HTTP/1.1 "), "the answer is not HTTP/1.1");
        let status = head.get(9..12).and_then(number).context("the answer has no status")?;
        let body = match field(head, b"content-length") {
            Some(length) => number(length).context("the answer has a wrong Content-Length")?,
            None => bail!("the answer has no Content-Length"),
        };
        let status = u16::try_from(status).context("the answer has a wrong status")?;
        Ok(Some(Self { status, length: end + 4, body }))
    }
}

/// The value of a header field, by its name in lower case.
fn field<'head>(head: &'head [u8], name: &[u8]) -> Option<&'head [u8]> {
    head.split(|byte| *byte == b'\n').skip(1).find_map(|line| {
        let (found, value) = (line.get(..name.len())?, line.get(name.len()..)?);
        found.eq_ignore_ascii_case(name).then(|| value.strip_prefix(b":"))?.map(<[u8]>::trim_ascii)
    })
}

fn number(digits: &[u8]) -> Option<usize> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// One answer.
#[derive(Clone, Copy)]
pub(super) struct Answer<'buffer> {
    /// The status code.
    pub(super) status: u16,
    /// Status line and header fields.
    head: &'buffer [u8],
    /// The body.
    pub(super) body: &'buffer [u8],
}

impl Answer<'_> {
    /// The value of a header field, by its name in lower case.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        field(self.head, name.as_bytes()).map(|value| String::from_utf8_lossy(value).into_owned())
    }

    /// The body as JSON.
    pub(super) fn json(&self) -> anyhow::Result<Value> {
        serde_json::from_slice(self.body).context("the answer is not JSON")
    }

    /// Fails for anything but success, with what the server said.
    pub(super) fn demand_ok(&self) -> anyhow::Result<()> {
        let said = || String::from_utf8_lossy(&self.body[..self.body.len().min(1000)]).into_owned();
        ensure!(self.status == 200, "an answer has status {}: {}", self.status, said());
        Ok(())
    }
}

/// A connection that is kept.
pub(super) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(super) async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await.with_context(|| format!("no connection to {address}"))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: vec![0; 64 * 1024] })
    }

    /// Sends a request and waits for the whole answer.
    pub(super) async fn exchange(&mut self, request: &[u8]) -> anyhow::Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        let mut filled = 0;
        let head = loop {
            if filled == self.buffer.len() {
                self.buffer.resize(filled * 2, 0);
            }
            let read = self.stream.read(&mut self.buffer[filled..]).await?;
            ensure!(read > 0, "the server closed a connection before its answer was complete");
            filled += read;
            if let Some(head) = Head::parse(&self.buffer[..filled])?
                && filled >= head.length + head.body
            {
                break head;
            }
        };
        let (start, end) = (head.length, head.length + head.body);
        Ok(Answer { status: head.status, head: &self.buffer[..start], body: &self.buffer[start..end] })
    }
}

/// Load on one server.
#[derive(Clone)]
pub(super) struct Load {
    /// Where to.
    pub(super) address: SocketAddr,
    /// What is sent.
    pub(super) request: Arc<[u8]>,
    /// Connections at a time, each with one request under way.
    pub(super) connections: usize,
    /// Whether answers are JSON objects whose `id` is wanted.
    pub(super) reads_ids: bool,
}

/// What came of a load.
#[derive(Default)]
pub(super) struct Tally {
    /// Answers, all with status 200.
    pub(super) answers: u64,
    /// Their ids, if wanted.
    pub(super) ids: Vec<i64>,
}

impl Load {
    /// Sends for so long; requests under way at the end are waited for.
    pub(super) async fn send(&self, duration: Duration) -> anyhow::Result<Tally> {
        let mut connections = JoinSet::new();
        let deadline = now() + duration;
        for _ in 0..self.connections {
            connections.spawn(self.clone().send_on_one(deadline));
        }
        let mut total = Tally::default();
        while let Some(ended) = connections.join_next().await {
            let tally = ended??;
            total.answers += tally.answers;
            total.ids.extend(tally.ids);
        }
        Ok(total)
    }

    async fn send_on_one(self, deadline: Instant) -> anyhow::Result<Tally> {
        let mut connection = Connection::open(self.address).await?;
        let mut tally = Tally::default();
        let patience = deadline.saturating_duration_since(now()) + PATIENCE;
        let sending = async {
            while now() < deadline {
                let answer = connection.exchange(&self.request).await?;
                answer.demand_ok()?;
                tally.answers += 1;
                if self.reads_ids {
                    tally.ids.push(answer.json()?["id"].as_i64().context("the answer has no id")?);
                }
            }
            anyhow::Ok(())
        };
        timeout(patience, sending).await.context("the server no longer answers")??;
        Ok(tally)
    }
}
