//! What holds between the parts of a definition: nothing twice, nothing named that does not exist, chains that
//! lead somewhere.

use std::collections::{HashMap, HashSet};

use crate::{
    Element, Method, Parameter, Protocol, Resource, ResourceType, Source, SourceType, VendorType,
    authentication::AuthenticationType, definition::unprefixed, message::Message, node::Node, plan, problem::Problems,
    route::Index, template::Template, url_template,
};

/// Tokens that the platform itself fills.
const PLATFORM_TOKENS: &[&str] = &["webhookCallbackUrl"];

/// How many parts of one kind a definition may have, so that nothing that looks at all of them takes long.
const MAX_PARTS: [(&str, usize); 4] =
    [("configuration", 2000), ("parameters", 500), ("hooks", 500), ("resources", 10_000)];
/// How many parameters the resources may have together, those of the element counted in each.
const MAX_PARAMETERS: usize = 200_000;

/// Checks a read element against itself and links its chains.
pub(crate) fn check(element: &mut Element, root: &Node, problems: &Problems) {
    let keys: HashSet<&str> = element.configuration.iter().map(|entry| entry.key.as_str()).collect();
    let filled: HashSet<&str> = path_names(&element.parameters).collect();
    let checker = Checker { element, root, problems, keys, filled };
    checker.sizes();
    checker.credentials();
    checker.base_url();
    checker.soap();
    checker.parameters("parameters", &element.parameters, None);
    checker.resources();
    let links = checker.chains();
    for (resource, next) in element.resources.iter_mut().zip(links) {
        resource.next = next;
        if problems.is_empty() {
            resource.request_table = plan::table(&element.parameters, resource);
        }
    }
    element.routes = Index::of(&element.resources);
}

struct Checker<'a> {
    element: &'a Element,
    root: &'a Node,
    problems: &'a Problems,
    /// The keys of the configuration.
    keys: HashSet<&'a str>,
    /// What the element's own parameters fill in addresses.
    filled: HashSet<&'a str>,
}

impl Checker<'_> {
    fn problem(&self, path: &str, message: impl Into<String>) {
        self.problems.add(self.root.place_at(path), path, message);
    }

    fn doubt(&self, path: &str, message: impl Into<String>) {
        self.problems.doubt(self.root.place_at(path), path, message);
    }

    fn knows(&self, key: &str) -> bool {
        self.keys.contains(key)
    }

    fn sizes(&self) {
        let element = self.element;
        let own = [element.configuration.len(), element.parameters.len(), element.hooks.len(), element.resources.len()];
        for ((name, most), found) in MAX_PARTS.into_iter().zip(own) {
            if found > most {
                self.problem(name, format!("has {found} items, at most {most} are taken"));
            }
        }
        let all: usize = element.resources.iter().map(|it| it.parameters.len() + element.parameters.len()).sum();
        if all > MAX_PARAMETERS {
            self.problem("resources", format!("has {all} parameters, at most {MAX_PARAMETERS} are taken"));
        }
        for (index, resource) in element.resources.iter().enumerate() {
            for (name, found) in [("parameters", resource.parameters.len()), ("hooks", resource.hooks.len())] {
                if found > 500 {
                    self.problem(
                        &format!("resources[{index}].{name}"),
                        format!("has {found} items, at most 500 are taken"),
                    );
                }
            }
        }
    }

    fn credentials(&self) {
        let authentication = &self.element.authentication;
        for (member, key) in authentication.configuration_keys() {
            if !self.knows(key) {
                self.doubt(&format!("authentication.{member}"), format!("there is no configuration key {key}"));
            }
        }
        if let Some(key) = authentication.assertion_key()
            && !self.knows(key)
        {
            self.doubt("authentication.assertion.key", format!("there is no configuration key {key}"));
        }
        let types = [AuthenticationType::Basic, AuthenticationType::WsSecurity, AuthenticationType::Oauth2Password];
        if !types.contains(&authentication.kind) {
            return;
        }
        for (member, key) in [("username", &authentication.username_key), ("password", &authentication.password_key)] {
            if !self.knows(key) {
                self.doubt(&format!("authentication.{member}"), format!("there is no configuration key {key}"));
            }
        }
    }

    fn base_url(&self) {
        let entries = self.element.configuration.iter().enumerate();
        for (index, entry) in entries.filter(|(_, entry)| entry.key == "base.url") {
            let Some(default) = &entry.default_value else { continue };
            for name in url_template::names(default) {
                if !self.knows(name) && !self.filled.contains(name) {
                    let path = format!("configuration[{index}].defaultValue");
                    self.doubt(&path, format!("there is no configuration key {name}"));
                }
            }
        }
    }

    fn soap(&self) {
        let Some(soap) = &self.element.soap else { return };
        if self.element.protocol != Protocol::Soap {
            self.problem("soap", "is for elements with protocolType soap");
        }
        if braces_unbalanced(&soap.wsdl) {
            self.problem("soap.wsdl", "the braces do not match");
        }
        for name in url_template::names(&soap.wsdl) {
            if !self.knows(name) {
                self.problem("soap.wsdl", format!("there is no configuration key {name}"));
            }
        }
        self.message("soap.headers", soap.headers.as_ref());
    }

    /// The configuration keys that a message asks for.
    fn message(&self, path: &str, message: Option<&Message>) {
        let templates = message.into_iter().flat_map(Message::templates);
        for key in templates.flat_map(Template::configuration_keys).filter(|key| !self.knows(key)) {
            self.problem(path, format!("there is no configuration key {key}"));
        }
    }

    fn operation(&self, path: &str, resource: &Resource) {
        if resource.operation.is_some() && self.element.soap.is_none() {
            self.problem(&format!("{path}.operation"), "the element has no soap with the address of a description");
        }
        if let Some(text) = &resource.describes {
            let at = format!("{path}.describes");
            if self.element.soap.is_none() || resource.operation.is_some() {
                self.problem(&at, "is for elements with soap, on resources without operation");
            }
            if let Err(message) = Template::parse(text) {
                self.problem(&at, message);
            }
        }
        if resource.message.is_none() {
            return;
        }
        if resource.operation.is_none() {
            self.problem(&format!("{path}.message"), "there is no operation that it could be the message of");
        }
        let is_body =
            |parameter: &Parameter| parameter.vendor_kind == VendorType::Body && parameter.source == Source::Request;
        let replaced = resource.parameters.iter().position(is_body);
        if let Some(index) = replaced {
            let at = format!("{path}.parameters[{index}].vendorType");
            self.problem(&at, "a message takes the place of the body; mark in it where the body stands by @body: true");
        }
        self.message(&format!("{path}.message"), resource.message.as_ref());
    }

    fn parameters(&self, path: &str, parameters: &[Parameter], resource: Option<&Resource>) {
        for (index, parameter) in parameters.iter().enumerate() {
            let at = |member: &str| format!("{path}[{index}].{member}");
            if parameter.kind == SourceType::Configuration && !self.knows(&parameter.name) {
                self.doubt(&at("name"), format!("there is no configuration key {}", parameter.name));
            }
            let stores = parameter.vendor_kind == VendorType::Configuration && parameter.source == Source::Request;
            if stores && !self.knows(&parameter.vendor_name) {
                self.doubt(&at("vendorName"), format!("there is no configuration key {}", parameter.vendor_name));
            }
            for key in parameter.template.iter().flat_map(|template| template.configuration_keys()) {
                if !self.knows(key) {
                    self.doubt(&at("name"), format!("there is no configuration key {key}"));
                }
            }
            let Some(resource) = resource else { continue };
            if parameter.kind == SourceType::Path
                && !url_template::names(&resource.path).contains(&parameter.name.as_str())
            {
                self.doubt(&at("name"), format!("the path has no variable {}", parameter.name));
            }
        }
    }

    fn resources(&self) {
        let mut seen = HashSet::new();
        for (index, resource) in self.element.resources.iter().enumerate() {
            let path = format!("resources[{index}]");
            let served = matches!(resource.kind, ResourceType::Api | ResourceType::ApiNoDocumentation);
            if served && !seen.insert((resource.method, shape(&resource.path))) {
                let message = format!("{} {} is there already", resource.method.key(), resource.path);
                self.problem(&path, message);
            }
            if braces_unbalanced(&resource.path) {
                self.problem(&format!("{path}.path"), "the braces do not match");
            }
            self.vendor_path(&path, resource);
            self.operation(&path, resource);
            self.parameters(&format!("{path}.parameters"), &resource.parameters, Some(resource));
        }
    }

    fn vendor_path(&self, path: &str, resource: &Resource) {
        if self.element.protocol == Protocol::Jdbc {
            return;
        }
        let at = format!("{path}.vendorPath");
        if braces_unbalanced(&resource.vendor_path) {
            self.doubt(&at, "the braces do not match");
            return;
        }
        let variables = url_template::names(&resource.path);
        let filled: HashSet<&str> = path_names(&resource.parameters).chain(variables).collect();
        for name in url_template::names(&resource.vendor_path) {
            let is_filled = self.filled.contains(name) || filled.contains(name);
            if !self.knows(name) && !is_filled && !PLATFORM_TOKENS.contains(&name) {
                let message = format!("{{{name}}} is neither a configuration key nor filled by a path parameter");
                self.doubt(&at, message);
            }
        }
    }

    /// Where each resource's chain goes on. A chain that comes back to itself is a problem; one that is too long
    /// fails when it is called.
    fn chains(&self) -> Vec<Option<usize>> {
        let resources = &self.element.resources;
        let mut known = HashMap::new();
        if resources.iter().any(|resource| resource.next_resource.is_some()) {
            for (index, resource) in resources.iter().enumerate() {
                known.entry((resource.method, shape(unprefixed(&resource.path)))).or_insert(index);
            }
        }
        let links: Vec<Option<usize>> =
            resources.iter().enumerate().map(|(index, resource)| self.link(index, resource, &known)).collect();
        for start in endless(&links) {
            self.problem(&format!("resources[{start}].nextResource"), "the chain never ends");
        }
        links
    }

    fn link(&self, index: usize, resource: &Resource, known: &HashMap<(Method, String), usize>) -> Option<usize> {
        let next = resource.next_resource.as_deref()?;
        let at = format!("resources[{index}].nextResource");
        let Some((method, path)) = next.split_once(':') else {
            self.doubt(&at, "must be a verb, a colon and a path: GET:/second");
            return None;
        };
        let method = Method::from_key(&method.trim().to_ascii_uppercase());
        let found = method.and_then(|method| known.get(&(method, shape(unprefixed(path)))).copied());
        if found.is_none() {
            self.doubt(&at, format!("there is no resource {next}"));
        }
        found
    }
}

/// Where chains begin that never end. Each resource is looked at a few times only, however long the chains are.
fn endless(links: &[Option<usize>]) -> Vec<usize> {
    // What is known of a resource: nothing, that it is on the way that is followed now, whether its chain ends.
    #[derive(Clone, Copy, PartialEq)]
    enum Known {
        Nothing,
        Followed,
        Ends(bool),
    }
    let mut known = vec![Known::Nothing; links.len()];
    for start in 0..links.len() {
        let (mut way, mut at) = (Vec::new(), start);
        let ends = loop {
            match known[at] {
                Known::Ends(ends) => break ends,
                Known::Followed => break false,
                Known::Nothing => {}
            }
            known[at] = Known::Followed;
            way.push(at);
            match links[at] {
                Some(next) => at = next,
                None => break true,
            }
        };
        way.into_iter().for_each(|index| known[index] = Known::Ends(ends));
    }
    (0..links.len()).filter(|start| known[*start] == Known::Ends(false)).collect()
}

fn path_names(parameters: &[Parameter]) -> impl Iterator<Item = &str> {
    parameters
        .iter()
        .filter(|parameter| parameter.vendor_kind == VendorType::Path)
        .map(|parameter| parameter.vendor_name.as_str())
}

/// A path with its variables' names left out: two paths of one shape cannot be told apart.
pub(crate) fn shape(path: &str) -> String {
    let mut shape = String::new();
    let mut rest = path;
    while let Some((before, inner)) = rest.split_once('{') {
        let Some((_, after)) = inner.split_once('}') else { break };
        shape.push_str(before);
        shape.push_str("{}");
        rest = after;
    }
    shape + rest
}

fn braces_unbalanced(text: &str) -> bool {
    let mut open = false;
    for byte in text.bytes() {
        match (byte, open) {
            (b'{', false) => open = true,
            (b'}', true) => open = false,
            (b'{', true) | (b'}', false) => return true,
            _ => {}
        }
    }
    open
}
