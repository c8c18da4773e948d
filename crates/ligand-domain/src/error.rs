//! The one error type of the platform's own layers: a closed kind, a stable code, a public message, a private source.

use std::{error, fmt};

/// What sort of failure it is. The web layer alone turns it into an HTTP status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The request breaks a rule (400).
    Invalid,
    /// Credentials are missing or wrong (401).
    Unauthenticated,
    /// The caller may not do this (403).
    Forbidden,
    /// There is no such thing, or not for this caller (404).
    NotFound,
    /// The verb does not exist on this path (405).
    MethodNotAllowed,
    /// The answer cannot be given in an accepted media type (406).
    NotAcceptable,
    /// The client took too long to send its request (408).
    TooSlow,
    /// It exists already, or something depends on it (409).
    Conflict,
    /// The request is larger than allowed (413).
    TooLarge,
    /// The body is of a media type that is not understood (415).
    UnsupportedMediaType,
    /// Too many requests (429).
    TooMany,
    /// A fault of the platform (500). The message stays private.
    Internal,
    /// The vendor failed or could not be reached (502).
    Vendor,
    /// The platform cannot serve now (503).
    Unavailable,
}

/// A failure with what the caller may know of it and what only the log may.
#[derive(Debug)]
pub struct Error {
    /// The sort of failure.
    pub kind: ErrorKind,
    /// Stable and short, for logs and metrics: `instance-not-found`.
    pub code: &'static str,
    /// One sentence for the caller. Never contains a secret.
    pub message: String,
    /// The vendor's own error text, when a vendor answered.
    pub provider_message: Option<Box<str>>,
    /// Seconds after which a new try makes sense, with [`ErrorKind::TooMany`] and [`ErrorKind::Unavailable`].
    pub retry_after_seconds: Option<u64>,
    /// Where the recorded conversation with the vendor is found, when one was asked for.
    pub trace_id: Option<Box<str>>,
    source: Option<Box<dyn error::Error + Send + Sync>>,
}

impl Error {
    /// A failure of this kind with a message for the caller.
    #[must_use]
    pub fn new(kind: ErrorKind, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            kind,
            code,
            message: message.into(),
            provider_message: None,
            retry_after_seconds: None,
            trace_id: None,
            source: None,
        }
    }

    /// The request breaks a rule.
    #[must_use]
    pub fn invalid(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Invalid, code, message)
    }

    /// There is no such thing for this caller.
    #[must_use]
    pub fn not_found(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::NotFound, code, message)
    }

    /// Credentials are missing or wrong. One text for all causes, so that it tells nothing to a guesser.
    #[must_use]
    pub fn unauthenticated() -> Self {
        Self::new(
            ErrorKind::Unauthenticated,
            "unauthenticated",
            "Invalid or missing credentials in the Authorization header",
        )
    }

    /// A fault of the platform; the cause goes to the log only.
    #[must_use]
    pub fn internal(code: &'static str, source: impl Into<Box<dyn error::Error + Send + Sync>>) -> Self {
        let mut error = Self::new(ErrorKind::Internal, code, "An unexpected error occurred");
        error.source = Some(source.into());
        error
    }

    /// The same failure with the vendor's own text.
    #[must_use]
    pub fn with_provider_message(mut self, message: Option<String>) -> Self {
        self.provider_message = message.map(String::into_boxed_str);
        self
    }

    /// The same failure with the place of the recorded conversation.
    #[must_use]
    pub fn with_trace_id(mut self, trace_id: Option<String>) -> Self {
        self.trace_id = trace_id.map(String::into_boxed_str);
        self
    }

    /// The same failure with a private cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The same failure with the time to wait.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.code, self.message)
    }
}

impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn error::Error + 'static))
    }
}
