//! SOAP services as their vendors describe them: WSDL and XML Schema read, and JSON mapped to XML and back by them.
//! Pure: whoever parses a description brings its documents.

mod compact;
mod decode;
pub mod document;
mod encode;
mod example;
mod members;
mod packed;
#[cfg(test)]
mod samples;
mod schema;
mod shape;
mod simple;
mod writer;
mod wsdl;

pub use compact::compact;
pub use decode::{DecodeError, Decoded, Fault, TypeNames};
pub use encode::{EncodeError, EncodeOptions};
pub use members::Member;
pub use packed::{UnpackError, pack, unpack};
pub use shape::{Shape, TypeRef};
pub use wsdl::{About, Description, DescriptionError, Operation, Port, Security, SoapVersion};

/// Namespaces of envelopes, SOAP 1.1 and 1.2.
pub const ENVELOPES: [&str; 2] =
    ["http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope"];
