//! Says what QuickJS says in the words that users of other engines know.

#[cfg(test)]
mod tests;

use super::ScriptError;

/// How much of a message is kept.
const MAX_CHARS: usize = 2_000;

/// The error for a message of the engine.
pub(super) fn failure(message: &str, make: impl FnOnce(String) -> ScriptError) -> ScriptError {
    if message == "InternalError: out of memory" { ScriptError::OutOfMemory } else { make(familiar(message)) }
}

/// The message as V8 would word it, where the two differ in nothing but words.
pub(super) fn familiar(message: &str) -> String {
    let message: String = message.chars().take(MAX_CHARS).collect();
    let Some((name, text)) = message.split_once(": ") else { return message };
    match reworded(name, text) {
        Some((name, text)) => format!("{name}: {text}"),
        None => message,
    }
}

fn reworded<'a>(name: &'a str, text: &'a str) -> Option<(&'a str, String)> {
    let text = match name {
        "TypeError" => type_error(text)?,
        "SyntaxError" => syntax_error(text)?,
        "RangeError" if text.contains("nvalid array length") || text == "invalid array index" => {
            "Invalid array length".to_owned()
        }
        "RangeError" if text == "invalid array buffer length" => "Invalid array buffer length".to_owned(),
        "RangeError" if text == "invalid string length" => "Invalid string length".to_owned(),
        "ReferenceError" => {
            format!("Cannot access '{}' before initialization", text.strip_suffix(" is not initialized")?)
        }
        "URIError" => "URI malformed".to_owned(),
        "InternalError" if text == "stack overflow" => {
            return Some(("RangeError", "Maximum call stack size exceeded".to_owned()));
        }
        "InternalError" if text == "string too long" => {
            return Some(("RangeError", "Invalid string length".to_owned()));
        }
        _ => return None,
    };
    Some((name, text))
}

fn type_error(text: &str) -> Option<String> {
    for (verb, doing) in [("read", "reading"), ("set", "setting")] {
        let rest = text.strip_prefix("cannot ").and_then(|rest| rest.strip_prefix(verb));
        let Some((property, holder)) = rest.and_then(|rest| rest.strip_prefix(" property '")?.rsplit_once("' of "))
        else {
            continue;
        };
        return Some(format!("Cannot {verb} properties of {holder} ({doing} '{property}')"));
    }
    Some(match text {
        "object is not extensible" => "Cannot add property, object is not extensible".to_owned(),
        "circular reference" => "Converting circular structure to JSON".to_owned(),
        "not a function" => "object is not a function".to_owned(),
        "cannot convert symbol to string" => "Cannot convert a Symbol value to a string".to_owned(),
        "not an object" => "value is not an object".to_owned(),
        _ => return None,
    })
}

fn syntax_error(text: &str) -> Option<String> {
    let token =
        text.strip_prefix("unexpected token in expression: ").or_else(|| text.strip_prefix("Unexpected token "));
    if let Some(token) = token {
        let token = token.trim_matches('\'');
        return Some(if token.is_empty() {
            "Unexpected end of input".to_owned()
        } else {
            format!("Unexpected token '{token}'")
        });
    }
    Some(match text {
        "unexpected end of comment" | "unexpected end of string" | "unexpected line terminator in string" => {
            "Invalid or unexpected token".to_owned()
        }
        "invalid redefinition of lexical identifier" | "invalid redefinition of a variable" => {
            "Identifier has already been declared".to_owned()
        }
        _ => return None,
    })
}
