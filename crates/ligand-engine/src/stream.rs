//! Files on their way through: callers' uploads to vendors, vendors' files to callers, never whole in memory.

use std::{fmt, io};

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream, stream::BoxStream};
use tokio::time::{Instant, timeout_at};

/// Pieces of a file as they arrive.
pub type Pieces = BoxStream<'static, io::Result<Bytes>>;

/// A file that a caller uploads.
pub struct Upload {
    /// Its content.
    pub pieces: Pieces,
    /// How many bytes there are, when it is known.
    pub length: Option<u64>,
}

/// A file that a vendor answers with.
pub struct Download {
    /// The vendor's `Content-Type`.
    pub content_type: String,
    /// The vendor's `Content-Disposition`.
    pub content_disposition: Option<String>,
    /// Its content. Dropping it ends the vendor call.
    pub pieces: Pieces,
}

impl fmt::Debug for Upload {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Upload").field("length", &self.length).finish_non_exhaustive()
    }
}

impl fmt::Debug for Download {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Download").field("content_type", &self.content_type).finish_non_exhaustive()
    }
}

/// The rest of an answer, up to so many bytes and until the deadline; what exceeds them breaks the stream.
pub(crate) fn pieces_of(response: reqwest::Response, limit: u64, deadline: Instant) -> Pieces {
    let next = move |response: Option<reqwest::Response>| async move {
        let mut response = response?;
        match timeout_at(deadline, response.chunk()).await {
            Ok(Ok(Some(piece))) => Some((Ok(piece), Some(response))),
            Ok(Ok(None)) => None,
            Ok(Err(_)) => Some((Err(io::Error::other("the vendor's answer broke off")), None)),
            Err(_) => Some((Err(io::ErrorKind::TimedOut.into()), None)),
        }
    };
    limited(stream::unfold(Some(response), next), limit).boxed()
}

/// The pieces, and an error in place of the one that goes beyond the limit.
pub(crate) fn limited(
    pieces: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    limit: u64,
) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    let mut left = limit;
    pieces.map(move |piece| {
        let piece = piece?;
        let length = u64::try_from(piece.len()).unwrap_or(u64::MAX);
        left = left.checked_sub(length).ok_or_else(|| io::Error::other("the file is too large"))?;
        Ok(piece)
    })
}
