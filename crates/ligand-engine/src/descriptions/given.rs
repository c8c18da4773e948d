//! Descriptions that definitions bring along, as imports make them: unpacked within bounds, and read.

use ligand_element::{DocumentText, Soap};
use ligand_soap::{Description, DescriptionError, UnpackError, unpack};

use super::useless;
use crate::Failure;

/// Most bytes of all documents together, unpacked.
const MAX_BYTES: usize = 32 << 20;

/// The description with the bytes of its documents. They are read on a thread that may take its time.
pub(super) async fn read(soap: &Soap) -> Result<(Description, usize), Failure> {
    let (names, lists) = (soap.names().clone(), soap.lists().to_vec());
    let mut documents = Vec::new();
    for document in soap.documents() {
        let (text, is_packed) = match document.text {
            DocumentText::Plain(text) => (text, false),
            DocumentText::Gzip(text) => (text, true),
        };
        documents.push((document.location.to_owned(), text.to_owned(), is_packed));
    }
    let work = move || {
        let mut bytes = 0;
        let mut whole = Vec::new();
        for (location, text, is_packed) in documents {
            let text = if is_packed { unpack(&text, MAX_BYTES - bytes).map_err(unpackable)? } else { text };
            bytes += text.len();
            if bytes > MAX_BYTES {
                return Err(Failure::TooLarge);
            }
            whole.push((location, text));
        }
        let given: Vec<(&str, &str)> = whole.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let description = Description::parse_given(&given).map_err(|error| match error {
            DescriptionError::TooLarge => Failure::TooLarge,
            error => useless(&error.to_string()),
        })?;
        Ok((description.with_names(&names).with_lists(&lists), bytes))
    };
    tokio::task::spawn_blocking(work).await.map_err(|_| useless("it cannot be read"))?
}

fn unpackable(error: UnpackError) -> Failure {
    match error {
        UnpackError::TooLarge => Failure::TooLarge,
        UnpackError::Malformed => useless(&error.to_string()),
    }
}
