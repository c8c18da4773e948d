//! Scripts that see what a vendor tells, and the keyed hashes by which vendors sign that.

use hmac::{Hmac, KeyInit, Mac};
use ligand_domain::{Configuration, Id, Instance};
use ligand_element::{Element, Hook};
use md5::Md5;
use serde_json::{Map, Value, json};
use sha1::Sha1;
use sha2::{Sha256, Sha512};

use crate::{Engine, Failure};

impl Engine {
    /// Runs an element's script over what the vendor told, and gives the members of its result.
    ///
    /// # Errors
    /// [`Failure::Script`] with what may be known of the script's failure.
    pub async fn event_hook(
        &self,
        hook: &Hook,
        element: &Element,
        instance: Id<Instance>,
        configuration: &Configuration,
        events: Value,
    ) -> Result<Map<String, Value>, Failure> {
        let runner = self.hooks.as_ref().ok_or_else(|| Failure::Script {
            status: 400,
            message: "This server does not run scripts".to_owned(),
            stated: false,
        })?;
        let size = events.to_string().len();
        if size > self.options.max_script_payload_bytes {
            return Err(crate::hooks::beyond_scripts(self.options.max_script_payload_bytes));
        }
        let given = configuration.iter().filter_map(|(key, value)| Some((key.to_owned(), Value::from(value?))));
        let variables = Map::from_iter([
            ("events".to_owned(), events),
            ("configuration".to_owned(), Value::Object(given.collect())),
            ("meta_data".to_owned(), json!({ "elementKey": element.key() })),
        ]);
        let tenant = u64::try_from(instance.get()).unwrap_or_default();
        runner.run(tenant, hook, &variables).await
    }
}

/// The keyed hash of a text by the algorithm of this name; `None` when there is none.
#[must_use]
pub fn keyed_hash(algorithm: &str, key: &[u8], text: &[u8]) -> Option<Vec<u8>> {
    const LONG: &str = "a key of any length is taken";
    macro_rules! hash {
        ($digest:ty) => {{
            let mut mac = Hmac::<$digest>::new_from_slice(key).expect(LONG);
            mac.update(text);
            mac.finalize().into_bytes().to_vec()
        }};
    }
    Some(match algorithm.to_ascii_lowercase().as_str() {
        "sha256" => hash!(Sha256),
        "sha512" => hash!(Sha512),
        "sha1" => hash!(Sha1),
        "md5" => hash!(Md5),
        _ => return None,
    })
}
