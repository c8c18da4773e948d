//! Writes XML elements: escapes, and declares the namespaces that were used at the outermost element.

use super::document::{Name, Node, XML, XSI};

/// An element that is being written.
#[derive(Debug, Default)]
pub(super) struct Writer {
    text: String,
    namespaces: Vec<String>,
    /// Where the declarations go: behind the name of the outermost element.
    place: Option<usize>,
    uses_xsi: bool,
}

/// A character that XML cannot hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unwritable;

impl Writer {
    /// Begins an element; attributes may follow.
    pub(super) fn open(&mut self, name: &Name) {
        let name = self.qualified(name);
        self.text.push('<');
        self.text.push_str(&name);
        self.place.get_or_insert(self.text.len());
    }

    pub(super) fn attribute(&mut self, name: &Name, value: &str) -> Result<(), Unwritable> {
        let name = self.qualified(name);
        self.text.push(' ');
        self.text.push_str(&name);
        self.text.push_str("=\"");
        self.escape(value, true)?;
        self.text.push('"');
        Ok(())
    }

    /// Says which type the element has.
    pub(super) fn instance_type(&mut self, name: &Name) {
        self.uses_xsi = true;
        let name = self.qualified(name);
        self.text.push_str(&format!(" xsi:type=\"{name}\""));
    }

    /// Says that the element has no value.
    pub(super) fn nil(&mut self) {
        self.uses_xsi = true;
        self.text.push_str(" xsi:nil=\"true\"");
    }

    /// Ends the start tag; content may follow.
    pub(super) fn content(&mut self) {
        self.text.push('>');
    }

    pub(super) fn text(&mut self, text: &str) -> Result<(), Unwritable> {
        self.escape(text, false)
    }

    /// Ends an element with content.
    pub(super) fn close(&mut self, name: &Name) {
        let name = self.qualified(name);
        self.text.push_str("</");
        self.text.push_str(&name);
        self.text.push('>');
    }

    /// Ends an element without content.
    pub(super) fn close_empty(&mut self) {
        self.text.push_str("/>");
    }

    /// Writes an element as it was read.
    pub(super) fn node(&mut self, node: &Node) -> Result<(), Unwritable> {
        self.open(&node.name);
        for (name, value) in &node.attributes {
            match node.resolve(value).filter(|_| name.is(XSI, "type")) {
                Some(kind) => self.instance_type(&kind),
                None => self.attribute(name, value)?,
            }
        }
        if node.children.is_empty() && node.text.is_empty() {
            self.close_empty();
            return Ok(());
        }
        self.content();
        self.text(&node.text)?;
        for child in &node.children {
            self.node(child)?;
        }
        self.close(&node.name);
        Ok(())
    }

    /// The text with its declarations.
    pub(super) fn finish(mut self) -> String {
        let mut declared = String::new();
        for (index, namespace) in self.namespaces.iter().enumerate() {
            declared.push_str(&format!(" xmlns:n{index}=\"{}\"", quick_xml::escape::escape(namespace.as_str())));
        }
        if self.uses_xsi {
            declared.push_str(&format!(" xmlns:xsi=\"{XSI}\""));
        }
        self.text.insert_str(self.place.unwrap_or_default(), &declared);
        self.text
    }

    fn qualified(&mut self, name: &Name) -> String {
        match &*name.namespace {
            "" => name.local.to_string(),
            XML => format!("xml:{}", name.local),
            XSI => {
                self.uses_xsi = true;
                format!("xsi:{}", name.local)
            }
            namespace => {
                let known = self.namespaces.iter().position(|known| known == namespace);
                let index = known.unwrap_or_else(|| {
                    self.namespaces.push(namespace.to_owned());
                    self.namespaces.len() - 1
                });
                format!("n{index}:{}", name.local)
            }
        }
    }

    fn escape(&mut self, text: &str, is_attribute: bool) -> Result<(), Unwritable> {
        for each in text.chars() {
            match each {
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                '&' => self.text.push_str("&amp;"),
                '"' if is_attribute => self.text.push_str("&quot;"),
                '\r' => self.text.push_str("&#13;"),
                '\n' if is_attribute => self.text.push_str("&#10;"),
                '\t' if is_attribute => self.text.push_str("&#9;"),
                '\n' | '\t' => self.text.push(each),
                '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => return Err(Unwritable),
                _ => self.text.push(each),
            }
        }
        Ok(())
    }
}
