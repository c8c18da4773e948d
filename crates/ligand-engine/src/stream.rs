//! Files on their way through: callers' uploads to vendors, vendors' files to callers, never whole in memory.

use std::{error::Error, fmt, io};

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream, stream::BoxStream};
use tokio::time::{Instant, timeout_at};

use crate::cause::behind;

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

/// Why a file that a caller uploads does not reach the vendor whole. The vendor has no part in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UploadBroken {
    /// It has more bytes than files may have.
    #[error("the file is too large")]
    TooLarge,
    /// It stopped coming.
    #[error("the file broke off")]
    Lost,
}

impl UploadBroken {
    /// What of an upload is behind an error, if anything is.
    pub(crate) fn of(error: &(dyn Error + 'static)) -> Option<Self> {
        behind(error).copied()
    }
}

/// The pieces of an upload; its errors tell that it is the upload that broke.
pub(crate) fn uploaded(pieces: Pieces, limit: u64) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    let pieces = pieces.map(|piece| {
        piece.map_err(|failed| {
            tracing::debug!(%failed, "an upload broke off");
            io::Error::other(UploadBroken::Lost)
        })
    });
    limited(pieces, limit)
}

/// The pieces, and an error in place of the one that goes beyond the limit.
fn limited(
    pieces: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    limit: u64,
) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    let mut left = limit;
    pieces.map(move |piece| {
        let piece = piece?;
        let length = u64::try_from(piece.len()).unwrap_or(u64::MAX);
        left = left.checked_sub(length).ok_or_else(|| io::Error::other(UploadBroken::TooLarge))?;
        Ok(piece)
    })
}
