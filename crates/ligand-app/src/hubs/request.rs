//! What a caller asks of a new hub, all problems at once.

use ligand_domain::{Error, Hub, Id, text::strip_markup};
use serde_json::{Map, Value};

/// The longest key, in characters.
const KEY_CHARS: usize = 64;
/// The longest of the other texts, in characters.
const TEXT_CHARS: usize = 4000;
/// A word of the API in the place of keys.
const RESERVED: &str = "keys";

/// A checked body of `POST /hubs`. Its number is still to be given.
#[derive(Debug)]
pub struct NewHub(pub(super) Hub);

impl NewHub {
    /// Checks a body.
    ///
    /// # Errors
    /// Invalid, one message naming every member that is wrong.
    pub fn read(body: &Map<String, Value>) -> Result<Self, Error> {
        let mut problems = Vec::new();
        let mut text = |member: &str, required: bool| match body.get(member) {
            Some(Value::String(text)) if text.chars().count() > TEXT_CHARS => {
                problems.push(format!("{member} must have at most {TEXT_CHARS} characters"));
                String::new()
            }
            Some(Value::String(text)) if !required || !text.trim().is_empty() => text.clone(),
            None | Some(Value::Null) if !required => String::new(),
            None | Some(Value::Null | Value::String(_)) => {
                problems.push(format!("{member} is required"));
                String::new()
            }
            Some(_) => {
                problems.push(format!("{member} must be a text"));
                String::new()
            }
        };
        let key = text("key", true).trim().to_owned();
        let name = strip_markup(&text("name", true));
        let (description, video_link) = (strip_markup(&text("description", false)), text("videoLink", false));
        if !key.is_empty() && !is_key(&key) {
            problems
                .push(format!("key must be at most {KEY_CHARS} letters, digits, '-' and '_', and not '{RESERVED}'"));
        }
        let active = match body.get("active") {
            None | Some(Value::Null) => true,
            Some(Value::Bool(active)) => *active,
            Some(_) => {
                problems.push("active must be true or false".to_owned());
                true
            }
        };
        if !problems.is_empty() {
            return Err(Error::invalid("hub-invalid", problems.join("; ")));
        }
        let id = Id::new(1).expect("one is positive");
        Ok(Self(Hub { id, key, name, description, video_link, active }))
    }
}

fn is_key(key: &str) -> bool {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    key.len() <= KEY_CHARS && key.chars().all(is_plain) && !key.eq_ignore_ascii_case(RESERVED)
}
