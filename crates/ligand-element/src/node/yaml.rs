//! YAML to nodes, from the parser's events, without recursion and within limits.

use std::collections::HashSet;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};
use serde_json::Number;

use super::{Content, MAX_DEPTH, Member, Node, Place};
use crate::problem::Problems;

/// How large a document may be, in bytes.
const MAX_BYTES: usize = 4 << 20;

/// How many values a document may have.
const MAX_NODES: usize = 200_000;

/// A collection that is not yet closed.
enum Open {
    List { place: Place, items: Vec<Node> },
    Map { place: Place, members: Vec<Member>, names: HashSet<String>, key: Option<(String, Place)> },
}

/// Builds the tree from events.
struct Builder<'a> {
    problems: &'a Problems,
    stack: Vec<Open>,
    root: Option<Node>,
    count: usize,
}

/// Parses one document. Whatever is wrong goes to `problems`; `None` when there is no tree to go on with.
pub(super) fn parse(text: &str, problems: &Problems) -> Option<Node> {
    if text.len() > MAX_BYTES {
        problems.add(Place::default(), "", format!("the document is larger than {MAX_BYTES} bytes"));
        return None;
    }
    let mut builder = Builder { problems, stack: Vec::new(), root: None, count: 0 };
    let mut documents = 0;
    for event in Parser::new_from_str(text) {
        let (event, span) = match event {
            Ok(event) => event,
            Err(error) => {
                problems.add(place(*error.marker()), "", format!("not valid YAML: {}", error.info()));
                return None;
            }
        };
        if matches!(event, Event::DocumentStart(_)) {
            documents += 1;
            if documents > 1 {
                problems.add(start(span), "", "there is more than one document in the file");
                break;
            }
        }
        if !builder.take(event, span) {
            return None;
        }
    }
    if builder.root.is_none() {
        problems.add(Place { line: 1, column: 1 }, "", "the document is empty");
    }
    builder.root
}

fn start(span: Span) -> Place {
    place(span.start)
}

fn place(marker: saphyr_parser::Marker) -> Place {
    Place { line: marker.line().max(1), column: marker.col() + 1 }
}

impl Builder<'_> {
    /// Takes an event; false when parsing must stop.
    fn take(&mut self, event: Event<'_>, span: Span) -> bool {
        let place = start(span);
        match event {
            Event::Alias(_) => return self.refuse(place, "aliases are not supported"),
            Event::Scalar(_, _, anchor, ref tag) if anchor > 0 || tag.is_some() => {
                return self.refuse_decoration(place, anchor);
            }
            Event::SequenceStart(anchor, ref tag) | Event::MappingStart(anchor, ref tag)
                if anchor > 0 || tag.is_some() =>
            {
                return self.refuse_decoration(place, anchor);
            }
            Event::Scalar(text, style, ..) => return self.scalar(&text, style, place),
            Event::SequenceStart(..) => return self.open(Open::List { place, items: Vec::new() }, place),
            Event::MappingStart(..) => {
                let open = Open::Map { place, members: Vec::new(), names: HashSet::new(), key: None };
                return self.open(open, place);
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            _ => {}
        }
        true
    }

    fn refuse(&self, place: Place, message: &str) -> bool {
        self.problems.add(place, "", message);
        false
    }

    fn refuse_decoration(&self, place: Place, anchor: usize) -> bool {
        self.refuse(place, if anchor > 0 { "anchors are not supported" } else { "tags are not supported" })
    }

    fn open(&mut self, open: Open, place: Place) -> bool {
        if self.stack.len() >= MAX_DEPTH {
            return self.refuse(place, "values are nested too deeply");
        }
        if self.awaits_key() {
            return self.refuse(place, "a member's name must be text");
        }
        self.stack.push(open);
        true
    }

    fn awaits_key(&self) -> bool {
        matches!(self.stack.last(), Some(Open::Map { key: None, .. }))
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, place: Place) -> bool {
        let problems = self.problems;
        if let Some(Open::Map { key: key @ None, names, .. }) = self.stack.last_mut() {
            if !names.insert(text.to_owned()) {
                problems.add(place, "", format!("the member {text} is there twice"));
            }
            *key = Some((text.to_owned(), place));
            return true;
        }
        let content = if style == ScalarStyle::Plain { plain(text) } else { Content::Text(text.to_owned()) };
        self.put(Node { place, content })
    }

    fn close(&mut self) {
        let node = match self.stack.pop() {
            Some(Open::List { place, items }) => Node { place, content: Content::List(items) },
            Some(Open::Map { place, members, .. }) => Node { place, content: Content::Map(members) },
            None => return,
        };
        self.put(node);
    }

    fn put(&mut self, node: Node) -> bool {
        self.count += 1;
        if self.count > MAX_NODES {
            return self.refuse(node.place, "the document has too many values");
        }
        match self.stack.last_mut() {
            Some(Open::List { items, .. }) => items.push(node),
            Some(Open::Map { members, key, .. }) => {
                if let Some((name, place)) = key.take() {
                    members.push(Member { name, place, node });
                }
            }
            None => self.root = Some(node),
        }
        true
    }
}

/// What an unquoted word means: null, a flag, a number in JSON's notation, else text.
fn plain(text: &str) -> Content {
    match text {
        "" | "~" | "null" => Content::Null,
        "true" => Content::Flag(true),
        "false" => Content::Flag(false),
        _ => number(text).map_or_else(|| Content::Text(text.to_owned()), Content::Number),
    }
}

fn number(text: &str) -> Option<Number> {
    if !text.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
        return None;
    }
    serde_json::from_str::<Number>(text).ok()
}
