//! Reads the lexical pieces of a query from a text: blanks, names, keywords, quoted and bare values.
//! Knows nothing of the grammar that combines them.

use crate::error::ParseError;
use crate::field::Field;
use crate::value::Value;
use crate::{MAX_BYTES, condition::Operator};

/// Longest piece of the text that an error repeats, in characters.
const FOUND_CHARACTERS: usize = 32;

/// The signs of comparisons, longer ones first.
const SIGNS: [(&str, Operator); 8] = [
    ("==", Operator::Equal),
    ("!=", Operator::NotEqual),
    ("<>", Operator::NotEqual),
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("=", Operator::Equal),
    ("<", Operator::Less),
    (">", Operator::Greater),
];

/// A place in a text.
pub(crate) struct Scanner<'a> {
    text: &'a str,
    /// Byte offset of the next character.
    place: usize,
}

impl<'a> Scanner<'a> {
    /// Starts before the first piece of a text; refuses texts that are too long.
    pub(crate) fn new(text: &'a str) -> Result<Self, ParseError> {
        if text.len() > MAX_BYTES {
            let found = format!("{} bytes", text.len());
            return Err(ParseError { position: 1, expected: "at most 65536 bytes", found });
        }
        let mut scanner = Self { text, place: 0 };
        scanner.skip_blanks();
        Ok(scanner)
    }

    fn rest(&self) -> &'a str {
        &self.text[self.place..]
    }

    fn advance(&mut self, bytes: usize) -> &'a str {
        let piece = &self.rest()[..bytes];
        self.place += bytes;
        self.skip_blanks();
        piece
    }

    fn skip_blanks(&mut self) {
        self.place = self.text.len() - self.rest().trim_start().len();
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.rest().is_empty()
    }

    /// The error that something else was expected here.
    pub(crate) fn error(&self, expected: &'static str) -> ParseError {
        let found = match piece_length(self.rest()) {
            0 => "the end".to_owned(),
            length => self.rest()[..length].chars().take(FOUND_CHARACTERS).collect(),
        };
        ParseError { position: self.text[..self.place].chars().count() + 1, expected, found }
    }

    /// Takes one character if it is next.
    pub(crate) fn take(&mut self, character: char) -> bool {
        let found = self.rest().starts_with(character);
        if found {
            self.advance(character.len_utf8());
        }
        found
    }

    /// Whether this keyword is the next word.
    pub(crate) fn sees(&self, keyword: &str) -> bool {
        self.rest()[..name_length(self.rest())].eq_ignore_ascii_case(keyword)
    }

    /// Takes this keyword if it is the next word.
    pub(crate) fn take_word(&mut self, keyword: &str) -> bool {
        let found = self.sees(keyword);
        if found {
            self.advance(keyword.len());
        }
        found
    }

    /// Takes the sign of a comparison if one is next.
    pub(crate) fn take_sign(&mut self) -> Option<Operator> {
        let (sign, operator) = SIGNS.iter().find(|(sign, _)| self.rest().starts_with(sign))?;
        self.advance(sign.len());
        Some(*operator)
    }

    /// A bare or back-ticked name.
    pub(crate) fn name(&mut self, expected: &'static str) -> Result<Field, ParseError> {
        if let Some(inner) = self.rest().strip_prefix('`') {
            let Some(end) = inner.find('`') else { return Err(self.error("a closing `")) };
            let field = Field::new(&inner[..end]).ok_or_else(|| self.error(expected))?;
            self.advance(end + 2);
            return Ok(field);
        }
        let length = name_length(self.rest());
        match Field::new(&self.rest()[..length]) {
            Some(field) if !is_connective(field.as_str()) => {
                self.advance(length);
                Ok(field)
            }
            _ => Err(self.error(expected)),
        }
    }

    /// A quoted or bare value.
    pub(crate) fn value(&mut self) -> Result<Value, ParseError> {
        if let Some((open, close)) = self.rest().chars().next().and_then(closing_quote) {
            return self.quoted(open, close);
        }
        match bare_length(self.rest()) {
            0 => Err(self.error("a value")),
            length => Ok(Value::bare(self.advance(length))),
        }
    }

    /// A value in quotes. The closing quote written twice stands for itself, and in straight
    /// quotes also after a backslash; any other backslash is an ordinary character.
    fn quoted(&mut self, open: char, close: char) -> Result<Value, ParseError> {
        let inner = &self.rest()[open.len_utf8()..];
        let mut text = String::new();
        let mut characters = inner.char_indices().peekable();
        while let Some((place, character)) = characters.next() {
            let quote_follows = characters.peek().is_some_and(|(_, next)| *next == close);
            let escapes = character == close || (character == '\\' && matches!(close, '\'' | '"'));
            if escapes && quote_follows {
                characters.next();
                text.push(close);
            } else if character == close {
                self.advance(open.len_utf8() + place + close.len_utf8());
                return Ok(Value::quoted(&text));
            } else {
                text.push(character);
            }
        }
        Err(self.error("a quote that is closed"))
    }

    /// An unsigned integer.
    pub(crate) fn integer(&mut self, expected: &'static str) -> Result<u64, ParseError> {
        let length = name_length(self.rest());
        let number = self.rest()[..length].parse().map_err(|_| self.error(expected))?;
        self.advance(length);
        Ok(number)
    }
}

/// The words that connect conditions; they alone are never names.
pub(crate) fn is_connective(word: &str) -> bool {
    ["and", "or", "not"].iter().any(|connective| word.eq_ignore_ascii_case(connective))
}

/// Bytes of the bare name a text begins with.
pub(crate) fn name_length(text: &str) -> usize {
    let mut place = 0;
    while let Some(character) = text[place..].chars().next() {
        place += match character {
            '[' => match mark_length(&text[place..]) {
                0 => break,
                length => length,
            },
            '_' | '$' | '@' | '-' | ':' | '.' => 1,
            letter if letter.is_alphanumeric() => letter.len_utf8(),
            _ => break,
        };
    }
    place
}

/// Bytes of `[0]` or `[*]` at the start of a text, or 0.
fn mark_length(text: &str) -> usize {
    let Some(end) = text.find(']') else { return 0 };
    let inner = &text[1..end];
    let digits = !inner.is_empty() && inner.bytes().all(|byte| byte.is_ascii_digit());
    if inner == "*" || digits { end + 1 } else { 0 }
}

/// Bytes of the bare value a text begins with: up to a blank, a comma or a closing parenthesis.
/// 0 where quotes or signs of the grammar stand.
pub(crate) fn bare_length(text: &str) -> usize {
    let foreign = |first: char| closing_quote(first).is_some() || matches!(first, '=' | '<' | '>' | '(');
    if text.starts_with(foreign) {
        return 0;
    }
    text.find(|c: char| c.is_whitespace() || matches!(c, ',' | ')')).unwrap_or(text.len())
}

/// An opening quote with the one that closes it.
fn closing_quote(open: char) -> Option<(char, char)> {
    match open {
        '\'' | '"' | '`' => Some((open, open)),
        '‘' | '’' => Some((open, '’')),
        '“' | '”' => Some((open, '”')),
        _ => None,
    }
}

/// Bytes of what an error shows of a text: a name, or everything up to a blank.
fn piece_length(text: &str) -> usize {
    match name_length(text) {
        0 => text.find(char::is_whitespace).unwrap_or(text.len()),
        length => length,
    }
}
