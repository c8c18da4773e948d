//! Converters of parameters that need nothing but the value.

/// What a converter makes of a value; `Err` for a converter that nothing executes.
pub(crate) fn convert(converter: &str, value: &str) -> Result<String, ()> {
    match converter.split_once(':') {
        Some(("withSuffix", suffix)) => Ok(with_suffix(value, suffix)),
        _ => Err(()),
    }
}

/// The value with the suffix, unless it ends with it already (letter case and a last slash do not matter).
fn with_suffix(value: &str, suffix: &str) -> String {
    let value = value.trim().trim_end_matches('/');
    if value.to_ascii_lowercase().ends_with(&suffix.to_ascii_lowercase()) {
        return value.to_owned();
    }
    format!("{value}{suffix}")
}
