//! `LIKE`: `%` stands for any run of characters, the case of letters does not matter.

#[cfg(test)]
mod tests;

/// Whether a text matches a pattern. Linear in both: the first place where a part fits is always
/// good enough for the parts after it.
pub(crate) fn matches(text: &str, pattern: &str) -> bool {
    let (text, pattern) = (fold(text), fold(pattern));
    let Some((first, parts)) = pattern.split_once('%') else { return text == pattern };
    let (middle, last) = parts.rsplit_once('%').unwrap_or(("", parts));
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    for part in middle.split('%') {
        let Some(place) = rest.find(part) else { return false };
        rest = &rest[place + part.len()..];
    }
    rest.ends_with(last)
}

/// The text with differences of case removed, character by character.
fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}
