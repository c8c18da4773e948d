//! Answers that are files: told by what the resource declares, else by what the vendor says, and passed on unread.

use ligand_element::{Resource, Shape};

use crate::{Download, interpret::RawResponse, stream::Pieces};

/// Content types under `application/` that people mean to read, not to keep.
const READABLE: &[&str] = &["application/x-www-form-urlencoded", "application/javascript", "application/jwt"];

/// Whether the answer with this head is a file.
pub(crate) fn is_file(resource: &Resource, head: &RawResponse) -> bool {
    if !(200..300).contains(&head.status) || head.status == 204 {
        return false;
    }
    let sent = head.header("content-type").unwrap_or_default();
    match resource.content_type.as_deref() {
        Some("*/*") => !sent.is_empty() && Shape::of(sent) == Shape::Text,
        Some(declared) => is_opaque(declared),
        None => {
            let is_kept = head.header("content-disposition").is_some_and(|text| text.starts_with("attachment"));
            is_opaque(sent) || (is_kept && Shape::of(sent) == Shape::Text)
        }
    }
}

/// Whether a content type is neither JSON, XML nor text.
fn is_opaque(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_text = essence.is_empty() || essence.starts_with("text/") || READABLE.contains(&essence.as_str());
    !is_text && Shape::of(&essence) == Shape::Text
}

/// The file as the caller gets it.
pub(crate) fn download(head: &RawResponse, pieces: Pieces) -> Download {
    Download {
        content_type: head.header("content-type").unwrap_or("application/octet-stream").to_owned(),
        content_disposition: head.header("content-disposition").map(str::to_owned),
        pieces,
    }
}

#[cfg(test)]
mod tests {
    use super::is_opaque;

    #[test]
    fn what_is_no_text_is_a_file() {
        for file in ["application/pdf", "image/png; x=y", "Application/Octet-Stream", "application/vnd.ms-excel"] {
            assert!(is_opaque(file), "{file}");
        }
        for text in ["", "text/csv", "application/json", "application/hal+json", "text/html", "application/xml"] {
            assert!(!is_opaque(text), "{text}");
        }
    }
}
