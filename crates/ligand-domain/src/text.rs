//! Text that callers send and that others will read: markup is taken out of it.

#[cfg(test)]
mod tests;

/// Takes HTML tags and comments out of a name or tag, keeps the text between, and trims blanks. A `<` that opens no tag stays. Repeats until nothing is left to take, so
/// that no tag can be assembled from the pieces.
#[must_use]
pub fn strip_markup(text: &str) -> String {
    let mut current = text.trim().to_owned();
    loop {
        let next = strip_once(&current);
        if next == current {
            return next.trim().to_owned();
        }
        current = next;
    }
}

fn strip_once(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        kept.push_str(&rest[..start]);
        rest = &rest[start..];
        match tag_length(rest) {
            Some(length) => rest = &rest[length..],
            None => {
                kept.push('<');
                rest = &rest[1..];
            }
        }
    }
    kept.push_str(rest);
    kept
}

/// The length of the tag or comment that `text`, beginning with `<`, opens.
fn tag_length(text: &str) -> Option<usize> {
    if let Some(comment) = text.strip_prefix("<!--") {
        return Some(comment.find("-->").map_or(text.len(), |end| end + "<!---->".len()));
    }
    let name = text[1..].strip_prefix('/').unwrap_or(&text[1..]);
    if !name.starts_with(|first: char| first.is_ascii_alphabetic() || matches!(first, '!' | '?')) {
        return None;
    }
    tag_end(text)
}

/// Where the tag ends: behind the first `>` outside quotes, or, where the quotes never close, behind any `>`.
fn tag_end(text: &str) -> Option<usize> {
    let mut quote = None;
    for (index, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(index + 1),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    text.find('>').map(|index| index + 1)
}
