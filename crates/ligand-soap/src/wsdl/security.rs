//! How services want their callers to show who they are, as the policies in their descriptions say.

use super::documents::Loaded;
use crate::document::{Name, Node};

/// What callers have to bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// A UsernameToken in the header of the envelope.
    UsernameToken,
    /// The header `Authorization` with name and password.
    Basic,
}

/// How namespaces of policies begin or what is in them: security policies of all versions, and those for HTTP.
const POLICIES: [&str; 3] = ["/securitypolicy", "ws-securitypolicy", "schemas.microsoft.com/ws/06/2004/policy/http"];
/// The header element that a UsernameToken stands in.
const WSSE: &str = "wss-wssecurity-secext";

impl Security {
    /// What the policies of some documents demand.
    pub(super) fn of(documents: &[Loaded]) -> Option<Self> {
        let mut found = None;
        for document in documents {
            // Schemas are no policies, and by far the largest part.
            for node in document.root.children.iter().filter(|node| &*node.name.local != "types") {
                look(node, &mut found);
            }
        }
        found
    }
}

fn look(node: &Node, found: &mut Option<Security>) {
    match demanded(&node.name) {
        Some(Security::UsernameToken) => *found = Some(Security::UsernameToken),
        Some(basic) => _ = found.get_or_insert(basic),
        None => {}
    }
    let header = node.attribute("element").filter(|_| &*node.name.local == "part").and_then(|name| node.resolve(name));
    if header.is_some_and(|name| &*name.local == "Security" && name.namespace.contains(WSSE)) {
        *found = Some(Security::UsernameToken);
    }
    node.children.iter().for_each(|child| look(child, found));
}

fn demanded(name: &Name) -> Option<Security> {
    let namespace = name.namespace.to_ascii_lowercase();
    if !POLICIES.iter().any(|policy| namespace.contains(policy)) {
        return None;
    }
    match &*name.local {
        "UsernameToken" => Some(Security::UsernameToken),
        "HttpBasicAuthentication" | "BasicAuthentication" => Some(Security::Basic),
        _ => None,
    }
}
