//! JSON as text: a cursor over a document that is known to be valid, and the edits made to it.
//!
//! Editing the text keeps everything that is not edited byte for byte: order, duplicates, white space, long numbers.

use std::borrow::Cow;

/// The deepest nesting of arrays and objects that the handlers' parser reads.
pub(super) const MAX_DEPTH: usize = 127;

/// A place in the text, from its first byte to the one behind its last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
}

/// A replacement of one place of the text.
#[derive(Debug)]
pub(super) struct Edit {
    pub(super) span: Span,
    pub(super) text: String,
}

impl Edit {
    /// Puts `text` as a JSON string in place of the string at `span`.
    pub(super) fn string(span: Span, text: &str) -> Self {
        Self { span, text: serde_json::Value::from(text).to_string() }
    }

    /// Takes `span` out of the text.
    pub(super) fn removal(span: Span) -> Self {
        Self { span, text: String::new() }
    }
}

/// The text with the edits applied. An edit inside the place of an earlier one is dropped.
pub(super) fn applied(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|edit| edit.span.start);
    let mut result = String::with_capacity(text.len() + 64);
    let mut copied = 0;
    for edit in &edits {
        if edit.span.start >= copied {
            result.push_str(&text[copied..edit.span.start]);
            result.push_str(&edit.text);
            copied = edit.span.end;
        }
    }
    result.push_str(&text[copied..]);
    result
}

/// A place to read from in a valid JSON text.
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    /// A cursor at the beginning of `body`, or `None` when it is not one valid JSON document in UTF-8.
    pub(super) fn over(body: &'a [u8]) -> Option<Self> {
        serde_json::from_slice::<serde::de::IgnoredAny>(body).ok()?;
        Some(Self { text: std::str::from_utf8(body).ok()?, at: 0 })
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// Skips white space and shows the next byte.
    pub(super) fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while matches!(bytes.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }

    /// Skips white space and the byte `expected`, if that is what follows.
    pub(super) fn take(&mut self, expected: u8) -> bool {
        let found = self.peek() == Some(expected);
        self.at += usize::from(found);
        found
    }

    /// The place of the string that follows, its quotation marks included.
    pub(super) fn string(&mut self) -> Option<Span> {
        let start = { self.peek().filter(|next| *next == b'"').map(|_| self.at)? };
        let bytes = self.text.as_bytes();
        self.at += 1;
        loop {
            match bytes.get(self.at)? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        Some(Span { start, end: self.at })
    }

    /// The text of the number, `true`, `false` or `null` that follows.
    pub(super) fn word(&mut self) -> &'a str {
        self.peek();
        let rest = &self.text[self.at..];
        let end = rest.find([',', ']', '}', ' ', '\t', '\n', '\r']).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// The meaning of the string at `span`, or `None` when it holds half a surrogate pair.
    pub(super) fn decoded(&self, span: Span) -> Option<Cow<'a, str>> {
        let inner = self.text.get(span.start + 1..span.end - 1)?;
        if inner.contains('\\') {
            serde_json::from_str(&self.text[span.start..span.end]).ok().map(Cow::Owned)
        } else {
            Some(Cow::Borrowed(inner))
        }
    }
}
