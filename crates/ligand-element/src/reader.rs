//! Typed reading of a mapping: each member is asked for once; wrong types and members that nobody asked for
//! become problems with their place.

use std::cell::RefCell;

use serde_json::Value;

use crate::{
    node::{Content, Member, Node, Place},
    problem::Problems,
};

/// Members that exports carry and that are re-assigned: accepted everywhere, ignored.
const IGNORED: &[&str] = &[
    "id",
    "createdDate",
    "updatedDate",
    "ownerAccountId",
    "modelId",
    "resourceId",
    "elementId",
    "objectId",
    "authenticationType",
];

/// Reads one mapping.
pub(crate) struct Reader<'a> {
    members: &'a [Member],
    place: Place,
    path: String,
    problems: &'a Problems,
    asked: RefCell<Vec<&'static str>>,
    /// Of what is no mapping only that is reported.
    is_mapping: bool,
}

impl<'a> Reader<'a> {
    /// A reader of `node`, which must be a mapping; else there is a problem and every member is absent.
    pub(crate) fn new(node: &'a Node, path: impl Into<String>, problems: &'a Problems) -> Self {
        let path = path.into();
        let members = node.members();
        if members.is_none() {
            problems.add(node.place, path.as_str(), format!("must be a mapping, not {}", node.kind()));
        }
        let is_mapping = members.is_some();
        let members = members.unwrap_or_default();
        Self { members, place: node.place, path, problems, asked: RefCell::default(), is_mapping }
    }

    /// Whether the definition was written for this program.
    pub(crate) fn is_strict(&self) -> bool {
        self.problems.is_strict()
    }

    /// The number that the part has in the store, which only documents have.
    pub(crate) fn number(&self) -> Option<i64> {
        let node = self.node("id").filter(|_| !self.is_strict())?;
        match &node.content {
            Content::Number(number) => number.as_i64().filter(|number| *number > 0),
            _ => None,
        }
    }

    /// Where the mapping begins.
    pub(crate) fn place(&self) -> Place {
        self.place
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The dotted path of a member.
    pub(crate) fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// Reports a problem with a member, at the member if it is there.
    pub(crate) fn problem(&self, name: &str, message: impl Into<String>) {
        let place = self.node(name).map_or(self.place, |node| node.place);
        self.problems.add(place, self.path_of(name), message);
    }

    /// Reports that a member cannot work as it is written.
    pub(crate) fn doubt(&self, name: &str, message: impl Into<String>) {
        let place = self.node(name).map_or(self.place, |node| node.place);
        self.problems.doubt(place, self.path_of(name), message);
    }

    /// Reports that the mapping as a whole cannot work as it is written.
    pub(crate) fn doubt_whole(&self, message: impl Into<String>) {
        self.problems.doubt(self.place, self.path.as_str(), message);
    }

    /// Remarks on a member that will not run here.
    pub(crate) fn remark(&self, name: &str, message: impl Into<String>) {
        let place = self.node(name).map_or(self.place, |node| node.place);
        self.problems.remark(place, self.path_of(name), message);
    }

    /// Reports a problem at a place.
    pub(crate) fn problem_at(&self, place: Place, path: impl Into<String>, message: impl Into<String>) {
        if self.is_mapping {
            self.problems.add(place, path, message);
        }
    }

    /// Whether the member is there and is null.
    pub(crate) fn states_null(&self, name: &str) -> bool {
        self.members.iter().any(|member| member.name == name && member.node.content == Content::Null)
    }

    /// A member that is there and not null.
    pub(crate) fn node(&self, name: &str) -> Option<&'a Node> {
        let node = self.members.iter().find(|member| member.name == name).map(|member| &member.node)?;
        (node.content != Content::Null).then_some(node)
    }

    fn ask(&self, name: &'static str) -> Option<&'a Node> {
        self.asked.borrow_mut().push(name);
        self.node(name)
    }

    fn wrong(&self, name: &str, node: &Node, wanted: &str) {
        let hint = match (wanted, &node.content) {
            ("text", Content::Number(_) | Content::Flag(_)) => " (put it in quotes)",
            _ => "",
        };
        self.problems.add(node.place, self.path_of(name), format!("must be {wanted}, not {}{hint}", node.kind()));
    }

    pub(crate) fn text(&self, name: &'static str) -> Option<&'a str> {
        let node = self.ask(name)?;
        match &node.content {
            Content::Text(text) => Some(text),
            _ => {
                self.wrong(name, node, "text");
                None
            }
        }
    }

    pub(crate) fn owned(&self, name: &'static str) -> Option<String> {
        self.text(name).map(str::to_owned)
    }

    /// Text that must be there and not be blank.
    pub(crate) fn required(&self, name: &'static str) -> &'a str {
        if self.node(name).is_none() {
            self.asked.borrow_mut().push(name);
            self.problem_at(self.place, self.path.as_str(), format!("{name} is missing"));
            return "";
        }
        let text = self.text(name).unwrap_or_default();
        if text.trim().is_empty() && matches!(self.node(name).map(|node| &node.content), Some(Content::Text(_))) {
            self.problem(name, "must not be empty");
        }
        text
    }

    pub(crate) fn flag(&self, name: &'static str) -> Option<bool> {
        let node = self.ask(name)?;
        match node.content {
            Content::Flag(flag) => Some(flag),
            _ => {
                self.wrong(name, node, "true or false");
                None
            }
        }
    }

    pub(crate) fn integer(&self, name: &'static str) -> Option<i64> {
        let node = self.ask(name)?;
        let number = match &node.content {
            Content::Number(number) => number.as_i64(),
            _ => None,
        };
        if number.is_none() {
            self.wrong(name, node, "a whole number");
        }
        number
    }

    /// A word of a closed set; `from_key` knows the set and `words` lists it for the message.
    pub(crate) fn word<T>(
        &self,
        name: &'static str,
        from_key: impl Fn(&str) -> Option<T>,
        words: impl Fn() -> String,
    ) -> Option<T> {
        let (word, message) = self.find_word(name, from_key, words);
        if let Some(message) = message {
            self.problem(name, message);
        }
        word
    }

    /// The same where another word only stands for something that is not known here.
    pub(crate) fn open_word<T>(
        &self,
        name: &'static str,
        from_key: impl Fn(&str) -> Option<T>,
        words: impl Fn() -> String,
    ) -> Option<T> {
        let (word, message) = self.find_word(name, from_key, words);
        if let Some(message) = message {
            self.doubt(name, message);
        }
        word
    }

    fn find_word<T>(
        &self,
        name: &'static str,
        from_key: impl Fn(&str) -> Option<T>,
        words: impl Fn() -> String,
    ) -> (Option<T>, Option<String>) {
        let Some(text) = self.text(name) else { return (None, None) };
        let word = from_key(text);
        let shown: String = text.chars().take(60).collect();
        let message = word.is_none().then(|| format!("{shown:?} is not known; it must be one of {}", words()));
        (word, message)
    }

    /// The items of a list with their paths; none when the member is absent.
    pub(crate) fn list(&self, name: &'static str) -> Vec<(&'a Node, String)> {
        let Some(node) = self.ask(name) else { return Vec::new() };
        let Content::List(items) = &node.content else {
            self.wrong(name, node, "a list");
            return Vec::new();
        };
        let path = self.path_of(name);
        items.iter().enumerate().map(|(index, item)| (item, format!("{path}[{index}]"))).collect()
    }

    /// A member of any kind, as JSON.
    pub(crate) fn value(&self, name: &'static str) -> Option<Value> {
        self.ask(name).map(Node::to_value)
    }

    /// A mapping as a reader of its own.
    pub(crate) fn mapping(&self, name: &'static str) -> Option<Reader<'a>> {
        self.ask(name).map(|node| Self::new(node, self.path_of(name), self.problems))
    }

    /// The items of a list of mappings as readers of their own; none when the member is absent.
    pub(crate) fn mappings(&self, name: &'static str) -> Vec<Reader<'a>> {
        self.list(name).into_iter().map(|(node, path)| Self::new(node, path, self.problems)).collect()
    }

    /// Reports the members that nobody asked for; those of documents are kept as they are.
    pub(crate) fn unknown(&self) {
        if !self.is_strict() {
            return;
        }
        let asked = self.asked.borrow();
        for member in self.members {
            let name = member.name.as_str();
            if !asked.contains(&name) && !IGNORED.contains(&name) {
                let shown: String = name.chars().take(60).collect();
                self.problems.add(member.place, self.path.as_str(), format!("{shown:?} is not a known member"));
            }
        }
    }
}
