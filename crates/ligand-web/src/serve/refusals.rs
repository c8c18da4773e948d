//! Requests that are no HTTP never reach the API: the HTTP library refuses them with a bare status. This layer between
//! the library and the connection gives such answers the body and the request id that every other error has.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::{Edge, error};

/// Longer answers are not the library's own.
const LONGEST: usize = 256;

/// A connection with the layer.
pub(super) struct Refusals<S> {
    inner: S,
    edge: Edge,
    replacing: Option<Replacing>,
}

/// An answer that goes out in place of another one.
struct Replacing {
    bytes: Vec<u8>,
    sent: usize,
    /// How long the other one is.
    stands_for: usize,
}

impl<S> Refusals<S> {
    pub(super) fn new(inner: S, edge: Edge) -> Self {
        Self { inner, edge, replacing: None }
    }
}

impl<S: AsyncWrite + Unpin> Refusals<S> {
    /// Sends what replaces an answer; ready with how much of the answer that was, once all of it is sent.
    fn replace(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let Some(replacing) = &mut self.replacing else { return Poll::Ready(Ok(0)) };
        while replacing.sent < replacing.bytes.len() {
            let written = Pin::new(&mut self.inner).poll_write(context, &replacing.bytes[replacing.sent..]);
            match ready!(written)? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => replacing.sent += written,
            }
        }
        let stands_for = replacing.stands_for;
        self.replacing = None;
        Poll::Ready(Ok(stands_for))
    }

    /// Whether this is an answer of the library's own, which is then being replaced.
    fn is_replaced(&mut self, written: &[u8]) -> bool {
        if self.replacing.is_none() {
            let bytes = told(written, &self.edge);
            self.replacing = bytes.map(|bytes| Replacing { bytes, sent: 0, stands_for: written.len() });
        }
        self.replacing.is_some()
    }
}

/// The answer in full, for one of the library's own.
fn told(written: &[u8], edge: &Edge) -> Option<Vec<u8>> {
    if !written.starts_with(b"HTTP/1.1 4") || written.len() > LONGEST || !written.ends_with(b"\r\n\r\n") {
        return None;
    }
    let mut lines = std::str::from_utf8(written).ok()?.split("\r\n");
    let status = lines.next()?;
    let mut headers: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    let is = |line: &str, header: &str| line.eq_ignore_ascii_case(header);
    // Every answer of the API has its request id, and a body.
    if !headers.iter().any(|line| is(line, "content-length: 0")) || headers.iter().any(|line| names_request(line)) {
        return None;
    }
    headers.retain(|line| !is(line, "content-length: 0"));
    let (id, body) = edge.unreadable(error::of_unreadable(status.split(' ').nth(1)?)?);
    let (content_type, length) = ("application/json;charset=UTF-8", body.len());
    let mut bytes = format!("{status}\r\n{}\r\n", headers.join("\r\n")).into_bytes();
    let added =
        format!("Content-Type: {content_type}\r\nElements-Request-Id: {id}\r\nContent-Length: {length}\r\n\r\n");
    bytes.extend_from_slice(added.as_bytes());
    bytes.extend_from_slice(&body);
    Some(bytes)
}

fn names_request(line: &str) -> bool {
    line.split(':').next().is_some_and(|name| name.to_ascii_lowercase().ends_with("-request-id"))
}

impl<S: AsyncRead + Unpin> AsyncRead for Refusals<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Refusals<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        if self.is_replaced(buffer) {
            return self.replace(context);
        }
        Pin::new(&mut self.inner).poll_write(context, buffer)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut filled = buffers.iter().filter(|buffer| !buffer.is_empty());
        if let (Some(only), None) = (filled.next(), filled.next())
            && self.is_replaced(only)
        {
            return self.replace(context);
        }
        Pin::new(&mut self.inner).poll_write_vectored(context, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}
