//! Tokens of next pages: base64 of a JSON object, such as `{"limit":10,"pageSize":10,"page":2}`. `limit` is the size of
//! the caller's pages, `pageSize` that of the vendor's, `page` the vendor's from 1 (or `cursor` its token), and `skip`
//! how many of its records earlier answers had.

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::URL_SAFE},
};
use serde_json::{Map, Value};

/// The longest token that is read, in bytes.
const MAX_BYTES: usize = 16 << 10;

/// Reads both alphabets, as both are turned into this one, with or without padding.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Where a list goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    /// Records of the caller's pages, at least 1.
    pub(super) size: u64,
    /// Records of the vendor's pages, at least 1.
    pub(super) vendor_size: u64,
    pub(super) at: At,
}

/// A page of the vendor, and how many of its records were had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum At {
    /// Page number, from 1.
    Number { page: u64, skip: u64 },
    /// The vendor's token; none for its first page.
    Cursor { cursor: Option<String>, skip: u64 },
}

impl Token {
    pub(super) fn write(&self) -> String {
        let mut members = Map::new();
        members.insert("limit".to_owned(), self.size.into());
        members.insert("pageSize".to_owned(), self.vendor_size.into());
        let skip = match &self.at {
            At::Number { page, skip } => {
                members.insert("page".to_owned(), (*page).into());
                skip
            }
            At::Cursor { cursor, skip } => {
                members.insert("cursor".to_owned(), cursor.clone().into());
                skip
            }
        };
        if *skip > 0 {
            members.insert("skip".to_owned(), (*skip).into());
        }
        URL_SAFE.encode(Value::Object(members).to_string())
    }

    /// Reads a token; a blank stands for the `+` that it was in an address. `None` for what is none.
    pub(super) fn read(text: &str) -> Option<Self> {
        if text.len() > MAX_BYTES {
            return None;
        }
        let text = text.replace([' ', '+'], "-").replace('/', "_");
        let value: Value = serde_json::from_slice(&LENIENT.decode(text).ok()?).ok()?;
        let number = |name: &str| value.get(name).map(|number| number.as_u64());
        let positive = |name: &str| number(name)?.filter(|number| *number > 0);
        let vendor_size = positive("pageSize")?;
        let size = if value.get("limit").is_some() { positive("limit")? } else { vendor_size };
        let skip = number("skip").unwrap_or(Some(0))?;
        let at = match value.get("cursor") {
            Some(Value::Null) => At::Cursor { cursor: None, skip },
            Some(Value::String(cursor)) => At::Cursor { cursor: Some(cursor.clone()), skip },
            Some(_) => return None,
            None => At::Number { page: positive("page")?, skip },
        };
        Some(Self { size, vendor_size, at })
    }
}
