//! Where a document says that the API is.

use serde_json::json;
use url::Url;

use crate::{
    BASE_PATH,
    document::{Document, Parameter, Place},
};

/// The address of an API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    host: String,
    schemes: Vec<String>,
    path: String,
}

impl Base {
    /// A stated address, `https://api.example.com`; `None` when it is none. Behind it the API has its usual path.
    #[must_use]
    pub fn stated(address: &str) -> Option<Self> {
        let url = Url::parse(address.trim()).ok()?;
        let host = url.host_str().filter(|_| matches!(url.scheme(), "http" | "https"))?;
        let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let path = url.path().trim_end_matches('/');
        let path = if path.ends_with(BASE_PATH) { path.to_owned() } else { format!("{path}{BASE_PATH}") };
        Some(Self { host, schemes: vec![url.scheme().to_owned()], path })
    }

    /// The address under which a request came, as far as its headers tell: what a proxy says is the public one.
    #[must_use]
    pub fn of_request(forwarded_host: Option<&str>, host: Option<&str>) -> Self {
        let known = |host: &str| Self::stated(&format!("https://{}", host.split(',').next().unwrap_or(host).trim()));
        if let Some(base) = forwarded_host.and_then(known) {
            return base;
        }
        let schemes = vec!["https".to_owned(), "http".to_owned()];
        let host = host.and_then(known).map_or_else(|| "localhost".to_owned(), |base| base.host);
        Self { host, schemes, path: BASE_PATH.to_owned() }
    }
}

impl Document {
    /// Says where the API is.
    pub fn at(&mut self, base: &Base) {
        self.host = Some(base.host.clone());
        self.schemes.clone_from(&base.schemes);
        self.base_path.clone_from(&base.path);
    }

    /// Says that the API is called through a gateway of Amazon's, with its key.
    pub fn behind_aws(&mut self) {
        self.host = Some("aws-api.cloud-elements.com".to_owned());
        self.schemes = vec!["https".to_owned()];
        self.base_path = "/".to_owned();
        for operation in &mut self.operations {
            let key = Parameter::of("x-api-key", Place::Header, true, json!({ "type": "string" }));
            operation.parameters.insert(0, key.described("The key of the gateway"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Base;

    #[test]
    fn addresses_are_read_or_refused() {
        let stated = |text| Base::stated(text).map(|base| (base.host, base.schemes.concat(), base.path));
        let of = |host: &str, scheme: &str, path: &str| Some((host.to_owned(), scheme.to_owned(), path.to_owned()));
        assert_eq!(stated("https://foo.bar"), of("foo.bar", "https", "/elements/api-v2"));
        assert_eq!(stated("http://foo.bar:81/x/"), of("foo.bar:81", "http", "/x/elements/api-v2"));
        assert_eq!(stated("https://foo.bar/elements/api-v2"), of("foo.bar", "https", "/elements/api-v2"));
        for none in ["", "foo.bar", "javascript:alert(1)", "ftp://x", "https://", "//x"] {
            assert_eq!(stated(none), None, "{none}");
        }
        assert_eq!(Base::of_request(None, Some("a<b")).host, "localhost");
        assert_eq!(Base::of_request(Some("x.example, y"), Some("z")).host, "x.example");
    }
}
