//! A short notation of schemas, in which the platform's own table of routes is written.
//!
//! `id: integer, name?: string, roles: [Role], tags: {string}, kind: get|put, seen: date-time|null, extra?: any`:
//! members by commas, `?` behind a name for one that may be absent; `[…]` a list, `{…}` a map, `|` between the words of
//! a closed set (behind the only one) or before `null`, a capitalised word the schema with that name.

use serde_json::{Map, Value, json};

use crate::document::reference;

/// A text in the notation.
pub type Notation = &'static str;

/// The schema of an object with these members; it may have more.
///
/// # Panics
/// When the text is not in the notation: it is part of the program.
#[must_use]
pub fn object(members: Notation) -> Value {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for member in split(members, ',') {
        let (name, kind) = member.split_once(':').unwrap_or_else(|| panic!("no type: {member}"));
        let name = match name.trim().strip_suffix('?') {
            Some(name) => name,
            None => {
                required.push(name.trim());
                name.trim()
            }
        };
        properties.insert(name.to_owned(), schema(kind));
    }
    let mut object = json!({ "type": "object", "properties": properties });
    if !required.is_empty() {
        object["required"] = json!(required);
    }
    object
}

/// The schema of a type: `[Role]`, `string`, `date-time|null`.
///
/// # Panics
/// When the text is not in the notation: it is part of the program.
#[must_use]
pub fn schema(kind: &str) -> Value {
    let kind = kind.trim();
    let inner = |open: char, close: char| kind.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
    if let Some(item) = inner('[', ']') {
        return json!({ "type": "array", "items": schema(item) });
    }
    if let Some(value) = inner('{', '}') {
        return json!({ "type": "object", "additionalProperties": schema(value) });
    }
    let words = split(kind, '|');
    if words.len() > 1 || kind.ends_with('|') {
        let others: Vec<&str> = words.iter().copied().filter(|word| *word != "null").collect();
        let mut of_others = match others[..] {
            [only] if others.len() < words.len() => schema(only),
            _ => json!({ "type": "string", "enum": others }),
        };
        if others.len() < words.len() {
            of_others["x-nullable"] = json!(true);
        }
        return of_others;
    }
    match kind {
        "any" => json!({}),
        "string" | "boolean" | "number" | "object" | "file" => json!({ "type": kind }),
        "integer" => json!({ "type": "integer", "format": "int64" }),
        "date" | "date-time" | "password" | "uri" => json!({ "type": "string", "format": kind }),
        name if name.starts_with(|first: char| first.is_ascii_uppercase()) => reference(name),
        other => panic!("no such type: {other:?}"),
    }
}

/// The parts between separators that stand in no brackets.
fn split(text: &str, separator: char) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0_usize, 0);
    for (index, each) in text.char_indices() {
        match each {
            '[' | '{' => depth += 1,
            ']' | '}' => depth = depth.saturating_sub(1),
            each if each == separator && depth == 0 => {
                parts.push(text[start..index].trim());
                start = index + each.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(text[start..].trim());
    parts.retain(|part| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{object, schema};

    #[test]
    fn the_notation_is_read() {
        assert_eq!(
            object("id: integer, tags?: [string], more: {[Role]}, kind: a|b, at?: date-time|null,"),
            json!({
                "type": "object",
                "properties": {
                    "id": { "type": "integer", "format": "int64" },
                    "tags": { "type": "array", "items": { "type": "string" } },
                    "more": { "type": "object", "additionalProperties":
                        { "type": "array", "items": { "$ref": "#/definitions/Role" } } },
                    "kind": { "type": "string", "enum": ["a", "b"] },
                    "at": { "type": "string", "format": "date-time", "x-nullable": true },
                },
                "required": ["id", "more", "kind"],
            })
        );
        assert_eq!(schema("any"), json!({}));
    }

    #[test]
    #[should_panic(expected = "no such type")]
    fn other_words_are_mistakes() {
        let _ = schema("strng");
    }
}
