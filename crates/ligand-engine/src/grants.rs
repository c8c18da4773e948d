//! Requests for tokens that nobody has to grant, complete with the assertions that they need.

use ligand_domain::Configuration;
use ligand_element::{Element, PlanError, VendorRequest, oauth::grant};

use crate::{Engine, jwt};

impl Engine {
    /// The request for a new token of an element that gets its tokens by itself.
    ///
    /// # Errors
    /// What of the configuration is missing, or is no key.
    pub fn token_request(&self, element: &Element, configuration: &Configuration) -> Result<VendorRequest, PlanError> {
        let id = ligand_domain::rng::hex_secret(self.rng());
        let assertion = grant::assertion(element, configuration, self.now(), id.expose())?;
        let sign = |assertion: &grant::Assertion| {
            let material = configuration.get(&assertion.key).filter(|text| !text.trim().is_empty());
            let missing = || PlanError::Invalid(format!("The configuration entry {} has no value", assertion.key));
            jwt::sign(assertion, material.ok_or_else(missing)?)
        };
        let signed = assertion.as_ref().map(sign).transpose()?;
        grant::request(element, configuration, signed.as_deref())
    }
}
