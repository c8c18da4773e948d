//! Provisioning: a checked request becomes an instance once the vendor has accepted its credentials.

use std::sync::Arc;

use ligand_domain::{
    Caller, Configuration, Error,
    instance::{ExternalAuthentication, Settings},
};
use ligand_element::{Element, View, provision};
use ligand_engine::{Exchange, Grant};
use ligand_store::NewInstance;
use serde_json::{Map, Value, json};

use super::{Loaded, Request, Written, application};
use crate::{
    App,
    authentication::base64_secret,
    events::{Owned, callback_url},
    failure::{of_store, of_validation},
};

/// A new instance, and what else its creation tells.
pub struct Provisioned {
    /// The instance.
    pub loaded: Arc<Loaded>,
    /// The element's objects, when the request asked for them.
    pub objects: Option<Vec<Value>>,
    /// Where the recorded conversation with the vendor is found, when the request asked for one.
    pub trace_id: Option<String>,
}

/// What is to be proven, and whether the conversation is recorded.
#[derive(Clone, Copy)]
pub(super) struct Check<'a> {
    pub(super) grant: Option<&'a Grant>,
    pub(super) external: ExternalAuthentication,
    pub(super) debug: bool,
}

impl App {
    /// Creates an instance of the element that the path (first) or the body names. Nothing is stored before
    /// the vendor has accepted; once this returns, the instance is durable.
    ///
    /// # Errors
    /// Not found for an unknown element; invalid, naming every missing entry, for an incomplete configuration;
    /// unauthenticated or vendor failures from the vendor's check.
    pub async fn provision(
        &self,
        caller: &Caller,
        element_in_path: Option<&str>,
        request: &Request,
    ) -> Result<Provisioned, Error> {
        let found = match (element_in_path, request.element()) {
            (Some(element), _) => self.find(Some(caller), element).await?,
            (None, Some(super::Reference::Key(key))) => self.find_with_key(caller, key).await?,
            (None, Some(super::Reference::Id(id))) => self.find_with_id(caller, id).await?,
            (None, None) => return Err(Error::invalid("element-missing", "The element key or id is required")),
        };
        let element = self.compiled(&found, Some(caller)).await?;
        let mut configuration = self.complete(caller, &element, request).await?;
        let external = request.external_authentication.unwrap_or_default();
        let grant = self.grant(&element, &configuration, request, external)?;
        let check = Check { grant: grant.as_ref(), external, debug: request.debug() };
        let trace_id = self.validate(caller, &element, &mut configuration, check).await?;
        let owned = Owned {
            account: caller.account_id,
            user: caller.user_id,
            organization: caller.organization_id,
            before: None,
            resets: true,
        };
        let watch = self.watch(&element, &owned, &mut configuration, false).await?;
        let name = request.name.clone().unwrap_or_default();
        let mut settings = Settings::default();
        request.apply_settings(&mut settings);
        let new = NewInstance {
            user_id: caller.user_id,
            organization_id: caller.organization_id,
            element_id: element.id(),
            tags: request.tags.clone().unwrap_or_else(|| vec![name.clone()]),
            name,
            configuration,
            settings,
            token: base64_secret(&*self.rng),
            created_at: self.clock.now(),
            watch: Some(watch),
        };
        let owner = self.owner(caller.user_id).await?;
        let instance = self.store.create_instance(&new).await.map_err(of_store)?;
        let objects = request.retrieve_objects.then(|| objects(&element));
        let loaded = Arc::new(Loaded { instance, element, owner, written: Written::default() });
        Ok(Provisioned { loaded, objects, trace_id })
    }

    /// Has the vendor check the configuration, which it may complete.
    pub(super) async fn validate(
        &self,
        caller: &Caller,
        element: &Element,
        configuration: &mut Configuration,
        check: Check<'_>,
    ) -> Result<Option<String>, Error> {
        self.check_callback(configuration)?;
        let mut exchanges = Vec::new();
        let result = self.prove(element, configuration, check, &mut exchanges).await;
        let trace_id = check.debug.then(|| self.keep_trace(caller, element, &exchanges));
        match result {
            Ok(()) => Ok(trace_id),
            Err(error) => Err(error.with_trace_id(trace_id)),
        }
    }

    async fn prove(
        &self,
        element: &Element,
        configuration: &mut Configuration,
        check: Check<'_>,
        exchanges: &mut Vec<Exchange>,
    ) -> Result<(), Error> {
        let Check { grant, debug, .. } = check;
        self.obtain(element, configuration, check, debug.then_some(&mut *exchanges)).await?;
        let brought = grant.map_or(&[][..], |grant| &grant.brought);
        let validated = self.engine.validate(element, configuration, brought, debug.then_some(exchanges)).await;
        validated.map_err(|failure| of_validation(element, failure))
    }

    /// The effective configuration of a creation.
    async fn complete(&self, caller: &Caller, element: &Element, request: &Request) -> Result<Configuration, Error> {
        let application = match request.oauth_proxy.clone() {
            Some(mut named) => self.through_proxy(Some(caller), &mut named).await?,
            None => Map::new(),
        };
        let sent = application::joined(element, None, request.configuration.clone(), application)?;
        let built = provision::effective_configuration(element, sent.as_ref(), None);
        let mut configuration = built.map_err(|problems| entries_invalid(&problems))?;
        self.with_callback(element, &mut configuration);
        demand_complete(element, &configuration, request.name_problem.as_deref())?;
        demand_small(&configuration)?;
        Ok(configuration)
    }

    /// Refuses a callback address that is none, or that lies where this server does not send.
    pub(crate) fn check_callback(&self, configuration: &Configuration) -> Result<(), Error> {
        const KEY: &str = "event.notification.callback.url";
        if configuration
            .get("event.notification.type")
            .is_some_and(|kind| !matches!(kind.trim().to_ascii_lowercase().as_str(), "" | "null" | "webhook"))
        {
            return Err(Error::invalid("notification-type-invalid", "event.notification.type must be webhook"));
        }
        callback_url(configuration).map_or(Ok(()), |address| self.check_address(KEY, address))
    }

    /// Refuses an address that is none, or that lies where this server does not send.
    pub(crate) fn check_address(&self, name: &str, address: &str) -> Result<(), Error> {
        let problem = |why: &str| Error::invalid("callback-invalid", format!("{name} {why}"));
        let url = url::Url::parse(address).map_err(|_| problem("must be an http or https URL"))?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(problem("must be an http or https URL"));
        }
        let allowed = self.engine.egress().check_url(&url);
        allowed.map_err(|_| problem("lies in a private or loopback network, which this server does not allow"))
    }
}

/// The objects that the definition names, in the form of object discovery.
fn objects(element: &Element) -> Vec<Value> {
    let defined = element.to_json(View::Full);
    let names = defined["objects"].as_array().into_iter().flatten().filter_map(|object| object["name"].as_str());
    names.map(|name| json!({ "name": name, "vendorName": name, "type": "vendor" })).collect()
}

pub(crate) fn entries_invalid(problems: &[provision::EntryError]) -> Error {
    super::request::invalid(&problems.iter().map(ToString::to_string).collect::<Vec<_>>())
}

/// Reports all that is missing in one message.
pub(crate) fn demand_complete(
    element: &Element,
    configuration: &Configuration,
    name_problem: Option<&str>,
) -> Result<(), Error> {
    let missing = provision::missing_required(element, configuration);
    let missing = (!missing.is_empty())
        .then(|| format!("The following required configuration entries are missing: {}", missing.join(", ")));
    let problems: Vec<String> = missing.into_iter().chain(name_problem.map(str::to_owned)).collect();
    if problems.is_empty() { Ok(()) } else { Err(Error::invalid("configuration-incomplete", problems.join("; "))) }
}

/// The longest value of a configuration entry, in bytes.
const VALUE_MAX_BYTES: usize = 64 << 10;
/// The largest configuration with all its keys and values, in bytes.
const CONFIGURATION_MAX_BYTES: usize = 256 << 10;

/// Refuses a configuration that would weigh on every answer that shows it.
pub(crate) fn demand_small(configuration: &Configuration) -> Result<(), Error> {
    let too_large = |what: String| Error::invalid("configuration-too-large", what);
    if let Some((key, _)) = configuration.iter().find(|(_, value)| value.is_some_and(|it| it.len() > VALUE_MAX_BYTES)) {
        return Err(too_large(format!("{key} must have at most {VALUE_MAX_BYTES} bytes")));
    }
    if size_of_configuration(configuration) > CONFIGURATION_MAX_BYTES {
        return Err(too_large(format!("configuration must have at most {CONFIGURATION_MAX_BYTES} bytes in all")));
    }
    Ok(())
}

/// Bytes of all keys and values.
pub(crate) fn size_of_configuration(configuration: &Configuration) -> usize {
    configuration.iter().map(|(key, value)| key.len() + value.map_or(0, str::len)).sum()
}
