//! HTTP Basic authentication, as three of the four vendors use it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header;

use crate::call::Call;

/// Name and password of a `Basic` authorization header; `None` if there is none or it is broken.
pub(crate) fn credentials(call: &Call) -> Option<(String, String)> {
    let (scheme, encoded) = call.header(&header::AUTHORIZATION)?.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (username, password) = decoded.split_once(':')?;
    Some((username.to_owned(), password.to_owned()))
}
