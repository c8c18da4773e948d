//! The date tokens of a poller's URL: `${gmtDate:yyyy-MM-dd}`, `${dateTimeZone:PST:…}`, `${epoch:s}`, …

use ligand_domain::{
    Timestamp,
    dates::{DateFormat, DatePattern, Zone},
};

/// The form of a date token that names none and whose resource has none.
const DEFAULT_PATTERN: &str = "yyyy-MM-dd'T'HH:mm:ssXXX";

/// Whether a URL has a token that is known.
pub(super) fn has_token(url: &str) -> bool {
    render(url, Timestamp::from_millis(0), None) != url
}

/// The URL with its tokens replaced. Unknown ones, and those with a pattern that is none, are left as they are.
pub(super) fn render(url: &str, at: Timestamp, default: Option<&DateFormat>) -> String {
    let mut text = String::with_capacity(url.len());
    let mut rest = url;
    while let Some(start) = rest.find("${") {
        let (before, from) = rest.split_at(start);
        text.push_str(before);
        let Some(end) = from.find('}') else {
            rest = from;
            break;
        };
        let (token, after) = from.split_at(end + 1);
        match value(&token[2..end], at, default) {
            Some(value) => text.push_str(&value),
            None => text.push_str(token),
        }
        rest = after;
    }
    text.push_str(rest);
    text
}

fn value(token: &str, at: Timestamp, default: Option<&DateFormat>) -> Option<String> {
    let (descriptor, argument) = match token.split_once(':') {
        Some((descriptor, argument)) => (descriptor, Some(argument)),
        None => (token, None),
    };
    match descriptor.to_ascii_lowercase().as_str() {
        "date" | "gmtdate" => dated(argument, at, &Zone::gmt(), default),
        "datetimezone" => {
            let (zone, pattern) = zone_and_pattern(argument?)?;
            dated(Some(pattern), at, &Zone::named(zone), default)
        }
        "epoch" | "milliseconds" => {
            let millis = at.as_millis();
            match argument.map(str::to_ascii_lowercase).as_deref() {
                None | Some("" | "ms") => Some(millis.to_string()),
                Some("s") => Some(millis.div_euclid(1000).to_string()),
                Some("us") => Some(millis.saturating_mul(1000).to_string()),
                Some(_) => None,
            }
        }
        _ => None,
    }
}

fn dated(pattern: Option<&str>, at: Timestamp, zone: &Zone, default: Option<&DateFormat>) -> Option<String> {
    match pattern.filter(|pattern| !pattern.is_empty()) {
        Some(pattern) => DateFormat::read(pattern).ok().map(|format| format.render(at, zone)),
        None => Some(match default {
            Some(format) => format.render(at, zone),
            None => DatePattern::new(DEFAULT_PATTERN).ok()?.render(at, zone),
        }),
    }
}

/// Splits `America/Denver:yyyy-MM-dd` and `-8:00:yyyy-MM-dd`: a zone may have a colon of its own.
fn zone_and_pattern(argument: &str) -> Option<(&str, &str)> {
    if argument.starts_with(['+', '-']) {
        let digits = argument[1..].bytes().take_while(u8::is_ascii_digit).count() + 1;
        let minutes = argument[digits..].strip_prefix(':').is_some_and(|rest| {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            digits == 2 && rest[digits..].starts_with(':')
        });
        let end = if minutes { digits + 3 } else { digits };
        let pattern = argument[end..].strip_prefix(':')?;
        return Some((&argument[..end], pattern));
    }
    argument.split_once(':')
}

/// A URL's text as it may be sent: what is neither reserved nor unreserved is percent-encoded, `%XX` stays, and in the
/// query a plus sign is one.
pub(super) fn encoded(url: &str) -> String {
    let mut text = String::with_capacity(url.len());
    let bytes = url.as_bytes();
    let query = url.find('?').unwrap_or(url.len());
    for (index, byte) in bytes.iter().enumerate() {
        let is_escape =
            *byte == b'%' && bytes.get(index + 1..index + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit));
        let stays = byte.is_ascii_alphanumeric() || b"-._~:/?@!$&()*,;=[]".contains(byte) || is_escape;
        let is_plus_of_path = *byte == b'+' && index < query;
        if stays || is_plus_of_path {
            text.push(char::from(*byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

/// A value of a query.
pub(super) fn component(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}
