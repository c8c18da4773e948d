//! States and proof keys that need no memory: any process of the installation knows its own again, and makes the same
//! proof key once more.

use std::time::Duration;

use ligand_domain::{Configuration, Error, Timestamp, rng};
use ligand_element::{
    Element,
    oauth::{keys, value},
};

use crate::App;

/// How states of this server begin.
const PREFIX: &str = "lgs.";
/// How long a user may take to grant access.
pub(super) const PATIENCE: Duration = Duration::from_secs(1800);

impl App {
    /// A state for one grant: until when it holds, chance, and the proof that it is this server's.
    pub(super) fn new_state(&self, element: &Element) -> String {
        let until = self.clock.now().plus(PATIENCE).as_millis();
        let chance = rng::hex_secret(&*self.rng);
        let told = format!("{until:x}.{}", chance.expose());
        format!("{PREFIX}{told}.{}", self.seal_of(element, &told))
    }

    /// Refuses a state in this server's form that it has not made, or that is too old. Others are the caller's.
    pub(crate) fn check_state(&self, element: &Element, state: &str) -> Result<(), Error> {
        let Some(rest) = state.strip_prefix(PREFIX) else { return Ok(()) };
        let forged = || Error::invalid("oauth-state-unknown", "providerData.state is none that this server has made");
        let (told, seal) = rest.rsplit_once('.').ok_or_else(forged)?;
        // The seal is a keyed hash; comparing hashes of both sides tells nothing of it by the time it takes.
        if blake3::hash(seal.as_bytes()) != blake3::hash(self.seal_of(element, told).as_bytes()) {
            return Err(forged());
        }
        let until =
            told.split_once('.').and_then(|(until, _)| i64::from_str_radix(until, 16).ok()).ok_or_else(forged)?;
        if Timestamp::from_millis(until) <= self.clock.now() {
            let message = "providerData.state is too old: have the user grant access again";
            return Err(Error::invalid("oauth-state-expired", message));
        }
        Ok(())
    }

    /// The proof key of the grant with this state.
    pub(crate) fn verifier(&self, element: &Element, configuration: &Configuration, state: &str) -> String {
        let part = |key: &str| value(configuration, key).unwrap_or_default().to_owned();
        let parts = [
            "verifier".to_owned(),
            element.id().to_string(),
            part(keys::CLIENT_ID),
            part(keys::CALLBACK),
            state.to_owned(),
        ];
        self.store.proof_key(&serde_json::json!(parts).to_string())
    }

    fn seal_of(&self, element: &Element, told: &str) -> String {
        self.store.proof_key(&format!("state {} {told}", element.id()))
    }
}
