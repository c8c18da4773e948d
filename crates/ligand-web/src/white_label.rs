//! The white-label edge: the same API sold under another product noun (`/your_moms/api-v2`, member `your_mom`).
//!
//! Turns a request spoken in the noun into the standard one and the standard answer back. Pure: it knows paths,
//! headers and JSON text, and leaves reading bodies, `Content-Length` and serving to the router's layer.

mod bodies;
mod documents;
mod headers;
mod json;
mod paths;
mod reserved;
mod texts;

#[cfg(test)]
mod tests;

pub use paths::Route;

use texts::TextForms;

/// The longest noun, plural or display form, in characters.
const MAX_WORD_CHARS: usize = 64;

/// The platform's own noun, which the standard API speaks.
const STANDARD: Words<'static> = Words { singular: "element", plural: "elements" };

/// The word that a white-label API uses in place of `element`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noun {
    singular: String,
    plural: String,
    texts: TextForms,
}

/// Why a noun cannot be served.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NounError {
    /// A form is empty, too long or has other characters than letters, digits and `_`.
    #[error("white-label word {0:?} must be a letter followed by letters, digits or `_`, 64 characters at most")]
    Malformed(String),
    /// A display form is empty, too long or has characters other than letters, digits, spaces, `_` and `-`.
    #[error(
        "white-label display form {0:?} must be a letter followed by letters, digits, spaces, `_` or `-`, 64 characters at most"
    )]
    MalformedDisplay(String),
    /// The word already means something in the API's paths, headers or bodies.
    #[error("white-label word {0:?} already has a meaning in the API")]
    Reserved(String),
    /// Singular and plural cannot be told apart where they begin a longer name.
    #[error("white-label noun {0:?} and plural {1:?} cannot be told apart")]
    Ambiguous(String, String),
}

/// Singular and plural of one vocabulary, as they stand in paths and member names.
#[derive(Debug, Clone, Copy)]
struct Words<'a> {
    singular: &'a str,
    plural: &'a str,
}

impl Noun {
    /// Checks the words and derives the missing forms: plural = noun + `s`, display forms = the words with a capital
    /// first letter. Given display forms are used in texts only, in lower case where the text is in lower case.
    ///
    /// # Errors
    /// A form that is malformed, reserved, or not to be told from its counterpart.
    pub fn new(
        noun: &str,
        plural: Option<&str>,
        display: Option<&str>,
        display_plural: Option<&str>,
    ) -> Result<Self, NounError> {
        let singular = checked_word(noun)?;
        let plural = checked_word(&plural.map_or_else(|| format!("{noun}s"), str::to_owned))?;
        if singular.eq_ignore_ascii_case(&plural)
            || after_word(&plural, &singular).is_some()
            || after_word(&singular, &plural).is_some()
        {
            return Err(NounError::Ambiguous(singular, plural));
        }
        let texts = TextForms::new(&singular, &plural, checked_display(display)?, checked_display(display_plural)?);
        Ok(Self { singular, plural, texts })
    }

    /// The noun as it stands in member names: `your_mom`.
    #[must_use]
    pub fn singular(&self) -> &str {
        &self.singular
    }

    /// The plural as it stands in paths: `your_moms`.
    #[must_use]
    pub fn plural(&self) -> &str {
        &self.plural
    }

    fn words(&self) -> Words<'_> {
        Words { singular: &self.singular, plural: &self.plural }
    }
}

impl Words<'_> {
    /// `name` with its leading word exchanged for that of `to`, if it begins with a word of `self` at a camel-case
    /// border: `elementId` → `your_momId`, but neither `elementary` nor `element_key`.
    fn renamed(self, name: &str, to: Words<'_>) -> Option<String> {
        let (word, rest) = match after_word(name, self.plural) {
            Some(rest) => (to.plural, rest),
            None => (to.singular, after_word(name, self.singular)?),
        };
        Some(format!("{word}{rest}"))
    }
}

/// What follows `word` in `name`, when `name` is the word or goes on with a capital letter.
fn after_word<'a>(name: &'a str, word: &str) -> Option<&'a str> {
    let rest = name.strip_prefix(word)?;
    let at_border = rest.chars().next().is_none_or(|next| next.is_ascii_uppercase());
    at_border.then_some(rest)
}

fn checked_word(word: &str) -> Result<String, NounError> {
    let starts_well = word.starts_with(|first: char| first.is_ascii_alphabetic());
    let goes_on_well = word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !starts_well || !goes_on_well || word.len() > MAX_WORD_CHARS {
        return Err(NounError::Malformed(word.to_owned()));
    }
    if reserved::is_reserved(word) {
        return Err(NounError::Reserved(word.to_owned()));
    }
    Ok(word.to_owned())
}

fn checked_display(form: Option<&str>) -> Result<Option<&str>, NounError> {
    let Some(form) = form else { return Ok(None) };
    let starts_well = form.starts_with(char::is_alphabetic);
    let goes_on_well = form.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '_' | '-'));
    if !starts_well || !goes_on_well || form.chars().count() > MAX_WORD_CHARS {
        return Err(NounError::MalformedDisplay(form.to_owned()));
    }
    Ok(Some(form))
}
