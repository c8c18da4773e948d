//! What holds between the parts of a definition: nothing twice, nothing named that does not exist, chains that
//! lead somewhere.

use std::collections::HashSet;

use crate::{
    Element, Parameter, Protocol, Resource, ResourceType, Source, SourceType, VendorType,
    authentication::AuthenticationType, definition::unprefixed, message::Message, node::Node, plan, problem::Problems,
    route::Index, template::Template, url_template,
};

/// Tokens that the platform itself fills.
const PLATFORM_TOKENS: &[&str] = &["webhookCallbackUrl"];

/// Checks a read element against itself and links its chains.
pub(crate) fn check(element: &mut Element, root: &Node, problems: &Problems) {
    let checker = Checker { element, root, problems };
    checker.credentials();
    checker.base_url();
    checker.soap();
    checker.parameters("parameters", &element.parameters, None);
    checker.resources();
    let links = checker.chains();
    for (resource, next) in element.resources.iter_mut().zip(links) {
        resource.next = next;
        resource.request_table = plan::table(&element.parameters, resource);
    }
    element.routes = Index::of(&element.resources);
}

struct Checker<'a> {
    element: &'a Element,
    root: &'a Node,
    problems: &'a Problems,
}

impl Checker<'_> {
    fn problem(&self, path: &str, message: impl Into<String>) {
        self.problems.add(self.root.place_at(path), path, message);
    }

    fn knows(&self, key: &str) -> bool {
        self.element.entry(key).is_some()
    }

    fn credentials(&self) {
        let authentication = &self.element.authentication;
        if !matches!(authentication.kind, AuthenticationType::Basic | AuthenticationType::WsSecurity) {
            return;
        }
        for (member, key) in [("username", &authentication.username_key), ("password", &authentication.password_key)] {
            if !self.knows(key) {
                self.problem(&format!("authentication.{member}"), format!("there is no configuration key {key}"));
            }
        }
    }

    fn base_url(&self) {
        let entries = self.element.configuration.iter().enumerate();
        for (index, entry) in entries.filter(|(_, entry)| entry.key == "base.url") {
            let Some(default) = &entry.default_value else { continue };
            let filled: HashSet<&str> = path_names(&self.element.parameters).collect();
            for name in url_template::names(default) {
                if !self.knows(name) && !filled.contains(name) {
                    let path = format!("configuration[{index}].defaultValue");
                    self.problem(&path, format!("there is no configuration key {name}"));
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
                self.problem(&at("name"), format!("there is no configuration key {}", parameter.name));
            }
            let stores = parameter.vendor_kind == VendorType::Configuration && parameter.source == Source::Request;
            if stores && !self.knows(&parameter.vendor_name) {
                self.problem(&at("vendorName"), format!("there is no configuration key {}", parameter.vendor_name));
            }
            for key in parameter.template.iter().flat_map(|template| template.configuration_keys()) {
                if !self.knows(key) {
                    self.problem(&at("name"), format!("there is no configuration key {key}"));
                }
            }
            let Some(resource) = resource else { continue };
            if parameter.kind == SourceType::Path
                && !url_template::names(&resource.path).contains(&parameter.name.as_str())
            {
                self.problem(&at("name"), format!("the path has no variable {}", parameter.name));
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
            self.problem(&at, "the braces do not match");
            return;
        }
        let variables = url_template::names(&resource.path);
        let filled: HashSet<&str> =
            path_names(&self.element.parameters).chain(path_names(&resource.parameters)).chain(variables).collect();
        for name in url_template::names(&resource.vendor_path) {
            if !self.knows(name) && !filled.contains(name) && !PLATFORM_TOKENS.contains(&name) {
                let message = format!("{{{name}}} is neither a configuration key nor filled by a path parameter");
                self.problem(&at, message);
            }
        }
    }

    /// Where each resource's chain goes on. A chain that comes back to itself is a problem; one that is too long
    /// fails when it is called.
    fn chains(&self) -> Vec<Option<usize>> {
        let resources = &self.element.resources;
        let links: Vec<Option<usize>> =
            resources.iter().enumerate().map(|(index, resource)| self.link(index, resource)).collect();
        for start in (0..resources.len()).filter(|start| never_ends(&links, *start)) {
            self.problem(&format!("resources[{start}].nextResource"), "the chain never ends");
        }
        links
    }

    fn link(&self, index: usize, resource: &Resource) -> Option<usize> {
        let next = resource.next_resource.as_deref()?;
        let at = format!("resources[{index}].nextResource");
        let Some((method, path)) = next.split_once(':') else {
            self.problem(&at, "must be a verb, a colon and a path: GET:/second");
            return None;
        };
        let wanted = shape(unprefixed(path));
        let found = self.element.resources.iter().position(|other| {
            other.method.key().eq_ignore_ascii_case(method) && shape(unprefixed(&other.path)) == wanted
        });
        if found.is_none() {
            self.problem(&at, format!("there is no resource {next}"));
        }
        found
    }
}

fn never_ends(links: &[Option<usize>], start: usize) -> bool {
    let mut seen = HashSet::from([start]);
    let mut at = start;
    while let Some(next) = links[at] {
        if !seen.insert(next) {
            return true;
        }
        at = next;
    }
    false
}

fn path_names(parameters: &[Parameter]) -> impl Iterator<Item = &str> {
    parameters
        .iter()
        .filter(|parameter| parameter.vendor_kind == VendorType::Path)
        .map(|parameter| parameter.vendor_name.as_str())
}

/// A path with its variables' names left out: two paths of one shape cannot be told apart.
fn shape(path: &str) -> String {
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
