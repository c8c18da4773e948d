//! The noun in sentences: whole words `Element(s)` and `element(s)` of platform texts, their case kept.
//!
//! A word that looks like part of an address, an identifier or a quotation is left alone.

/// The noun's forms in running text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TextForms {
    singular: String,
    plural: String,
    capital_singular: String,
    capital_plural: String,
}

impl TextForms {
    pub(super) fn new(singular: &str, plural: &str, display: Option<&str>, display_plural: Option<&str>) -> Self {
        let display_plural = display_plural.map(str::to_owned).or_else(|| display.map(|form| format!("{form}s")));
        Self {
            singular: display.map_or_else(|| singular.to_owned(), str::to_lowercase),
            plural: display_plural.as_deref().map_or_else(|| plural.to_owned(), str::to_lowercase),
            capital_singular: display.map_or_else(|| capitalised(singular), str::to_owned),
            capital_plural: display_plural.unwrap_or_else(|| capitalised(plural)),
        }
    }

    fn of(&self, capital: bool, plural: bool) -> &str {
        match (capital, plural) {
            (false, false) => &self.singular,
            (false, true) => &self.plural,
            (true, false) => &self.capital_singular,
            (true, true) => &self.capital_plural,
        }
    }

    /// `text` with the platform's noun exchanged, or `None` when it has none to exchange.
    pub(super) fn substituted(&self, text: &str) -> Option<String> {
        let mut result = String::with_capacity(text.len() + 16);
        let mut quoted = false;
        for chunk in text.split_inclusive(char::is_whitespace) {
            self.substitute_chunk(chunk, &mut quoted, &mut result);
        }
        (result != text).then_some(result)
    }

    /// One run of text up to white space. `quoted` tells whether double quotation marks are open, before and after.
    fn substitute_chunk(&self, chunk: &str, quoted: &mut bool, result: &mut String) {
        let is_address = chunk.contains("://") || chunk.contains('@');
        let mut copied = 0;
        let mut search = 0;
        while let Some(found) = chunk[search..].find("lement").map(|at| search + at) {
            *quoted ^= has_odd_quotes(&chunk[search..found]);
            search = found + "lement".len();
            let Some(start) = found.checked_sub(1) else { continue };
            let capital = match chunk.as_bytes()[start] {
                b'E' => true,
                b'e' => false,
                _ => continue,
            };
            let plural = chunk[search..].starts_with('s');
            let end = search + usize::from(plural);
            let free = !is_address && !*quoted && opens_word(&chunk[..start]) && closes_word(&chunk[end..]);
            if free {
                result.push_str(&chunk[copied..start]);
                result.push_str(self.of(capital, plural));
                copied = end;
            }
        }
        *quoted ^= has_odd_quotes(&chunk[search..]);
        result.push_str(&chunk[copied..]);
    }
}

/// `your_mom` → `Your_mom`.
pub(super) fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn has_odd_quotes(text: &str) -> bool {
    text.bytes().filter(|byte| *byte == b'"').count() % 2 == 1
}

/// Whether a whole word may begin after `before`.
fn opens_word(before: &str) -> bool {
    before.chars().next_back().is_none_or(|last| !is_joining(last) && !matches!(last, '.' | '\'' | '’'))
}

/// Whether a whole word may end before `after`. A full stop or an apostrophe may follow when it ends the sentence
/// (`Elements.`) or makes a genitive (`Element's`), not when it leads into a file name or closes a quotation.
fn closes_word(after: &str) -> bool {
    let mut rest = after.chars();
    let Some(next) = rest.next() else { return true };
    let leads_on = rest.next().is_some_and(|second| second.is_alphanumeric() || matches!(second, '_' | '/'));
    match next {
        '.' => !leads_on,
        '\'' | '’' => leads_on,
        other => !is_joining(other),
    }
}

fn is_joining(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '-' | '_' | '/' | '\\' | '"' | '`' | '“' | '”' | '‘' | '«' | '»')
}
