//! Pages of lists that are ordered by id: sizes, and opaque tokens that carry their size.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ligand_domain::Error;

#[cfg(test)]
mod tests;

/// Items of a page unless asked otherwise.
const PAGE_SIZE: u32 = 200;
/// The largest page.
pub(crate) const PAGE_SIZE_MAX: u32 = 2000;

/// Where a page begins and how long it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    /// The id before the page; 0 for the first page.
    pub(crate) after: i64,
    /// Items at most.
    pub(crate) limit: u32,
}

impl Position {
    /// Reads `pageSize` and `nextPage` as they were sent. An explicit size wins over the token's.
    ///
    /// # Errors
    /// Invalid for a size that is no positive integer, and for a token that no answer gave.
    pub(crate) fn read(page_size: Option<&str>, next_page: Option<&str>) -> Result<Self, Error> {
        let sent = page_size.filter(|text| !text.is_empty()).map(size).transpose()?;
        match next_page.filter(|token| !matches!(*token, "" | "null")) {
            None => Ok(Self { after: 0, limit: sent.unwrap_or(PAGE_SIZE) }),
            Some(token) => {
                let invalid = || Error::invalid("next-page-invalid", "nextPage is not a token of an earlier answer");
                let read = Self::from_token(token).ok_or_else(invalid)?;
                Ok(Self { limit: sent.unwrap_or(read.limit), ..read })
            }
        }
    }

    /// The token of the page that follows the item with this id.
    pub(crate) fn next(self, last: i64) -> String {
        URL_SAFE_NO_PAD.encode(format!("{last}:{}", self.limit))
    }

    fn from_token(token: &str) -> Option<Self> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
        let (after, limit) = text.split_once(':')?;
        let after = after.parse().ok().filter(|after| *after >= 0)?;
        Some(Self { after, limit: size(limit).ok()? })
    }
}

/// The id of hexadecimal digits before a page, empty for the first one, and its items at most. As [`Position::read`].
///
/// # Errors
/// As [`Position::read`].
pub(crate) fn behind(page_size: Option<&str>, next_page: Option<&str>) -> Result<(String, u32), Error> {
    let limit = Position::read(page_size, None)?.limit;
    let Some(token) = next_page.filter(|token| !matches!(*token, "" | "null")) else {
        return Ok((String::new(), limit));
    };
    let invalid = || Error::invalid("next-page-invalid", "nextPage is not a token of an earlier answer");
    let text = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let text = text.ok_or_else(invalid)?;
    let (id, own) = text.split_once(':').ok_or_else(invalid)?;
    let own = size(own).map_err(|_| invalid())?;
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(invalid());
    }
    let is_sent = page_size.is_some_and(|text| !text.is_empty());
    Ok((id.to_owned(), if is_sent { limit } else { own }))
}

/// The token of the page that follows the item with this id of hexadecimal digits.
pub(crate) fn next_behind(id: &str, limit: u32) -> String {
    URL_SAFE_NO_PAD.encode(format!("{id}:{limit}"))
}

fn size(text: &str) -> Result<u32, Error> {
    let number = text.parse::<u32>().ok().filter(|size| *size > 0);
    let number = number.ok_or_else(|| Error::invalid("page-size-invalid", "pageSize must be a positive integer"))?;
    Ok(number.min(PAGE_SIZE_MAX))
}
