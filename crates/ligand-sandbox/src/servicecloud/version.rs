//! Versions of the service. They differ in their namespaces; everything inside works with those of 1.2, so that what
//! comes in and goes out is rewritten here.

use std::sync::Arc;

use super::xml::Element;

const V1_2: &str = "ws.rightnow.com/v1_2";
const V1_3: &str = "ws.rightnow.com/v1_3";

/// The version that a request speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Version {
    #[default]
    V1_2,
    V1_3,
}

impl Version {
    /// Finds the version of a document and rewrites its namespaces to those of 1.2.
    pub(super) fn settle(document: &mut Element) -> Self {
        let mut version = Self::V1_2;
        rewrite(document, &mut version);
        version
    }

    /// Rewrites the namespaces in a text that was written with those of 1.2. Inside of values quotes are escaped, so
    /// that only declarations end like this.
    pub(super) fn spell(self, text: String) -> String {
        match self {
            Self::V1_2 => text,
            Self::V1_3 => text.replace(&format!("{V1_2}\""), &format!("{V1_3}\"")),
        }
    }

    /// Rewrites a description: its namespaces and the names of its parts.
    pub(super) fn describe(self, text: String) -> String {
        match self {
            Self::V1_2 => text,
            Self::V1_3 => self.spell(text).replace("_v1.2\"", "_v1.3\"").replace("version 1.2.", "version 1.3."),
        }
    }
}

fn rewrite(element: &mut Element, version: &mut Version) {
    let mut settle = |namespace: &mut Arc<str>| {
        if let Some(start) = namespace.strip_suffix(V1_3) {
            *namespace = format!("{start}{V1_2}").into();
            *version = Version::V1_3;
        }
    };
    settle(&mut element.namespace);
    for attribute in &mut element.attributes {
        settle(&mut attribute.value_namespace);
    }
    element.children.iter_mut().for_each(|child| rewrite(child, version));
}
