//! Descriptions that definitions bring along, as imports make them: unpacked within bounds, and read.

use std::borrow::Cow;

use ligand_element::{DocumentText, Soap};
use ligand_soap::{Description, DescriptionError, UnpackError, unpack};

use super::useless;
use crate::Failure;

/// Most bytes of all documents together, unpacked.
const MAX_BYTES: usize = 32 << 20;

/// The description with the bytes of its documents. They are read on a thread that may take its time.
pub(super) async fn read(soap: &Soap) -> Result<(Description, usize), Failure> {
    let soap = soap.clone();
    let work = move || read_now(&soap);
    tokio::task::spawn_blocking(work).await.map_err(|_| useless("it cannot be read"))?
}

/// The description, for who has the time.
pub(crate) fn given(soap: &Soap) -> Result<Description, Failure> {
    read_now(soap).map(|(description, _)| description)
}

fn read_now(soap: &Soap) -> Result<(Description, usize), Failure> {
    let mut bytes = 0;
    let mut whole = Vec::new();
    for document in soap.documents() {
        let text = match document.text {
            DocumentText::Plain(text) => Cow::Borrowed(text),
            DocumentText::Gzip(packed) => Cow::Owned(unpack(packed, MAX_BYTES - bytes).map_err(unpackable)?),
        };
        bytes += text.len();
        if bytes > MAX_BYTES {
            return Err(Failure::TooLarge);
        }
        whole.push((document.location, text));
    }
    let documents: Vec<(&str, &str)> = whole.iter().map(|(name, text)| (*name, text.as_ref())).collect();
    let description = Description::parse_given(&documents).map_err(|error| match error {
        DescriptionError::TooLarge => Failure::TooLarge,
        error => useless(&error.to_string()),
    })?;
    Ok((description.with_names(soap.names()).with_lists(soap.lists()), bytes))
}

fn unpackable(error: UnpackError) -> Failure {
    match error {
        UnpackError::TooLarge => Failure::TooLarge,
        UnpackError::Malformed => useless(&error.to_string()),
    }
}
