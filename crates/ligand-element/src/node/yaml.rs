//! YAML to nodes, from the parser's events, without recursion and within limits.

use std::collections::{HashMap, HashSet};

use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};
use serde_json::Number;

use super::{Content, MAX_DEPTH, Member, Node, Place};
use crate::problem::Problems;

/// What a document may be.
pub(super) struct Rules {
    /// How large it may be, in bytes.
    bytes: usize,
    /// How many values it may have, those that aliases stand for counted each time.
    nodes: usize,
    /// How deep values may nest.
    depth: usize,
    /// Whether it may use anchors, aliases, merge keys and the tags of the YAML standard.
    has_all_of_yaml: bool,
}

/// Documents of elements.
pub(super) const OWN: Rules = Rules { bytes: 4 << 20, nodes: 200_000, depth: MAX_DEPTH, has_all_of_yaml: false };

/// Documents that others wrote for other programs.
pub(super) const FOREIGN: Rules = Rules { bytes: 32 << 20, nodes: 2_000_000, depth: 120, has_all_of_yaml: true };

/// The prefix of the tags of the YAML standard.
const STANDARD_TAGS: &str = "tag:yaml.org,2002:";

/// A collection that is not yet closed, with the anchor at it and how many values there were before it.
struct Open {
    place: Place,
    anchor: usize,
    before: usize,
    kind: Kind,
}

enum Kind {
    List(Vec<Node>),
    Map { members: Vec<Member>, names: HashSet<String>, key: Option<(String, Place)> },
}

/// Builds the tree from events.
struct Builder<'a> {
    problems: &'a Problems,
    rules: &'a Rules,
    stack: Vec<Open>,
    root: Option<Node>,
    count: usize,
    /// What has an anchor, with the number of its values.
    anchors: HashMap<usize, (Node, usize)>,
    /// How many values are kept in `anchors`.
    kept: usize,
}

/// Parses one document. Whatever is wrong goes to `problems`; `None` when there is no tree to go on with.
pub(super) fn parse(text: &str, problems: &Problems, rules: &Rules) -> Option<Node> {
    if text.len() > rules.bytes {
        problems.add(Place::default(), "", format!("the document is larger than {} bytes", rules.bytes));
        return None;
    }
    let (stack, anchors) = (Vec::new(), HashMap::new());
    let mut builder = Builder { problems, rules, stack, root: None, count: 0, anchors, kept: 0 };
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
        let is_decorated = |anchor: usize, tag: Option<&Tag>| {
            !self.rules.has_all_of_yaml && (anchor > 0 || tag.is_some())
                || tag.is_some_and(|tag| tag.handle != STANDARD_TAGS)
        };
        match event {
            Event::Alias(_) if !self.rules.has_all_of_yaml => return self.refuse(place, "aliases are not supported"),
            Event::Alias(anchor) => return self.alias(anchor, place),
            Event::Scalar(_, _, anchor, ref tag) if is_decorated(anchor, tag.as_deref()) => {
                return self.refuse_decoration(place, anchor);
            }
            Event::SequenceStart(anchor, ref tag) | Event::MappingStart(anchor, ref tag)
                if is_decorated(anchor, tag.as_deref()) =>
            {
                return self.refuse_decoration(place, anchor);
            }
            Event::Scalar(text, style, anchor, tag) => {
                let is_text = style != ScalarStyle::Plain || tag.is_some_and(|tag| tag.suffix == "str");
                return self.scalar(&text, is_text, anchor, place);
            }
            Event::SequenceStart(anchor, _) => return self.open(Kind::List(Vec::new()), anchor, place),
            Event::MappingStart(anchor, _) => {
                let kind = Kind::Map { members: Vec::new(), names: HashSet::new(), key: None };
                return self.open(kind, anchor, place);
            }
            Event::SequenceEnd | Event::MappingEnd => return self.close(),
            _ => {}
        }
        true
    }

    fn refuse(&self, place: Place, message: &str) -> bool {
        self.problems.add(place, "", message);
        false
    }

    fn refuse_decoration(&self, place: Place, anchor: usize) -> bool {
        let is_anchor = anchor > 0 && !self.rules.has_all_of_yaml;
        self.refuse(place, if is_anchor { "anchors are not supported" } else { "tags are not supported" })
    }

    /// What an anchor stands at, once more.
    fn alias(&mut self, anchor: usize, place: Place) -> bool {
        if self.awaits_key() {
            return self.refuse(place, "a member's name must be text");
        }
        let Some((node, size)) = self.anchors.get(&anchor) else {
            return self.refuse(place, "an alias stands inside of what it means");
        };
        // Counted before it is copied; the last one is counted as it is put.
        self.count = self.count.saturating_add(size - 1);
        if self.count >= self.rules.nodes {
            return self.refuse(place, "the document has too many values");
        }
        let node = node.clone();
        self.put(node)
    }

    fn open(&mut self, kind: Kind, anchor: usize, place: Place) -> bool {
        if self.stack.len() >= self.rules.depth {
            return self.refuse(place, "values are nested too deeply");
        }
        if self.awaits_key() {
            return self.refuse(place, "a member's name must be text");
        }
        self.stack.push(Open { place, anchor, before: self.count, kind });
        true
    }

    fn awaits_key(&self) -> bool {
        matches!(self.stack.last(), Some(Open { kind: Kind::Map { key: None, .. }, .. }))
    }

    fn scalar(&mut self, text: &str, is_text: bool, anchor: usize, place: Place) -> bool {
        let problems = self.problems;
        if let Some(Open { kind: Kind::Map { key: key @ None, names, .. }, .. }) = self.stack.last_mut() {
            if !names.insert(text.to_owned()) {
                problems.add(place, "", format!("the member {text} is there twice"));
            }
            *key = Some((text.to_owned(), place));
            return true;
        }
        let node = Node { place, content: if is_text { Content::Text(text.to_owned()) } else { plain(text) } };
        if anchor > 0 {
            self.anchors.insert(anchor, (node.clone(), 1));
        }
        self.put(node)
    }

    fn close(&mut self) -> bool {
        let Some(open) = self.stack.pop() else { return true };
        let content = match open.kind {
            Kind::List(items) => Content::List(items),
            Kind::Map { members, .. } if self.rules.has_all_of_yaml => Content::Map(merged(members)),
            Kind::Map { members, .. } => Content::Map(members),
        };
        let node = Node { place: open.place, content };
        if open.anchor > 0 {
            let size = self.count - open.before + 1;
            self.kept += size;
            if self.kept > self.rules.nodes {
                return self.refuse(open.place, "the document has too many values");
            }
            self.anchors.insert(open.anchor, (node.clone(), size));
        }
        self.put(node)
    }

    fn put(&mut self, node: Node) -> bool {
        self.count += 1;
        if self.count > self.rules.nodes {
            return self.refuse(node.place, "the document has too many values");
        }
        match self.stack.last_mut() {
            Some(Open { kind: Kind::List(items), .. }) => items.push(node),
            Some(Open { kind: Kind::Map { members, key, .. }, .. }) => {
                if let Some((name, place)) = key.take() {
                    members.push(Member { name, place, node });
                }
            }
            None => self.root = Some(node),
        }
        true
    }
}

/// The members with those of what `<<` names, unless they are there already.
fn merged(members: Vec<Member>) -> Vec<Member> {
    let (merges, mut members): (Vec<Member>, Vec<Member>) = members.into_iter().partition(|member| member.name == "<<");
    let sources = merges.into_iter().flat_map(|member| match member.node.content {
        Content::List(items) => items,
        _ => vec![member.node],
    });
    for source in sources {
        let Content::Map(further) = source.content else { continue };
        for member in further {
            if members.iter().all(|known| known.name != member.name) {
                members.push(member);
            }
        }
    }
    members
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
