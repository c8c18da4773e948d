//! Bodies around files: escaping, lengths, files that are missing.

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use ligand_domain::Rng;
use ligand_element::{Method, Part, PartContent, PlanError, VendorBody, VendorRequest};

use super::extract;
use crate::Upload;

struct Fixed;

impl Rng for Fixed {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(0xab);
    }
}

const BOUNDARY: &str = "abababababababababababababababab";

fn request(body: VendorBody) -> VendorRequest {
    let url = "http://h/".parse().unwrap();
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    VendorRequest { method: Method::Post, url, headers, body, stores: Vec::new() }
}

fn file(text: &'static str, length: Option<u64>) -> Option<Upload> {
    Some(Upload { pieces: stream::once(async move { Ok(Bytes::from(text)) }).boxed(), length })
}

fn part(name: &str, content: PartContent) -> Part {
    let is_file = matches!(content, PartContent::File(_));
    Part { name: name.to_owned(), file_name: is_file.then(|| "a\"b\r\n.txt".to_owned()), content_type: None, content }
}

#[test]
fn forms_without_files_are_text() {
    let mut request = request(VendorBody::Multipart(vec![part("a\"b", PartContent::Text("1\r\n2".to_owned()))]));
    assert!(extract(&mut request, &mut [], &Fixed, 100).unwrap().is_none());
    let expected =
        format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"a%22b\"\r\n\r\n1\r\n2\r\n--{BOUNDARY}--\r\n");
    assert!(request.body == VendorBody::Text(expected));
    assert_eq!(request.header("content-type"), Some(format!("multipart/form-data; boundary={BOUNDARY}").as_str()));
}

#[test]
fn the_length_is_stated_when_all_is_known() {
    let parts = || vec![part("f", PartContent::File(0)), part("t", PartContent::Text("x".to_owned()))];
    let mut known = request(VendorBody::Multipart(parts()));
    assert!(extract(&mut known, &mut [file("hello", Some(5))], &Fixed, 100).unwrap().is_some());
    assert!(known.header("content-length").unwrap().parse::<u64>().unwrap() > 100);
    let mut unknown = request(VendorBody::Multipart(parts()));
    assert!(extract(&mut unknown, &mut [file("hello", None)], &Fixed, 100).unwrap().is_some());
    assert_eq!(unknown.header("content-length"), None);
    let mut whole = request(VendorBody::File(0));
    assert!(extract(&mut whole, &mut [file("hello", Some(5))], &Fixed, 100).unwrap().is_some());
    assert_eq!((whole.header("content-length"), whole.header("content-type")), (Some("5"), Some("application/json")));
}

#[test]
fn files_that_are_not_there_are_missed() {
    for uploads in [&mut [][..], &mut [None][..]] {
        let outcome = extract(&mut request(VendorBody::File(0)), uploads, &Fixed, 100);
        assert_eq!(outcome.err(), Some(PlanError::MissingParameter("file".to_owned())));
    }
}
