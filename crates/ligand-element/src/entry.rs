//! Configuration entries: what a user is asked for when an element is provisioned.

use std::fmt;

use serde_json::{Map, Value};

/// The kind of an entry's value. It decides how the value is checked and whether it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryType {
    /// One line of so many characters at most.
    TextField(u32),
    /// Text of any length.
    TextArea,
    /// A secret of any length.
    Password,
    /// `true` or `false`.
    Boolean,
    /// `true` or `false`, presented as yes and no (spelt `BOOLEAN_YESNO`).
    BooleanYesNo,
    /// The other spelling of yes and no (`YES_NO`).
    YesNo,
    /// One of several options.
    Combo,
    /// Some of several options.
    MultiSelect,
    /// Code or JSON of any length.
    CodeEditor,
}

impl EntryType {
    /// The type of a word such as `TEXTFIELD_128`.
    #[must_use]
    pub fn from_key(word: &str) -> Option<Self> {
        Some(match word {
            "TEXTAREA" => Self::TextArea,
            "PASSWORD" => Self::Password,
            "BOOLEAN" => Self::Boolean,
            "BOOLEAN_YESNO" => Self::BooleanYesNo,
            "YES_NO" => Self::YesNo,
            "COMBO" => Self::Combo,
            "MULTISELECT" => Self::MultiSelect,
            "CODE_EDITOR" => Self::CodeEditor,
            _ => {
                let digits = word.strip_prefix("TEXTFIELD_")?;
                let plain = !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit());
                Self::TextField(digits.parse().ok().filter(|length| plain && *length > 0)?)
            }
        })
    }

    /// Whether values are `true` or `false`.
    #[must_use]
    pub fn is_boolean(self) -> bool {
        matches!(self, Self::Boolean | Self::BooleanYesNo | Self::YesNo)
    }
}

impl fmt::Display for EntryType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TextField(length) => write!(formatter, "TEXTFIELD_{length}"),
            Self::TextArea => formatter.write_str("TEXTAREA"),
            Self::Password => formatter.write_str("PASSWORD"),
            Self::Boolean => formatter.write_str("BOOLEAN"),
            Self::BooleanYesNo => formatter.write_str("BOOLEAN_YESNO"),
            Self::YesNo => formatter.write_str("YES_NO"),
            Self::Combo => formatter.write_str("COMBO"),
            Self::MultiSelect => formatter.write_str("MULTISELECT"),
            Self::CodeEditor => formatter.write_str("CODE_EDITOR"),
        }
    }
}

/// One configuration entry of an element, complete with defaults.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Stable number, derived from element and key.
    pub id: i64,
    /// Dotted key.
    pub key: String,
    /// Display name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Kind of value.
    pub kind: EntryType,
    /// The value when the caller sends none; `Some("")` and `None` differ on the wire.
    pub default_value: Option<String>,
    /// Whether a caller must send a value.
    pub required: bool,
    /// Whether forms leave it out.
    pub hide_from_console: bool,
    /// Set by the platform, not by callers.
    pub internal: bool,
    /// Echoed flags.
    pub active: bool,
    /// Echoed flag.
    pub company_config: bool,
    /// Echoed flag.
    pub reseller_config: bool,
    /// Echoed flag.
    pub group_control: bool,
    /// Place in forms and in error messages; equal places keep the order of definition.
    pub display_order: i64,
    /// Further members that are accepted and echoed (`hintText`, `options`, …).
    pub extra: Map<String, Value>,
}
