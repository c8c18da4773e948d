//! Descriptions without what only people read: documentation, annotations, comments, and white space between elements.

use quick_xml::{
    Reader, Writer,
    events::{BytesText, Event},
};

/// The document without documentation; as it is when it is not XML.
#[must_use]
pub fn compact(text: &str) -> String {
    shortened(text).unwrap_or_else(|| text.to_owned())
}

fn shortened(text: &str) -> Option<String> {
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    let mut writer = Writer::new(Vec::with_capacity(text.len() / 2));
    let mut left_out = 0_usize;
    loop {
        let event = reader.read_event().ok()?;
        match &event {
            Event::Eof => break,
            Event::Start(start) if left_out > 0 || is_for_people(start.local_name().as_ref()) => {
                left_out += 1;
                continue;
            }
            Event::End(_) if left_out > 0 => {
                left_out -= 1;
                continue;
            }
            Event::Empty(start) if is_for_people(start.local_name().as_ref()) => continue,
            Event::Comment(_) | Event::PI(_) | Event::Decl(_) => continue,
            Event::Text(text) if is_blank(text) => continue,
            _ if left_out > 0 => continue,
            _ => {}
        }
        writer.write_event(event).ok()?;
    }
    String::from_utf8(writer.into_inner()).ok()
}

fn is_for_people(local: &str) -> bool {
    matches!(local, "annotation" | "documentation")
}

fn is_blank(text: &BytesText<'_>) -> bool {
    text.as_ref().chars().all(char::is_whitespace)
}
