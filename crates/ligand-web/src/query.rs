//! Query parameters: repeatable, array-style names accepted with and without `[]`.

use std::borrow::Cow;

/// The parameters of a request in their order.
#[derive(Debug, Default)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads the query of a URI. Sequences that are not UTF-8 are replaced.
    pub(crate) fn parse(query: &str) -> Self {
        Self(query.split('&').filter(|pair| !pair.is_empty()).map(pair).collect())
    }

    /// The first value of a name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// Names and values in their order.
    pub(crate) fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    /// Every value of `name[]` (or `name`), as sent.
    pub(crate) fn values(&self, name: &str) -> Vec<String> {
        let bracketed = format!("{name}[]");
        let values = self.0.iter().filter(|(found, _)| *found == bracketed || found == name);
        values.map(|(_, value)| value.clone()).collect()
    }

    /// A flag: `true` in any case is true.
    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        self.get(name).map(|value| value.eq_ignore_ascii_case("true"))
    }
}

fn pair(text: &str) -> (String, String) {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    (decode(name), decode(value))
}

fn decode(text: &str) -> String {
    let plus: Cow<'_, str> = if text.contains('+') { text.replace('+', " ").into() } else { text.into() };
    percent_decode(&plus)
}

/// Replaces `%xx`; a `%` that no two digits follow stays.
pub(crate) fn percent_decode(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while index < bytes.len() {
        let digits = bytes.get(index + 1..index + 3).and_then(|pair| std::str::from_utf8(pair).ok());
        match digits.filter(|_| bytes[index] == b'%').and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(byte) => {
                decoded.push(byte);
                index += 3;
            }
            None => {
                decoded.push(bytes[index]);
                index += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::Query;

    #[test]
    fn reads_repeated_encoded_and_broken_parameters() {
        let query = Query::parse("tags%5B%5D=a+b&tags[]=c%2Cd&hydrate=False&x=%zz&y=%&&=&z");
        assert_eq!(query.values("tags"), ["a b", "c,d"]);
        assert_eq!(query.flag("hydrate"), Some(false));
        assert_eq!((query.get("x"), query.get("y"), query.get("z")), (Some("%zz"), Some("%"), Some("")));
    }
}
