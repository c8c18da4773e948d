//! What is not as a test says, in lines that people read.

use serde_json::Value;
use similar::{ChangeTag, TextDiff};

/// Longest text that is shown whole beside the one expected.
const SHORT: usize = 200;

/// The differences of one test.
#[derive(Debug, Default)]
pub(super) struct Differences(Vec<String>);

impl Differences {
    /// Something that is wrong with the test itself.
    pub(super) fn note(&mut self, problem: impl Into<String>) {
        self.0.push(problem.into());
    }

    /// Compares a text that is expected to be one.
    pub(super) fn text(&mut self, what: &str, expected: &Value, came: &str) {
        self.value(what, expected, &Value::from(came));
    }

    /// Compares two values. Texts that are JSON or long are compared line by line.
    pub(super) fn value(&mut self, what: &str, expected: &Value, came: &Value) {
        if expected == came {
            return;
        }
        let (one, other) = (shown(expected), shown(came));
        if !one.contains('\n') && !other.contains('\n') && one.len().max(other.len()) <= SHORT {
            self.0.push(format!("{what}\n  expected: {one}\n  came:     {other}"));
            return;
        }
        let mut text = format!("{what} (- expected, + came)");
        for change in TextDiff::from_lines(&broken(&one), &broken(&other)).iter_all_changes() {
            let sign = match change.tag() {
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
                ChangeTag::Equal => ' ',
            };
            text.push_str(&format!("\n  {sign} {}", change.value().trim_end_matches('\n')));
        }
        self.0.push(text);
    }

    pub(super) fn into_lines(self) -> Vec<String> {
        self.0
    }
}

/// A value as text: JSON in lines, also where it stands in a text.
fn shown(value: &Value) -> String {
    let pretty = |value: &Value| format!("{value:#}");
    match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(inner @ (Value::Object(_) | Value::Array(_))) => pretty(&inner),
            _ => text.clone(),
        },
        other => pretty(other),
    }
}

/// XML with a line for each element, so that lines can be compared.
fn broken(text: &str) -> String {
    let text = if text.starts_with('<') { text.replace("><", ">\n<") } else { text.to_owned() };
    format!("{text}\n")
}
