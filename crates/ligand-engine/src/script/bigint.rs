//! Finds integers without bound (`5n`) in the text of scripts.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

/// What scripts that have one are told.
pub(super) const BIGINT_REFUSED: &str = "BigInt is not supported in hooks";

/// The text with everything that looks like such a number turned into what is none, wherever it stands; borrowed when
/// there is nothing of the kind. In a text, a comment or a pattern the change is one of content; a number that is code
/// becomes an error of syntax. So the two texts tell which it was.
pub(super) fn without(text: &str) -> Cow<'_, str> {
    let places = places(text);
    if places.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut changed = String::with_capacity(text.len());
    let mut from = 0;
    for place in places {
        changed.push_str(&text[from..place]);
        changed.push('m');
        from = place + 1;
    }
    changed.push_str(&text[from..]);
    Cow::Owned(changed)
}

/// Whether something in the text looks like such a number.
pub(super) fn may_be_in(text: &str) -> bool {
    !places(text).is_empty()
}

/// Where the letters are that would make a number one of these.
fn places(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$');
    let mut places = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if !is_word(bytes[at]) {
            at += 1;
            continue;
        }
        let start = at;
        while at < bytes.len() && is_word(bytes[at]) {
            at += 1;
        }
        if is_number(&bytes[start..at]) {
            places.push(at - 1);
        }
    }
    places
}

/// Whether a word is an integer with an `n` behind it.
fn is_number(word: &[u8]) -> bool {
    let Some((b'n', number)) = word.split_last() else { return false };
    let digits = |digits: &[u8], radix: u32| {
        let is_digit = |byte: &u8| *byte == b'_' || char::from(*byte).is_digit(radix);
        !digits.is_empty() && digits.iter().all(is_digit)
    };
    match number {
        [b'0', b'x' | b'X', rest @ ..] => digits(rest, 16),
        [b'0', b'o' | b'O', rest @ ..] => digits(rest, 8),
        [b'0', b'b' | b'B', rest @ ..] => digits(rest, 2),
        rest => rest.first().is_some_and(u8::is_ascii_digit) && digits(rest, 10),
    }
}
