//! The vendor's own words for an error, out of whatever body it sent.

#[cfg(test)]
mod tests;

use serde_json::Value;

use crate::json_path;

/// How many characters of the vendor's text are passed on.
const MAX_CHARACTERS: usize = 2000;

/// Where vendors put the text, in the order of trust.
const PLACES: &[&str] = &[
    "message",
    "error.message",
    "error_description",
    "errors[0].message",
    "errors[0].detail",
    "faultstring",
    "Message",
    "requestError.serviceException.text",
    "o:errorDetails[0].detail",
    "title",
    "error",
];

/// The vendor's error text: `message`, `error.message`, `error_description`, `errors[0].message` or `.detail`,
/// a SOAP `faultstring`, `Message`, some vendors' own places, else the raw text. `redact` takes secrets out of it, then
/// control characters become blanks and it is cut to 2,000 characters. `None` when the body says nothing; markup meant
/// for browsers says nothing either.
#[must_use]
pub fn vendor_error_text(body: &Value, redact: &dyn Fn(String) -> String) -> Option<String> {
    let text = PLACES.iter().find_map(|place| json_path::get(body, place)?.as_str().map(str::to_owned));
    let raw = || match body {
        Value::Null => None,
        Value::String(text) if looks_like_markup(text) => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    let text = redact(text.filter(|text| !text.trim().is_empty()).or_else(raw)?);
    let plain = text.trim().chars().map(|each| if each.is_control() { ' ' } else { each });
    let cut: String = plain.take(MAX_CHARACTERS).collect();
    (!cut.is_empty()).then_some(cut)
}

fn looks_like_markup(text: &str) -> bool {
    let start = text.trim_start().get(..5).unwrap_or_default().to_ascii_lowercase();
    matches!(start.as_str(), "<html" | "<!doc")
}
